"""Pictures with true 2D poses from UTD-MHAD's depth videos, clean and degraded, with simulated experts.

    python tools/data/make_depth_pictures.py data/utd_mhad/3d --videos DEPTH_VIDEOS --out data/utd_mhad/pictures

Degraded videos have a quarter of the resolution a side and an obstacle in front of the person (thesis 3.6.1).
Subjects 1, 3 and 5 train, 7 is for choosing rates and lengths, the even ones test. OUT gets annotations/ and
pictures/ (COCO's format), experts/ (poses of three simulated experts, clip by clip) and degraded/ (videos for
tools/make_pseudo_truth.py). An interrupted run continues where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import COUNT, SEED, plain_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('store', type=Path, help='store of UTD-MHAD (tools/data/convert.py utd_mhad)')
    parser.add_argument('--videos', type=Path, required=True, help='folder of aA_sS_tT.mp4')
    parser.add_argument('--out', type=Path, required=True, help='folder of the result')
    parser.add_argument('--layout', default='lcrnet13', help='layout of the joints (%(default)s)')
    parser.add_argument('--clips', type=COUNT, help='so many clips, drawn at random (default: all)')
    parser.add_argument('--seed', type=SEED, default=0)
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    import numpy as np
    from tqdm import tqdm

    from mmactrep.pose.refinement.depth_pictures import depth_pictures, read_clips
    from mmactrep.store.reader import SkeletonStore
    from mmactrep.structures import get_layout
    from mmactrep.video.frames import VideoFrames

    store, layout = SkeletonStore(args.store), get_layout(args.layout)
    first = VideoFrames(args.videos / f'{store[0]["frame_dir"]}.mp4')
    clips = read_clips(store, args.videos, layout, first.size)
    if args.clips:
        drawn = np.random.default_rng(args.seed).permutation(len(clips))[: args.clips]
        clips = [clips[i] for i in sorted(drawn)]
    pictures = depth_pictures(args.out, clips, layout, seed=args.seed)
    for _ in tqdm(pictures.write(), total=len(clips), disable=None):
        pass
    print(f'{len(clips)} clips: {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
