"""How SST-A aggregates the poses of real experts, without a ground truth.

    python tools/analysis/inspect_aggregation.py ALPHAPOSE.json OPENPOSE/ LCRNET.npz@coco17 [--layout coco17]

The files are any that mmactrep.pose.experts reads, one per expert, of a video with one person; if a frame has
several, the first is used. A file that does not name its layout needs it after an @.

Prints, for each expert and for the aggregate, the share of joints missing, the share of the aggregate that
comes from this expert, and how far a joint moves from one frame to the next, in head lengths (the median of
the aggregate). Then prints the distribution of C and, for three experts in coco17, the result of the
authors' script.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from mmactrep.arguments import number, plain_errors
from mmactrep.files import BadFileError, check_size
from mmactrep.pose.aggregation.sst_a import THRESHOLD, AggregatedPoses, aggregate
from mmactrep.pose.aggregation.strict import STRICT_THRESHOLD, aggregate_strict
from mmactrep.pose.experts.pose_files import read_poses
from mmactrep.structures import SkeletonLayout, get_layout, list_layouts
from mmactrep.structures.body_length import NORMALIZERS, body_length

PERCENTILES = (5, 25, 50, 75, 95)


def split_layout(file: str) -> tuple[str, str | None]:
    """Split ``poses.npz@coco17`` into the path and the name of its layout, None if none is given."""
    path, _, layout = file.rpartition('@')
    return (path, layout) if layout in list_layouts() else (file, None)


def read_experts(files: list[str], layout: SkeletonLayout) -> tuple[np.ndarray, np.ndarray]:
    """Proposals (E, T, V, 2) and scores (E, T, V) of the first person of every frame.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If a file is foreign or damaged, or there is nobody in any of them.
    """
    experts = [read_poses(*split_layout(file)) for file in files]
    frames = 1 + max((max(expert.frames, default=-1) for expert in experts), default=-1)
    if frames == 0:
        raise BadFileError(f'{", ".join(files)}: expected a person in some frame, found none')
    check_size(files[0], 12 * len(files) * frames * layout.num_joints, 4 << 30, f'{frames} frames')
    score = np.zeros((len(files), frames, layout.num_joints), np.float32)
    keypoint = np.zeros((*score.shape, 2), np.float32)
    for index, expert in enumerate(experts):
        mapping = expert.layout.mapping_to(layout, allow_missing=True)
        for frame, poses in expert.frames.items():
            if len(poses):
                first = poses.take([0]).mapped(mapping)
                keypoint[index, frame], score[index, frame] = first.keypoint[0], first.score[0]
    return keypoint, score


def movement(pose: np.ndarray, score: np.ndarray, head: float) -> float:
    """Mean movement of a joint between adjacent frames that both have it, in units of ``head``."""
    both = (score[1:] > 0) & (score[:-1] > 0)
    return float(np.linalg.norm(pose[1:] - pose[:-1], axis=-1)[both].mean() / head)


def report(
    names: list[str],
    keypoint: np.ndarray,
    score: np.ndarray,
    result: AggregatedPoses,
    layout: SkeletonLayout,
    gamma: float,
) -> str:
    """Format the table and the line on C."""
    head = float(np.nanmedian(body_length(result.keypoint, result.score, layout)))
    width = max(map(len, names))
    lines = [f'{"":{width}s}  missing   chosen  movement']
    for index, name in enumerate(names):
        missing, chosen = (score[index] == 0).mean(), (result.chosen == index).mean()
        moves = movement(keypoint[index], score[index], head)
        lines.append(f'{name:{width}s} {100 * missing:7.1f}% {100 * chosen:7.1f}% {moves:9.3f}')
    missing, moves = (result.chosen < 0).mean(), movement(result.keypoint, result.score, head)
    lines.append(f'{"SST-A":{width}s} {100 * missing:7.1f}% {"":8s} {moves:9.3f}')
    values = np.nanpercentile(result.confidence, PERCENTILES)
    percentiles = ', '.join(f'{p} % below {value:.3f}' for p, value in zip(PERCENTILES, values))
    alone = np.isnan(result.confidence)
    reach = 100 * (result.confidence[~alone] >= gamma).mean()
    lone = f'; {100 * alone.mean():.1f} % have a single vote and no C' if alone.any() else ''
    return '\n'.join([*lines, f'C: {percentiles}; {reach:.1f} % of frames reach {gamma:g}{lone}'])


def compare_with_script(keypoint: np.ndarray, result: AggregatedPoses) -> str:
    """One line on the authors' script for the same three experts."""
    strict = aggregate_strict(keypoint)
    # its last frame is always empty
    apart = np.linalg.norm(strict.keypoint - result.keypoint, axis=-1)[:-1]
    reach, same = 100 * strict.kept[:-1].mean(), 100 * (apart < 0.5).mean()
    return (
        f"the authors' script: {reach:.1f} % of frames reach {STRICT_THRESHOLD:g} by its own measure, "
        f'{same:.1f} % of joints are within half a pixel of these'
    )


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('files', nargs='+', help='poses, one file per expert, FILE or FILE@LAYOUT')
    parser.add_argument('--layout', default='coco17', choices=list_layouts(), help='(%(default)s)')
    parser.add_argument('--normalizer', default='head_neck', choices=NORMALIZERS, help='(%(default)s)')
    parser.add_argument('--normaliser', dest='normalizer', choices=NORMALIZERS, help=argparse.SUPPRESS)
    parser.add_argument('--gamma', type=number(0, 100), default=THRESHOLD, help='(%(default)s)')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    layout = get_layout(args.layout)
    keypoint, score = read_experts(args.files, layout)
    result = aggregate(keypoint, score, layout, normalizer=args.normalizer, threshold=args.gamma)
    print(f'{len(result)} frames, {layout.name}, normalized by {args.normalizer}')
    print(
        report(
            [Path(split_layout(file)[0]).stem for file in args.files],
            keypoint,
            score,
            result,
            layout,
            args.gamma,
        )
    )
    if len(keypoint) == 3 and layout.name == 'coco17':
        print(compare_with_script(keypoint, result))
    return 0


if __name__ == '__main__':
    sys.exit(main())
