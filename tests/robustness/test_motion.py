"""Captures, exports and name lists that are no motion: one line each from the commands for libraries."""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest

from mmactrep.motion.bvh import BvhError, read_bvh
from mmactrep.motion.library import MotionLibrary
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.store import SkeletonStoreWriter, StoreError
from tests.helpers.humanoid_bvh import humanoid_bvh
from tests.helpers.refusals import assert_refused, run_here
from tests.tools.test_motion_library_commands import SMALL

GOOD = humanoid_bvh(frames=4)
HEADER, _, VALUES = GOOD.partition('MOTION')


def motion(frames='4', frame_time='0.04', values=None):
    values = VALUES.split('\n', 3)[3] if values is None else values
    return f'{HEADER}MOTION\nFrames: {frames}\nFrame Time: {frame_time}\n{values}'


def hierarchy(*lines, end='MOTION\nFrames: 1\nFrame Time: 0.04\n'):
    return 'HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n' + '\n'.join(lines) + '\n}\n' + end


UPSIDE_DOWN = ('LeftLeg', 'RightLeg', 'LeftFoot', 'RightFoot')
DEEP = 'HIERARCHY ROOT a { OFFSET 0 0 0 ' + ''.join(f'JOINT j{i} {{ OFFSET 0 1 0 ' for i in range(100_000))

