"""A training that is interrupted goes on, and ends as if it had not been."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope

from mmactrep.apis.teach import training
from mmactrep.apis.teach.training import TrainingJob, run_job
from mmactrep.registry import HOOKS
from tests.helpers.training import write_store


@HOOKS.register_module()
class InterruptOnce(Hook):
    """Interrupts the training after an epoch, if a file is there, which it removes."""

    def __init__(self, flag, epoch):
        self.flag, self.epoch = Path(flag), epoch

    def after_train_epoch(self, runner):
        if runner.epoch == self.epoch and self.flag.exists():
            self.flag.unlink()
            raise KeyboardInterrupt


@pytest.fixture
def job(tmp_path, tiny_recipe):
    store = write_store(tmp_path / 'store' / '2d')
    with open(tiny_recipe, 'a', encoding='utf-8') as file:
        file.write(f"custom_hooks = [dict(type='InterruptOnce', flag={str(tmp_path / 'flag')!r}, epoch=4)]\n")
        file.write(
            'train_dataloader = dict(batch_size=6, dataset=dict(pipeline=dict(sample=dict(length=16))))\n'
        )
    # 18 clips in batches of 6: 6 epochs of 3 steps, a checkpoint after every second one
    return TrainingJob('one', str(store), 'train', 'test', steps=18, rate=0.05)


def test_it_goes_on_where_it_was_interrupted(job, tmp_path):
    whole = run_job((job, tmp_path / 'whole'))
    (tmp_path / 'flag').touch()
    with pytest.raises(KeyboardInterrupt):
        run_job((job, tmp_path / 'cut'))
    assert [path.name for path in (tmp_path / 'cut' / 'one').glob('epoch_*.pth')] == ['epoch_4.pth']
    again = run_job((job, tmp_path / 'cut'))
    np.testing.assert_array_equal(again.logits, whole.logits)
    np.testing.assert_array_equal(again.ids, whole.ids)
    assert not list((tmp_path / 'cut' / 'one').glob('*.pth'))  # the result is all that is kept


def test_an_interrupted_test_repeats_no_training(job, tmp_path, monkeypatch):
    whole = run_job((job, tmp_path / 'whole'))

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, 'clip_outputs', interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_job((job, tmp_path / 'cut'))
    (tmp_path / 'flag').touch()  # would interrupt a training of four epochs
    np.testing.assert_array_equal(run_job((job, tmp_path / 'cut')).logits, whole.logits)


def test_a_model_that_is_kept_is_whole(job, tmp_path):
    import dataclasses

    kept = dataclasses.replace(job, keep=True)
    result = run_job((kept, tmp_path / 'runs'))
    folder = tmp_path / 'runs' / 'one'
    assert {'model.pth', 'config.py', 'result.npz', 'job.json'} <= {path.name for path in folder.iterdir()}
    (folder / 'model.pth').unlink()  # made again, not taken for there
    np.testing.assert_array_equal(run_job((kept, tmp_path / 'runs')).logits, result.logits)
    assert (folder / 'model.pth').is_file()


def test_another_training_of_the_same_name_begins_anew(job, tmp_path):
    import dataclasses

    first = run_job((job, tmp_path / 'runs'))
    second = run_job((dataclasses.replace(job, seed=1), tmp_path / 'runs'))
    assert not np.array_equal(first.logits, second.logits)


def test_the_scope_that_an_expert_of_mmpose_leaves_does_not_matter(job, tmp_path):
    """Poses and training may share a process; mmpose's models make its scope the current one."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        init_default_scope('mmpose')
    assert len(run_job((job, tmp_path / 'work')).ids) > 0


def test_other_weights_to_start_from_are_another_training(job, tmp_path):
    (tmp_path / 'a.pth').write_bytes(b'one')
    (tmp_path / 'b.pth').write_bytes(b'one')
    keys = [training.job_key(replace(job, start=str(tmp_path / name))) for name in ('a.pth', 'b.pth')]
    assert keys[0] == keys[1] != training.job_key(job)  # a moved checkout repeats nothing
    (tmp_path / 'a.pth').write_bytes(b'two')
    assert training.job_key(replace(job, start=str(tmp_path / 'a.pth'))) != keys[0]
