from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mmactrep.pose.experts import simulation as S
from mmactrep.structures import get_layout

LAYOUT = get_layout('penn13')


def person(frames=200):
    """One body that stands still: head 20 above the neck."""
    pose = np.zeros((frames, 13, 2))
    pose[:, 0] = (100, 50)
    for pair, (left, right) in enumerate(LAYOUT.side_pairs):
        pose[:, left], pose[:, right] = (110, 70 + 30 * pair), (90, 70 + 30 * pair)
    return pose, np.ones((frames, 13))


def runs(mask):
    """Lengths of the runs of True along the first axis of (T, n), those at the ends left out."""
    lengths = []
    for column in mask.T:
        edges = np.flatnonzero(np.diff(column.astype(int)))
        pieces = [(a, b) for a, b in pairwise(edges) if column[a + 1]]
        lengths += [b - a for a, b in pieces]
    return lengths


@pytest.mark.parametrize('failure', [S.Failure(0.2, 8), S.Failure(0.1, 1), S.Failure(0.7, 5)])
def test_bursts_have_their_share_and_length(failure, rng):
    on = S.bursts((2000, 60), failure, rng)
    assert on.mean() == pytest.approx(failure.share, abs=0.02)
    assert np.mean(runs(on)) == pytest.approx(failure.frames, rel=0.08)
    assert on[0].mean() == pytest.approx(failure.share, abs=0.2)  # no settling in


def test_no_share_is_no_failure(rng):
    assert not S.bursts((100, 5), S.Failure(), rng).any()
    pose, score = person()
    assert np.array_equal(S.mislocate(pose, 20, 2, S.Failure(), rng), pose)
    assert np.array_equal(S.drop_joints(score, S.Failure(), rng), score)


def test_jitter_has_its_level_and_drifts(rng):
    noise = S.jitter(np.zeros((5000, 13, 2)), 20, 0.1, rng)
    assert noise.std() == pytest.approx(2, rel=0.05)
    lagged = np.corrcoef(noise[:-1].ravel(), noise[1:].ravel())[0, 1]
    assert lagged == pytest.approx(0.6**2 * 0.9, abs=0.03)


def test_dropped_joints_fall_singly_and_missed_persons_whole(rng):
    score = np.ones((3000, 13))
    dropped = S.drop_joints(score, S.Failure(0.3, 5), rng) == 0
    assert dropped.mean() == pytest.approx(0.3, abs=0.03) and dropped.any(axis=1).mean() > 0.95
    missed = S.miss_person(score, S.Failure(0.3, 5), rng) == 0
    assert missed.mean() == pytest.approx(0.3, abs=0.06) and (missed.all(axis=1) == missed.any(axis=1)).all()


def test_mislocated_joints_stay_within_reach_and_where_they_went(rng):
    pose, _ = person(3000)
    shift = S.mislocate(pose, 20, 2, S.Failure(0.2, 10), rng) - pose
    away = np.linalg.norm(shift, axis=-1)
    assert away.max() <= 40 and (away > 0).mean() == pytest.approx(0.2, abs=0.03)
    # In a burst nothing moves; a change from one frame to the next is an end or a beginning.
    inside = (away[1:] > 0) & (away[:-1] > 0)
    stays = np.isclose(shift[1:], shift[:-1]).all(axis=-1)[inside]
    assert stays.all() and inside.any()


def test_swapped_sides_are_the_layouts(rng):
    pose, score = person(400)
    score[:, LAYOUT.index('left_knee')] = 0.25
    swapped, swapped_score = S.swap_sides(pose, score, LAYOUT, S.Failure(0.3, 5), rng)
    left, right = LAYOUT.index('left_wrist'), LAYOUT.index('right_wrist')
    arms = swapped[:, left, 0] == 90
    assert 0.1 < arms.mean() < 0.6
    assert np.array_equal(swapped[arms][:, [left, right]], pose[arms][:, [right, left]])
    assert np.array_equal(swapped[~arms][:, [left, right]], pose[~arms][:, [left, right]])
    legs = swapped[:, LAYOUT.index('left_ankle'), 0] == 90
    assert (legs != arms).any()
    assert np.array_equal(swapped_score[:, LAYOUT.index('right_knee')], np.where(legs, 0.25, 1))
    assert np.array_equal(swapped[:, 0], pose[:, 0])  # the head has no side


