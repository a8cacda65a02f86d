"""Validation on a part of the training split: which clips each loader reads."""

from __future__ import annotations

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.config_files import ConfigError
from mmactrep.engine.holdout import hold_out_cameras, hold_out_validation, training_clips_as_tested
from mmactrep.registry import DATASETS
from mmactrep.store.format import StoreError
from tests.helpers.training import write_config, write_store


@pytest.fixture
def config(tmp_path):
    return compose_config(write_config(tmp_path, write_store(tmp_path / 'store')))


def clips(cfg) -> dict[str, list[str]]:
    """Ids of the clips that each loader reads."""
    init_default_scope('mmactrep')
    found = {}
    for name in ('train', 'val', 'test'):
        dataset = DATASETS.build(cfg[f'{name}_dataloader']['dataset'])
        found[name] = [dataset.get_data_info(i)['frame_dir'] for i in range(len(dataset))]
    return found


def test_training_is_divided_and_the_test_split_is_not_read(config):
    training, test = (clips(config)[name] for name in ('train', 'test'))
    hold_out_validation(config, 1 / 3, seed=2)
    found = clips(config)
    assert found['val'] == found['test'] and len(found['val']) == 6
    assert sorted(found['train'] + found['val']) == sorted(training)
    assert set(test).isdisjoint(found['train'] + found['val'])
    assert config.val_dataloader.dataset.pipeline == config.test_dataloader.dataset.pipeline
    assert config.val_dataloader.dataset.pipeline != config.train_dataloader.dataset.pipeline
    assert config.val_dataloader.dataset.test_mode


def test_only_the_labels_in_use_are_divided(config):
    config.train_dataloader.dataset.update(labelled_fraction=0.5, labelled_seed=1, repeat_below=30)
    few = set(clips(config)['train'])
    hold_out_validation(config, 0.3)
    found = clips(config)
    assert set(found['train'] + found['val']) == few and len(few) == 9
    # rare classes are repeated in training alone
    assert len(found['train']) > len(set(found['train'])) and len(found['val']) == 3


def test_groups_stay_together(config):
    hold_out_validation(config, 0.3, seed=0, groups=r'[0-9]$')
    found = clips(config)
    ends = [{name[-1] for name in found[part]} for part in ('train', 'val')]
    assert ends[0].isdisjoint(ends[1]) and len(ends[0] | ends[1]) == 10


def test_what_cannot_be_divided_is_refused(config):
    hold_out_validation(config, 0.3, groups='subject')
    with pytest.raises(StoreError, match="'clip_000' has no group"):
        clips(config)
    with pytest.raises(ConfigError, match='loaders for training and for validation'):
        hold_out_validation(Config(dict(train_dataloader=None)), 0.3)
    wrapped = dict(dataset=dict(type='RepeatDataset', times=2, dataset=dict(type='SkeletonDataset')))
    with pytest.raises(ConfigError, match='RepeatDataset, take no holdout'):
        hold_out_validation(Config(dict(train_dataloader=wrapped, val_dataloader=wrapped)), 0.3)


def test_sequences_are_held_out_whole(tmp_path):
    from mmactrep.store.writer import SkeletonStoreWriter

    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17', ('a', 'b')) as writer:
        for i in range(10):
            keypoint = np.random.default_rng(i).normal(size=(1, 40, 17, 2))
            writer.add(f'clip{i}', keypoint, img_shape=(10, 10), segments=[(i % 2, 0, 20)])
        writer.add_split('train', [f'clip{i}' for i in range(8)])
        writer.add_split('test', ['clip8', 'clip9'])
        writer.finish()
    data = dict(
        type='SkeletonSegmentationDataset',
        ann_file=str(tmp_path / 'store'),
        split='train',
        window=16,
        balance=0.0,
        pipeline=[],
    )
    test = dict(data, split='test', test_mode=True, stride=8)
    test.pop('balance')
    cfg = Config(
        dict(train_dataloader=dict(dataset=data), val_dataloader=dict(dataset=test), val_evaluator=dict())
    )
    hold_out_validation(cfg, 0.25)
    found = clips(cfg)
    assert len(set(found['train'])) == 6 and len(set(found['val'])) == 2
    assert set(found['train']) | set(found['val']) == {f'clip{i}' for i in range(8)}
    assert cfg.val_dataloader.dataset.stride == 8 and 'balance' not in cfg.val_dataloader.dataset


CAMERAS = [dict(yaw=-30.0), dict(yaw=30.0)]


