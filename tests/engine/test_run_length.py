"""Epochs and clip length, set by one option or following the data."""

from __future__ import annotations

import numpy as np
import pytest
from mmengine.config import Config

from mmactrep.engine.run_length import (
    RunLengthError,
    clip_lengths,
    length_for,
    resolve_clip_length,
    set_clip_length,
    set_epochs,
)
from mmactrep.store.writer import SkeletonStoreWriter


def test_a_schedule_is_stretched_with_its_epochs():
    cfg = Config(
        dict(
            train_cfg=dict(max_epochs=30, val_interval=5, min_iters=100),
            param_scheduler=[
                dict(type='WarmUpLR', by_epoch=False, end=200),
                dict(type='CosineAnnealingLR', T_max=30, end=30),
                dict(type='MultiStepLR', milestones=[10, 20], by_epoch=True),
            ],
        )
    )
    set_epochs(cfg, 3)
    assert cfg.train_cfg == dict(max_epochs=3, val_interval=3)
    assert cfg.param_scheduler[0].end == 200
    assert (cfg.param_scheduler[1].T_max, cfg.param_scheduler[1].end) == (3, 3)
    assert cfg.param_scheduler[2].milestones == [1, 2]


def test_a_config_of_iterations_has_no_epochs():
    with pytest.raises(RunLengthError, match='--epochs'):
        set_epochs(Config(dict(train_cfg=dict(max_iters=5))), 3)


@pytest.mark.parametrize(
    'frames, length', [([20, 23, 90], 24), ([24], 24), ([5], 16), ([300, 500], 64), ([33, 33], 40)]
)
def test_a_length_follows_the_median(frames, length):
    assert length_for(np.array(frames)) == length


@pytest.fixture
def config(tmp_path):
    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17', ['a']) as writer:
        for i, frames in enumerate((20, 22, 30, 500, 500, 500)):
            writer.add(f'clip{i}', np.ones((1, frames, 17, 2)), label=0, img_shape=(10, 10))
        writer.add_split('train', ('clip0', 'clip1', 'clip2'))
        writer.add_split('test', ('clip3', 'clip4', 'clip5'))
        writer.finish()

    def loader(split, kind):
        pipeline = [dict(type='BoxNormalize'), dict(type=kind, length='auto'), dict(type='Other', length=3)]
        dataset = dict(
            type='SkeletonDataset', ann_file=str(tmp_path / 'store'), split=split, pipeline=pipeline
        )
        # as Smarthome's rare classes: a data set within another
        return dict(dataset=dict(type='RepeatDataset', times=2, dataset=dataset))

    return Config(
        dict(
            train_dataloader=loader('train', 'UniformTemporalSample'),
            val_dataloader=loader('test', 'ReplayPad'),
            test_dataloader=loader('test', 'RandomTemporalCrop'),
        )
    )


def test_auto_is_the_median_of_the_training_clips(config):
    assert resolve_clip_length(config) == 24
    assert clip_lengths(config) == [24]
    pipelines = [loader.dataset.dataset.pipeline for loader in config.values()]
    assert [[each.get('length') for each in pipeline] for pipeline in pipelines] == [[None, 24, 3]] * 3
    assert resolve_clip_length(config) is None


def test_auto_is_the_length_of_the_training_where_a_checkpoint_says_it(config):
    pipeline = [dict(type='ReplayPad', length=48)]
    trained = dict(test_dataloader=dict(dataset=dict(pipeline=pipeline)))
    assert resolve_clip_length(config, trained) == 48


def test_a_length_is_set_in_every_pipeline(config):
    set_clip_length(config, 32)
    assert clip_lengths(config) == [32]
    with pytest.raises(RunLengthError, match='--clip-length'):
        set_clip_length(Config(dict(test_dataloader=dict(dataset=dict(pipeline=[])))), 32)


def test_auto_without_a_training_store_says_what_it_needs(config):
    config.train_dataloader = None
    with pytest.raises(RunLengthError, match='needs the training store'):
        resolve_clip_length(config)
