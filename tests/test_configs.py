"""Every config: it loads, its data set reads a store, and its model takes what the pipeline gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.datasets.converters.protocols import SMARTHOME_CLASSES
from mmactrep.registry import DATASETS, MODELS
from mmactrep.store.writer import SkeletonStoreWriter

REPO = Path(__file__).resolve().parents[1]
CONFIGS = sorted(
    path.relative_to(REPO / 'configs')
    for path in (REPO / 'configs').glob('[!_]*/*.py')
    if not any(name in path.stem for name in ('tsu', 'charades', 'pku-mmd', 'untrimmed', 'chained'))
    # those: tests/test_segmentation_configs.py
    if not path.stem.startswith('lac_generator_')  # tests/models/generators/test_generator_configs.py
    if not path.stem.startswith('lac_unik_')  # tests/models/pretrainers/test_pretraining_configs.py
)
# folder of the store: layout, classes and splits as the converters write them
STORES = {
    'posetics/2d': ('posetics17', 320, ('train', 'val')),
    'posetics/3d': ('posetics17', 320, ('train', 'val')),
    'smarthome/2d': (
        'posetics17',
        SMARTHOME_CLASSES,
        ('cs_train', 'cs_test', 'cv1_train', 'cv1_test', 'cv2_train', 'cv2_test'),
    ),
    'penn_action/2d': ('posetics17', 15, ('train', 'test')),
    'synthetic/2d': ('posetics17', 45, ('train', 'val')),
    'ntu60/3d': ('ntu25', 60, ('xsub_train', 'xsub_val', 'xview_train', 'xview_val')),
    'ntu120/3d': ('ntu25', 120, ('xsub_train', 'xsub_val', 'xset_train', 'xset_val')),
    'uav_human/2d': ('posetics17', 155, ('csv1_train', 'csv1_test', 'csv2_train', 'csv2_test')),
}


@pytest.fixture(scope='module', autouse=True)
def stores(tmp_path_factory):
    """A store of every data set with two clips, of the first class and of the last but one."""
    root = tmp_path_factory.mktemp('data')
    rng = np.random.default_rng(0)
    for folder, (layout, classes, splits) in STORES.items():
        channels = int(folder[-2])
        names = [f'class_{i}' for i in range(classes)] if isinstance(classes, int) else list(classes)
        joints = 25 if layout == 'ntu25' else 17
        with SkeletonStoreWriter(root / folder, layout, names, num_channels=channels) as writer:
            labels = (0, len(names) - 2) if 'Cutbread' not in names else (names.index('Cutbread'), 29)
            for i, label in enumerate(labels):
                keypoint = rng.uniform(1, 400, (2, 30, joints, channels))
                writer.add(f'clip_{i}', keypoint, label=label, img_shape=(480, 640))
            for split in splits:
                writer.add_split(split, ('clip_0', 'clip_1'))
            writer.finish()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        yield root


def load(config: Path) -> Config:
    init_default_scope('mmactrep')
    return Config.fromfile(REPO / 'configs' / config)


@pytest.mark.parametrize('config', CONFIGS, ids=str)
def test_config_names_what_it_holds(config):
    """<method>_<dataset>[-<protocol>]_<2d|3d>[_<stream or variant>].py"""
    cfg = load(config)
    method, _, rest = config.stem.partition('_')
    assert method == config.parent.name
    channels = cfg.model.backbone.get('in_channels')
    assert f'_{channels}d' in config.stem
    folder = Path(cfg.train_dataloader.dataset.ann_file)
    assert (
        folder.name == f'{channels}d' and folder.parent.name.split('_')[0] == rest.split('-')[0].split('_')[0]
    )
    stream = 'bone' if config.stem.endswith('_bone') else 'joint'
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.stream == stream
    assert cfg.val_dataloader.dataset == cfg.test_dataloader.dataset
    assert cfg.train_dataloader.dataset.split != cfg.test_dataloader.dataset.split
    assert ('linear' in config.stem) == ('custom_hooks' in cfg)
    assert ('linear' in config.stem or 'finetune' in config.stem) == (cfg.get('load_from') is not None)


@pytest.mark.parametrize('config', [c for c in CONFIGS if not c.stem.endswith('_bone')], ids=str)
def test_data_set_and_model_fit(config, model_of):
    cfg = load(config)
    model = model_of(cfg.model)
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        dataset = DATASETS.build(loader.dataset)
        assert len(dataset) >= 2 and len(dataset.metainfo['classes']) == cfg.model.cls_head.num_classes
        sample = dataset[1]
        # a few frames are enough to see that shapes fit
        inputs = sample['inputs'][None, :, :, :8]
        with torch.no_grad():
            scores = model(inputs, [sample['data_samples']], mode='predict')[0].pred_score
        assert scores.shape == (cfg.model.cls_head.num_classes,) and torch.isfinite(scores).all()


@pytest.fixture(scope='module')
def model_of():
    """Models are built once for all configs that share one."""
    built = {}

    def build(cfg):
        key = json.dumps(cfg, default=str, sort_keys=True)
        if key not in built:
            built.clear()
            built[key] = MODELS.build(cfg).eval()
        return built[key]

    return build


def test_smarthome_cross_view_selects_its_19_classes_and_repeats_rare_ones():
    dataset = DATASETS.build(load(Path('unik/unik_smarthome-cv1_2d.py')).train_dataloader.dataset)
    assert len(dataset.metainfo['classes']) == 19 and dataset.metainfo['classes'][0] == 'Cutbread'
    assert len(dataset) == 2000  # one clip of each of two classes, 1000 times
