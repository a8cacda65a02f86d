"""Every kind of bad file, given to every converter: a line that names it, and with --skip-bad the rest."""

from __future__ import annotations

import json
import os
import pickle
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from mmactrep.datasets.converters import safe_pickle
from mmactrep.store.reader import SkeletonStore
from tests.helpers.datasets import (
    WRITERS,
    SmallDataset,
    kinect_text,
    lcrnet_frames,
    penn_label,
    pickled_annotation,
    write_mmaction_pickle,
)
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import REPO, environment

DIGITS = '9' * 5000


def convert(capsys, data: SmallDataset, out: Path, *options: str):
    return run_here(
        capsys, 'data/convert.py', [data.name, *data.arguments, '--out', out, '--quiet', *options]
    )


def assert_only_the_bad_clip_is_lost(capsys, data: SmallDataset, tmp_path: Path, pattern: str) -> None:
    """Refused in a line that names the file; with --skip-bad the other clip is there, the bad one listed."""
    assert_refused(convert(capsys, data, tmp_path / 'store'), f'{pattern}.*--skip-bad')
    outcome = convert(capsys, data, tmp_path / 'store', '--skip-bad')
    assert outcome.code == 0, outcome.err
    assert len(SkeletonStore(tmp_path / 'store')) == 1
    assert (tmp_path / 'store.skipped.txt').read_text().count('\n') == 1


def text(content: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(content)


def raw(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content)


def as_json(content: object) -> Callable[[Path], None]:
    return text(json.dumps(content))


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 40])


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def gone(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name('absent'))


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
    'text': (as_json(lcrnet_frames(pose2d=pose('12.5'))), "frame 1, person 0: 'pose2d' holds '12.5'"),
    'booleans': (as_json(lcrnet_frames(pose2d=pose(True))), 'holds True'),
    'nested': (as_json(lcrnet_frames(pose2d=pose([1.0]))), r'holds \[1.0\]'),
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
    'complex': (mat(x=np.full((5, 13), 1j)), "'x' is no array of real numbers"),
    'text': (mat(x='abc'), "expected 'x' to be numbers"),
    'cells': (cells, "'x' is no array of real numbers"),
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
    'complex': (skeleton(1j), 'no array of real numbers'),
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


def npz(**arrays: object) -> Callable[[Path], None]:
    return lambda path: np.savez(path, **arrays)


def poses(**changes: object) -> np.ndarray:
    keypoint = np.random.default_rng(0).uniform(1, 600, (60, 17, 2))
    for value in changes.values():
        keypoint[3, 4, 1] = value
    return keypoint


def encrypted(path: Path) -> None:
    """The flag of encryption set in both headers of the first member."""
    content = bytearray(path.read_bytes())
    for mark, offset in ((b'PK\x03\x04', 6), (b'PK\x01\x02', 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)


def npz_bomb(path: Path) -> None:
    """An archive whose directory says that 600 MB are packed into it."""
    content = bytearray(path.read_bytes())
    struct.pack_into('<I', content, content.index(b'PK\x01\x02') + 24, 600 << 20)
    path.write_bytes(content)


def npz_promise(path: Path) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 17, 2)}".ljust(117) + b'\n'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('kpts.npy', b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header)


NPZ = {
    'infinite': (npz(kpts=poses(a=np.inf)), 'finite'),
    'huge': (npz(kpts=poses(a=1e300)), 'finite'),
    'large': (npz(kpts=poses(a=-1e8)), 'at most 1e\\+06'),
    'complex': (npz(kpts=poses() + 1j), 'numbers'),
    'text': (npz(kpts=poses().astype(str)), 'expected real numbers'),
    'booleans': (npz(kpts=poses() > 0), 'expected real numbers'),
    'objects': (npz(kpts=poses().astype(object)), 'Python objects'),
    'nobody': (npz(kpts=0 * poses()), 'no joint'),
    'other joints': (npz(kpts=poses()[:, :13]), r"expected 'kpts' \(frames, 17, 2\)"),
    'other name': (npz(keypoints=poses()), r"expected an NPZ with the array 'kpts', found \['keypoints'\]"),
    'no frames': (npz(kpts=poses()[:0]), "expected 'kpts'"),
    'encrypted': (encrypted, 'encrypted'),
    'bomb': (npz_bomb, 'would take'),
    'promise': (npz_promise, 'would take'),
}


