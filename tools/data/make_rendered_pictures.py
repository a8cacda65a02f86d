"""Pictures of rendered people with true 2D poses, clean and degraded, and what real experts find in them.

    python tools/data/make_rendered_pictures.py --out data/rendered_people

Degraded videos have a quarter of the resolution a side and an obstacle in front of the person (thesis 3.6.1).
Those who test are other people than those who train, and do other things. OUT gets annotations/ and pictures/
(COCO's format), experts/ (poses of the experts, clip by clip) and degraded/ (videos for
tools/make_pseudo_truth.py). An interrupted run continues where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import COUNT, SEED, plain_errors, whole_number

# those of mmactrep.pose.refinement.rendered_pictures, which takes long to import
COUNTS = dict(train=8, val=2, test=4)
EXPERTS = ('mediapipe-crops', 'movenet-multipose', 'movenet-thunder')
SIZE = (360, 480)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, required=True, help='folder of the result')
    parser.add_argument(
        '--experts', nargs='+', default=EXPERTS, help=f'experts of poses (default: {" ".join(EXPERTS)})'
    )
    parser.add_argument('--layout', default='lcrnet13', help='layout of the joints (%(default)s)')
    for part, count in COUNTS.items():
        parser.add_argument(f'--{part}', type=COUNT, default=count, help='videos of each action (%(default)s)')
    parser.add_argument(
        '--size',
        type=whole_number(32, 2048),
        nargs=2,
        default=SIZE,
        metavar=('H', 'W'),
        help=f'pixels (default: {SIZE[0]} {SIZE[1]})',
    )
    parser.add_argument('--seed', type=SEED, default=0)
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    from dataclasses import replace

    from tqdm import tqdm

    from mmactrep.pose.refinement.rendered_pictures import SETTINGS, rendered_pictures
    from mmactrep.pose.refinement.true_pictures import PARTS
    from mmactrep.structures import get_layout

    counts = {part: getattr(args, part) for part in PARTS}
    settings = replace(SETTINGS, size=tuple(args.size))
    layout = get_layout(args.layout)
    pictures = rendered_pictures(args.out, layout, counts, args.experts, settings, seed=args.seed)
    for _ in tqdm(pictures.write(), total=len(pictures.clips), disable=None):
        pass
    print(f'{len(pictures.clips)} videos: {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
