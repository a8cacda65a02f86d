"""A training killed at any moment around its checkpoints goes on as if it had not been."""

from __future__ import annotations

import os
from pathlib import Path

import mmengine.runner.runner as mmengine_runner
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.fileio import LocalBackend
from mmengine.logging import MessageHub

from mmactrep.engine.checkpoints import find_last_whole_checkpoint
from mmactrep.engine.hooks.atomic_checkpoint_hook import MissingMetricError
from mmactrep.engine.runner import ConfiguredRunner
from mmactrep.registry import METRICS
from tests.helpers.training import restored_random_state, write_config, write_store

# the second epoch sets a new best, so that both its checkpoint and an older best are replaced
SCORES = (0.3, 0.6, 0.5)


@METRICS.register_module(force=True)
class ScriptedMetric(BaseMetric):
    """A score that was fixed for each epoch, and random numbers drawn as an augmented test would."""

    def process(self, data_batch, data_samples) -> None:
        torch.rand(3)
        self.results.append(0)

    def compute_metrics(self, results) -> dict:
        # two iterations per epoch; the number is that of the last one, or of the next in a resumed training
        epoch = (MessageHub.get_current_instance().get_info('iter') + 1) // 2
        return dict(score=SCORES[epoch - 1])


class Killed(BaseException):
    """What a kill is to the code: nothing after it runs."""


class Disk:
    """Counts writes, moves and deletions of checkpoints, and kills the process before one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, kill_at: int | None = None) -> None:
        self.events: list[str] = []
        self.kill_at = kill_at
        write, replace, remove = mmengine_runner.save_checkpoint, os.replace, LocalBackend.remove

        def half_written(checkpoint, filename, *args, **kwargs):
            if self.note('write', filename):
                Path(filename).write_bytes(b'half')
                raise Killed
            write(checkpoint, filename, *args, **kwargs)

        def moved(source, target):
            if self.note('move', target):
                raise Killed
            replace(source, target)

        def removed(backend, path):
            if self.note('remove', path):
                raise Killed
            remove(backend, path)

        patch.setattr(mmengine_runner, 'save_checkpoint', half_written)
        patch.setattr(os, 'replace', moved)
        patch.setattr(LocalBackend, 'remove', removed)

    def note(self, what: str, path) -> bool:
        self.events.append(f'{what} {Path(path).name.removesuffix(".partial")}')
        return len(self.events) - 1 == self.kill_at


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp('tiny')
    write_store(folder / 'store', train=8, test=4)
    cfg = Config.fromfile(write_config(folder, folder / 'store'))
    cfg.train_cfg.max_epochs = len(SCORES)
    cfg.val_evaluator = dict(type='ScriptedMetric')
    cfg.randomness.deterministic = True
    cfg.default_hooks.checkpoint.update(save_best='score', rule='greater', max_keep_ckpts=1)
    return cfg


def train(config: Config, folder: Path, resume: bool = False, kill_at: int | None = None) -> list[str]:
    """Train in a folder; gives what was done to checkpoints. A resumed training takes the last whole one."""
    cfg = Config(config.to_dict())
    cfg.work_dir, cfg.experiment_name = str(folder), f'{folder.name}_{resume}'
    found = find_last_whole_checkpoint(folder) if resume else None
    if found:
        cfg.resume, cfg.load_from = True, str(found)
    with restored_random_state(), pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch, kill_at)
        ConfiguredRunner.from_cfg(cfg).train()
    return disk.events


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and '.py' not in path.name)


@pytest.fixture(scope='module')
def whole(config, tmp_path_factory):
    """Folder and events of a training that is never killed."""
    folder = tmp_path_factory.mktemp('whole')
    return folder, train(config, folder)


def test_files_are_moved_into_place_and_then_the_old_ones_deleted(whole):
    folder, events = whole
    second = events[events.index('write epoch_2.pth') : events.index('write epoch_3.pth')]
    assert second == [
        'write epoch_2.pth',
        'move epoch_2.pth',
        'move last_checkpoint',
        'remove epoch_1.pth',
        'write best_score_epoch_2.pth',
        'move best_score_epoch_2.pth',
        'write epoch_2.pth',
        'move epoch_2.pth',
        'move last_checkpoint',
        'remove best_score_epoch_1.pth',
    ]
    assert left_over(folder) == ['best_score_epoch_2.pth', 'epoch_3.pth', 'last_checkpoint']


# every event of the second epoch, and one after it
@pytest.mark.parametrize('after', range(11))
def test_a_training_killed_at_any_step_ends_as_one_never_killed(config, whole, tmp_path, after):
    folder, events = whole
    with pytest.raises(Killed):
        train(config, tmp_path, kill_at=events.index('write epoch_2.pth') + after)
    assert find_last_whole_checkpoint(tmp_path) is not None, 'there was a checkpoint at every moment'
    train(config, tmp_path, resume=True)
    assert left_over(tmp_path) == left_over(folder)
    for name in ('best_score_epoch_2.pth', 'epoch_3.pth'):
        mine, expected = (torch.load(root / name, weights_only=True) for root in (tmp_path, folder))
        for key, value in expected['state_dict'].items():
            assert torch.equal(mine['state_dict'][key], value), (name, key)
        for key in ('best_score', 'keep_ckpt_ids'):
            assert mine['message_hub']['runtime_info'][key] == expected['message_hub']['runtime_info'][key]
        states = [content['random_state'][0]['torch'] for content in (mine, expected)]
        assert torch.equal(*states), 'the generators go on from where they were'


def test_a_checkpoint_deletes_no_file_outside_the_work_folder(config, whole, tmp_path):
    """The best checkpoint of a foreign file, deleted when there is a better one, may be any path."""
    precious = tmp_path / 'precious.pth'
    precious.write_text('mine')
    work = tmp_path / 'work'
    work.mkdir()
    with pytest.raises(Killed):
        train(config, work, kill_at=whole[1].index('write epoch_2.pth'))
    content = torch.load(work / 'epoch_1.pth', weights_only=True)
    content['message_hub']['runtime_info'] |= dict(
        best_ckpt=str(precious),
        outdated_ckpts=[str(precious), '../precious.pth'],
        keep_ckpt_ids=['../precious', 1],
    )
    content['message_hub']['resumed_keys'] |= dict.fromkeys(
        ('best_ckpt', 'outdated_ckpts', 'keep_ckpt_ids'), True
    )
    torch.save(content, work / 'epoch_1.pth')
    train(config, work, resume=True)
    assert precious.read_text() == 'mine'


def test_a_metric_that_there_is_not_is_named(config, tmp_path):
    cfg = Config(config.to_dict())
    cfg.default_hooks.checkpoint.save_best = 'acc/top1'
    with pytest.raises(
        MissingMetricError, match=r"'acc/top1', which validation does not give; it gives score"
    ):
        train(cfg, tmp_path)
