"""Recognize the actions of your own skeletons.

    mmactrep skeletons poses.npz
    mmactrep skeletons openpose_folder/ --config CONFIG --checkpoint CHECKPOINT --out poses.mp4
    mmactrep skeletons data/penn_action/2d::0001
    mmactrep skeletons poses.npz --labels 'drinking, waving, sitting down'

Reads NPZ and NPY arrays, OpenPose's folders, the JSON of AlphaPose, LCRNet++, mmpose and COCO, and clips of a
store. Inputs that cannot be used are reported and the others processed; the exit code is then 1.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.apis.model_arguments import add_labels_argument, add_model_arguments
from mmactrep.apis.report import format_predictions, format_timings, outputs_for, print_notes
from mmactrep.apis.result_files import ResultFiles, add_result_arguments
from mmactrep.arguments import COUNT, PIXELS, plain_errors, printable, work_on_each
from mmactrep.errors import InferenceError
from mmactrep.store.layout_source import layout_argument

if TYPE_CHECKING:
    from mmactrep.structures.recognition import RecognitionResult

# More pixels or frames come from values that are not coordinates or frame numbers.
_MAX_PIXELS, _MAX_FRAMES = 1 << 25, 1_000_000


def draw(result: RecognitionResult) -> Iterator[np.ndarray]:
    """Pictures of the skeletons on a dark background, from the first to the last frame with anybody.

    Raises:
        InferenceError: If the joints, or the numbers of the frames, are too far apart for a video.
    """
    from mmactrep.visualization import PoseOverlay, render_clip, render_run

    tracks = [person.track for person in result.persons]
    if tracks[0].keypoint.shape[-1] == 3:
        keypoint, score = (
            np.stack(part) for part in zip(*((track.keypoint, track.score) for track in tracks))
        )
        return render_clip(keypoint, result.layout, score)
    first, end = min(track.start for track in tracks), max(track.end for track in tracks)
    height, width = result.img_shape
    if height * width > _MAX_PIXELS or end - first > _MAX_FRAMES:
        raise InferenceError(
            f'{result.name}: {end - first} frames of {width} x {height} pixels are too much for a video'
        )
    ground = np.zeros((height, width, 3), np.uint8)
    overlay = PoseOverlay(result.layout, background='dark', num_experts=result.num_experts)
    return render_run(result, (ground for _ in range(first, end)), overlay, first=first)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('files', nargs='+', metavar='FILE', help='skeleton files, folders, or STORE::CLIP')
    add_model_arguments(parser)
    add_labels_argument(parser)
    add_result_arguments(parser)
    parser.add_argument(
        '--layout',
        type=layout_argument,
        help='joints of a file that does not name them: a layout, its JSON file, or a store',
    )
    parser.add_argument('--img-shape', type=PIXELS, nargs=2, metavar=('H', 'W'), help='size of the picture')
    parser.add_argument('--window', type=COUNT, default=120, help='frames of a sliding window (%(default)s)')
    parser.add_argument('--out', type=Path, help='video of the skeletons to write (.mp4), or a folder')
    args = parser.parse_args(argv)

    from mmactrep.apis import SkeletonInferencer
    from mmactrep.apis.pose_inputs import kind_of_input
    from mmactrep.visualization import write_video

    for source in args.files:
        if kind_of_input(source) not in ('skeleton', 'store'):
            raise InferenceError(f'{source}: expected a skeleton file or folder, or STORE::CLIP')
    outs = outputs_for(args.files, args.out, args.out, '.mp4') if args.out else {}
    infer = SkeletonInferencer(
        args.config,
        args.checkpoint,
        args.device,
        model_layout=args.model_layout,
        window=args.window,
        labels=args.labels,
    )

    files = ResultFiles(args.json, args.csv)

    def run(source: str) -> None:
        shape = tuple(args.img_shape) if args.img_shape else None
        result = infer(source, img_shape=shape, file_layout=args.layout)
        print(format_predictions(result))
        print_notes(result.notes)
        files.add(result)
        print(format_timings(result))
        if args.out:
            write_video(outs[source], draw(result), result.fps or 25.0)
            print(f'video: {printable(str(outs[source]))}')

    return work_on_each(args.files, run)
