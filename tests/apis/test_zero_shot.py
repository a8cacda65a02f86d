"""Zero-shot scores of videos by a teacher's own texts, and features averaged over the samples of a clip."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mmactrep.apis.zero_shot import _Outputs, features_of_clip, video_scores
from mmactrep.errors import InferenceError
from mmactrep.store.feature_store import FeatureStore
from mmactrep.store.feature_writer import FeatureStoreWriter

VIDEOS = {'a': [[3.0, 4.0], [5.0, 0.0]], 'b@night': [[0.0, 2.0]], 'c': [[0.0, 0.0]]}
TEXTS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])


@pytest.fixture
def store(tmp_path) -> FeatureStore:
    with FeatureStoreWriter(tmp_path / 'videos', 'viclip-b16', 'video', 2) as writer:
        for name, features in VIDEOS.items():
            writer.add(name, features)
        writer.finish()
    return FeatureStore(tmp_path / 'videos')


def test_a_teacher_compares_the_mean_of_a_video_with_its_own_texts_by_the_cosine(store, monkeypatch):
    monkeypatch.setattr('mmactrep.models.teachers.build_text_teacher', lambda *args: None)
    monkeypatch.setattr('mmactrep.models.teachers.encode_classes', lambda *args: TEXTS)
    names = ['b@night', 'absent', 'a@2', 'c']
    scores, present = video_scores(store, names, SimpleNamespace(device='cpu'), [], temperature=0.1)
    assert present.tolist() == [True, False, True, True]
    mean = np.array([4.0, 2.0]) / np.hypot(4.0, 2.0)
    expected = [[0.0, 1.0, 0.8], [0.0] * 3, [*mean, mean @ [0.6, 0.8]], [0.0] * 3]
    np.testing.assert_allclose(scores, np.array(expected) / 0.1, atol=1e-2)
    with pytest.raises(InferenceError, match="features of 'minilm', found 'viclip-b16'"):
        video_scores(store, names, SimpleNamespace(device='cpu'), [], teacher='minilm')
    with pytest.raises(InferenceError, match="none of the 1 clips, the first is 'x'"):
        video_scores(store, ['x'], SimpleNamespace(device='cpu'), [])


def test_the_number_of_a_camera_is_what_follows_the_last_at(store):
    np.testing.assert_array_equal(features_of_clip(store, 'b@night@1'), VIDEOS['b@night'])
    np.testing.assert_array_equal(features_of_clip(store, 'b@night'), VIDEOS['b@night'])
    assert features_of_clip(store, 'b@1') is None and features_of_clip(store, 'night') is None


def test_samples_of_a_clip_are_averaged_after_they_are_read():
    model = SimpleNamespace(extract_feat=lambda x: (x.flatten(0, 1), {}), data_preprocessor=None)
    outputs = _Outputs(SimpleNamespace(model=model), lambda x: x.square())
    inputs = torch.arange(12.0).reshape(2, 3, 2)  # two clips of three samples
    np.testing.assert_allclose(outputs(inputs, []), inputs.square().mean(dim=1))
