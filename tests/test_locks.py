"""A lock keeps everybody else out while it is held, and nobody once its process is gone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

from mmactrep.locks import FileLock, LockedError

HOLDER = """
import sys, time
from mmactrep.locks import FileLock
lock = FileLock(sys.argv[1])
print('held', flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path, repo):
    """A process that holds a lock."""
    process = subprocess.Popen(
        [sys.executable, '-c', HOLDER, str(tmp_path / 'lock')],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | dict(PYTHONPATH=str(repo)),
    )
    assert process.stdout.readline().strip() == 'held'
    yield process
    process.kill()
    process.wait()


def test_another_process_is_refused_until_the_holder_is_killed(tmp_path, holder):
    with pytest.raises(
        LockedError, match=f'another process is writing it .process {holder.pid}, lock .*lock'
    ):
        FileLock(tmp_path / 'lock')
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    lock = FileLock(tmp_path / 'lock')  # the file that the killed process left is no lock
    lock.release()
    assert not (tmp_path / 'lock').exists()


def test_a_second_lock_in_the_same_process_is_refused(tmp_path):
    lock = FileLock(tmp_path / 'lock')
    for _ in range(2):  # being refused does not let go of the first
        with pytest.raises(LockedError, match='or this one already'):
            FileLock(tmp_path / 'lock')
    FileLock(tmp_path / 'other').release()
    lock.release()
    lock.release()
    FileLock(tmp_path / 'lock').release()


def test_a_forked_child_neither_keeps_nor_releases_the_lock(tmp_path):
    lock = FileLock(tmp_path / 'lock')
    context = multiprocessing.get_context('fork')
    child = context.Process(target=lock.release)
    child.start()
    child.join()
    assert (tmp_path / 'lock').exists()
    event = context.Event()
    outliving = context.Process(target=event.wait)
    outliving.start()
    lock.release()
    FileLock(tmp_path / 'lock').release()
    event.set()
    outliving.join()


def test_a_file_that_was_removed_while_it_was_opened_does_not_count(tmp_path, monkeypatch):
    """The holder removes the file when it is done: who has opened it by then must look again."""
    opened = os.open
    calls = []

    def late(path, *args, **kwargs):
        file = opened(path, *args, **kwargs)
        if not calls:
            os.unlink(path)
        calls.append(path)
        return file

    monkeypatch.setattr(os, 'open', late)
    lock = FileLock(tmp_path / 'lock')
    assert len(calls) == 2 and (tmp_path / 'lock').exists()
    lock.release()
