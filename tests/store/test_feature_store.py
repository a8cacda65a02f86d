"""The feature store: what goes in comes out, rows are shared, a kill costs nothing, and damage is found."""

from __future__ import annotations

import json
import pickle
import time

import numpy as np
import pytest

from mmactrep.store import (
    BadClipError,
    FeatureStore,
    FeatureStoreWriter,
    SkeletonStore,
    SkeletonStoreWriter,
    StoreError,
)
from mmactrep.store import feature_format as ffmt
from mmactrep.store import format as fmt
from mmactrep.store.description import write_description
from mmactrep.store.feature_store import category_code
from tests.helpers.killing import run_until_killed
from tests.store.test_skeleton_store import files_of
from tests.store.test_skeleton_store import write as write_skeletons

CLASSES = ('wave', 'sit', 'kick')
DIMENSION = 6


def sentences(label: int) -> np.ndarray:
    """The features of the sentences of a class: one more for each class."""
    return np.random.default_rng(label).normal(size=(1 + label, DIMENSION)).astype(np.float32)


def half(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float16).astype(np.float32)


def write(root, indices=range(9), finish=True, **kwargs) -> FeatureStoreWriter:
    """Clips in an order that is not that of their names; every third has no entry."""
    writer = FeatureStoreWriter(root, 'words', 'text', DIMENSION, attributes=dict(of='test'), **kwargs)
    for i in indices:
        name = f'clip_{(i * 5) % 9}'
        if i % 3 != 2 and name not in writer:
            writer.add(name, sentences(i % 3), CLASSES[i % 3])
    if finish:
        writer.finish()
    return writer


def test_round_trip_with_shared_rows(tmp_path):
    write(tmp_path / 's')
    store = FeatureStore(tmp_path / 's')
    assert (store.teacher, store.kind, store.dimension, len(store)) == ('words', 'text', DIMENSION, 6)
    assert store.attributes == dict(of='test')
    entered = {f'clip_{(i * 5) % 9}': i % 3 for i in range(9) if i % 3 != 2}
    assert list(store.ids) == sorted(entered)
    for name, label in entered.items():
        assert name in store
        found = store.features(name)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, half(sentences(label)))
        assert store.category(name) == CLASSES[label]
    assert np.load(tmp_path / 's' / ffmt.FEATURE_FILE).shape == (3, DIMENSION)  # 1 + 2 rows for six clips
    for absent in ('clip_1', 'clip', 'clip_00', 'zzz', '', 'ü', '\udc80'):
        assert absent not in store
        assert store.features(absent) is None and store.category(absent) == ''
        assert store.category_code(absent) == -1
    assert store.verify() == []
    assert not (tmp_path / 's.partial').exists()


def test_rows_are_not_shared_where_that_is_off(tmp_path):
    write(tmp_path / 's', share=False)
    assert np.load(tmp_path / 's' / ffmt.FEATURE_FILE).shape == (3 * 1 + 3 * 2, DIMENSION)
    np.testing.assert_array_equal(FeatureStore(tmp_path / 's').features('clip_0'), half(sentences(0)))


def test_one_feature_may_come_without_its_axis_and_without_a_category(tmp_path):
    with FeatureStoreWriter(tmp_path / 's', 'frames', 'video', DIMENSION) as writer:
        writer.add('größe', sentences(0)[0])
        writer.finish()
    store = FeatureStore(tmp_path / 's')
    np.testing.assert_array_equal(store.features('größe'), half(sentences(0)))
    assert store.category('größe') == '' and store.verify() == []


def test_features_are_a_copy_that_may_be_written(tmp_path):
    write(tmp_path / 's')
    store = FeatureStore(tmp_path / 's')
    store.features('clip_0')[:] = 99
    assert not (store.features('clip_0') == 99).any()


