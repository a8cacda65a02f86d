"""Your own skeleton file through a checkpoint.

    python demo/skeleton_file_demo.py poses.npz
    python demo/skeleton_file_demo.py openpose_folder/ --config CONFIG --checkpoint CHECKPOINT --out poses.mp4
    python demo/skeleton_file_demo.py data/penn_action/2d::0001

Reads NPZ and NPY arrays, OpenPose's folders, AlphaPose's, LCRNet++'s and COCO's JSON, and clips of a store.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmactrep.apis import InferenceError, SkeletonInferencer
from mmactrep.apis.pose_inputs import kind_of_input
from mmactrep.apis.report import format_predictions, format_timings
from mmactrep.arguments import COUNT, PIXELS, plain_errors
from mmactrep.structures import get_layout, list_layouts
from mmactrep.visualization import PoseOverlay, render_clip, render_run, write_video


def draw(result: dict) -> Iterator[np.ndarray]:
    """Pictures of the skeletons on a dark ground."""
    layout = get_layout(result['layout'])
    if result['tracks'][0]['keypoint'].shape[-1] == 3:
        persons = [(track['keypoint'], track['keypoint_score']) for track in result['tracks']]
        keypoint, score = (np.stack(part) for part in zip(*persons))
        return render_clip(keypoint, layout, score)
    ground = np.zeros((*result['img_shape'], 3), np.uint8)
    frames = (ground for _ in range(result['num_frames']))
    return render_run(result, frames, PoseOverlay(layout, background='dark'))


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('file', help='skeleton file, folder, or STORE::CLIP')
    parser.add_argument('--config', help='of the recogniser (default: the one that the checkpoint names)')
    parser.add_argument('--checkpoint', help='of the recogniser (default: UNIK on Penn Action)')
    parser.add_argument(
        '--model-layout', choices=list_layouts(), help='joints it takes, where the checkpoint does not say'
    )
    parser.add_argument(
        '--layout', choices=list_layouts(), help="layout of the file's joints, where it does not tell"
    )
    parser.add_argument('--img-shape', type=PIXELS, nargs=2, metavar=('H', 'W'), help='size of the picture')
    parser.add_argument('--window', type=COUNT, default=120, help='frames of a sliding window (%(default)s)')
    parser.add_argument('--out', type=Path, help='video of the skeletons to write')
    parser.add_argument('--device', help='for example cpu or cuda:0')
    args = parser.parse_args(argv)
    if kind_of_input(args.file) not in ('skeleton', 'store'):
        raise InferenceError(f'{args.file}: expected a skeleton file or folder, or STORE::CLIP')

    infer = SkeletonInferencer(
        args.config, args.checkpoint, args.device, model_layout=args.model_layout, window=args.window
    )
    shape = tuple(args.img_shape) if args.img_shape else None
    result = infer(args.file, img_shape=shape, file_layout=args.layout)
    print(format_predictions(result))
    print(format_timings(result))
    if args.out:
        write_video(args.out, draw(result), result['fps'] or 25.0)
        print(f'video: {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
