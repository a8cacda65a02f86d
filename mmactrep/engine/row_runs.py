"""Running the rows of a method: results on disk, by row and seed, and several rows at once."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mmactrep.errors import UserError
from mmactrep.locks import FileLock, LockedError

from .config_files import CONFIG_FOLDER
from .reproduction import Row, places
from .run_figures import last_logged, numbers, printed_figures

TOOLS = CONFIG_FOLDER.parent / 'tools'
_RESULT = 'result.json'
# how long to wait for a row that another process runs, or for one that others need
_PAUSE = 2.0

Task = tuple[str, int]


class RowFailedError(UserError):
    """A command of a row failed."""


class RowRuns:
    """Runs the rows of one method and keeps their results.

    Args:
        root: Folder of the results; those of a row are in ``ROW/seed_S``.
        rows: All rows of the method.
        tell: Called with every line of progress.
    """

    def __init__(self, root: Path, rows: Mapping[str, Row], tell: Callable[[str], None] = print) -> None:
        self.root = Path(root)
        self.rows = rows
        self.tell = tell
        self.data = os.environ.get('MMACTREP_DATA_ROOT', 'data')

    def folder(self, name: str, seed: int) -> Path:
        """Folder of a row's results with a seed."""
        return self._place(name) / f'seed_{seed if self.rows[name].seeded else 0}'

    def _place(self, name: str) -> Path:
        home = self.rows[name].home
        return (self.root.parent / home if home else self.root) / name

    def declaration(self, name: str) -> dict:
        """A row and those whose results it takes, as plain data: a result is valid while this is the same."""
        row = self.rows[name]
        taken = dict.fromkeys(place.row for place in row.places if place.row)
        return row.describe() | dict(needs={other: self.declaration(other) for other in taken})

    def result(self, name: str, seed: int) -> dict[str, float] | None:
        """Metrics of a finished row; None if it was not run or its declaration has changed since."""
        content = self._content(name, seed)
        made = self.rows[name].makes
        if content is None and made and Path(self.fill(made, name, seed)).exists():
            return {}
        return content['metrics'] if content and content['row'] == self.declaration(name) else None

    def _content(self, name: str, seed: int) -> dict | None:
        file = self.folder(name, seed) / _RESULT
        return json.loads(file.read_text(encoding='utf-8')) if file.is_file() else None

    def results(self, name: str) -> dict[int, dict[str, float]]:
        """Metrics of every seed that was run."""
        seeds = sorted(int(path.name.partition('_')[2]) for path in self._place(name).glob('seed_*'))
        found = {seed: self.result(name, seed) for seed in seeds}
        return {seed: metrics for seed, metrics in found.items() if metrics is not None}

    def is_outdated(self, name: str, seed: int) -> bool:
        """Whether the config of a finished row has changed since; changes of comments do not count."""
        finished = self._content(name, seed) is not None
        return finished and self.measured_digest(name, seed) != self.config_digest(name)

    def measured_digest(self, name: str, seed: int) -> str | None:
        """Digest of the config with which a finished row was run; None without a config."""
        return (self._content(name, seed) or {}).get('config_digest')

    def config_digest(self, name: str) -> str | None:
        """Digest of the code of a row's config and of those that it inherits; None without a config."""
        config = self.rows[name].config
        return config_digest(CONFIG_FOLDER / f'{config}.py', self.rows[name].overlays) if config else None

    def needs(self, task: Task) -> list[Task]:
        """What must be run before a task."""
        name, seed = task
        return [self._task(other, seed) for other in self.rows[name].needs]

    def with_needs(self, tasks: Sequence[Task]) -> list[Task]:
        """Tasks, each once and after those that it needs."""
        order: dict[Task, None] = {}

        def visit(task: Task) -> None:
            if task not in order:
                for need in self.needs(task):
                    visit(need)
                order[task] = None

        for task in tasks:
            visit(self._task(*task))
        return list(order)

    def _task(self, name: str, seed: int) -> Task:
        return name, seed if self.rows[name].seeded else 0

    def run(self, name: str, seed: int) -> dict[str, float]:
        """Run a row; the rows that it needs must have been run.

        Raises:
            RowFailedError: If a command fails, with the end of what it printed.
            LockedError: If another process runs it.
        """
        row, folder = self.rows[name], self.folder(name, seed)
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / 'lock')
        try:
            begin, metrics, commands = time.time(), {}, []
            self._discard_outdated(name, seed)
            digest = self._digest_of_begin(name, seed)
            if row.config:
                self._train(name, seed, commands)
                metrics |= self._test(name, seed, commands) if row.test else {}
                metrics |= {key: last_logged(folder, key) for key in row.logged}
            for command in row.commands:
                printed = self.call([self.fill(part, name, seed) for part in command], folder, commands)
                metrics |= printed_figures(printed)
            for file in row.metrics:
                text = Path(self.fill(file, name, seed)).read_text(encoding='utf-8')
                metrics |= numbers(json.loads(text))
            content = dict(
                row=self.declaration(name),
                config_digest=digest,
                metrics=metrics,
                commands=commands,
                seconds=round(time.time() - begin),
            )
            # complete at once: another process may be waiting for it
            partial = folder / f'{_RESULT}.partial'
            partial.write_text(json.dumps(content, indent=1), encoding='utf-8')
            os.replace(partial, folder / _RESULT)
            return metrics
        finally:
            lock.release()

    def _discard_outdated(self, name: str, seed: int) -> None:
        """Forget checkpoints that were trained by another declaration; they would be resumed.

        What a row has made stays with its result, so that it is not taken for what the new declaration makes:
        its command replaces it or refuses to.
        """
        folder = self.folder(name, seed)
        file, now = folder / 'declaration.json', json.dumps(self.declaration(name), indent=1)
        if (file.is_file() and file.read_text(encoding='utf-8') != now) or (folder / _RESULT).is_file():
            for path in [*folder.glob('*.pth'), *folder.glob('*/vis_data/scalars.json')]:
                path.unlink()
            for left in ('trained', 'last_checkpoint', *([] if self.rows[name].makes else [_RESULT])):
                (folder / left).unlink(missing_ok=True)
        file.write_text(now, encoding='utf-8')

    def _digest_of_begin(self, name: str, seed: int) -> str | None:
        """Digest of the config with which the training begins, or began: an interrupted one is resumed."""
        folder, now = self.folder(name, seed), self.config_digest(name)
        file = folder / 'config_digest'
        if now is None:
            return None
        if file.is_file() and any(folder.glob('*.pth')):
            begun = file.read_text(encoding='utf-8')
            if begun != now:
                self.tell(
                    f'  {name}: its config changed after the training had begun, which goes on; to begin '
                    f'anew, remove {folder}'
                )
            return begun
        file.write_text(now, encoding='utf-8')
        return now

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
            RowFailedError: If it fails, with the end of what it printed.
        """
        shown = ' '.join(['python', f'tools/{command[0]}', *command[1:]])
        commands.append(shown)
        self.tell(f'  {shown}')
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
            end = done.stdout.strip().splitlines()[-1:] or ['no output']
            raise RowFailedError(f'{end[0]:.500} ({shown}; its log is {folder}/log.txt)')
        return done.stdout

    def checkpoint(self, name: str, seed: int) -> str:
        """The last checkpoint of a row."""
        return (self.folder(name, seed) / 'last_checkpoint').read_text(encoding='utf-8').strip()

    def encoder(self, name: str, seed: int) -> str:
        """The backbone of a row's last checkpoint, extracted on first use."""
        source = Path(self.checkpoint(name, seed))
        path = self.folder(name, seed) / 'encoder.pth'
        if not path.exists() or path.stat().st_mtime < source.stat().st_mtime:
            # two rows may need it at the same moment
            partial = path.with_name(f'encoder.{os.getpid()}.{threading.get_ident()}.pth')
            self.call(['model_converters/extract_backbone.py', str(source), str(partial)], path.parent, [])
            os.replace(partial, path)
        return str(path)

    def value(self, name: str, seed: int, metric: str) -> str:
        """A metric of a finished row, as short as it can be written.

        Raises:
            RowFailedError: If the row has no such metric.
        """
        metrics = self.result(name, seed) or {}
        if metric not in metrics:
            raise RowFailedError(f"row '{name}' has no '{metric}'; it has: {', '.join(metrics) or 'nothing'}")
        return f'{metrics[metric]:.10g}'

    def fill(self, text: str, name: str, seed: int) -> str:
        """A text with its placeholders filled in."""
        made = dict(
            checkpoint=lambda place: self.checkpoint(place.row or name, seed),
            encoder=lambda place: self.encoder(place.row, seed),
            scores=lambda place: str(self.folder(place.row, seed) / 'scores.npz'),
            value=lambda place: self.value(place.row, seed, place.metric),
            folder=lambda place: str(self.folder(name, seed)),
            seed=lambda place: str(seed),
            data=lambda place: self.data,
        )
        for place in places(text):
            text = text.replace(place.text, made[place.kind](place))
        # doubled braces are braces, as in Python's formats: an argument may have placeholders of its own
        return text.replace('{{', '{').replace('}}', '}')


