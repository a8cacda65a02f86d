"""Compose two motions; a video shows inputs and results side by side (thesis, Eq. 4.5 and Fig. 4.3).

    mmactrep compose
    mmactrep compose walk.bvh wave.bvh --characters 3 1001 --out composed.mp4
    mmactrep compose work_dirs/via/epoch_30.pth STORE::CLIP procedural::squat
    mmactrep compose first.mp4 second.mp4 --experts mediapipe

Without arguments it composes two procedural motions. The generator is LAC's 2D generator in demo/checkpoints,
or the checkpoint before the inputs, with its config before it if it is an older one. Inputs are BVH captures,
clips of a store (STORE::CLIP), procedural motions (procedural::MOTION; MOTION::7 for another performance),
skeleton files, or videos whose poses experts extract. The panels are both inputs, their composition on the
body and view of each, and each one retargeted to the other.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.apis.model_arguments import add_generator_arguments, add_motion_arguments
from mmactrep.arguments import ANGLE, INDEX, plain_errors

if TYPE_CHECKING:
    from mmactrep.apis.motion_inputs import PersonMotion
    from mmactrep.models.generators import BaseMotionAutoencoder

_DEFAULT_INPUTS = ('procedural::squat', 'procedural::wave::4')
# The second character is none of those of a library's training split.
_DEFAULT_CHARACTERS, _DEFAULT_VIEWS = (3, 1002), (-45.0, 20.0)
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
    add_generator_arguments(parser, then=('[FIRST SECOND]',), help='FIRST, SECOND: the motions')
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('work_dirs/demo/composition.mp4'),
        help='video (.mp4), or a folder (%(default)s)',
    )
    parser.add_argument('--sheet', type=Path, help='picture, one row per motion (default: beside the video)')
    parser.add_argument(
        '--views',
        type=ANGLE,
        nargs=2,
        default=_DEFAULT_VIEWS,
        help='yaw of the camera on captures and procedural motions, degrees (%(default)s)',
    )
    parser.add_argument(
        '--characters',
        type=INDEX,
        nargs=2,
        default=_DEFAULT_CHARACTERS,
        help='numbers of the characters that perform them (%(default)s)',
    )
    add_motion_arguments(parser)
    args = parser.parse_intermixed_args(argv)

    from mmactrep.apis.motion_inputs import load_named_generator, read_motion
    from mmactrep.apis.report import outputs_for
    from mmactrep.visualization import write_image, write_video
    from mmactrep.visualization.motion_comparison import compare_motions, motion_sheet

    out = outputs_for(['composition'], args.out, args.out, '.mp4')['composition']
    names = ('FIRST', 'SECOND')
    generator, sources = load_named_generator(args.words, names, args.device, optional=True)
    motions = [
        read_motion(
            source,
            generator.layout,
            generator.in_channels,
            view=args.views[i],
            character=args.characters[i],
            file_layout=args.file_layout,
            experts=args.experts,
        )
        for i, source in enumerate(sources or _DEFAULT_INPUTS)
    ]
    panels, inputs = panels_of(generator, *motions)
    common = one_unit([motion.keypoint for motion in motions])
    drawing = dict(common_scale=common, inputs=inputs, follow=True)
    frames = compare_motions(panels, generator.layout, columns=2, **drawing)
    count = write_video(out, frames, motions[0].fps or 30.0)
    print(f'{count} frames: {out}')
    picture = args.sheet or out.with_suffix('.png')
    write_image(picture, motion_sheet(panels, generator.layout, **drawing))
    print(f'picture: {picture}')
    return 0
