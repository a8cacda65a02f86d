"""mmaction2's annotation files."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest

from mmactrep.datasets.converters.mmaction_pickle import mmaction_pickle
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore


def annotations(count=4, joints=17, channels=2, score=True):
    rng = np.random.default_rng(0)
    made = []
    for i in range(count):
        shape = (1 + i % 2, 20 + i, joints, channels)
        entry = dict(
            frame_dir=f'S001C001P001R001A{i + 1:03d}',
            label=2 * i,
            img_shape=(1080, 1920),
            original_shape=(1080, 1920),
            total_frames=20 + i,
            keypoint=rng.uniform(1, 1000, shape).astype(np.float16),
        )
        if score:
            entry['keypoint_score'] = rng.uniform(0.1, 1, shape[:3]).astype(np.float16)
        made.append(entry)
    return made


def write(path, content, protocol=2):  # mmengine.dump's default protocol
    path.write_bytes(pickle.dumps(content, protocol))
    return path


def with_splits(entries):
    names = [entry['frame_dir'] for entry in entries]
    return dict(
        split=dict(xsub_train=names[1:], xsub_val=names[:1], xview_train=names[:2]), annotations=entries
    )


@pytest.mark.parametrize('protocol', [2, 4, 5])
@pytest.mark.parametrize('workers', [0, 1])
def test_store_2d(tmp_path, protocol, workers):
    entries = annotations()
    path = write(tmp_path / 'ntu60_2d.pkl', with_splits(entries), protocol)
    conversion = mmaction_pickle(path)
    run_conversion(conversion, tmp_path / 'store', progress=False, workers=workers)
    store = SkeletonStore(tmp_path / 'store')
    assert conversion.folder == 'ntu60_2d'
    assert (store.layout.name, store.num_channels) == ('coco17', 2)
    assert store.classes == [f'class_{i:03d}' for i in range(7)]
    for i, entry in enumerate(entries):
        clip = store[i]
        np.testing.assert_array_equal(clip['keypoint'], entry['keypoint'].astype(np.float32))
        np.testing.assert_array_equal(clip['keypoint_score'], entry['keypoint_score'].astype(np.float32))
        assert {key: clip[key] for key in ('frame_dir', 'label', 'total_frames', 'img_shape')} == {
            key: entry[key] for key in ('frame_dir', 'label', 'total_frames', 'img_shape')
        }
    splits = {name: store.split(name).tolist() for name in store.split_names}
    assert splits == dict(xsub_train=[1, 2, 3], xsub_val=[0], xview_train=[0, 1])


def test_store_3d_without_scores(tmp_path):
    entries = annotations(joints=25, channels=3, score=False)
    entries[0]['keypoint'][0, 5] = 0  # nobody
    for entry in entries:
        del entry['img_shape']
    path = write(tmp_path / 'ntu60_3d.pkl', with_splits(entries))
    run_conversion(mmaction_pickle(path), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert (store.layout.name, store.num_channels) == ('ntu25', 3)
    expected = np.ones((1, 20, 25))
    expected[0, 5] = 0
    np.testing.assert_array_equal(store[0]['keypoint_score'], expected)


def test_bare_list_other_layout_classes_and_persons(tmp_path):
    entries = annotations(joints=18)
    entries[1]['keypoint'][0] = 500  # of two persons, the first stands still
    path = write(tmp_path / 'mine.pkl', entries)
    with pytest.raises(ValueError, match='18 joints of 2 coordinates'):
        mmaction_pickle(path)
    (tmp_path / 'classes.txt').write_text('\n'.join('abcdefg'))
    conversion = mmaction_pickle(path, 'openpose18', 'coco17', tmp_path / 'classes.txt', 'all', 1)
    run_conversion(conversion, tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert (store.layout.name, store.classes) == ('coco17', list('abcdefg'))
    assert store.split('all').tolist() == [0, 1, 2, 3]
    # nose is joint 0 of both; the second person was kept, with its scores
    np.testing.assert_array_equal(
        store[1]['keypoint'][0, :, 0], entries[1]['keypoint'][1, :, 0].astype(np.float32)
    )
    np.testing.assert_array_equal(
        store[1]['keypoint_score'][0, :, 0], entries[1]['keypoint_score'][1, :, 0].astype(np.float32)
    )


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        (dict(keypoint=np.zeros((1, 21, 16, 2))), r'expected keypoints \(M, T, 17, 2\)'),
        (dict(keypoint_score=np.zeros((1, 21, 17))), r'expected scores \(2, 21, 17\), found \(1, 21, 17\)'),
        (dict(total_frames=30), 'expected 30 frames, found 21'),
        (dict(label='walk'), "whole number as 'label', found 'walk'"),
        (dict(label=-3), 'label -3'),
        (dict(keypoint=None, raw_file='kp/1.pkl'), 'Kinetics'),
    ],
)
def test_bad_annotations_are_named(tmp_path, change, expected):
    entries = annotations()
    entries[1].update(change)
    path = write(tmp_path / 'a.pkl', with_splits(entries))
    with pytest.raises(BadClipError, match=rf"A002'.*{expected}"):
        run_conversion(mmaction_pickle(path), tmp_path / 'store', progress=False)
    report = run_conversion(mmaction_pickle(path), tmp_path / 'store', skip_bad=True, progress=False)
    assert (report.written, list(report.bad)) == (3, ['S001C001P001R001A002'])


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        (dict(meta=1), r"found \['meta'\]"),
        ([], 'expected a list of annotations'),
        (3, 'found int'),
        (dict(split=['a'], annotations=annotations(1)), "expected 'split'"),
        (dict(split=dict(train=['absent']), annotations=annotations(1)), r"1 clips .*\['absent'\]"),
        ([dict(label=3)], "annotation 0 has no 'frame_dir'"),
        ([dict(frame_dir='a', label=3)], "expected an array 'keypoint'"),
    ],
)
def test_foreign_structures_are_named(tmp_path, content, expected):
    path = write(tmp_path / 'a.pkl', content)
    with pytest.raises(ValueError, match=rf'a.pkl: .*{expected}'):
        mmaction_pickle(path)


class _Evil:
    def __reduce__(self):
        return os.system, ('true',)


def test_malicious_pickle_is_refused(tmp_path):
    content = with_splits(annotations())
    content['annotations'][2]['extra'] = _Evil()
    with pytest.raises(pickle.UnpicklingError, match=r"a.pkl: the global 'posix.system' is not admitted"):
        mmaction_pickle(write(tmp_path / 'a.pkl', content))
