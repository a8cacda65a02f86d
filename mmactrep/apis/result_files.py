"""Results for other programs: JSON with everything, CSV with a row for each window or segment."""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mmactrep.structures.recognition import RecognitionResult

#: Columns of the CSV file. Times are seconds, None where the frame rate is not known.
COLUMNS = ('input', 'person', 'start', 'end', 'start_time', 'end_time', 'label', 'score', 'unknown')


class Result(Protocol):
    """What can be written: of a recognizer, or of a segmentor."""

    def to_dict(self) -> dict[str, Any]:
        """Plain containers and arrays."""


def plain(value: Any) -> Any:
    """Arrays, tuples and numpy's numbers as what JSON knows; a number that is not finite is None."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def window_rows(result: RecognitionResult) -> list[dict[str, Any]]:
    """A row for each window: :data:`COLUMNS`; ``person`` is None where all were recognized together."""
    windows = [(person.track.track, window) for person in result.persons for window in person.windows]
    rows = []
    for person, window in [*windows, *((None, window) for window in result.windows)]:
        best = int(window.scores.argmax())
        times = window.to_dict(result.fps)
        verdict = result.rejection and bool(window.known < result.rejection.threshold)
        rows.append(
            dict(
                input=result.name,
                person=person,
                **{key: times[key] for key in ('start', 'end', 'start_time', 'end_time')},
                label=result.classes[best],
                score=float(window.scores[best]),
                unknown=verdict,
            )
        )
    return rows


def to_json(results: Sequence[Result]) -> str:
    """A document with ``results``, one for each input, see its ``to_dict``."""
    return json.dumps(dict(results=[plain(result.to_dict()) for result in results]), ensure_ascii=False)


def to_csv(
    results: Sequence[Result],
    columns: Sequence[str] = COLUMNS,
    rows: Callable[[Any], list[dict[str, Any]]] = window_rows,
) -> str:
    """A table of all inputs, with a line of column names first.

    Args:
        results: Results.
        columns: Names of the columns.
        rows: Rows of a result; by default those of its windows.
    """
    table = io.StringIO()
    writer = csv.DictWriter(table, columns, lineterminator='\n')
    writer.writeheader()
    for result in results:
        writer.writerows(rows(result))
    return table.getvalue()


def add_result_arguments(
    parser: argparse.ArgumentParser,
    in_json: str = 'tracks, windows with times in seconds, labels, scores',
    in_csv: str = 'person, time, label, score of each window',
) -> None:
    """Add ``--json`` and ``--csv``, whose contents the help names."""
    parser.add_argument(
        '--json',
        type=Path,
        metavar='FILE',
        help=f'also write the results as JSON: {in_json}',
    )
    parser.add_argument(
        '--csv',
        type=Path,
        metavar='FILE',
        help=f'also write a table: {in_csv}',
    )


class ResultFiles:
    """The files of ``--json`` and ``--csv``, complete after every input.

    Args:
        json_file: File of ``--json``, if any.
        csv_file: File of ``--csv``, if any.
        table: Makes the content of ``csv_file`` of all results.
    """

    def __init__(
        self,
        json_file: Path | None,
        csv_file: Path | None,
        table: Callable[[Sequence[Any]], str] = to_csv,
    ) -> None:
        self.files = [(path, form) for path, form in ((json_file, to_json), (csv_file, table)) if path]
        self.results: list[Result] = []

    def add(self, result: Result) -> None:
        """Write the files anew, with one more result."""
        self.results.append(result)
        for path, form in self.files:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f'{path.name}.partial')
            partial.write_text(form(self.results), encoding='utf-8')
            os.replace(partial, path)
