"""BVH files: hand-made ones with known positions, the real captures, and damaged ones."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

from mmactrep.motion.bvh import BvhError, read_bvh
from tests.helpers.humanoid_bvh import humanoid_bvh

ARM = """HIERARCHY
ROOT Base
{
  OFFSET 1 2 3
  CHANNELS 4 Yposition Zrotation Xposition Yrotation
  JOINT Elbow
  {
    OFFSET 2 0 0
    CHANNELS 1 Zrotation
    End Site
    {
      OFFSET 1.5 0 0
    }
  }
  JOINT Antenna
  {
    OFFSET 0 1 0
    CHANNELS 1 Xposition
    End Site
    {
      OFFSET 0 0 1
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.04
20 0 10 0 0 0
20 90 10 0 -90 5
"""


def write(tmp_path, text):
    path = tmp_path / 'clip.bvh'
    path.write_text(text)
    return path


def test_a_hand_made_arm_is_where_it_should_be(tmp_path):
    capture = read_bvh(write(tmp_path, ARM))
    assert capture.names == ('Base', 'Elbow', 'Elbow_end', 'Antenna', 'Antenna_end')
    assert capture.parents.tolist() == [-1, 0, 1, 0, 3]
    assert capture.fps == pytest.approx(25) and len(capture) == 2
    positions = capture.positions()
    # channels stand for the offset's coordinate: z stays the offset's 3
    np.testing.assert_allclose(positions[:, 0], [[10, 20, 3]] * 2)
    np.testing.assert_allclose(positions[0, 1:3], [[12, 20, 3], [13.5, 20, 3]])
    # upper arm turned up by 90 degrees, forearm back by 90; the antenna (5, 1, 0) turned with the base
    np.testing.assert_allclose(positions[1, 1:3], [[10, 22, 3], [11.5, 22, 3]], atol=1e-12)
    np.testing.assert_allclose(positions[0, 3:], [[10, 21, 3], [10, 21, 4]], atol=1e-12)
    np.testing.assert_allclose(positions[1, 3:], [[9, 25, 3], [9, 25, 4]], atol=1e-12)


def rotation(axis: str, degrees: float) -> np.ndarray:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array(
        {
            'X': [[1, 0, 0], [0, c, -s], [0, s, c]],
            'Y': [[c, 0, s], [0, 1, 0], [-s, 0, c]],
            'Z': [[c, -s, 0], [s, c, 0], [0, 0, 1]],
        }[axis]
    )


@pytest.mark.parametrize('order', list(permutations('XYZ')))
def test_rotations_in_any_order(order, tmp_path):
    channels = ' '.join(f'{axis}rotation' for axis in order)
    text = (
        f'HIERARCHY ROOT A {{ OFFSET 0 0 0 CHANNELS 3 {channels} JOINT B {{ OFFSET 1 2 3 CHANNELS 3 '
        f'{channels} End Site {{ OFFSET 3 2 1 }} }} }} MOTION Frames: 1 Frame Time: 0.1 20 -50 130 70 15 -40'
    )
    positions = read_bvh(write(tmp_path, text)).positions()[0]
    first = rotation(order[0], 20) @ rotation(order[1], -50) @ rotation(order[2], 130)
    second = rotation(order[0], 70) @ rotation(order[1], 15) @ rotation(order[2], -40)
    np.testing.assert_allclose(positions[1], first @ [1, 2, 3])
    np.testing.assert_allclose(positions[2], first @ [1, 2, 3] + first @ second @ [3, 2, 1])


def test_the_real_captures_are_persons_on_their_feet(shared_data):
    paths = sorted((shared_data / 'bvh').glob('*.bvh'))
    assert len(paths) == 10
    for path in paths:
        capture = read_bvh(path)
        assert capture.fps == pytest.approx(120, rel=1e-3) and len(capture) > 100
        positions = capture.positions()
        at = {name: positions[:, i] for i, name in enumerate(capture.names)}
        bones = np.linalg.norm(positions - positions[:, capture.parents], axis=-1)[:, 1:]
        assert np.ptp(bones, axis=0).max() < 1e-9
        np.testing.assert_allclose(bones[0], np.linalg.norm(capture.offsets, axis=-1)[1:], atol=1e-9)
        for frame in (0, len(capture) // 2):
            assert at['Head'][frame, 1] > at['Hips'][frame, 1] > at['LeftFoot'][frame, 1]
        # the unit is 0.45 inches or so: legs are 14 units, 80 to 90 cm
        legs = bones[0, [i - 1 for i, n in enumerate(capture.names) if n in ('LeftLeg', 'LeftFoot')]].sum()
        assert 13 < legs < 16
        feet = np.minimum(at['LeftToeBase'][:, 1], at['RightToeBase'][:, 1])
        assert -1.5 < feet.min() < 2  # the floor is at 0


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('hello', "expected HIERARCHY of a BVH file, found 'hello'"),
        ('', 'found the end'),
        (ARM.partition('MOTION')[0], 'expected MOTION'),
        (ARM[:150], 'truncated'),
        (ARM[: ARM.index('20 90')], r'expected 2 frames of 6 numbers, 12 in all, found 6'),
        (ARM + '7', '12 in all, found 13'),
        (ARM.replace('Frames: 2', 'Frames: two'), 'expected numbers'),
        (ARM.replace('Frames:', 'Pictures:'), "expected 'Frames: N'"),
        (ARM.replace('0.04', '0'), 'time between'),
        (ARM.replace('-90', 'nan'), 'not finite'),
        (ARM.replace('-90', 'x90'), 'expected numbers'),
        (ARM.replace('Antenna', 'Elbow'), "'Elbow' occurs twice"),
        (ARM.replace('Xposition', 'Xscale'), "'Base': expected a channel like Xposition, found 'Xscale'"),
        (ARM.replace('CHANNELS 1 Zrotation', 'SPRING 1 Zrotation'), "'Elbow' contains 'SPRING'"),
        (ARM.replace('2 0 0', '2 0 o'), "expected a number, found 'o'"),
        (ARM.replace('MOTION', 'ROOT B { } MOTION'), "expected OFFSET of a BVH file, found '}'"),
    ],
)
def test_damaged_and_foreign_files_say_what_is_wrong(text, message, tmp_path):
    with pytest.raises(BvhError, match=message) as error:
        read_bvh(write(tmp_path, text))
    assert 'clip.bvh' in str(error.value)


def read_text(tmp_path, text):
    return read_bvh(write(tmp_path, text))


def same_motion(one, other):
    np.testing.assert_array_equal(one.positions(), other.positions())
    return one.parents.tolist() == other.parents.tolist()


@pytest.mark.parametrize(
    'change',
    [
        str.lower,
        str.upper,
        lambda text: text.replace('{', ' {').replace('\n', '\r\n'),
        lambda text: '\ufeff' + text.replace('\n', '  \n\t'),
        lambda text: text.replace('\n{', '{'),
        lambda text: ' '.join(text.split()),
        lambda text: text.replace('Frame Time: 0.04', 'Frame   time :0.04').replace('Frames: 2', 'FRAMES:2'),
        lambda text: text.replace('OFFSET 2 0 0\n    CHANNELS', 'OFFSET 2e0 +0 -0\n    CHANNELS'),
    ],
)
def test_case_blanks_and_ends_of_lines_do_not_matter(change, tmp_path):
    assert same_motion(read_text(tmp_path, change(ARM)), read_text(tmp_path, ARM))


@pytest.mark.parametrize(
    'name',
    ['Left  fore arm', 'MOTION', 'EMOTION', 'MOTION Frames: 7', 'Root', 'End', 'arm:Elbow', 'Ellbögen 肘'],
)
def test_a_joint_may_have_any_name(name, tmp_path):
    capture = read_text(tmp_path, ARM.replace('Elbow', name))
    joined = ' '.join(name.split())
    assert capture.names == ('Base', joined, f'{joined}_end', 'Antenna', 'Antenna_end')
    assert same_motion(capture, read_text(tmp_path, ARM))


PROP = 'ROOT Prop { OFFSET 7 7 7 CHANNELS 3 Xposition Yposition Zposition End Site { OFFSET 0 1 0 } }\n'


@pytest.mark.parametrize('with_values', [True, False])
def test_of_several_roots_the_first_is_read_and_the_others_are_told(with_values, tmp_path):
    text = ARM.replace('MOTION', PROP + PROP.replace('Prop', 'Ball') + 'MOTION')
    if with_values:
        *head, first, second = text.splitlines()
        text = '\n'.join([*head, first + ' 1 2 3 4 5 6', second + ' 1 2 3 4 5 6'])
    with pytest.warns(UserWarning, match=r"clip\.bvh: has 3 roots; 'Base' is read, 'Prop', 'Ball' skipped"):
        capture = read_text(tmp_path, text)
    assert capture.names == ('Base', 'Elbow', 'Elbow_end', 'Antenna', 'Antenna_end')
    assert same_motion(capture, read_text(tmp_path, ARM))


def test_all_shared_captures_are_read(shared_data):
    paths = sorted((shared_data / 'bvh').rglob('*.bvh'))
    assert len(paths) == 304
    for path in paths[::8]:  # all of them: 4 s, tools/data/make_motion_library.py --bvh
        capture = read_bvh(path)
        assert len(capture) > 30 and 20 < capture.fps < 130 and np.isfinite(capture.positions()).all()


def test_a_picture_is_no_bvh(tmp_path):
    path = tmp_path / 'clip.bvh'
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + bytes(range(256)))
    with pytest.raises(BvhError, match='expected a BVH file, found no text'):
        read_bvh(path)


def test_the_figure_of_the_tests_stands(tmp_path):
    capture = read_bvh(write(tmp_path, humanoid_bvh(frames=3, still=True)))
    at = dict(zip(capture.names, capture.positions()[0]))
    np.testing.assert_allclose(at['mixamorig:LeftFoot'], [9, 0, 0], atol=1e-9)
    np.testing.assert_allclose(at['mixamorig:RightHand'], [-72, 135, 1], atol=1e-9)