BAD_BVH = {
    'empty': ('', 'expected HIERARCHY of a BVH file, found the end of the file'),
    'picture': (b'\x89PNG\r\n\x1a\n' + bytes(range(256)), 'expected a BVH file, found no text'),
    'nul': (b'HIERARCHY\0', 'NUL characters'),
    'text': ('hello there', "expected HIERARCHY of a BVH file, found 'hello'"),
    'fbx': ('; FBX 7.7.0 project file\n', "expected HIERARCHY of a BVH file, found ';'"),
    'no root': ('HIERARCHY\nJOINT a\n', "expected ROOT of a BVH file, found 'JOINT'"),
    'no name': ('HIERARCHY ROOT { OFFSET 0 0 0 }', 'expected the name of a joint, found {'),
    'name without end': ('HIERARCHY ROOT ' + 'x ' * 10**5, r"expected a name and {, found 'x x"),
    'no motion': (HEADER, 'expected MOTION or ROOT of a BVH file, found the end'),
    'cut in a joint': (HEADER[:300], 'is the file truncated'),
    'cut in a row': (GOOD[:-50], r'expected 4 frames of \d+ numbers, \d+ in all, found \d+; is the file'),
    'a number too many': (GOOD + ' 7\n', r'expected 4 frames of \d+ numbers, \d+ in all, found'),
    'offset of text': (GOOD.replace('OFFSET 0.0', 'OFFSET o.0', 1), "expected a number, found 'o.000000'"),
    'offset nan': (GOOD.replace('OFFSET 0.000000', 'OFFSET nan', 1), "expected a number, found 'nan'"),
    'offset infinite': (GOOD.replace('OFFSET 0.000000', 'OFFSET 1e999', 1), "found '1e999'"),
    'value nan': (motion(frames=1, values='nan ' * 60), 'contains numbers that are not finite'),
    'value of text': (GOOD + ' x', 'expected numbers after MOTION: could not convert'),
    'value of a million letters': (GOOD + ' ' + 'x' * 10**6, 'expected numbers after MOTION'),
    'channels of text': (hierarchy('CHANNELS three Xposition'), "expected a number, found 'three'"),
    'channels half': (hierarchy('CHANNELS 0.5 Xposition'), 'expected at most 9 channels, found 0.5'),
    'channels negative': (hierarchy('CHANNELS -3 Xposition'), 'expected at most 9 channels, found -3'),
    'channels endless': (hierarchy('CHANNELS 1000000000 Xposition'), r'at most 9 channels, found 1e\+09'),
    'channels of many digits': (hierarchy('CHANNELS ' + '9' * 5000), "expected a number, found '999"),
    'channel unknown': (hierarchy('CHANNELS 1 Xscale'), "expected a channel like Xposition, found 'Xscale'"),
    'keyword unknown': (hierarchy('SPRING 1'), "joint 'a' contains 'SPRING', which is not a BVH keyword"),
    'joint twice': (GOOD.replace('Spine1', 'Spine'), "joint 'mixamorig:Spine' occurs twice"),
    'nested': (DEEP, 'has more than 2000 joints'),
    'no frames': (motion(frames='0', values=''), 'expected frames, and a time between them, found 0'),
    'frames negative': (motion(frames='-4'), 'expected frames, and a time between them, found -4'),
    'frames half': (motion(frames='4.5'), 'expected numbers after MOTION: invalid literal'),
    'frames of many digits': (motion(frames='9' * 5000), 'expected numbers after MOTION'),
    'frames promised': (motion(frames='1000000000'), r'expected 1000000000 frames of 60 .* found 240'),
    'frames without channels': (
        hierarchy('JOINT b { OFFSET 0 1 0 }', end='MOTION Frames: 1000000000 Frame Time: 0.04'),
        r'a motion of 2 joints would take 144,000,000,000 bytes',
    ),
    'frame time zero': (motion(frame_time='0'), 'expected frames, and a time between them'),
    'frame time negative': (motion(frame_time='-0.04'), 'expected frames, and a time between them'),
    'frame time nan': (motion(frame_time='nan'), 'expected frames, and a time between them'),
    'frame time a rate': (motion(frame_time='30'), 'frame time .* found 30; is it the number of'),
    'frame time tiny': (motion(frame_time='1e-12'), r'a frame time from 0\.0001 to 1 s, found 1e-12'),
    'no frame time': (GOOD.replace('Frame Time', 'Frame Rate'), "expected 'Frames: N', 'Frame Time: S'"),
    'upside down': (
        humanoid_bvh(still=True, offsets=dict.fromkeys(UPSIDE_DOWN, (0.0, 40.0, 0.0))),
        'expected a rest pose that stands',
    ),
    'joints unknown': (GOOD.replace('Leg', 'Limb'), 'no joint is known as left_hip, left_knee'),
    'joints twice': (
        GOOD.replace('mixamorig:Spine1', 'other:LeftArm'),
        "which joint is left_shoulder: 'other:LeftArm' or 'mixamorig:LeftArm'",
    ),
    'bones of no length': (humanoid_bvh(offsets=dict(LeftFoot=(0.0, 0.0, 0.0))), 'coincide in the rest pose'),
}  # fmt: skip


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize('case', list(BAD_BVH))
def test_a_bad_capture_is_refused_in_a_line_that_names_it(case, tmp_path, capsys):
    content, message = BAD_BVH[case]
    write(tmp_path / 'bvh' / 'bad.bvh', content)
    begin = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = run_here(
        capsys, 'data/make_motion_library.py', ['--bvh', tmp_path / 'bvh', '--out', tmp_path / 'out', *SMALL]
    )
    assert_refused(outcome, rf'bad\.bvh.*{message}')
    assert time.perf_counter() - begin < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kilobytes
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('', 'expected JSON'),
        ('["head"]', "expected an object from a file's joint names to names of mmactrep"),
        ('{}', 'expected an object'),
        ('{"a": 1}', 'expected an object'),
        ('{"a": "head", "a": "left_knee"}', "'a' occurs twice"),
        ('{"bone": "head"}', 'no joint is known as head, left_hip'),
        (b'\xff\xfe\xff', 'expected a text file'),
        ('[' * 100_000, 'nested too deeply'),
    ],
)
def test_bad_lists_of_joint_names(content, message, tmp_path, capsys):
    write(tmp_path / 'bvh' / 'good.bvh', GOOD)
    names = write(tmp_path / 'names.json', content)
    arguments = ['--joints', names, '--out', tmp_path / 'out']
    outcome = run_here(capsys, 'data/make_motion_library.py', ['--bvh', tmp_path / 'bvh', *arguments, *SMALL])
    assert_refused(outcome, message)
    for character in 'abcd':
        for take in range(5):
            write(tmp_path / 'src' / character / f'take{take}.bvh', GOOD)
    arguments = ['--src', tmp_path / 'src', '--test-characters', 'c', 'd', '--joints', names]
    outcome = run_here(capsys, 'data/prepare_mixamo.py', [*arguments, '--out', tmp_path / 'mixamo'])
    assert_refused(outcome, message)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--bvh', 'absent'], 'absent: expected a folder of BVH captures .*, found no folder'),
        (['--bvh', 'empty'], 'empty: expected BVH captures .*, found none'),
        (['--held-out', 'dance'], r"unknown classes \['dance'\]"),
        (['--characters', 0], 'argument --characters: expected a whole number from 1'),
        (['--frames', 1], 'expected two or more frames per motion'),
        (['--joints', 'absent.json'], 'absent.json: No such file'),
        (['--characters', -1], 'expected a whole number'),
    ],
)
def test_settings_that_make_no_sense(arguments, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'empty').mkdir()
    outcome = run_here(capsys, 'data/make_motion_library.py', [*arguments, '--out', 'out'])
    assert_refused(outcome, message)


