"""Every kind of bad file, given to every converter: a line that names it, and with --skip-bad the rest."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from mmactrep.store.reader import SkeletonStore
from tests.helpers.bad_datasets import (
    DIGITS,
    as_json,
    assert_only_the_bad_clip_is_lost,
    convert,
    folder,
    gone,
    raw,
    text,
    truncated,
)
from tests.helpers.datasets import (
    WRITERS,
    kinect_text,
    lcrnet_frames,
    penn_label,
)
from tests.helpers.refusals import assert_refused

ANY_FILE = {
    'truncated': (truncated, ''),
    'empty': (raw(b''), ''),
    'binary': (raw(b'\x00\x01\x02\xff' * 100), ''),
    'latin1': (raw(b'{"frames": "\xe9t\xe9"}'), ''),
    'folder': (folder, '(folder|directory)'),
    'dangling link': (gone, 'No such file'),
}


# the whole data set in one file: there is no rest to keep
ONE_FILE = ('mmaction_pickle', 'kard', 'nw_ucla')


@pytest.mark.parametrize('kind', [kind for kind in ANY_FILE if kind != 'dangling link'])
@pytest.mark.parametrize('name', ONE_FILE)
def test_a_data_set_in_one_file_that_is_damaged(capsys, tmp_path, name, kind):
    spoil, expected = ANY_FILE[kind]
    made = WRITERS[name](tmp_path / 'src')
    spoil(made.bad)
    for options in ((), ('--skip-bad',)):
        assert_refused(convert(capsys, made, tmp_path / 'store', *options), f'{made.bad.name}: .*{expected}')


@pytest.mark.parametrize('kind', ANY_FILE)
@pytest.mark.parametrize('name', [name for name in WRITERS if name not in ONE_FILE])
def test_a_file_that_is_damaged(capsys, tmp_path, name, kind):
    spoil, expected = ANY_FILE[kind]
    made = WRITERS[name](tmp_path / 'src')
    spoil(made.bad)
    assert_only_the_bad_clip_is_lost(
        capsys, made, tmp_path, f'{made.bad.name}: .*{expected}|{made.bad.name}, line'
    )


def pose(*values: object) -> list:
    return [*values, *np.linspace(1, 100, 26 - len(values)).tolist()]


LCRNET = {
    'infinite': (as_json(lcrnet_frames(pose2d=pose(np.inf))), 'finite'),
    'NaN': (as_json(lcrnet_frames(pose2d=pose(np.nan))), 'finite'),
    'huge': (as_json(lcrnet_frames(pose2d=pose(1e300))), 'finite'),
    'large': (as_json(lcrnet_frames(pose2d=pose(1e8))), 'at most 1e\\+06, found 100000000.0'),
    'text': (as_json(lcrnet_frames(pose2d=pose('12.5'))), "frame 1, person 0: 'pose2d' contains '12.5'"),
    'booleans': (as_json(lcrnet_frames(pose2d=pose(True))), 'contains True'),
    'nested': (as_json(lcrnet_frames(pose2d=pose([1.0]))), r'contains \[1.0\]'),
    'too few': (as_json(lcrnet_frames(pose2d=[1.0, 2.0])), '26 numbers, found 2 numbers'),
    'another type': (as_json(lcrnet_frames(pose2d='x' * 26)), 'found none'),
    'digits': (text(f'{{"frames": [[{{"pose2d": [{DIGITS}]}}]]}}'), 'digits'),
    'nesting': (text('[' * 100_000), 'nested too deeply'),
    'no frames': (as_json(dict(frames=[])), 'no frames'),
    'nobody': (as_json(dict(frames=[[], []])), 'no person'),
    'a crowd': (as_json(dict(frames=[[{}] * 101])), '100 persons, found'),
    'a list': (as_json([1, 2]), 'expected {"frames"'),
    'key twice': (text('{"frames": [], "frames": [[]]}'), 'twice'),
}


@pytest.mark.parametrize('kind', LCRNET)
@pytest.mark.parametrize('name', ['posetics', 'smarthome'])
def test_lcrnet_json(capsys, tmp_path, name, kind):
    spoil, expected = LCRNET[kind]
    made = WRITERS[name](tmp_path / 'src')
    spoil(made.bad)
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{made.bad.name}: .*{expected}')


@pytest.mark.parametrize('label', [-1, True, 'walk', 1.5, 10**9, None, [[1]] * 3, 2**60])
def test_labels_of_posetics(capsys, tmp_path, label):
    made = WRITERS['posetics'](tmp_path / 'src')
    content = {'zyxwvutsrqp': dict(label_index=label, has_skeleton=True)}
    made.files['val_label'].write_text(json.dumps(content))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{made.bad.name}: .*label')


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        ('{"zyx', 'expected JSON'),
        ('[]', 'expected {id'),
        ('{"zyxwvutsrqp": {"label_index": 1, "has_skeleton": "no"}}', 'expected {id'),
        ('{"zyxwvutsrqp": 3}', 'expected {id'),
        (f'{{"a": {DIGITS}}}', 'digits'),
        ('[' * 100_000, 'nested too deeply'),
    ],
)
def test_label_files_of_posetics(capsys, tmp_path, content, expected):
    made = WRITERS['posetics'](tmp_path / 'src')
    made.files['val_label'].write_text(content)
    for options in ((), ('--skip-bad',)):
        outcome = convert(capsys, made, tmp_path / 'store', *options)
        assert_refused(outcome, f'posetics_val_label.json: .*{expected}')


FOREIGN_NAMES = dict(
    utd_mhad='a1_s1_t1.mat',
    utkinect='walk.txt',
    posetics='short.json',
    smarthome='summary.json',
    ntu='other.skeleton',
    uav_human='readme.txt',
    pku_mmd='0002-X.skeleton',
)


@pytest.mark.parametrize('latin1', [False, True])
@pytest.mark.parametrize('name', FOREIGN_NAMES)
def test_a_file_of_another_name(capsys, tmp_path, name, latin1):
    made = WRITERS[name](tmp_path / 'src')
    foreign = made.bad.with_name(FOREIGN_NAMES[name])
    if latin1:  # as a camera of the nineties wrote it: no text in UTF-8
        foreign = foreign.with_name(os.fsdecode(b'caf\xe9') + foreign.suffix)
    made.bad.rename(foreign)
    shown = foreign.stem if not latin1 else r'caf\\udce9'
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{shown}.* is not a name like')


def test_a_latin1_name_that_fits(capsys, tmp_path):
    """Posetics' ids come from the file's name: one that is no text cannot be the name of a clip."""
    made = WRITERS['posetics'](tmp_path / 'src')
    name = os.fsdecode(b'zyxwvutsr\xe9p_000001_000011.json')
    made.bad.rename(made.bad.with_name(name))
    label = {name[:11]: dict(label_index=1, has_skeleton=True)}
    made.files['val_label'].write_text(json.dumps(label))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, r'zyxwvutsr\\udce9p.*name of a clip')


def mat(**changes: object) -> Callable[[Path], None]:
    return lambda path: savemat(path, penn_label(**changes))


def mat_bomb(path: Path) -> None:
    """A compressed variable that unpacks to 600 MB of zeros."""
    packer = zlib.compressobj(9)
    head = packer.compress(struct.pack('<II', 14, 600 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = head + megabyte * 600 + packer.flush()
    path.write_bytes(mat_header() + struct.pack('<II', 15, len(packed)) + packed)


def mat_header() -> bytes:
    return b'MATLAB 5.0 MAT-file'.ljust(124) + struct.pack('<H', 0x0100) + b'IM'


def mat_promise(path: Path) -> None:
    """A variable of 4 GB in a file of 200 bytes."""
    path.write_bytes(mat_header() + struct.pack('<II', 14, 0xFFFFFFF0) + bytes(64))


def cells(path: Path) -> None:
    content = penn_label()
    content['x'] = np.array([[1, 'a']], object)
    savemat(path, content)


MATLAB = {
    'infinite': (mat(x=np.full((5, 13), np.inf)), "'x': expected finite numbers"),
    'NaN': (mat(y=np.full((5, 13), np.nan)), "'y': expected finite numbers"),
    'huge': (mat(x=np.full((5, 13), 1e300)), 'finite'),
    'large': (mat(x=np.full((5, 13), 1e8)), 'at most 1e\\+06'),
    'complex': (mat(x=np.full((5, 13), 1j)), "'x' is neither an array of real numbers"),
    'text': (mat(x='abc'), "expected 'x' to be numbers"),
    'cells': (cells, "'x' is neither an array of real numbers"),
    'number for a class': (mat(action=3), "expected 'action' to be text"),
    'unknown class': (mat(action='knitting'), "unknown action 'knitting'"),
    'long class': (mat(action='a' * 10_000), 'unknown action'),
    'size infinite': (mat(dimensions=[[np.inf, 480, 5]]), 'expected dimensions'),
    'size negative': (mat(dimensions=[[-270.0, 480.0, 5.0]]), 'expected dimensions'),
    'size huge': (mat(dimensions=[[270.0, 480.0, 1e12]]), 'expected dimensions'),
    'split 0': (mat(train=0), "expected 'train' to be 1 or -1, found 0"),
    'no split': (mat(train=None), r"found no \['train'\]"),
    'bomb': (mat_bomb, 'would take 629,145,600 bytes'),
    'promise': (mat_promise, 'truncated'),
    'nothing behind the tag': (
        raw(b'MATLAB 5.0 MAT-file'.ljust(124) + b'\0\1IM' + struct.pack('<II', 14, 0)),
        'expected',
    ),
    'version 7.3': (
        raw(b'MATLAB 7.3 MAT-file HDF5'.ljust(512) + b'\x89HDF\r\n\x1a\n'),
        'version 7.3; save it with -v7',
    ),
}


@pytest.mark.parametrize('kind', MATLAB)
def test_labels_of_penn_action(capsys, tmp_path, kind):
    """One bad file of 2,326 leaves the others."""
    spoil, expected = MATLAB[kind]
    made = WRITERS['penn_action'](tmp_path / 'src')
    spoil(made.bad)
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'0002.mat: .*{expected}')


def kinect(line: int, value: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        lines = path.read_text().splitlines()
        lines[line - 1] = value
        path.write_text('\n'.join(lines) + '\n')

    return spoil


KINECT = {
    'many frames': (kinect(1, str(10**9)), 'line 1: expected the number of frames'),
    'frames beyond the end': (kinect(1, str(10**8)), 'truncated after line'),
    'digits': (kinect(1, DIGITS), 'line 1: expected the number of frames'),
    'negative': (kinect(1, '-3'), 'line 1: expected the number of frames'),
    'other digits': (kinect(1, '١٥'), 'line 1: expected the number of frames'),
    'a crowd': (kinect(2, '6000'), 'line 2: expected at most 100 bodies'),
    'joints': (kinect(4, '26'), 'line 4: expected'),
    'infinite': (kinect(5, 'inf ' * 12), 'line 5: expected finite numbers'),
    'NaN': (kinect(5, 'nan ' * 12), 'line 5: expected finite numbers'),
    'huge': (kinect(5, '1e300 ' * 12), 'line 5: expected finite numbers'),
    'words': (kinect(5, 'left ' * 12), 'line 5: expected numbers'),
}


@pytest.mark.parametrize('kind', KINECT)
@pytest.mark.parametrize('name', ['ntu', 'uav_human'])
def test_kinect_text(capsys, tmp_path, name, kind):
    spoil, expected = KINECT[kind]
    made = WRITERS[name](tmp_path / 'src')
    spoil(made.bad)
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{made.bad.name}.*{expected}')


def test_thousands_of_body_ids(capsys, tmp_path):
    made = WRITERS['uav_human'](tmp_path / 'src')
    made.bad.write_text(kinect_text(frames=1500, joints=17, ids=1500))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, 'expected at most 1000 body ids, found 1500')


def test_a_class_beyond_the_last(capsys, tmp_path):
    made = WRITERS['uav_human'](tmp_path / 'src')
    made.bad.rename(made.bad.with_name(made.bad.name.replace('A001R0', 'A999999R0')))
    assert_only_the_bad_clip_is_lost(
        capsys, made, tmp_path, 'A999999R0.*label 999999 is outside the 155 classes'
    )


def skeleton(value: float | complex | str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        values = np.ones((20, 3, 8), object if isinstance(value, str) else type(value))
        values[3, 1, 2] = value
        savemat(path, dict(d_skel=value if isinstance(value, str) else values))

    return spoil


UTD = {
    'infinite': (skeleton(np.inf), 'finite numbers'),
    'NaN': (skeleton(np.nan), 'finite numbers'),
    'large': (skeleton(1e8), 'at most 1e\\+06'),
    'complex': (skeleton(1j), 'neither an array of real numbers'),
    'text': (skeleton('abc'), "expected an array 'd_skel'"),
    'other joints': (lambda path: savemat(path, dict(d_skel=np.ones((25, 3, 8)))), r'found \(25, 3, 8\)'),
    'other name': (
        lambda path: savemat(path, dict(skeleton=np.ones((20, 3, 8)))),
        "expected an array 'd_skel'",
    ),
}


@pytest.mark.parametrize('kind', UTD)
def test_skeletons_of_utd_mhad(capsys, tmp_path, kind):
    spoil, expected = UTD[kind]
    made = WRITERS['utd_mhad'](tmp_path / 'src')
    spoil(made.bad)
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{made.bad.name}: .*{expected}')


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        ('inf 1 1', 'finite numbers'),
        ('nan 1 1', 'finite numbers'),
        ('1e300 1 1', 'finite numbers'),
        ('1e8 1 1', r'at most 1e\+06'),
        ('1 1', 'line 80: expected x y z, found 2 values'),
        ('a b c', 'a text file of numbers'),
        ('1 1 1\n1 1 1', 'expected 20 lines per frame, found 81'),
        (f'{DIGITS} 1 1', 'finite numbers'),
    ],
)
def test_skeletons_of_utkinect(capsys, tmp_path, line, expected):
    made = WRITERS['utkinect'](tmp_path / 'src')
    made.bad.write_text('\n'.join([*made.bad.read_text().splitlines()[:-1], line]))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{made.bad.name}.*{expected}')


@pytest.mark.parametrize('name', ['utd_mhad', 'utkinect', 'ntu'])
def test_a_class_before_the_first(capsys, tmp_path, name):
    """Action 0 of data sets that count from 1 is no class, and not "unlabelled" either."""
    made = WRITERS[name](tmp_path / 'src')
    first = dict(
        utd_mhad='a0_s2_t1_skeleton.mat', utkinect='a00_s01_e01.txt', ntu='S001C001P001R001A000.skeleton'
    )
    made.bad.rename(made.bad.with_name(first[name]))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{first[name]}: .*label -1 is outside')


def rows(name: str, last: list[int]) -> np.ndarray:
    """The table of clips, its last row replaced."""
    return np.array([[1, 1, 1, 0, 6] if name == 'kard' else [1, 1, 1, 1, 0, 6], last])


@pytest.mark.parametrize(('first', 'frames'), [(6, 7), (-1, 3), (6, 0), (6, -2), (10**12, 3)])
@pytest.mark.parametrize('name', ['kard', 'nw_ucla'])
def test_clips_that_lie_elsewhere(capsys, tmp_path, name, first, frames):
    start = [2, 1, 1] if name == 'kard' else [2, 1, 1, 2]
    made = WRITERS[name](tmp_path / 'src', clip=rows(name, [*start, first, frames]))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{name}.npz: a clip of {frames} frames')


@pytest.mark.parametrize(
    ('name', 'row', 'expected'),
    [
        ('kard', [0, 1, 1, 6, 6], 'label -1 is outside'),
        ('kard', [19, 1, 1, 6, 6], 'label 18 is outside the 18 classes'),
        ('nw_ucla', [7, 1, 1, 2, 6, 6], 'expected an action of .*, found 7'),
        ('nw_ucla', [10**9, 1, 1, 2, 6, 6], 'expected an action of .*, found 1000000000'),
    ],
)
def test_classes_of_packed_clips(capsys, tmp_path, name, row, expected):
    made = WRITERS[name](tmp_path / 'src', clip=rows(name, row))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{name}.npz: .*{expected}')


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        (dict(clip=np.ones((2, 4), np.int32)), "expected an array 'clip' of whole numbers"),
        (dict(clip=np.ones((2, 5))), "expected an array 'clip' of whole numbers"),
        (dict(clip=np.ones((0, 5), np.int32)), 'is empty'),
        (dict(clip=np.array([[1, 1, 1, 0, 6]] * 2)), 'two clips are named'),
        (dict(world=np.ones((12, 20, 3))), r"expected an array 'world' \(frames, 15, 3\)"),
        (dict(world=np.full((12, 15, 3), 'a')), 'expected real numbers'),
        (dict(world=np.full((12, 15, 3), np.inf)), 'finite numbers'),
        (dict(world=np.full((12, 15, 3), 1e30)), r'at most 1e\+06'),
    ],
)
def test_arrays_of_another_form(capsys, tmp_path, changes, expected):
    made = WRITERS['kard'](tmp_path / 'src', **changes)
    assert_refused(convert(capsys, made, tmp_path / 'store'), f'kard.npz.*{expected}|{expected}.*kard.npz')


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        (b'', 'expected one class name per line, found none'),
        (b'walk\nwalk\n', "unique, found .'walk'. repeated"),
        ('marché\n'.encode('latin-1'), 'text file in UTF-8'),
        (b'a\0b\n', 'NUL'),
    ],
)
def test_class_files(capsys, tmp_path, content, expected):
    made = WRITERS['tsu'](tmp_path / 'src')
    classes = tmp_path / 'classes.txt'
    classes.write_bytes(content)
    made.arguments += ['--classes', classes]
    assert_refused(convert(capsys, made, tmp_path / 'store'), f'classes.txt: .*{expected}')


@pytest.mark.parametrize('name', WRITERS)
def test_folders_without_a_file_of_the_data_set(capsys, tmp_path, name):
    made = WRITERS[name](tmp_path / 'src')
    (tmp_path / 'empty').mkdir()
    for source in ('empty', 'absent'):
        made.arguments[1] = tmp_path / source
        assert_refused(convert(capsys, made, tmp_path / 'store'), source)


@pytest.mark.parametrize('name', WRITERS)
def test_sound_files_make_a_store(capsys, tmp_path, name):
    """What the tests above spoil is sound before."""
    made = WRITERS[name](tmp_path / 'src')
    outcome = convert(capsys, made, tmp_path / 'store')
    assert outcome.code == 0, outcome.err
    store = SkeletonStore(tmp_path / 'store')
    assert len(store) == 2 and store.verify() == [] and store.find(made.bad_id) >= 0
