"""Reading frames in a thread of their own, ahead of whoever uses them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar('Item')


def read_ahead(items: Iterable[Item], count: int = 16) -> Iterator[Item]:
    """The same items in the same order, made in a thread while the last ones are used.

    Decoders release Python's lock, so that a file is decoded on one core while experts work on others. An
    error is raised where the item would have come, after those before it. Closing the generator ends the
    thread and closes ``items``.

    Args:
        items: For example the frames of a video.
        count: Most items that wait.

    Raises:
        ValueError: If none may wait.
    """
    if count < 1:
        raise ValueError(f'at least one item must be able to wait, found {count}')
    return _read(items, count)


def _read(items: Iterable[Item], count: int) -> Iterator[Item]:
    waiting: queue.Queue = queue.Queue(count)
    stopped = threading.Event()

    def put(entry: tuple) -> bool:
        while not stopped.is_set():
            try:
                waiting.put(entry, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put((item, None, False)):
                    break
            put((None, None, True))
        except BaseException as error:  # raised again in the thread that uses the items
            put((None, error, True))
        finally:
            close = getattr(items, 'close', None)
            if close is not None:
                close()

    thread = threading.Thread(target=work, name='reading ahead', daemon=True)
    thread.start()
    try:
        while True:
            item, error, ended = waiting.get()
            if error is not None:
                raise error
            if ended:
                return
            yield item
    finally:
        stopped.set()
        thread.join()
