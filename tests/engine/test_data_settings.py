"""Settings that a config leaves to its data, and the recipe for one's own skeletons that does."""

from __future__ import annotations

import json

import numpy as np
import pytest
from mmengine.registry import init_default_scope

from mmactrep.datasets.protocols import protocol_classes
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.data_settings import DataSettingsError
from mmactrep.registry import DATASETS, MODELS
from mmactrep.store.format import StoreError
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import REPO, load_tool, restored_random_state

HAND = SkeletonLayout(
    'hand', ('wrist', 'left_thumb', 'right_thumb'), {'left_thumb': 'wrist', 'right_thumb': 'wrist'}
)
RECIPES = REPO / 'configs' / '_base_' / 'recipes'


def write_own(root, clips=11, persons=1, channels=2, frames=20, layout=HAND, classes=('wave', 'sit', 'fall')):
    """A store as the README writes it."""
    rng = np.random.default_rng(0)
    joints = 3 if layout is HAND else 17
    with SkeletonStoreWriter(root, layout, list(classes), num_channels=channels) as writer:
        for i in range(clips):
            keypoint = rng.uniform(1, 400, (persons, frames + i % 3, joints, channels))
            writer.add(f'clip_{i}', keypoint, label=i % len(classes), img_shape=(480, 640))
        writer.add_split('train', [f'clip_{i}' for i in range(clips)])
        writer.add_split('test', ['clip_0', 'clip_1'])
        writer.finish()
    return root


def write_config(folder, store, dims=2):
    """The config of the README."""
    path = folder / 'mine.py'
    path.write_text(
        f"_base_ = '{RECIPES}/own_skeletons_{dims}d.py'\n"
        f"mine = dict(ann_file='{store}')\n"
        'train_dataloader = dict(dataset=mine)\n'
        'val_dataloader = dict(dataset=mine)\n'
        'test_dataloader = dict(dataset=mine)\n'
    )
    return path


@pytest.mark.parametrize('dims', [2, 3])
def test_the_recipe_takes_joints_classes_persons_and_length_from_the_store(tmp_path, dims, capfd):
    store = write_own(tmp_path / 'store', persons=2, channels=dims, frames=30)
    cfg = compose_config(write_config(tmp_path, store, dims))
    assert cfg.model.backbone.num_joints == 3 and cfg.model.cls_head.num_classes == 3
    assert cfg.num_person == cfg.model.backbone.num_person == 2 and cfg.model.backbone.in_channels == dims
    for name in ('train', 'val', 'test'):
        pipeline = cfg[f'{name}_dataloader'].dataset.pipeline
        assert (pipeline.format.num_person, pipeline.sample.length) == (2, 32)
    said = capfd.readouterr().err
    assert f'{store} tells: ' in said and 'num_joints = 3' in said and 'num_classes = 3' in said
    init_default_scope('mmactrep')
    sample = DATASETS.build(cfg.test_dataloader.dataset)[0]
    cfg.model.backbone.update(channels=(8, 8), strides=(1, 2), dilations=(1, 1))
    cfg.model.cls_head.in_channels = 8
    found = MODELS.build(cfg.model).eval()(sample['inputs'][None], [sample['data_samples']], mode='predict')
    assert sample['inputs'].shape == (1, 2, 32, 3, dims) and found[0].pred_score.shape == (3,)


def test_the_name_of_a_published_list_counts_its_classes(tmp_path):
    store = write_own(tmp_path / 'store', classes=protocol_classes('smarthome'))
    path = write_config(tmp_path, store)
    path.write_text(path.read_text().replace(f"'{store}')", f"'{store}', classes='smarthome/cv')"))
    assert compose_config(path).model.cls_head.num_classes == 19


def test_what_a_config_says_is_not_taken_from_the_store(tmp_path):
    path = write_config(tmp_path, write_own(tmp_path / 'store', persons=2))
    cfg = compose_config(path, options={'num_person': 1, 'model.cls_head.num_classes': 5})
    assert cfg.model.backbone.num_person == cfg.test_dataloader.dataset.pipeline.format.num_person == 1
    assert cfg.model.cls_head.num_classes == 5 and cfg.model.backbone.num_joints == 3


