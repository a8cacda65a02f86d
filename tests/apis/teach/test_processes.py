"""Work in several processes: results, errors, and what happens when the run is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmactrep.apis.teach.processes import in_processes
from tests.helpers.training import REPO

WORK = """
import os, sys, time
from pathlib import Path
from mmactrep.apis.teach.processes import in_processes

def work(folder):
    Path(folder, str(os.getpid())).touch()
    time.sleep(60)

if __name__ == '__main__':
    list(in_processes(work, [sys.argv[1]] * 2, 2))
"""


def is_running(process: int) -> bool:
    try:
        return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path('/proc/self/stat').exists(), reason='needs /proc to look at processes')
def test_processes_end_with_a_run_that_is_killed(tmp_path):
    (tmp_path / 'run.py').write_text(WORK)
    (tmp_path / 'begun').mkdir()
    environment = dict(os.environ, PYTHONPATH=str(REPO))
    run = subprocess.Popen([sys.executable, tmp_path / 'run.py', tmp_path / 'begun'], env=environment)
    for _ in range(600):
        if len(begun := [int(path.name) for path in (tmp_path / 'begun').iterdir()]) == 2:
            break
        time.sleep(0.1)
    assert len(begun) == 2 and all(map(is_running, begun))
    run.send_signal(signal.SIGKILL)
    run.wait()
    for _ in range(100):
        if not any(map(is_running, begun)):
            break
        time.sleep(0.1)
    assert not any(map(is_running, begun))


def test_results_come_with_their_numbers_and_an_error_ends_the_work():
    assert dict(in_processes(abs, [-3, 4], 1)) == {0: 3, 1: 4}
    with pytest.raises(TypeError, match='bad operand'):
        list(in_processes(abs, ['word'], 1))
