"""From a video to skeletons to actions: a rendered video, an overview plot, and tables.

    python demo/skeleton_demo.py VIDEO ...
    python demo/skeleton_demo.py VIDEO --config configs/unik/unik_posetics_2d.py --checkpoint CHECKPOINT
    python demo/skeleton_demo.py 0 --stream --show                    # a camera; an RTSP address likewise

Pose experts propose skeletons, SST-A aggregates them, and a recognizer looks at each person through sliding
windows. Without a checkpoint it is UNIK trained on Penn Action (15 sports), which is kept beside this file.
Of several videos, those that cannot be used are reported and the others worked on; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.apis.model_arguments import add_model_arguments
from mmactrep.apis.report import format_predictions, format_timings, outputs_for, print_notes
from mmactrep.arguments import BATCH, COUNT, PERSONS, plain_errors, printable, whole_number, work_on_each
from mmactrep.errors import InferenceError
from mmactrep.pose.experts.base import ExpertUnavailableError, UnknownExpertError
from mmactrep.store.layout_source import layout_argument

if TYPE_CHECKING:
    from mmactrep.apis import SkeletonInferencer

SHEET_WIDTH, SHEET_SCALE = 1600, 0.4
# Encoding must not take the time that the experts need.
STREAM_FPS, STREAM_HEIGHT = 10.0, 720
# Seconds for which one picture of a stream is shown at most.
MAX_STANDSTILL = 10.0


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'videos', nargs='+', metavar='VIDEO', help="video files, or a camera's number or a stream's address"
    )
    add_model_arguments(parser)
    parser.add_argument(
        '--experts', nargs='+', default=['mediapipe-trio'], help='pose experts or files (%(default)s)'
    )
    parser.add_argument(
        '--layout',
        default='coco17',
        type=layout_argument,
        help='joints of the tracks: a layout, its JSON file, or a store (%(default)s)',
    )
    parser.add_argument(
        '--out',
        type=Path,
        help='video to write, of several videos a folder (default: work_dirs/demo/NAME.mp4)',
    )
    parser.add_argument(
        '--window', type=COUNT, help='frames of a sliding window (default: 120, streaming: 64)'
    )
    parser.add_argument('--stride', type=COUNT, help='frames between windows (default: half a window)')
    parser.add_argument('--batch-size', type=BATCH, default=8, help='frames at once (%(default)s)')
    parser.add_argument('--max-persons', type=PERSONS, help='persons drawn and recognized')
    parser.add_argument('--background', choices=['video', 'dark'], default='video', help='(%(default)s)')
    parser.add_argument('--show', action='store_true', help='show the video in a window as well')
    parser.add_argument(
        '--sheet',
        type=whole_number(1, 1000),
        metavar='N',
        help='write a picture of N of the frames beside it as well',
    )
    group = parser.add_argument_group('streaming')
    group.add_argument('--stream', action='store_true', help='work while the source plays; drop late frames')
    group.add_argument('--every', type=COUNT, default=8, help='frames between predictions (%(default)s)')
    group.add_argument('--max-frames', type=COUNT, help='end after so many frames of the source')
    return parser.parse_args(argv)


def show(frames: Iterable[np.ndarray], title: str) -> Iterator[np.ndarray]:
    """Pass frames through, showing them; ends when q or Escape is pressed."""
    import cv2

    for frame in frames:
        try:
            cv2.imshow(title, frame)
            pressed = cv2.waitKey(1) & 0xFF
        except cv2.error as error:
            raise InferenceError(
                '--show: this build of OpenCV, or this machine, has no windows; leave --show out'
            ) from error
        yield frame
        if pressed in (27, ord('q')):
            return


def keep_some(
    frames: Iterable[np.ndarray], num_frames: int, count: int, kept: list[np.ndarray]
) -> Iterator[np.ndarray]:
    """Pass frames through, and keep some, evenly spaced."""
    wanted = {round((k + 0.5) * num_frames / count) for k in range(count)}
    for number, frame in enumerate(frames):
        if number in wanted:
            kept.append(frame)
        yield frame


def sheet_of(frames: list[np.ndarray]) -> np.ndarray:
    """Frames side by side without the plain ground around them, narrow enough for a page.

    Wide ones stand in several rows, so that they are not shrunk until nothing can be read.
    """
    import cv2

    from mmactrep.visualization import crop_to_content, tile

    frames = crop_to_content(frames)
    columns = max(1, round(SHEET_WIDTH / SHEET_SCALE / frames[0].shape[1]))
    sheet = tile(frames, min(len(frames), columns))
    scale = min(1.0, SHEET_WIDTH / sheet.shape[1])
    return cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def run_video(args: argparse.Namespace, infer: SkeletonInferencer, source: str, out: Path) -> None:
    """Work on a file: extract, recognize, then draw."""
    from mmengine.utils import track_iter_progress

    from mmactrep.video.frames import VideoFrames
    from mmactrep.visualization import PoseOverlay, draw_overview, render_run, write_image, write_video

    if not Path(source).is_file():
        raise FileNotFoundError(f'{source}: no such video')
    video = VideoFrames(source, allow_damaged=True)
    result = infer(video, batch_size=args.batch_size)
    print(format_predictions(result))
    print_notes(result.notes)
    begin = time.perf_counter()
    overlay = PoseOverlay(result.layout, background=args.background, num_experts=result.num_experts)
    drawn = render_run(result, video.at_constant_rate(), overlay)
    drawn = show(drawn, out.stem) if args.show else drawn
    kept: list[np.ndarray] = []
    drawn = keep_some(drawn, result.num_frames, args.sheet, kept) if args.sheet else drawn
    drawn = track_iter_progress((drawn, result.num_frames)) if sys.stdout.isatty() else drawn
    write_video(out, drawn, result.fps or 25.0)
    drawing = time.perf_counter() - begin
    draw_overview(result, out.with_suffix('.png'))
    if kept:
        write_image(out.with_suffix('.jpg'), sheet_of(kept))
    print(format_timings(result, dict(drawing=drawing)))
    print(f'video:    {printable(str(out))}\noverview: {printable(str(out.with_suffix(".png")))}')


def run_stream(args: argparse.Namespace, infer: SkeletonInferencer, source: str, out: Path) -> None:
    """Work while the source plays; what was drawn until it breaks off is kept."""
    from mmactrep.visualization import PoseOverlay, write_video

    stream = infer.stream(window=args.window or 64, every=args.every)
    experts = len(stream.estimator.experts)
    overlay = PoseOverlay(infer.layout, background=args.background, num_experts=experts)

    def draw() -> Iterator[np.ndarray]:
        for result in stream.run(source):
            if args.max_frames and result.frame >= args.max_frames:
                return
            if result.predicted:
                print_prediction(result)
            if args.out or args.show:
                note = f'{stream.stats.fps:.1f} frames/s   {result.latency * 1e3:.0f} ms'
                yield shrink(overlay(result.image, result.persons, result.scores, note), STREAM_HEIGHT)

    pictures = show(draw(), 'stream') if args.show else draw()
    try:
        if args.out:
            write_video(out, at_fixed_rate(pictures, STREAM_FPS), STREAM_FPS)
        else:
            for _ in pictures:
                pass
    except KeyboardInterrupt:
        stream.stop()
    finally:
        print(f'stream: {stream.stats}')
        print_notes(stream.estimator.notes())
        if args.out and out.is_file():
            print(f'video: {printable(str(out))}')


def shrink(image: np.ndarray, height: int) -> np.ndarray:
    """No higher than that."""
    import cv2

    scale = min(1.0, height / image.shape[0])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def at_fixed_rate(pictures: Iterable[np.ndarray], fps: float) -> Iterator[np.ndarray]:
    """Pictures that come when they come as those of a video: repeated, or left out."""
    begin, written = None, 0
    for picture in pictures:
        begin = time.monotonic() if begin is None else begin
        due = int((time.monotonic() - begin) * fps) + 1
        # a machine that slept, or a clock that was set, makes no hours of one picture
        repeats = min(due - written, round(MAX_STANDSTILL * fps))
        yield from itertools.repeat(picture, repeats)
        written = max(written, due)


def print_prediction(result) -> None:
    """A line for every new prediction."""
    best = '  '.join(
        f'person {t}: {rows[0][0]} {rows[0][1]:.0%}' for t, rows in result.scores.items() if rows
    )
    print(f'frame {result.frame:6d}  latency {result.latency * 1e3:5.0f} ms  {best}', flush=True)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.apis import SkeletonInferencer
    from mmactrep.apis.pose_inputs import kind_of_input

    for source in args.videos:
        check_source(source)
    streams = [args.stream or kind_of_input(source) == 'stream' for source in args.videos]
    if any(streams) and len(args.videos) > 1:
        raise InferenceError(f'expected a single camera, stream or --stream file, found {len(args.videos)}')
    outs = outputs_for(args.videos, args.out, Path('work_dirs', 'demo'), '.mp4')
    infer = SkeletonInferencer(
        args.config,
        args.checkpoint,
        args.device,
        experts=args.experts,
        layout=args.layout,
        model_layout=args.model_layout,
        window=args.window or 120,
        stride=args.stride,
        max_tracks=args.max_persons,
    )
    run = run_stream if any(streams) else run_video
    unusable = (UnknownExpertError, ExpertUnavailableError)
    return work_on_each(args.videos, lambda source: run(args, infer, source, outs[source]), unusable)


def check_source(source: str) -> None:
    """Refuse what is no video by its name, before a model is loaded."""
    from mmactrep.apis.pose_inputs import kind_of_input

    kind = kind_of_input(source)
    if kind in ('skeleton', 'store'):
        raise InferenceError(f'{source}: expected a video; demo/skeleton_file_demo.py takes skeletons')


if __name__ == '__main__':
    sys.exit(main())