def standing(frames=6):
    """Joints (T, 15, 3) of a figure in meters, z up."""
    from mmactrep.structures import get_layout

    layout = get_layout('motion15')
    heights = dict(ankle=0.1, knee=0.5, hip=0.9)
    joints = np.zeros((frames, 15, 3), np.float32)
    joints[..., 2] = [heights.get(joint.split('_')[-1], 1.3) for joint in layout.joints]
    return joints + np.linspace(0, 0.01, frames, dtype=np.float32)[:, None, None]


def save(array):
    return lambda path: np.save(path, array)


BAD_ARRAYS = {
    'no array': (lambda path: path.write_text('what?'), r'walk\.npy: expected an array'),
    'cut': (lambda path: path.write_bytes(path.read_bytes()[:-9]), r'walk\.npy: .* the file is shorter'),
    'objects': (
        lambda path: np.save(path, np.array([{}]), allow_pickle=True),
        r'walk\.npy: .* Python objects',
    ),
    'promised': (
        lambda path: np.lib.format.write_array_header_1_0(
            path.open('wb'), dict(descr='<f4', fortran_order=False, shape=(10**9, 15, 3))
        ),
        r'walk\.npy: the array would take 180,000,000,000 bytes',
    ),
    'text': (save(standing().astype(str)), 'expected joints as numbers, found <U'),
    'booleans': (save(standing() > 0), 'expected joints as numbers, found bool'),
    'complex': (save(standing() + 1j), 'holds values of type|expected joints as numbers'),
    'other joints': (save(standing()[:, :13]), r"'motion15' needs joints \(T, 15, 3\) .* found \(6, 13, 3\)"),
    'no frames': (save(standing()[:0]), r'found \(0, 15, 3\)'),
    'nan': (save(standing() * np.nan), 'positions are not finite'),
    'centimeters': (save(standing() * 100), 'expected meters, legs of'),
    'upside down': (save(-standing()), "the hips lie under the ankles; does 'z' point up there"),
    'shorter': (save(standing()[:2]), "motion 'test/walk' has other lengths on other characters"),
    'absent': (lambda path: path.unlink(), "motion 'test/walk' is lacking for C"),
}


@pytest.fixture
def exports(tmp_path):
    for split, characters in (('train', 'AB'), ('test', 'CD')):
        for character in characters:
            for take in ('walk', 'run'):
                path = tmp_path / 'src' / split / character / f'{take}.npy'
                path.parent.mkdir(parents=True, exist_ok=True)
                np.save(path, standing())
    return tmp_path / 'src'


@pytest.mark.parametrize('case', list(BAD_ARRAYS))
def test_bad_arrays_of_joints_are_refused_or_left_out(case, exports, tmp_path, capsys):
    damage, message = BAD_ARRAYS[case]
    damage(exports / 'test' / 'C' / 'walk.npy')
    arguments = ['--src', exports, '--unit', 1, '--out', tmp_path / 'out']
    assert_refused(run_here(capsys, 'data/prepare_mixamo.py', arguments), message)
    done = run_here(capsys, 'data/prepare_mixamo.py', [*arguments, '--skip-bad'])
    assert done.code == 0 and 'skipped 1 bad motions' in done.out
    listed = (tmp_path / 'out.skipped.txt').read_text()
    assert listed.startswith('test/walk\t') and listed.count('\n') == 1


