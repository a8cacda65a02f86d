"""Which classes gain and which lose from one model to another (thesis, Table 5.8).

    python tools/test.py CONFIG MOCO.pth --dump moco.npz
    python tools/test.py CONFIG LTN.pth --dump ltn.npz
    python tools/analysis/compare_classes.py moco.npz ltn.npz
    python tools/analysis/compare_classes.py moco.npz ltn.npz --pairs data/rendered/time_pairs.txt

Prints the accuracy of both on the classes that gain and lose most, and the mean over all classes. With pairs
of classes (lines 'enter leave', or names of several words with a comma between them) also how often each
tells the two apart: clips of two classes that score higher for their own than for the other one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import COUNT, plain_errors
from mmactrep.errors import UserError
from mmactrep.evaluation.functional import pair_accuracy, per_class_accuracy
from mmactrep.evaluation.score_alignment import align_scores
from mmactrep.files import read_text


class PairError(UserError, ValueError):
    """A list of pairs that does not fit the classes; the message names the line."""


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('first', metavar='BASELINE.npz', help='score file of tools/test.py --dump')
    parser.add_argument('second', metavar='METHOD.npz', help='the same of the model to compare with it')
    parser.add_argument('--most', type=COUNT, default=5, help='classes that gain and lose most (%(default)s)')
    parser.add_argument('--pairs', type=Path, help='file of pairs of classes')
    parser.add_argument('--out', type=Path, help='CSV file of all classes')
    return parser.parse_args(argv)


def read_pairs(path: Path, classes: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of classes from a file: two names on a line, with a comma between them or a blank.

    Raises:
        PairError: If a line is no pair of classes.
    """
    pairs = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        names = [name.strip() for name in line.split(',' if ',' in line else None)]
        unknown = [name for name in names if name not in classes]
        if len(names) != 2 or unknown:
            raise PairError(
                f'{path}:{number}: expected two of {[*classes][:5]} ..., found {line.strip()!r:.80}'
            )
        pairs.append((classes.index(names[0]), classes.index(names[1])))
    if not pairs:
        raise PairError(f'{path}: there are no pairs of classes')
    return pairs


def gains_table(classes: Sequence[str], first: np.ndarray, second: np.ndarray, most: int) -> list[str]:
    """Lines of a table of the classes that gain and lose most, in per cent, as Table 5.8.

    Args:
        classes: Names of the K classes.
        first, second: (K,) accuracies of the two models; NaN for a class without clips.
        most: Classes of either kind.
    """
    occur = np.flatnonzero(~np.isnan(first))
    gains = second - first
    order = occur[np.argsort(-gains[occur], kind='stable')]
    best = [row for row in order[:most] if gains[row] > 0]
    worst = [row for row in order[-most:] if gains[row] < 0]
    width = max([len('Mean accuracy'), *(len(classes[row]) for row in [*best, *worst])])
    lines = [f'{"Activity":<{width}}{"Baseline":>10}{"Method":>10}{"Gain":>10}']

    def line(name: str, one: float, other: float) -> str:
        return f'{name:<{width}}{100 * one:>10.2f}{100 * other:>10.2f}{100 * (other - one):>+10.2f}'

    lines += [line(classes[row], first[row], second[row]) for row in best]
    lines.append(line('Mean accuracy', np.nanmean(first), np.nanmean(second)))
    return lines + [line(classes[row], first[row], second[row]) for row in worst]


def _change(before: float, after: float) -> str:
    return f'{100 * before:.2f} {100 * after:.2f} {100 * (after - before):+.2f}'


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.evaluation import ScoreTable

    if Path(args.first).resolve() == Path(args.second).resolve():
        raise UserError(f'a file is compared with itself: {args.first}')
    tables = align_scores({path: ScoreTable.load(path) for path in (args.first, args.second)})
    one, other = tables.values()
    named = other if other.has_class_names else one
    classes = named.classes.tolist()
    first, second = (per_class_accuracy(table.scores, one.labels) for table in (one, other))
    print(f'{len(one)} clips, {len(np.unique(one.labels))} classes; per cent')
    print('\n'.join(gains_table(classes, first, second, args.most)))
    if args.pairs:
        pairs = read_pairs(args.pairs, classes)
        shares = np.array(
            [[pair_accuracy(table.scores, one.labels, pair) for table in (one, other)] for pair in pairs]
        )
        print('\nwithin pairs (guessing: 50)')
        for (a, b), (before, after) in zip(pairs, shares):
            print(f'{classes[a]} / {classes[b]}: {_change(before, after)}')
        print(f'mean of pairs: {_change(*shares.mean(axis=0))}')
    if args.out:
        rows = zip(classes, first, second)
        lines = [f'"{name}",{a:.6f},{b:.6f},{b - a:.6f}\n' for name, a, b in rows if not np.isnan(a)]
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text('class,baseline,method,gain\n' + ''.join(lines), encoding='utf-8')
        print(f'all classes: {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