@pytest.mark.parametrize('kind', NPZ)
@pytest.mark.parametrize('name', ['tsu', 'charades'])
def test_poses_of_untrimmed_videos(capsys, tmp_path, name, kind):
    spoil, expected = NPZ[kind]
    made = WRITERS[name](tmp_path / 'src')
    spoil(made.bad)
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'{made.bad.name}: .*{expected}')


DENSE_ENTRIES = {
    'reversed': (dict(actions=[[0, 20, 5]]), 'ends before it starts'),
    'negative time': (dict(actions=[[0, -5, 5]]), 'finite times'),
    'infinite time': (dict(actions=[[0, 1, np.inf]]), 'finite times'),
    'NaN': (dict(actions=[[0, np.nan, 5]]), 'finite times'),
    'huge time': (dict(actions=[[0, 1, 1e300]]), 'finite times'),
    'text': (dict(actions=[[0, '1', '5']]), 'finite times'),
    'class -1': (dict(actions=[[-1, 1, 5]]), 'a class from 0'),
    'class true': (dict(actions=[[True, 1, 5]]), 'a class from 0'),
    'class 1.5': (dict(actions=[[1.5, 1, 5]]), 'a class from 0'),
    'class 10^9': (dict(actions=[[10**9, 1, 5]]), 'a class from 0'),
    'two numbers': (dict(actions=[[0, 1]]), r'expected actions \[class, start, end\]'),
    'no list': (dict(actions={'a': 1}), 'expected a list of actions'),
    'subset': (dict(subset='val'), "'training' or 'testing'"),
    'duration 0': (dict(duration=0), 'a duration above 0'),
    'duration infinite': (dict(duration=np.inf), 'a duration above 0'),
    'duration true': (dict(duration=True), 'a duration above 0'),
    'no duration': (dict(duration=None), 'a duration above 0'),
}


@pytest.mark.parametrize('kind', DENSE_ENTRIES)
@pytest.mark.parametrize('name', ['tsu', 'charades'])
def test_entries_of_dense_annotation(capsys, tmp_path, name, kind):
    changes, expected = DENSE_ENTRIES[kind]
    made = WRITERS[name](tmp_path / 'src')
    content = json.loads(made.files['annotation'].read_text())
    content[made.bad_id].update(changes)
    made.files['annotation'].write_text(json.dumps(content))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f"src.json: video '{made.bad_id}': .*{expected}")


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        ('{"P03', 'expected JSON'),
        ('[' * 100_000, 'nested too deeply'),
        ('[]', 'expected {video'),
        ('{}', 'expected {video'),
        (f'{{"P03T01C01": {DIGITS}}}', 'digits'),
        ('{"other": {"subset": "training", "duration": 5, "actions": []}}', 'names none of the 2 videos'),
    ],
)
def test_dense_annotation_of_another_form(capsys, tmp_path, content, expected):
    made = WRITERS['tsu'](tmp_path / 'src')
    made.files['annotation'].write_text(content)
    for options in ((), ('--skip-bad',)):
        assert_refused(convert(capsys, made, tmp_path / 'store', *options), f'src.json: .*{expected}')


@pytest.mark.parametrize('name', ['tsu', 'charades', 'pku_mmd'])
def test_times_beyond_the_end_are_told(capsys, tmp_path, name):
    """One action is cut at the end and one, which has no frame left, is left out; and that is said."""
    made = WRITERS[name](tmp_path / 'src')
    frames, unit = (20, 1) if name == 'pku_mmd' else (60, 1 if name == 'tsu' else 0.1)
    actions = [[0, 2, frames + 40], [0, frames + 5, frames + 20], [0, 1, 3]]
    if name == 'pku_mmd':
        made.files['label'].write_text('\n'.join(f'{a + 1},{start},{end},2' for a, start, end in actions))
    else:
        content = json.loads(made.files['annotation'].read_text())
        content[made.bad_id]['actions'] = [[a, start * unit, end * unit] for a, start, end in actions]
        made.files['annotation'].write_text(json.dumps(content))
    outcome = convert(capsys, made, tmp_path / 'store')
    assert outcome.code == 0
    assert (
        f'{made.bad_id}: 2 actions end beyond its {frames} frames and are cut there, 1 actions without a '
        'frame are left out' in outcome.out
    )
    store = SkeletonStore(tmp_path / 'store')
    found = [tuple(record)[1:] for record in store.segments(store.find(made.bad_id)).tolist()]
    assert sorted(found) == [(0, 1, 3), (0, 2, frames)]


