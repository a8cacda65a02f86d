"""What a clip is when it enters a store: which joints are missing, labels by name, what None means."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.store import BadClipError, SkeletonStore, SkeletonStoreWriter

IMG_SHAPE = (480, 640)


def stored(tmp_path, *args, channels=2, with_score=True, dtype='float32', **kwargs):
    """A clip as it comes back from a store."""
    root = tmp_path / 's'
    with SkeletonStoreWriter(
        root, 'coco17', ['sit', 'stand'], channels, with_score, dtype, overwrite=True
    ) as writer:
        writer.add('a', *args, **kwargs)
        writer.finish()
    store = SkeletonStore(root)
    assert store.verify() == []
    return store[0]


def body(channels=2, center=100.0):
    return np.random.default_rng(0).normal(center, 20, (2, 5, 17, channels)).astype(np.float32)


@pytest.mark.parametrize('with_score', [True, False])
@pytest.mark.parametrize('channels', [2, 3])
@pytest.mark.parametrize('missing', [0.0, np.nan])
def test_zero_and_nan_mark_missing_joints(tmp_path, missing, channels, with_score):
    keypoint = body(channels)
    gone = np.zeros(keypoint.shape[:3], bool)
    gone[0, 1, 3] = gone[1, 2] = True  # a joint, and a person who is away for a frame
    keypoint[gone] = missing
    clip = stored(tmp_path, keypoint, channels=channels, with_score=with_score)
    np.testing.assert_array_equal(clip['keypoint_score'], ~gone)
    np.testing.assert_array_equal(clip['keypoint'], np.where(gone[..., None], 0, keypoint))


def test_nan_marks_missing_joints_beside_scores(tmp_path):
    keypoint, score = body(), np.full((2, 5, 17), 0.5, np.float32)
    keypoint[0, 1, 3], score[1, 0, 2] = np.nan, 0
    clip = stored(tmp_path, keypoint, score)
    expected = np.where((np.isnan(keypoint).any(-1)) | (score == 0), 0, score)
    np.testing.assert_array_equal(clip['keypoint_score'], expected)
    assert (clip['keypoint'][0, 1, 3] == 0).all() and (clip['keypoint'][1, 0, 2] == 0).all()


@pytest.mark.parametrize('channels', [2, 3])
def test_centered_data_need_scores_or_nan(tmp_path, channels):
    """The joint on which the data are centered is at 0, and seen: nobody may take it for missing."""
    keypoint = body(channels)
    keypoint -= keypoint[:, :1, 11:12]  # on a hip, in the first frame
    with pytest.raises(
        BadClipError, match="joint 'left_hip' of person 0 is at 0 in frame 0, within the body"
    ):
        stored(tmp_path, keypoint, channels=channels)
    scores = np.ones(keypoint.shape[:3])
    clip = stored(tmp_path, keypoint, scores, channels=channels)
    np.testing.assert_array_equal(clip['keypoint'], keypoint)
    assert (clip['keypoint_score'] == 1).all()
    # a person who is away is at 0 throughout, which cannot be a place
    keypoint[1] = 0
    keypoint[0, :, 11] += 1e-3
    clip = stored(tmp_path, keypoint, channels=channels)
    assert (clip['keypoint_score'][0] == 1).all() and (clip['keypoint_score'][1] == 0).all()


def test_in_a_picture_the_origin_is_the_corner(tmp_path):
    keypoint = body(center=0)
    keypoint[0, 0, 0] = 0
    clip = stored(tmp_path, keypoint, img_shape=IMG_SHAPE)
    assert clip['keypoint_score'][0, 0, 0] == 0 and clip['keypoint_score'].sum() == 2 * 5 * 17 - 1


@pytest.mark.parametrize('dtype', ['float32', 'float16'])
def test_a_store_without_scores_keeps_what_is_seen_at_0(tmp_path, dtype):
    keypoint = body(3, 1.0) / 20
    keypoint[:, :, 11] = 0
    keypoint[0, 0, 12] = 1e-12  # 0 in half precision
    clip = stored(tmp_path, keypoint, np.ones(keypoint.shape[:3]), channels=3, with_score=False, dtype=dtype)
    assert (clip['keypoint_score'] == 1).all()
    np.testing.assert_allclose(clip['keypoint'], keypoint.astype(dtype), atol=1e-4)


def test_a_score_that_a_narrow_type_rounds_to_0_is_still_seen(tmp_path):
    clip = stored(tmp_path, body(), np.full((2, 5, 17), 1e-12), dtype='float16')
    assert (clip['keypoint_score'] > 0).all() and (clip['keypoint_score'] < 1e-4).all()


def test_labels_by_name_or_index_and_none(tmp_path):
    for given, expected in (('stand', 1), (1, 1), (np.int64(1), 1), (np.array(1), 1), (-1, -1)):
        assert stored(tmp_path, body(), label=given)['label'] == expected
    assert stored(tmp_path, body())['label'] == -1
    root = tmp_path / 's'
    with SkeletonStoreWriter(root, 'coco17', ['sit', 'stand'], overwrite=True) as writer:
        writer.add('a', body(), segments=[('stand', 0, 2), (0, np.int32(2), 5)])
        writer.finish()
    assert SkeletonStore(root).all_segments.tolist() == [(0, 1, 0, 2), (0, 0, 2, 5)]


def test_none_is_an_unknown_size_and_rate(tmp_path):
    clip = stored(tmp_path, body(), img_shape=None, fps=None)
    assert clip['img_shape'] == (0, 0) and clip['fps'] == 0
    clip = stored(tmp_path, body(), img_shape=np.array([480, 640]), fps=np.float32(29.97))
    assert clip['img_shape'] == (480, 640) and clip['fps'] == pytest.approx(29.97)


def test_arrays_of_any_number_type(tmp_path):
    keypoint = np.round(body())
    for given in (keypoint.astype(np.int32), keypoint.astype(float), keypoint.tolist()):
        np.testing.assert_array_equal(stored(tmp_path, given)['keypoint'], keypoint)


def test_names_may_be_words_of_any_language_and_paths_below(tmp_path):
    names = ['walk/run 3', 'Müller_привет', 'a..b', '視頻', 'x' * 1000]
    with SkeletonStoreWriter(tmp_path / 's', 'coco17') as writer:
        for name in names:
            writer.add(np.str_(name), body())
        writer.finish()
    store = SkeletonStore(tmp_path / 's')
    assert list(store.ids) == names and [store.find(name) for name in names] == list(range(5))
