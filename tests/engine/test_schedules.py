"""Warm-up as a share of the run, a least number of steps, and words about schedules that cannot unfold."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmactrep.engine.hooks.schedule_check_hook import ScheduleError
from mmactrep.engine.runner import ConfiguredRunner
from tests.helpers.training import restored_random_state, write_config, write_store

COSINE = dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, convert_to_iter_based=True)
WARM_UP = dict(type='WarmUpLR', by_epoch=False)


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp('tiny')
    write_store(folder / 'store')
    return write_config(folder, folder / 'store')


@pytest.fixture
def rates(tiny, tmp_path):
    """Train a config and give the learning rate of every iteration, and what was logged as a warning."""

    def run(**settings):
        cfg = Config.fromfile(tiny)
        cfg.merge_from_dict(settings)
        # MMEngine names loggers by the second otherwise
        cfg.work_dir, cfg.experiment_name = str(tmp_path), tmp_path.name
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=10**6, save_last=False)
        with restored_random_state():
            runner = ConfiguredRunner.from_cfg(cfg)
            seen = []
            step = runner.model.train_step

            def recorded(*args, **kwargs):
                seen.append(runner.optim_wrapper.param_groups[0]['lr'])
                return step(*args, **kwargs)

            runner.model.train_step = recorded
            runner.train()
        log = next(tmp_path.rglob('*.log')).read_text()
        return np.array(seen), log, runner

    return run


@pytest.mark.parametrize('epochs, steps', [(2, 0), (8, 4), (20, 10)])
def test_warm_up_is_a_share_of_the_run(rates, epochs, steps):
    """5 iterations per epoch; the oracle is the straight line from a hundredth to the rate, over a tenth."""
    seen, _, _ = rates(**{'param_scheduler': [WARM_UP], 'train_cfg.max_epochs': epochs})
    assert len(seen) == 5 * epochs
    expected = np.full(len(seen), 0.1)
    if steps:
        expected[:steps] = 0.1 * np.linspace(0.01, 1, steps)
    np.testing.assert_allclose(seen, expected, rtol=1e-6)


def test_warm_up_has_a_most(rates):
    seen, _, _ = rates(**{'param_scheduler': [dict(WARM_UP, at_most=3)], 'train_cfg.max_epochs': 8})
    np.testing.assert_allclose(seen[:4], [0.001, 0.0505, 0.1, 0.1], rtol=1e-6)


def test_few_clips_train_for_a_least_number_of_steps(rates):
    """The whole schedule follows: a cosine without a length ends where the stretched run ends."""
    loop = dict(type='LeastIterationsTrainLoop', max_epochs=2, val_interval=2, min_iters=28, _delete_=True)
    seen, log, runner = rates(param_scheduler=[COSINE], train_cfg=loop)
    assert len(seen) == 30 and runner.train_loop.stretch == 3.0  # 6 epochs of 5 steps
    np.testing.assert_allclose(seen, 0.05 * (1 + np.cos(np.pi * np.arange(30) / 30)), rtol=1e-6, atol=1e-9)
    assert runner.train_loop.val_interval == 6
    assert '2 epochs of 5 iterations would be too few steps: 6 epochs' in log


def test_enough_clips_keep_their_epochs(rates):
    loop = dict(type='LeastIterationsTrainLoop', max_epochs=2, val_interval=2, min_iters=10, _delete_=True)
    seen, log, runner = rates(param_scheduler=[COSINE], train_cfg=loop)
    assert len(seen) == 10 and runner.train_loop.val_interval == 2 and 'too few steps' not in log


@pytest.mark.parametrize(
    'settings, message',
    [
        (
            dict(param_scheduler=[dict(type='LinearLR', start_factor=0.01, by_epoch=False, end=200)]),
            'the warm-up LinearLR takes 200 iterations, the run has 20',
        ),
        (
            dict(param_scheduler=[dict(type='MultiStepLR', milestones=[2, 30], by_epoch=True)]),
            r'MultiStepLR has milestones \[30\], the run has 4 epochs: they never come',
        ),
        (
            dict(param_scheduler=[dict(COSINE, T_max=30, end=30)]),
            'CosineAnnealingLR takes 150 iterations for its descent, the run has 20',
        ),
        (
            dict(param_scheduler=[dict(type='ConstantLR', factor=0.5, begin=9, end=12, by_epoch=True)]),
            'ConstantLR begins at 9, the run has 4 epochs: it never acts',
        ),
        ({'train_dataloader.batch_size': 64}, 'a batch has 64 clips, the training data 18'),
    ],
    ids=['warm-up', 'milestone', 'cosine', 'begin', 'batch'],
)
def test_what_cannot_unfold_is_told(rates, settings, message):
    _, log, _ = rates(**settings)
    assert re.search(message, log), log[-2000:]


def test_a_schedule_that_unfolds_is_not_told(rates):
    _, log, _ = rates(param_scheduler=[WARM_UP, COSINE])
    assert 'schedule: ' not in log


def test_data_that_make_no_step_are_refused(rates):
    with pytest.raises(ScheduleError, match=r'18 clips, a batch 64, .* no step could be made'):
        rates(**{'train_dataloader.batch_size': 64, 'train_dataloader.drop_last': True})


def test_warm_up_needs_to_count_iterations():
    from mmactrep.engine import WarmUpLR

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    for wrong in (dict(), dict(share=1.0, by_epoch=False), dict(at_most=-1, by_epoch=False)):
        with pytest.raises(ValueError, match=r'by_epoch|share'):
            WarmUpLR(optimizer, **wrong)


def test_a_stretched_run_saves_as_often_as_before(tiny, tmp_path):
    cfg = Config.fromfile(tiny)
    cfg.train_cfg = dict(type='LeastIterationsTrainLoop', max_epochs=2, val_interval=2, min_iters=28)
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.work_dir, cfg.experiment_name = str(tmp_path), tmp_path.name
    with restored_random_state():
        ConfiguredRunner.from_cfg(cfg).train()
    assert sorted(path.name for path in tmp_path.glob('*.pth')) == ['epoch_3.pth', 'epoch_6.pth']
