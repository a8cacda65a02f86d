"""Score files that are damaged, foreign or hostile: fuse_scores.py answers with one line each."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from mmactrep.evaluation import ScoreTable
from tests.helpers.refusals import assert_refused, run_here

FIELDS = dict(
    scores=np.eye(3, dtype=np.float32),
    labels=np.arange(3),
    ids=np.array(['a', 'b', 'c']),
    classes=np.array(['x', 'y', 'z']),
    kind=np.array('logits'),
)


def with_(**changes):
    """The arrays of a sound file, some of them changed; None leaves one out."""
    arrays = {name: value for name, value in (FIELDS | changes).items() if value is not None}

    def write(path):
        np.savez(path, **arrays)

    return write


def raw(content):
    return lambda path: path.write_bytes(content)


def promising(shape):
    """A file whose header promises more than it has."""

    def write(path):
        with_()(path)
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, dict(descr='<f4', fortran_order=False, shape=shape))
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members['scores.npy'] = header.getvalue() + bytes(36)
        with zipfile.ZipFile(path, 'w') as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return write


CASES = {
    'empty': (raw(b''), 'bad.npz: expected arrays'),
    'text': (raw(b'hello'), 'bad.npz: expected arrays'),
    'one array': (lambda path: np.save(path.open('wb'), np.eye(3)), 'bad.npz: expected arrays'),
    'scores alone': (with_(labels=None, kind=None), "lacks labels, kind among 'scores', 'ids', 'classes'"),
    'objects': (with_(ids=np.array(['a', None, 'c'], object)), "bad.npz: array 'ids' holds Python objects"),
    'huge header': (promising((10**9, 10**9)), "array 'scores' would take"),
    'short': (promising((4, 3)), "array 'scores' should have shape"),
    'text for scores': (
        with_(scores=np.full((3, 3), '1.5')),
        "bad.npz.*'scores' holds <U3, expected fractions",
    ),
    'complex': (with_(scores=np.eye(3) * 1j), "array 'scores' holds values of type"),
    'numbers for names': (with_(ids=np.arange(3)), "'ids' holds int64, expected text"),
    'booleans for labels': (with_(labels=np.ones(3, bool)), "'labels' holds bool, expected whole numbers"),
    'fractions for labels': (with_(labels=np.arange(3.0)), "'labels' holds float64, expected whole"),
    'no clips': (
        with_(scores=np.zeros((0, 3)), labels=np.zeros(0, int), ids=np.array([], str)),
        'at least one',
    ),
    'a number': (with_(scores=np.float32(1)), r'scores must be \(clips, classes\)'),
    'label -1': (
        with_(labels=np.array([0, -1, 2])),
        r"must lie in \[0, 3\), found \[-1\] for 1 clip\(s\): 'b'",
    ),
    'label beyond': (with_(labels=np.array([0, 1, 3])), r"found \[3\] for 1 clip\(s\): 'c'"),
    'NaN': (with_(scores=np.eye(3) * np.nan), r"NaN or infinite for 3 clip\(s\): 'a', 'b', 'c'"),
    'beyond single precision': (with_(scores=np.eye(3) * 1e300), 'NaN or infinite for 3 clip'),
    'ids repeat': (with_(ids=np.array(['a', 'a', 'c'])), "ids repeat: 1 clip.*'a'"),
    'ids too few': (with_(ids=np.array(['a', 'b'])), 'an id for each of 3 clips'),
    'classes too few': (with_(classes=np.array(['x'])), 'scores have 3 classes, but 1 are named'),
    'another kind': (with_(kind=np.array('odds')), "kind must be one of .*found 'odds'"),
    'endless names': (
        with_(ids=np.array(['a' * 10**5, 'b' * 10**5, 'c']), labels=-np.arange(3)),
        r'found \[-2',
    ),
}


@pytest.mark.parametrize('case', CASES)
def test_a_bad_file_is_one_line(tmp_path, capsys, case):
    write, line = CASES[case]
    write(tmp_path / 'bad.npz')
    assert_refused(run_here(capsys, 'analysis/fuse_scores.py', [tmp_path / 'bad.npz']), line)


@pytest.mark.filterwarnings('error')
def test_the_sound_file_of_these_cases_is_read(tmp_path, capsys):
    with_()(tmp_path / 'a.npz')
    outcome = run_here(capsys, 'analysis/fuse_scores.py', [tmp_path / 'a.npz'])
    assert outcome.code == 0 and '100.00' in outcome.out and not outcome.err


@pytest.mark.parametrize(
    ('other', 'line'),
    [
        (with_(ids=np.array(['a', 'b', 'q'])), r"only .*a.npz has 1 clip\(s\): 'c'; only .*b.npz has .*'q'"),
        (with_(labels=np.array([0, 2, 2])), r"a.npz and .*b.npz differ in the label of 1 clip\(s\): 'b'"),
        (with_(classes=np.array(['y', 'x', 'z'])), "2 class names, first class 0: 'x' and 'y'"),
        (None, 'b.npz: No such file'),
    ],
)
def test_files_that_do_not_fit_are_one_line(tmp_path, capsys, other, line):
    with_()(tmp_path / 'a.npz')
    if other:
        other(tmp_path / 'b.npz')
    files = [tmp_path / name for name in ('a.npz', 'b.npz')]
    assert_refused(run_here(capsys, 'analysis/fuse_scores.py', files), line)


def test_arguments_that_do_not_fit_are_one_line(tmp_path, capsys):
    with_()(tmp_path / 'a.npz')
    path = tmp_path / 'a.npz'
    for more, line in (
        ([path], 'a file is given twice'),
        (['--weights', '1', '2'], '1 files need as many weights, not all 0'),
        (['--weights', '-1'], 'expected a number from 0'),
        (['--out-dir', path], 'File exists|Not a directory'),
    ):
        assert_refused(run_here(capsys, 'analysis/fuse_scores.py', [path, *more]), line)


def test_a_table_is_written_whole_or_refused(tmp_path):
    table = ScoreTable(**FIELDS)
    with pytest.raises(ValueError, match=r"must end with '\.npz'"):
        table.save(tmp_path / 'a.txt')
    table.save(tmp_path / 'a.npz')
    assert ScoreTable.load(tmp_path / 'a.npz').ids.tolist() == ['a', 'b', 'c']
