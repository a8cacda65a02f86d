"""Freed memory that stays in the process, counted by the page faults of the system."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from mmactrep.engine import freed_memory

ALLOCATIONS = """
import resource
import torch
from mmactrep.engine.freed_memory import keep_freed_memory

torch.set_num_threads(1)
if {keep}:
    assert keep_freed_memory() is {kept}
for step in range(20):
    if step == 10:  # the heap has found its size
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [torch.ones(2**24) for _ in range(2)]  # 64 MiB each, more than glibc keeps by itself
    del blocks
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
needs_glibc = pytest.mark.skipif(
    sys.platform != 'linux' or not hasattr(ctypes.CDLL(None), 'gnu_get_libc_version'), reason='needs glibc'
)


def page_faults(keep: bool, kept: bool = True, **environment: str) -> int:
    own = {name: value for name, value in os.environ.items() if not name.startswith(('MALLOC_', 'GLIBC_'))}
    code = ALLOCATIONS.format(keep=keep, kept=kept)
    done = subprocess.run(
        [sys.executable, '-c', code], env=own | environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@needs_glibc
def test_memory_that_is_kept_is_not_cleared_again():
    cleared = page_faults(keep=False)
    # pages may be huge ones (2 MiB): 20 blocks of 64 MiB have 640
    assert cleared > 600
    assert page_faults(keep=True) < cleared / 20


@needs_glibc
def test_a_choice_in_the_environment_is_left_alone():
    assert page_faults(keep=True, kept=False, MALLOC_MMAP_MAX_='65536') > 600


def test_without_glibc_nothing_is_done(monkeypatch):
    for name in [name for name in os.environ if name.startswith(('MALLOC_', 'GLIBC_'))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(freed_memory.ctypes, 'CDLL', lambda name: object())
    assert freed_memory.keep_freed_memory() is False
