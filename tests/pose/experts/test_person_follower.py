"""Following persons in crops, tried with an estimator that sees colored squares for persons."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.experts.frame_cache import FrameCache
from mmactrep.pose.experts.movenet_poses import Square
from mmactrep.pose.experts.person_follower import PersonFollower
from mmactrep.pose.experts.person_search import Pose
from mmactrep.structures import get_layout
from mmactrep.structures.poses import FramePoses

LAYOUT = get_layout('coco17')
SIDE = 40
_SHAPE = np.random.default_rng(3).uniform(0, SIDE, (LAYOUT.num_joints, 2))


def person(x: float, y: float) -> Pose:
    """A body whose top left corner is there."""
    return Pose((_SHAPE + (x, y)).astype(np.float32), np.ones(LAYOUT.num_joints, np.float32))


def frame_with(*places: tuple[int, int]) -> np.ndarray:
    out = np.zeros((200, 600, 3), np.uint8)
    for number, (x, y) in enumerate(places):
        out[y, x] = number + 1
    return out


def places_in(frame: np.ndarray) -> np.ndarray:
    """(P, 2) x, y of the persons in a frame."""
    return np.argwhere(frame[..., 0])[:, ::-1]


class Finder:
    layout, frames = LAYOUT, FrameCache()

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame, thorough=False):
        self.calls += 1
        found = [person(*place) for place in places_in(frame)]
        if not found:
            return FramePoses.empty(LAYOUT.num_joints)
        return FramePoses(np.stack([p.keypoint for p in found]), np.stack([p.score for p in found]))


class Estimator:
    """Sees the person nearest to the middle of the square, if inside."""

    layout = LAYOUT

    def __init__(self) -> None:
        self.calls = 0

    def around(self, pose, layout):
        low, high = pose.keypoint.min(axis=0), pose.keypoint.max(axis=0)
        return Square(*((low + high) / 2).tolist(), 3.0 * SIDE)

    def __call__(self, frame, square):
        self.calls += 1
        places = places_in(frame)
        if not len(places):
            return None
        away = np.abs(places + SIDE / 2 - (square.x, square.y)).max(axis=1)
        if away.min() > square.side / 2:
            return None
        pose = person(*places[away.argmin()])
        return pose, self.around(pose, LAYOUT)


def follower(**options) -> PersonFollower:
    return PersonFollower(Estimator(), Finder(), **options)


def corners(poses: FramePoses) -> list[tuple[int, int]]:
    return [tuple(np.round(keypoint[0] - _SHAPE[0]).astype(int).tolist()) for keypoint in poses.keypoint]


def test_persons_are_followed_without_the_finder():
    watch = follower(search_every=100)
    for step in range(8):
        places = [(10 + 10 * step, 20), (400 - 10 * step, 100)]
        assert corners(watch(frame_with(*places))) == places
    assert watch.finder.calls == 1 and watch.estimator.calls == 2 * 8


def test_a_newcomer_is_found_when_it_is_time():
    watch = follower(search_every=4)
    counts = [len(watch(frame_with((20, 20), *([(300, 60)] if step else [])))) for step in range(6)]
    assert counts == [1, 1, 1, 1, 2, 2]


def test_whoever_is_lost_is_looked_for_at_once():
    watch = follower(search_every=100)
    watch(frame_with((20, 20), (300, 60)))
    assert corners(watch(frame_with((20, 20), (500, 60)))) == [(20, 20), (500, 60)]
    assert watch.finder.calls == 2
    assert corners(watch(frame_with((500, 60)))) == [(500, 60)]
    assert len(watch(frame_with())) == 0
    assert corners(watch(frame_with((70, 20)))) == [(70, 20)]


def test_two_who_end_at_one_person_are_told_apart_by_who_moved_less():
    watch = follower(search_every=100)
    watch(frame_with((100, 60), (140, 60)))
    # the second one is gone: its crop shows the first, who has not moved
    assert corners(watch(frame_with((100, 60)))) == [(100, 60)]
    # and back again: found by the search that a loss or the interval asks for
    watch.search_every = 1
    assert sorted(corners(watch(frame_with((100, 60), (140, 60))))) == [(100, 60), (140, 60)]


def test_whoever_two_searches_miss_is_let_go(monkeypatch):
    watch = follower(search_every=2)
    frame = frame_with((20, 20), (300, 60))
    assert len(watch(frame)) == 2
    blind = Finder()
    monkeypatch.setattr(watch, 'finder', lambda frame, thorough=False: blind(frame_with((20, 20))))
    # searched again in the frames 2 and 4
    assert [len(watch(frame)) for _ in range(5)] == [2, 2, 2, 1, 1]
    monkeypatch.undo()
    assert [len(watch(frame)) for _ in range(2)] == [2, 2]


def test_no_more_than_wanted_and_what_start_forgets():
    watch = follower(max_persons=2)
    assert len(watch(frame_with((20, 20), (200, 60), (400, 60)))) == 2
    watch.start()
    assert corners(watch(frame_with((400, 60)))) == [(400, 60)]


def test_all_are_found_anew_where_nobody_is_kept():
    watch = follower(keep=False)
    for step in range(3):
        assert len(watch(frame_with((20, 20), (300 + step, 60)))) == 2
    assert watch.finder.calls == 3


def test_a_finding_that_the_estimator_does_not_see_there_is_no_person(monkeypatch):
    watch = follower()
    monkeypatch.setattr(watch.estimator, 'around', lambda pose, layout: Square(560, 20, 10))
    assert len(watch(frame_with((20, 20)))) == 0
    for arguments in (dict(max_persons=0), dict(search_every=0)):
        with pytest.raises(ValueError, match='max_persons and search_every start at 1'):
            follower(**arguments)


def test_the_cache_computes_once_and_forgets_with_the_frame():
    cache, made = FrameCache(), []

    def compute():
        made.append(1)
        return len(made)

    frame, other = np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 3), np.uint8)
    assert [cache(frame, 'a', compute), cache(frame, 'a', compute), cache(frame, 'b', compute)] == [1, 1, 2]
    assert cache(other, 'a', compute) == 3 and len(cache) == 2
    del frame
    assert len(cache) == 1 and cache(other, 'a', compute) == 3


def test_halved_is_the_mean_of_blocks(rng):
    frame = rng.integers(0, 255, (101, 170, 3), dtype=np.uint8)
    small, factor = FrameCache().halved(frame, 25)
    assert factor == 4 and small.shape == (25, 42, 3)
    means = frame[:100, :168].reshape(25, 4, 42, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 1
    same, factor = FrameCache().halved(frame, 60)
    assert same is frame and factor == 1
