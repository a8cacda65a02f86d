"""Tools in processes of their own, forked from one that has imported the frameworks already.

A tool run by ``python tools/train.py`` takes some seconds of a core before its first line, for imports alone.
Here it is the same tool with the same arguments, environment and exit code, in a new process with untouched
registries; the process is forked from a server that did the imports once. Tests of imports themselves, and of
what bash or torchrun start, need :mod:`subprocess`.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

PRELOADED = 'tests.helpers.preloaded'


def _run(command: list[str], env: dict[str, str], cwd: str, out: str | None, err: str | None) -> None:
    """In the child: what ``python command`` does."""
    os.setsid()
    with open(os.devnull, 'rb') as nothing:
        os.dup2(nothing.fileno(), 0)
    for number, path in ((1, out), (2, err)):
        with open(path or os.devnull, 'ab') as file:
            os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = command
    sys.path.insert(0, str(Path(command[0]).parent))
    code = 1
    try:
        runpy.run_path(command[0], run_name='__main__')
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # mmengine's workers and gloo's threads end with the process, as those of an interpreter do
        raise SystemExit(code)


def start(
    command: Sequence[object],
    env: dict[str, str] | None = None,
    cwd: str | Path | None = None,
    out: str | Path | None = None,
    err: str | Path | None = None,
) -> BaseProcess:
    """Start a script; its process leads a session, so that ``os.killpg(process.pid, ...)`` kills all of it.

    Args:
        command: Script and its arguments.
        env: Environment (this process's by default).
        cwd: Working directory (this process's by default).
        out: File to which standard output is appended (by default it is dropped).
        err: The same for the error stream.
    """
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload([PRELOADED])
    arguments = (
        [str(part) for part in command],
        dict(os.environ if env is None else env),
        str(cwd or os.getcwd()),
        out and str(out),
        err and str(err),
    )
    process = context.Process(target=_run, args=arguments)
    with _one_thread():
        process.start()
    return process


class _one_thread:
    """OpenMP reads its environment when torch is imported, which is when the server starts."""

    def __enter__(self) -> None:
        self.before = os.environ.get('OMP_NUM_THREADS')
        os.environ['OMP_NUM_THREADS'] = '1'

    def __exit__(self, *_) -> None:
        if self.before is None:
            del os.environ['OMP_NUM_THREADS']
        else:
            os.environ['OMP_NUM_THREADS'] = self.before


def run(
    command: Sequence[object],
    env: dict[str, str] | None = None,
    cwd: str | Path | None = None,
    timeout: float = 240,
    merged: bool = False,
) -> subprocess.CompletedProcess:
    """Run a script to its end, as ``subprocess.run([sys.executable, *command], ...)`` does.

    Args:
        command: Script and its arguments.
        env: Environment (this process's by default).
        cwd: Working directory (this process's by default).
        timeout: Seconds after which the process is killed and ``TimeoutExpired`` raised.
        merged: Whether the error stream is part of standard output.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, 'out')
        err = out if merged else Path(folder, 'err')
        process = start(command, env, cwd, out, err)
        process.join(timeout)
        if process.exitcode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
            raise subprocess.TimeoutExpired(list(command), timeout, out.read_bytes())
        texts = [path.read_text(errors='backslashreplace') for path in (out, err)]
    return subprocess.CompletedProcess(
        list(command), process.exitcode, texts[0], None if merged else texts[1]
    )


def as_torchrun(
    command: Sequence[object],
    number: int,
    env: dict[str, str],
    log: str | Path | None = None,
    timeout: float = 240,
) -> list[int]:
    """Run a script in several processes with the variables that ``torchrun`` sets; returns their exit codes.

    Args:
        command: Script and its arguments.
        number: Number of processes.
        env: Environment, to which the variables are added.
        log: File to which all that they print is appended.
        timeout: Seconds after which the processes are killed.
    """
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    shared = dict(WORLD_SIZE=number, LOCAL_WORLD_SIZE=number, TORCHELASTIC_RUN_ID='none')
    shared |= dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=port)
    started = []
    for rank in range(number):
        own = {name: str(value) for name, value in (shared | dict(RANK=rank, LOCAL_RANK=rank)).items()}
        started.append(start(command, env | own, None, log, log))
    for process in started:
        process.join(timeout)
        if process.exitcode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
    return [process.exitcode for process in started]


def run_like_subprocess(command: Sequence[object], **options) -> subprocess.CompletedProcess:
    """Stand-in for :func:`subprocess.run` in tools that start tools, for ``monkeypatch``."""
    assert command[0] == sys.executable, command
    return run(command[1:], merged=options.get('stderr') == subprocess.STDOUT)