def test_category_codes_are_equal_across_stores_and_spellings(tmp_path):
    write(tmp_path / 'a')
    with FeatureStoreWriter(tmp_path / 'b', 'other', 'text', 2) as writer:
        writer.add('x', [1, 2], 'Wave')
        writer.add('y', [3, 4])
        writer.add('z', [3, 4])
        writer.add('w', [3, 5])
        writer.finish()
    a, b = FeatureStore(tmp_path / 'a'), FeatureStore(tmp_path / 'b')
    assert a.category_code('clip_0') == b.category_code('x') == category_code('wave') != category_code('sit')
    assert category_code('baseball_pitch') == category_code('Baseball pitch')
    # of unknown category: equal texts are one category, others are not
    assert b.category_code('y') == b.category_code('z') != b.category_code('w')
    codes = [category_code(f'class {i}') for i in range(10_000)]
    assert len(set(codes)) == 10_000 and min(codes) >= 0 and max(codes) < 2**63
    assert category_code('wave') == 2332418865699198915  # stays so: checkpoints and stores outlive a version


def test_the_store_travels_to_other_processes(tmp_path):
    write(tmp_path / 's')
    other = pickle.loads(pickle.dumps(FeatureStore(tmp_path / 's')))
    np.testing.assert_array_equal(other.features('clip_0'), half(sentences(0)))


@pytest.mark.parametrize('share', [True, False])
def test_an_interrupted_write_resumes_to_the_same_bytes(tmp_path, share):
    write(tmp_path / 'whole', share=share)
    write(tmp_path / 'broken', range(4), finish=False, share=share).close()
    partial = tmp_path / 'broken.partial'
    # what a kill in the middle of a clip leaves: rows without a journal line, and half a line
    with open(partial / ffmt.FEATURE_FILE, 'ab') as file:
        file.write(b'\x01' * 31)
    with open(partial / 'journal.jsonl', 'a') as file:
        file.write('{"id": "clip_3", "sta')
    with pytest.raises(StoreError, match=r'no feature store at .*unfinished'):
        FeatureStore(tmp_path / 'broken')
    write(tmp_path / 'broken', share=share)
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'broken')


def test_a_killed_writer_process_resumes(tmp_path):
    script = f"""
import time
from tests.store.test_feature_store import write
write({str(tmp_path / 'store')!r}, range(5), finish=False)
print('kill me', flush=True)
time.sleep(60)
"""
    run_until_killed(script)
    write(tmp_path / 'store')
    write(tmp_path / 'whole')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'store')


def test_rows_lost_by_a_power_cut_drop_their_clips(tmp_path):
    write(tmp_path / 'broken', range(4), finish=False).close()
    path = tmp_path / 'broken.partial' / ffmt.FEATURE_FILE
    path.write_bytes(path.read_bytes()[:-3])
    with FeatureStoreWriter(
        tmp_path / 'broken', 'words', 'text', DIMENSION, attributes=dict(of='test')
    ) as writer:
        assert len(writer) == 1  # the second and third clip need the rows of class 1
    write(tmp_path / 'whole')
    write(tmp_path / 'broken')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'broken')


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        (dict(id='x', start=9, count=1, category=''), '1 rows from row 9 on, where 3 are there'),
        (dict(id='x', start=2, count=2, category=''), '2 rows from row 2 on, where 3 are there'),
        (dict(id='x', start=-1, count=1, category=''), '1 rows from row -1'),
        (dict(id='x', start=0, count=0, category=''), '0 rows'),
        (dict(id='x', start=0, count=1), "'category' is missing"),
        (dict(id='clip_0', start=0, count=1, category=''), "'clip_0' occurs twice"),
    ],
)
def test_a_damaged_journal_is_refused(tmp_path, line, message):
    write(tmp_path / 's', range(3), finish=False).close()
    with open(tmp_path / 's.partial' / 'journal.jsonl', 'a') as file:
        file.write(json.dumps(line) + '\n')
    with pytest.raises(StoreError, match=rf'journal\.jsonl.*{message}'):
        write(tmp_path / 's')


