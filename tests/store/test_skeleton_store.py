"""The store: what goes in comes out, whatever kills the writer, and damage is found."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import resource
import time

import numpy as np
import pytest

from mmactrep.store import format as fmt
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout
from tests.helpers.killing import run_until_killed

CLASSES = ['sit', 'stand', 'wave']


def make_clip(i: int, persons: int = 2, channels: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(i)
    keypoint = rng.normal(size=(persons, 3 + i % 5, 17, channels)).astype(np.float32)
    score = rng.uniform(0.1, 1, keypoint.shape[:-1]).astype(np.float32)
    missing = rng.random(score.shape) < 0.2
    score[missing] = 0
    keypoint[missing] = 0
    return keypoint, score


def write(root, indices=range(7), finish=True, **kwargs) -> SkeletonStoreWriter:
    writer = SkeletonStoreWriter(root, 'posetics17', classes=CLASSES, **kwargs)
    for i in indices:
        if f'clip_{i}' not in writer:
            keypoint, score = make_clip(i, persons=1 + i % 2)
            segments = [(1, 0, 2), (2, 1, 3)] if i % 3 == 0 else []
            writer.add(f'clip_{i}', keypoint, score, i % 3, img_shape=(480, 640), fps=25, segments=segments)
    if finish:
        writer.add_split('train', ['clip_0', 'clip_2', 'clip_4'])
        writer.add_split('test', ['clip_5', 'clip_1'])
        writer.finish()
    return writer


def test_round_trip(tmp_path):
    write(tmp_path / 'store')
    store = SkeletonStore(tmp_path / 'store')
    assert len(store) == 7
    for i in range(7):
        keypoint, score = make_clip(i, persons=1 + i % 2)
        clip = store[i]
        np.testing.assert_array_equal(clip['keypoint'], keypoint)
        np.testing.assert_array_equal(clip['keypoint_score'], score)
        assert clip['keypoint'].dtype == clip['keypoint_score'].dtype == np.float32
        assert clip['frame_dir'] == store.ids[i] == f'clip_{i}'
        assert (clip['label'], clip['total_frames'], clip['img_shape'], clip['fps']) == (
            i % 3,
            keypoint.shape[1],
            (480, 640),
            25,
        )
        assert clip['layout'] == store.layout
        assert store.find(f'clip_{i}') == i
        expected = [(i, 1, 0, 2), (i, 2, 1, 3)] if i % 3 == 0 else []
        assert store.segments(i).tolist() == expected
    assert store.split('train').tolist() == [0, 2, 4]
    assert store.split('test').tolist() == [5, 1]
    assert store.labels.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert store.verify() == []
    assert not (tmp_path / 'store.partial').exists()


def test_clip_is_a_copy_that_may_be_written(tmp_path):
    write(tmp_path / 'store')
    store = SkeletonStore(tmp_path / 'store')
    store[0]['keypoint'][:] = 99
    assert not (store[0]['keypoint'] == 99).any()


def test_arrays_are_plain_npy_and_nothing_is_pickled(tmp_path):
    write(tmp_path / 'store')
    for path in (tmp_path / 'store').rglob('*'):
        if path.suffix == '.npy':
            np.load(path, allow_pickle=False)
        elif path.is_file():
            json.loads(path.read_text())


def test_half_precision_and_no_scores(tmp_path):
    keypoint, _ = make_clip(0)
    keypoint[keypoint != 0] += 9  # zeros away from the body are missing joints
    with SkeletonStoreWriter(tmp_path / 's', 'posetics17', with_score=False, dtype='float16') as writer:
        writer.add('a', keypoint)
        writer.finish()
    clip = SkeletonStore(tmp_path / 's')[0]
    np.testing.assert_array_equal(clip['keypoint'], keypoint.astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(clip['keypoint_score'] > 0, (keypoint != 0).any(-1))
    assert not (tmp_path / 's' / fmt.SCORE_FILE).exists()
    writer = SkeletonStoreWriter(tmp_path / 'h', 'posetics17', dtype='float16')
    with pytest.raises(BadClipError, match='finite float16'):
        writer.add('too far', keypoint + 1e6)


def test_missing_joint_gets_coordinate_zero(tmp_path):
    keypoint = np.ones((1, 2, 17, 2), np.float32)
    score = np.ones((1, 2, 17), np.float32)
    score[0, 1, 3] = 0
    with SkeletonStoreWriter(tmp_path / 's', 'posetics17') as writer:
        writer.add('a', keypoint, score)
        writer.finish()
    stored = SkeletonStore(tmp_path / 's')[0]['keypoint']
    assert (stored[0, 1, 3] == 0).all() and stored.sum() == 2 * (2 * 17 - 1)


def test_custom_layout_travels_with_the_store(tmp_path):
    layout = SkeletonLayout('arm', ('left_elbow', 'right_elbow'), {'right_elbow': 'left_elbow'})
    with SkeletonStoreWriter(tmp_path / 's', layout, num_channels=3) as writer:
        writer.add('a', np.ones((1, 4, 2, 3)))
        writer.finish()
    assert SkeletonStore(tmp_path / 's').layout == layout


@pytest.mark.parametrize('method', ['fork', 'spawn'])
def test_store_travels_to_workers(tmp_path, method):
    write(tmp_path / 'store')
    store = SkeletonStore(tmp_path / 'store')
    if method == 'spawn':
        other = pickle.loads(pickle.dumps(store))
        np.testing.assert_array_equal(other[3]['keypoint'], store[3]['keypoint'])
        return
    with multiprocessing.get_context(method).Pool(1) as pool:
        np.testing.assert_array_equal(pool.map(store.__getitem__, [3])[0]['keypoint'], store[3]['keypoint'])


def files_of(root):
    return {p.relative_to(root): p.read_bytes() for p in sorted(root.rglob('*')) if p.is_file()}


def test_interrupted_write_resumes_to_the_same_bytes(tmp_path):
    write(tmp_path / 'whole')
    write(tmp_path / 'broken', range(3), finish=False).close()
    partial = tmp_path / 'broken.partial'
    # what a kill in the middle of a clip leaves: rows without a journal line, and half a line
    with open(partial / fmt.KEYPOINT_FILE, 'ab') as file:
        file.write(b'\x01' * 1234)
    with open(partial / fmt.SCORE_FILE, 'ab') as file:
        file.write(b'\x01' * 77)
    with open(partial / 'journal.jsonl', 'a') as file:
        file.write('{"id": "clip_3", "pers')
    with pytest.raises(StoreError, match='unfinished'):
        SkeletonStore(tmp_path / 'broken')
    writer = SkeletonStoreWriter(tmp_path / 'broken', 'posetics17', classes=CLASSES)
    assert len(writer) == 3 and 'clip_2' in writer and 'clip_3' not in writer
    writer.close()
    write(tmp_path / 'broken')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'broken')


def test_rows_lost_by_a_power_cut_drop_their_clips(tmp_path):
    write(tmp_path / 'whole')
    write(tmp_path / 'broken', range(5), finish=False).close()
    path = tmp_path / 'broken.partial' / fmt.KEYPOINT_FILE
    os.truncate(path, path.stat().st_size - 10)
    writer = SkeletonStoreWriter(tmp_path / 'broken', 'posetics17', classes=CLASSES)
    assert len(writer) == 4
    writer.close()
    write(tmp_path / 'broken')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'broken')


def test_killed_writer_process_resumes(tmp_path):
    script = f"""
