"""Compose two motions; a video shows inputs and results side by side (thesis, Eq. 4.5 and Fig. 4.3).

    G="configs/lac/lac_generator_synthetic_2d.py work_dirs/lac_generator_synthetic_2d/epoch_30.pth"
    python demo/motion_composition_demo.py $G walk.bvh wave.bvh --out composed.mp4
    python demo/motion_composition_demo.py $G data/penn_action/2d::0001 data/penn_action/2d::0500
    python demo/motion_composition_demo.py $G first.mp4 second.mp4 --experts mediapipe

Inputs are BVH captures, clips of a store (STORE::CLIP), skeleton files, or videos whose poses experts
extract. The panels are both inputs, their composition on the body and view of each, and each one retargeted
to the other.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.apis.model_arguments import add_generator_arguments, add_motion_arguments
from mmactrep.arguments import ANGLE, INDEX, plain_errors

if TYPE_CHECKING:
    from mmactrep.apis.motion_inputs import PersonMotion
    from mmactrep.models.generators import BaseMotionAutoencoder

_SIMILAR = 3.0  # bodies whose heights differ by a smaller factor share a unit, and are drawn at one scale


def panels_of(
    generator: BaseMotionAutoencoder, first: PersonMotion, second: PersonMotion
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Motions (T, V, C) by title, and the titles of the inputs.

    Args:
        generator: A trained generator.
        first: p(m, c).
        second: p(m', c').
    """
    from mmactrep.models.generators import compose, swap_static

    a, b = first.keypoint, second.keypoint
    length = min(len(a), len(b))
    on_second, on_first = swap_static(generator, a, b)
    # A: motion m, body c; B: motion m', body c'
    inputs = {f'A {first.name[:22]}': a[:length], f'B {second.name[:22]}': b[:length]}
    return inputs | {
        "A + B on A's body": compose(generator, [a, b], a),
        "A + B on B's body": compose(generator, [a, b], b),
        "A on B's body": on_second[:length],
        "B on A's body": on_first[:length],
    }, list(inputs)


def one_unit(motions: list[np.ndarray]) -> bool:
    """Whether sequences seem to be in one unit, that is, their bodies are of similar height."""
    heights = [np.ptp(motion[..., 1], axis=1).mean() for motion in motions]
    return max(heights) < _SIMILAR * max(min(heights), 1e-9)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_generator_arguments(parser)
    parser.add_argument('first', help='BVH, STORE::CLIP, skeleton file or video')
    parser.add_argument('second', help='the same')
    parser.add_argument('--out', type=Path, default=Path('composition.mp4'), help='video (%(default)s)')
    parser.add_argument('--sheet', type=Path, help='also write a picture: one row per motion')
    parser.add_argument('--views', type=ANGLE, nargs=2, default=(0.0, 30.0), help='yaw on captures, degrees')
    parser.add_argument('--characters', type=INDEX, nargs=2, help='characters that perform captures')
    add_motion_arguments(parser)
    args = parser.parse_args(argv)

    from mmactrep.apis.motion_inputs import load_generator, read_motion
    from mmactrep.visualization import write_image, write_video
    from mmactrep.visualization.motion_comparison import compare_motions, motion_sheet

    generator = load_generator(args.config, args.checkpoint, args.device)
    motions = [
        read_motion(
            source,
            generator.layout,
            generator.in_channels,
            view=args.views[i],
            character=args.characters[i] if args.characters else None,
            file_layout=args.file_layout,
            experts=args.experts,
        )
        for i, source in enumerate((args.first, args.second))
    ]
    panels, inputs = panels_of(generator, *motions)
    common = one_unit([motion.keypoint for motion in motions])
    frames = compare_motions(panels, generator.layout, columns=2, common_scale=common, inputs=inputs)
    count = write_video(args.out, frames, motions[0].fps or 30.0)
    print(f'{count} frames: {args.out}')
    if args.sheet:
        sheet = motion_sheet(panels, generator.layout, common_scale=common, inputs=inputs)
        write_image(args.sheet, sheet)
        print(f'picture: {args.sheet}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