@pytest.mark.parametrize(
    ('features', 'message'),
    [
        (np.zeros((2, DIMENSION + 1)), 'expected features of 6 channels, found 7'),
        (np.zeros(3), 'expected features of 6 channels, found 3'),
        (np.zeros((0, DIMENSION)), 'expected one or more features, found none'),
        (np.zeros((1, 2, DIMENSION)), r'expected features \(n, 6\), found float64 \(1, 2, 6\)'),
        (np.array(['a'] * DIMENSION), r'expected features \(n, 6\)'),
        (np.full(DIMENSION, np.nan), 'its features must be finite'),
        (np.array([np.inf, *[0.0] * (DIMENSION - 1)]), 'its features must be finite'),
        (np.full(DIMENSION, 7e4), 'its features must be at most 65504 to fit half precision, found 70000'),
    ],
)
def test_bad_features_name_the_clip_and_leave_the_store_as_it_was(tmp_path, features, message):
    writer = write(tmp_path / 's', range(2), finish=False)
    before = files_of(tmp_path / 's.partial')
    with pytest.raises(BadClipError, match=f"clip 'the_bad_one': {message}"):
        writer.add('the_bad_one', features)
    assert files_of(tmp_path / 's.partial') == before and 'the_bad_one' not in writer


def test_bad_names_and_settings(tmp_path):
    writer = write(tmp_path / 's', range(2), finish=False)
    with pytest.raises(BadClipError, match="clip 'clip_0' is already in"):
        writer.add('clip_0', sentences(0))
    with pytest.raises(BadClipError, match='cannot be printed'):
        writer.add('a\nb', sentences(0))
    for category in ('a\nb', 7, '\udc80'):
        with pytest.raises(BadClipError, match="clip 'new': expected the name of a class"):
            writer.add('new', sentences(0), category)
    writer.close()
    for change in (dict(teacher='other'), dict(kind='video'), dict(dimension=3), dict(attributes={})):
        settings = (
            dict(teacher='words', kind='text', dimension=DIMENSION, attributes=dict(of='test')) | change
        )
        with pytest.raises(StoreError, match=f'begun with other settings.*{next(iter(change))}'):
            FeatureStoreWriter(tmp_path / 's', **settings)
    for change in (dict(teacher=''), dict(kind='Two words'), dict(dimension=0), dict(attributes={'a': {1}})):
        settings = dict(teacher='words', kind='text', dimension=DIMENSION) | change
        with pytest.raises(StoreError, match=f'{tmp_path / "t"}: '):
            FeatureStoreWriter(tmp_path / 't', **settings)
    with pytest.raises(StoreError, match='no clip was added'):
        FeatureStoreWriter(tmp_path / 't', 'words', 'text', 3).finish()


def test_a_store_of_one_kind_does_not_replace_the_other(tmp_path):
    write_skeletons(tmp_path / 's')
    write(tmp_path / 'f')
    with pytest.raises(FileExistsError, match='already holds a skeleton store'):
        write(tmp_path / 's')
    with pytest.raises(StoreError, match='is a skeleton store, which a feature store does not replace'):
        write(tmp_path / 's', overwrite=True)
    with pytest.raises(StoreError, match='is a feature store, which a skeleton store does not replace'):
        SkeletonStoreWriter(tmp_path / 'f', 'coco17', overwrite=True)
    with pytest.raises(StoreError, match="expected format 'mmactrep-skeleton-store', found a feature store"):
        SkeletonStore(tmp_path / 'f')
    with pytest.raises(StoreError, match="expected format 'mmactrep-feature-store', found a skeleton store"):
        FeatureStore(tmp_path / 's')
    write(tmp_path / 'f', range(3), overwrite=True)
    assert len(FeatureStore(tmp_path / 'f')) == 2


