from __future__ import annotations

import itertools

import numpy as np
import pytest

from mmactrep.structures import SkeletonLayout, get_layout, list_layouts

# All pairs of layouts, and those that must map without a missing joint: whatever an estimator gives
# has to reach the 17 joints of Posetics and the 15 of the generators.
PAIRS = list(itertools.permutations(list_layouts(), 2))
COMPLETE = [(a, b) for a, b in PAIRS if b in ('posetics17', 'motion15', 'coco17', 'penn13', 'lcrnet13')]


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def random_clip(rng, layout, channels=2):
    return rng.normal(size=(2, 5, layout.num_joints, channels)).astype(np.float32) + 3


def test_lcrnet13_to_posetics17_is_the_interpolation_of_the_thesis(rng):
    """Section 3.7.1: each of the 17 joints written out from the 13, by number."""
    source, target = get_layout('lcrnet13'), get_layout('posetics17')
    x = random_clip(rng, source)
    neck = (x[..., 10, :] + x[..., 11, :]) / 2
    mid_hip = (x[..., 4, :] + x[..., 5, :]) / 2
    head = x[..., 12, :]
    expected = [head, (head + neck) / 2, neck, (neck + mid_hip) / 2, mid_hip]
    # Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank
    expected += [x[..., i, :] for i in (11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
    keypoint, score = source.mapping_to(target)(x)
    np.testing.assert_allclose(keypoint, np.stack(expected, axis=-2), rtol=1e-6)
    assert (score == 1).all()
    assert keypoint.dtype == score.dtype == np.float32
    assert keypoint.shape == (2, 5, 17, 2) and score.shape == (2, 5, 17)


def test_three_channels_and_no_leading_axis(rng):
    source, target = get_layout('lcrnet13'), get_layout('posetics17')
    x = random_clip(rng, source, channels=3)
    mapping = source.mapping_to(target)
    np.testing.assert_array_equal(mapping(x[0, 0])[0], mapping(x)[0][0, 0])
    assert mapping(x)[0].shape == (2, 5, 17, 3)


def test_missing_joints_stay_missing(rng):
    source, target = get_layout('lcrnet13'), get_layout('posetics17')
    x = random_clip(rng, source)
    x[..., source.index('left_shoulder'), :] = 0
    keypoint, score = source.mapping_to(target)(x)
    lost = target.indices(['left_shoulder', 'neck', 'nose', 'chest'])
    kept = sorted(set(range(17)) - set(lost))
    assert (keypoint[..., lost, :] == 0).all() and (score[..., lost] == 0).all()
    assert (keypoint[..., kept, :] != 0).all() and (score[..., kept] == 1).all()


def test_missing_is_told_frame_by_frame(rng):
    source, target = get_layout('lcrnet13'), get_layout('posetics17')
    x = random_clip(rng, source)
    x[1, 3, source.index('right_hip')] = 0
    score = source.mapping_to(target)(x)[1]
    lost = {(int(m), int(t), target.joints[v]) for m, t, v in np.argwhere(score == 0)}
    assert lost == {(1, 3, 'right_hip'), (1, 3, 'mid_hip'), (1, 3, 'chest')}


def test_score_of_a_derived_joint_is_its_least_sources(rng):
    source, target = get_layout('lcrnet13'), get_layout('posetics17')
    x = random_clip(rng, source)
    given = rng.uniform(0.1, 1, x.shape[:-1]).astype(np.float32)
    score = source.mapping_to(target)(x, given)[1]
    np.testing.assert_array_equal(score[..., target.index('chest')], given[..., [4, 5, 10, 11]].min(-1))
    np.testing.assert_array_equal(score[..., target.index('left_ankle')], given[..., 1])


def test_a_joint_of_score_zero_does_not_count_whatever_its_coordinate(rng):
    source, target = get_layout('lcrnet13'), get_layout('posetics17')
    x = random_clip(rng, source)
    given = np.ones(x.shape[:-1], np.float32)
    given[..., 12] = 0
    keypoint, score = source.mapping_to(target)(x, given)
    for joint in ('head', 'nose'):
        assert (keypoint[..., target.index(joint), :] == 0).all() and (
            score[..., target.index(joint)] == 0
        ).all()


def test_second_candidate_serves_where_the_first_misses(rng):
    """A head is the mean of the ears, and the nose where an ear is missing."""
    source, target = get_layout('coco17'), get_layout('penn13')
    x = random_clip(rng, source)
    x[0, 2, source.index('left_ear')] = 0
    given = np.any(x != 0, axis=-1).astype(np.float32)
    given[..., source.index('nose')] = 0.25 * given[..., source.index('nose')]
    keypoint, score = source.mapping_to(target)(x, given)
    head = target.index('head')
    ears = (x[..., source.index('left_ear'), :] + x[..., source.index('right_ear'), :]) / 2
    expected = ears.copy()
    expected[0, 2] = x[0, 2, source.index('nose')]
    np.testing.assert_allclose(keypoint[..., head, :], expected, rtol=1e-6)
    assert score[0, 2, head] == 0.25 and (score[..., head] == 0.25).sum() == 1
    x[0, 2, source.index('nose')] = 0
    keypoint, score = source.mapping_to(target)(x)
    assert (keypoint[0, 2, head] == 0).all() and score[0, 2, head] == 0


def test_joints_of_the_same_name_are_copied(rng):
    """BODY_25 begins with Motion15; Penn and LCRNet are the same joints in another order."""
    x = random_clip(rng, get_layout('body25'))
    np.testing.assert_array_equal(
        get_layout('body25').mapping_to(get_layout('motion15'))(x)[0], x[..., :15, :]
    )
    penn, lcrnet = get_layout('penn13'), get_layout('lcrnet13')
    x = random_clip(rng, penn)
    there = penn.mapping_to(lcrnet)(x)[0]
    np.testing.assert_array_equal(there[..., 12, :], x[..., 0, :])
    np.testing.assert_array_equal(there[..., 0, :], x[..., 12, :])
    np.testing.assert_array_equal(lcrnet.mapping_to(penn)(there)[0], x)


@pytest.mark.parametrize('name', list_layouts())
def test_mapping_to_itself_changes_nothing(rng, name):
    layout = get_layout(name)
    x = random_clip(rng, layout)
    x[0, 1, 2] = 0
    keypoint, score = layout.mapping_to(layout)(x)
    np.testing.assert_array_equal(keypoint, x)
    np.testing.assert_array_equal(score, np.any(x != 0, -1))


@pytest.mark.parametrize(('a', 'b'), PAIRS)
def test_mapping_commutes_with_shift_and_mirror(rng, a, b):
    source, target = get_layout(a), get_layout(b)
    mapping = source.mapping_to(target, allow_missing=True)
    x = random_clip(rng, source).astype(np.float64)
    keypoint, score = mapping(x)
    shifted, _ = mapping(x + [10, -20])
    made = score > 0
    assert made.any()
    np.testing.assert_allclose(shifted[made], keypoint[made] + [10, -20], rtol=1e-5)
    mirrored, _ = mapping(x[..., source.flip_order, :])
    np.testing.assert_allclose(mirrored, keypoint[..., target.flip_order, :], rtol=1e-5)


@pytest.mark.parametrize(('a', 'b'), COMPLETE)
def test_every_layout_reaches_the_common_targets(a, b):
    mapping = get_layout(a).mapping_to(get_layout(b))
    keypoint = np.ones((1, 1, get_layout(a).num_joints, 2), np.float32)
    assert (mapping(keypoint)[1] == 1).all()


def test_what_cannot_be_derived_is_refused_or_left_missing():
    source = get_layout('coco17')
    target = SkeletonLayout('cat', ('nose', 'tail', 'whisker'), dict(tail='nose', whisker='nose'))
    with pytest.raises(ValueError, match=r"'coco17' has nothing to derive \['tail', 'whisker'\] of 'cat'"):
        source.mapping_to(target)
    keypoint, score = source.mapping_to(target, allow_missing=True)(np.ones((1, 1, 17, 2), np.float32))
    assert score[0, 0].tolist() == [1, 0, 0]
    assert keypoint[0, 0].tolist() == [[1, 1], [0, 0], [0, 0]]


def test_custom_layout_maps_by_the_names_of_its_joints():
    source = SkeletonLayout(
        'bust',
        ('head', 'left_shoulder', 'right_shoulder'),
        dict(left_shoulder='head', right_shoulder='head'),
    )
    target = SkeletonLayout('spine', ('neck', 'nose'), dict(nose='neck'))
    keypoint, _ = source.mapping_to(target)(np.array([[0.0, 8.0], [2.0, 4.0], [4.0, 2.0]]))
    assert keypoint.tolist() == [[3.0, 3.0], [1.5, 5.5]]


def test_input_is_left_alone(rng):
    source = get_layout('lcrnet13')
    x = random_clip(rng, source)
    before = x.copy()
    source.mapping_to(get_layout('posetics17'))(x)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize('num_joints', [13, 33])
def test_another_number_of_joints_is_refused(num_joints):
    mapping = get_layout('coco17').mapping_to(get_layout('posetics17'))
    with pytest.raises(ValueError, match=f'17 joints.*{num_joints}'):
        mapping(np.ones((1, 1, num_joints, 2), np.float32))


def test_integer_pixels_are_not_truncated():
    x = np.zeros((13, 2), np.int64) + 1
    x[10], x[11] = 3, 4
    keypoint, _ = get_layout('lcrnet13').mapping_to(get_layout('posetics17'))(x)
    assert keypoint[2].tolist() == [3.5, 3.5]


def test_interpolated_joints_are_made_whatever_the_source_calls_so(rng):
    """posetics17's nose is the middle of head and neck; coco17's nose and ears give the head."""
    source, target = get_layout('coco17'), get_layout('posetics17')
    x = random_clip(rng, source)
    x[..., source.index('left_ear'), :][0, 1] = 0
    keypoint, _ = source.mapping_to(target)(x)

    def of(name):
        return x[..., source.index(name), :]

    head = (of('left_ear') + of('right_ear')) / 2
    neck = (of('left_shoulder') + of('right_shoulder')) / 2
    nose = (head + neck) / 2
    there = np.ones(x.shape[:-2], bool)
    there[0, 1] = False
    np.testing.assert_allclose(keypoint[..., target.index('nose'), :][there], nose[there], rtol=1e-5)
    # one ear is missing there: the nose stands for the head
    np.testing.assert_allclose(
        keypoint[0, 1, target.index('nose')], (of('nose')[0, 1] + neck[0, 1]) / 2, rtol=1e-5
    )
    copied, _ = target.mapping_to(target)(keypoint)
    np.testing.assert_array_equal(copied, keypoint)
