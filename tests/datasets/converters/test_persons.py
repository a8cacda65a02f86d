"""Choosing the persons of a clip."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from mmactrep.datasets.converters.persons import (
    BodyTrack,
    choose_persons,
    drop_noise,
    join_tracks,
    most_active_persons,
)


def _person(rng, frames, total, spread, step):
    """Someone ``spread`` = (breadth, height) large, who moves by ``step`` a frame."""
    out = np.zeros((total, 25, 3), np.float32)
    body = rng.uniform(0, 1, (25, 3)) * [*spread, 0.2]
    body[0], body[1] = 0, [*spread, 0.2]
    out[:frames] = 3 + body + step * np.arange(frames)[:, None, None]
    return out


def test_most_active_persons_by_deviation_written_out():
    rng = np.random.default_rng(0)
    steps = (0.01, 0.1, 0.0, 0.05)
    keypoint = np.stack([_person(rng, 20, 30, (0.5, 1.7), step) for step in steps])
    deviations = []
    for person in keypoint:
        there = person[:20].reshape(-1, 3).astype(float)
        deviations.append(sum(np.sqrt(np.mean((there[:, c] - there[:, c].mean()) ** 2)) for c in range(3)))
    expected = sorted(range(4), key=lambda m: -deviations[m])
    assert most_active_persons(keypoint, 2).tolist() == expected[:2] == [1, 3]
    assert most_active_persons(keypoint, 9).tolist() == expected


def test_absent_frames_do_not_count_as_motion():
    rng = np.random.default_rng(0)
    often_away = _person(rng, 15, 100, (0.5, 1.7), 0.0)
    moving = _person(rng, 100, 100, (0.5, 1.7), 0.02)
    nobody = np.zeros_like(moving)
    assert most_active_persons(np.stack([nobody, often_away, moving]), 3).tolist() == [2, 1, 0]


def test_noise_is_dropped_while_somebody_remains():
    rng = np.random.default_rng(0)
    person = _person(rng, 40, 40, (0.5, 1.7), 0.01)
    brief = _person(rng, 10, 40, (0.5, 1.7), 0.01)
    just_long_enough = _person(rng, 11, 40, (0.5, 1.7), 0.01)
    broad = _person(rng, 40, 40, (1.7, 0.5), 0.01)
    nobody = np.zeros_like(person)
    brief, person, broad, nobody, just_long_enough = (
        BodyTrack(np.arange(40), joints) for joints in (brief, person, broad, nobody, just_long_enough)
    )
    assert drop_noise([brief, person, broad, nobody, just_long_enough]) == [person, just_long_enough]
    # someone who lies on the ground alone is no noise
    assert drop_noise([broad]) == [broad]
    assert drop_noise([brief]) == [brief]


def _walk(rng, start, frames, first=0):
    """A body of 25 joints that walks along x by 2 cm a frame from ``start``, there from frame ``first``."""
    body = rng.uniform(0, 1, (25, 3)) * [0.5, 1.7, 0.2]
    steps = 0.02 * np.arange(frames)[:, None, None] * [1, 0, 0]
    return BodyTrack(np.arange(first, first + frames), (body + start + steps).astype(np.float32))


def _cut(track, *places):
    """Fragments of a track, cut before the given positions."""
    edges = [0, *places, len(track.frames)]
    return [
        BodyTrack(track.frames[low:high], track.joints[low:high]) for low, high in itertools.pairwise(edges)
    ]


def _same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one.frames, other.frames)
        np.testing.assert_array_equal(one.joints, other.joints)


@pytest.mark.parametrize('continued', [True, False])
def test_fragments_of_one_person_are_joined(rng, continued):
    whole = _walk(rng, (0, 0, 3), 60)
    _same(join_tracks(_cut(whole, 15, 30, 45), continued), [whole])
    # an id that changes in every frame, and fragments in any order
    _same(join_tracks(_cut(whole, *range(1, 60))[::-1], continued), [whole])


def test_two_persons_whose_ids_change_at_once_stay_apart(rng):
    left, right = _walk(rng, (-1, 0, 3), 60), _walk(rng, (1, 0, 3), 60)
    first, second = _cut(left, 30), _cut(right, 30)
    # listed so that taking them in order would exchange the two
    _same(join_tracks([*first[:1], *second, first[1]]), [left, right])


def test_persons_who_are_there_together_are_not_joined(rng):
    left, right = _walk(rng, (-1, 0, 3), 30), _walk(rng, (1, 0, 3), 30, first=29)
    _same(join_tracks([left, right]), [left, right])
    _same(join_tracks([left, right], continued=True), [left, right])


def test_only_what_goes_on_nearby_and_soon_continues_a_body(rng):
    whole = _walk(rng, (0, 0, 3), 100)
    near, late = _cut(whole, 20, 49)[::2], _cut(whole, 20, 60)[::2]
    assert len(join_tracks(near, continued=True)) == 1  # away for 29 frames, in which it went on by 0.6 m
    assert len(join_tracks(late, continued=True)) == 2
    assert len(join_tracks(late)) == 1
    far = [_walk(rng, (0, 0, 3), 20), _walk(rng, (2, 0, 3), 20, first=20)]
    assert len(join_tracks(far, continued=True)) == 2


def test_chosen_persons_are_whole_though_ids_flicker(rng):
    person, other = _walk(rng, (-1, 0, 3), 60), _walk(rng, (1, 0, 3), 60)
    # every fragment is shorter than what counts as noise, and a true short body is there beside them
    brief = _walk(rng, (0, 0, 6), 5, first=40)
    fragments = [*_cut(person, *range(5, 60, 5)), *_cut(other, 8, 17), brief]
    chosen = choose_persons(fragments, 60, 2)
    assert chosen.shape == (2, 60, 25, 3)
    expected = np.stack([person.joints, other.joints])
    order = [0, 1] if np.array_equal(chosen[0], expected[0]) else [1, 0]
    np.testing.assert_array_equal(chosen[order], expected)


def test_time_and_memory_of_many_ids_are_bounded(rng):
    """500 bodies of one frame each, anywhere."""
    tracks = [BodyTrack(np.array([t]), rng.uniform(-3, 3, (1, 25, 3)).astype(np.float32)) for t in range(500)]
    start = time.perf_counter()
    assert choose_persons(tracks, 500, 2).shape == (1, 500, 25, 3)
    assert time.perf_counter() - start < 5
