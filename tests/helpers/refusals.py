"""Running command lines on bad input: they must report it in one line."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.training import REPO, environment, load_tool


@dataclass(frozen=True)
class Outcome:
    """Outcome of a command: exit code, standard output, error stream."""

    code: int
    out: str
    err: str


def run_here(capsys, tool: str, arguments: Sequence[str | Path]) -> Outcome:
    """Run a tool in this process; ``tool`` is its path below ``tools/``, for example 'data/convert.py'."""
    capsys.readouterr()
    # MMEngine's logger may still hold the captured stream of an earlier test, which is closed
    raised, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        code = load_tool(tool).main([str(argument) for argument in arguments])
    except SystemExit as end:  # argparse
        code = end.code
    finally:
        logging.raiseExceptions = raised
    caught = capsys.readouterr()
    return Outcome(int(code or 0), caught.out, caught.err)


def run_process(tool: str, arguments: Sequence[str | Path], timeout: float = 120) -> Outcome:
    """Run a tool in an interpreter of its own, as a terminal does. ``tool`` as in :func:`run_here`."""
    done = subprocess.run(
        [sys.executable, str(REPO / 'tools' / tool), *map(str, arguments)],
        capture_output=True,
        text=True,
        errors='backslashreplace',
        timeout=timeout,
        env=environment() | dict(PYTHONPATH=str(REPO)),
        cwd=REPO,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def assert_refused(outcome: Outcome, pattern: str) -> None:
    """Check that the command failed with one line that says what is wrong, and no trace.

    Args:
        outcome: Outcome of the command.
        pattern: Regular expression to find in the line: the file or argument, and what is wrong.
    """
    assert outcome.code in (1, 2), (outcome.code, outcome.err)
    assert 'Traceback' not in outcome.err, outcome.err
    lines = [line for line in outcome.err.splitlines() if re.search(r'\berror: ', line)]
    assert len(lines) == 1, outcome.err
    assert len(lines[0]) < 1000, lines[0]
    assert re.search(pattern, lines[0]), f'{pattern!r} is not in {lines[0]!r}'
