"""The configs of LAC's pre-training and of what follows it: they load, and data and model fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.registry import DATASETS, HOOKS, MODELS
from mmactrep.store.writer import SkeletonStoreWriter
from tests.helpers.pretraining import train_statistics

REPO = Path(__file__).resolve().parents[3]
CONFIGS = sorted((REPO / 'configs' / 'lac').glob('lac_unik_*.py'))
PRETRAINING = [path for path in CONFIGS if not any(word in path.stem for word in ('finetune', 'linear'))]
# Table 4.8: on the data set of the test itself, whose labels nothing reports on
SELF = [path for path in PRETRAINING if any(word in path.stem for word in ('tsu', 'charades', 'pku-mmd'))]
# those that segment are tested in tests/test_segmentation_configs.py
DOWNSTREAM = [path for path in CONFIGS if path not in PRETRAINING and '_penn_' in path.stem]
# store: layout, classes, splits
STORES = {
    'posetics/2d': ('posetics17', 320, ('train', 'val')),
    'posetics/3d': ('posetics17', 320, ('train', 'val')),
    'penn_action/2d': ('posetics17', 15, ('train', 'test')),
    'synthetic/2d': ('posetics17', 45, ('train', 'val')),
    'tsu/2d': ('posetics17', 34, ('cs_train', 'cs_test')),
    'charades/2d': ('posetics17', 157, ('train', 'test')),
    'pku_mmd/3d': ('ntu25', 51, ('cs_train', 'cs_test')),
}


def name(path):
    return path.stem


@pytest.fixture(scope='module', autouse=True)
def stores(tmp_path_factory):
    """Stores of three clips with some joints missing."""
    root = tmp_path_factory.mktemp('data')
    rng = np.random.default_rng(0)
    for folder, (layout, classes, splits) in STORES.items():
        labels = [f'class_{i}' for i in range(classes)]
        channels, joints = int(folder[-2]), 25 if layout == 'ntu25' else 17
        with SkeletonStoreWriter(root / folder, layout, labels, num_channels=channels) as writer:
            for i in range(3):
                score = (rng.random((1, 30, joints)) > 0.1).astype(np.float32)
                keypoint = rng.uniform(1, 400, (1, 30, joints, channels)) * score[..., None]
                actions = [(i, 5, 25)]
                writer.add(f'clip_{i}', keypoint, score, label=i, img_shape=(480, 640), segments=actions)
            for split in splits:
                writer.add_split(split, [f'clip_{i}' for i in range(3)])
            writer.finish()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        yield root


def load(path: Path) -> Config:
    init_default_scope('mmactrep')
    return Config.fromfile(path)


def shorten(cfg: Config, length: int = 8) -> Config:
    """The same with short clips and a short queue, which tests are quick with."""
    for transform in cfg.train_dataloader.dataset.pipeline:
        if 'length' in transform:
            transform['length'] = length
    if 'window' in cfg.train_dataloader.dataset:
        cfg.train_dataloader.dataset.window = length
    if 'clip_length' in cfg.model:
        cfg.model.clip_length = cfg.train_dataloader.dataset.get('window', length)
    if 'queue_size' in cfg.model:
        cfg.model.queue_size = 3
    if 'composer' in cfg.model:
        cfg.model.composer.generator.pop('init_cfg')
    return cfg


@pytest.mark.parametrize('path', PRETRAINING, ids=name)
def test_pretraining_takes_a_step_on_its_data(path):
    cfg = shorten(load(path))
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    samples = [dataset[i] for i in range(3)]
    model = MODELS.build(cfg.model)
    if hasattr(model, 'composer'):
        train_statistics(model.composer.generator)
    batch = dict(inputs=[s['inputs'] for s in samples], data_samples=[s['data_samples'] for s in samples])
    batch = model.data_preprocessor(batch, True)
    losses = model(**batch, mode='loss')
    parsed, _ = model.parse_losses(losses)
    assert torch.isfinite(parsed)
    parsed.backward()
    assert not any(p.grad is None for p in model.parameters() if p.requires_grad)
    if hasattr(model, 'queue'):
        assert set(model.queue.instances.flatten().tolist()) <= {0.0, 1.0, 2.0}


@pytest.mark.parametrize('path', PRETRAINING, ids=name)
def test_pretraining_reports_and_validates_nothing(path):
    cfg = load(path)
    assert cfg.val_cfg is None and cfg.val_dataloader is None and cfg.test_dataloader is None
    assert cfg.default_hooks.checkpoint.save_best is None
    hooks = [HOOKS.build(hook) for hook in cfg.custom_hooks]
    for config in () if path in SELF else hooks[-1].configs:
        dataset = DATASETS.build(config['dataset'])
        assert len(dataset) == 3 and 'data_samples' in dataset[0]
    dataset = cfg.train_dataloader.dataset
    lengths = [
        t['length'] for t in (*dataset.pipeline, dict(length=dataset.get('window'))) if t.get('length')
    ]
    assert cfg.model.get('clip_length', lengths[0]) == lengths[0]
    scheduler = cfg.param_scheduler[-1]
    assert scheduler.T_max == scheduler.end == cfg.train_cfg.max_epochs


@pytest.mark.parametrize('path', DOWNSTREAM, ids=name)
def test_what_follows_takes_the_encoder_of_the_pretraining(path):
    cfg, pretraining = load(path), load(REPO / 'configs' / 'lac' / 'lac_unik_penn_2d.py')
    assert cfg.load_from == 'checkpoints/lac_unik_penn_2d.pth'
    assert ('linear' in path.stem) == ('custom_hooks' in cfg)
    model = MODELS.build(cfg.model)
    encoder = MODELS.build(pretraining.model.backbone)
    model.backbone.load_state_dict(encoder.state_dict(), strict=True)
    for ours, theirs in zip(model.backbone.blocks, encoder.blocks):
        assert ours.stride == theirs.stride
        assert ours.temporal.conv.dilation == theirs.temporal.conv.dilation
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        sample = DATASETS.build(loader.dataset)[0]
        assert (sample['inputs'] != 0).any(-1).all(), 'missing joints are filled in, as in pre-training'
        scores = model.eval()(sample['inputs'][None], [sample['data_samples']], mode='predict')
        assert scores[0].pred_score.shape == (15,)


def test_posetics_has_the_settings_of_the_thesis():
    """Section 4.5.1, Table 4.1 and reference values of Eq. 4.7."""
    cfg = load(REPO / 'configs' / 'lac' / 'lac_unik_posetics_2d.py')
    model = cfg.model
    assert (model.queue_size, model.momentum, model.num_positives) == (8192, 0.994, 4)
    assert (model.loss.temperature, model.neck.num_layers, model.temporal_sample_rate) == (0.1, 2, 4)
    assert tuple(model.backbone.strides) == (1,) * 10
    assert (cfg.optim_wrapper.optimizer.lr, cfg.train_cfg.max_epochs) == (0.1, 200)
    assert model.composer.num_motions == 2
    assert cfg.custom_hooks[0] == dict(type='MomentumScheduleHook')
