from __future__ import annotations

import importlib.util
import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from mmactrep.structures import (
    SkeletonLayout,
    check_joint_count,
    get_layout,
    layouts,
    list_layouts,
    register_layout,
)

NUM_JOINTS = dict(
    lcrnet13=13,
    posetics17=17,
    coco17=17,
    openpose18=18,
    body25=25,
    halpe26=26,
    ntu25=25,
    h36m17=17,
    motion15=15,
    blazepose33=33,
    penn13=13,
)
NAMES = sorted(NUM_JOINTS)

# Orders as the data sets and estimators state them, one word a joint.
ORDERS = dict(
    halpe26=(
        'nose Leye Reye Lear Rear Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank '
        'head neck mid_hip Lbig_toe Rbig_toe Lsmall_toe Rsmall_toe Lheel Rheel'
    ),
    lcrnet13='Rank Lank Rkne Lkne Rhip Lhip Rwri Lwri Relb Lelb Rsho Lsho head',
    posetics17='head nose neck chest mid_hip Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank',
    penn13='head Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank',
    motion15='nose neck Rsho Relb Rwri Lsho Lelb Lwri mid_hip Rhip Rkne Rank Lhip Lkne Lank',
    body25=(
        'nose neck Rsho Relb Rwri Lsho Lelb Lwri mid_hip Rhip Rkne Rank Lhip Lkne Lank '
        'Reye Leye Rear Lear Lbig_toe Lsmall_toe Lheel Rbig_toe Rsmall_toe Rheel'
    ),
)
# Kinect v2's names from 1 to 25.
KINECT = (
    'SpineBase SpineMid Neck Head ShoulderLeft ElbowLeft WristLeft HandLeft ShoulderRight ElbowRight '
    'WristRight HandRight HipLeft KneeLeft AnkleLeft FootLeft HipRight KneeRight AnkleRight FootRight '
    'SpineShoulder HandTipLeft ThumbLeft HandTipRight ThumbRight'
)
# MediaPipe's pose landmarks from 0 to 32.
BLAZEPOSE = (
    'nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer '
    'left_ear right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow '
    'right_elbow left_wrist right_wrist left_pinky right_pinky left_index right_index left_thumb '
    'right_thumb left_hip right_hip left_knee right_knee left_ankle right_ankle left_heel '
    'right_heel left_foot_index right_foot_index'
)
POSETICS_BONES = '4-3 3-2 2-1 1-0 5-2 7-5 9-7 6-2 8-6 10-8 11-4 13-11 15-13 12-4 14-12 16-14'
NTU_BONES = (
    '1-2 2-21 3-21 4-3 5-21 6-5 7-6 8-7 9-21 10-9 11-10 12-11 13-1 14-13 15-14 16-15 17-1 18-17 19-18 20-19 '
    '22-23 23-8 24-25 25-12'
)
BODY25_PAIRS = (
    '8-1 2-1 5-1 3-2 4-3 6-5 7-6 9-8 10-9 11-10 12-8 13-12 14-13 0-1 15-0 17-15 16-0 18-16 19-14 20-19 21-14 '
    '22-11 23-22 24-11'
)
# Child, parent in mmaction2's graph, parent in ours.
OTHER_PARENTS = dict(
    ntu25=[('{}_hand_tip', '{}_hand', '{}_thumb')],
    openpose18=[('{}_hip', '{}_shoulder', 'neck')],
)


def bones_of(text, first=0):
    return {tuple(int(i) - first for i in bone.split('-')) for bone in text.split()}


def expand(word):
    """Lsho -> left_shoulder, written apart from the package's own abbreviations."""
    parts = dict(sho='shoulder', elb='elbow', wri='wrist', hip='hip', kne='knee', ank='ankle')
    if word[0] not in 'LR':
        return word
    return ('left_' if word[0] == 'L' else 'right_') + parts.get(word[1:], word[1:])


def find_package(name):
    spec = importlib.util.find_spec(name)
    if spec is None:
        pytest.skip(f'{name} is not installed')
    return Path(spec.submodule_search_locations[0])


@pytest.fixture(scope='module')
def graph_class():
    """Mmaction2's Graph; from its file, because the package around it takes seconds to import."""
    path = find_package('mmaction') / 'models' / 'utils' / 'graph.py'
    return runpy.run_path(str(path))['Graph']


