"""Kinetics-400, -600 and -700: the published CSV files and clips named after their YouTube ids."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

from mmactrep.files import read_text, reading

from .annotation import Annotation, AnnotationError, VideoFolder
from .annotator import Annotator

#: Columns of the files; later editions have more.
COLUMNS = ('label', 'youtube_id', 'time_start', 'time_end', 'split')
#: What the editions call the splits.
SPLITS = dict(train='train', training='train', validate='val', validation='val', val='val', test='test')


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file.

    Raises:
        AnnotationError: If it lacks a column, or a row is short; the message names the line.
    """
    with reading(path, 'a CSV file of Kinetics', AnnotationError):
        reader = csv.DictReader(io.StringIO(read_text(path)), strict=True)
        lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if lacking:
            raise AnnotationError(
                f'{path}: expected the columns {", ".join(COLUMNS)}, it lacks {", ".join(lacking)}'
            )
        try:
            found = [*reader]
        except csv.Error as error:
            raise AnnotationError(f'{path}:{reader.line_num}: expected quotes in pairs: {error}') from error
        rows = []
        for number, row in enumerate(found, 2):
            if any(row[name] is None for name in COLUMNS) or not row['youtube_id']:
                raise AnnotationError(f'{path}:{number}: expected {len(COLUMNS)} fields, found {row}')
            rows.append(row)
    return rows


def file_stems(row: dict[str, str]) -> list[str]:
    """Names that the usual downloaders give the clip of a row, without suffix, most exact first."""
    video = row['youtube_id']
    try:
        return [*trimmed_stems(video, *(float(row[name]) for name in ('time_start', 'time_end'))), video]
    except ValueError:
        return [video]


def trimmed_stems(video: str, start: float, end: float) -> list[str]:
    """Names without suffix that the usual downloaders give the part of a video that they cut out."""
    first, last = round(start), round(end)
    return [f'{video}_{first:06d}_{last:06d}', f'{video}_{first}_{last}']


def annotate(folder: VideoFolder, files: list[Path]) -> Annotation:
    """Splits ``train``, ``val`` and ``test`` as far as the files have them.

    Rows without a label (the first editions of the test list) are left out. Classes are those of all rows, in
    alphabetical order.
    """
    splits: dict[str, list[tuple[str, str]]] = {}
    absent: dict[str, list[str]] = {}
    unlabeled, names = 0, set()
    for path in files:
        for row in read_rows(path):
            split = SPLITS.get(row['split'].strip().lower())
            if split is None:
                raise AnnotationError(f"{path}: unknown split '{row['split']}', expected one of {[*SPLITS]}")
            label = row['label'].strip()
            if not label:
                unlabeled += 1
                continue
            names.add(label)
            splits.setdefault(split, [])
            found = folder.find_stem(*file_stems(row))
            if found is None:
                absent.setdefault(split, []).append(file_stems(row)[0])
            else:
                splits[split].append((found, label))
    notes = [f'{unlabeled} rows have no label and are left out'] if unlabeled else []
    return Annotation(splits, {'': sorted(names)}, absent, notes)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--annotations', required=True, type=Path, nargs='+', metavar='CSV', help='train.csv, val.csv, ...'
    )


ANNOTATOR = Annotator(
    title='Kinetics-400, -600, -700: train, val, test',
    description="""Lists of Kinetics from its CSV files (label,youtube_id,time_start,time_end,split).

    mmactrep annotate kinetics --videos kinetics400 \\
        --annotations train.csv validate.csv --out data/kinetics400

Clips are named <youtube_id>_<start>_<end> with six digits each, as the usual downloaders write them, or just
<youtube_id>, in any folders.""",
    build=lambda folder, args: annotate(folder, args.annotations),
    add_arguments=_add_arguments,
)
