"""Skeletons whose sides are not written as the built-in ones: mirrored right, or refused in a line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.transforms import RandomMirror
from mmactrep.errors import UserError
from mmactrep.store.layout_source import find_layout
from mmactrep.structures import SkeletonLayout, UnknownSidesError, get_layout
from mmactrep.structures.layout_content import LayoutError


def chain(name, joints, **options):
    """A layout whose joints hang on each other in a row."""
    return SkeletonLayout(name, joints, dict(zip(joints[1:], joints)), **options)


def clip(layout):
    keypoint = np.arange(2 * layout.num_joints, dtype=np.float32).reshape(1, 1, -1, 2) + 1
    return dict(keypoint=keypoint, keypoint_score=np.ones(keypoint.shape[:-1], np.float32), layout=layout)


@pytest.mark.parametrize(
    'joints',
    [
        ('Pelvis', 'LHip', 'RHip', 'LKnee', 'RKnee'),
        ('pelvis', 'l_hip', 'r_hip', 'l_knee', 'r_knee'),
        ('Hips', 'LeftUpLeg', 'RightUpLeg', 'LeftLeg', 'RightLeg'),
        ('hips', 'thigh.L', 'thigh.R', 'shin.L', 'shin.R'),
    ],
)
def test_sides_of_any_spelling_change_places_in_a_mirror(joints):
    layout = chain('mine', joints)
    assert layout.flip_order == (0, 2, 1, 4, 3)
    before = clip(layout)['keypoint'][0, 0]
    after = RandomMirror(p=1.0)(clip(layout))['keypoint'][0, 0]
    for joint, partner in ((0, 0), (1, 2), (2, 1), (3, 4), (4, 3)):
        np.testing.assert_array_equal(after[joint], before[partner] * (-1, 1))


REFUSED = [
    (
        ('a', 'b', 'c'),
        "layout 'mine' cannot be mirrored: no names of joints tell left from right among a, b, c",
    ),
    (('pelvis', 'gauche', 'droite'), 'no names of joints tell left from right'),
    (('neck', 'left_hip', 'right_hip', 'left_hand'), "'left_hand' has no partner"),
    (('left_shoulder', 'left_elbow'), "'left_shoulder' has no partner"),
]


@pytest.mark.parametrize(('joints', 'line'), REFUSED)
@pytest.mark.parametrize('p', [0.0, 1.0])
def test_a_layout_that_does_not_tell_its_sides_is_not_mirrored(joints, line, p):
    layout = chain('mine', joints)
    assert layout.bones  # it serves for everything else
    with pytest.raises(UnknownSidesError, match=line) as caught:
        RandomMirror(p=p)(clip(layout))
    assert 'pairs=' in str(caught.value) and '\n' not in str(caught.value)


def test_pairs_and_the_lack_of_sides_can_be_said():
    joints = ('pelvis', 'gauche', 'droite')
    assert chain('mine', joints, pairs=(('gauche', 'droite'),)).flip_order == (0, 2, 1)
    assert chain('rope', joints, pairs=()).flip_order == (0, 1, 2)
    with pytest.raises(ValueError, match="says that it has no sides, but 'LHip' and 'RHip' are sides"):
        chain('mine', ('LHip', 'RHip'), pairs=())


@pytest.mark.parametrize('pairs', [None, (), (('b', 'c'),)])
def test_what_is_known_of_the_sides_survives_a_file(pairs):
    layout = chain('mine', ('a', 'b', 'c'), pairs=pairs)
    again = SkeletonLayout.from_dict(json.loads(json.dumps(layout.to_dict())))
    assert again == layout
    if pairs is None:
        with pytest.raises(UnknownSidesError):
            again.check_sides()
    else:
        assert again.flip_order == layout.flip_order


def test_a_store_of_an_earlier_version_gets_its_sides():
    # written when only the prefixes left_ and right_ were read
    old = chain('mine', ('head', 'LHip', 'RHip')).to_dict() | dict(pairs=[])
    assert get_layout(old).flip_order == (0, 2, 1)


GOOD = dict(name='mine', joints=['hip', 'knee'], parents=dict(knee='hip'))
UNREADABLE = [
    (['hip'], r"a layout is a dictionary with name, joints, parents.*, found \['hip'\]"),
    ({}, 'layout None: .*this one lacks name, joints, parents'),
    (GOOD | dict(skin='green'), "layout 'mine': .* this one has 'skin'"),
    (GOOD | {1: 2}, 'this one has 1'),
    (GOOD | dict(name=['a']), "name must be a text of at most 100 characters, found \\['a'\\]"),
    (GOOD | dict(joints='hip'), "joints must be a list of at most 1000 names, found 'hip'"),
    (GOOD | dict(joints=['hip', 7]), r"joints must be .*found \['hip', 7\]"),
    (GOOD | dict(joints=['hip', '']), 'joints must be'),
    (GOOD | dict(joints=[f'j{i}' for i in range(10**6)]), 'joints must be a list of at most 1000 names'),
    (GOOD | dict(joints=['hip', 'hip']), 'joint names must be unique'),
    (GOOD | dict(joints=[]), 'joint names must be unique'),
    (GOOD | dict(joints=['x' * 10**6]), 'joints must be'),
    (GOOD | dict(parents=['hip']), 'parents must be a dictionary from joint to joint'),
    (GOOD | dict(parents=dict(knee=None)), 'parents must be'),
    (GOOD | dict(parents=dict(knee='toe')), r"parents name unknown joints \['toe'\]"),
    (GOOD | dict(parents=dict(knee='hip', hip='knee')), 'one joint must be the root'),
    (GOOD | dict(center=3), 'center must be the name of a joint, found 3'),
    (GOOD | dict(center='toe'), "no joint 'toe'"),
    (GOOD | dict(pairs=[['hip']]), 'pairs must be a list of pairs of names'),
    (GOOD | dict(pairs=[['hip', 'hip']]), 'one partner at most'),
    (GOOD | dict(pairs=[['hip', 'toe']]), "no joint 'toe'"),
    (GOOD | dict(interpolated='hip'), 'interpolated must be a list of names'),
    (GOOD | dict(interpolated=['toe']), "no joint 'toe'"),
]


@pytest.mark.parametrize(('content', 'line'), UNREADABLE)
def test_what_is_no_layout_is_one_line(tmp_path, content, line):
    with pytest.raises(LayoutError, match=line) as caught:
        SkeletonLayout.from_dict(content)
    assert '\n' not in str(caught.value) and len(str(caught.value)) < 600
    path = tmp_path / 'layout.json'
    path.write_text(json.dumps(content, default=str))
    with pytest.raises(UserError, match=r'layout\.json: ') as caught:
        find_layout(path)
    assert '\n' not in str(caught.value)


def test_the_sound_one_of_these_cases_is_read(tmp_path):
    assert SkeletonLayout.from_dict(GOOD).bones == ((1, 0),)


def test_nan_marks_a_missing_joint_in_a_pipeline():
    results = clip(get_layout('coco17'))
    expected = results['keypoint'].copy()
    results['keypoint'][0, 0, 3] = np.nan
    expected[0, 0, 3] = 0
    mirrored = RandomMirror(p=1.0)(results)
    assert mirrored['keypoint_score'][0, 0, 4] == 0 and mirrored['keypoint_score'].sum() == 16
    order = list(get_layout('coco17').flip_order)
    np.testing.assert_array_equal(mirrored['keypoint'], expected[:, :, order] * (-1, 1))


def test_nan_is_missing_for_a_mapping_too():
    source = get_layout('coco17')
    keypoint = np.ones((17, 2), np.float32)
    keypoint[source.index('left_hip')] = np.nan
    target = get_layout('posetics17')
    mapped, score = source.mapping_to(target)(keypoint, np.ones(17, np.float32))
    lost = target.indices(['mid_hip', 'chest', 'left_hip'])
    assert np.flatnonzero(score == 0).tolist() == sorted(lost)
    assert np.isfinite(mapped).all() and not mapped[lost].any()
