"""The pose estimator: experts, association, tracking and SST-A together."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.aggregation.sst_a import aggregate
from mmactrep.pose.estimator import PoseEstimator, map_frames
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.tracking.tracker import TrackingSettings
from mmactrep.structures import get_layout
from mmactrep.structures.poses import FramePoses
from tests.helpers.poses import ListedExpert, array_expert, persons, standing

COCO17 = get_layout('coco17')


def run(estimator, frames, batch=7):
    """All frames in batches; (online poses by frame, tracks)."""
    estimator.start()
    online = []
    for first in range(0, frames, batch):
        pictures = [np.zeros((2, 2, 3), np.uint8)] * min(batch, frames - first)
        online += estimator.update(pictures, first)
    return online, estimator.finish()


def noisy_walks(rng, length=30, experts=3, noise=2.0):
    """Two persons seen by several experts in different order: experts, and what they see [E, 2, T, 17, 2]."""
    truth = np.stack(
        [[standing(50 + 3 * t) for t in range(length)], [standing(600 - 3 * t) for t in range(length)]]
    )
    seen = truth + rng.normal(0, noise, (experts, *truth.shape))
    return [
        ListedExpert([persons(*seen[e, :: (-1 if (t + e) % 2 else 1), t]) for t in range(length)], f'e{e}')
        for e in range(experts)
    ], seen.astype(np.float32)


def test_each_track_is_sst_a_of_its_proposals(rng):
    experts, seen = noisy_walks(rng)
    online, tracks = run(PoseEstimator(experts), 30)
    assert [len(poses) for poses in online] == [2] * 30 and len(tracks) == 2
    for person in range(2):
        expected = aggregate(seen[:, person], np.ones(seen[:, person].shape[:-1]), COCO17)
        (track,) = [t for t in tracks if abs(t.keypoint[0, 0] - expected.keypoint[0, 0]).max() < 20]
        np.testing.assert_array_equal(track.keypoint, expected.keypoint)
        np.testing.assert_allclose(track.confidence, expected.confidence, rtol=1e-5)
        for t, poses in enumerate(online):
            (pose,) = [p for p in poses if p.track == track.track]
            np.testing.assert_array_equal(pose.keypoint, expected.keypoint[t])
            assert pose.votes == 3 and pose.frame == t


def test_one_expert_alone_is_sst_a_of_one_proposal(rng):
    poses = np.stack([standing(3 * t) for t in range(20)])
    poses[rng.random((20, 17)) < 0.2] = 0
    _, (track,) = run(PoseEstimator([array_expert(poses)], fill_gap=0), 20)
    expected = aggregate(poses[None], None, COCO17)
    np.testing.assert_array_equal(track.keypoint, expected.keypoint)
    np.testing.assert_array_equal(track.score, expected.score)
    assert np.isnan(track.confidence).all() and np.isnan(expected.confidence).all()
    assert track.votes.tolist() == [1] * 20


def test_the_result_does_not_depend_on_the_batches(rng):
    experts, _ = noisy_walks(rng)
    whole, single = (run(PoseEstimator(experts), 30, batch) for batch in (30, 1))
    for a, b in zip(whole[1], single[1], strict=True):
        np.testing.assert_array_equal(a.keypoint, b.keypoint)
    assert [[p.track for p in f] for f in whole[0]] == [[p.track for p in f] for f in single[0]]


def test_a_person_who_comes_back_is_chosen_as_in_the_first_frame(rng):
    near, far = standing(100), standing(106)
    # expert 0 is alone by itself; 1 and 2 are the closest pair, so the first frame takes expert 1
    frames = [(near, far, far + 0.5)] * 3 + [None] * 4 + [(near + 2, far, far + 0.5)]
    experts = [
        ListedExpert([persons() if f is None else persons(f[e]) for f in frames], f'e{e}') for e in range(3)
    ]
    _, (track,) = run(PoseEstimator(experts, fill_gap=0), 8)
    np.testing.assert_array_equal(track.keypoint[0], far)
    np.testing.assert_array_equal(track.keypoint[7], far)
    assert track.confidence[3:7].tolist() == [0] * 4 and not track.keypoint[3:7].any()
    # expert 0 alone at first: without the gap the last aggregate would have kept it
    alone = [(near, None, None)] * 3 + [None] * 4 + [(near, far, far + 0.5)]
    experts = [
        ListedExpert([persons(*([f[e]] if f and f[e] is not None else [])) for f in alone], f'e{e}')
        for e in range(3)
    ]
    _, (track,) = run(PoseEstimator(experts, fill_gap=0), 8)
    np.testing.assert_array_equal(track.keypoint[0], near)
    np.testing.assert_array_equal(track.keypoint[7], far)


def test_frames_before_the_confirmation_belong_to_the_track():
    somebody = [persons()] * 2 + [persons(standing())] * 5
    online, (track,) = run(PoseEstimator([ListedExpert(somebody)]), 7)
    assert (track.start, track.end) == (2, 7)
    assert [len(poses) for poses in online] == [0, 0, 0, 0, 1, 1, 1]


def test_poses_below_the_threshold_are_kept_and_told_or_discarded():
    good, bad = standing(100), standing(130)
    frames = [(good, good)] * 3 + [(good, bad)] + [(good, good)] * 3
    experts = [ListedExpert([persons(f[e]) for f in frames], f'e{e}') for e in range(2)]
    bounds = dict(tracking=TrackingSettings(min_similarity=0.0))
    _, tracks = run(PoseEstimator(experts, fill_gap=0, min_confidence=0.99, **bounds), 7)
    assert tracks[0].score[3].all() and tracks[0].confidence[3] < 0.99
    _, tracks = run(PoseEstimator(experts, fill_gap=0, min_confidence=0.99, discard=True, **bounds), 7)
    assert not tracks[0].score[3].any() and tracks[0].score[[2, 4]].all()


def test_what_a_single_expert_saw_is_no_agreement_and_survives_the_filter():
    both, alone = (standing(100), standing(101)), (standing(100), None)
    frames = [both] * 3 + [alone] * 2 + [both] * 3
    experts = [
        ListedExpert([persons(*([f[e]] if f[e] is not None else [])) for f in frames], f'e{e}')
        for e in range(2)
    ]
    online, (track,) = run(PoseEstimator(experts, fill_gap=0, discard=True), 8)
    assert track.votes.tolist() == [2, 2, 2, 1, 1, 2, 2, 2] and track.votes.dtype == np.int16
    assert np.isnan(track.confidence).tolist() == [False] * 3 + [True] * 2 + [False] * 3
    assert (track.score > 0).any(axis=1).all()
    assert [pose.votes for (pose,) in online] == track.votes.tolist()


def test_experts_of_other_layouts_are_mapped(rng):
    posetics = get_layout('posetics17')
    poses, scores = COCO17.mapping_to(posetics)(standing()[None], np.ones((1, 17), np.float32))
    experts = [
        ListedExpert([persons(standing())] * 3, 'coco'),
        ListedExpert([FramePoses(poses, scores)] * 3, 'posetics', 'posetics17'),
    ]
    online, (track,) = run(PoseEstimator(experts, 'posetics17'), 3)
    np.testing.assert_allclose(track.keypoint[0], poses[0], atol=1e-4)
    assert online[0][0].votes == 2
    _, (track,) = run(PoseEstimator(experts[1:], 'coco17'), 3)
    wrist = COCO17.index('left_wrist')
    np.testing.assert_allclose(track.keypoint[0, wrist], standing()[wrist], atol=1e-4)


def test_mapping_many_frames_at_once_equals_one_by_one():
    mapping = COCO17.mapping_to(get_layout('posetics17'))
    frames = [persons(standing(), standing(300)), persons(), persons(standing(40))]
    for found, frame in zip(map_frames(frames, mapping), frames, strict=True):
        np.testing.assert_array_equal(found.keypoint, frame.mapped(mapping).keypoint)
    assert [len(f) for f in map_frames([persons(), persons()], mapping)] == [0, 0]


def test_frames_may_be_dropped_but_not_come_back():
    estimator = PoseEstimator([ListedExpert([persons(standing())] * 50)])
    estimator.start()
    picture = [np.zeros((2, 2, 3), np.uint8)]
    found = [estimator.update(picture, frame)[0] for frame in (0, 3, 4, 9)]
    assert [[p.track for p in poses] for poses in found] == [[0]] * 4
    with pytest.raises(ValueError, match='frame 9 comes after frame 9'):
        estimator.update(picture, 9)
    (track,) = estimator.finish()
    assert (track.start, track.end) == (0, 10)


def test_start_forgets_the_video_before():
    expert = ListedExpert([persons(standing())] * 5)
    estimator = PoseEstimator([expert])
    for _ in range(2):
        online, tracks = run(estimator, 5)
        assert online[0][0].track == 0 and len(tracks) == 1 and len(tracks[0]) == 5
    assert estimator.num_frames == 5 and set(estimator.timings) == {'listed', 'aggregation'}


def test_online_only_keeps_nothing():
    estimator = PoseEstimator([ListedExpert([persons(standing())] * 5)], online_only=True)
    estimator.start()
    assert len(estimator.update([None] * 5)) == 5
    with pytest.raises(RuntimeError, match='online_only'):
        estimator.finish()


def test_windows_of_the_tracks_are_those_of_the_whole(rng):
    experts, _ = noisy_walks(rng)
    for expert in experts:
        expert.frames[12] = persons()  # a gap that the border of a window lies in
    estimator = PoseEstimator(experts)
    _, tracks = run(estimator, 30)
    run_again = PoseEstimator(experts)
    run_again.start()
    run_again.update([None] * 30, 0)
    for start, end in ((0, 12), (12, 13), (13, 30)):
        cut = {track.track: track for track in run_again.finished_tracks(start, end)}
        for track in tracks:
            np.testing.assert_array_equal(cut[track.track].keypoint, track.keypoint[start:end])


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match='at least one expert'):
        PoseEstimator([])

    class Short(ListedExpert):
        def predict(self, frames, first=0):
            return super().predict(frames, first)[:-1]

    estimator = PoseEstimator([Short([], 'short')])
    estimator.start()
    with pytest.raises(ValueError, match='expert short gave poses of 1 frames, expected 2'):
        estimator.update([None, None])


def test_three_experts_of_a_real_video(shared_data):
    """The person who watches TV is one track; the second person, whom AlphaPose jumps to, is another."""
    names = ('Alphapose2d', 'LCRNet2d', 'OP2d')
    poses = [np.load(shared_data / 'ssta_prs' / f'WatchTV_p02_r03_v05_c05_{n}.npz')['kpts'] for n in names]
    estimator = PoseEstimator([array_expert(k, n) for k, n in zip(poses, names)])
    online, tracks = run(estimator, 1380, 64)
    assert len(tracks) <= 5
    first = tracks[0]
    assert len(first) == 1380 and (first.votes > 0).mean() > 0.99
    # C where there is one, and none where a single expert saw them
    np.testing.assert_array_equal(np.isnan(first.confidence), first.votes == 1)
    assert 0.01 < (first.votes == 1).mean() < 0.5 and first.votes.max() == 3
    assert all(any(p.track == first.track for p in found) for found in online)
    torso = COCO17.indices(['left_shoulder', 'right_shoulder'])
    assert np.ptp(first.keypoint[:, torso].mean(axis=1), axis=0).max() < 100  # never at the other person


def test_a_whole_untrimmed_video(shared_data):
    """34,520 frames, more than half of them empty: everybody seen is tracked, nobody invented."""
    poses = np.load(shared_data / 'tsu' / 'P11T13C03_LCRNet2d.npz')['kpts']
    there = (poses != 0).any(axis=(1, 2))
    _, tracks = run(PoseEstimator([array_expert(poses)], fill_gap=0), len(poses), 256)
    seen = np.zeros(len(poses), int)
    for track in tracks:
        rows = slice(track.start, track.end)
        own = (track.score > 0).any(axis=1)
        seen[rows] += own
        np.testing.assert_array_equal(track.keypoint[own], poses[rows][own])
    assert seen.max() == 1 and not seen[~there].any()
    assert seen.sum() > 0.99 * there.sum()
    assert len(tracks) < 60


def test_experts_that_may_work_in_threads_do_so_side_by_side():
    import threading

    barrier = threading.Barrier(2, timeout=20)

    class Threaded(PoseExpert):
        layout, threaded = get_layout('coco17'), True

        def __init__(self, name, x):
            self.name, self.x, self.threads = name, x, []

        def predict(self, frames, first=0):
            self.threads.append(threading.current_thread())
            barrier.wait()  # passed only if the other one works at the same time
            keypoint = np.random.default_rng(0).uniform(10, 50, (1, 17, 2)) + self.x
            return [FramePoses(keypoint, np.ones((1, 17))) for _ in frames]

    class Alone(Threaded):
        threaded = False

        def predict(self, frames, first=0):
            self.threads.append(threading.current_thread())
            return [FramePoses.empty(17) for _ in frames]

    experts = [Threaded('a', 0), Alone('b', 0), Threaded('c', 1)]
    estimator = PoseEstimator(experts)
    estimator.start()
    frames = [np.zeros((100, 100, 3), np.uint8)] * 3
    estimator.update(frames)
    track = estimator.finish()[0]
    assert track.votes.tolist() == [2, 2, 2]
    assert experts[1].threads == [threading.current_thread()]
    assert experts[0].threads[0] not in (threading.current_thread(), experts[2].threads[0])
    assert set(estimator.timings) == {'a', 'b', 'c', 'aggregation'}
    estimator.close()

    def fail(frames, first=0):
        barrier.wait()
        raise KeyError('broken')

    experts[2].predict = fail
    estimator.start()
    with pytest.raises(KeyError, match='broken'):
        estimator.update(frames)
    estimator.close()
