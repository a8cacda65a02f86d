"""Rare classes: the sampler, the weights and the lines that the training guide shows for them."""

from __future__ import annotations

import re
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmactrep.datasets.samplers import ClassBalancedSampler
from mmactrep.engine.composed_config import compose_config
from mmactrep.registry import DATA_SAMPLERS, MODELS, VISUALIZERS
from tests.helpers.training import REPO, run_tool, write_config, write_store


class Labelled:
    """90 samples of class 0, 8 of class 3, 2 of class 4."""

    labels = np.repeat([0, 3, 4], [90, 8, 2])

    def __len__(self) -> int:
        return len(self.labels)


def test_every_class_comes_equally_often():
    data = Labelled()
    sampler = ClassBalancedSampler(data, seed=1)
    epochs = []
    for epoch in range(4):
        sampler.set_epoch(epoch)
        order = list(sampler)
        assert len(order) == len(sampler) == 100
        counts = Counter(data.labels[order])
        assert sorted(counts.values()) == [33, 33, 34]
        # a frequent class is not repeated, a rare one as evenly as possible
        assert max(Counter(i for i in order if data.labels[i] == 0).values()) == 1
        assert set(Counter(i for i in order if data.labels[i] == 3).values()) <= {4, 5}
        epochs.append(order)
    assert epochs[0] != epochs[1]
    assert len({i for order in epochs for i in order if i < 90}) > 70
    again = ClassBalancedSampler(data, seed=1)
    assert list(again) == epochs[0]
    # in no order of classes
    assert len(set(data.labels[epochs[0][:10]])) > 1


def test_processes_share_an_epoch(monkeypatch):
    import mmengine.dataset.sampler as module

    parts = []
    for rank in range(3):
        monkeypatch.setattr(module, 'get_dist_info', lambda rank=rank: (rank, 3))
        sampler = ClassBalancedSampler(Labelled(), seed=0)
        parts.append(list(sampler))
        assert len(parts[-1]) == len(sampler) == 34
    monkeypatch.setattr(module, 'get_dist_info', lambda: (0, 1))
    whole = list(ClassBalancedSampler(Labelled(), seed=0))
    assert [parts[i % 3][i // 3] for i in range(100)] == whole


def test_what_has_no_labels_is_told():
    with pytest.raises(TypeError, match='needs a data set with labels, got list'):
        ClassBalancedSampler([1, 2], seed=0)
    unlabelled = SimpleNamespace(labels=np.array([0, -1]), __len__=None)
    unlabelled = type('Data', (), dict(labels=unlabelled.labels, __len__=lambda self: 2))()
    with pytest.raises(ValueError, match='1 samples have no label'):
        ClassBalancedSampler(unlabelled, seed=0)


def guide_line(about: str) -> str:
    """The command or the line of a config in the row of the training guide's table that begins so."""
    lines = (REPO / 'docs/guides/training.md').read_text().splitlines()
    (row,) = (line for line in lines if line.startswith(f'| {about}'))
    return re.findall(r'`([^`]+)`', row)[-1]


def option_of(line: str) -> dict[str, str]:
    key, value = line.removeprefix('--cfg-options ').split('=')
    return {key: value}


def test_the_line_of_the_guide_for_balanced_sampling():
    cfg = compose_config('unik_penn_2d_recommended', options=option_of(guide_line('Train on all classes')))
    sampler = DATA_SAMPLERS.build(dict(cfg.train_dataloader.sampler, dataset=Labelled(), seed=0))
    assert isinstance(sampler, ClassBalancedSampler)


def test_the_line_of_the_guide_for_weights_of_classes():
    line = guide_line('Weight the loss by class')
    head = Config.fromstring(line, '.py').model.cls_head | dict(type='GCNHead', num_classes=3, in_channels=4)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        loss = MODELS.build(head).loss_cls
    scores, labels = torch.randn(6, 3), torch.tensor([0, 0, 0, 1, 1, 2])
    weights = torch.tensor([1.0, 2.0, 5.0])
    each = -scores.log_softmax(1)[torch.arange(6), labels]
    expected = (weights[labels] * each).sum() / weights[labels].sum()
    torch.testing.assert_close(loss(scores, labels), expected)


def test_the_line_of_the_guide_for_tensorboard(tmp_path):
    cfg = compose_config('unik_penn_2d_recommended', options=option_of(guide_line('Watch curves')))
    with DefaultScope.overwrite_default_scope('mmactrep'):
        visualizer = VISUALIZERS.build(dict(cfg.visualizer, save_dir=str(tmp_path), name='curves'))
    assert list(visualizer._vis_backends) == ['TensorboardVisBackend']


def test_a_training_with_that_line_writes_its_curves(tmp_path):
    pytest.importorskip('tensorboard', reason='needs requirements/tensorboard.txt')
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    config = write_config(tmp_path, write_store(tmp_path / 'store'))
    ((name, value),) = option_of(guide_line('Watch curves')).items()
    run_tool(
        'train.py', config, '--epochs', 2, '--work-dir', tmp_path / 'out', '--cfg-options', f'{name}={value}'
    )
    (events,) = (tmp_path / 'out').rglob('events.out.tfevents.*')
    curves = EventAccumulator(str(events))
    curves.Reload()
    losses = curves.Scalars('loss')
    # 18 clips in batches of 4: every second step is logged, and the last of an epoch
    assert [each.step for each in losses] == [2, 4, 5, 7, 9, 10]
    assert all(np.isfinite(each.value) for each in losses)
    assert [each.step for each in curves.Scalars('acc/top1')] == [1, 2]