def mmpose_info(name):
    path = find_package('mmpose') / '.mim' / 'configs' / '_base_' / 'datasets' / f'{name}.py'
    if not path.exists():
        pytest.skip(f'mmpose has no {path.name} here')
    return runpy.run_path(str(path))['dataset_info']


def test_all_layouts_are_there():
    assert set(NAMES) <= set(list_layouts())
    assert list_layouts() == sorted(list_layouts())


@pytest.mark.parametrize('name', NAMES)
def test_layout_is_a_tree_over_its_joints(name):
    layout = get_layout(name)
    assert layout.name == name
    assert layout.num_joints == len(layout.joints) == len(set(layout.joints)) == NUM_JOINTS[name]
    assert len(layout.bones) == layout.num_joints - 1
    assert {child for child, _ in layout.bones} == set(range(layout.num_joints)) - {layout.root}
    assert layout.parent_indices[layout.root] == layout.root
    assert [(i, p) for i, p in enumerate(layout.parent_indices) if i != layout.root] == list(layout.bones)
    reached = {layout.root}
    for _ in layout.bones:
        reached |= {child for child, parent in layout.bones if parent in reached}
    assert reached == set(range(layout.num_joints))


@pytest.mark.parametrize('name', sorted(ORDERS))
def test_order_of_joints(name):
    assert get_layout(name).joints == tuple(expand(word) for word in ORDERS[name].split())


def test_order_of_ntu25_is_kinects():
    ours = dict(mid_hip='SpineBase', chest='SpineMid', upper_neck='Neck', neck='SpineShoulder', head='Head')
    for joint in get_layout('ntu25').joints:
        side, _, part = joint.partition('_')
        if side in ('left', 'right'):
            ours[joint] = part.replace('_', ' ').title().replace(' ', '') + side.title()
    assert [ours[joint] for joint in get_layout('ntu25').joints] == KINECT.split()


def test_order_of_blazepose33_is_mediapipes():
    other = dict(mouth_left='left_mouth', mouth_right='right_mouth')
    expected = [other.get(word, word).replace('foot_index', 'foot') for word in BLAZEPOSE.split()]
    assert list(get_layout('blazepose33').joints) == expected


@pytest.mark.parametrize(
    ('name', 'text', 'first'), [('posetics17', POSETICS_BONES, 0), ('ntu25', NTU_BONES, 1)]
)
def test_bones_as_released(name, text, first):
    assert set(get_layout(name).bones) == bones_of(text, first)


@pytest.mark.parametrize(('name', 'count'), [('body25', 25), ('motion15', 15)])
def test_bones_are_openposes_pairs(name, count):
    pairs = {frozenset(bone) for bone in bones_of(BODY25_PAIRS) if max(bone) < count}
    assert {frozenset(bone) for bone in get_layout(name).bones} == pairs


@pytest.mark.parametrize(
    ('name', 'theirs'),
    [('coco17', 'coco'), ('ntu25', 'nturgb+d'), ('openpose18', 'openpose')],
)
def test_bones_and_center_equal_mmactions(graph_class, name, theirs):
    layout, graph = get_layout(name), graph_class(theirs)
    expected = set(graph.inward)
    # Where mmaction2 differs from the source of the layout, the source holds: UNIK's release hangs the
    # hand tips on the thumbs, OpenPose itself the hips on the neck.
    for child, theirs, ours in OTHER_PARENTS.get(name, ()):
        for side in ('left', 'right'):
            tip, wrong, right = layout.indices(part.format(side) for part in (child, theirs, ours))
            expected = expected - {(tip, wrong)} | {(tip, right)}
    assert set(layout.bones) == expected
    assert layout.index(layout.center) == graph.center
    assert layout.num_joints == graph.num_node


