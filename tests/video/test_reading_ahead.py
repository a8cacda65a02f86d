"""Reading in a thread."""

from __future__ import annotations

import threading
import time

import pytest

from mmactrep.video.reading_ahead import read_ahead


def test_the_same_items_in_another_thread():
    threads = []

    def items():
        for item in range(50):
            threads.append(threading.current_thread())
            yield item

    assert list(read_ahead(items(), 3)) == list(range(50))
    assert threading.current_thread() not in threads and len(set(threads)) == 1
    assert list(read_ahead([], 1)) == []


def test_it_is_ahead_but_not_by_more_than_may_wait():
    made = []

    def items():
        for item in range(20):
            made.append(item)
            yield item

    ahead = read_ahead(items(), 4)
    assert made == []
    assert next(ahead) == 0
    deadline = time.monotonic() + 5
    while len(made) < 6 and time.monotonic() < deadline:
        time.sleep(0.01)
    # four wait, one is in hand, one was taken
    time.sleep(0.05)
    assert len(made) == 6
    ahead.close()


def test_an_error_comes_after_what_was_read_before_it():
    def items():
        yield 1
        yield 2
        raise KeyError('broken')

    seen = []
    with pytest.raises(KeyError, match='broken'):
        for item in read_ahead(items(), 8):
            seen.append(item)  # noqa: PERF402  what came before the error
    assert seen == [1, 2]


def test_closing_ends_the_thread_and_the_source():
    closed = []

    def items():
        try:
            while True:
                yield 0
        finally:
            closed.append(threading.current_thread())

    ahead = read_ahead(items(), 2)
    next(ahead)
    ahead.close()
    assert len(closed) == 1 and not closed[0].is_alive()
    with pytest.raises(ValueError, match='at least one item'):
        read_ahead([], 0)
