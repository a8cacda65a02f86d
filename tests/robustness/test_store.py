"""Clips that no store may take, and stores that somebody damaged: each is refused in a line that says why."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

from mmactrep.store import BadClipError, SkeletonStore, SkeletonStoreWriter, StoreError
from mmactrep.store import format as fmt
from mmactrep.store.description import description_checksum
from tests.helpers.refusals import assert_refused, run_here

CLASSES = ['sit', 'stand', 'wave']


def poses(persons=1, frames=4, channels=2):
    rng = np.random.default_rng(persons + 10 * frames)
    return rng.uniform(10, 90, (persons, frames, 17, channels)).astype(np.float32)


def changed(index, value, array=None):
    array = poses() if array is None else array
    array[index] = value
    return array


SCORES = np.ones((1, 4, 17), np.float32)


NESTED = ()  # its text would take for ever
for _ in range(60):
    NESTED = (NESTED, NESTED)

BAD_CLIPS = {
    # coordinates
    'text': (dict(keypoint=poses().astype(str)), 'expected keypoints as numbers, found <U'),
    'booleans': (dict(keypoint=poses() > 50), 'expected keypoints as numbers, found bool'),
    'complex': (dict(keypoint=poses() + 1j), 'expected keypoints as numbers, found complex'),
    'objects': (dict(keypoint=poses().astype(object)), 'expected keypoints as numbers, found object'),
    'ragged': (dict(keypoint=[[[[1, 2]] * 17], [[[1, 2]] * 3]]), 'expected an array of keypoints'),
    'nothing': (dict(keypoint=None), 'expected keypoints as numbers, found object'),
    'infinite': (dict(keypoint=changed((0, 1, 2, 0), np.inf)), r'must be finite.*inf at .* \(0, 1, 2, 0\)'),
    'half nan': (dict(keypoint=changed((0, 1, 2, 0), np.nan)), r'must be finite.*nan at .* \(0, 1, 2, 0\)'),
    'huge': (dict(keypoint=changed((0, 1, 2, 0), 1e20)), r'1e\+09 at most, found 1\.\d+e\+20'),
    'beyond float32': (dict(keypoint=changed((0, 1, 2, 0), 1e300, poses().astype(float))), r'found 1e\+300'),
    'huge integer': (dict(keypoint=np.full((1, 4, 17, 2), 2**62)), 'at most'),
    'all zero': (dict(keypoint=np.zeros((1, 4, 17, 2))), 'no joint is seen in any frame'),
    'all nan': (dict(keypoint=np.full((1, 4, 17, 2), np.nan)), 'no joint is seen in any frame'),
    'all scores zero': (dict(score=SCORES * 0), 'no joint is seen in any frame'),
    'no frames': (dict(keypoint=poses()[:, :0]), 'it is empty'),
    'no persons': (dict(keypoint=poses()[:0]), 'it is empty'),
    'other joints': (dict(keypoint=poses()[:, :, :13]), "'coco17' has 17 joints, .* found .1, 4, 13, 2."),
    'other channels': (dict(keypoint=poses(channels=3)), r'expected keypoints \(M, T, 17, 2\)'),
    'one person less': (dict(keypoint=poses()[0]), r'expected keypoints \(M, T, 17, 2\)'),
    'centered': (
        dict(keypoint=poses() - poses()[:, :, :1]),
        r"'nose' of person 0 is at 0 in frame \d, within the body: .* Give scores, or NaN",
    ),
    # scores
    'negative score': (dict(score=changed((0, 2, 5), -0.1, SCORES.copy())), r'0 .* or more, found -0\.1'),
    'nan score': (dict(score=changed((0, 2, 5), np.nan, SCORES.copy())), r'0 .* or more, found nan'),
    'infinite score': (dict(score=changed((0, 2, 5), np.inf, SCORES.copy())), 'scores must be finite'),
    'boolean score': (dict(score=SCORES > 0), 'expected scores as numbers, found bool'),
    'scores of others': (dict(score=SCORES[:, :3]), r'expected scores \(1, 4, 17\), found \(1, 3, 17\)'),
    # labels
    'label true': (dict(label=True), r'label: expected a whole number, found True \(bool\)'),
    'label numpy true': (dict(label=np.True_), 'label: expected a whole number'),
    'label float': (dict(label=1.0), r'label: expected a whole number, found 1\.0 \(float\)'),
    'label none': (dict(label=None), r'label: expected a whole number, found None'),
    'label minus two': (dict(label=-2), 'label -2 is outside the 3 classes'),
    'label too high': (dict(label=3), 'label 3 is outside the 3 classes'),
    'label of 10^9': (dict(label=10**9), 'label 1000000000 is outside'),
    'label of many digits': (dict(label=10**5000), 'label: expected a whole number of at most 32 bits'),
    'label unknown': (dict(label='Sit'), "label 'Sit' is not one of the 3 classes"),
    'label nested': (dict(label=NESTED), 'label: expected a whole number'),
    # sizes and rates
    'size negative': (dict(img_shape=(-480, 640)), r'expected img_shape .* found \(-480, 640\)'),
    'size half': (dict(img_shape=(0, 640)), r'expected img_shape .* found \(0, 640\)'),
    'size huge': (dict(img_shape=(480, 10**7)), r'expected img_shape .* found \(480, 10000000\)'),
    'size float': (dict(img_shape=(480.5, 640)), r'height: expected a whole number, found 480\.5'),
    'size true': (dict(img_shape=(True, True)), 'height: expected a whole number, found True'),
    'size text': (dict(img_shape='wide'), r"expected img_shape as \(height, width\), found 'wide'"),
    'size of three': (dict(img_shape=(480, 640, 3)), r'expected img_shape as \(height, width\)'),
    'fps negative': (dict(fps=-25), 'expected frames per second from 0 .* found -25'),
    'fps nan': (dict(fps=float('nan')), 'expected frames per second .* found nan'),
    'fps infinite': (dict(fps=float('inf')), 'expected frames per second .* found inf'),
    'fps true': (dict(fps=True), 'expected frames per second .* found True'),
    'fps text': (dict(fps='25'), "expected frames per second .* found '25'"),
    # segments
    'segment reversed': (dict(segments=[(0, 3, 1)]), r'segment \(0, 3, 1\) does not fit 3 classes and 4'),
    'segment empty': (dict(segments=[(0, 2, 2)]), r'segment \(0, 2, 2\) does not fit'),
    'segment late': (dict(segments=[(0, 2, 5)]), r'segment \(0, 2, 5\) does not fit .* 4 frames'),
    'segment early': (dict(segments=[(0, -1, 2)]), r'segment \(0, -1, 2\) does not fit'),
    'segment half': (dict(segments=[(0, 0.5, 2)]), r'start: expected a whole number, found 0\.5'),
    'segment unlabelled': (dict(segments=[(-1, 0, 2)]), r'segment \(-1, 0, 2\) does not fit'),
    'segment unknown': (dict(segments=[('run', 0, 2)]), "label 'run' is not one of the 3 classes"),
    'segment true': (dict(segments=[(True, 0, 2)]), 'label: expected a whole number, found True'),
    'segment of two': (dict(segments=[(0, 2)]), r'expected segments \(class, start, end\), found \(0, 2\)'),
    'segment no tuple': (dict(segments=[7]), r'expected segments \(class, start, end\), found 7'),
    # names
    'name empty': (dict(clip_id=''), "name of a clip is empty: ''"),
    'name blank': (dict(clip_id=' \t'), 'name of a clip'),
    'name number': (dict(clip_id=7), r'expected text as the name of a clip, found 7 \(int\)'),
    'name bytes': (dict(clip_id=b'a'), r"expected text as the name of a clip, found b'a' \(bytes\)"),
    'name nul': (dict(clip_id='a\0b'), r"name of a clip contains '\\x00'"),
    'name with a line end': (dict(clip_id='a\nb'), r"name of a clip contains '\\n'"),
    'name with an escape': (dict(clip_id='a\x1b[2J'), r"name of a clip contains '\\x1b'"),
    'name of no text': (dict(clip_id='caf\udce9'), r"name of a clip contains '\\udce9'"),
    'name upward': (dict(clip_id='../../x'), r"or contain '\.\.' as a folder: '\.\./\.\./x'"),
    'name upward within': (dict(clip_id='a/../../x'), r"or contain '\.\.' as a folder"),
    'name upward with backslash': (dict(clip_id='..\\x'), r"or contain '\.\.' as a folder"),
    'name absolute': (dict(clip_id='/etc/x'), "must not begin with '/'"),
    'name endless': (dict(clip_id='x' * 100_000), 'more than 1000 bytes'),
}


@pytest.mark.parametrize('case', list(BAD_CLIPS))
def test_a_clip_that_does_not_fit_is_refused_and_leaves_no_trace(case, tmp_path):
    spoiled, message = BAD_CLIPS[case]
    clip = dict(clip_id='the_bad_one', keypoint=poses()) | spoiled
    with SkeletonStoreWriter(tmp_path / 's', 'coco17', CLASSES) as writer:
        writer.add('before', poses(), label=0)
        with pytest.raises(BadClipError, match=message) as error:
            writer.add(**clip)
        assert len(str(error.value)) < 500
        assert 'clip_id' in spoiled or "clip 'the_bad_one'" in str(error.value)
        writer.add('after', poses(2), label='wave')
        writer.finish()
    store = SkeletonStore(tmp_path / 's')
    assert list(store.ids) == ['before', 'after'] and store.verify() == []
    np.testing.assert_array_equal(store[1]['keypoint'], poses(2))


@pytest.mark.parametrize(
    'name', ['../../x', '/tmp/x', 'a/b', 'a\\b', '', '.', '..', 'a b', 'a\0', 'é', 'x' * 101, 3, None]
)
def test_splits_are_named_within_the_store(name, tmp_path):
    with SkeletonStoreWriter(tmp_path / 'a' / 'b' / 's', 'coco17') as writer:
        writer.add('clip', poses())
        with pytest.raises(StoreError, match='the name of a split consists of letters'):
            writer.add_split(name, ['clip'])
        writer.add_split('xsub_train-1.0', ['clip'])
        writer.finish()
    assert [p.name for p in tmp_path.rglob('*.npy') if p.parent.name != 's'] == ['xsub_train-1.0.npy']


@pytest.mark.parametrize(
    ('ids', 'message'),
    [('clip', 'expected a list of names, found one text'), ([3], r'found 3 \(int\)'), ([None], 'found None')],
)
def test_splits_are_lists_of_names(ids, message, tmp_path):
    writer = SkeletonStoreWriter(tmp_path / 's', 'coco17')
    with pytest.raises(StoreError, match=rf"split 'train' of .*{message}"):
        writer.add_split('train', ids)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(classes='abc'), "expected a list of class names, found the text 'abc'"),
        (dict(classes=['a', 3]), 'expected class names, found 3 for label 1'),
        (dict(classes=['a', ' ']), "expected class names, found ' ' for label 1"),
        (dict(classes=['a', 'b', 'a']), "labels 0 and 2 are both class 'a'"),
        (dict(attributes=dict(a={1, 2})), 'attributes must be JSON values'),
    ],
)
def test_settings_that_cannot_be_written_are_refused_at_once(options, message, tmp_path):
    with pytest.raises(StoreError, match=message):
        SkeletonStoreWriter(tmp_path / 's', 'coco17', **options)
    assert not list(tmp_path.iterdir())


# Stores that were finished, and then damaged.


@pytest.fixture(scope='module')
def sound(tmp_path_factory):
    root = tmp_path_factory.mktemp('sound') / 'store'
    with SkeletonStoreWriter(root, 'coco17', CLASSES) as writer:
        for i in range(5):
            segments = [(i % 3, 1, 3)] if i % 2 else []
            writer.add(
                f'clip_{i}', poses(1 + i % 2, 4 + i), label=i % 3, img_shape=(99, 99), segments=segments
            )
        writer.add_split('train', ['clip_3', 'clip_0'])
        writer.finish()
    return root


@pytest.fixture
def root(sound, tmp_path):
    shutil.copytree(sound, tmp_path / 'store')
    return tmp_path / 'store'


def describe(sealed=True, drop=(), **fields):
    """Change ``store.json``; sealed with a new checksum, as somebody does who means it."""

    def change(root):
        content = json.loads((root / fmt.META_FILE).read_text())
        content |= {key: value(content[key]) if callable(value) else value for key, value in fields.items()}
        content = {key: value for key, value in content.items() if key not in drop}
        if sealed:
            content['checksum'] = description_checksum(content)
        (root / fmt.META_FILE).write_text(json.dumps(content))

    return change


def text(content):
    return lambda root: (root / fmt.META_FILE).write_bytes(content)


def edit(name, change):
    def apply(root):
        array = np.load(root / name)
        changed_array = change(array)
        np.save(root / name, array if changed_array is None else changed_array)

    return apply


def put(field, row, value):
    def change(array):
        array[field][row] = value

    return change


def header(name, shape, dtype='<f4', order=False):
    """A file whose header promises what is not there."""

    def apply(root):
        with open(root / name, 'wb') as file:
            np.lib.format.write_array_header_1_0(file, dict(descr=dtype, fortran_order=order, shape=shape))

    return apply


def swapped(items):
    return [items[1], items[0], *items[2:]]


def joints_swapped(layout):
    return dict(layout, joints=swapped(layout['joints']))


UNOPENABLE = {
    'no text': (text(b'\xff\xfe\xfd'), r'store\.json: expected a text file'),
    'no json': (text(b'{"format": '), r'store\.json: expected JSON'),
    'nested': (text(b'[' * 100_000), r'store\.json: expected JSON.*nested'),
    'digits': (text(b'{"format": ' + b'9' * 5000 + b'}'), r'store\.json: expected JSON.*digits'),
    'list': (text(b'[]'), "expected format 'mmactrep-skeleton-store'"),
    'foreign': (text(b'{"format": "another"}'), "expected format 'mmactrep-skeleton-store'"),
    'version': (describe(version=3), 'expected version 2, found 3'),
    'version text': (describe(version='2'), "expected version 2, found '2'"),
    'version list': (describe(version=[2]), r'expected version 2, found \[2\]'),
    'classes swapped': (describe(False, classes=swapped), 'its checksum differs, the file was changed'),
    'joints swapped': (describe(False, layout=joints_swapped), 'its checksum differs, the file was changed'),
    'attribute changed': (describe(False, attributes=dict(a=1)), 'its checksum differs'),
    'no checksum': (describe(False, drop=['checksum']), 'its checksum differs'),
    **{
        f'no {key}': (describe(drop=[key]), f"store\\.json: '{key}' is missing")
        for key in (
            *('layout', 'classes', 'num_channels', 'with_score', 'dtype', 'attributes'),
            *('num_clips', 'num_rows', 'splits', 'checksums'),
        )
    },
    'layout text': (describe(layout='coco17'), "expected 'layout' to be a layout with name, joints"),
    'layout without joints': (describe(layout=dict(name='a', joints=[], parents={})), 'layout of a skeleton'),
    'layout of numbers': (describe(layout=dict(name='a', joints=[1], parents={})), "expected 'layout' to be"),
    'layout of 10^5 joints': (
        describe(layout=dict(name='a', joints=[f'j{i}' for i in range(100_000)], parents={})),
        "expected 'layout' to be",
    ),
    'layout with a cycle': (
        describe(layout=lambda layout: dict(layout, parents={'nose': 'left_eye', 'left_eye': 'nose'})),
        'layout of a skeleton',
    ),
    'layout with more': (describe(layout=lambda layout: dict(layout, extra=1)), 'layout of a skeleton'),
    'layout of others': (
        describe(layout=dict(name='a', joints=['x'], parents={})),
        r'keypoint\.npy: expected shape .*, 1, 2\), found .*, 17, 2\)',
    ),
    'classes text': (describe(classes='abc'), "expected 'classes' to be a list of names, found 'abc'"),
    'classes numbers': (describe(classes=[1, 2, 3]), "expected 'classes' to be a list of names"),
    'channels': (describe(num_channels=3), r'keypoint\.npy: expected shape'),
    'channels true': (describe(num_channels=True), "expected 'num_channels' to be 2 or 3, found True"),
    'channels huge': (describe(num_channels=10**9), "expected 'num_channels' to be 2 or 3"),
    'with_score': (describe(with_score='no'), "expected 'with_score' to be true or false"),
    'no scores': (describe(with_score=False), r"at odds: 'score\.npy'"),
    'dtype': (describe(dtype='object'), "expected 'dtype' to be 'float32' or 'float16', found 'object'"),
    'other dtype': (describe(dtype='float16'), r'keypoint\.npy: expected type float16, found'),
    'attributes': (describe(attributes=[]), "expected 'attributes' to be an object"),
    'clips': (describe(num_clips=4), r'index\.npy: expected shape \(4,\), found \(5,\)'),
    'clips negative': (describe(num_clips=-1), "expected 'num_clips' to be a count, found -1"),
    'clips huge': (describe(num_clips=10**18), "expected 'num_clips' to be a count"),
    'rows': (describe(num_rows=1), r'keypoint\.npy: expected shape'),
    'rows float': (describe(num_rows=1.5), r"expected 'num_rows' to be a count, found 1\.5"),
    'split upward': (describe(splits={'../../x': 2}), r"name of a split .* found '\.\./\.\./x'"),
    'split absolute': (describe(splits={'/tmp/x': 2}), "name of a split .* found '/tmp/x'"),
    'split count': (
        describe(splits=dict(train='two')),
        "expected 'splits' to be an object of names and count",
    ),
    'split added': (describe(splits=dict(train=2, test=1)), r"at odds: 'splits/test\.npy'"),
    'checksum upward': (
        describe(checksums=lambda sums: sums | {'../../x': '0' * 64}),
        r"at odds: '\.\./\.\./x'",
    ),
    'checksum odd': (
        describe(checksums=lambda sums: dict.fromkeys(sums, 'x')),
        "expected 'checksums' to be an object of files and their SHA-256",
    ),
    'keypoint absent': (lambda root: (root / fmt.KEYPOINT_FILE).unlink(), r'keypoint\.npy: missing'),
    'keypoint foreign': (
        lambda root: (root / fmt.KEYPOINT_FILE).write_bytes(b'\x89PNG\r\n' * 99),
        r'keypoint\.npy: truncated or foreign',
    ),
    'keypoint empty': (lambda root: (root / fmt.KEYPOINT_FILE).write_bytes(b''), 'truncated or foreign'),
    'keypoint shorter': (
        lambda root: (root / fmt.KEYPOINT_FILE).write_bytes((root / fmt.KEYPOINT_FILE).read_bytes()[:-4]),
        r'keypoint\.npy: truncated or foreign',
    ),
    'keypoint longer': (
        lambda root: (root / fmt.KEYPOINT_FILE).write_bytes(
            (root / fmt.KEYPOINT_FILE).read_bytes() + b'1234'
        ),
        r'keypoint\.npy: truncated or foreign',
    ),
    'keypoint promised': (header(fmt.KEYPOINT_FILE, (10**15, 17, 2)), r'keypoint\.npy: expected shape'),
    'keypoint promised as told': (
        lambda root: (describe(num_rows=10**12)(root), header(fmt.KEYPOINT_FILE, (10**12, 17, 2))(root)),
        r'keypoint\.npy: truncated or foreign',
    ),
    'keypoint of objects': (header(fmt.KEYPOINT_FILE, (43, 17, 2), '|O'), 'expected type float32, found'),
    'keypoint turned': (edit(fmt.KEYPOINT_FILE, np.asfortranarray), r'keypoint\.npy: .* in C order'),
    'keypoint of integers': (edit(fmt.KEYPOINT_FILE, lambda a: a.astype(int)), 'expected type float32'),
    'score absent': (lambda root: (root / fmt.SCORE_FILE).unlink(), r'score\.npy: missing'),
    'score of fewer joints': (edit(fmt.SCORE_FILE, lambda a: a[:, :16]), r'score\.npy: expected shape'),
    'index absent': (lambda root: (root / fmt.INDEX_FILE).unlink(), r'index\.npy: missing'),
    'index no index': (edit(fmt.INDEX_FILE, lambda a: np.zeros(5)), r'index\.npy: not an index'),
    'index of other fields': (
        edit(
            fmt.INDEX_FILE,
            lambda a: a.view([('name' if n == 'id' else n, a.dtype[n]) for n in a.dtype.names]),
        ),
        r'index\.npy: not an index',
    ),
    'index of numbers for names': (edit(fmt.INDEX_FILE, lambda a: a[['start', 'label']]), 'not an index'),
    'index of objects': (header(fmt.INDEX_FILE, (5,), '|O'), r'index\.npy: expected type without objects'),
    'first row moved': (edit(fmt.INDEX_FILE, put('start', 2, 13)), r"index\.npy: clip 'clip_2': .* row 14"),
    'first clip moved': (edit(fmt.INDEX_FILE, put('start', 0, 1)), r"index\.npy: clip 'clip_0': .* row 0"),
    'last clip longer': (
        edit(fmt.INDEX_FILE, put('frames', 4, 9)),
        'the clips take .* rows, the arrays have',
    ),
    'frames of one clip': (edit(fmt.INDEX_FILE, put('frames', 1, 4)), r"index\.npy: clip 'clip_2'"),
    'frames negative': (edit(fmt.INDEX_FILE, put('frames', 1, -5)), "'clip_1': .* found 2 persons and -5"),
    'persons zero': (edit(fmt.INDEX_FILE, put('persons', 3, 0)), "'clip_3': .* found 0 persons"),
    'persons huge': (edit(fmt.INDEX_FILE, put('persons', 3, 2**31 - 1)), r"index\.npy: clip 'clip_4'"),
    'clips swapped': (edit(fmt.INDEX_FILE, lambda a: a[[1, 0, 2, 3, 4]]), r"index\.npy: clip 'clip_1'"),
}


@pytest.mark.parametrize('case', list(UNOPENABLE))
def test_a_damaged_store_is_not_opened(case, root, tmp_path, capsys):
    damage, message = UNOPENABLE[case]
    damage(root)
    with pytest.raises(StoreError, match=message):
        SkeletonStore(root)
    verified = run_here(capsys, 'data/verify_store.py', [root])
    assert verified.code == 1 and 'Traceback' not in verified.err
    assert len(verified.out.splitlines()) == 2  # '<root>: 1 problem' and the problem
    merged = run_here(capsys, 'data/merge_stores.py', [root, '--out', tmp_path / 'merged'])
    assert_refused(merged, message)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['store']


UNSOUND = {
    'nan': (edit(fmt.KEYPOINT_FILE, lambda a: a.__setitem__((15, 3, 0), np.nan)), "clip 'clip_2'"),
    'nan score': (edit(fmt.SCORE_FILE, lambda a: a.__setitem__((15, 3), np.nan)), "clip 'clip_2'"),
    'infinite': (edit(fmt.KEYPOINT_FILE, lambda a: a.__setitem__((0, 0, 0), np.inf)), "clip 'clip_0'"),
    'negative score': (edit(fmt.SCORE_FILE, lambda a: a.__setitem__((15, 3), -1)), "clip 'clip_2'"),
    'missing joint somewhere': (edit(fmt.SCORE_FILE, lambda a: a.__setitem__((15, 3), 0)), "clip 'clip_2'"),
    'another value': (
        edit(fmt.KEYPOINT_FILE, lambda a: a.__setitem__((15, 3, 0), 50)),
        r'keypoint\.npy: checksum differs',
    ),
    'label outside': (edit(fmt.INDEX_FILE, put('label', 2, 7)), "'clip_2' has label 7 outside the 3 classes"),
    'label below': (edit(fmt.INDEX_FILE, put('label', 2, -2)), "'clip_2' has label -2 outside"),
    'label of another class': (edit(fmt.INDEX_FILE, put('label', 2, 0)), r'index\.npy: checksum differs'),
    'height': (edit(fmt.INDEX_FILE, put('height', 2, -2)), "'clip_2' has height -2"),
    'fps': (edit(fmt.INDEX_FILE, put('fps', 2, np.nan)), "'clip_2' has fps nan"),
    'id twice': (edit(fmt.INDEX_FILE, put('id', 2, b'clip_1')), 'clip ids repeat'),
    'id no text': (edit(fmt.INDEX_FILE, put('id', 2, b'caf\xe9')), 'the name of clip 2 is not text'),
    'id upward': (edit(fmt.INDEX_FILE, put('id', 2, b'../..')), r"or contain '\.\.' as a folder"),
    'order outside': (edit(fmt.ID_ORDER_FILE, lambda a: a + 9), 'names clips outside the 5 of the store'),
    'order turned': (edit(fmt.ID_ORDER_FILE, lambda a: a[::-1].copy()), 'not the order of the clip ids'),
    'order shorter': (edit(fmt.ID_ORDER_FILE, lambda a: a[:3]), r'id_order\.npy: expected shape \(5,\)'),
    'split outside': (edit('splits/train.npy', lambda a: a + 9), r'train\.npy: names clips outside'),
    'split negative': (edit('splits/train.npy', lambda a: a - 9), r'train\.npy: names clips outside'),
    'split shorter': (edit('splits/train.npy', lambda a: a[:1]), r'train\.npy: expected shape \(2,\)'),
    'split of floats': (edit('splits/train.npy', lambda a: a * 1.0), r'train\.npy: expected type int64'),
    'split absent': (lambda root: (root / 'splits/train.npy').unlink(), r'train\.npy: missing'),
    'segment late': (edit(fmt.SEGMENT_FILE, put('end', 1, 99)), r"clip 'clip_3': segment \(0, 1, 99\)"),
    'segment class': (edit(fmt.SEGMENT_FILE, put('label', 0, 7)), r"clip 'clip_1': segment \(7, 1, 3\)"),
    'segment clip': (edit(fmt.SEGMENT_FILE, put('clip', 1, 77)), r'segments\.npy: not ordered by clip, or'),
    'segments absent': (lambda root: (root / fmt.SEGMENT_FILE).unlink(), r'segments\.npy: missing'),
}


@pytest.mark.parametrize('case', list(UNSOUND))
def test_a_store_with_damaged_contents_is_found_out(case, root, tmp_path, capsys):
    damage, message = UNSOUND[case]
    damage(root)
    problems = '\n'.join(SkeletonStore(root).verify())
    assert problems
    verified = run_here(capsys, 'data/verify_store.py', [root])
    assert verified.code == 1 and 'Traceback' not in verified.err
    assert any(re.search(message, line) for line in verified.out.splitlines()), verified.out
    merged = run_here(capsys, 'data/merge_stores.py', [root, '--out', tmp_path / 'merged'])
    assert_refused(merged, 'not sound|is not text|or contain')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['store']


def test_reading_names_the_clip_whose_values_are_damaged(root):
    edit(fmt.KEYPOINT_FILE, lambda a: a.__setitem__((15, 3, 0), np.nan))(root)
    edit(fmt.SCORE_FILE, lambda a: a.__setitem__((0, 3), np.nan))(root)
    store = SkeletonStore(root)
    with pytest.raises(BadClipError, match="clip 'clip_2' is damaged, its coordinates are not finite"):
        store[2]
    with pytest.raises(BadClipError, match="clip 'clip_0' is damaged, its scores are not finite"):
        store.window(0, 0, 2)
    store[1]


def test_a_store_of_version_1_is_read_without_the_checksum(root):
    describe(False, version=1, drop=['checksum'])(root)
    store = SkeletonStore(root)
    assert store.verify() == [] and store[3]['frame_dir'] == 'clip_3'


def test_a_missing_store_is_refused_in_a_line(tmp_path, capsys):
    assert_refused(
        run_here(capsys, 'data/merge_stores.py', [tmp_path / 'a', '--out', tmp_path / 'b']),
        r'no skeleton store at .*a \(absent\)',
    )
    assert run_here(capsys, 'data/verify_store.py', [tmp_path / 'a']).code == 1


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{"shard": [1, ', 'empty: expected JSON'),
        ('[1, 2]', 'expected the attributes of a shard without clips'),
        ('{"shard": "1/2"}', "expected .number, count. of a shard, found '1/2'"),
        ('{"shard": [1]}', r'expected .number, count. of a shard, found \[1\]'),
        ('{"shard": [1, 3]}', 'expected all shards of one run in their order'),
    ],
)
def test_the_note_of_a_shard_without_clips_may_be_damaged(content, message, tmp_path, capsys):
    with SkeletonStoreWriter(
        tmp_path / 'm.shard-00000-of-00002', 'coco17', attributes=dict(shard=[0, 2])
    ) as w:
        w.add('a', poses())
        w.finish()
    (tmp_path / 'm.shard-00001-of-00002.empty').write_text(content)
    assert_refused(run_here(capsys, 'data/merge_stores.py', ['--out', tmp_path / 'm']), message)


def test_splits_of_a_store_that_was_not_checked_do_not_lead_out_of_it(sound, tmp_path, capsys):
    """A foreign store whose split is named upward writes nothing outside the merged one."""
    root = tmp_path / 'in' / 'store'
    shutil.copytree(sound, root)
    content = json.loads((root / fmt.META_FILE).read_text())
    content['splits']['../../out'] = 2
    content['checksums']['splits/../../out.npy'] = '0' * 64
    content['checksum'] = description_checksum(content)
    (root / fmt.META_FILE).write_text(json.dumps(content))
    np.save(root.parent / 'out.npy', np.arange(2))
    outcome = run_here(capsys, 'data/merge_stores.py', [root, '--out', tmp_path / 'a' / 'b', '--no-verify'])
    assert_refused(outcome, "name of a split .* found '../../out'")
    assert not (tmp_path / 'a').exists()