@pytest.mark.parametrize(
    ('name', 'theirs', 'same_bones'),
    [
        ('coco17', 'coco', False),
        ('openpose18', 'coco_openpose', True),
        ('h36m17', 'h36m', True),
        ('halpe26', 'halpe26', False),
    ],
)
def test_order_sides_and_bones_equal_mmposes(name, theirs, same_bones):
    renamed = dict(root='mid_hip', hip='mid_hip', spine='chest', thorax='neck', neck_base='nose')
    renamed |= dict(left_foot='left_ankle', right_foot='right_ankle') if name == 'h36m17' else {}
    info = mmpose_info(theirs)
    layout = get_layout(name)
    joints = [joint['name'] for joint in info['keypoint_info'].values()]
    assert list(layout.joints) == [renamed.get(joint, joint) for joint in joints]
    swapped = [joints.index(joint['swap'] or joint['name']) for joint in info['keypoint_info'].values()]
    assert list(layout.flip_order) == swapped
    if same_bones:  # mmpose draws COCO and Halpe with cycles
        links = [bone['link'] for bone in info['skeleton_info'].values()]
        expected = {frozenset(renamed.get(joint, joint) for joint in link) for link in links}
        assert {frozenset((layout.joints[i], layout.joints[j])) for i, j in layout.bones} == expected


@pytest.mark.parametrize('mode', ['stgcn_spatial', 'spatial', 'binary_adj'])
@pytest.mark.parametrize('name', NAMES)
def test_graph_is_accepted_by_mmaction(graph_class, name, mode):
    layout = get_layout(name)
    graph = graph_class(layout.graph, mode=mode)
    assert graph.A.shape[1:] == (layout.num_joints, layout.num_joints)
    assert np.isfinite(graph.A).all()
    neighbors = graph.A.sum(0) > 0
    expected = np.zeros_like(neighbors)
    for i, j in layout.bones:
        expected[i, j] = expected[j, i] = True
    np.fill_diagonal(expected, mode != 'binary_adj')
    np.testing.assert_array_equal(neighbors, expected)
    json.dumps(layout.graph)  # plain numbers, as a config needs them


@pytest.mark.parametrize('name', NAMES)
def test_flip_swaps_the_sides_and_is_its_own_inverse(name):
    layout = get_layout(name)
    order = list(layout.flip_order)
    assert [order[i] for i in order] == list(range(layout.num_joints))
    swapped = [
        joint.replace('left', 'L').replace('right', 'left').replace('L', 'right') for joint in layout.joints
    ]
    assert [layout.joints[i] for i in order] == swapped
    # Mirrored bones are bones.
    assert {(order[i], order[j]) for i, j in layout.bones} == set(layout.bones)


def test_side_pairs_are_left_then_right():
    layout = get_layout('coco17')
    assert layout.side_pairs == ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16))


def test_index_and_membership():
    layout = get_layout('coco17')
    assert layout.index('left_wrist') == 9 and 'left_wrist' in layout and 'tail' not in layout
    assert layout.indices(['nose', 'right_ankle']) == [0, 16]
    with pytest.raises(KeyError, match="'coco17' has no joint 'tail'"):
        layout.index('tail')


def test_custom_layout_in_a_few_lines(graph_class):
    layout = SkeletonLayout('stick', ('top', 'left_end', 'right_end'), dict(left_end='top', right_end='top'))
    assert (layout.num_joints, layout.root, layout.center) == (3, 0, 'top')
    assert layout.bones == ((1, 0), (2, 0))
    assert layout.flip_order == (0, 2, 1)
    assert graph_class(layout.graph).A.shape == (3, 3, 3)


def test_pairs_and_center_can_be_given():
    layout = SkeletonLayout('hand', ('a', 'b', 'c'), dict(b='a', c='a'), center='b', pairs=(('c', 'b'),))
    assert layout.flip_order == (0, 2, 1) and layout.side_pairs == ((2, 1),)
    assert layout.graph['center'] == 1


@pytest.mark.parametrize(
    ('joints', 'parents', 'message'),
    [
        (('a', 'b', 'a'), dict(b='a'), "layout 'x': joint names must be unique"),
        ((), {}, 'joint names must be unique'),
        (('a', 'b'), dict(b='z'), r"unknown joints \['z'\]"),
        (('a', 'b'), dict(b='a', z='a'), r"unknown joints \['z'\]"),
        (('a', 'b', 'c'), dict(b='a'), r"one joint must be the root, found \['a', 'c'\]"),
        (('a', 'b'), dict(a='b', b='a'), r'one joint must be the root, found \[\]'),
        (('a', 'b', 'c'), dict(b='c', c='b'), "'b' is its own ancestor"),
        (('a', 'b'), dict(b='b'), "'b' is its own ancestor"),
    ],
)
def test_what_is_no_tree_is_refused(joints, parents, message):
    with pytest.raises(ValueError, match=message):
        SkeletonLayout('x', joints, parents)