PKU_LABELS = {
    'reversed': ('1,9,2,2', 'expected 0 <= start <= end'),
    'negative': ('1,-9,2,2', 'expected 0 <= start <= end'),
    'far': ('1,2,1e12,2', 'expected 0 <= start <= end'),
    'infinite': ('1,2,inf,2', 'expected class,start,end'),
    'NaN': ('nan,2,9,2', 'expected class,start,end'),
    'digits': (f'1,2,{DIGITS},2', 'expected class,start,end'),
    'words': ('walk,2,9,2', 'expected class,start,end'),
    'class 0': ('0,2,9,2', 'class 0 is none of 1 to 51'),
    'class 52': ('52,2,9,2', 'class 52 is none of 1 to 51'),
}


@pytest.mark.parametrize('kind', PKU_LABELS)
def test_labels_of_pku_mmd(capsys, tmp_path, kind):
    line, expected = PKU_LABELS[kind]
    made = WRITERS['pku_mmd'](tmp_path / 'src')
    made.files['label'].write_text(f'1,2,9,2\n{line}\n')
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'0002-M.label, line 2: .*{expected}')


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        ('inf ' * 150, 'line 20: expected finite numbers'),
        ('nan ' * 150, 'line 20: expected finite numbers'),
        ('1e300 ' * 150, 'line 20: expected finite numbers'),
        ('1e8 ' * 150, r'at most 1e\+06'),
        ('1 2 3', 'line 20: expected 150 numbers, found 3'),
        ('left ' * 150, 'a text file of numbers'),
        (DIGITS + ' ' + '1 ' * 149, 'finite'),
    ],
)
def test_skeletons_of_pku_mmd(capsys, tmp_path, line, expected):
    made = WRITERS['pku_mmd'](tmp_path / 'src')
    lines = made.bad.read_text().splitlines()
    made.bad.write_text('\n'.join([*lines[:-1], line]))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'0002-M.skeleton.*{expected}')


def test_a_pku_mmd_video_without_labels(capsys, tmp_path):
    made = WRITERS['pku_mmd'](tmp_path / 'src')
    made.files['label'].unlink()
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, '0002-M.label: there is no such label file')


def twice(depth: int) -> list:
    """A list whose printing takes 2^depth steps."""
    found: list = []
    for _ in range(depth):
        found = [found, found]
    return found


def keypoints(**changes: object) -> np.ndarray:
    keypoint = pickled_annotation()['keypoint'].copy()
    for value in changes.values():
        keypoint[0, 2, 3, 1] = value
    return keypoint


def scores(value: float) -> np.ndarray:
    score = pickled_annotation()['keypoint_score'].copy()
    score[0, 2, 3] = value
    return score


