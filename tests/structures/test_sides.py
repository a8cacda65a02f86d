"""Left and right in names as people write them."""

from __future__ import annotations

import pytest

from mmactrep.structures.sides import find_pairs, names_a_side

WRITTEN = {
    'left_hip': 'right_hip',
    'LeftHip': 'RightHip',
    'leftHip': 'rightHip',
    'LEFT_HIP': 'RIGHT_HIP',
    'hip_left': 'hip_right',
    'HipLeft': 'HipRight',
    'left hip': 'right hip',
    'mixamorig:LeftUpLeg': 'mixamorig:RightUpLeg',
    'mouth (left)': 'mouth (right)',
    'l_hip': 'r_hip',
    'L_Hip': 'R_Hip',
    'hip_l': 'hip_r',
    'hip.L': 'hip.R',
    'hip-l-1': 'hip-r-1',
    'LHip': 'RHip',
    'lHip': 'rHip',
    'Lsho': 'Rsho',
    'lhip': 'rhip',
    'hipL': 'hipR',
    'toe2L': 'toe2R',
}


@pytest.mark.parametrize(('left', 'right'), WRITTEN.items())
def test_ways_of_writing_a_side(left, right):
    assert find_pairs(('head', right, left, 'tail')) == ((left, right),)
    # without its partner a name is no pair
    assert find_pairs(('head', left, 'tail')) == ()


def test_all_of_them_at_once_in_the_order_of_the_left_joints():
    joints = (*WRITTEN.values(), 'nose', *WRITTEN)
    assert find_pairs(joints) == tuple(WRITTEN.items())


@pytest.mark.parametrize('joints', [('lip', 'leg', 'rib'), ('l', 'x'), ('left', 'leftover'), ('a', 'b')])
def test_words_that_are_no_sides(joints):
    assert find_pairs(joints) == ()


def test_two_sides_in_one_name():
    joints = ('left_hand_l', 'right_hand_l', 'left_hand_r', 'right_hand_r')
    assert find_pairs(joints) == (('left_hand_l', 'right_hand_l'), ('left_hand_r', 'right_hand_r'))


def test_names_that_say_a_side_plainly():
    said = ['left_hip', 'HipRight', 'l_hip', 'hip.R', 'upper right arm', 'RIGHT']
    assert all(map(names_a_side, said))
    assert not any(map(names_a_side, ['hip', 'Lsho', 'upright', 'shoulder', 'lip', 'hipL']))
