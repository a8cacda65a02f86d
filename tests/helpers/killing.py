"""Killing a process at a known place."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def run_until_killed(script: str) -> None:
    """Run Python code in a process of its own, and kill it when it prints 'kill me'.

    The code is to sleep then; whatever it had not written is lost.
    """
    process = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.PIPE, text=True, cwd=REPO)
    with process.stdout:
        assert process.stdout.readline().strip() == 'kill me'
    process.send_signal(signal.SIGKILL)
    process.wait()
