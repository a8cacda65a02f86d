"""Run the rows behind a method's tables, and write the tables.

    python tools/reproduce.py lac --list                 # all rows, and which have been run
    python tools/reproduce.py lac pretrain classify      # rows, or all rows under a name, with what they need
    python tools/reproduce.py lac --seeds 0 1 2 --jobs 2 # every row three times, two rows at once
    python tools/reproduce.py lac --table                # the tables as Markdown
    python tools/reproduce.py lac --write                # the same, into the README and measured.json

A finished row is not run again unless its declaration, or that of a row that it needs, changed (where its
config did, that is said, and removing its folder runs it again); an interrupted one is resumed. Several of
these commands may run at once: no row is run twice. All results are in work_dirs/reproduce/METHOD/ROW/seed_S;
``--write`` also keeps the figures that tables show in configs/METHOD/measured.json, and tables show what was
measured here or is kept there.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from mmactrep.arguments import COUNT, SEED, plain_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('method', help='folder below configs/ with a rows.py, for example lac')
    parser.add_argument('rows', nargs='*', help='rows (default: all)')
    parser.add_argument('--seeds', nargs='+', type=SEED, default=[0], help='seeds (default: 0)')
    parser.add_argument('--jobs', type=COUNT, default=1, help='rows at once (%(default)s)')
    parser.add_argument('--list', action='store_true', help='list the rows and run nothing')
    parser.add_argument(
        '--table', action='store_true', help='print the tables of what has been run, and run nothing'
    )
    parser.add_argument(
        '--write',
        action='store_true',
        help="write the tables into the method's README and the figures into measured.json, and run nothing",
    )
    parser.add_argument('--out', type=Path, default=Path('work_dirs/reproduce'), help='folder (%(default)s)')
    return parser.parse_intermixed_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)
    from mmactrep.engine.measured import FILE, merge, record
    from mmactrep.engine.reproduction import load_rows, select_rows
    from mmactrep.engine.row_runs import RowRuns, run_tasks
    from mmactrep.engine.row_tables import markdown_table, refresh_tables

    rows, tables = load_rows(args.method)
    runs = RowRuns(args.out / args.method, rows, lambda line: print(line, flush=True))
    order = select_rows(rows, args.rows)
    tasks = runs.with_needs([(name, seed) for seed in args.seeds for name in order])
    if args.table or args.write:
        shown = {row for table in tables for row, _ in table.cells}
        measured = readme_of(args.method).with_name(FILE)
        results = merge(measured, runs, sorted(shown), warn)
        if args.write:
            readme = readme_of(args.method)
            text = readme.read_text(encoding='utf-8')
            placed = [table for table in tables if f'<!-- table: {table.place} -->' in text]
            text = refresh_tables(text, placed, results, warn)
            readme.write_text(text, encoding='utf-8')
            record(measured, runs, sorted(shown))
            print(f'wrote to {readme}: {", ".join(table.place for table in placed) or "nothing"}')
            for table in tables:
                if table not in placed and any(results[row] for row, _ in table.cells):
                    warn(f'{readme} has no place for <!-- table: {table.place} -->')
        else:
            print('\n\n'.join(markdown_table(table, results) for table in tables))
        return 0
    if args.list:
        for name, seed in tasks:
            metrics = runs.result(name, seed)
            state = 'not run' if metrics is None else metrics
            changed = ' (before its config changed)' if runs.is_outdated(name, seed) else ''
            print(f'{name:40} seed {seed}: {state}{changed}')
        return 0
    if args.jobs > 1:
        # each row on its share of the cores
        threads = max(1, len(os.sched_getaffinity(0)) // args.jobs)
        os.environ.setdefault('OMP_NUM_THREADS', str(threads))
    failed = run_tasks(runs, tasks, args.jobs)
    if failed:
        print(f'{len(failed)} of {len(tasks)} failed: {", ".join(f"{n} ({s})" for n, s in failed)}')
    return int(bool(failed))


def warn(line: str) -> None:
    """Say something that is no result."""
    print(f'warning: {line}', file=sys.stderr)


def readme_of(method: str) -> Path:
    """README of a method."""
    from mmactrep.engine.config_files import CONFIG_FOLDER

    return CONFIG_FOLDER / method / 'README.md'


if __name__ == '__main__':
    sys.exit(main())
