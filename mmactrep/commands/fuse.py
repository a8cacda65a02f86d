"""Fuse the scores of several streams (joint, bone, ...) and report the metrics of each and of the fusion.

    mmactrep test CONFIG_JOINT CHECKPOINT --dump joint.npz
    mmactrep test CONFIG_BONE CHECKPOINT --dump bone.npz
    mmactrep fuse joint.npz bone.npz --out-dir work_dirs/fused

The streams' softmax scores are summed. Streams are aligned by clip id and may list the clips in any order.
A single file is reported as it is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import number, plain_errors
from mmactrep.evaluation.functional import (
    classification_metrics,
    confusion_matrix,
    fuse,
    per_class_accuracy,
)
from mmactrep.evaluation.score_alignment import ScoreFilesError, align_scores

_COLUMNS = {
    'top1': 'Top-1',
    'top5': 'Top-5',
    'mean_class_accuracy': 'Mean class',
    'precision': 'Precision',
    'recall': 'Recall',
    'f_score': 'F-score',
}
_FUSION = 'fusion'


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('files', nargs='+', metavar='FILE.npz', help='score files of mmactrep test --dump')
    parser.add_argument(
        '--weights', nargs='+', type=number(0, 10**6), help='one weight per file (default: 1 each)'
    )
    parser.add_argument('--out-dir', help='folder for metrics.json, confusion_matrix.csv and .png')
    args = parser.parse_args(argv)
    if args.weights and (len(args.weights) != len(args.files) or not any(args.weights)):
        parser.error(f'{len(args.files)} files need as many weights, not all 0, found {args.weights}')
    return args


def name_streams(files: Sequence[str]) -> list[str]:
    """Short names for the files: their stems if these are unique, else the whole paths.

    Raises:
        ScoreFilesError: If a file is given twice.
    """
    if len({Path(file).resolve() for file in files}) < len(files):
        raise ScoreFilesError(f'a file is given twice: {", ".join(files)}')
    stems = [Path(file).stem for file in files]
    return stems if len({*stems, _FUSION}) == len(stems) + 1 else [str(Path(file)) for file in files]


def format_table(rows: dict[str, dict[str, float]]) -> str:
    """Format metrics as a table, in per cent: one row per stream."""
    width = max(map(len, ['Stream', *rows]))
    head = f'{"Stream":<{width}}' + ''.join(f'{title:>12}' for title in _COLUMNS.values())
    lines = [head, '-' * len(head)]
    for name, metrics in rows.items():
        lines.append(f'{name:<{width}}' + ''.join(f'{metrics[key] * 100:>12.2f}' for key in _COLUMNS))
    return '\n'.join(lines)


def fuse_files(args: argparse.Namespace) -> dict:
    """Fuse, print and write.

    Args:
        args: Result of :func:`parse_args`.

    Returns:
        The content of ``metrics.json``.
    """
    from mmactrep.evaluation import ScoreTable

    names = name_streams(args.files)
    tables = align_scores({file: ScoreTable.load(file) for file in args.files})
    streams = list(tables.values())
    fused = fuse([table.scores for table in streams], args.weights, [table.kind for table in streams])
    # Any one of the files may have the class names.
    named = next((table for table in streams if table.has_class_names), streams[0])
    labels, classes = streams[0].labels, named.classes.tolist()

    rows = {name: classification_metrics(table.scores, labels) for name, table in zip(names, streams)}
    if len(streams) > 1:
        rows[_FUSION] = classification_metrics(fused, labels)
    print(f'{len(labels)} clips, {len(classes)} classes, {len(np.unique(labels))} of them occur; per cent')
    print(format_table(rows))
    accuracies = [None if np.isnan(x) else float(x) for x in per_class_accuracy(fused, labels)]
    report = dict(
        num_clips=len(labels),
        files=dict(zip(names, map(str, args.files))),
        weights=args.weights or [1.0] * len(streams),
        kinds=[table.kind for table in streams],
        metrics=rows,
        per_class_accuracy=dict(zip(classes, accuracies)),
    )
    if args.out_dir:
        write_report(report, confusion_matrix(fused, labels), classes, Path(args.out_dir))
    return report


def write_report(report: dict, matrix: np.ndarray, classes: list[str], out_dir: Path) -> None:
    """Write ``metrics.json``, ``confusion_matrix.csv`` and ``confusion_matrix.png``.

    The matrix shows the classes that occur in the labels or the predictions.
    """
    from mmactrep.visualization.confusion_matrix import draw_confusion_matrix, write_confusion_csv

    out_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
    (out_dir / 'metrics.json').write_text(text + '\n', encoding='utf-8')
    occur = np.flatnonzero(matrix.sum(0) + matrix.sum(1))
    matrix, classes = matrix[np.ix_(occur, occur)], [classes[i] for i in occur]
    write_confusion_csv(matrix, classes, out_dir / 'confusion_matrix.csv')
    last, metrics = list(report['metrics'].items())[-1]
    title = f'{last}: Top-1 {metrics["top1"] * 100:.2f} %'
    draw_confusion_matrix(matrix, classes, out_dir / 'confusion_matrix.png', title)
    print(f'metrics.json, confusion_matrix.csv and confusion_matrix.png are in {out_dir}')


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    fuse_files(parse_args(argv))
    return 0