PICKLED = {
    'label -1': (dict(label=-1), 'label -1 is none of'),
    'label true': (dict(label=True), "whole number as 'label', found True"),
    'label 10^9': (dict(label=10**9), 'label 1000000000 is none of'),
    'label of 5,000 digits': (dict(label=10**5000), 'label .* is none of'),
    'label by name': (dict(label='walk'), "found 'walk'"),
    'label that cannot be printed': (dict(label=twice(60)), r'found \[\['),
    'infinite': (dict(keypoint=keypoints(a=np.inf)), 'finite'),
    'large': (dict(keypoint=keypoints(a=1e8)), r'at most 1e\+06'),
    'complex': (dict(keypoint=keypoints() + 1j), 'expected real numbers'),
    'text': (dict(keypoint=keypoints().astype(str)), 'expected real numbers'),
    'booleans': (dict(keypoint=keypoints() > 0), 'expected real numbers'),
    'nobody': (dict(keypoint=0 * keypoints(), keypoint_score=None), 'no joint'),
    'negative score': (dict(keypoint_score=scores(-1)), 'scores must be'),
    'infinite score': (dict(keypoint_score=scores(np.inf)), 'scores must be'),
    'scores as a list': (dict(keypoint_score=[1, 2]), "expected an array 'keypoint_score'"),
    'no persons': (dict(keypoint=np.zeros((0, 6, 17, 2))), 'expected 1 to 100 persons'),
    'a crowd': (dict(keypoint=np.zeros((101, 6, 17, 2))), 'expected 1 to 100 persons'),
    'persons as channels': (dict(keypoint=np.zeros((2, 6, 17, 1))), r'expected keypoints \(M, T, V, 2\)'),
    'size infinite': (dict(img_shape=(np.inf, 640)), "expected 'img_shape'"),
    'size negative': (dict(img_shape=(-480, 640)), "expected 'img_shape'"),
    'size huge': (dict(img_shape=(10**9, 640)), "expected 'img_shape'"),
    'size a word': (dict(img_shape='480x640'), "expected 'img_shape'"),
    'frames': (dict(total_frames=twice(60)), 'expected .* frames, found 6'),
    'empty name': (dict(frame_dir=''), "annotation 1 has no 'frame_dir'"),
    'no name': (dict(frame_dir=None), "annotation 1 has no 'frame_dir'"),
    'name a list': (dict(frame_dir=['b']), "annotation 1 has no 'frame_dir'"),
    'name with NUL': (dict(frame_dir='b\0c'), 'name of a clip'),
    'name that leads elsewhere': (dict(frame_dir='../../b'), 'name of a clip'),
    'name of blanks': (dict(frame_dir='  '), 'name of a clip'),
    'name of bytes': (dict(frame_dir=b'b'), "annotation 1 has no 'frame_dir'"),
}


@pytest.mark.parametrize('kind', PICKLED)
def test_annotations_of_mmaction(capsys, tmp_path, kind):
    changes, expected = PICKLED[kind]
    made = write_mmaction_pickle(tmp_path / 'src', pickled_annotation(**changes))
    assert_only_the_bad_clip_is_lost(capsys, made, tmp_path, f'small.pkl: .*{expected}')


PICKLES = {
    'split that leads elsewhere': (dict(split={'../../x': ['a']}), 'name of a split'),
    'split with an absolute name': (dict(split={'/tmp/x': ['a']}), 'name of a split'),
    'split without a name': (dict(split={'': ['a']}), 'name of a split'),
    'split by number': (dict(split={1: ['a']}), "expected 'split'"),
    'split of no names': (dict(split=dict(train=[['a']])), "split 'train' holds something that is no name"),
    'split of absent clips': (dict(split=dict(train=['c'])), 'not annotated'),
    'two of one name': (
        dict(annotations=[pickled_annotation('a'), pickled_annotation('a')]),
        'two clips are named',
    ),
    'a number and its text': (
        dict(annotations=[pickled_annotation(1), pickled_annotation('1')], split={}),
        "named '1'",
    ),
    'no annotations': (dict(annotations=twice(60)[:0]), 'expected a list of annotations'),
    'annotations of lists': (dict(annotations=twice(60)), 'expected a list of annotations'),
}


@pytest.mark.parametrize('kind', PICKLES)
def test_pickles_of_another_form(capsys, tmp_path, kind):
    changes, expected = PICKLES[kind]
    made = write_mmaction_pickle(tmp_path / 'src', **changes)
    for options in ((), ('--skip-bad',)):
        assert_refused(convert(capsys, made, tmp_path / 'store', *options), f'small.pkl: .*{expected}')
    assert {path.name for path in tmp_path.iterdir()} <= {'src', 'store.partial', '.store.lock'}


def nested(kind: str, depth: int) -> bytes:
    """A pickle whose dictionary has a key that is nested so deep that hashing it would overrun the stack."""
    open_, close = dict(tuple=(b'', b'\x85'), frozenset=(b'(', b'\x91'), twice=(b'', b'2\x86'))[kind]
    return b'\x80\x04}' + open_ * depth + b'N' + close * depth + b'Ns.'


