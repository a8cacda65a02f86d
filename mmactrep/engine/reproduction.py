"""Rows of the tables in READMEs: what they need, what they run, and the resulting tables.

A method declares its rows in ``configs/METHOD/rows.py``, as ``rows`` (name to :class:`Row`, or to a
dictionary of its arguments) and ``tables``. ``tools/reproduce.py`` runs them (:mod:`.row_runs`).
"""

from __future__ import annotations

import runpy
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import NamedTuple

from mmactrep.errors import UserError
from mmactrep.packaged import near_names

from .config_files import CONFIG_FOLDER

#: Placeholders that stand for something of another row.
OF_ROWS = ('checkpoint', 'encoder', 'scores', 'value')


class RowError(UserError, ValueError):
    """Rows that are declared wrongly or not at all."""


@dataclass(frozen=True)
class Row:
    """One training with its test; or one measurement of what other rows trained.

    Placeholders in braces stand for results of other rows with the same seed: ``{checkpoint:NAME}``, the last
    checkpoint; ``{encoder:NAME}``, its backbone alone; ``{scores:NAME}``, the scores of its test;
    ``{value:NAME:METRIC}``, one of its metrics. ``{checkpoint}``, ``{folder}``, ``{seed}`` and ``{data}`` are
    the row's own checkpoint and folder, the seed, and the folder of the data sets.

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
        after: Further rows that must be run before, for example those that make the data.
        makes: A file that the row makes: where it exists, there is nothing to run.
        home: Method that keeps the results, for a row of another one's (:func:`borrow`). Default: its own.
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
    after: tuple[str, ...] = ()
    makes: str | None = None
    home: str = ''

    @property
    def places(self) -> list[Place]:
        """All placeholders of the row."""
        texts = [self.load_from or '', *self.arguments, *self.options.values(), *self.metrics]
        texts += [part for command in self.commands for part in command]
        return [place for text in texts for place in places(text)]

    @property
    def needs(self) -> list[str]:
        """Names of the rows that must be run before, in the order in which they occur."""
        return list(dict.fromkeys([place.row for place in self.places if place.row] + list(self.after)))

    def describe(self) -> dict:
        """Everything that the result depends on, as plain data, to check whether a result is still valid."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        for other in ('seeded', 'after', 'makes', 'home'):
            del plain[other]
        plain['options'] = dict(self.options)
        plain['commands'] = [list(command) for command in self.commands]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}


Cell = tuple[str, str] | list[tuple[str, str]] | str | None


def figures_of(cell: Cell) -> list[tuple[str, str]]:
    """(row name, metric) of a cell of a table; several where it shows a mean, none where it is a text."""
    return [cell] if isinstance(cell, tuple) else cell if isinstance(cell, list) else []


@dataclass(frozen=True)
class Table:
    """A table of a README.

    Args:
        title: Heading of its first column.
        columns: Heading of every column of figures, each another one: by them a README's figures are known.
        lines: Name of each line, with a cell for every column: (row name, metric), a list of such pairs for
            their mean, a text to print as it is, for instance a figure of the thesis, or None for an empty
            cell.
        decimals: Number of decimals.
        name: Its name in the README, between ``<!-- table: NAME -->`` and ``<!-- end of table -->``. Default:
            the title.
        scale: Factor on all metrics, 100 for shares in percent.

    Raises:
        RowError: If two columns have one heading.
    """

    title: str
    columns: tuple[str, ...]
    lines: Mapping[str, Sequence[Cell]]
    decimals: int = 2
    name: str = ''
    scale: float = 1.0

    def __post_init__(self) -> None:
        equal = sorted({column for column in self.columns if self.columns.count(column) > 1})
        if equal:
            raise RowError(f"table '{self.place}' has several columns '{equal[0]}'")

    @property
    def place(self) -> str:
        """Its name in the README."""
        return self.name or self.title

    @property
    def cells(self) -> list[tuple[str, str]]:
        """(row name, metric) of all cells with figures."""
        return [figure for cells in self.lines.values() for cell in cells for figure in figures_of(cell)]


class Place(NamedTuple):
    """A placeholder.

    Args:
        kind: For example ``'encoder'``.
        row: Name of a row, empty for the row's own.
        metric: Name of a metric, empty except for ``'value'``.
        text: The placeholder as it was written, with its braces.
    """

    kind: str
    row: str
    metric: str
    text: str


def places(text: str) -> list[Place]:
    """Placeholders in braces of a text."""
    found = []
    for _, kind, spec, _ in string.Formatter().parse(text):
        if kind is not None:
            row, _, metric = (spec or '').partition(':')
            found.append(Place(kind, row, metric, f'{{{kind}:{spec}}}' if spec else f'{{{kind}}}'))
    return found


def methods(folder: Path = CONFIG_FOLDER) -> list[str]:
    """Methods that declare rows."""
    return sorted(path.parent.name for path in folder.glob('*/rows.py'))


def load_rows(method: str, folder: Path = CONFIG_FOLDER) -> tuple[dict[str, Row], list[Table]]:
    """The rows and tables of a method, given the name of its config folder.

    Raises:
        RowError: If it declares none, or a row or table names one that does not exist.
    """
    file = folder / method / 'rows.py'
    if not file.is_file():
        raise RowError(
            f"no rows are declared for '{method}' ({file}); there are: {', '.join(methods(folder))}"
        )
    scope = runpy.run_path(str(file))
    rows = {name: row if isinstance(row, Row) else Row(**row) for name, row in scope['rows'].items()}
    tables = list(scope.get('tables', ()))
    for name, row in rows.items():
        absent = [other for other in row.needs if other not in rows]
        if absent:
            raise RowError(f"{file}: row '{name}' needs {absent}, which are not declared")
        wrong = [place.text for place in row.places if bool(place.metric) != (place.kind == 'value')]
        wrong += [place.text for place in row.places if bool(place.row) and place.kind not in OF_ROWS]
        if wrong:
            raise RowError(f"{file}: row '{name}' has the placeholder {wrong[0]}, which means nothing")
    for table in tables:
        for line, cells in table.lines.items():
            if len(cells) != len(table.columns):
                raise RowError(f"{file}: line '{line}' of '{table.title}' has {len(cells)} cells")
            absent = [row for cell in cells for row, _ in figures_of(cell) if row not in rows]
            if absent:
                raise RowError(f"{file}: line '{line}' of '{table.title}' names {absent}, not declared")
    return rows, tables


def borrow(method: str, *names: str) -> dict[str, Row]:
    """Rows of another method, with all that they need, for the rows of a method that shows them too.

    They keep their names, and their results stay where they are: none is run twice.

    Args:
        method: The other method.
        names: Rows, or what is before a slash in their names.

    Raises:
        RowError: If there is no such method or row.
    """
    rows, _ = load_rows(method)
    return {name: replace(rows[name], home=rows[name].home or method) for name in select_rows(rows, names)}


def select_rows(rows: Mapping[str, Row], wanted: Sequence[str]) -> list[str]:
    """The requested rows, by name or by the part before a slash, each preceded by the rows that it needs.

    Raises:
        RowError: If a name is unknown, or rows need each other in a circle.
    """
    chosen: list[str] = []
    for name in wanted or rows:
        found = [row for row in rows if row == name or row.startswith(f'{name}/')]
        if not found:
            near = near_names(name, [*rows, *dict.fromkeys(row.split('/')[0] for row in rows)])
            raise RowError(f"there is no row '{name[:80]}' among {len(rows)} (--list){near}")
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
