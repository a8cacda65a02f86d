"""Let a recognizer say when a motion is none of its classes: calibrate the threshold of a checkpoint.

    mmactrep calibrate configs/unik/unik_penn_2d_recommended.py CHECKPOINT \\
        --noun sports --out CALIBRATED.pth
    mmactrep calibrate CONFIG CHECKPOINT --unknown data/kard/2d data/utd_mhad/2d

The clips of the config's test split are divided in halves: the threshold keeps 95 % of the first half, and
the figures are those of the second. Motions of no class are procedural ones of other kinds; the score
(probability, energy, distance to the classes' features or density of the training clips) is chosen on every
other kind, and the figures are of the rest. For a model that knows all procedural motions, --motions-of takes
clips of other classes from stores, whose classes are the kinds. With --unknown, the clips of further stores
are judged too: false alarms on motions that chose nothing. mmactrep rejection judges a calibrated model, such
as a taught one, on such stores.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import COUNT, SEED, number, plain_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config of the recognizer')
    parser.add_argument('checkpoint', help='its checkpoint')
    parser.add_argument('--out', type=Path, help='checkpoint to write (default: none, the figures alone)')
    parser.add_argument('--noun', default='classes', help='what the classes are, in the plural (%(default)s)')
    parser.add_argument(
        '--keep',
        type=number(0, 1, above=True),
        default=0.95,
        help='share of the clips that is kept (%(default)s)',
    )
    parser.add_argument('--motions', type=COUNT, default=600, help='procedural motions (%(default)s)')
    parser.add_argument(
        '--motions-of',
        nargs='+',
        default=[],
        metavar='STORE',
        help='clips of no class from these stores, at most --motions of each, in place of procedural motions',
    )
    parser.add_argument('--clips', type=COUNT, default=2000, help='most clips of each split (%(default)s)')
    parser.add_argument(
        '--unknown',
        nargs='+',
        default=[],
        metavar='STORE',
        help='stores of other motions, to be judged',
    )
    parser.add_argument(
        '--of-unknown', type=COUNT, default=400, metavar='N', help='most clips of each (%(default)s)'
    )
    parser.add_argument(
        '--leave-out-known',
        action='store_true',
        help='leave out clips of these stores whose class the model knows; refused otherwise',
    )
    parser.add_argument(
        '--leave-out',
        nargs='+',
        default=[],
        metavar='CLASS',
        help='further classes of these stores to leave out, which the model knows by another name',
    )
    parser.add_argument('--seed', type=SEED, default=0, help='seed (%(default)s)')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.apis.foreign_clips import foreign_clips, judge_clips
    from mmactrep.apis.recognizer import ActionRecognizer
    from mmactrep.apis.rejection_calibration import calibrate_checkpoint
    from mmactrep.engine.checkpoints import read_checkpoint, write_checkpoint
    from mmactrep.structures.rejection import REJECTION

    judged_clips, others = [], []
    if args.unknown or args.motions_of:  # stores that cannot be used are told before the long work
        model = ActionRecognizer(args.config, args.checkpoint)
        stores = [*args.motions_of, *args.unknown]
        found = foreign_clips(model, stores, args.leave_out, args.leave_out_known)
        count = len(args.motions_of)
        others = [each.drawn(args.motions, args.seed) for each in found[:count]]
        judged_clips = [each.drawn(args.of_unknown, args.seed) for each in found[count:]]
    made = calibrate_checkpoint(
        args.config, args.checkpoint, args.noun, args.keep, args.motions, args.clips, args.seed, others
    )
    rejection, figures = made.rejection, made.rejection.figures
    print(f'{rejection.verdict(len(made.recognizer.classes))!r}, by {rejection.kind}')
    print(f'threshold:    {rejection.threshold:.4f}, temperature {rejection.temperature:.3f}')
    print(f'kept:         {figures["kept"]:.1%} of {figures["known"]:.0f} test clips that set nothing')
    print(f'AUROC:        {figures["auroc"]:.4f}')
    print(f'false alarms: {figures["false_alarms"]:.1%} of {figures["unknown"]:.0f} other motions')
    for kind, value in made.aurocs.items():
        print(f'  AUROC by {kind}: {value:.4f}')
    for clips in judged_clips:
        judged = judge_clips(made.recognizer, rejection, clips, known=made.known_scores)
        share = f'{judged.false_alarms:.1%} of {judged.count} clips'
        print(f'{judged.store}: false alarms {share}, AUROC {judged.auroc:.4f}')
    if args.out is not None:
        checkpoint = read_checkpoint(args.checkpoint)
        checkpoint['meta'][REJECTION] = rejection.to_dict()
        write_checkpoint(dict(state_dict=checkpoint['state_dict'], meta=checkpoint['meta']), args.out)
        print(f'{args.out}: {args.out.stat().st_size / 1e6:.2f} MB')
    return 0


if __name__ == '__main__':
    sys.exit(main())