def config_digest(path: Path, overlays: Sequence[str] = ()) -> str:
    """Digest of the code of a config, its bases and overlays, without comments and docstrings.

    Raises:
        ConfigError: If a file is absent or no Python.
    """
    from .composed_config import resolve_config
    from .config_files import config_files
    from .overlays import FOLDER

    file, named = resolve_config(path)
    files = config_files(file)
    files |= {str(FOLDER / f'{name}.py') for name in (*named, *overlays)}
    digest = hashlib.sha256()
    for each in sorted(files):
        tree = ast.parse(Path(each).read_text(encoding='utf-8'))
        if tree.body and isinstance(tree.body[0], ast.Expr) and isinstance(tree.body[0].value, ast.Constant):
            del tree.body[0]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:16]


def run_tasks(runs: RowRuns, tasks: Sequence[Task], jobs: int = 1) -> list[Task]:
    """Run rows, several at once; a row that fails does not stop those that do not need it.

    Rows that another process is running are waited for.

    Args:
        runs: The rows.
        tasks: Names and seeds; those that they need are run before.
        jobs: Rows at once.

    Returns:
        The tasks that failed, or that need one that did.
    """
    order = runs.with_needs(tasks)
    waiting, running, failed = list(order), set(), []
    change = threading.Condition()

    def take() -> Task | None:
        """The first task that can be run now; marks those that cannot be run any more."""
        for task in list(waiting):
            if any(need in failed for need in runs.needs(task)):
                waiting.remove(task)
                failed.append(task)
                runs.tell(f'{label(task)}: left out, a row that it needs failed')
            elif not any(need in waiting or need in running for need in runs.needs(task)):
                waiting.remove(task)
                running.add(task)
                return task
        return None

    def label(task: Task) -> str:
        return f'[{order.index(task) + 1}/{len(order)}] {task[0]}, seed {task[1]}'

    def work() -> None:
        while True:
            with change:
                while (task := take()) is None:
                    if not waiting:
                        return
                    change.wait(_PAUSE)
            outcome = one(task)
            with change:
                running.discard(task)
                if outcome is None:
                    waiting.append(task)
                elif outcome is False:
                    failed.append(task)
                change.notify_all()
            if outcome is None:
                time.sleep(_PAUSE)

    def one(task: Task) -> bool | None:
        """Whether a task succeeded; None if another process is at it."""
        metrics = runs.result(*task)
        if metrics is not None:
            runs.tell(f'{label(task)}: {json.dumps(metrics)}')
            if runs.is_outdated(*task):
                runs.tell(
                    f'  {task[0]}: measured before its config changed; to run it again, remove '
                    f'{runs.folder(*task)}'
                )
            return True
        runs.tell(f'{label(task)} begins at {time.strftime("%H:%M:%S")}')
        begin = time.monotonic()
        try:
            metrics = runs.run(*task)
        except LockedError:
            return None
        except (UserError, OSError) as error:
            runs.tell(f'{label(task)}: FAILED after {_duration(begin)}: {error}')
            return False
        runs.tell(f'{label(task)}: {json.dumps(metrics)} ({_duration(begin)})')
        return True

    threads = [threading.Thread(target=work, daemon=True) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def _duration(begin: float) -> str:
    minutes, seconds = divmod(round(time.monotonic() - begin), 60)
    return f'{minutes} min {seconds} s' if minutes else f'{seconds} s'
