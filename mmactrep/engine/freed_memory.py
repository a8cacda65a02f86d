"""Memory that a training on a processor frees and soon needs again."""

from __future__ import annotations

import ctypes
import os

# Parameters of mallopt in glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
#: Whoever has set one of these has chosen how memory is allocated.
_CHOSEN = ('MALLOC_', 'GLIBC_TUNABLES')


def keep_freed_memory() -> bool:
    """Keep freed memory for the next allocation of this process, instead of giving it back to the system.

    Large tensors are otherwise mapped and unmapped in every step, and the system clears each of their pages
    anew, which a training on a processor feels. The process then holds its peak memory until it ends, and
    somewhat more, since what is freed leaves gaps. For glibc (Linux); nothing is changed where the
    environment sets ``MALLOC_...`` or ``GLIBC_TUNABLES``.

    Returns:
        Whether memory is kept.
    """
    if any(name.startswith(_CHOSEN) for name in os.environ):
        return False
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None) if os.name == 'posix' else None
    if mallopt is None:
        return False
    # no blocks of their own, and the heap is never cut (-1: at no size)
    return bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, -1))
