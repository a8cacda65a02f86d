"""The tables of a README from the figures of rows: as Markdown, and put in their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from statistics import mean, stdev

from .reproduction import Cell, RowError, Table, figures_of

#: Of every row, the metrics of each seed that was run.
Results = Mapping[str, Mapping[int, Mapping[str, float]]]
#: A cell by the names of its line and column.
Where = tuple[str, str]
#: What stands where nothing was measured.
NOT_RUN = '-'


def cell_text(values: Sequence[float], decimals: int) -> str:
    """The figure of one seed, or mean and deviation over several; '-' if there is none."""
    if not values:
        return NOT_RUN
    if len(values) == 1:
        return f'{values[0]:.{decimals}f}'
    return f'{mean(values):.{decimals}f} ± {stdev(values):.{decimals}f}'


def markdown_table(table: Table, results: Results) -> str:
    """A table as Markdown.

    Lines and columns without a single figure, of rows or of the thesis, are left out, and named below.

    Args:
        table: The table's rows and columns.
        results: For every row name, the metrics of each seed that was run, by seed.

    Raises:
        RowError: If a row was run but does not have the metric of a cell.
    """
    return _markdown(table, _texts(table, results))


def refresh_tables(
    text: str, tables: Sequence[Table], results: Results, tell: Callable[[str], None] = lambda line: None
) -> str:
    """A README with the tables between its markers replaced.

    A figure that stands there already stays where the new table has none: it was measured before figures were
    recorded, or by rows that have changed since. A table with figures of which nothing was run stays whole.

    Args:
        text: The README, with ``<!-- table: NAME -->`` before and ``<!-- end of table -->`` after each table.
        tables: The tables.
        results: As in :func:`markdown_table`.
        tell: Called with a line for each table that keeps figures, or loses some that have no place any more.

    Raises:
        RowError: If a table has no place in the README, or more than one; if a row does not have the metric
            of a cell.
    """
    for table in tables:
        name = table.place
        marker, end = f'<!-- table: {name} -->\n', '<!-- end of table -->'
        before, *rest = text.split(marker)
        found = len(rest)
        if found != 1 or end not in rest[0]:
            raise RowError(
                f"the README has {found} places for table '{name}', expected one: {marker.strip()} and {end}"
            )
        old, _, behind = rest[0].partition(end)
        known = _known_figures(old)
        if known and not any(results.get(row) for row, _ in table.cells):
            continue
        texts, kept, lost = _with_known(known, table, _texts(table, results))
        if kept:
            tell(f"table '{name}' keeps figures that no run here has: {'; '.join(kept)}")
        if lost:
            tell(f"table '{name}' loses figures that have no place in it: {'; '.join(lost)}")
        text = f'{before}{marker}{_markdown(table, texts)}\n{end}{behind}'
    return text


def _texts(table: Table, results: Results) -> dict[str, list[str]]:
    """The text of every cell, by line."""

    def values_of(row: str, metric: str) -> dict[int, float]:
        values = {}
        for seed, metrics in results.get(row, {}).items():
            if metric not in metrics:
                raise RowError(f"row '{row}' has no '{metric}'; it has: {', '.join(metrics) or 'nothing'}")
            values[seed] = metrics[metric] * table.scale
        return values

    def text_of(cell: Cell) -> str:
        figures = figures_of(cell)
        if not figures:
            return cell or ''
        # a mean is of the seeds that all of its rows have
        values = [values_of(*figure) for figure in figures]
        seeds = [seed for seed in values[0] if all(seed in each for each in values)]
        return cell_text([mean(each[seed] for each in values) for seed in seeds], table.decimals)

    return {name: [text_of(cell) for cell in cells] for name, cells in table.lines.items()}


def _markdown(table: Table, texts: Mapping[str, Sequence[str]]) -> str:
    """The lines and columns with figures, and the names of the others."""

    def empty(cells: Sequence[str]) -> bool:
        return NOT_RUN in cells and set(cells) <= {NOT_RUN, ''}

    absent = [name for name, cells in texts.items() if empty(cells)]
    lines = {name: cells for name, cells in texts.items() if name not in absent}
    columns = range(len(table.columns))
    bare = [k for k in columns if empty([cells[k] for cells in lines.values()])]
    columns = [k for k in columns if k not in bare]
    blocks = []
    if lines:
        head = _line([table.title, *(table.columns[k] for k in columns)])
        body = [_line([name, *(cells[k] for k in columns)]) for name, cells in lines.items()]
        blocks.append('\n'.join([head, '|---' * (1 + len(columns)) + '|', *body]))
    if absent:
        blocks.append(f'Not run yet ({table.title}): {"; ".join(absent)}.')
    if bare:
        blocks.append(f'Columns not run yet: {"; ".join(table.columns[k] for k in bare)}.')
    return '\n\n'.join(blocks)


def _line(cells: Sequence[str]) -> str:
    return f'| {" | ".join(cells)} |'


def _known_figures(old: str) -> dict[Where, str]:
    """The cells of a table in Markdown that have figures."""
    rows = [_cells(line) for line in old.splitlines() if line.startswith('|')]
    return {
        (row[0], column): cell
        for row in rows[2:]
        for column, cell in zip(rows[0][1:], row[1:], strict=False)
        if re.search(r'\d', cell)
    }


def _with_known(
    known: Mapping[Where, str], table: Table, texts: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """The cells with known figures where there are none, the places of these, and places that are gone."""
    filled, kept = {}, []
    for name, cells in texts.items():
        filled[name] = list(cells)
        for k, column in enumerate(table.columns):
            if cells[k] == NOT_RUN and (name, column) in known:
                filled[name][k] = known[name, column]
                kept.append(f'{name}, {column}')
    lost = [f'{name}, {column}' for name, column in known if name not in texts or column not in table.columns]
    return filled, kept, lost


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix('|').removesuffix('|').split('|')]
