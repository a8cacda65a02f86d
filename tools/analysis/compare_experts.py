"""Pose experts against each other, and against SST-A of them, on the same videos; no truth is needed.

    python tools/analysis/compare_experts.py VIDEO ... --experts mediapipe-crops movenet-thunder
    python tools/analysis/compare_experts.py VIDEO ... --experts 'poses/{stem}.json' data/extracted mediapipe
    python tools/analysis/compare_experts.py --experts AlphaPose=A.npz@coco17 OpenPose=B.npz@coco17

Experts are names, groups, files of poses or stores whose clips are named after the videos; NAME=EXPERT
names one in the table. Without a video, files of poses of one video are compared frame by frame, or the
clips that all the stores have.

Prints, for every expert and SST-A: the share of the frames with no person, 1, 2, and 3 or more; the share of
joints missing in the persons found; how far a joint moves from frame to frame (change) and how far it lies
from the middle between the frames before and after (jitter); and the mean distance of joints of the same
person to those of each other expert. Distances are in body lengths (--normalizer).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mmactrep.arguments import COUNT, plain_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='*', metavar='VIDEO')
    parser.add_argument('--experts', nargs='+', default=['default'], help='(default: default)')
    parser.add_argument('--frames', type=COUNT, help='most frames of each video, from the first')
    parser.add_argument('--layout', default='coco17', help='joints that are compared (%(default)s)')
    parser.add_argument(
        '--normalizer', choices=['head_neck', 'shoulders', 'box'], default='head_neck', help='(%(default)s)'
    )
    parser.add_argument('--device', help='for experts that can use one')
    parser.add_argument('--json', type=Path, help='file for the figures')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    from mmactrep.evaluation.expert_comparison import compare_experts
    from mmactrep.evaluation.expert_inputs import build_inputs, open_videos
    from mmactrep.store.layout_source import find_layout

    experts = build_inputs(args.experts, args.device)
    videos = open_videos(args.videos, experts, args.frames)
    comparison = compare_experts(experts, videos, find_layout(args.layout), args.normalizer)
    for note in comparison.notes if args.videos else ():
        print(f'note: {note}', file=sys.stderr)
    print(f'videos: {comparison.num_videos}, frames: {comparison.num_frames}, lengths: {args.normalizer}')
    print(comparison.table())
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(comparison.to_dict(), indent=1) + '\n', encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
