"""Rows of the tables in READMEs: what they need, what they run, and the resulting tables.

A method declares its rows in ``configs/METHOD/rows.py``, as ``rows`` (name to :class:`Row`, or to a
dictionary of its arguments) and ``tables``. ``tools/reproduce.py`` runs them.
"""

from __future__ import annotations

import runpy
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, stdev

from mmactrep.errors import UserError

from .config_files import CONFIG_FOLDER


class RowError(UserError, ValueError):
    """Rows that are declared wrongly or not at all."""


@dataclass(frozen=True)
class Row:
    """One training with its test; or one measurement of what other rows trained.

    Placeholders in braces stand for results of other rows with the same seed: ``{checkpoint:NAME}``, the last
    checkpoint; ``{encoder:NAME}``, its backbone alone; ``{scores:NAME}``, the scores of its test.
    ``{folder}``, ``{seed}`` and ``{data}`` are the row's own folder, the seed, and the folder of the data
    sets.

    Args:
        config: Config to train, relative to ``configs/`` and without suffix; None trains nothing.
        overlays: Overlays of the config.
        load_from: Weights from which the training starts.
        arguments: Further arguments of ``tools/train.py``, for instance ``('--epochs', '30')``.
        options: ``--cfg-options`` of training and test.
        test: Whether the last checkpoint is tested with ``tools/test.py``.
        scores: Whether the test keeps the scores of all clips, for ``{scores:NAME}``.
        logged: Metrics to take from the training's log, their last values.
        commands: Further commands, each a tool in ``tools/`` with its arguments. Lines ``name: number`` in
            their output are metrics.
        metrics: JSON files with metrics that the commands write; nested objects give names with slashes.
        seeded: False if the result does not depend on the seed: the row is run once.
    """

    config: str | None = None
    overlays: tuple[str, ...] = ()
    load_from: str | None = None
    arguments: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    test: bool = True
    scores: bool = False
    logged: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    metrics: tuple[str, ...] = ()
    seeded: bool = True

    @property
    def needs(self) -> list[str]:
        """Names of the rows that must be run before, in the order in which they occur."""
        texts = [self.load_from or '', *self.arguments, *self.options.values()]
        texts += [part for command in self.commands for part in command]
        return list(dict.fromkeys(name for text in texts for _, name in places(text) if name))

    def describe(self) -> dict:
        """Everything that the result depends on, as plain data, to check whether a result is still valid."""
        return dict(
            config=self.config,
            overlays=list(self.overlays),
            load_from=self.load_from,
            arguments=list(self.arguments),
            options=dict(self.options),
            test=self.test,
            scores=self.scores,
            logged=list(self.logged),
            commands=[list(command) for command in self.commands],
            metrics=list(self.metrics),
        )


@dataclass(frozen=True)
class Table:
    """A table of a README.

    Args:
        title: Its name on the command line and its heading.
        columns: Heading of every column of figures.
        lines: Name of each line, with (row name, metric) for every column, or None for an empty cell.
        decimals: Number of decimals.
    """

    title: str
    columns: tuple[str, ...]
    lines: Mapping[str, Sequence[tuple[str, str] | None]]
    decimals: int = 2


def places(text: str) -> list[tuple[str, str]]:
    """Placeholders in braces of a text: (kind, row name); the name is empty for the row's own."""
    return [(name, spec or '') for _, name, spec, _ in string.Formatter().parse(text) if name is not None]


def load_rows(method: str, folder: Path = CONFIG_FOLDER) -> tuple[dict[str, Row], list[Table]]:
    """The rows and tables of a method, given the name of its config folder.

    Raises:
        RowError: If it declares none, or a row or table names one that does not exist.
    """
    file = folder / method / 'rows.py'
    if not file.is_file():
        known = sorted(path.parent.name for path in folder.glob('*/rows.py'))
        raise RowError(f"no rows are declared for '{method}' ({file}); there are: {', '.join(known)}")
    scope = runpy.run_path(str(file))
    rows = {name: row if isinstance(row, Row) else Row(**row) for name, row in scope['rows'].items()}
    tables = list(scope.get('tables', ()))
    for name, row in rows.items():
        absent = [other for other in row.needs if other not in rows]
        if absent:
            raise RowError(f"{file}: row '{name}' needs {absent}, which are not declared")
    for table in tables:
        for line, cells in table.lines.items():
            if len(cells) != len(table.columns):
                raise RowError(f"{file}: line '{line}' of '{table.title}' has {len(cells)} cells")
            absent = [cell[0] for cell in cells if cell and cell[0] not in rows]
            if absent:
                raise RowError(f"{file}: line '{line}' of '{table.title}' names {absent}, not declared")
    return rows, tables


def select_rows(rows: Mapping[str, Row], wanted: Sequence[str]) -> list[str]:
    """The requested rows, by name or by the part before a slash, each preceded by the rows that it needs.

    Raises:
        RowError: If a name is unknown, or rows need each other in a circle.
    """
    chosen: list[str] = []
    for name in wanted or rows:
        found = [row for row in rows if row == name or row.startswith(f'{name}/')]
        if not found:
            raise RowError(f"there is no row '{name}'; there are: {', '.join(rows)}")
        chosen += found
    order: dict[str, None] = {}
    under_way: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        if name in under_way:
            raise RowError(f'rows need each other in a circle: {" -> ".join([*under_way, name])}')
        under_way.append(name)
        for other in rows[name].needs:
            visit(other)
        under_way.pop()
        order[name] = None

    for name in chosen:
        visit(name)
    return list(order)


def cell_text(values: Sequence[float], decimals: int) -> str:
    """The figure of one seed, or mean and deviation over several; '-' if there is none."""
    if not values:
        return '-'
    if len(values) == 1:
        return f'{values[0]:.{decimals}f}'
    return f'{mean(values):.{decimals}f} ± {stdev(values):.{decimals}f}'


def markdown_table(table: Table, results: Mapping[str, Iterable[Mapping[str, float]]]) -> str:
    """A table as Markdown.

    Args:
        table: The table's rows and columns.
        results: For every row name, the metrics of each seed that was run.
    """
    lines = [f'| {table.title} | {" | ".join(table.columns)} |', '|---' * (1 + len(table.columns)) + '|']
    for name, cells in table.lines.items():
        texts = []
        for cell in cells:
            metrics = [] if cell is None else [seed for seed in results.get(cell[0], ()) if cell[1] in seed]
            texts.append(
                '' if cell is None else cell_text([seed[cell[1]] for seed in metrics], table.decimals)
            )
        lines.append(f'| {name} | {" | ".join(texts)} |')
    return '\n'.join(lines)
