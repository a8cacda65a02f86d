"""How many motions of none of its classes a calibrated model takes for one of them.

    mmactrep rejection work_dirs/teach/mine/MODEL data/others/2d
    mmactrep rejection unik_penn_2d data/kard/2d data/utd_mhad/2d --leave-out-known

MODEL is the folder of a taught model, a checkpoint, or the name of one that comes with the package; it has a
threshold from mmactrep teach or mmactrep calibrate. The stores hold clips that taught it nothing: of other
classes, and not used in the calibration. Told are the false alarms (clips that pass the threshold) with their
95 % interval, which classes they are of and for what they are taken, and AUROC against the held-out clips of
the model's classes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mmactrep.arguments import COUNT, SEED, number, plain_errors, printable


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('model', metavar='MODEL', help='folder of a taught model, checkpoint, or name')
    parser.add_argument('stores', metavar='STORE', nargs='+', help='stores of clips of other classes')
    parser.add_argument('--config', help='its config (default: the one in the checkpoint, or named by it)')
    parser.add_argument(
        '--keep',
        type=number(0, 1, above=True),
        metavar='SHARE',
        help='judge at the threshold that keeps this share of the held-out clips of the calibration '
        "(default: the model's threshold)",
    )
    parser.add_argument(
        '--leave-out-known',
        action='store_true',
        help='leave out clips whose class the model knows; they are refused otherwise',
    )
    parser.add_argument(
        '--leave-out',
        nargs='+',
        default=[],
        metavar='CLASS',
        help='further classes to leave out, which the model knows by another name',
    )
    parser.add_argument('--clips', type=COUNT, metavar='N', help='most clips of each store (default: all)')
    parser.add_argument('--seed', type=SEED, default=0, help='seed of their draw (%(default)s)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures here too')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.apis.export.opening import open_model
    from mmactrep.apis.foreign_clips import ForeignClipsError, foreign_clips, judge_clips, threshold_at

    model = open_model(args.model, args.config)
    rejection = getattr(model, 'rejection', None)
    if rejection is None:
        raise ForeignClipsError(
            f'{args.model} has no threshold below which a motion is none of its classes: mmactrep calibrate '
            'makes one'
        )
    threshold = threshold_at(rejection, args.keep)
    # every store is opened before the first is judged
    found = foreign_clips(model, args.stores, args.leave_out, args.leave_out_known)
    kept = rejection.doubt(threshold)
    print(f'{printable(rejection.verdict(len(model.classes)))!r}, by {rejection.kind}')
    print(f'threshold {threshold:.4f}, which {kept:.0%} of the held-out clips of the classes pass')
    judged = []
    for clips in found:
        each = judge_clips(model, rejection, clips.drawn(args.clips, args.seed), args.keep)
        judged.append(each)
        low, high = each.interval
        print(
            f'{printable(each.store)}: false alarms {each.false_alarms:.1%} of {each.count} clips '
            f'(95 % interval {low:.1%} to {high:.1%}), AUROC {each.auroc:.3f}'
        )
        if each.left_out:
            print(f'  left out: {sum(each.left_out.values())} clips of {len(each.left_out)} classes')
        for name, count, wrong, most in each.by_class():
            taken = f', most for {most!r}' if wrong else ''
            print(f'  {printable(name)}: {wrong} of {count}{printable(taken)}')
    if args.json is not None:
        figures = dict(
            model=args.model,
            kind=rejection.kind,
            threshold=threshold,
            kept=kept,
            stores=[each.to_dict() for each in judged],
        )
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(figures, indent=1), encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