def test_a_wrong_person_is_there_as_a_whole(rng):
    pose, score = person(400)
    taken, taken_score = S.take_wrong_person(pose, score, pose + 500, score / 2, S.Failure(0.2, 5), rng)
    wrong = taken[:, 0, 0] > 500
    assert 0.05 < wrong.mean() < 0.5
    assert np.array_equal(taken, pose + 500 * wrong[:, None, None])
    assert np.array_equal(taken_score, np.where(wrong, 0.5, 1)[:, None] * score)


def test_truncation_misses_or_guesses():
    pose, score = person(1)
    feet = pose[0, :, 1] > 200
    cut, cut_score = S.truncate(pose, score, (0, 0, 640, 200))
    assert 0 < feet.sum() < 13 and np.array_equal(cut_score[0] == 0, feet) and np.array_equal(cut, pose)
    guessed, guessed_score = S.truncate(pose, score, (0, 0, 640, 200), guess=True)
    assert (guessed[0, feet, 1] == 200).all() and guessed_score.all()
    assert np.array_equal(guessed[0, ~feet], pose[0, ~feet])


@pytest.mark.parametrize('name', S.EXPERTS)
def test_presets_fail_as_their_family_does(name, rng):
    pose, score = person(2000)
    other = pose + 300, score
    proposed, proposed_score = S.EXPERTS[name].propose(pose, score, LAYOUT, rng, other)
    assert proposed.dtype == proposed_score.dtype == np.float32
    missing = proposed_score == 0
    assert not proposed[missing].any()
    partly = (missing.any(axis=1) & ~missing.all(axis=1)).mean()
    assert partly > 0.9 if name == 'bottom-up' else partly == 0
    error = np.linalg.norm(proposed - pose, axis=-1)[~missing] / 20
    assert 0.05 < np.median(error) < 0.5 and error.max() > 10  # wrong persons are 300 pixels away


def test_proposals_are_seeded_and_scale_with_the_body():
    pose, score = person(50)
    expert = S.TOP_DOWN_COARSE

    def propose(seed, factor=1.0):
        return expert.propose(factor * pose, score, LAYOUT, np.random.default_rng(seed))

    assert all(map(np.array_equal, propose(1), propose(1)))
    assert not np.array_equal(propose(1)[0], propose(2)[0])
    np.testing.assert_allclose(propose(1, 3.0)[0], 3 * propose(1)[0], rtol=1e-4, atol=1e-3)


def test_severity_scales_every_failure(rng):
    pose, score = person(50)
    harmless = S.BOTTOM_UP.scaled(0)
    proposed, proposed_score = harmless.propose(pose, score, LAYOUT, rng, (pose + 300, score))
    np.testing.assert_allclose(proposed, pose, rtol=1e-6)
    assert (proposed_score > 0).all()
    assert S.BOTTOM_UP.scaled(0.5).dropped[0] == S.Failure(0.11, 8)
    with pytest.raises(ValueError, match='0 <= share < 1'):
        S.BOTTOM_UP.scaled(10)


def test_what_the_truth_lacks_nobody_proposes(rng):
    pose, score = person(50)
    score[:, 3] = 0
    assert not S.TOP_DOWN.propose(pose, score, LAYOUT, rng)[1][:, 3].any()


def test_bad_input_is_refused(rng):
    pose, score = person(5)
    with pytest.raises(ValueError, match="'penn13' has 13 joints"):
        S.TOP_DOWN.propose(pose[:, :12], score[:, :12], LAYOUT, rng)
    with pytest.raises(ValueError, match='no frame has a head and a neck'):
        S.TOP_DOWN.propose(pose, 0 * score, LAYOUT, rng)
    for bad in ((-0.1, 1), (1, 1), (0.5, 0.5)):
        with pytest.raises(ValueError, match='0 <= share < 1 and frames >= 1'):
            S.Failure(*bad)
