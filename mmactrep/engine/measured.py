"""Figures of rows that were run anywhere, kept in the repository beside the declaration of the rows.

``configs/METHOD/measured.json`` holds the metrics of every row and seed that a table shows. Tables are
written from it, so that seeds which were run on another day or machine count as well.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path

from mmactrep.errors import UserError

from .row_runs import RowRuns

FILE = 'measured.json'
#: Metrics of a row by seed.
Seeds = dict[int, dict[str, float]]


class MeasuredError(UserError, ValueError):
    """A file of measured figures that cannot be read."""


def read_measured(file: Path) -> dict[str, dict[str, dict]]:
    """Content of a file of measured figures: by row and seed ``metrics``, ``row``, ``config``, ``day``.

    Args:
        file: The file; empty content if there is none.

    Raises:
        MeasuredError: If it is no such file.
    """
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
    except ValueError as error:
        raise _foreign(file, f'it is no JSON: {error}') from None
    if not isinstance(content, dict):
        raise _foreign(file, f'expected an object of rows, found {type(content).__name__}')
    for row, seeds in content.items():
        if not isinstance(seeds, dict):
            raise _foreign(file, f"'{row}': expected an object of seeds, found {type(seeds).__name__}")
        for seed, run in seeds.items():
            if not re.fullmatch(r'\d+', seed):
                raise _foreign(file, f"'{row}': expected a seed, 0 or more, found '{seed}'")
            _check_run(file, f"'{row}', seed {seed}", run)
    return content


def _check_run(file: Path, place: str, run: object) -> None:
    if not isinstance(run, dict):
        raise _foreign(file, f'{place}: expected an object, found {type(run).__name__}')
    lacking = [key for key in ('metrics', 'row', 'config', 'day') if key not in run]
    if lacking:
        raise _foreign(file, f"{place}: the key '{lacking[0]}' is missing")
    metrics = run['metrics']
    if not isinstance(metrics, dict):
        raise _foreign(file, f"{place}: expected an object under 'metrics', found {type(metrics).__name__}")
    for name, value in metrics.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _foreign(file, f"{place}, metric '{name}': expected a number, found {value!r:.40}")


def _foreign(file: Path, why: str) -> MeasuredError:
    return MeasuredError(f'{file} does not hold measured figures as tools/reproduce.py writes them: {why}')


def collect(runs: RowRuns, names: Iterable[str]) -> dict[str, dict[str, dict]]:
    """What the rows that were run on this machine measured, as :func:`read_measured` returns it."""
    found: dict[str, dict[str, dict]] = {}
    day = datetime.now(timezone.utc).date().isoformat()
    for name in names:
        for seed, metrics in runs.results(name).items():
            found.setdefault(name, {})[str(seed)] = dict(
                metrics={key: round(value, 6) for key, value in metrics.items()},
                row=digest(runs, name),
                config=runs.measured_digest(name, seed),
                day=day,
            )
    return found


def digest(runs: RowRuns, name: str) -> str:
    """Digest of a row's declaration and of those whose results it takes."""
    text = json.dumps(runs.declaration(name), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def merge(file: Path, runs: RowRuns, names: Iterable[str], tell: Callable[[str], None]) -> dict[str, Seeds]:
    """Recorded figures and those of this machine, which replace recorded ones of the same row and seed.

    Figures of a row that was declared otherwise are left out, and told.

    Args:
        file: The method's file of measured figures.
        runs: The rows.
        names: Rows to look for.
        tell: Called with a line for each row that was left out, or whose config has changed since.

    Returns:
        Metrics of each row by seed.
    """
    recorded, here = read_measured(file), collect(runs, names)
    merged: dict[str, Seeds] = {}
    for name in names:
        seeds = recorded.get(name, {})
        valid = {seed: run for seed, run in seeds.items() if run['row'] == digest(runs, name)}
        if len(valid) < len(seeds):
            tell(f'{name}: its recorded figures are of another declaration, left out')
        seeds = valid | here.get(name, {})
        if any(run['config'] != runs.config_digest(name) for run in seeds.values()):
            tell(f'{name}: some of its figures were measured before its config changed')
        merged[name] = {int(seed): seeds[seed]['metrics'] for seed in sorted(seeds, key=int)}
    return merged


def record(file: Path, runs: RowRuns, names: Iterable[str]) -> None:
    """Add what was measured on this machine to a file; what is of another declaration is dropped.

    A figure that is there already, and is the same, keeps its day.
    """
    content = read_measured(file)
    for name, seeds in collect(runs, names).items():
        kept = content.get(name, {})
        kept = {seed: run for seed, run in kept.items() if run['row'] == digest(runs, name)}
        for seed, run in seeds.items():
            before = kept.get(seed, {})
            if run | dict(day=None) != before | dict(day=None):
                kept[seed] = run
        content[name] = dict(sorted(kept.items(), key=lambda item: int(item[0])))
    if content:
        rows = ',\n'.join(
            f' {json.dumps(name)}: {{\n'
            + ',\n'.join(f'  {json.dumps(seed)}: {json.dumps(run)}' for seed, run in content[name].items())
            + '\n }'
            for name in sorted(content)
        )
        file.write_text(f'{{\n{rows}\n}}\n', encoding='utf-8')
