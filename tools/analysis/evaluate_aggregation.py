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
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmactrep.arguments import COUNT, SEED, number, plain_errors
from mmactrep.evaluation.aggregation import evaluate, report
from mmactrep.evaluation.functional import mpjpe, pckh
from mmactrep.motion.procedural.generator import CLEAN, MotionGenerator
from mmactrep.pose.aggregation.sst_a import THRESHOLD
from mmactrep.pose.experts.simulated_clips import propose
from mmactrep.pose.experts.simulation import EXPERTS, Failure, Poses, SimulatedExpert
from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import SkeletonLayout, get_layout, list_layouts
from mmactrep.structures.body_length import NORMALIZERS, body_length
from mmactrep.visualization.aggregation_plots import plot_distribution, plot_histogram

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