def test_unknown_center_is_refused():
    with pytest.raises(KeyError, match="no joint 'z'"):
        SkeletonLayout('x', ('a', 'b'), dict(b='a'), center='z')


@pytest.mark.parametrize('pairs', [(('a', 'z'),), (('a', 'b'), ('a', 'c')), (('b', 'b'),)])
def test_pairs_that_make_no_mirror_are_refused(pairs):
    with pytest.raises((ValueError, KeyError), match=r'pair|joint'):
        SkeletonLayout('x', ('a', 'b', 'c'), dict(b='a', c='a'), pairs=pairs)


@pytest.mark.parametrize('name', NAMES)
def test_dictionary_round_trip_through_json(name):
    layout = get_layout(name)
    again = SkeletonLayout.from_dict(json.loads(json.dumps(layout.to_dict())))
    assert again == layout and hash(again) == hash(layout)
    assert (again.bones, again.flip_order, again.graph) == (layout.bones, layout.flip_order, layout.graph)
    assert get_layout(layout.to_dict()) == layout


def test_get_layout_takes_a_layout_as_it_is_and_names_the_known_ones():
    layout = get_layout('ntu25')
    assert get_layout(layout) is layout
    with pytest.raises(KeyError, match=r"unknown skeleton layout 'ntu26'.*ntu25"):
        get_layout('ntu26')


def test_registration(monkeypatch):
    monkeypatch.setattr(layouts, '_LAYOUTS', dict(layouts._LAYOUTS))
    stick = SkeletonLayout('stick', ('a', 'b'), dict(b='a'))
    assert register_layout(stick) is stick and get_layout('stick') is stick
    register_layout(SkeletonLayout('stick', ('a', 'b'), dict(b='a')))  # the same again does no harm
    other = SkeletonLayout('stick', ('a', 'b'), dict(a='b'))
    with pytest.raises(KeyError, match="'stick' is already registered"):
        register_layout(other)
    register_layout(other, force=True)
    assert get_layout('stick').root == 1


def test_check_joint_count():
    layout = get_layout('coco17')
    check_joint_count(np.zeros((2, 5, 17, 3)), layout)
    for shape in ((2, 5, 18, 3), (17,)):
        with pytest.raises(ValueError, match=r"clip 7: layout 'coco17' has 17 joints.*shape \("):
            check_joint_count(np.zeros(shape), layout, 'clip 7')


def test_joints_between_others_are_put_between_them_again(rng):
    layout = get_layout('posetics17')
    pose, score = rng.normal(size=(2, 5, 17, 2)), rng.uniform(0.1, 1, (2, 5, 17))
    at = layout.index
    score[0, 1, at('head')] = score[1, 2, at('left_hip')] = 0
    made, made_score = layout.interpolate(pose, score)
    neck = (pose[..., at('left_shoulder'), :] + pose[..., at('right_shoulder'), :]) / 2
    hip = (pose[..., at('left_hip'), :] + pose[..., at('right_hip'), :]) / 2
    expected = dict(
        neck=neck, mid_hip=hip, chest=(neck + hip) / 2, nose=(pose[..., at('head'), :] + neck) / 2
    )
    for joint, values in expected.items():
        seen = made_score[..., at(joint)] > 0
        np.testing.assert_allclose(made[..., at(joint), :][seen], values[seen], atol=1e-6)
    own = [at(joint) for joint in layout.joints if joint not in expected]
    np.testing.assert_allclose(made_score[..., own], score[..., own])
    np.testing.assert_allclose(made[..., own, :], np.where(score[..., own, None] > 0, pose[..., own, :], 0))
    # missing where one of their sources is, and only there
    gone = {
        (m, t, joint) for joint in expected for m, t in np.argwhere(made_score[..., at(joint)] == 0).tolist()
    }
    assert gone == {(0, 1, 'nose'), (1, 2, 'mid_hip'), (1, 2, 'chest')}
    plain = get_layout('coco17')
    assert plain.interpolate(pose, score) == (pose, score)