def test_augmentation_does_not_stay_in_the_slots_of_the_pipeline():
    # MMEngine's dictionaries merge what is put into them
    train = dict(pipeline=dict(project=dict(), mirror=dict(type='RandomMirror'), sample=dict(jitter=True)))
    test = dict(pipeline=dict(project=dict(), mirror=dict(), sample=dict(jitter=False)), test_mode=True)
    cfg = Config(dict(train=train, test=test))
    assert training_clips_as_tested(cfg.train, cfg.test) == test
    assert cfg.train.pipeline.mirror.type == 'RandomMirror'


@pytest.mark.parametrize('named', [True, False])
def test_training_clips_are_never_seen_from_the_cameras_of_the_test(named):
    def pipeline(cameras, crop):
        steps = dict(project=dict(type='ProjectToCamera', cameras=cameras), sample=dict(type=crop))
        return steps if named else list(steps.values())

    train = dict(split='a', pipeline=pipeline(CAMERAS, 'Random'), repeat_below=9, labelled_fraction=0.1)
    test = dict(split='b', pipeline=pipeline([dict(yaw=90.0)] * 4, 'Pad'), repeat_each=4, test_mode=True)
    made = training_clips_as_tested(train, test)
    assert made == dict(
        split='a', pipeline=pipeline(CAMERAS, 'Pad'), labelled_fraction=0.1, repeat_each=2, test_mode=True
    )


def seen_from(data) -> list[float]:
    return [camera['yaw'] for camera in data['pipeline']['project']['cameras']]


def test_cameras_that_are_held_out_see_only_the_validation():
    yaws = [-30.0, 0.0, 30.0, 50.0]
    project = dict(type='ProjectToCamera', cameras=[dict(yaw=yaw) for yaw in yaws])
    drawn = set()
    for seed in range(20):
        train, test = (Config(dict(pipeline=dict(project=project))) for _ in range(2))
        found = hold_out_cameras(train, test, 1, seed)
        assert [yaws[i] for i in found] == seen_from(test)
        assert seen_from(train) == [yaw for yaw in yaws if yaw not in seen_from(test)]
        assert test.repeat_each == 1 and 'repeat_each' not in train
        drawn |= set(found)
    assert drawn == {0, 1, 2, 3}
    train, test = (Config(dict(pipeline=dict(project=project), repeat_each=4)) for _ in range(2))
    assert hold_out_cameras(train, test, 3, 1) == hold_out_cameras(
        *(Config(dict(pipeline=dict(project=project))) for _ in range(2)), 3, 1
    )
    assert (train.repeat_each, test.repeat_each) == (1, 3)


def test_cameras_cannot_be_held_out_where_there_are_none():
    def data(*yaws):
        return dict(pipeline=dict(project=dict(cameras=[dict(yaw=yaw) for yaw in yaws])))

    with pytest.raises(ConfigError, match='2 of 2 cameras cannot be held out'):
        hold_out_cameras(data(0, 1), data(0, 1), 2)
    with pytest.raises(ConfigError, match='one list of cameras'):
        hold_out_cameras(data(), data(), 1)


def test_the_config_of_unseen_cameras_holds_one_of_its_three_out():
    cfg = compose_config('configs/unik/unik_utd-mhad-xview_2d.py')
    hold_out_validation(cfg, 0.2, groups='s[0-9]+', cameras=1)
    train, held = cfg.train_dataloader.dataset, cfg.val_dataloader.dataset
    assert sorted(seen_from(train) + seen_from(held)) == [-30.0, 0.0, 30.0]
    assert len(seen_from(held)) == held.repeat_each == 1
    assert seen_from(cfg.test_dataloader.dataset) == seen_from(held)
    assert (train.split, held.split) == ('xsub_train', 'xsub_train')


def test_the_seed_draws_the_cameras_too():
    project = dict(type='ProjectToCamera', cameras=[dict(yaw=yaw) for yaw in (-30.0, 0.0, 30.0, 50.0)])
    held = set()
    for seed in range(8):
        data = dict(type='SkeletonDataset', pipeline=dict(project=project))
        cfg = Config(dict(train_dataloader=dict(dataset=data), val_dataloader=dict(dataset=data)))
        cfg.val_evaluator, cfg.test_evaluator = dict(type='OfValidation'), dict(type='OfTest')
        hold_out_validation(cfg, 0.2, seed, cameras=1)
        held.add(*seen_from(cfg.val_dataloader.dataset))
        # the part in place of the test is judged as the validation is
        assert cfg.test_evaluator == dict(type='OfValidation')
    assert len(held) > 2


def test_a_view_without_its_counterpart_is_refused():
    project = dict(type='ProjectToSensor')
    for train, test in ((dict(project=project), dict(sample={})), ([project], [])):
        with pytest.raises(ConfigError, match='project'):
            training_clips_as_tested(dict(pipeline=train), dict(pipeline=test))
