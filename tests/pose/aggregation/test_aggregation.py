from __future__ import annotations

import math

import numpy as np
import pytest

from mmactrep.pose.aggregation import sst_a as aggregation
from mmactrep.pose.aggregation.joint_selection import follow
from mmactrep.pose.aggregation.sst_a import BOX_SHARE, AggregationState, aggregate
from mmactrep.pose.aggregation.strict import aggregate_strict
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.body_length import NORMALIZERS, body_length
from tests.helpers.aggregation_oracle import aggregate_plain, aggregate_released_plain

# Head and neck of a layout: alternatives, each a list of joints to average.
ENDS = dict(
    posetics17=([[0]], [[2]]),
    coco17=([[3, 4], [0]], [[5, 6]]),
    penn13=([[0]], [[1, 2]]),
    ntu25=([[3]], [[20]]),
)
#: Three joints by which cases are made by hand.
BAR = SkeletonLayout('bar', ('head', 'neck', 'tail'), {'neck': 'head', 'tail': 'neck'})


def proposals(experts, frames, joints, channels=2, seen_share=0.6, seed=0):
    """Experts that wander about the same wandering truth, and whom they see."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0, 300, (joints, channels)) + 2 * rng.normal(size=(frames, joints, channels)).cumsum(
        0
    )
    keypoint = (truth + 8 * rng.normal(size=(experts, frames, joints, channels))).astype(np.float32)
    seen = rng.random((experts, frames, joints)) < seen_share
    return keypoint, seen * rng.uniform(0.1, 1, seen.shape).astype(np.float32)


def assert_plain(result, keypoint, seen, layout):
    head, neck = ENDS[layout]
    pose, chosen, confidence = aggregate_plain(
        keypoint.tolist(), seen.tolist(), head, neck, BOX_SHARE['head_neck']
    )
    assert result.chosen.tolist() == chosen
    empty = [0.0] * keypoint.shape[-1]
    assert result.keypoint.tolist() == [[empty if p is None else p for p in frame] for frame in pose]
    alone = ~(seen.sum(axis=0) > 1).any(axis=1) & seen.any(axis=(0, 2))
    assert np.isnan(result.confidence[alone]).all() and result.kept[alone].all()
    np.testing.assert_allclose(result.confidence[~alone], np.array(confidence)[~alone], atol=1e-6)


@pytest.mark.parametrize('seen_share', [1.0, 0.8, 0.3, 0.05])
@pytest.mark.parametrize(
    ('experts', 'layout', 'channels'),
    [(3, 'coco17', 2), (3, 'posetics17', 2), (2, 'penn13', 2), (1, 'coco17', 2), (5, 'ntu25', 3)],
)
def test_equations_written_out_joint_by_joint(experts, layout, channels, seen_share):
    keypoint, score = proposals(experts, 120, get_layout(layout).num_joints, channels, seen_share)
    assert_plain(aggregate(keypoint, score, layout), keypoint, score > 0, layout)


def test_long_sequences_cross_the_borders_of_chunks(monkeypatch):
    keypoint, score = proposals(3, 230, 17, seen_share=0.5)
    monkeypatch.setattr(aggregation, '_CHUNK', 50)
    assert_plain(aggregate(keypoint, score, 'coco17'), keypoint, score > 0, 'coco17')


def test_real_experts(shared_data):
    files = [
        shared_data / 'ssta_prs' / f'WatchTV_p02_r03_v05_c05_{expert}2d.npz'
        for expert in ('Alphapose', 'LCRNet', 'OP')
    ]
    tracks = [np.load(file)['kpts'] for file in files]
    frames = min(map(len, tracks))
    keypoint = np.stack([track[:frames] for track in tracks])
    result = aggregate(keypoint, None, 'coco17')
    assert_plain(result, keypoint, (keypoint != 0).any(-1), 'coco17')
    missing = (keypoint == 0).all(-1).mean((1, 2))
    assert missing[2] > 0.6 and (result.score > 0).all()


@pytest.mark.parametrize('size', [1, 7, 64])
def test_in_pieces_exactly_as_at_once(size):
    keypoint, score = proposals(3, 200, 17, seen_share=0.35)
    score[:, 40:55] = 0  # nobody sees the person for a while
    score[:, :30, :7] = 0  # nor, at first, the head and the shoulders
    whole = aggregate(keypoint, score, 'coco17')
    state, pieces = None, []
    for start in range(0, 200, size):
        rows = slice(start, start + size)
        pieces.append(aggregate(keypoint[:, rows], score[:, rows], 'coco17', state=state))
        state = pieces[-1].state
    for name in ('keypoint', 'score', 'chosen', 'confidence', 'kept', 'votes'):
        together = np.concatenate([getattr(piece, name) for piece in pieces])
        assert np.array_equal(together, getattr(whole, name)), name
    assert np.array_equal(state.keypoint, whole.state.keypoint)
    assert np.array_equal(state.seen, whole.state.seen) and state.length == whole.state.length


def by_hand(*experts, seen=None):
    """x coordinates of the tail of BAR [experts][frames], its head at (0, 10) and its neck at (0, 0)."""
    tail = np.array(experts, float)
    keypoint = np.zeros((*tail.shape, 3, 2))
    keypoint[:, :, 0] = (0, 10)
    keypoint[..., 2, 0] = tail
    score = np.ones(keypoint.shape[:3])
    if seen is not None:
        score[..., 2] = seen
    return keypoint, score


def test_the_first_frame_takes_the_closest_pair_and_the_next_the_closest_to_it():
    # Closest pair of 0, 7, 9 are experts 1 and 2: 7. Then 8 is closest to 7, then 6 to 8.
    result = aggregate(*by_hand([0, 1, 6], [7, 20, 30], [9, 8, 40]), BAR)
    assert result.chosen[:, 2].tolist() == [1, 2, 0]
    assert result.keypoint[:, 2, 0].tolist() == [7, 8, 6]


def test_ties_go_to_the_first_expert():
    result = aggregate(*by_hand([0, 1], [2, 3], [4, 1]), BAR)  # pairs (0, 1) and (1, 2) are as close; 0 then
    assert result.chosen[:, 2].tolist() == [0, 0]
    result = aggregate(*by_hand([5, 4], [5, 6], [9, 8]), BAR)  # 4 and 6 are as close to 5
    assert result.chosen[:, 2].tolist() == [0, 0]


def test_what_a_missing_joint_does():
    seen = np.array([[1, 0, 0, 1, 1], [1, 0, 0, 1, 0], [1, 1, 0, 1, 0]])
    keypoint, score = by_hand([3, 99, 99, 50, 9], [4, 99, 99, 8, 99], [30, 70, 99, 9, 99], seen=seen)
    result = aggregate(keypoint, score, BAR)
    # The first frame's pair; then the only voter, far as it is; nobody; the pair again (8 and 9 agree, though
    # 50 is closer to the 70 from before the gap); the only voter.
    assert result.chosen[:, 2].tolist() == [0, 2, -1, 1, 0]
    assert result.keypoint[:, 2, 0].tolist() == [3, 70, 0, 8, 9]
    assert result.score[:, 2].tolist() == [1, 1, 0, 1, 1]
    assert result.votes.tolist() == [3] * 5


def test_one_expert_alone_after_a_gap_is_taken():
    result = aggregate(*by_hand([5, 0, 5], [6, 0, 0], seen=np.array([[0, 0, 0], [1, 0, 1]])), BAR)
    assert result.chosen[:, 2].tolist() == [1, -1, 1]


def test_confidence_by_hand():
    # Aggregate 0; votes: three heads and necks at no distance, tails at 0, 1 and 6; D_normal = 10.
    result = aggregate(*by_hand([0], [1], [6]), BAR)
    assert result.confidence[0] == pytest.approx(math.exp(-(0 + 1 + 6) / 9 / 10))
    # The third expert misses the tail: eight votes.
    result = aggregate(*by_hand([0], [1], [6], seen=np.array([[1], [1], [0]])), BAR)
    assert result.confidence[0] == pytest.approx(math.exp(-1 / 8 / 10))
    result = aggregate(*by_hand([0], [1], [6]), BAR, joints=['tail'])
    assert result.confidence[0] == pytest.approx(math.exp(-7 / 3 / 10))
    # Box from (0, 0) to (0, 10) around the aggregate.
    result = aggregate(*by_hand([0], [1], [6]), BAR, normalizer='box')
    assert result.confidence[0] == pytest.approx(math.exp(-7 / 9 / 10))


def test_shoulders_normalize():
    keypoint, score = proposals(3, 1, 17, seen_share=1)
    result = aggregate(keypoint, score, 'coco17', normalizer='shoulders')
    pose = result.keypoint[0]
    distances = [math.dist(pose[v], expert[0, v]) for expert in keypoint for v in range(17)]
    assert result.confidence[0] == pytest.approx(
        math.exp(-np.mean(distances) / math.dist(pose[5], pose[6])), rel=1e-6
    )


def test_frames_below_the_threshold_are_marked_and_followed():
    keypoint, score = by_hand([0, 500, 900], [1, 800, 800])
    result = aggregate(keypoint, score, BAR)
    # Frame 1 moves on to 500 with C = exp(-300 / 6 / 10); frame 2 follows 500 to 800, not 0.
    assert result.confidence[1] == pytest.approx(math.exp(-5))
    assert result.kept.tolist() == [True, False, True]
    assert result.keypoint[:, 2, 0].tolist() == [0, 500, 800]
    assert aggregate(keypoint, score, BAR, threshold=math.exp(-5.001)).kept.all()


def test_a_single_vote_is_no_confidence():
    seen = np.array([[1, 1, 1, 0], [1, 0, 0, 0]])[..., None] * np.ones(3, int)
    seen[0, 2], seen[1, 2] = (1, 1, 0), (0, 0, 1)  # two experts, but no joint that both see
    keypoint, _ = by_hand([0, 5, 5, 5], [0, 9, 9, 9])
    result = aggregate(keypoint, seen.astype(np.float32), BAR, threshold=0.999)
    np.testing.assert_array_equal(result.confidence, np.float32([1, np.nan, np.nan, 0]))
    assert result.votes.tolist() == [2, 1, 2, 0]
    # nothing to compare is not below the threshold; nobody at all is
    assert result.kept.tolist() == [True, True, True, False]


def test_nobody_at_all_has_no_confidence():
    keypoint, score = proposals(3, 4, 17)
    result = aggregate(keypoint, np.zeros_like(score), 'coco17', threshold=0)
    assert not result.keypoint.any() and not result.score.any() and not result.kept.any()
    assert result.confidence.tolist() == [0] * 4 and result.votes.tolist() == [0] * 4
    assert (result.chosen == -1).all()


def test_without_head_the_last_length_holds_and_before_that_the_box():
    keypoint, score = by_hand([3, 3, 3], [4, 4, 4])
    score[:, 0, 0] = score[:, 2, 0] = 0
    keypoint[:, 1, 0] = (0, 20)
    result = aggregate(keypoint, score, BAR)
    # Frame 0: neck and tail span 3. Frame 1: 20, with six votes. Frame 2: still 20.
    expected = [math.exp(-1 / 4 / (0.14 * 3)), math.exp(-1 / 6 / 20), math.exp(-1 / 4 / 20)]
    np.testing.assert_allclose(result.confidence, expected, rtol=1e-6)


def test_coincident_head_and_neck_do_not_divide_by_zero():
    keypoint, score = by_hand([0], [1])
    keypoint[:, :, 0] = 0
    assert aggregate(keypoint, score, BAR).confidence.tolist() == [0]
    assert aggregate(keypoint * 0, score, BAR).confidence.tolist() == [1]


def test_without_scores_zero_means_missing_and_types_are_kept():
    keypoint, score = proposals(3, 20, 17)
    masked = keypoint * (score > 0)[..., None]
    with_mask, without = aggregate(keypoint, score > 0, 'coco17'), aggregate(masked, None, 'coco17')
    assert np.array_equal(with_mask.keypoint, without.keypoint) and without.keypoint.dtype == np.float32
    assert np.array_equal(with_mask.score, without.score) and set(np.unique(without.score)) == {0, 1}
    assert aggregate(keypoint.astype(float), score, 'coco17').keypoint.dtype == np.float64


def test_no_frames_give_no_frames_and_pass_the_state_on():
    keypoint, score = proposals(3, 5, 17)
    state = aggregate(keypoint, score, 'coco17').state
    nothing = aggregate(keypoint[:, :0], score[:, :0], 'coco17', state=state)
    assert nothing.keypoint.shape == (0, 17, 2) and nothing.confidence.shape == nothing.votes.shape == (0,)
    assert np.array_equal(nothing.state.keypoint, state.keypoint)


def test_coordinates_that_nobody_claims_may_be_anything():
    keypoint, score = by_hand([1, 2], [3, 4], seen=np.array([[1, 0], [1, 1]]))
    keypoint[0, 1, 2] = np.nan
    result = aggregate(keypoint, score, BAR)
    assert result.keypoint[:, 2, 0].tolist() == [1, 4] and np.isfinite(result.confidence).all()


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(keypoint=np.zeros((3, 4, 13, 2))), r'17 joints of coco17.*found \(3, 4, 13, 2\)'),
        (dict(keypoint=np.zeros((3, 4, 17))), r'found \(3, 4, 17\)'),
        (dict(keypoint=np.zeros((3, 4, 17, 4))), '2 or 3'),
        (dict(keypoint=np.zeros((0, 4, 17, 2))), '1 to 126 experts are needed, found 0'),
        (dict(score=np.ones((3, 4, 16))), r'scores must be \(3, 4, 17\).*found \(3, 4, 16\)'),
        (dict(score=np.full((3, 4, 17), np.nan)), 'scores of proposals must be finite'),
        (dict(keypoint=np.full((3, 4, 17, 2), np.inf)), "expert 0, frame 0: joint 'nose' has a score"),
        (dict(normalizer='torso'), "unknown normalizer 'torso'; there are head_neck, shoulders, box"),
        (dict(state=AggregationState(np.zeros((13, 2)), np.zeros(13, bool), 1.0)), 'of 13 joints in 2 ch'),
    ],
)
def test_bad_input_is_refused(change, message):
    arguments = dict(keypoint=np.zeros((3, 4, 17, 2)), score=None, layout='coco17')
    if 'keypoint' in change and change['keypoint'].ndim == 4:
        arguments['score'] = np.ones(change['keypoint'].shape[:3])
    with pytest.raises(ValueError, match=message):
        aggregate(**(arguments | change))


def test_unknown_joints_are_refused_by_name():
    with pytest.raises(KeyError, match="no joint 'neck'"):
        aggregate(np.zeros((3, 4, 17, 2)), None, 'coco17', joints=['neck'])
    arm = SkeletonLayout('arm', ('left_elbow', 'left_wrist'), {'left_wrist': 'left_elbow'})
    with pytest.raises(ValueError, match="'arm' has nothing to derive"):
        aggregate(np.zeros((3, 4, 2, 2)), None, arm)


def test_follow_steps_through_random_tables(rng):
    for steps in (1, 2, 3, 8, 30):
        table, first = rng.integers(0, 4, (4, steps, 3)), rng.integers(0, 4, 3)
        expected = [first.tolist()]
        for t in range(steps):
            expected.append([int(table[expected[-1][v], t, v]) for v in range(3)])
        assert follow(table, first).tolist() == expected


def test_lengths_of_bodies_by_hand():
    layout = get_layout('coco17')
    pose, score = np.zeros((3, 17, 2)), np.ones((3, 17))
    pose[:, 5:7] = [(10, 0), (20, 0)]
    pose[:, 3:5] = [(14, 8), (16, 8)]
    pose[:, 0] = (15, 6)
    score[1, 3] = 0  # an ear: the nose then
    score[2, 5] = 0
    np.testing.assert_allclose(body_length(pose, score, layout), [8, 6, np.nan])
    np.testing.assert_allclose(body_length(pose, score, layout, 'shoulders'), [10, 10, np.nan])
    np.testing.assert_allclose(body_length(pose[:1], score[:1], layout, 'box'), [math.hypot(20, 8)])
    assert np.isnan(body_length(pose, 0 * score, layout, 'box')).all()
    assert NORMALIZERS == ('head_neck', 'shoulders', 'box')


def strict_case(seed=0):
    rng = np.random.default_rng(seed)
    tracks = []
    for frames in (60, 58, 60):
        track = rng.uniform(50, 400, (17, 2)) + rng.normal(size=(frames, 17, 2)) * 30
        track[rng.random((frames, 17)) < 0.3] = 0
        tracks.append(track)
    return tracks


def assert_released(tracks, threshold):
    result = aggregate_strict(tracks, threshold)
    pose, confidence = aggregate_released_plain([track.tolist() for track in tracks], threshold)
    np.testing.assert_allclose(result.keypoint, np.reshape(pose, (-1, 17, 2)), atol=1e-4)
    np.testing.assert_allclose(result.confidence, confidence, atol=1e-4)
    return result


@pytest.mark.parametrize('seed', range(5))
def test_strict_is_the_authors_script(seed):
    result = assert_released(strict_case(seed), 0.06)
    assert not result.keypoint[-1].any() and result.confidence[-1] == 0 and (result.chosen[-1] == -1).all()


def test_strict_is_the_authors_script_on_their_files(shared_data):
    folder = shared_data / 'ssta_prs'
    tracks = [
        np.load(folder / f'WatchTV_p02_r03_v05_c05_{expert}2d.npz')['kpts']
        for expert in ('Alphapose', 'LCRNet', 'OP')
    ]
    assert len({len(track) for track in tracks}) == 2  # one is shorter
    result = assert_released(tracks, 0.06)
    assert 0.5 < result.kept.mean() < 1
    assert assert_released(tracks, 0.18).kept.sum() < result.kept.sum()


def test_strict_keeps_the_second_experts_joint_of_the_first_two_pairs():
    tracks = np.zeros((3, 3, 17, 2))
    tracks[:, :, 0, 0] = np.array([10, 11, 50])[:, None]  # pair (1, 2)
    tracks[:, :, 1, 0] = np.array([10, 50, 51])[:, None]  # pair (2, 3)
    tracks[:, :, 2, 0] = np.array([10, 50, 11])[:, None]  # pair (1, 3)
    assert aggregate_strict(tracks).keypoint[0, :3, 0].tolist() == [11, 50, 11]


@pytest.mark.parametrize('frames', [0, 1, 2])
def test_strict_of_few_frames(frames):
    assert_released([track[:frames] for track in strict_case()], 0.06)


def test_strict_refuses_what_the_script_does_not_take():
    with pytest.raises(ValueError, match='three experts, found 2'):
        aggregate_strict(strict_case()[:2])
    with pytest.raises(ValueError, match=r'expert 1: expected poses \(T, 17, 2\), found \(58, 16, 2\)'):
        tracks = strict_case()
        aggregate_strict([tracks[0], tracks[1][:, 1:], tracks[2]])
    with pytest.raises(ValueError, match='expert 0: coordinates must be finite'):
        aggregate_strict([np.full((4, 17, 2), np.nan)] * 3)
