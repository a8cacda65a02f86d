"""Ranking, gap filling and packing of tracks, and the recorder that keeps them."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.tracking.recorder import TrackRecorder
from mmactrep.pose.tracking.tracks import TrackStatistics, assign_slots, fill_gaps, pack_tracks
from mmactrep.structures.poses import PoseTrack, TrackedPose
from tests.helpers.poses import standing


def track(number, start, keypoint, score=None):
    score = np.ones(keypoint.shape[:2], np.float32) if score is None else score
    seen = (score > 0).any(axis=1)
    return PoseTrack(number, start, keypoint, score, np.float32(seen), seen * np.int16(1 + number % 3))


def still(length, x=0.0):
    return np.repeat(standing(x)[None], length, axis=0)


def walking(length, step=3.0):
    return np.stack([standing(step * t) for t in range(length)])


def test_activity_is_the_deviation_over_the_diagonal():
    poses = walking(50)
    box = np.ptp(poses[0], axis=0)
    expected = (3 * np.arange(50)).std() / np.hypot(*box)
    found = TrackStatistics.of(poses, np.ones((50, 17)))
    assert found.activity == pytest.approx(expected, rel=1e-5)
    assert found.rank == pytest.approx(50 * (1 + expected), rel=1e-5)
    assert TrackStatistics.of(still(50), np.ones((50, 17))).activity == pytest.approx(0, abs=1e-4)


def test_missing_joints_are_no_movement():
    poses, score = still(30), np.ones((30, 17))
    score[::2, 9] = 0
    poses[::2, 9] = 0
    score[10] = poses[10] = 0
    found = TrackStatistics.of(poses, score)
    assert found.activity == pytest.approx(0, abs=1e-4) and found.frames == 29


def test_statistics_of_parts_add_up(rng):
    poses, score = (
        walking(40) + rng.normal(0, 3, (40, 17, 2)),
        rng.random((40, 17)) * (rng.random((40, 17)) > 0.3),
    )
    parts = TrackStatistics.of(poses[:13], score[:13]) + TrackStatistics.of(poses[13:], score[13:])
    whole = TrackStatistics.of(poses, score)
    assert parts.rank == pytest.approx(whole.rank) and parts.frames == whole.frames


def rank_tracks(tracks):
    """By falling rank, of equals the first."""
    ranks = [TrackStatistics.of(each.keypoint, each.score).rank for each in tracks]
    return [tracks[i] for i in np.argsort(-np.array(ranks), kind='stable')]


def test_rank_by_length_and_activity():
    tracks = [
        track(0, 0, still(60)),
        track(1, 0, walking(50)),
        track(2, 0, walking(10)),
        track(3, 9, still(60)),
    ]
    assert [found.track for found in rank_tracks(tracks)] == [1, 0, 3, 2]


def test_gaps_are_filled_on_a_straight_line_up_to_the_bound():
    poses, score = walking(12, step=6), np.full((12, 17), 0.8, np.float32)
    score[3:5, 7] = 0  # two frames of one joint
    score[6:11, 9] = 0  # five frames
    score[:2, 0] = 0  # no end to begin from
    score[2, 7] = 0.5
    broken = np.where(score[..., None] > 0, poses, 0)
    filled = fill_gaps(track(0, 0, broken, score), max_gap=3)
    np.testing.assert_allclose(filled.keypoint[3:5, 7], poses[3:5, 7], atol=1e-3)
    np.testing.assert_array_equal(filled.score[3:5, 7], 0.5)  # the lesser of both ends
    assert not filled.score[6:11, 9].any() and not filled.keypoint[6:11, 9].any()
    assert not filled.score[:2, 0].any()
    untouched = np.ones_like(score, bool)
    untouched[3:5, 7] = False
    np.testing.assert_array_equal(filled.score[untouched], score[untouched])
    assert fill_gaps(track(0, 0, broken, score), 5).score[6:11, 9].all()
    np.testing.assert_array_equal(fill_gaps(track(0, 0, broken, score), 0).score, score)


def test_a_frame_without_the_person_keeps_confidence_0():
    poses, score = walking(5), np.ones((5, 17), np.float32)
    poses[2] = score[2] = 0
    filled = fill_gaps(track(0, 0, poses, score), 1)
    np.testing.assert_allclose(filled.keypoint[2], walking(5)[2], atol=1e-3)
    assert filled.confidence.tolist() == [1, 1, 0, 1, 1]


def test_slots_are_shared_by_tracks_that_follow_one_another():
    assert assign_slots([(0, 10), (5, 15), (10, 20), (15, 20), (8, 9)], 2) == [0, 1, 0, 1, -1]
    assert assign_slots([], 2) == []


def test_packing_by_hand():
    tracks = [
        track(0, 2, walking(4)),
        track(1, 0, still(3, 50)),
        track(2, 6, still(2)),
        track(3, 20, still(9)),
    ]
    keypoint, score = pack_tracks(tracks, 1, 8, max_persons=2)
    assert keypoint.shape == (2, 7, 17, 2)
    np.testing.assert_array_equal(keypoint[0, 1:5], walking(4))  # frames 2 to 5
    np.testing.assert_array_equal(keypoint[0, 5:7], still(2))  # frames 6 and 7, after it
    np.testing.assert_array_equal(keypoint[1, :2], still(3, 50)[1:])  # cut at the clip's start
    assert score[:, :, 0].tolist() == [[0, 1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0, 0]]
    assert not keypoint[score == 0].any()
    assert pack_tracks(tracks, 10, 15, 2) is None


def record(tracks, block=8, cut=()):
    recorder = TrackRecorder(17, block)
    for each in tracks:
        for t in range(len(each)):
            if (each.score[t] > 0).any():
                values = each.keypoint[t], each.score[t], float(each.confidence[t]), int(each.votes[t])
                recorder.add(each.track, TrackedPose(each.track, each.start + t, *values))
        recorder.end(each.track, None if each.track in cut else each.track)
    return recorder


def assert_same(a, b):
    assert (a.track, a.start, len(a)) == (b.track, b.start, len(b))
    for name in ('keypoint', 'score', 'confidence', 'votes'):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_recorder_gives_back_what_it_was_given_in_rank_order():
    gap = walking(30)
    score = np.ones((30, 17), np.float32)
    gap[11:19] = score[11:19] = 0
    tracks = [track(0, 4, still(20)), track(1, 0, gap, score), track(2, 100, walking(7))]
    recorder = record(tracks)
    found = list(recorder.tracks())
    for a, b in zip(found, rank_tracks(tracks), strict=True):
        assert_same(a, b)
    assert [each.track for each in recorder.tracks(min_length=20)] == [1, 0]
    recorder.close()
    assert list(recorder.tracks()) == []


def test_recorder_reads_a_window():
    recorder = record([track(0, 10, walking(50)), track(1, 0, still(12))])
    for start, end in ((0, 15), (17, 18), (20, 47), (55, 99)):
        expected = [
            each for each in ((0, 10, 60), (1, 0, 12)) if max(each[1], start) < min(each[2], end)
        ]  # fmt: skip
        found = list(recorder.tracks(start, end))
        assert [(each.track, each.start, each.end) for each in found] == [
            (number, max(first, start), min(last, end)) for number, first, last in expected
        ]
        for each in found:
            whole = walking(50)[each.start - 10 : each.end - 10] if each.track == 0 else still(len(each))
            np.testing.assert_array_equal(each.keypoint, whole)


def test_recorder_forgets_what_never_became_a_track():
    recorder = record([track(0, 0, still(20)), track(1, 0, still(20))], cut=(1,))
    assert [each.track for each in recorder.tracks()] == [0] and len(recorder) == 1