def test_exports_that_can_be_read_in_two_ways(exports, tmp_path, capsys):
    arguments = ['--src', exports, '--unit', 1, '--out', tmp_path / 'out']
    write(exports / 'notes.txt', 'who knows')
    write(exports / 'train' / 'loose.npy', 'x')
    (exports / 'train' / 'A' / 'walk').mkdir()
    np.save(exports / 'train' / 'A' / 'walk' / 'walk.npy', standing())
    outcome = run_here(capsys, 'data/prepare_mixamo.py', arguments)
    assert_refused(outcome, r"two files are motion 'walk' of A: A/walk/walk\.npy and A/walk\.npy")
    (exports / 'train' / 'A' / 'walk' / 'walk.npy').unlink()
    outcome = run_here(capsys, 'data/prepare_mixamo.py', arguments)
    assert outcome.code == 0 and 'passed over 1 .npy outside the folders of characters' in outcome.out
    again = run_here(capsys, 'data/prepare_mixamo.py', arguments)
    assert_refused(again, 'already holds a skeleton store; --overwrite replaces it')
    no_legs = run_here(capsys, 'data/prepare_mixamo.py', [*arguments, '--layout', 'nobody'])
    assert_refused(no_legs, "unknown skeleton layout 'nobody'")


def test_a_killed_library_with_other_captures_is_not_taken_up(tmp_path, capsys):
    write(tmp_path / 'bvh' / 'a.bvh', GOOD)
    write(tmp_path / 'bvh' / 'b.bvh', GOOD[:-30])
    arguments = ['--bvh', tmp_path / 'bvh', '--out', tmp_path / 'out', *SMALL, '--performances', 1]
    assert_refused(run_here(capsys, 'data/make_motion_library.py', arguments), 'b.bvh')
    (tmp_path / 'bvh' / 'b.bvh').rename(tmp_path / 'bvh' / 'c.bvh')
    outcome = run_here(capsys, 'data/make_motion_library.py', arguments)
    assert_refused(outcome, r'was begun with other settings \(attributes\)')


def test_a_folder_and_an_absent_file(tmp_path):
    with pytest.raises(BvhError, match='found a folder'):
        read_bvh(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_bvh(tmp_path / 'absent.bvh')


def test_the_good_file_of_these_tests_is_good(tmp_path):
    for content in (GOOD, motion()):
        assert len(read_bvh(write(tmp_path / 'good.bvh', content))) == 4


@pytest.mark.parametrize(
    ('attribute', 'ids', 'message'),
    [
        (None, ['train/m/a'], "the characters of split 'train' in its attributes, found None"),
        ([], ['train/m/a'], "the characters of split 'train' in its attributes, found None"),
        (dict(characters=['a']), ['train/m/a'], "the characters of split 'train'"),
        (dict(characters=dict(train='a')), ['train/m/a'], "the characters of split 'train' .* found 'a'"),
        (dict(characters=dict(train=[])), ['train/m/a'], r"the characters of split 'train' .* found \[\]"),
        (dict(characters=dict(train=[1])), ['train/m/a'], r"the characters of split 'train' .* found \[1\]"),
        (dict(characters=dict(train=['a', 'b'])), ['train/m/a'], 'each of 2 characters, found 1 clips'),
        (dict(characters=dict(train=['a'])), ['clip'], "named <split>/<motion>/<character>, found 'clip'"),
        (dict(characters=dict(train=['a'])), [], 'each of 1 characters, found 0 clips'),
    ],
)
def test_stores_that_are_no_whole_library(attribute, ids, message, tmp_path):
    with SkeletonStoreWriter(
        tmp_path / 's', LIBRARY_LAYOUT, ['motion'], 3, attributes=dict(motion_library=attribute)
    ) as writer:
        for name in ids or ['another']:
            writer.add(name, np.ones((1, 4, 17, 3)))
        writer.add_split('train', ids)
        writer.finish()
    with pytest.raises(StoreError, match=message):
        MotionLibrary(tmp_path / 's', 'train')
