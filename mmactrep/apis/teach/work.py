"""Work that is shared among processes, and results that are kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any


def key_of(content: Any) -> str:
    """A short name of plain data; equal data have equal names."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_json(path: Path, content: Any) -> None:
    """Write plain data; a kill leaves the file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'{path.name}.partial')
    partial.write_text(json.dumps(content, indent=1), encoding='utf-8')
    os.replace(partial, path)


def remembered(path: Path, key: str, compute: Callable[[], Any]) -> Any:
    """The plain data of a file if they were computed for the same key, else compute and write them."""
    if path.is_file():
        try:
            found = json.loads(path.read_text(encoding='utf-8'))
            if found['key'] == key:
                return found['content']
        except (ValueError, KeyError, TypeError):
            pass  # of a kill, or not ours: computed again
    content = compute()
    write_json(path, dict(key=key, content=content))
    return content


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
    import torch

    torch.set_num_threads(1)
