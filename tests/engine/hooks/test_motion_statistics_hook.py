from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from torch.utils.data import ConcatDataset, Dataset

from mmactrep.registry import HOOKS, MODELS
from mmactrep.structures.motion_representation import MotionStatistics


class Motions(Dataset):
    """A training set whose statistics are known."""

    def statistics(self, samples: int) -> MotionStatistics:
        return MotionStatistics(np.full(30, samples / 2000), np.full(30, 5.0))

    def __len__(self) -> int:
        return 1


def run_hook(model, dataset):
    loader = SimpleNamespace(dataset=dataset)
    HOOKS.build(dict(type='MotionStatisticsHook')).before_train(
        SimpleNamespace(model=model, train_dataloader=loader)
    )


@pytest.fixture
def model():
    return MODELS.build(dict(type='MotionRetargeter', generator=dict(type='MotionAutoencoder')))


def test_statistics_of_the_training_set_reach_the_generator(model):
    run_hook(model, ConcatDataset([Motions()]))
    assert model.generator.has_statistics
    assert model.generator.mean.tolist() == [2.0] * 30 and model.generator.std.tolist() == [5.0] * 30


def test_statistics_of_a_checkpoint_stay(model):
    model.generator.set_statistics(MotionStatistics(np.ones(30), np.ones(30)))
    run_hook(model, Motions())
    assert model.generator.mean.tolist() == [1.0] * 30


def test_a_data_set_without_statistics_is_refused(model):
    with pytest.raises(
        TypeError, match=r'training set, a data preprocessor or a model with statistics\(\).*, found list'
    ):
        run_hook(model, [])
