"""Pickles of mmaction2 that are damaged, hostile or ambiguous: a line, never code or a crash."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

from mmactrep.datasets.converters import safe_pickle
from mmactrep.store.reader import SkeletonStore
from tests.helpers.bad_datasets import (
    assert_only_the_bad_clip_is_lost,
    convert,
)
from tests.helpers.datasets import (
    SmallDataset,
    pickled_annotation,
    write_mmaction_pickle,
)
from tests.helpers.refusals import assert_refused
from tests.helpers.training import REPO, environment


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
    'label -1': (dict(label=-1), 'label -1 is not one of'),
    'label true': (dict(label=True), "whole number as 'label', found True"),
    'label 10^9': (dict(label=10**9), 'label 1000000000 is not one of'),
    'label of 5,000 digits': (dict(label=10**5000), 'label .* is not one of'),
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
    'split of no names': (dict(split=dict(train=[['a']])), 'contains something that is not a clip name'),
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
    assert_refused(outcome, "clip 'a': its third column has values that are not scores")


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
