"""Work that is shared among processes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any


def in_processes(
    work: Callable[[Any], Any], items: Sequence[Any], processes: int, log: Path | None = None
) -> Iterator[tuple[int, Any]]:
    """Results of a function for every item, with the item's number, in the order in which they are done.

    Args:
        work: A function of a module, for one item.
        items: What it is called with; a process takes the next one when it is done.
        processes: Most processes. With one, or one item, this process does the work.
        log: File to which the processes write what they print. Default: to the terminal.

    Raises:
        Exception: Of the first item that failed; what was not begun is not done.
    """
    count = min(processes, len(items))
    if count <= 1:
        for number, item in enumerate(items):
            yield number, work(item)
        return
    # a forked copy of a process in which torch has threads may hang
    with ProcessPoolExecutor(count, get_context('spawn'), _begin, (log,)) as pool:
        waiting = {pool.submit(work, item): number for number, item in enumerate(items)}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin(log: Path | None) -> None:
    """What a process does first: print into the log, and leave the other cores to the others."""
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, 1)
        os.dup2(file, 2)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import torch

    torch.set_num_threads(1)


def _end_with_parent() -> None:
    """Where the run is killed, its processes would train on, and then wait for work forever."""
    parent_process().join()
    os._exit(1)
