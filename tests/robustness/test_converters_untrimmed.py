"""Bad poses and annotations of untrimmed videos: a line that names the file, and with --skip-bad the rest."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mmactrep.store.reader import SkeletonStore
from tests.helpers.bad_datasets import (
    DIGITS,
    assert_only_the_bad_clip_is_lost,
    convert,
)
from tests.helpers.datasets import (
    WRITERS,
)
from tests.helpers.refusals import assert_refused


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
        'frame are skipped' in outcome.out
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
    'class 0': ('0,2,9,2', 'class 0 is not one of 1 to 51'),
    'class 52': ('52,2,9,2', 'class 52 is not one of 1 to 51'),
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
