"""Pseudo truth for a student: confident aggregates of SST-A on a share of videos' frames (thesis 3.3.3).

    python tools/make_pseudo_truth.py VIDEOS --out data/pseudo_truth
    python tools/make_pseudo_truth.py list.csv --experts a/{stem}.npz b/{stem}.npz c/{stem}.npz --out OUT

The experts' poses of every frame are aggregated; of a tenth of the frames, poses with C >= γ are kept. Boxes
are the joints' limits, expanded by 10 %. OUT/annotations/train.json and val.json are COCO files with the
joints of --layout, which mmpose and mmdet read, and OUT/pictures has the frames; persons on whom the experts
disagree are ignored regions there (iscrowd). To resume after an interruption, give the same command again.

A video that cannot be used is reported with its row; the others are done first.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import SEED, SHARE, number, plain_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    from mmactrep.pose.aggregation.sst_a import THRESHOLD
    from mmactrep.pose.experts.builder import DEFAULT_EXPERTS

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='+', help='videos, folders or lists, as for tools/extract_poses.py')
    parser.add_argument('--out', type=Path, required=True, help='folder of the result')
    parser.add_argument(
        '--experts',
        nargs='+',
        default=[DEFAULT_EXPERTS],
        help=f'two or more experts, groups of them, or a config with `experts` (default: {DEFAULT_EXPERTS})',
    )
    parser.add_argument('--layout', default='lcrnet13', help='joints of the student (default: %(default)s)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda or cuda:0 (default: cpu)')
    parser.add_argument(
        '--share', type=number(0, 1, above=True), default=0.1, help='share of the frames (%(default)s)'
    )
    parser.add_argument(
        '--min-confidence', type=number(0, 1), default=THRESHOLD, help='γ, least C of Eq. 3.4 (%(default)s)'
    )
    parser.add_argument(
        '--val-share', type=SHARE, default=0.2, help='share of the pictures for validation (%(default)s)'
    )
    parser.add_argument('--seed', type=SEED, default=0)
    parser.add_argument('--skip-bad', action='store_true', help='list videos that cannot be used, and go on')
    parser.add_argument('--keep-damaged', action='store_true', help='use the readable part of damaged videos')
    parser.add_argument('--quiet', action='store_true', help='no line for every video')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    from mmactrep.pose.estimator import PoseEstimator
    from mmactrep.pose.experts.builder import build_experts
    from mmactrep.pose.extraction.arguments import local_device, read_experts
    from mmactrep.pose.extraction.video_list import list_videos
    from mmactrep.pose.refinement.pseudo_truth import PseudoTruthError, PseudoTruthMaker, PseudoTruthSettings

    jobs = list_videos(args.videos)
    experts = build_experts(read_experts(args.experts), device=local_device(args.device))
    if len(experts) < 2:
        raise PseudoTruthError(f'one expert ({experts[0].name}) agrees with nobody: name two or more')
    # gaps are not filled: what is interpolated has no votes
    estimator = PoseEstimator(experts, args.layout, min_confidence=args.min_confidence, fill_gap=0)
    settings = PseudoTruthSettings(args.min_confidence, args.share, val_share=args.val_share, seed=args.seed)
    maker = PseudoTruthMaker(args.out, estimator, settings, args.keep_damaged)
    report = maker.run(jobs, (lambda line: None) if args.quiet else print, args.skip_bad)
    estimator.close()
    print(
        f'{args.out}: {report.persons:,} persons in {report.pictures:,} of {report.sampled:,} sampled frames '
        f'of {len(jobs) - len(report.failed)} videos; {report.doubtful:,} persons below γ or with one vote'
    )
    for name in report.silent[:5]:
        print(f'no confident frame: {name}')
    if len(report.silent) > 5:
        print(f'no confident frame: {len(report.silent) - 5} videos more')
    for line in report.failed:
        print(f'left out: {line}', file=sys.stderr)
    return 0


if __name__ == '__main__':
    sys.exit(main())