import sys, time
from tests.store.test_skeleton_store import write
write({str(tmp_path / 'store')!r}, range(5), finish=False)
print('kill me', flush=True)
time.sleep(60)
"""
    run_until_killed(script)
    write(tmp_path / 'store')
    write(tmp_path / 'whole')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'store')


def test_resuming_with_other_settings_is_refused(tmp_path):
    write(tmp_path / 's', range(2), finish=False).close()
    with pytest.raises(StoreError, match=r'other settings.*classes'):
        SkeletonStoreWriter(tmp_path / 's', 'posetics17', classes=['x'])


def test_existing_store_is_kept_unless_overwritten(tmp_path):
    write(tmp_path / 's')
    with pytest.raises(FileExistsError):
        SkeletonStoreWriter(tmp_path / 's', 'posetics17')
    write(tmp_path / 's', range(6), overwrite=True)
    assert len(SkeletonStore(tmp_path / 's')) == 6
    assert sorted(p.name for p in tmp_path.iterdir()) == ['s']


def test_folder_with_other_files_is_never_removed(tmp_path):
    (tmp_path / 's').mkdir()
    (tmp_path / 's' / 'thesis.txt').write_text('mine')
    with pytest.raises(StoreError, match='contains other files'):
        write(tmp_path / 's')
    assert (tmp_path / 's' / 'thesis.txt').read_text() == 'mine'


def spoiled(field, value):
    keypoint, score = make_clip(1)
    arguments = dict(keypoint=keypoint, score=score, label=0, segments=())
    if callable(value):
        value = value(arguments[field])
    return arguments | {field: value}


def put(index, value):
    def change(array):
        array = array.copy()
        array[index] = value
        return array

    return change


@pytest.mark.parametrize(
    ('field', 'value', 'message'),
    [
        ('keypoint', lambda k: k[:, :, :16], 'has 17 joints'),
        ('keypoint', lambda k: k[..., :1], r'expected keypoints \(M, T, 17, 2\)'),
        ('keypoint', lambda k: k[0], r'expected keypoints \(M, T, 17, 2\)'),
        ('keypoint', lambda k: k[:, :0], 'is empty'),
        ('keypoint', lambda k: k + np.nan, 'no joint is seen in any frame'),
        ('keypoint', put((0, 0, 3, 1), np.nan), 'must be finite'),
        ('keypoint', lambda k: k + np.inf, 'must be finite'),
        ('score', lambda s: s[:, :-1], 'expected scores'),
        ('score', put((0, 0, 0), np.inf), 'must be finite'),
        ('label', 3, 'label 3 is outside the 3 classes'),
        ('label', -2, 'label -2 is outside'),
        ('segments', [(0, 2, 2)], 'does not fit'),
        ('segments', [(0, 0, 99)], 'does not fit'),
        ('segments', [(5, 0, 1)], 'does not fit'),
    ],
)
def test_bad_clip_is_named_and_leaves_the_store_as_it_was(tmp_path, field, value, message):
    writer = write(tmp_path / 's', range(2), finish=False)
    with pytest.raises(BadClipError, match=message) as error:
        writer.add('the_bad_one', **spoiled(field, value))
    assert 'the_bad_one' in str(error.value)
    writer.add('good', *make_clip(2), label=1)
    writer.finish()
    store = SkeletonStore(tmp_path / 's')
    assert list(store.ids) == ['clip_0', 'clip_1', 'good'] and store.verify() == []


def test_same_id_twice_is_refused(tmp_path):
    writer = write(tmp_path / 's', range(2), finish=False)
    with pytest.raises(BadClipError, match="'clip_1' is already"):
        writer.add('clip_1', *make_clip(1))


def test_split_that_names_an_absent_clip_is_refused(tmp_path):
    writer = write(tmp_path / 's', range(2), finish=False)
    writer.add_split('train', ['clip_0', 'nobody'])
    with pytest.raises(StoreError, match=r"split 'train'.*1 absent clips: \['nobody'\]"):
        writer.finish()


def test_empty_store_is_refused(tmp_path):
    with pytest.raises(StoreError, match='no clip was added'):
        SkeletonStoreWriter(tmp_path / 's', 'posetics17').finish()


def test_unknown_names(tmp_path):
    write(tmp_path / 's')
    store = SkeletonStore(tmp_path / 's')
    with pytest.raises(StoreError, match="no split 'xsub'; it has"):
        store.split('xsub')
    with pytest.raises(KeyError, match="no clip 'clip_9'"):
        store.find('clip_9')
    with pytest.raises(KeyError, match="unknown skeleton layout 'kinect'"):
        SkeletonStoreWriter(tmp_path / 't', 'kinect')
    with pytest.raises(StoreError, match='absent'):
        SkeletonStore(tmp_path / 'nothing')


def test_truncated_and_foreign_files(tmp_path):
    write(tmp_path / 's')
    path = tmp_path / 's' / fmt.KEYPOINT_FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(StoreError, match=r'keypoint\.npy: truncated'):
        SkeletonStore(tmp_path / 's')
    path.write_bytes(b'this is no array at all')
    with pytest.raises(StoreError, match=r'keypoint\.npy: truncated or foreign'):
        SkeletonStore(tmp_path / 's')
    np.save(path, np.zeros((3, 17, 2), np.float32))
    with pytest.raises(StoreError, match='expected shape'):
        SkeletonStore(tmp_path / 's')
    path.write_bytes(whole)
    (tmp_path / 's' / fmt.META_FILE).write_text('{"format": "another"}')
    with pytest.raises(StoreError, match='expected format'):
        SkeletonStore(tmp_path / 's')


def test_verify_finds_damage_and_names_the_clip(tmp_path):
    write(tmp_path / 's')
    row = int(SkeletonStore(tmp_path / 's').index['start'][4])
    array = np.load(tmp_path / 's' / fmt.KEYPOINT_FILE, mmap_mode='r+')
    array[row, 2] = np.nan
    array.flush()
    index = np.load(tmp_path / 's' / fmt.INDEX_FILE, mmap_mode='r+')
    index['label'][2] = 7
    index.flush()
    store = SkeletonStore(tmp_path / 's')
    problems = '\n'.join(store.verify())
    assert "clip 'clip_4' holds values that are not finite" in problems
    assert "clip 'clip_2' has label 7 outside the 3 classes" in problems
    assert 'keypoint.npy: checksum differs' in problems and 'score.npy' not in problems
    with pytest.raises(BadClipError, match='clip_4'):
        store[4]


@pytest.mark.slow
def test_a_store_of_142000_clips_opens_at_once(tmp_path):
    """Posetics has 142,000 clips: opening may neither loop over them nor load them."""
    root, clips = tmp_path / 'big', 142_000
    with SkeletonStoreWriter(root, 'posetics17', classes=CLASSES, dtype='float16') as writer:
        keypoint = np.ones((1, 10, 17, 2), np.float32)
        for i in range(clips):
            writer.add(f'video_{i:06d}', keypoint, label=i % 3)
        writer.add_split('train', (f'video_{i:06d}' for i in range(0, clips, 2)))
        writer.finish()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    store = SkeletonStore(root)
    opened = time.perf_counter() - begin
    assert store.find('video_141999') == 141_999 and len(store.split('train')) == clips // 2
    store[77_777]
    assert opened < 1
    # kilobytes; the arrays are 96 MB of coordinates, 48 MB of scores and an index of 6 MB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_window_is_the_slice_of_the_clip(tmp_path, rng):
    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17', classes=['a', 'b']) as writer:
        for i, persons in enumerate((1, 3)):
            keypoint = rng.uniform(1, 9, (persons, 20, 17, 2))
            writer.add(f'c{i}', keypoint, rng.random((persons, 20, 17)) + 0.1, segments=[(i, 2, 9)])
        writer.finish()
    store = SkeletonStore(tmp_path / 'store')
    for clip in range(2):
        whole, part = store[clip], store.window(clip, 5, 12)
        np.testing.assert_array_equal(part['keypoint'], whole['keypoint'][:, 5:12])
        np.testing.assert_array_equal(part['keypoint_score'], whole['keypoint_score'][:, 5:12])
        assert part['total_frames'] == 7
    assert store.all_segments.tolist() == [(0, 0, 2, 9), (1, 1, 2, 9)]
    for span in ((5, 5), (-1, 3), (0, 21)):
        with pytest.raises(IndexError, match="clip 'c0' has 20 frames"):
            store.window(0, *span)
