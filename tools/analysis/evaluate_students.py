"""Students before and after refinement against their experts, on pictures with true poses (Table 3.1).

    python tools/analysis/evaluate_students.py data/utd_mhad/pictures --condition degraded
        --students before=CONFIG.py:CHECKPOINT.pth after=CONFIG.py:CHECKPOINT.pth

Prints for every expert, the mean and the median of their poses, SST-A on the whole clips, and every student
on single pictures: PCKh, MPJPE in head lengths over the joints that were not missed, and the share of
joints missed. A top-down student gets the true boxes, or with --detector those of another expert or student.
--plot OUT draws Figures 3.7 and 3.8 for SST-A on these pictures.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import number, plain_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'root', type=Path, help='folder of tools/data/make_depth_pictures.py or make_rendered_pictures.py'
    )
    parser.add_argument('--condition', choices=('clean', 'degraded'), default='degraded')
    parser.add_argument('--part', choices=('val', 'test'), default='test')
    parser.add_argument('--students', nargs='*', default=[], metavar='NAME=CONFIG.py:CHECKPOINT')
    parser.add_argument('--detector', help='whose boxes top-down students get (default: the true ones)')
    parser.add_argument('--layout', default='lcrnet13')
    parser.add_argument(
        '--thresholds', type=number(0, 100, above=True), nargs='+', default=[0.5, 2.0], help='of PCKh'
    )
    parser.add_argument('--gamma', type=number(0, 1), default=0.18, help='γ of the figures (%(default)s)')
    parser.add_argument('--plot', type=Path, metavar='OUT', help='folder for the two figures')
    args = parser.parse_args(argv)
    for student in args.students:
        if '=' not in student:
            parser.error(f'--students: expected NAME=CONFIG.py:CHECKPOINT, found {student}')
    return args


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    import numpy as np

    from mmactrep.evaluation.functional import mpjpe
    from mmactrep.evaluation.students import (
        TrueBoxes,
        expert_errors,
        expert_folders,
        figures,
        read_pictures,
        student_errors,
    )
    from mmactrep.pose.experts.builder import build_expert
    from mmactrep.pose.experts.expert_boxes import ExpertBoxes
    from mmactrep.visualization.aggregation_plots import plot_distribution, plot_histogram

    pictures = read_pictures(args.root, args.condition, args.part, args.layout)
    print(f'{len(pictures)} {args.condition} pictures of {len(set(pictures.clips))} clips')
    errors, confidence = expert_errors(pictures, expert_folders(args.root, args.condition))
    for spec in args.students:
        name, _, student = spec.partition('=')
        expert = build_expert(student, detector=None)
        if getattr(expert, 'top_down', False):
            boxes = TrueBoxes(pictures.box)
            if args.detector:
                boxes = ExpertBoxes(build_expert(args.detector), max_persons=1)
            expert.detector = boxes
        errors[name] = student_errors(pictures, expert)
    for name, found in errors.items():
        for metric, value in figures(found, args.thresholds).items():
            print(f'{name} {metric}: {value:.4f}')
    kept = confidence >= args.gamma
    print(f'kept by C >= {args.gamma:g}: {kept.mean():.4f}')
    if args.plot:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        error = mpjpe(errors['SST-A'], axis=-1)
        judged = np.isfinite(error)
        args.plot.mkdir(parents=True, exist_ok=True)
        for name, draw in (('error_histogram', plot_histogram), ('confidence_error', plot_distribution)):
            path = args.plot / f'{name}.png'
            FigureCanvasAgg(draw(error[judged], confidence[judged], args.gamma)).print_png(path)
            print(path)
    return 0


if __name__ == '__main__':
    sys.exit(main())
