"""SST-A compared with the experts that it aggregates, on true skeletons and simulated experts.

    python tools/analysis/evaluate_aggregation.py [--clips 200] [--plot OUT]
    python tools/analysis/evaluate_aggregation.py --penn data/penn_action/2d

True skeletons are procedural motion or, with --penn, the labels of a store of Penn Action. Three simulated
experts of mmactrep.pose.experts.simulation (an accurate and a coarse top-down one, a bottom-up one) propose
poses. In some clips a window hides a part of the body from all of them. Prints, for each expert, for the mean
and the median of the proposals, and for SST-A with and without its filter: PCKh, MPJPE in head lengths over
the joints that were not missed, the share of joints missed, and the share of frames kept.

--plot OUT writes Figures 3.7 and 3.8 of the thesis for these data: OUT/error_histogram.png and
OUT/confidence_error.png.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.arguments import COUNT, SEED, number, plain_errors
from mmactrep.evaluation.functional import mpjpe, normalized_errors, pckh
from mmactrep.motion.procedural.generator import CLEAN, MotionGenerator
from mmactrep.pose.aggregation.sst_a import THRESHOLD, aggregate
from mmactrep.pose.experts.simulation import EXPERTS, Failure, Poses, SimulatedExpert
from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import SkeletonLayout, get_layout, list_layouts
from mmactrep.structures.body_length import NORMALIZERS, body_length

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HIDDEN_CLIPS = 0.3
FAILURES = {
    'jitter of 0.4 heads': SimulatedExpert('', jitter=0.4),
    'drop-out, 30 % of joints': SimulatedExpert('', dropped=(Failure(0.3, 6),)),
    'flicker, 15 % of joints misplaced': SimulatedExpert('', mislocated=(Failure(0.15, 1),)),
    'bursts, 15 % of joints misplaced': SimulatedExpert('', mislocated=(Failure(0.15, 8),)),
    'swapped sides, 15 % of frames': SimulatedExpert('', swapped=Failure(0.15, 6)),
    'wrong person, 15 % of frames': SimulatedExpert('', wrong_person=Failure(0.15, 6)),
    'person missed, 15 % of frames': SimulatedExpert('', missed=Failure(0.15, 8)),
    'truncation of every clip': SimulatedExpert('', guesses=True),
}
KEPT, DISCARDED = '#6a3d9a', '#55a868'


def draw_procedural(clips: int, frames: int, layout: SkeletonLayout, seed: int) -> list[Poses]:
    """Procedural motion in pixels: coordinates (T, V, 2) and scores (T, V) of each clip."""
    batch = MotionGenerator(frames=frames, seed=seed, **CLEAN).generate(clips, layout=layout)
    return list(zip(batch.keypoint[:, 0], batch.score[:, 0]))


def draw_penn(root: str, clips: int, layout: SkeletonLayout, seed: int) -> list[Poses]:
    """Labels of Penn Action clips in pixels, drawn without replacement.

    Raises:
        StoreError: If there is no such store, or no clip has a head and shoulders.
    """
    store = SkeletonStore(root)
    mapping = store.layout.mapping_to(layout)
    poses = []
    for row in np.random.default_rng(seed).permutation(len(store)):
        clip = store[int(row)]
        keypoint, score = mapping(clip['keypoint'][0], clip['keypoint_score'][0])
        if np.isfinite(body_length(keypoint, score, layout)).any():
            poses.append((keypoint, score))
        if len(poses) == clips:
            break
    if not poses:
        raise StoreError(f'{root}: expected clips with a head and shoulders, found none among {len(store)}')
    return poses


def propose(
    truth: Sequence[Poses],
    layout: SkeletonLayout,
    experts: Sequence[SimulatedExpert],
    seed: int,
    hidden: float = HIDDEN_CLIPS,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Proposals (E, T, V, 2) and scores (E, T, V) per clip; its wrong person is that of the next clip."""
    for index, (keypoint, score) in enumerate(truth):
        rng = np.random.default_rng((seed, index))
        other = beside(keypoint, score, *truth[(index + 1) % len(truth)])
        window = hide_a_part(keypoint, score, rng) if rng.random() < hidden else None
        poses = [expert.propose(keypoint, score, layout, rng, other, window) for expert in experts]
        yield tuple(np.stack(arrays) for arrays in zip(*poses))


