"""Choosing the persons of a clip."""

from __future__ import annotations

import numpy as np

from mmactrep.datasets.converters.persons import Track, drop_noise, most_active_persons


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
        Track(np.arange(40), joints) for joints in (brief, person, broad, nobody, just_long_enough)
    )
    assert drop_noise([brief, person, broad, nobody, just_long_enough]) == [person, just_long_enough]
    # someone who lies on the ground alone is no noise
    assert drop_noise([broad]) == [broad]
    assert drop_noise([brief]) == [brief]
