"""From a video to skeletons to actions: a rendered video, an overview plot, and tables.

    mmactrep demo VIDEO ...
    mmactrep demo VIDEO --config configs/unik/unik_posetics_2d.py --checkpoint CHECKPOINT
    mmactrep demo VIDEO --labels 'drinking, waving, sitting down'
    mmactrep demo 0 --stream --show                    # a camera; or an RTSP address

Pose experts propose skeletons, SST-A aggregates them, and a recognizer processes each person in sliding
windows. The default recognizer is UNIK trained on Penn Action (15 sports), which comes with the package.
With --labels it is T-MOR, which takes any actions in words (requirements/text.txt).
Videos that cannot be used are reported and the others processed; the exit code is then 1.
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

from mmactrep.apis.model_arguments import add_labels_argument, add_model_arguments
from mmactrep.apis.report import format_predictions, format_timings, outputs_for, print_notes, progress_bar
from mmactrep.apis.result_files import ResultFiles, add_result_arguments
from mmactrep.arguments import BATCH, COUNT, PERSONS, plain_errors, printable, whole_number, work_on_each
from mmactrep.errors import InferenceError
from mmactrep.pose.experts.base import ExpertUnavailableError, UnknownExpertError
from mmactrep.store.layout_source import layout_argument

if TYPE_CHECKING:
    from mmactrep.apis import SkeletonInferencer
    from mmactrep.apis.streaming import StreamResult
    from mmactrep.video.frame_sources import FrameSource

SHEET_WIDTH, SHEET_SCALE = 1600, 0.4
# Encoding must leave enough time for the experts.
STREAM_FPS, STREAM_HEIGHT = 10.0, 720
# Most seconds for which one picture of a stream is repeated.
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
    add_labels_argument(parser)
    add_result_arguments(parser)
    parser.add_argument(
        '--experts',
        nargs='+',
        help='pose experts or files (default: default; in a stream, the best that keep up)',
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
        help='video to write (.mp4), or a folder (default: work_dirs/demo/NAME.mp4)',
    )
    parser.add_argument(
        '--window', type=COUNT, help='frames of a sliding window (default: 120, streaming: 64)'
    )
    parser.add_argument('--stride', type=COUNT, help='frames between windows (default: half a window)')
    parser.add_argument('--batch-size', type=BATCH, default=8, help='frames at once (%(default)s)')
    parser.add_argument('--max-persons', type=PERSONS, help='persons drawn and recognized')
    parser.add_argument('--background', choices=['video', 'dark'], default='video', help='(%(default)s)')
    parser.add_argument('--show', action='store_true', help='also show the video in a window')
    parser.add_argument(
        '--sheet',
        type=whole_number(1, 1000),
        metavar='N',
        help='also write a picture of N of the frames',
    )
    group = parser.add_argument_group('streaming')
    group.add_argument(
        '--stream', action='store_true', help='process while the source plays; drop late frames'
    )
    group.add_argument('--every', type=COUNT, default=8, help='frames between predictions (%(default)s)')
    group.add_argument('--max-frames', type=COUNT, help='stop after this many frames of the source')
    return parser.parse_args(argv)


def show(frames: Iterable[np.ndarray], title: str) -> Iterator[np.ndarray]:
    """Pass frames through and show them; ends when q or Escape is pressed."""
    import cv2

    for frame in frames:
        try:
            cv2.imshow(title, frame)
            pressed = cv2.waitKey(1) & 0xFF
        except cv2.error as error:
            raise InferenceError(
                '--show: this build of OpenCV, or this machine, has no windows; omit --show'
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
    """Frames side by side without the plain border around them, narrow enough for a page.

    Wide frames are put in several rows, so that they stay legible.
    """
    import cv2

    from mmactrep.visualization import crop_to_content, tile

    frames = crop_to_content(frames)
    columns = max(1, round(SHEET_WIDTH / SHEET_SCALE / frames[0].shape[1]))
    sheet = tile(frames, min(len(frames), columns))
    scale = min(1.0, SHEET_WIDTH / sheet.shape[1])
    return cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def run_video(
    args: argparse.Namespace, infer: SkeletonInferencer, source: str, out: Path, files: ResultFiles
) -> None:
    """Process a file: extract, recognize, then draw."""
    from mmengine.utils import track_iter_progress

    from mmactrep.video.frames import VideoFrames
    from mmactrep.visualization import PoseOverlay, draw_overview, render_run, write_image, write_video

    if not Path(source).is_file():
        raise FileNotFoundError(f'{source}: no such video')
    video = VideoFrames(source, allow_damaged=True)
    begin, cpu_begin = time.perf_counter(), time.process_time()
    with progress_bar(video.num_frames, 'pose experts') as progress:
        result = infer(video, batch_size=args.batch_size, progress=progress)
    took, cpu = time.perf_counter() - begin, time.process_time() - cpu_begin
    print(format_predictions(result))
    print_notes(result.notes)
    files.add(result)
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
    print(
        f'from file to labels: {result.num_frames / took:.1f} frames/s, '
        f'{1e3 * cpu / result.num_frames:.1f} ms of processor time a frame (loading the models included)'
    )
    print(f'video:    {printable(str(out))}\noverview: {printable(str(out.with_suffix(".png")))}')


def run_stream(
    args: argparse.Namespace, infer: SkeletonInferencer, source: str, out: Path, files: ResultFiles
) -> None:
    """Process a source while it plays; if it breaks off, the video so far is kept."""
    from mmactrep.apis.stream_experts import FallingBehind
    from mmactrep.visualization import PoseOverlay, write_video

    options = dict(window=args.window or 64, every=args.every)
    drawing = bool(args.out or args.show)

    def picture(result: StreamResult, overlay: PoseOverlay, note: str = '') -> np.ndarray:
        return shrink(overlay(result.image, result.persons, result.scores, note), STREAM_HEIGHT)

    opened: str | FrameSource = source
    behind = FallingBehind('; without --experts, the best that keep up are used')
    if args.experts is None:
        trial = PoseOverlay(infer.layout, background=args.background)
        work = (lambda result: picture(result, trial)) if drawing else None
        stream, opened, choice = infer.stream_that_keeps_up(source, work, **options)
        print(choice, flush=True)
        behind = FallingBehind() if choice.keeps_up else None
    else:
        stream = infer.stream(**options)
    experts = len(stream.estimator.experts)
    overlay = PoseOverlay(infer.layout, background=args.background, num_experts=experts)

    def draw() -> Iterator[np.ndarray]:
        for result in stream.run(opened):
            if args.max_frames and result.frame >= args.max_frames:
                return
            if result.predicted:
                print_prediction(result)
            warning = behind and behind.note(stream.stats)
            if warning:
                print(f'warning: {warning}', file=sys.stderr, flush=True)
            if drawing:
                note = f'{stream.stats.fps:.1f} frames/s   {result.latency * 1e3:.0f} ms'
                yield picture(result, overlay, note)

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
    """Scale an image down to at most this height."""
    import cv2

    scale = min(1.0, height / image.shape[0])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def at_fixed_rate(pictures: Iterable[np.ndarray], fps: float) -> Iterator[np.ndarray]:
    """Turn pictures that arrive at any time into those of a video: repeat or skip them."""
    begin, written = None, 0
    for picture in pictures:
        begin = time.monotonic() if begin is None else begin
        due = int((time.monotonic() - begin) * fps) + 1
        # a machine that slept, or a clock that was set, must not repeat one picture for hours
        repeats = min(due - written, round(MAX_STANDSTILL * fps))
        yield from itertools.repeat(picture, repeats)
        written = max(written, due)


def print_prediction(result) -> None:
    """Print one line per new prediction."""
    best = '  '.join(
        f'person {t}: {rows[0][0]} {rows[0][1]:.0%}' for t, rows in result.scores.items() if rows
    )
    print(f'frame {result.frame:6d}  latency {result.latency * 1e3:5.0f} ms  {best}', flush=True)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)
    first, *others = args.videos
    is_file = not first.isdigit() and not any(mark in first for mark in ('://', '::'))
    # one that is absent among others is reported when its turn comes
    if not others and is_file and not Path(first).exists():
        raise FileNotFoundError(f'{first}: no such video')

    from mmactrep.apis import SkeletonInferencer
    from mmactrep.apis.pose_inputs import kind_of_input

    for source in args.videos:
        check_source(source)
    streams = [args.stream or kind_of_input(source) == 'stream' for source in args.videos]
    if any(streams) and len(args.videos) > 1:
        raise InferenceError(f'expected a single camera, stream or --stream file, found {len(args.videos)}')
    if any(streams) and (args.json or args.csv):
        raise InferenceError('--json and --csv need a whole video; a stream prints its predictions')
    outs = outputs_for(args.videos, args.out, Path('work_dirs', 'demo'), '.mp4')
    infer = SkeletonInferencer(
        args.config,
        args.checkpoint,
        args.device,
        experts=args.experts or 'default',
        layout=args.layout,
        model_layout=args.model_layout,
        window=args.window or 120,
        stride=args.stride,
        max_tracks=args.max_persons,
        labels=args.labels,
    )
    run = run_stream if any(streams) else run_video
    files = ResultFiles(args.json, args.csv)
    unusable = (UnknownExpertError, ExpertUnavailableError)
    return work_on_each(args.videos, lambda source: run(args, infer, source, outs[source], files), unusable)


def check_source(source: str) -> None:
    """Raise if an input is not a video by its name, before a model is loaded."""
    from mmactrep.apis.pose_inputs import kind_of_input

    kind = kind_of_input(source)
    if kind in ('skeleton', 'store'):
        raise InferenceError(f'{source}: expected a video; mmactrep skeletons takes skeletons')