def test_of_many_persons_two_are_taken(tmp_path):
    path = write_config(tmp_path, write_own(tmp_path / 'store', persons=4))
    assert compose_config(path).num_person == 2
    assert compose_config(path, options={'num_person': 4}).model.backbone.num_person == 4


def test_graph_networks_take_the_layout_of_the_store(tmp_path):
    path = write_config(tmp_path, write_own(tmp_path / 'store', layout='coco17'))
    cfg = compose_config(path, ['stgcn'])
    assert cfg.model.backbone.layout == 'coco17'
    init_default_scope('mmactrep')
    assert MODELS.build(cfg.model).backbone.graph.num_node == 17


def test_graph_networks_take_a_layout_of_ones_own(tmp_path):
    path = write_config(tmp_path, write_own(tmp_path / 'store'))
    cfg = compose_config(path, ['agcn'])
    init_default_scope('mmactrep')
    assert MODELS.build(cfg.model).backbone.graph.num_node == 3


def test_an_absent_store_names_no_data_set_of_others(tmp_path, capsys):
    path = write_config(tmp_path, tmp_path / 'absent')
    with pytest.raises(StoreError, match=r'absent(.|\n)*one of your own skeletons is written with') as error:
        compose_config(path)
    assert 'penn' not in str(error.value).lower()
    assert_refused(run_here(capsys, 'train.py', [path, '--work-dir', tmp_path / 'w']), 'SkeletonStoreWriter')


def test_an_heir_of_a_config_for_another_data_set_is_not_told_to_convert_that_one(tmp_path, capsys):
    # MMEngine's loggers are told apart by config and second: not mine.py, as the next training here
    path = tmp_path / 'heir.py'
    path.write_text(
        f"_base_ = '{REPO}/configs/unik/unik_penn_2d_recommended.py'\n"
        f"mine = dict(ann_file='{tmp_path}/absent')\n"
        'train_dataloader = dict(dataset=mine)\n'
    )
    outcome = run_here(capsys, 'train.py', [path, '--work-dir', tmp_path / 'w'])
    assert_refused(outcome, 'absent.*SkeletonStoreWriter')
    assert 'penn_action' not in outcome.err
    hint = compose_config(path).test_dataloader.dataset.absent_hint
    assert 'penn_action' in hint, 'its test data are still those of Penn Action'


def test_3d_data_need_the_recipe_for_3d(tmp_path):
    path = write_config(tmp_path, write_own(tmp_path / 'store', channels=3))
    with pytest.raises(DataSettingsError, match=r'mine.py takes 2D skeletons, .*store has 3D ones'):
        compose_config(path)


def test_eleven_clips_leave_the_warm_up(tmp_path):
    """Eleven clips make one step per epoch: 30 steps in all by epochs, of which none was at the full rate."""
    path = write_config(tmp_path, write_own(tmp_path / 'store'))
    options = [
        *('model.backbone.channels=(8,8)', 'model.backbone.strides=(1,2)', 'model.backbone.dilations=(1,1)'),
        *('model.cls_head.in_channels=8', 'train_cfg.min_iters=60', 'default_hooks.logger.interval=1'),
        *('default_hooks.checkpoint.interval=60', 'train_cfg.val_interval=60'),
        *(f'{name}_dataloader.num_workers=0' for name in ('train', 'val', 'test')),
        *(f'{name}_dataloader.persistent_workers=False' for name in ('train', 'val', 'test')),
    ]
    cfg = compose_config(path)
    assert (cfg.train_cfg.max_epochs, cfg.train_cfg.min_iters) == (30, 600)
    with restored_random_state():
        arguments = [str(path), '--work-dir', str(tmp_path / 'w'), '--cfg-options', *options]
        assert not load_tool('train.py').main(arguments)
    (log,) = (tmp_path / 'w').glob('*/vis_data/scalars.json')
    rates = [entry['lr'] for entry in map(json.loads, log.read_text().splitlines()) if 'lr' in entry]
    assert len(rates) == 60 and max(rates) == pytest.approx(0.05, rel=0.03)
    assert np.argmax(rates) <= 7 and rates[0] < 0.001 and rates[-1] < 0.001
