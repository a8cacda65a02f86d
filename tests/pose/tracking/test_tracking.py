"""Linking persons over time."""

from __future__ import annotations

import numpy as np

from mmactrep.pose.tracking.association import associate
from mmactrep.pose.tracking.similarity import joint_sigmas
from mmactrep.pose.tracking.tracker import Tracker, TrackingSettings
from mmactrep.structures import get_layout
from tests.helpers.poses import persons, standing

SIGMAS = joint_sigmas(get_layout('coco17'))


def run(frames, **settings):
    """Frames of one or more experts' proposals to (track numbers by frame, keys by frame, tracker)."""
    tracker = Tracker(SIGMAS, TrackingSettings(**settings))
    numbers, keys = [], []
    for frame, proposals in enumerate(frames):
        proposals = proposals if isinstance(proposals, tuple) else (proposals,)
        found, _ = tracker.step(frame, proposals, associate(proposals, SIGMAS))
        for track, members in found:
            expert = int(np.argmax(members >= 0))
            person = members[expert]
            track.see(proposals[expert].keypoint[person], proposals[expert].score[person])
        found = sorted(found, key=lambda pair: pair[0].pose.keypoint[0, 0, 0])
        numbers.append([track.number for track, _ in found])
        keys.append([track.key for track, _ in found])
    return numbers, keys, tracker


def test_two_persons_keep_their_tracks_whatever_the_order():
    walk = [(standing(100 + 4 * t), standing(500 - 4 * t)) for t in range(20)]
    numbers, _, _ = run([persons(*(pair if t % 2 else pair[::-1])) for t, pair in enumerate(walk)])
    assert all(found == numbers[0] for found in numbers) and sorted(numbers[0]) == [0, 1]


def test_two_persons_crossing():
    # they pass each other at different depths: sizes differ, so the poses do
    walk = [(standing(8 * t, 50, 100), standing(320 - 8 * t, 40, 140)) for t in range(40)]
    tracker = Tracker(SIGMAS)
    history = []
    for frame, pair in enumerate(walk):
        proposals = (persons(*pair),)
        found, _ = tracker.step(frame, proposals, associate(proposals, SIGMAS))
        for track, members in found:
            track.see(pair[members[0]], np.ones(17))
        history.append({int(members[0]): track.number for track, members in found})
    assert history[0] == history[-1] and len(history[-1]) == 2


def test_a_person_of_the_first_frame_is_tracked_from_there():
    numbers, _, _ = run([persons(standing())] * 2)
    assert numbers == [[0], [0]]


def test_a_later_person_must_be_seen_several_times_or_by_two_experts():
    nobody, somebody = persons(), persons(standing())
    numbers, _, _ = run([nobody] + [somebody] * 4, min_hits=3)
    assert numbers == [[], [None], [None], [0], [0]]
    numbers, _, _ = run([(nobody, nobody)] + [(somebody, somebody)] * 2)
    assert numbers == [[], [0], [0]]
    numbers, _, _ = run([(nobody, nobody)] + [(nobody, somebody)] * 6, min_lone_hits=5)
    assert numbers == [[], [None], [None], [None], [None], [0], [0]]


def test_a_gap_is_survived_up_to_its_bound():
    for gap, same in ((4, True), (5, True), (6, False)):
        _, keys, _ = run([persons(standing())] * 3 + [persons()] * gap + [persons(standing())], max_gap=5)
        assert (keys[-1] == keys[0]) is same


def test_a_cut_ends_all_tracks():
    before = persons(standing(0), standing(200))
    after = persons(standing(90, 0, 180), standing(420, 90, 60))
    _, keys, _ = run([before] * 5 + [after] * 5)
    assert not set(keys[4]) & set(keys[5]) and keys[5] == keys[9]


def test_a_flicker_of_one_expert_is_no_track():
    somebody, other = standing(), standing(400)
    frames = [persons(somebody, other) if t % 10 == 5 else persons(somebody) for t in range(40)]
    numbers, _, _ = run(frames)
    assert {n for found in numbers for n in found} == {0, None}


def test_tracks_do_not_pile_up():
    # somebody new each time
    rng = np.random.default_rng(0)
    frames = [persons(standing(*rng.uniform(0, 5000, 2))) for _ in range(300)]
    _, keys, tracker = run(frames, max_gap=5)
    assert max(max(found) for found in keys) > 250 and len(tracker.tracks) <= 5


def test_views_that_experts_disagree_on_join_one_track():
    middle, left, right = standing(100), standing(78), standing(122)
    tracker = Tracker(SIGMAS)
    proposals = (persons(middle), persons(middle))
    ((track, _),), _ = tracker.step(0, proposals, associate(proposals, SIGMAS))
    track.see(middle, np.ones(17))
    proposals = (persons(left), persons(right))
    groups = associate(proposals, SIGMAS)
    assert len(groups) == 2  # too far from each other, both near the track
    found, _ = tracker.step(1, proposals, groups)
    assert [(t.key, members.tolist()) for t, members in found] == [(track.key, [0, 0])]


def test_two_persons_of_one_expert_never_join():
    tracker = Tracker(SIGMAS)
    tracker.step(0, (persons(standing(100)),), np.array([[0]]))
    proposals = (persons(standing(78), standing(122)),)
    found, _ = tracker.step(1, proposals, associate(proposals, SIGMAS))
    assert len({t.key for t, _ in found}) == 2


def test_empty_frames_cost_nothing_and_end_tracks():
    _, _, tracker = run([persons(standing())] + [persons()] * 50, max_gap=10)
    assert tracker.tracks == []
