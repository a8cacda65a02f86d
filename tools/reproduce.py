"""Run the rows behind a method's tables, and write the tables.

    python tools/reproduce.py lac --list                 # all rows, and which have been run
    python tools/reproduce.py lac pretrain classify      # rows, or all rows under a name, with what they need
    python tools/reproduce.py lac --seeds 0 1 2 --table  # every row three times; the tables as Markdown

A finished row is not run again unless its declaration changed; an interrupted one is resumed. All results are
in work_dirs/reproduce/METHOD/ROW/seed_S.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mmactrep.arguments import SEED, plain_errors
from mmactrep.engine.run_figures import last_logged, numbers, printed_figures

TOOLS = Path(__file__).resolve().parent


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('method', help='folder below configs/ with a rows.py, for example lac')
    parser.add_argument('rows', nargs='*', help='rows (default: all)')
    parser.add_argument('--seeds', nargs='+', type=SEED, default=[0], help='seeds (default: 0)')
    parser.add_argument('--list', action='store_true', help='list the rows and run nothing')
    parser.add_argument(
        '--table', action='store_true', help='print the tables of what has been run, and run nothing'
    )
    parser.add_argument('--out', type=Path, default=Path('work_dirs/reproduce'), help='folder (%(default)s)')
    return parser.parse_intermixed_args(argv)


class Runs:
    """Runs the rows of one method and keeps their results on disk, by row and seed."""

    def __init__(self, root: Path, rows: dict) -> None:
        self.root = root
        self.rows = rows
        self.data = os.environ.get('MMACTREP_DATA_ROOT', 'data')

    def folder(self, name: str, seed: int) -> Path:
        return self.root / name / f'seed_{seed if self.rows[name].seeded else 0}'

    def result(self, name: str, seed: int) -> dict[str, float] | None:
        """Metrics of a finished row; None if it was not run or its declaration has changed since."""
        file = self.folder(name, seed) / 'result.json'
        if not file.is_file():
            return None
        content = json.loads(file.read_text(encoding='utf-8'))
        return content['metrics'] if content['row'] == self.rows[name].describe() else None

    def results(self, name: str) -> list[dict[str, float]]:
        """Metrics of every seed that was run."""
        seeds = sorted(int(path.name.partition('_')[2]) for path in (self.root / name).glob('seed_*'))
        found = [self.result(name, seed) for seed in seeds]
        return [metrics for metrics in found if metrics is not None]

    def run(self, name: str, seed: int) -> dict[str, float]:
        """Run a row; the rows that it needs must have been run."""
        row, folder = self.rows[name], self.folder(name, seed)
        folder.mkdir(parents=True, exist_ok=True)
        begin, metrics, commands = time.time(), {}, []
        if row.config:
            self._train(name, seed, commands)
            if row.test:
                metrics |= self._test(name, seed, commands)
            metrics |= {key: last_logged(folder, key) for key in row.logged}
        for command in row.commands:
            printed = self.call([self.fill(part, name, seed) for part in command], folder, commands)
            metrics |= printed_figures(printed)
        for file in row.metrics:
            text = Path(self.fill(file, name, seed)).read_text(encoding='utf-8')
            metrics |= numbers(json.loads(text))
        content = dict(
            row=row.describe(), metrics=metrics, commands=commands, seconds=round(time.time() - begin)
        )
        (folder / 'result.json').write_text(json.dumps(content, indent=1), encoding='utf-8')
        return metrics

    def _train(self, name: str, seed: int, commands: list[str]) -> None:
        """Train a row, or resume an interrupted training."""
        row, folder = self.rows[name], self.folder(name, seed)
        command = [
            'train.py',
            *self._config(name),
            '--work-dir',
            str(folder),
            '--resume',
            '--seed',
            str(seed),
        ]
        if row.load_from:
            command += ['--load-from', self.fill(row.load_from, name, seed)]
        command += [self.fill(argument, name, seed) for argument in row.arguments]
        if not (folder / 'trained').exists():
            self.call([*command, *self._options(name, seed)], folder, commands)
            (folder / 'trained').touch()

    def _test(self, name: str, seed: int, commands: list[str]) -> dict[str, float]:
        """Metrics of a trained row."""
        row, folder = self.rows[name], self.folder(name, seed)
        config, *overlays = self._config(name)
        command = ['test.py', config, self.checkpoint(name, seed), *overlays, '--work-dir', f'{folder}/test']
        command += ['--metrics', f'{folder}/metrics.json']
        command += ['--dump', f'{folder}/scores.npz'] if row.scores else []
        self.call([*command, *self._options(name, seed)], folder, commands)
        return numbers(json.loads((folder / 'metrics.json').read_text(encoding='utf-8')))

    def _config(self, name: str) -> list[str]:
        row = self.rows[name]
        return [f'configs/{row.config}.py', *(['--with', *row.overlays] if row.overlays else [])]

    def _options(self, name: str, seed: int) -> list[str]:
        options = [f'{key}={self.fill(value, name, seed)}' for key, value in self.rows[name].options.items()]
        return ['--cfg-options', *options] if options else []

    def call(self, command: Sequence[str], folder: Path, commands: list[str]) -> str:
        """Run a tool and write its output to the row's log.

        Raises:
            SystemExit: If it fails, with the end of what it printed.
        """
        shown = ' '.join(['python', f'tools/{command[0]}', *command[1:]])
        commands.append(shown)
        print(f'  {shown}', flush=True)
        done = subprocess.run(
            [sys.executable, str(TOOLS / command[0]), *command[1:]],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors='backslashreplace',
        )
        with open(folder / 'log.txt', 'a', encoding='utf-8') as log:
            log.write(f'$ {shown}\n{done.stdout}\n')
        if done.returncode:
            raise SystemExit(f'{done.stdout[-2000:]}\nerror: {shown} failed; its log is {folder}/log.txt')
        return done.stdout

    def checkpoint(self, name: str, seed: int) -> str:
        return (self.folder(name, seed) / 'last_checkpoint').read_text(encoding='utf-8').strip()

    def encoder(self, name: str, seed: int) -> str:
        """The backbone of a row's last checkpoint, extracted on first use."""
        path = self.folder(name, seed) / 'encoder.pth'
        if not path.exists():
            extract = ['model_converters/extract_backbone.py', self.checkpoint(name, seed), str(path)]
            self.call(extract, path.parent, [])
        return str(path)

    def fill(self, text: str, name: str, seed: int) -> str:
        """A text with its placeholders filled in."""
        from mmactrep.engine.reproduction import places

        made = dict(
            checkpoint=self.checkpoint,
            encoder=self.encoder,
            scores=lambda row, s: str(self.folder(row, s) / 'scores.npz'),
            folder=lambda row, s: str(self.folder(row or name, s)),
            seed=lambda row, s: str(s),
            data=lambda row, s: self.data,
        )
        for kind, row in places(text):
            place = f'{{{kind}:{row}}}' if row else f'{{{kind}}}'
            text = text.replace(place, made[kind](row, seed))
        return text


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)
    from mmactrep.engine.reproduction import load_rows, markdown_table, select_rows

    rows, tables = load_rows(args.method)
    runs = Runs(args.out / args.method, rows)
    order = select_rows(rows, args.rows)
    if args.table:
        results = {name: runs.results(name) for name in rows}
        print('\n\n'.join(markdown_table(table, results) for table in tables))
        return 0
    for name in order:
        for seed in args.seeds if rows[name].seeded else [0]:
            metrics = runs.result(name, seed)
            if args.list:
                print(f'{name:40} seed {seed}: {"not run" if metrics is None else metrics}')
                continue
            if metrics is None:
                print(f'{name}, seed {seed}', flush=True)
                metrics = runs.run(name, seed)
            print(f'{name}, seed {seed}: {json.dumps(metrics)}', flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