HOSTILE = {
    'nested tuples': nested('tuple', 300_000),
    'nested frozensets': nested('frozenset', 1000),
    'tuples that hold one another twice': nested('twice', 60),
    'a set of nested tuples': b'\x80\x04\x8f(' + b'N' + b'\x85' * 1000 + b'\x90.',
    'OrderedDict of nested tuples': b'ccollections\nOrderedDict\n((N' + b'\x85' * 1000 + b'N\x86tt\x85R.',
    'set called with nested tuples': b'c__builtin__\nset\n(]N' + b'\x85' * 1000 + b'atR.',
    'a call': b'cos\nsystem\n(S"true"\ntR.',
    'flags in the state of a type': b'\x80\x02cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R'
    b'(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ftb.',
    'subarray in the state of a type': b'\x80\x02cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R'
    b'(K\x03U\x01<U\x01OK\x01\x86NNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb.',
    'size in the state of a type': b'\x80\x02cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R'
    b'(K\x03U\x01<NNNJ\x00\x00\x00\x10J\xff\xff\xff\xffK\x00tb.',
}


def test_pickles_that_would_end_the_process(tmp_path):
    """In a process of its own, since the fault is signal 11 or a loop without end."""
    paths = [tmp_path / f'{kind}.pkl' for kind in HOSTILE]
    for path, content in zip(paths, HOSTILE.values()):
        path.write_bytes(content)
    run_all = (
        'import sys; from mmactrep.datasets.converters.cli import main; '
        "print([main(['mmaction_pickle', '--src', path, '--out', sys.argv[1]]) for path in sys.argv[2:]])"
    )
    done = subprocess.run(
        [sys.executable, '-c', run_all, tmp_path / 'store', *paths],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment() | dict(PYTHONPATH=str(REPO)),
    )
    assert done.returncode == 0 and 'Traceback' not in done.stderr, done.stderr
    assert done.stdout.strip() == str([1] * len(paths))
    lines = done.stderr.splitlines()
    assert len(lines) == len(paths)
    for path, line in zip(paths, lines):
        assert re.match(rf'error: .*{path.name}: .*(admitted|foreign)', line) and len(line) < 500


def test_a_shape_that_its_bytes_do_not_fill(capsys, tmp_path):
    """An array of (10^9, 6, 17, 2) in a file of a few kilobytes: refused by its number of persons; with one
    person and 10^6 frames by its bytes, before any memory is taken."""
    made = write_mmaction_pickle(tmp_path / 'src')
    content = made.bad.read_bytes()
    shape = pickle.dumps((1, 6, 17, 2), 4)[11:]
    assert content.count(b'(K\x01K\x06K\x11K\x02t') == 2, shape
    first, rest = content.split(b'(K\x01K\x06K\x11K\x02t', 1)
    head, tail = rest.split(b'(K\x01K\x06K\x11K\x02t', 1)
    for numbers, expected in (
        (b'(J\x00\xca\x9a\x3bK\x06K\x11K\x02t', 'expected 1 to 100 persons'),
        (b'(K\x01J\x40\x42\x0f\x00K\x11K\x02t', 'expected 1000000 frames|has 816 bytes|expected 6 frames'),
    ):
        made.bad.write_bytes(first + b'(K\x01K\x06K\x11K\x02t' + head + numbers + tail)
        assert_refused(convert(capsys, made, tmp_path / 'store'), f'small.pkl: .*({expected})')


def test_names_that_are_whole_numbers(capsys, tmp_path):
    changes = dict(split=dict(train=[7], test=[8]))
    annotations = [pickled_annotation(7), pickled_annotation(8)]
    made = write_mmaction_pickle(tmp_path / 'src', annotations=annotations, **changes)
    assert convert(capsys, made, tmp_path / 'store').code == 0
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == ['7', '8']
    assert (store.split('train').tolist(), store.split('test').tolist()) == ([0], [1])


