"""Experts for a stream are those that keep up: trials on first frames, by a clock that only work moves."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mmactrep.apis import ActionStream
from mmactrep.apis.stream_experts import TRIAL_FRAMES, FallingBehind, choose_experts, peek, time_stream
from mmactrep.apis.streaming import StreamStats
from mmactrep.video.frame_sources import FrameSource, StreamError
from tests.helpers.inference_fakes import FakeEstimator

# milliseconds a frame
COSTS = {('best',): 110, ('two', 'experts'): 70, ('fast',): 31}
CANDIDATES = list(COSTS)


class Clock:
    """Time that passes only when somebody works."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Costly(FakeEstimator):
    """An estimator whose frames take a known time; the first also loads a model for a minute."""

    def __init__(self, clock: Clock, milliseconds: float) -> None:
        super().__init__()
        self.clock, self.seconds, self.loaded, self.closed = clock, milliseconds / 1e3, False, False

    def update(self, frames, first=0):
        self.clock.now += self.seconds * len(frames) + (0 if self.loaded else 60)
        self.loaded = True
        return super().update(frames, first)

    def close(self):
        self.closed = True


@pytest.fixture
def choose(recognizer):
    """Choose for a source of ``count`` frames; the choice, the source and the estimators built."""

    def run(count=30, fps=25.0, rate=None, costs=COSTS, work_ms=0.0):
        clock, built = Clock(), {}

        def build(names):
            built[names] = Costly(clock, costs[names])
            return built[names]

        def work(_):
            clock.now += work_ms / 1e3

        source = FrameSource(numbered(count), fps, lambda: None, rate)
        choice, source = choose_experts(
            source,
            CANDIDATES,
            build,
            lambda estimator: ActionStream(recognizer, estimator, window=16, every=8),
            work if work_ms else None,
            clock,
        )
        return choice, source, built

    return run


def numbered(count: int):
    return (np.full((4, 4, 3), t, np.uint8) for t in range(count))


def test_the_first_that_keeps_up_is_chosen(choose):
    choice, source, built = choose(fps=25.0)
    assert choice.experts == ('fast',) and choice.keeps_up
    assert choice.fps == pytest.approx({names: 1000 / cost for names, cost in COSTS.items()})
    assert str(choice) == (
        'experts: fast, the first that keeps up; of 25 frames a second: '
        'best: 9.0; two + experts: 14; fast: 32'
    )
    assert [each.closed for each in built.values()] == [True, True, False]
    assert choice.estimator is built['fast',]
    assert [int(frame[0, 0, 0]) for frame in source.frames] == list(range(30)), 'the stream loses no frame'


def test_better_experts_are_not_given_up_without_need(choose):
    choice, _, built = choose(fps=9.0)
    assert choice.experts == ('best',) and list(built) == [('best',)], 'nothing else is loaded'
    assert choose(fps=14.0)[0].experts == ('two', 'experts')


def test_where_none_keeps_up_the_fastest_is_taken_and_said(choose):
    costs = {('best',): 300, ('two', 'experts'): 90, ('fast',): 100}
    choice, _, built = choose(fps=25.0, costs=costs)
    assert choice.experts == ('two', 'experts') and not choice.keeps_up
    assert 'two + experts, the fastest, and still too slow; of 25 frames a second' in str(choice)
    assert not built['two', 'experts'].closed and built['fast',].closed


def test_drawing_counts(choose):
    assert choose(fps=25.0, work_ms=0)[0].experts == ('fast',)
    choice = choose(fps=25.0, work_ms=20)[0]
    assert not choice.keeps_up and choice.fps['fast',] == pytest.approx(1000 / 51)


def test_the_rate_of_a_camera(choose):
    assert choose(fps=None, rate=9.0)[0].experts == ('best',)
    choice = choose(fps=None)[0]
    assert choice.rate == 25 and 'of 25 (assumed, the source states no rate) frames a second' in str(choice)


def test_a_rate_that_is_just_missed_does_not_read_as_reached(choose):
    choice = choose(fps=25.0, costs={('best',): 40.1, ('two', 'experts'): 41, ('fast',): 42})[0]
    assert not choice.keeps_up and 'best: 24;' in str(choice)


@pytest.mark.parametrize('count', [1, 3])
def test_a_short_source(choose, count):
    choice, source, _ = choose(count=count)
    assert choice.fps['fast',] == pytest.approx(1000 / 31)
    assert len(list(source.frames)) == count


def test_an_empty_source(choose):
    choice, source, _ = choose(count=0)
    assert choice.experts == ('best',) and list(source.frames) == []
    assert str(choice) == 'experts: best; the source has no frame to time them on'


def test_a_very_slow_candidate_is_not_tried_to_the_end(recognizer):
    clock = Clock()
    estimator = Costly(clock, 2000)
    stream = ActionStream(recognizer, estimator, window=16, every=8)
    assert time_stream(stream, list(numbered(TRIAL_FRAMES)), clock=clock) == pytest.approx(0.5)
    assert estimator.frames == [0, 1, 2]
    assert stream.drop, 'the stream drops late frames again'


def test_what_was_peeked_at_is_still_there_also_an_error():
    def breaks():
        yield from numbered(2)
        raise StreamError('no more')

    closed = []
    first, source = peek(FrameSource(breaks(), 5.0, lambda: closed.append(True)), 9)
    assert len(first) == 2 and not closed
    frames, seen = iter(source.frames), []
    with pytest.raises(StreamError, match='no more'):
        seen.extend(int(frame[0, 0, 0]) for frame in frames)
    assert seen == [0, 1] and closed


def test_a_stream_that_falls_behind_is_noticed_once():
    def stats(read, dropped):
        return StreamStats(read=read, processed=read - dropped, dropped=dropped, seconds=read / 25)

    behind = FallingBehind('; try others')
    assert behind.note(stats(20, 15)) is None, 'too early to say'
    assert behind.note(stats(100, 10)) is None, 'a few'
    said = behind.note(stats(100, 64))
    assert said == (
        'the experts fall behind: 9.0 of 25.0 frames a second, 64 of 100 frames dropped; try others'
    )
    assert behind.note(stats(200, 150)) is None, 'said once'


def test_candidates_are_known_experts_from_the_best(monkeypatch):
    from mmactrep.pose.experts import builder

    for group in ('mixed-trio', 'mediapipe-trio'):
        monkeypatch.setattr(builder, 'default_group', lambda group=group: group)
        candidates = builder.stream_candidates()
        assert candidates[0] == (group,)
        members = [builder.expand_groups(names) for names in candidates]
        assert [len(each) for each in members] == [3, 2, 1]
        assert all(re.match(r'mediapipe|movenet', name) for each in members for name in each)
        assert all(name in builder.EXPERTS for each in members for name in each)