def beside(keypoint: np.ndarray, score: np.ndarray, other: np.ndarray, other_score: np.ndarray) -> Poses:
    """Another clip's person, repeated to the same length, at the same size, half a height to the side."""
    rows = np.arange(len(keypoint)) % len(other)
    other, other_score = other[rows].astype(np.float64), other_score[rows]
    mine, theirs = (np.stack(limits(*poses)) for poses in ((keypoint, score), (other, other_score)))
    scale = (mine[1, 1] - mine[0, 1]) / max(theirs[1, 1] - theirs[0, 1], 1.0)
    moved = (other - theirs.mean(axis=0)) * scale + mine.mean(axis=0)
    moved[..., 0] += 0.5 * (mine[1, 1] - mine[0, 1])
    return moved, other_score


def limits(keypoint: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest (x, y) of all joints of a clip."""
    points = keypoint[score > 0]
    return points.min(axis=0), points.max(axis=0)


def hide_a_part(keypoint: np.ndarray, score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A window x1, y1, x2, y2 that cuts 10 to 30 % off one side of the clip's extent, except the top."""
    window = np.concatenate(limits(keypoint, score))
    side = rng.integers(3)  # left, right, below
    axis = 0 if side < 2 else 1
    cut = rng.uniform(0.1, 0.3) * (window[2 + axis] - window[axis])
    window[(0, 2, 3)[side]] += cut if side == 0 else -cut
    return window


def combine(keypoint: np.ndarray, score: np.ndarray, median: bool = False) -> Poses:
    """Mean or median (T, V, 2) of the proposals (E, T, V, 2), and (T, V) 1 where there is any, else 0."""
    seen = (score > 0)[..., None]
    votes = np.where(seen, keypoint, np.nan)
    votes[:, ~seen.any(axis=0)[..., 0]] = 0  # joints that nobody proposed: any number avoids a warning
    center = (np.nanmedian if median else np.nanmean)(votes, axis=0)
    return center, seen.any(axis=0)[..., 0].astype(float)


def evaluate(
    truth: Sequence[Poses],
    proposals: Sequence[tuple[np.ndarray, np.ndarray]],
    layout: SkeletonLayout,
    names: Sequence[str],
    normalizer: str = 'head_neck',
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Errors of every method.

    Returns:
        Errors (frames of all clips, V) in head lengths by method, see
        :func:`mmactrep.evaluation.functional.normalized_errors`; and C of SST-A per frame.
    """
    errors: dict[str, list[np.ndarray]] = {}
    confidence = []
    for (keypoint, score), (votes, votes_score) in zip(truth, proposals):
        length = body_length(keypoint, score, layout)
        result = aggregate(votes, votes_score, layout, normalizer=normalizer)
        methods = dict(zip(names, zip(votes, votes_score))) | {
            'mean': combine(votes, votes_score),
            'median': combine(votes, votes_score, median=True),
            'SST-A': (result.keypoint, result.score),
        }
        for name, (pose, pose_score) in methods.items():
            found = normalized_errors(pose, keypoint, pose_score, score, length)
            errors.setdefault(name, []).append(found)
        confidence.append(result.confidence)
    return {name: np.concatenate(parts) for name, parts in errors.items()}, np.concatenate(confidence)


def report(
    errors: dict[str, np.ndarray], confidence: np.ndarray, thresholds: Sequence[float], gamma: float
) -> str:
    """Format the table of results."""
    kept = ~(confidence < gamma)  # including those with a single vote, which have no C
    rows = [(name, found, 1.0) for name, found in errors.items()]
    rows.append((f'SST-A, C >= {gamma:g}', errors['SST-A'][kept], kept.mean()))
    names = [f'PCKh@{threshold:g}' for threshold in thresholds]
    lines = [' '.join([f'{"":18s}', *(f'{name:>9s}' for name in names), '    MPJPE   missed     kept'])]
    for name, found, share in rows:
        values = [f'{100 * float(pckh(found, threshold)):8.1f}%' for threshold in thresholds]
        missed = np.isinf(found).sum() / max((~np.isnan(found)).sum(), 1)
        values += [f'{float(mpjpe(found)):9.3f}', f'{100 * missed:7.1f}%', f'{100 * share:7.1f}%']
        lines.append(' '.join([f'{name:18s}', *values]))
    return '\n'.join(lines)


def report_failures(truth: Sequence[Poses], layout: SkeletonLayout, seed: int) -> str:
    """Table of PCKh @0.5 if three experts of one kind all fail in one way, at random and independently."""
    lines = [f'{"one failure alone":34s} {"best expert":>12s} {"mean":>8s} {"median":>8s} {"SST-A":>8s}']
    for failure, expert in FAILURES.items():
        experts = [replace(expert, jitter=max(expert.jitter, 0.08), name=str(i)) for i in range(3)]
        hidden = 1.0 if failure.startswith('truncation') else 0.0
        if hidden:  # two experts pull hidden joints to the border, one leaves them out
            experts[2] = replace(experts[2], guesses=False)
        names = [expert.name for expert in experts]
        proposals = list(propose(truth, layout, experts, seed, hidden))
        errors, _ = evaluate(truth, proposals, layout, names)
        values = {name: float(pckh(found, 0.5)) for name, found in errors.items()}
        best = max(values[name] for name in names)
        shown = [100 * value for value in (best, values['mean'], values['median'], values['SST-A'])]
        lines.append(f'{failure:34s} {shown[0]:11.1f}% ' + ' '.join(f'{value:7.1f}%' for value in shown[1:]))
    return '\n'.join(lines)


def report_shares(truth: Sequence[Poses], layout: SkeletonLayout) -> str:
    """Normalizers as shares of the diagonal of the box: the basis of ``sst_a.BOX_SHARE``."""
    shares = {}
    for normalizer in ('head_neck', 'shoulders'):
        lengths = [[body_length(*poses, layout, name) for name in (normalizer, 'box')] for poses in truth]
        shares[normalizer] = np.nanmedian(np.concatenate([length / box for length, box in lengths]))
    return "median shares of the box's diagonal: " + ', '.join(
        f'{name} {share:.3f}' for name, share in shares.items()
    )


def plot_histogram(error: np.ndarray, confidence: np.ndarray, gamma: float, bins: int = 12) -> Figure:
    """Figure 3.7: how many poses of each error the filter retains and discards."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4), layout='constrained')
    axes = figure.add_subplot()
    end = max(np.ceil(2 * np.percentile(error, 99.5)) / 2, 0.5)
    edges = np.linspace(0, end, bins + 1)
    kept = ~(confidence < gamma)  # including those with a single vote, which have no C
    parts = [np.minimum(error[mask], end) for mask in (kept, ~kept)]
    labels = (f'retained, C ≥ {gamma:g} ({kept.sum():,})', f'discarded, C < {gamma:g} ({(~kept).sum():,})')
    axes.hist(parts, edges, color=(KEPT, DISCARDED), label=labels, rwidth=0.8)
    # the last interval also has all larger errors
    axes.set_xticks(edges[::2], [*(f'{edge:.2g}' for edge in edges[:-2:2]), 'more'])
    axes.set(yscale='log', ylim=(0.7, None), xlim=(0, end), xlabel='MPJPE (head lengths)', ylabel='poses')
    axes.legend(frameon=False)
    axes.spines[['top', 'right']].set_visible(False)
    return figure


def plot_distribution(error: np.ndarray, confidence: np.ndarray, gamma: float) -> Figure:
    """Figure 3.8: confidence against error, all poses and those of small errors."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4), layout='constrained')
    kept = ~(confidence < gamma)  # including those with a single vote, which have no C
    size = float(np.clip(2e4 / len(error), 0.5, 8))
    ends = (np.percentile(error, 99.9) * 1.05, np.percentile(error, 90))
    for axes, end in zip(figure.subplots(1, 2, sharey=True), ends):
        for mask, color, label in ((kept, KEPT, f'C ≥ {gamma:g}'), (~kept, DISCARDED, f'C < {gamma:g}')):
            axes.scatter(error[mask], confidence[mask], s=size, c=color, linewidths=0, alpha=0.5, label=label)
        edges = np.linspace(0, end, 13)
        middle, medians = running_median(error, confidence, edges)
        axes.plot(middle, medians, color='black', linewidth=1.2, label='median')
        axes.axhline(gamma, color='gray', linewidth=0.8, linestyle='--')
        axes.set(xlim=(0, end), ylim=(0, 1), xlabel='MPJPE (head lengths)')
        axes.spines[['top', 'right']].set_visible(False)
    figure.axes[0].set(ylabel='confidence C', title='all poses')
    figure.axes[1].set(title='the nine tenths of smallest error')
    figure.axes[0].legend(frameon=False, markerscale=4, loc='upper right')
    return figure


def running_median(
    error: np.ndarray, confidence: np.ndarray, edges: np.ndarray, least: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """Centers and median confidences of the intervals of error with at least ``least`` poses."""
    place = np.digitize(error, edges)
    groups = [(i, confidence[(place == i) & ~np.isnan(confidence)]) for i in range(1, len(edges))]
    groups = [(i, values) for i, values in groups if len(values) >= least]
    middles = np.array([(edges[i - 1] + edges[i]) / 2 for i, _ in groups])
    return middles, np.array([np.median(values) for _, values in groups])


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--penn', metavar='STORE', help='store of Penn Action labels instead of procedural motion'
    )
    parser.add_argument('--clips', type=COUNT, default=200, help='(%(default)s)')
    parser.add_argument('--frames', type=COUNT, default=120, help='frames per procedural clip (%(default)s)')
    parser.add_argument('--layout', default='penn13', choices=list_layouts(), help='(%(default)s)')
    parser.add_argument(
        '--severity', type=number(0, 100), default=1.0, help='severity of all failures (%(default)s)'
    )
    parser.add_argument(
        '--thresholds',
        type=number(0, 100, above=True),
        nargs='+',
        default=[0.5, 2.0],
        help='thresholds of PCKh',
    )
    parser.add_argument('--gamma', type=number(0, 100), default=THRESHOLD, help='(%(default)s)')
    parser.add_argument('--normalizer', default='head_neck', choices=NORMALIZERS, help='(%(default)s)')
    parser.add_argument('--normaliser', dest='normalizer', choices=NORMALIZERS, help=argparse.SUPPRESS)
    parser.add_argument('--seed', type=SEED, default=0)
    parser.add_argument(
        '--by-failure', action='store_true', help='also print a table with one failure at a time'
    )
    parser.add_argument('--plot', metavar='OUT', help='folder for the two figures')
    args = parser.parse_args(argv)
    if args.clips < 2 or args.frames < 1:
        parser.error('--clips must be at least 2 (the next one has the wrong person) and --frames at least 1')
    return args


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    layout = get_layout(args.layout)
    if args.penn:
        truth = draw_penn(args.penn, args.clips, layout, args.seed)
    else:
        truth = draw_procedural(args.clips, args.frames, layout, args.seed)
    experts = [expert.scaled(args.severity) for expert in EXPERTS.values()]
    proposals = list(propose(truth, layout, experts, args.seed))
    names = [expert.name for expert in experts]
    errors, confidence = evaluate(truth, proposals, layout, names, args.normalizer)
    source = 'Penn Action labels' if args.penn else 'procedural motion'
    print(
        f'{source}: {len(truth)} clips, {len(confidence):,} frames, {layout.name}, severity {args.severity:g}'
    )
    print(report_shares(truth, layout))
    print(report(errors, confidence, args.thresholds, args.gamma))
    if args.by_failure:
        print(report_failures(truth, layout, args.seed))
    if args.plot:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        error = mpjpe(errors['SST-A'], axis=-1)
        judged = np.isfinite(error)
        for name, draw in (('error_histogram', plot_histogram), ('confidence_error', plot_distribution)):
            figure = draw(error[judged], confidence[judged], args.gamma)
            path = Path(args.plot, f'{name}.png')
            path.parent.mkdir(parents=True, exist_ok=True)
            FigureCanvasAgg(figure).print_png(path)
            print(f'{path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