def test_the_case_of_whole_numbers(capsys, tmp_path, shared_data):
    path = shared_data.parent / 'cases' / 'pickles' / 'int_frame_dir.pkl'
    made = SmallDataset('mmaction_pickle', ['--src', path], path, '0')
    assert convert(capsys, made, tmp_path / 'store').code == 0
    with open(path, 'rb') as file:
        expected = pickle.load(file)  # our own case file
    store = SkeletonStore(tmp_path / 'store')
    assert [int(clip) for clip in store.ids] == [entry['frame_dir'] for entry in expected['annotations']]
    for split, names in expected['split'].items():
        assert [int(store.ids[row]) for row in store.split(split)] == names


def with_third(column: np.ndarray, joints: int = 17, scale: float = 400) -> dict:
    """A clip of x, y and a third column."""
    rng = np.random.default_rng(0)
    keypoint = rng.uniform(0.1, 1, (1, 6, joints, 3)).astype(np.float32)
    keypoint[..., :2] *= scale
    keypoint[..., 2] = column
    return pickled_annotation('a', keypoint=keypoint, keypoint_score=None)


@pytest.mark.parametrize('joints', [17, 25])
def test_a_third_column_that_can_be_a_score_must_be_told(capsys, tmp_path, joints):
    column = np.random.default_rng(1).uniform(0.2, 1, (6, joints)).astype(np.float32)
    made = write_mmaction_pickle(tmp_path / 'src', annotations=[with_third(column, joints)], split={})
    layout = ('--layout', 'coco17' if joints == 17 else 'body25')
    assert_refused(convert(capsys, made, tmp_path / 'store', *layout), 'small.pkl: .*--third-column')
    for told, channels in (('score', 2), ('z', 3)):
        out = tmp_path / told
        assert convert(capsys, made, out, '--third-column', told, *layout).code == 0
        store = SkeletonStore(out)
        assert store.num_channels == channels
        clip = store[0]
        if told == 'score':
            np.testing.assert_allclose(clip['keypoint_score'][0], column, rtol=1e-6)
        else:
            np.testing.assert_allclose(clip['keypoint'][0, ..., 2], column, rtol=1e-6)
            assert (clip['keypoint_score'] == 1).all()


def test_a_third_column_that_is_no_score(capsys, tmp_path):
    """Negative values, as MediaPipe's relative z has them."""
    column = np.random.default_rng(1).uniform(-0.5, 0.5, (6, 17)).astype(np.float32)
    made = write_mmaction_pickle(tmp_path / 'src', annotations=[with_third(column)], split={})
    outcome = convert(capsys, made, tmp_path / 'store', '--third-column', 'score')
    assert_refused(outcome, "clip 'a': its third column holds values that are no scores")


def test_kinect_in_metres_is_3d_as_ever(capsys, tmp_path):
    """25 joints within 3 m, z from 0.2 to 1: nothing about them looks like pixels."""
    column = np.random.default_rng(1).uniform(0.2, 1, (6, 25)).astype(np.float32)
    made = write_mmaction_pickle(tmp_path / 'src', annotations=[with_third(column, 25, scale=3)], split={})
    assert convert(capsys, made, tmp_path / 'store').code == 0
    store = SkeletonStore(tmp_path / 'store')
    assert (store.layout.name, store.num_channels) == ('ntu25', 3)


def test_a_pickle_of_too_many_values(capsys, tmp_path, monkeypatch):
    """A hundred megabytes of empty lists would take six gigabytes."""
    monkeypatch.setattr(safe_pickle, '_MAX_INSTRUCTIONS', 1000)
    path = tmp_path / 'a.pkl'
    made = SmallDataset('mmaction_pickle', ['--src', path], path, 'a')
    path.write_bytes(b'\x80\x04' + b']' * 2000 + b'.')
    assert_refused(convert(capsys, made, tmp_path / 'store'), 'a.pkl: more than 1,000 values')


@pytest.mark.parametrize('content', [b'', b'not a pickle', b'\x80\x04', b'PK\x03\x04' + bytes(100)])
def test_files_that_are_no_pickles(capsys, tmp_path, content):
    path = tmp_path / 'a.pkl'
    path.write_bytes(content)
    made = SmallDataset('mmaction_pickle', ['--src', path], path, 'a')
    assert_refused(convert(capsys, made, tmp_path / 'store'), 'a.pkl: ')


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
