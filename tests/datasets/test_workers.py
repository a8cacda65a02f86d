"""Processes that read ahead: order, bounds, errors, and that none is left behind."""

from __future__ import annotations

import itertools
import os
import signal
import time

import pytest

from mmactrep.datasets.workers import WorkerError, map_in_order


def square_slowly(number: int) -> int:
    time.sleep(0.02 * (number % 3))
    return number * number


def fail_at_three(number: int) -> int:
    if number == 3:
        raise LookupError('number three')
    return number


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def process_id(_: int) -> int:
    return os.getpid()


class Unpicklable(Exception):
    def __reduce__(self):
        raise TypeError('cannot be sent')


def raise_unpicklable(_: int) -> int:
    raise Unpicklable('of another process')


def alive(pid: int) -> bool:
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().split()[2] != 'Z'
    except FileNotFoundError:
        return False


@pytest.mark.parametrize('workers', [0, 1, 3, 20])
def test_results_come_in_the_order_of_the_items(workers):
    assert list(map_in_order(square_slowly, range(15), workers)) == [n * n for n in range(15)]
    assert list(map_in_order(square_slowly, [], workers)) == []


def test_work_is_shared_and_goes_only_so_far_ahead():
    taken = itertools.count()
    results = map_in_order(process_id, taken, 2)
    pids = {next(results) for _ in range(40)}
    assert len(pids) == 2 and os.getpid() not in pids
    # of items without end, no more are taken than may wait
    assert next(taken) <= 40 + 2 * 8 + 2
    results.close()
    assert not any(map(alive, pids))


@pytest.mark.parametrize('workers', [0, 2])
def test_an_error_of_the_function_is_raised_here_in_its_place(workers):
    results = map_in_order(fail_at_three, range(10), workers)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LookupError, match='number three') as error:
        next(results)
    if workers:
        assert 'fail_at_three' in str(error.value.__cause__)  # the trace of the other process


def test_an_error_that_cannot_be_sent_is_told():
    with pytest.raises(RuntimeError, match='Unpicklable: of another process'):
        list(map_in_order(raise_unpicklable, range(3), 2))


def test_a_worker_that_is_killed_ends_the_work_in_a_line():
    with pytest.raises(WorkerError, match='was killed by signal 9'):
        list(map_in_order(die_at_three, range(10), 2))
