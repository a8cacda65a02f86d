"""SST-A against its experts: the figures by hand, in head lengths, of the frames that they are of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmactrep.evaluation.aggregation import combine, evaluate, report
from mmactrep.evaluation.students import TruePictures, expert_errors
from mmactrep.pose.aggregation import aggregate
from mmactrep.structures import get_layout

LAYOUT = get_layout('lcrnet13')
# head 20 above the shoulders, between which the neck is: errors are in units of 20 pixels
BODY = np.array([(60.0, 150.0), (140.0, 150.0)] * 5 + [(95.0, 70.0), (105.0, 70.0), (100.0, 50.0)])
SHIFTS = np.array([4.0, 8.0, 16.0])


def moving(frames: int) -> tuple[np.ndarray, np.ndarray]:
    """A body that walks to the right, all joints seen."""
    return BODY + np.arange(frames)[:, None, None] * [3.0, 0.0], np.ones((frames, 13))


def proposals(frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Three experts, each wrong by one shift; the second misses everything in the last frame."""
    truth, score = moving(frames)
    votes, seen = truth + SHIFTS[:, None, None, None] * [1.0, 0.0], np.stack([score] * 3)
    seen[1, -1] = 0
    return votes, seen


def test_errors_of_every_method_by_hand():
    truth, votes = moving(5), proposals(5)
    errors, confidence = evaluate([truth, truth], [votes, votes], LAYOUT, ['a', 'b', 'c'])
    assert list(errors) == ['a', 'b', 'c', 'mean', 'median', 'SST-A']
    heads = SHIFTS / 20
    expected = dict(
        a=[heads[0]] * 5,
        b=[heads[1]] * 4 + [np.inf],
        c=[heads[2]] * 5,
        mean=[heads.mean()] * 4 + [heads[[0, 2]].mean()],
        median=[heads[1]] * 4 + [heads[[0, 2]].mean()],
    )
    for name, values in expected.items():
        np.testing.assert_allclose(errors[name], np.repeat(values * 2, 13).reshape(10, 13), err_msg=name)
    result = aggregate(*votes, LAYOUT)
    found = np.linalg.norm(result.keypoint - truth[0], axis=-1) / 20
    np.testing.assert_allclose(errors['SST-A'], np.concatenate([found, found]))
    np.testing.assert_allclose(confidence, np.tile(result.confidence, 2))


def test_the_report_counts_poses_without_a_confidence_as_kept():
    errors = {'SST-A': np.array([[0.2, 0.6], [0.2, np.inf], [3.0, 3.0], [0.4, np.nan]])}
    table = report(errors, np.array([0.5, np.nan, 0.1, 0.3]), [0.5], 0.18).splitlines()
    rows = {line[:18].strip(): line[18:].split() for line in table[1:]}
    # joints within half a head: three of seven, of those kept three of five; one joint is not known
    assert rows['SST-A'] == ['42.9%', '1.233', '14.3%', '100.0%']
    assert rows['SST-A, C >= 0.18'] == ['60.0%', '0.350', '20.0%', '75.0%']


def test_votes_of_nobody_are_no_pose():
    keypoint, score = np.ones((3, 1, 2, 2)), np.array([[[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 0.0]]])
    keypoint[0, 0, 0] = 3.0
    for median in (False, True):
        center, seen = combine(keypoint, score, median)
        np.testing.assert_allclose(center[0, 0], 2.0)
        assert seen.tolist() == [[1.0, 0.0]]


def test_experts_are_judged_on_the_frames_of_the_pictures(tmp_path):
    """Pictures of two clips in mixed order; SST-A sees whole clips, and each picture gets its own frame."""
    frames, clips = np.array([4, 1, 3, 2]), ['one', 'two', 'one', 'two']
    truth = {name: moving(6)[0] + offset for name, offset in (('one', 0.0), ('two', 40.0))}
    folders = {name: tmp_path / name for name in 'abc'}
    votes = {}
    for name, body in truth.items():
        drift = np.linspace(1, 3, 6)[None, :, None, None]
        votes[name] = body + SHIFTS[:, None, None, None] * drift * [1.0, 0.0]
        for folder, keypoint in zip(folders.values(), votes[name]):
            folder.mkdir(exist_ok=True)
            np.savez(folder / f'{name}.npz', keypoint=keypoint[None], keypoint_score=np.ones((1, 6, 13)))
    shown = np.stack([truth[name][frame] for name, frame in zip(clips, frames)])
    pictures = TruePictures(
        LAYOUT, [Path('x')] * 4, clips, frames, shown, np.ones((4, 13), np.float32), np.zeros((4, 4))
    )
    errors, confidence = expert_errors(pictures, folders)
    grown = np.linspace(1, 3, 6)[frames]
    for name, shift in zip('abc', SHIFTS):
        np.testing.assert_allclose(errors[name], np.repeat(shift * grown / 20, 13).reshape(4, 13))
    whole = {name: aggregate(each, np.ones((3, 6, 13)), LAYOUT).confidence for name, each in votes.items()}
    assert confidence == pytest.approx([whole[name][frame] for name, frame in zip(clips, frames)])
    assert len(np.unique(confidence.round(6))) == 4
