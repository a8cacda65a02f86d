"""LoadTeacherFeatures: the right feature of the right clip, or None."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate

from mmactrep.datasets import SkeletonDataset
from mmactrep.datasets.transforms import (
    FormatSkeleton,
    LoadTeacherFeatures,
    PackSkeletonInputs,
    UniformTemporalSample,
)
from mmactrep.store import FeatureStoreWriter, StoreError
from mmactrep.store.feature_store import category_code
from tests.store.test_skeleton_store import write as write_skeletons

SENTENCES = np.float32([[1, 0, 2], [3, 4, 8]])


@pytest.fixture
def texts(tmp_path):
    with FeatureStoreWriter(tmp_path / 'texts', 'words', 'text', 3) as writer:
        writer.add('clip_0', SENTENCES, 'sit')
        writer.add('clip_1', SENTENCES[:1], 'stand')
        writer.finish()
    return tmp_path / 'texts'


@pytest.fixture
def videos(tmp_path):
    with FeatureStoreWriter(tmp_path / 'videos', 'frames', 'video', 2) as writer:
        writer.add('clip_1', [5, 6])
        writer.finish()
    return tmp_path / 'videos'


def test_texts(texts):
    load = LoadTeacherFeatures(texts, 'text', teacher='words')
    drawn = [load(dict(frame_dir='clip_0', rng=np.random.default_rng(i)))['text_features'] for i in range(40)]
    assert all(one.dtype == np.float32 and one.shape == (3,) for one in drawn)
    counts = [sum((one == sentence).all() for one in drawn) for sentence in SENTENCES]
    assert sum(counts) == 40 and min(counts) > 8
    again = load(dict(frame_dir='clip_0', rng=np.random.default_rng(7)))['text_features']
    np.testing.assert_array_equal(again, drawn[7])
    one = load(dict(frame_dir='clip_1'))
    assert one['text_features'].tolist() == [1, 0, 2] and one['text_category'] == category_code('stand')
    absent = load(dict(frame_dir='clip_2'))
    assert absent['text_features'] is None and absent['text_category'] == -1


def test_the_mean_of_the_sentences(texts):
    mean = [2, 2, 5]
    load = LoadTeacherFeatures(texts, 'text')
    assert load(dict(frame_dir='clip_0', test_mode=True))['text_features'].tolist() == mean
    load = LoadTeacherFeatures(texts, 'text', choose='mean')
    assert load(dict(frame_dir='clip_0', test_mode=False))['text_features'].tolist() == mean


def test_videos_have_no_category(videos):
    load = LoadTeacherFeatures(videos, 'video', teacher='frames')
    found = load(dict(frame_dir='clip_1'))
    assert found['video_features'].tolist() == [5, 6] and 'text_category' not in found
    assert load(dict(frame_dir='clip_0'))['video_features'] is None


def test_what_does_not_fit_is_refused_at_once(tmp_path, texts, videos):
    absent = tmp_path / 'absent'
    with pytest.raises(
        StoreError,
        match=rf'no feature store at {absent} \(absent\); it is made by: '
        rf'mmactrep features text SKELETON_STORE --teacher minilm --out {absent}',
    ):
        LoadTeacherFeatures(absent, 'text', teacher='minilm')
    with pytest.raises(StoreError, match="expected features of the teacher 'minilm', found those of 'words'"):
        LoadTeacherFeatures(texts, 'text', teacher='minilm')
    with pytest.raises(StoreError, match="expected features of kind 'text', found 'video'"):
        LoadTeacherFeatures(videos, 'text')
    with pytest.raises(ValueError, match=r"kind must be one of .* got 'motion'"):
        LoadTeacherFeatures(texts, 'motion')
    with pytest.raises(ValueError, match=r"choose must be one of .* got 'last'"):
        LoadTeacherFeatures(texts, 'text', choose='last')
    with pytest.raises(ValueError, match="no 'frame_dir'"):
        LoadTeacherFeatures(texts, 'text')({})


def test_features_reach_the_data_samples_through_workers(tmp_path, texts, videos):
    write_skeletons(tmp_path / 'store')
    keys = ('frame_dir', 'text_features', 'text_category', 'video_features')
    pipeline = [
        LoadTeacherFeatures(texts, 'text'),
        LoadTeacherFeatures(videos, 'video'),
        UniformTemporalSample(4),
        FormatSkeleton(),
        PackSkeletonInputs(meta_keys=keys),
    ]
    dataset = SkeletonDataset(str(tmp_path / 'store'), pipeline)
    loader = torch.utils.data.DataLoader(dataset, 7, num_workers=2, collate_fn=pseudo_collate)
    (batch,) = list(loader)
    found = {sample.frame_dir: sample for sample in batch['data_samples']}
    assert len(found) == 7
    for name, sample in found.items():
        texted, filmed = name in ('clip_0', 'clip_1'), name == 'clip_1'
        assert (sample.text_features is not None) == texted == (sample.text_category >= 0)
        assert (sample.video_features is not None) == filmed
    assert found['clip_1'].video_features.tolist() == [5, 6]
    assert found['clip_0'].text_category == category_code('sit')
