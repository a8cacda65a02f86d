"""Every config for segmentation: it loads, its data set reads a store, and its model takes the windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.registry import DATASETS, METRICS, MODELS
from mmactrep.store.writer import SkeletonStoreWriter

REPO = Path(__file__).resolve().parents[1]
# store: layout, classes, splits
STORES = {
    'tsu/2d': ('posetics17', 34, ('cs_train', 'cs_test', 'cv_train', 'cv_test')),
    'tsu_sample/2d': ('posetics17', 34, ('cs_train', 'cs_test', 'cv_train', 'cv_test')),
    'charades/2d': ('posetics17', 157, ('train', 'test')),
    'pku_mmd/3d': ('ntu25', 51, ('cs_train', 'cs_test', 'cv_train', 'cv_test')),
    'untrimmed/2d': ('posetics17', 38, ('cs_train', 'cs_test')),
    'penn_chained/2d': ('posetics17', 15, ('train', 'test')),
}
NAMES = ('tsu', 'charades', 'pku-mmd', 'untrimmed', 'chained')
CONFIGS = sorted(
    path.relative_to(REPO / 'configs')
    for path in (REPO / 'configs').glob('[!_]*/*.py')
    if any(name in path.stem for name in NAMES)
    # pre-training on the data set itself: tests/models/pretrainers/test_pretraining_configs.py
    if path.parent.name == 'unik' or path.stem.endswith(('_linear', '_finetune'))
)
WINDOWS = {'charades': 64, 'untrimmed': 128, 'penn': 128}


@pytest.fixture(scope='module', autouse=True)
def stores(tmp_path_factory):
    """A store of every data set with two short videos of two actions."""
    root = tmp_path_factory.mktemp('data')
    rng = np.random.default_rng(0)
    for folder, (layout, classes, splits) in STORES.items():
        channels, joints = int(folder[-2]), 25 if layout == 'ntu25' else 17
        names = [f'class_{i}' for i in range(classes)]
        with SkeletonStoreWriter(root / folder, layout, names, num_channels=channels) as writer:
            for i in range(2):
                keypoint = rng.uniform(1, 400, (1, 150, joints, channels))
                actions = [(0, 5, 60), (classes - 1, 40, 140)]
                writer.add(f'clip_{i}', keypoint, img_shape=(480, 640), segments=actions)
            for split in splits:
                writer.add_split(split, ('clip_0', 'clip_1'))
            writer.finish()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        yield root


def load(config):
    init_default_scope('mmactrep')
    return Config.fromfile(REPO / 'configs' / config)


@pytest.mark.parametrize('config', CONFIGS, ids=str)
def test_config_names_what_it_holds(config):
    cfg = load(config)
    protocol = config.stem.removeprefix('lac_').removeprefix('unik_')
    assert config.stem.startswith(config.parent.name)
    channels = cfg.model.backbone.in_channels
    folder = Path(cfg.train_dataloader.dataset.ann_file)
    assert f'_{channels}d' in config.stem and folder.name == f'{channels}d'
    assert protocol.replace('-', '_').startswith(folder.parent.name)
    assert cfg.val_dataloader.dataset == cfg.test_dataloader.dataset
    train, test = cfg.train_dataloader.dataset, cfg.test_dataloader.dataset
    assert train.split != test.split and test.test_mode and not train.get('test_mode')
    assert train.window == test.window == WINDOWS.get(protocol.split('-')[0].split('_')[0], 300)
    assert ('linear' in config.stem) == ('custom_hooks' in cfg)
    assert ('linear' in config.stem or 'finetune' in config.stem) == (cfg.get('load_from') is not None)
    best = cfg.default_hooks.checkpoint.save_best
    assert best in [f'seg/{item}' for item in METRICS.build(cfg.val_evaluator).items]


@pytest.mark.parametrize('config', [c for c in CONFIGS if c.parent.name == 'unik'], ids=str)
def test_data_set_and_model_fit(config):
    cfg = load(config)
    model = MODELS.build(cfg.model).eval()
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        dataset = DATASETS.build(loader.dataset)
        assert len(dataset.metainfo['classes']) == cfg.model.cls_head.num_classes
        sample = dataset[0]
        assert sample['inputs'].shape[2] == loader.dataset.window
        # a few frames are enough to see that shapes fit
        with torch.no_grad():
            (found,) = model(sample['inputs'][None, :, :, :8], [sample['data_samples']], mode='predict')
        assert found.pred_frames.shape == (8, cfg.model.cls_head.num_classes)
        assert sample['data_samples'].gt_frames.shape == (loader.dataset.window, found.pred_frames.shape[1])
