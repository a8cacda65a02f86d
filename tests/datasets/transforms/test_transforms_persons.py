import numpy as np
import pytest

from mmactrep.datasets.transforms import MapLayout, SelectPersons
from mmactrep.datasets.transforms.persons import person_activity, select_persons
from mmactrep.structures import SkeletonLayout, get_layout


def crowd():
    """Still but spread out, empty, walking, trembling and small."""
    rng = np.random.default_rng(0)
    keypoint = np.zeros((4, 10, 5, 2), np.float32)
    keypoint[0] = np.arange(5)[:, None] * 30 + 10
    keypoint[2] = np.arange(5)[:, None] + np.arange(10)[:, None, None] * 3 + 100
    keypoint[3] = 50 + rng.choice([-2.0, 2.0], (10, 5, 2))
    score = np.ones((4, 10, 5), np.float32)
    score[1] = 0
    score[3] = 0.5
    return keypoint, score


def test_activity_measures():
    keypoint, score = crowd()
    # walking: 9 steps of 3 by 3, of 5 joints
    motion = person_activity(keypoint, score, 'motion')
    assert motion[0] == 0 and motion[1] == -1
    assert motion[2] == pytest.approx(9 * 5 * np.sqrt(18), rel=1e-5)
    deviation = person_activity(keypoint, score, 'deviation')
    assert deviation[0] == pytest.approx(2 * np.std(np.arange(5) * 30), rel=1e-5)
    assert deviation[3] == pytest.approx(4, rel=0.05)
    np.testing.assert_allclose(person_activity(keypoint, score, 'score'), [50, -1, 50, 25])


def test_the_most_active_come_first():
    keypoint, score = crowd()
    assert select_persons(keypoint, score, 2, 'motion').tolist() in ([2, 3], [3, 2])
    assert select_persons(keypoint, score, 2, 'deviation').tolist() == [0, 2]
    assert select_persons(keypoint, score, 2, 'score').tolist() == [0, 2]  # equals in their order
    assert select_persons(keypoint, score, 9, 'deviation').tolist() == [0, 2, 3]  # none empty
    assert select_persons(keypoint, score * 0, 2, 'motion').tolist() == [0]


def test_missing_joints_do_not_count_as_motion():
    keypoint = np.full((2, 6, 3, 2), 100, np.float32)
    score = np.ones((2, 6, 3), np.float32)
    keypoint[1, :, 0, 0] += np.arange(6)
    score[0, ::2, 1] = 0  # flickers between its place and 0
    keypoint[0, ::2, 1] = 0
    assert person_activity(keypoint, score, 'motion').tolist() == [0, 5]
    assert person_activity(keypoint, score, 'deviation')[0] == 0


def test_select_persons_transform():
    keypoint, score = crowd()
    out = SelectPersons(2, by='deviation')(dict(keypoint=keypoint, keypoint_score=score))
    np.testing.assert_array_equal(out['keypoint'], keypoint[[0, 2]])
    np.testing.assert_array_equal(out['keypoint_score'], score[[0, 2]])


def lcrnet_clip():
    layout = get_layout('lcrnet13')
    keypoint = np.random.default_rng(0).uniform(1, 9, (2, 4, 13, 2)).astype(np.float32)
    return dict(
        keypoint=keypoint, keypoint_score=np.ones((2, 4, 13), np.float32), layout=layout, frame_dir='a'
    )


def test_thirteen_joints_become_seventeen():
    ann = lcrnet_clip()
    out = MapLayout('posetics17')(dict(ann))
    # reference-facts, section 2, by number
    k = ann['keypoint']
    neck, hip = (k[:, :, 10] + k[:, :, 11]) / 2, (k[:, :, 4] + k[:, :, 5]) / 2
    expected = [k[:, :, 12], (k[:, :, 12] + neck) / 2, neck, (neck + hip) / 2, hip]
    expected += [k[:, :, i] for i in (11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
    np.testing.assert_allclose(out['keypoint'], np.stack(expected, axis=2), atol=1e-5)
    assert out['layout'] == get_layout('posetics17')


def test_mapping_a_layout_to_itself_changes_nothing():
    ann = lcrnet_clip()
    out = MapLayout('lcrnet13')(dict(ann))
    np.testing.assert_array_equal(out['keypoint'], ann['keypoint'])


def test_two_layouts_of_one_name_are_told_apart():
    transform = MapLayout('lcrnet13')
    joints = get_layout('lcrnet13').joints
    renamed = SkeletonLayout('mine', joints, get_layout('lcrnet13').parents)
    reverse = SkeletonLayout('mine', joints[::-1], get_layout('lcrnet13').parents)
    ann = lcrnet_clip()
    np.testing.assert_array_equal(transform(ann | dict(layout=renamed))['keypoint'], ann['keypoint'])
    np.testing.assert_array_equal(
        transform(ann | dict(layout=reverse))['keypoint'], ann['keypoint'][:, :, ::-1]
    )


def test_joints_that_cannot_be_derived():
    layout = SkeletonLayout('legs', ('left_hip', 'left_knee'), {'left_knee': 'left_hip'})
    ann = dict(keypoint=np.ones((1, 2, 2, 2), np.float32), layout=layout)
    with pytest.raises(ValueError, match='right_ankle'):
        MapLayout('lcrnet13')(dict(ann))
    out = MapLayout('lcrnet13', allow_missing=True)(dict(ann))
    seen = [get_layout('lcrnet13').joints[i] for i in np.flatnonzero(out['keypoint_score'][0, 0])]
    assert sorted(seen) == ['left_hip', 'left_knee']
