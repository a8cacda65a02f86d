"""From a video to skeletons to actions: a rendered video, an overview plot, and tables.

    python demo/skeleton_demo.py VIDEO
    python demo/skeleton_demo.py VIDEO --config configs/unik/unik_posetics_2d.py --checkpoint CHECKPOINT
    python demo/skeleton_demo.py 0 --stream --show                    # a camera; an RTSP address likewise

Pose experts propose skeletons, SST-A aggregates them, and a recogniser looks at each person through sliding
windows.
Without a checkpoint, UNIK trained on Penn Action (15 sports) serves, which is kept beside this file.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from mmengine.utils import track_iter_progress

from mmactrep.apis import InferenceError, SkeletonInferencer
from mmactrep.apis.pose_inputs import kind_of_input
from mmactrep.apis.report import format_predictions, format_timings
from mmactrep.arguments import BATCH, COUNT, PERSONS, plain_errors, whole_number
from mmactrep.structures import list_layouts
from mmactrep.visualization import (
    PoseOverlay,
    crop_to_content,
    draw_overview,
    render_run,
    tile,
    write_image,
    write_video,
)

SHEET_WIDTH = 1600
# Encoding must not take the time that the experts need.
STREAM_FPS, STREAM_HEIGHT = 10.0, 720


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('video', help="video file; with --stream also a camera's number or an address")
    parser.add_argument('--config', help='of the recogniser (default: the one that the checkpoint names)')
    parser.add_argument('--checkpoint', help='of the recogniser (default: UNIK on Penn Action)')
    parser.add_argument(
        '--model-layout', choices=list_layouts(), help='joints it takes, where the checkpoint does not say'
    )
    parser.add_argument(
        '--experts', nargs='+', default=['mediapipe-trio'], help='pose experts or files (%(default)s)'
    )
    parser.add_argument(
        '--layout', default='coco17', choices=list_layouts(), help='joints of the tracks (%(default)s)'
    )
    parser.add_argument('--out', type=Path, help='video to write (default: work_dirs/demo/NAME.mp4)')
    parser.add_argument(
        '--device', help='for example cpu or cuda:0 (default: an accelerator if there is one)'
    )
    parser.add_argument(
        '--window', type=COUNT, help='frames of a sliding window (default: 120, streaming: 64)'
    )
    parser.add_argument('--stride', type=COUNT, help='frames between windows (default: half a window)')
    parser.add_argument('--batch-size', type=BATCH, default=8, help='frames at once (%(default)s)')
    parser.add_argument('--max-persons', type=PERSONS, help='persons drawn and recognised')
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
    """Frames side by side without the plain ground around them, narrow enough for a page."""
    sheet = tile(crop_to_content(frames), len(frames))
    scale = min(1.0, SHEET_WIDTH / sheet.shape[1])
    return cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def run_video(args: argparse.Namespace, infer: SkeletonInferencer, out: Path) -> None:
    """Work on a file: extract, recognise, then draw."""
    from mmactrep.video.frames import VideoFrames

    result = infer(args.video, batch_size=args.batch_size)
    print(format_predictions(result))
    begin = time.perf_counter()
    video = VideoFrames(args.video, allow_damaged=True)
    overlay = PoseOverlay(infer.layout, background=args.background)
    drawn = render_run(result, video, overlay)
    drawn = show(drawn, out.stem) if args.show else drawn
    kept: list[np.ndarray] = []
    drawn = keep_some(drawn, result['num_frames'], args.sheet, kept) if args.sheet else drawn
    drawn = track_iter_progress((drawn, result['num_frames'])) if sys.stdout.isatty() else drawn
    write_video(out, drawn, result['fps'] or 25.0)
    drawing = time.perf_counter() - begin
    draw_overview(result, out.with_suffix('.png'))
    if kept:
        write_image(out.with_suffix('.jpg'), sheet_of(kept))
    print(format_timings(result, dict(drawing=drawing)))
    print(f'video:    {out}\noverview: {out.with_suffix(".png")}')


def run_stream(args: argparse.Namespace, infer: SkeletonInferencer, out: Path) -> None:
    """Work while the source plays."""
    stream = infer.stream(window=args.window or 64, every=args.every)
    overlay = PoseOverlay(infer.layout, background=args.background)

    def draw() -> Iterator[np.ndarray]:
        for result in stream.run(args.video):
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
            print(f'video: {out}')
        else:
            for _ in pictures:
                pass
    except KeyboardInterrupt:
        stream.stop()
    finally:
        print(f'stream: {stream.stats}')


def shrink(image: np.ndarray, height: int) -> np.ndarray:
    """No higher than that."""
    scale = min(1.0, height / image.shape[0])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def at_fixed_rate(pictures: Iterable[np.ndarray], fps: float) -> Iterator[np.ndarray]:
    """Pictures that come when they come as those of a video: repeated, or left out."""
    begin, written = None, 0
    for picture in pictures:
        begin = time.monotonic() if begin is None else begin
        due = int((time.monotonic() - begin) * fps) + 1
        yield from itertools.repeat(picture, due - written)
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
    live = kind_of_input(args.video) == 'stream'
    if not live and not Path(args.video).is_file():
        raise FileNotFoundError(f'{args.video}: no such video')
    streaming = args.stream or live
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
    out = args.out or Path('work_dirs', 'demo', f'{Path(args.video).stem}.mp4')
    (run_stream if streaming else run_video)(args, infer, out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
