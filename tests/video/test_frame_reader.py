"""Reading in a thread, dropping what is late."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from mmactrep.video.frame_reader import FrameReader, StreamError


def frames(count: int, delay: float = 0.0, fail_at: int | None = None):
    for number in range(count):
        if number == fail_at:
            raise OSError('the cable was pulled')
        time.sleep(delay)
        yield np.full((2, 2, 3), number % 256, np.uint8)


def test_every_frame_in_order_when_nothing_is_dropped():
    with FrameReader(frames(50), queue_size=2, drop=False) as reader:
        found = list(reader)
    assert [frame.number for frame in found] == list(range(50))
    assert [int(frame.image[0, 0, 0]) for frame in found] == list(range(50))
    assert (reader.num_read, reader.num_dropped) == (50, 0)


def test_a_slow_consumer_gets_the_newest_frames_in_order():
    found, ages = [], []
    with FrameReader(frames(60), fps=200, queue_size=2) as reader:
        for frame in reader:
            ages.append(time.monotonic() - frame.captured)
            time.sleep(0.03)  # six frames pass meanwhile
            found.append(frame.number)
    assert found == sorted(set(found))
    assert reader.num_read == 60
    assert reader.num_dropped == 60 - len(found) > 20
    assert found[-1] == 59, 'the last frame is never dropped'
    # at most queue_size frames wait, however long the stream is
    assert np.median(ages) < 0.05


def test_a_source_is_played_at_its_speed():
    begin = time.monotonic()
    with FrameReader(frames(21), fps=100, drop=False) as reader:
        times = [frame.captured - begin for frame in reader]
    assert times[-1] >= 0.2
    assert np.all(np.asarray(times) >= np.arange(21) / 100 - 1e-3)


def test_an_error_comes_after_the_frames_before_it():
    found: list[int] = []
    message = 'broke off after 4 frames: the cable was pulled'
    reader = FrameReader(frames(10, fail_at=4), drop=False)
    with reader, pytest.raises(StreamError, match=message) as caught:
        found.extend(frame.number for frame in reader)
    assert found == [0, 1, 2, 3]
    assert isinstance(caught.value.__cause__, OSError)


def test_leaving_early_ends_the_thread_and_closes_the_source():
    closed = threading.Event()

    def source():
        try:
            while True:
                yield np.zeros((1, 1, 3), np.uint8)
        finally:
            closed.set()

    before = threading.active_count()
    for drop in (True, False):
        closed.clear()
        with FrameReader(source(), queue_size=1, drop=drop) as reader:
            assert next(iter(reader)).image.shape == (1, 1, 3)
        assert closed.wait(2)
    assert threading.active_count() == before


def test_a_source_that_blocks_does_not_hold_up_the_end():
    release = threading.Event()

    def dead():
        yield np.zeros((1, 1, 3), np.uint8)
        release.wait(20)

    begin = time.monotonic()
    reader = FrameReader(dead())
    with reader:
        next(iter(reader))
        reader.close(timeout=0.1)
    release.set()
    assert time.monotonic() - begin < 5


def test_an_empty_source_and_a_wrong_queue():
    with FrameReader(iter([])) as reader:
        assert list(reader) == []
    with pytest.raises(ValueError, match='at least 1'):
        FrameReader([], queue_size=0)
