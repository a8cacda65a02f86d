"""Configs of LAC's generators: they load, their data set reads a library, their model trains on it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.motion.library import write_library
from mmactrep.motion.retargeting import LIBRARY_LAYOUT
from mmactrep.motion.sources import LibrarySettings
from mmactrep.registry import DATASETS, METRICS, MODELS

CONFIGS = Path(__file__).resolve().parents[3] / 'configs' / 'lac'
GENERATORS = sorted(path.name for path in CONFIGS.glob('lac_generator_*.py'))


@pytest.fixture(scope='module', autouse=True)
def library(tmp_path_factory):
    """A small motion library where the configs look for theirs."""
    root = tmp_path_factory.mktemp('data')
    settings = LibrarySettings(2, 2, performances=1, test_performances=1, improvised=1, frames=16)
    for name in ('synthetic', 'mixamo'):
        write_library(root / 'motion' / name, settings.splits(), LIBRARY_LAYOUT, 30.0, settings.classes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        yield


def load(name: str) -> Config:
    init_default_scope('mmactrep')
    return Config.fromfile(CONFIGS / name)


@pytest.mark.parametrize('name', GENERATORS)
def test_data_set_model_and_metric_fit(name):
    cfg = load(name)
    generator = cfg.model.generator
    assert f'_{generator.in_channels}d' in name
    assert Path(cfg.train_dataloader.dataset.ann_file).name == name.split('_')[2]
    train, test = (DATASETS.build(loader.dataset) for loader in (cfg.train_dataloader, cfg.test_dataloader))
    assert (train.window, test.window) == (64, 120) and test.test_mode and not train.test_mode
    assert (cfg.train_dataloader.dataset.split, cfg.test_dataloader.dataset.split) == ('train', 'test')
    model = MODELS.build(cfg.model)
    model.generator.set_statistics(train.statistics(samples=20))
    batch = torch.utils.data.default_collate([train[i]['inputs'] for i in range(2)])
    losses = model(batch, mode='loss')
    assert len(losses) == 4 + ('path' in name) and all(torch.isfinite(loss) for loss in losses.values())
    metric = METRICS.build(cfg.test_evaluator)
    batch = torch.utils.data.default_collate([test[i]['inputs'] for i in range(2)])
    with torch.no_grad():
        metric.process(None, model.eval()(batch, mode='predict'))
    assert metric.evaluate(2)['retargeting/mse'] > 0


def test_settings_of_the_thesis():
    cfg = load('lac_generator_mixamo_2d.py')
    assert (cfg.model.generator.code_channels, cfg.model.generator.num_motion) == (160, 128)
    assert cfg.optim_wrapper.optimizer == dict(type='Adam', lr=1e-3)
    assert cfg.param_scheduler == [dict(type='ExponentialLR', gamma=0.99, by_epoch=True)]
    assert cfg.train_cfg.max_epochs == 300 and cfg.train_dataloader.batch_size == 64
    assert cfg.train_dataloader.dataset.scale == (0.5, 1.5)
    views = DATASETS.build(cfg.test_dataloader.dataset).views
    assert views == (-90, -60, -30, 0, 30, 60, 90)


@pytest.mark.parametrize('data', ['mixamo', 'synthetic'])
def test_the_baseline_differs_in_its_generator_alone(data):
    ours, baseline = (load(f'lac_generator_{data}_2d{end}.py') for end in ('', '_two-encoders'))
    assert baseline.model.generator.type == 'TwoEncoderAutoencoder'
    lac, two = (MODELS.build(cfg.model.generator) for cfg in (ours, baseline))
    assert (lac.num_motion, lac.num_static) == (two.num_motion, two.num_static) == (128, 32)
    for cfg in (ours, baseline):
        cfg.model.pop('generator')
    assert ours.to_dict() == baseline.to_dict()
