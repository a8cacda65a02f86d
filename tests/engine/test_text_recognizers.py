"""A recognizer from a pre-training of T-MOR: its config and its weights."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmactrep.engine.text_recognizers import (
    is_text_pretraining,
    pipeline_as_tested,
    seen_classes,
    text_recognizer_config,
    text_recognizer_state,
)
from mmactrep.engine.trained_on import INFERENCE, VIDEO, read_inference_config
from mmactrep.registry import MODELS
from tests.helpers.text_models import MODEL, WIDTH, tmor_config


def built(cfg: Config):
    torch.manual_seed(2)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        return MODELS.build(copy.deepcopy(cfg.model))


@pytest.mark.parametrize('learned', [True, False])
@pytest.mark.parametrize('text_neck', [MODEL['text_neck'], None])
def test_the_recognizer_compares_as_the_pretraining_does(learned, text_neck):
    """The oracle is T-MOR's own embedding and criterion."""
    cfg = tmor_config(text_loss=dict(temperature=0.2, learn_temperature=learned), text_neck=text_neck)
    tmor = built(cfg).eval()
    if learned:
        tmor.text_criterion.log_temperature.data.fill_(-2.0)
    made = Config(text_recognizer_config(cfg))
    model = built(made).eval()
    temperature = made.model.cls_head.temperature
    model.load_state_dict(text_recognizer_state(tmor.state_dict(), temperature), strict=True)
    texts, clips = torch.randn(4, model.cls_head.text_channels), torch.randn(3, 1, 8, 17, 2)
    model.cls_head.set_classes('abcd', texts)
    with torch.no_grad():
        motion = tmor.embed(tmor._encoder(), clips)['sequence']
        embedded = torch.nn.functional.normalize(tmor.text_neck(texts), dim=1)
        expected, _ = tmor.text_criterion.similarities(motion, embedded[None].expand(3, -1, -1), embedded)
        found = model.cls_head(model.backbone(clips))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_the_pipeline_is_that_of_training_without_chance():
    steps = [
        dict(type='BoxNormalize'),
        dict(type='RandomTemporalCrop', length=64, num_clips=2),
        dict(type='UniformTemporalSample', length=64, short='stretch', num_clips=2, least_share=0.6),
        dict(type='RandomRotate'),
        dict(type='JointDropout'),
        dict(type='LoadTeacherFeatures', root='x', kind='text'),
        dict(type='SkeletonStream'),
        dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'text_features')),
    ]
    assert pipeline_as_tested(steps) == [
        dict(type='BoxNormalize'),
        dict(type='RandomTemporalCrop', length=64, num_clips=1, test_mode=True),
        dict(
            type='UniformTemporalSample',
            length=64,
            short='stretch',
            num_clips=1,
            least_share=1.0,
            jitter=False,
        ),
        dict(type='SkeletonStream'),
        dict(type='PackSkeletonInputs'),
    ]


def test_a_checkpoint_may_hold_the_config_and_it_is_read_back():
    made = text_recognizer_config(tmor_config())
    read = read_inference_config({INFERENCE: made}, 'x.pth')
    assert read.model.cls_head.text_teacher == 'letters'
    assert made[VIDEO] == dict(teacher='frames', neck=MODEL['video_neck'])
    assert VIDEO not in text_recognizer_config(tmor_config(video_teacher=None, video_neck=None))


def test_a_test_pipeline_of_the_config_is_preferred():
    cfg = tmor_config()
    cfg.test_pipeline = [dict(type='ReplayPad', length=8), dict(type='PackSkeletonInputs')]
    made = text_recognizer_config(cfg)
    assert [step['type'] for step in made['test_dataloader']['dataset']['pipeline']] == [
        'ReplayPad',
        'PackSkeletonInputs',
    ]


def test_other_trainings_make_no_such_recognizer(repo):
    assert text_recognizer_config(tmor_config(text_teacher=None, text_neck=None)) is None
    assert text_recognizer_config(Config(dict(model=dict(type='RecognizerGCN')))) is None
    assert text_recognizer_config(Config(dict(model=MODEL))) is None, 'nothing says how a clip is read'
    assert is_text_pretraining(built(tmor_config()).state_dict())
    assert not is_text_pretraining(built(Config(text_recognizer_config(tmor_config()))).state_dict())


def test_a_learned_temperature_stays_above_that_of_the_criterion():
    state = built(tmor_config()).state_dict()
    state['text_criterion.log_temperature'] = torch.tensor(-20.0)
    assert text_recognizer_state(state)['cls_head.log_temperature'].exp() == pytest.approx(0.01)
    assert text_recognizer_state(state)['cls_head.class_embeddings'].shape == (0, WIDTH)
    with pytest.raises(ValueError, match='no projection of motion'):
        text_recognizer_state({'backbone.weight': torch.zeros(1)})


def test_seen_classes_are_those_of_the_clips_with_texts(tmp_path):
    from mmactrep.datasets.transforms import LoadTeacherFeatures
    from mmactrep.store.feature_writer import FeatureStoreWriter

    with FeatureStoreWriter(tmp_path / 'texts', 'letters', 'text', 3) as writer:
        for name in ('jump', 'walk', 'wave'):
            writer.add(f'clip {name}', np.ones(3), name)
        writer.finish()
    loads = LoadTeacherFeatures(tmp_path / 'texts', 'text')

    def data(labels, classes, *steps):
        pipeline = SimpleNamespace(transforms=steps)
        return SimpleNamespace(labels=np.array(labels), metainfo=dict(classes=classes), pipeline=pipeline)

    labelled = data([0, 2, 2, -1], ['bow', 'sit', 'run'], loads)
    unlabelled = data([-1, -1], [], loads)
    without = data([0], ['throw'])
    assert seen_classes([labelled, without]) == ['bow', 'run']
    assert seen_classes([labelled, unlabelled]) == ['bow', 'jump', 'run', 'walk', 'wave']
