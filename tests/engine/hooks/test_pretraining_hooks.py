"""Hooks of pre-training: momentum and temperature of a run, and the nearest neighbors that report on it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.logging import MessageHub

from mmactrep.engine.hooks import KNNHook, MomentumScheduleHook, TemperatureScheduleHook, half_cosine
from mmactrep.engine.hooks.knn_hook import nearest_neighbor_accuracy
from mmactrep.models.losses import InfoNCE
from tests.helpers.training import load_tool, restored_random_state, write_store

CONFIG = """
_base_ = '{repo}/configs/_base_/pretrain_runtime.py'
head = dict(type='ProjectionHead', in_channels=8, out_channels=4)
model = dict(
    type='ContrastivePretrainer',
    backbone=dict(type='UNIK', channels=(8, 8), strides=(1, 2), dilations=(1, 1), kernel_size=3),
    neck=head, frame_neck=head, clip_length=8, queue_size=10, momentum=0.9,
    augmentation=dict(type='SkeletonAugmentation'),
)
pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='ScreenNormalize'),
    dict(type='RandomTemporalCrop', length=8),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
]
report = dict(
    batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='SkeletonDataset', ann_file='{root}', pipeline=pipeline, test_mode=True),
)
train_dataloader = dict(
    batch_size=4, num_workers=0, drop_last=True, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='SkeletonDataset', ann_file='{root}', pipeline=pipeline, split='train'),
)
val_dataloader = None
test_dataloader = None
custom_hooks = [
    dict(type='MomentumScheduleHook'),
    dict(
        type='KNNHook', interval=2, k=3,
        train_dataloader=dict(report, dataset=dict(report['dataset'], split='train')),
        test_dataloader=dict(report, dataset=dict(report['dataset'], split='test')),
    ),
    dict(type='TemperatureScheduleHook', base=0.2, end=0.1),
]
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.05, momentum=0.9))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=4)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=1, max_keep_ckpts=-1))
env_cfg = dict(dist_cfg=dict(backend='gloo'))
"""


@pytest.fixture(scope='module')
def pretrained(tmp_path_factory, repo):
    """Folder of a config, a store and a whole pre-training of four epochs."""
    folder = tmp_path_factory.mktemp('pretraining')
    write_store(folder / 'store')
    (folder / 'tiny.py').write_text(CONFIG.format(repo=repo, root=folder / 'store'))
    train(folder, 'whole')
    return folder


def train(folder, work_dir, *options):
    arguments = [str(folder / 'tiny.py'), '--work-dir', str(folder / work_dir), '--deterministic', *options]
    # MMEngine names a log by config and second, and gives it to every run of that name in a process
    train.runs += 1
    name = f'experiment_name={work_dir}_{train.runs}'
    arguments += [name] if '--cfg-options' in options else ['--cfg-options', name]
    with restored_random_state():
        load_tool('train.py').main(arguments)


train.runs = 0


def log_of(folder):
    return '\n'.join(path.read_text() for path in sorted(folder.glob('*/*.log')))


def test_neighbors_are_reported_before_every_second_epoch_and_at_the_end(pretrained):
    log = log_of(pretrained / 'whole')
    lines = [line for line in log.splitlines() if 'knn/top1' in line]
    assert len(lines) == 3
    assert all('3 nearest of 18 clips, 9 tested' in line for line in lines)
    accuracies = [float(line.split('knn/top1: ')[1].split()[0]) for line in lines]
    # joints that go left, right or up: a blind guess is right in a third of the cases
    assert max(accuracies) > 0.5


def test_momentum_rises_to_one(pretrained):
    lines = log_of(pretrained / 'whole').splitlines()
    logged = [float(line.split('momentum: ')[1].split()[0]) for line in lines if 'momentum: ' in line]
    steps = np.arange(16)
    expected = 1 - 0.1 * (np.cos(np.pi * steps / 16) + 1) / 2
    np.testing.assert_allclose(logged, expected, atol=6e-5)


def test_resumed_pretraining_ends_as_one_never_interrupted(pretrained):
    checkpoint = pretrained / 'whole' / 'epoch_2.pth'
    train(pretrained, 'resumed', '--resume', str(checkpoint))
    whole, resumed = (
        torch.load(pretrained / name / 'epoch_4.pth', weights_only=True)['state_dict']
        for name in ('whole', 'resumed')
    )
    assert whole.keys() == resumed.keys() and 'frame_queue.features' in whole
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name


def test_the_report_changes_nothing(pretrained):
    train(pretrained, 'silent', '--cfg-options', 'custom_hooks.1.interval=100')
    whole, silent = (
        torch.load(pretrained / name / 'epoch_4.pth', weights_only=True)['state_dict']
        for name in ('whole', 'silent')
    )
    assert all(torch.equal(value, silent[name]) for name, value in whole.items())


def test_nearest_neighbors_written_out():
    rng = np.random.default_rng(0)
    train_set, test_set = rng.normal(size=(30, 4)), rng.normal(size=(20, 4))
    labels, test_labels = rng.integers(0, 3, 30), rng.integers(0, 3, 20)
    right = 0
    for x, label in zip(test_set, test_labels):
        distance = 1 - train_set @ x / (np.linalg.norm(train_set, axis=1) * np.linalg.norm(x))
        votes = np.zeros(3)
        for i in np.argsort(distance)[:5]:
            votes[labels[i]] += 1 / distance[i]
        right += votes.argmax() == label
    assert nearest_neighbor_accuracy(train_set, labels, test_set, test_labels) == pytest.approx(right / 20)


def test_few_clips_are_all_neighbors():
    features = np.eye(2)
    assert nearest_neighbor_accuracy(features, np.array([0, 1]), features, np.array([0, 1]), k=5) == 1


def test_half_a_cosine():
    assert half_cosine(0.994, 1.0, 0, 100) == pytest.approx(0.994)
    assert half_cosine(0.994, 1.0, 50, 100) == pytest.approx(0.997)
    assert half_cosine(0.994, 1.0, 25, 100) == pytest.approx(1 - 0.006 * (1 + 0.5**0.5) / 2)
    assert half_cosine(0.994, 1.0, 100, 100) == half_cosine(0.994, 1.0, 130, 100) == 1


def test_temperature_falls_along_half_a_cosine(pretrained):
    lines = log_of(pretrained / 'whole').splitlines()
    logged = [float(line.split('temperature: ')[1].split()[0]) for line in lines if 'temperature: ' in line]
    expected = 0.1 + 0.1 * (np.cos(np.pi * np.arange(16) / 16) + 1) / 2
    np.testing.assert_allclose(logged, expected, atol=6e-5)


def test_temperature_of_every_loss_is_set():
    losses = [InfoNCE(temperature=0.3), InfoNCE(temperature=0.3)]
    model = torch.nn.Sequential(*losses, torch.nn.Linear(1, 1))
    runner = SimpleNamespace(model=model, iter=10, max_iters=10, message_hub=MessageHub('temperature'))
    hook = TemperatureScheduleHook(end=0.05)
    hook.before_train(runner)
    assert hook.base == 0.3
    hook.before_train_iter(runner, 0)
    assert [loss.temperature for loss in losses] == [pytest.approx(0.05)] * 2
    with pytest.raises(AttributeError, match='a loss that has a temperature, Linear has none'):
        hook.before_train(SimpleNamespace(model=model[2]))


@pytest.mark.parametrize('arguments', [dict(end=0), dict(end=0.1, base=-1)])
def test_wrong_temperature(arguments):
    with pytest.raises(ValueError, match='must be a positive temperature'):
        TemperatureScheduleHook(**arguments)


def test_constant_momentum_and_models_without_one():
    encoder = SimpleNamespace(momentum=0.5)
    runner = SimpleNamespace(
        model=SimpleNamespace(momentum_encoder=encoder),
        iter=30,
        max_iters=40,
        message_hub=MessageHub('constant_momentum'),
    )
    hook = MomentumScheduleHook(base=0.97, end=None)
    hook.before_train(runner)
    hook.before_train_iter(runner, 0)
    assert encoder.momentum == 0.97
    with pytest.raises(AttributeError, match='momentum_encoder, SimpleNamespace has none'):
        MomentumScheduleHook().before_train(SimpleNamespace(model=SimpleNamespace()))


@pytest.mark.parametrize('arguments', [dict(base=1.2), dict(end=-0.1)])
def test_wrong_momentum(arguments):
    with pytest.raises(ValueError, match=r'momentum in \[0, 1\]'):
        MomentumScheduleHook(**arguments)


def test_wrong_interval():
    with pytest.raises(ValueError, match='k and interval must be at least 1, got 0 and 1'):
        KNNHook({}, {}, k=0, interval=1)