def test_truncated_and_foreign_files(tmp_path):
    write(tmp_path / 's')
    for name in (ffmt.FEATURE_FILE, ffmt.ID_FILE, ffmt.ENTRY_FILE):
        path = tmp_path / 's' / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        with pytest.raises(StoreError, match=f'{name}: truncated or foreign'):
            FeatureStore(tmp_path / 's')
        path.unlink()
        with pytest.raises(StoreError, match=f'{name}: missing'):
            FeatureStore(tmp_path / 's')
        np.save(path, np.zeros(6, np.float32))
        with pytest.raises(StoreError, match=f'{name}: expected'):
            FeatureStore(tmp_path / 's')
        path.write_bytes(whole)
    path = tmp_path / 's' / fmt.META_FILE
    whole = path.read_text()
    for change, message in (
        (lambda text: '{"format": "another"}', 'found another file'),
        (lambda text: text.replace('words', 'wards'), 'its checksum differs'),
        (lambda text: text.replace('"version": 1', '"version": 9'), 'expected version 1, found 9'),
    ):
        path.write_text(change(whole))
        with pytest.raises(StoreError, match=message):
            FeatureStore(tmp_path / 's')
    for key, value in dict(
        teacher='', kind=3, dimension=0, dtype='float64', categories=[1], num_rows=0
    ).items():
        write_description(tmp_path / 's', json.loads(whole) | {key: value})
        with pytest.raises(StoreError, match=f'expected {key!r} to be'):
            FeatureStore(tmp_path / 's')


@pytest.mark.parametrize(('field', 'value'), [('start', 3), ('start', -1), ('count', 0), ('category', 2)])
def test_entries_that_point_outside_are_found_at_opening(tmp_path, field, value):
    write(tmp_path / 's')
    entries = np.load(tmp_path / 's' / ffmt.ENTRY_FILE)
    entries[field][4] = value
    np.save(tmp_path / 's' / ffmt.ENTRY_FILE, entries)
    with pytest.raises(
        StoreError, match=rf"entries\.npy: clip '{sorted_ids()[4]}' has .*3 features and 2 cat"
    ):
        FeatureStore(tmp_path / 's')


def sorted_ids():
    return sorted(f'clip_{(i * 5) % 9}' for i in range(9) if i % 3 != 2)


def test_verify_finds_damage_and_names_the_clip(tmp_path):
    write(tmp_path / 's')
    rows = np.load(tmp_path / 's' / ffmt.FEATURE_FILE, mmap_mode='r+')
    rows[0, 2] = np.nan
    rows.flush()
    names = np.load(tmp_path / 's' / ffmt.ID_FILE, mmap_mode='r+')
    names[[1, 2]] = names[[2, 1]]
    names.flush()
    entries = np.load(tmp_path / 's' / ffmt.ENTRY_FILE, mmap_mode='r+')
    entries['count'][entries['count'] == 2] = 1
    entries.flush()
    store = FeatureStore(tmp_path / 's')
    problems = '\n'.join(store.verify())
    assert "features.npy: row 0 of clip 'clip_0' holds values that are not finite" in problems
    assert f"ids.npy: clip '{sorted_ids()[1]}' repeats or is out of order" in problems
    assert 'features.npy: row 2 belongs to no clip' in problems
    assert all(f'{name}: checksum differs' in problems for name in ('features.npy', 'ids.npy', 'entries.npy'))
    assert not any('checksum' in problem for problem in store.verify(checksums=False))
    with pytest.raises(BadClipError, match=r"clip 'clip_0' is damaged.*mmactrep verify"):
        store.features('clip_0')


def test_opening_does_not_grow_with_the_names(tmp_path):
    """20,000 clips: opening makes no object per clip, and a clip is found by bisection."""
    with FeatureStoreWriter(tmp_path / 's', 'words', 'text', 4) as writer:
        for i in range(20_000):
            writer.add(f'video_{i * 7919 % 20_011:06d}', [i % 100, 1, 2, 3], f'class {i % 10}')
        writer.finish()
    begin = time.perf_counter()
    store = FeatureStore(tmp_path / 's')
    opened = time.perf_counter() - begin
    assert opened < 0.2  # 1 ms on a free machine
    for i in (0, 19_999, 7_777):
        name = f'video_{i * 7919 % 20_011:06d}'
        assert store.features(name)[0, 0] == i % 100 and store.category(name) == f'class {i % 10}'
    assert np.load(tmp_path / 's' / ffmt.FEATURE_FILE).shape == (100, 4)
