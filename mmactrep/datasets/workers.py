"""Worker processes that read ahead of a writer and never outlive it."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from mmactrep.errors import UserError

_Item = TypeVar('_Item')
_Result = TypeVar('_Result')

# Results per worker that may wait for the one due next: memory stays bounded however slow the writer is.
_AHEAD = 8


class WorkerError(UserError, RuntimeError):
    """A worker process ended unexpectedly."""


def map_in_order(
    function: Callable[[_Item], _Result], items: Iterable[_Item], workers: int
) -> Iterator[_Result]:
    """Apply a function to every item and yield the results in the order of the items.

    Every worker has its own pipe, so that nothing is shared that an interrupted process could leave locked.
    Workers are killed when the iteration ends, for whatever reason, and exit by themselves when this process
    is gone.

    Args:
        function: A module-level function, or ``functools.partial`` of one.
        items: Small picklable objects.
        workers: Number of processes; 0 works in this one.

    Raises:
        WorkerError: If a worker is killed, for example for lack of memory.
        Exception: Whatever the function raises, with the worker's trace as its cause.
    """
    if workers <= 0:
        yield from map(function, items)
        return
    # Forked workers start at once, where spawned ones import everything again.
    method = 'fork' if 'fork' in multiprocessing.get_all_start_methods() else 'spawn'
    context = multiprocessing.get_context(method)
    pipes: dict[Connection, multiprocessing.process.BaseProcess] = {}
    try:
        for _ in range(workers):
            here, there = context.Pipe()
            # a forked worker inherits this process's ends of all pipes and must not keep them open
            inherited = [here, *pipes] if method == 'fork' else []
            process = context.Process(target=_work, args=(function, there, inherited), daemon=True)
            process.start()
            there.close()
            pipes[here] = process
        yield from _collect(items, pipes, workers * _AHEAD)
    finally:
        for process in pipes.values():
            process.kill()
        for pipe, process in pipes.items():
            process.join()
            pipe.close()


def _collect(items: Iterable, pipes: dict[Connection, Any], ahead: int) -> Iterator:
    """Hand out items, at most ``ahead`` beyond the one due next, and yield results in order."""
    waiting = enumerate(items)
    busy: dict[Connection, int] = {}
    done: dict[int, Any] = {}
    due, exhausted = 0, False
    while True:
        for pipe in [pipe for pipe in pipes if pipe not in busy]:
            if exhausted or len(busy) + len(done) >= ahead:
                break
            number, item = next(waiting, (-1, None))
            exhausted = number < 0
            if not exhausted:
                busy[pipe] = number
                _send(pipe, item, pipes[pipe])
        if due in done:
            yield _result(*done.pop(due))
            due += 1
        elif busy:
            for pipe in wait(list(busy)):
                done[busy.pop(pipe)] = _receive(pipe, pipes[pipe])
        else:
            return


def _send(pipe: Connection, item: Any, process: Any) -> None:
    try:
        pipe.send(item)
    except OSError as error:
        raise _dead(process) from error


def _receive(pipe: Connection, process: Any) -> tuple[Any, Exception | None, str]:
    try:
        return pipe.recv()
    except (EOFError, OSError) as gone:
        raise _dead(process) from gone


def _result(result: Any, error: Exception | None, trace: str) -> Any:
    if error is not None:
        raise error from RuntimeError(f'in a worker process:\n{trace}')
    return result


def _dead(process: Any) -> WorkerError:
    process.join(5)
    code = process.exitcode
    how = f'was killed by signal {-code}' if code is not None and code < 0 else f'ended with code {code}'
    return WorkerError(f'a worker process {how}; memory may be short, try fewer workers')


def _work(function: Callable, pipe: Connection, inherited: list[Connection]) -> None:
    """A worker's loop: one item after the other, until its pipe closes."""
    # Ctrl-C reaches every process of the terminal; only the parent should act on it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            item = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (function(item), None, '')
        except Exception as error:
            answer = (None, _sendable(error), traceback.format_exc())
        pipe.send(answer)


def _end_with_parent() -> None:
    """End this process at once when its parent is gone, even in the middle of an item."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _sendable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f'{type(error).__name__}: {error}')
    return error
