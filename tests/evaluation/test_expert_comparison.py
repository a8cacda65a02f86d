"""Figures of experts against each other, on bodies whose distances and movements are plain."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.errors import InferenceError
from mmactrep.evaluation.expert_comparison import ExpertComparison, compare_experts, distances, movement
from mmactrep.pose.experts import PoseExpert
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses

COCO = get_layout('coco17')
HEAD = 20.0  # from the ears' middle to the shoulders' middle


def body(x: float = 100.0, y: float = 100.0) -> np.ndarray:
    """(17, 2) a person that faces the camera, with a head of 20 pixels."""
    pose = np.zeros((17, 2))
    places = dict(
        nose=(0, 2), eye=(3, -1), ear=(5, 0), shoulder=(15, HEAD), elbow=(20, 45), wrist=(22, 65),
        hip=(10, 70), knee=(11, 105), ankle=(12, 140),
    )  # fmt: skip
    for joint, name in enumerate(COCO.joints):
        side = -1 if name.startswith('left_') else 1
        dx, dy = places[name.removeprefix('left_').removeprefix('right_')]
        pose[joint] = x + side * dx, y + dy
    return pose


def frame(*bodies: np.ndarray, missing: tuple[str, ...] = ()) -> FramePoses:
    score = np.ones((len(bodies), 17))
    score[:, COCO.indices(missing)] = 0
    return FramePoses(np.array(bodies).reshape(-1, 17, 2), score)


class Prepared(PoseExpert):
    """An expert with prepared answers."""

    def __init__(self, name, frames, layout=COCO):
        self.name, self.frames, self.layout = name, frames, layout

    def predict(self, frames, first=0):
        return self.frames[first : first + len(frames)]


def compare(*experts, count=None):
    count = count or len(experts[0].frames)
    pictures = [np.zeros((4, 4, 3), np.uint8)] * count
    return compare_experts(experts, [('clip', [pictures[:3], pictures[3:]])], COCO)


def test_distance_in_heads_of_the_joints_that_both_saw():
    a, b = frame(body()), frame(body() + (3, 4), missing=('left_wrist',))
    found = distances(a, b, COCO)
    wrist = COCO.indices(('left_wrist',))[0]
    assert np.isnan(found[0, wrist])
    np.testing.assert_allclose(np.delete(found[0], wrist), 5 / HEAD, rtol=1e-5)


def test_a_body_without_a_head_is_measured_by_its_box():
    head = tuple(name for name in COCO.joints if name in ('nose', 'left_ear', 'right_ear'))
    a = frame(body(), missing=(*head, 'left_eye', 'right_eye'))
    b = FramePoses(a.keypoint + np.float32(3) * (a.score > 0)[..., None], a.score)
    box = np.hypot(2 * 22, 140 - HEAD)
    found = distances(a, b, COCO)
    np.testing.assert_allclose(found[a.score > 0], np.hypot(3, 3) / (0.14 * box), rtol=1e-4)


def test_even_motion_has_no_jitter_and_trembling_has():
    change, jitter = movement([frame(body(100 + 2 * t)) for t in range(6)], COCO)
    assert len(change) == 5 * 17 and len(jitter) == 4 * 17
    np.testing.assert_allclose(change, 2 / HEAD, rtol=1e-4)
    np.testing.assert_allclose(jitter, 0, atol=1e-5)
    change, jitter = movement([frame(body(100 + (-1) ** t)) for t in range(6)], COCO)
    np.testing.assert_allclose(change, 2 / HEAD, rtol=1e-4)
    np.testing.assert_allclose(jitter, 2 / HEAD, rtol=1e-4)


def test_persons_whose_order_changes_and_who_leave():
    still, moving = body(100), body(400)
    frames = [frame(still, moving), frame(moving, still), frame(still), frame(), frame(still, moving)]
    change, jitter = movement(frames, COCO)
    assert len(change) == 3 * 17 and len(jitter) == 17
    np.testing.assert_allclose(change, 0, atol=1e-6)
    np.testing.assert_allclose(jitter, 0, atol=1e-6)


def test_changes_are_in_lengths_of_the_later_body_and_jitter_in_those_of_the_middle_one():
    small = body()
    large = small.mean(axis=0) + 1.2 * (small - small.mean(axis=0))
    step = 0.2 * np.linalg.norm(small - small.mean(axis=0), axis=1)
    change, jitter = movement([frame(small), frame(large), frame(small)], COCO)
    np.testing.assert_allclose(change, np.concatenate([step / 1.2, step]) / HEAD, rtol=1e-3)
    np.testing.assert_allclose(jitter, step / 1.2 / HEAD, rtol=1e-3)


def test_experts_and_their_aggregate():
    one = Prepared('one', [frame(body(100 + t)) for t in range(8)])
    # lies 5 pixels beside the others, and is never chosen after them
    off = Prepared('off', [frame(body(100 + t) + (3, 4)) for t in range(8)])
    two = Prepared('two', [frame(body(100 + t), missing=('left_knee',)) for t in range(8)])
    found = compare(one, off, two).to_dict()
    assert found['frames'] == 8 and list(found['methods']) == ['one', 'off', 'two', 'SST-A']
    assert found['methods']['one']['distance'] == pytest.approx(
        {'off': 5 / HEAD, 'two': 0, 'SST-A': 0}, abs=0.02
    )
    assert found['methods']['off']['distance'] == pytest.approx(
        {'one': 5 / HEAD, 'two': 5 / HEAD, 'SST-A': 5 / HEAD}, abs=0.02
    )
    assert found['methods']['two']['missing'] == pytest.approx(1 / 17)
    assert found['methods']['SST-A']['missing'] == 0
    assert all(row['change'] == pytest.approx(1 / HEAD, rel=1e-3) for row in found['methods'].values())


def test_frames_by_their_number_of_persons():
    pair = frame(body(100), body(400))
    a = Prepared('a', [pair, pair, frame(), frame(body(100))])
    b = Prepared('b', [pair] * 4)
    found = compare(a, b)
    assert found.figures[0].persons == {2: 2, 0: 1, 1: 1}
    assert found.figures[1].persons == found.figures[2].persons == {2: 4}
    assert found.figures[0].share(1, np.inf) == 0.75
    table = found.table().splitlines()
    assert table[2].startswith('| a | 25 % | 25 % | 50 % | 0 % | 0.0 % |')


def test_joints_that_a_layout_lacks_are_not_missing():
    joints = [name for name in COCO.joints if name.endswith(('shoulder', 'elbow', 'wrist', 'hip'))]
    arms = SkeletonLayout('arms', joints, dict.fromkeys(joints[1:], joints[0]))
    bare = FramePoses(body()[None, COCO.indices(joints)], np.ones((1, len(joints))))
    found = compare(Prepared('coco', [frame(body())] * 4), Prepared('arms', [bare] * 4, arms))
    assert found.possible.sum(axis=1).tolist() == [17, 8, 17]
    assert found.figures[1].missing.value == 0 and found.figures[1].missing.count == 4 * 8


def test_what_the_experts_say_of_a_video_is_kept():
    a, b = (Prepared(name, [frame(body())] * 4) for name in 'ab')
    b.notes = lambda: ['its poses end early']
    assert compare(a, b).notes == ['clip: b: its poses end early']


def test_nobody_anywhere():
    found = compare(Prepared('a', [frame()] * 4), Prepared('b', [frame()] * 4))
    assert found.table().splitlines()[2] == '| a | 100 % | 0 % | 0 % | 0 % |  |  |  |  |  |  |'
    assert found.to_dict()['methods']['a']['missing'] is None


def test_what_cannot_be_compared():
    with pytest.raises(InferenceError, match='at least two experts to compare, found 1'):
        compare(Prepared('a', [frame()] * 4))
    with pytest.raises(ValueError, match='2 methods with equally many frames'):
        ExpertComparison('ab', COCO, np.ones((2, 17))).add([[frame()], [frame()] * 2])
