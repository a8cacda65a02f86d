"""tools/train.py and tools/test.py as a user calls them: checkpoints, resuming, mistakes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from tests.helpers import processes
from tests.helpers.training import (
    REPO,
    environment,
    load_tool,
    restored_random_state,
    run_tool,
    write_config,
    write_store,
)


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """Folder with a store, a config and one training of 4 epochs with the deterministic option."""
    folder = tmp_path_factory.mktemp('tiny')
    write_store(folder / 'store')
    config = write_config(folder, folder / 'store')
    run_tool('train.py', config, '--work-dir', folder / 'whole', '--deterministic')
    return folder


def weights(path):
    return torch.load(path, weights_only=True)['state_dict']


def assert_same_weights(a, b):
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name


def test_checkpoint_is_plain_data(tiny):
    """Nothing has to be admitted: read in a process that knows neither mmengine nor numpy's types."""
    path = tiny / 'whole' / 'epoch_4.pth'
    code = f'import torch; c = torch.load({str(path)!r}, weights_only=True); print(sorted(c))'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    for key in ('message_hub', 'meta', 'optimizer', 'param_schedulers', 'random_state', 'state_dict'):
        assert key in done.stdout


def test_testing_gives_the_accuracy_of_its_dumped_scores(tiny):
    out = tiny / 'scores.npz'
    result = run_tool(
        'test.py', tiny / 'tiny.py', tiny / 'whole' / 'epoch_4.pth', '--work-dir', tiny / 't', '--dump', out
    )
    dumped = np.load(out)
    assert dumped['scores'].shape == (9, 3) and sorted(dumped['ids']) == [
        f'clip_{i:03d}' for i in range(18, 27)
    ]
    top1 = (dumped['scores'].argmax(1) == dumped['labels']).mean()
    assert f'acc/top1: {top1:.4f}' in result.stdout + result.stderr


def test_killed_training_ends_with_the_weights_of_one_never_killed(tiny):
    work_dir = tiny / 'killed'
    command = [REPO / 'tools' / 'train.py', tiny / 'tiny.py', '--deterministic', '--work-dir', work_dir]
    process = processes.start(command, environment())
    deadline = time.monotonic() + 120
    # written when the checkpoint is: its own file is there before it is whole
    pointer = work_dir / 'last_checkpoint'
    while not (pointer.exists() and 'epoch_2' in pointer.read_text()) and process.exitcode is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    assert not (work_dir / 'epoch_4.pth').exists(), 'the training was too fast to be killed'
    # what a kill in the middle of saving leaves behind
    half = (tiny / 'whole' / 'epoch_3.pth').read_bytes()
    (work_dir / 'epoch_3.pth').write_bytes(half[: len(half) // 2])
    result = run_tool('train.py', tiny / 'tiny.py', '--deterministic', '--work-dir', work_dir, '--resume')
    assert 'resumed epoch: 2' in result.stdout + result.stderr
    assert_same_weights(weights(work_dir / 'epoch_4.pth'), weights(tiny / 'whole' / 'epoch_4.pth'))


def test_workers_do_not_change_the_training(tiny):
    options = ['train_dataloader.num_workers=2', 'train_dataloader.persistent_workers=True']
    run_tool(
        'train.py', tiny / 'tiny.py', '--deterministic', '--work-dir', tiny / 'w', '--cfg-options', *options
    )
    assert_same_weights(weights(tiny / 'w' / 'epoch_4.pth'), weights(tiny / 'whole' / 'epoch_4.pth'))


def test_another_seed_is_another_training(tiny):
    run_tool(
        'train.py',
        tiny / 'tiny.py',
        '--deterministic',
        '--seed',
        1,
        '--work-dir',
        tiny / 's',
        '--no-validate',
    )
    a, b = weights(tiny / 's' / 'epoch_4.pth'), weights(tiny / 'whole' / 'epoch_4.pth')
    assert not torch.equal(a['cls_head.fc.weight'], b['cls_head.fc.weight'])


def test_autocast_trains_on_a_cpu(tiny):
    result = run_tool('train.py', tiny / 'tiny.py', '--amp', '--work-dir', tiny / 'amp')
    assert 'acc/top1' in result.stdout + result.stderr
    trained = weights(tiny / 'amp' / 'epoch_4.pth')
    assert all(torch.isfinite(value).all() for value in trained.values())
    assert trained['cls_head.fc.weight'].dtype == torch.float32


def test_two_processes_train(tiny):
    os.environ['PORT'] = '29611'
    result = run_tool('dist_train.sh', tiny / 'tiny.py', 2, '--work-dir', tiny / 'two')
    assert 'acc/top1' in result.stdout + result.stderr
    assert len(torch.load(tiny / 'two' / 'epoch_4.pth', weights_only=True)['random_state']) == 2


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['model.backbone.chanels=(8,8)'], 'chanels'),
        (
            ['optim_wraper.optimizer.lr=1'],
            "there is no 'optim_wraper' in the config; near are: optim_wrapper",
        ),
        (['train_cfg.max_epoch=3'], 'max_epoch'),
        (['randomness.sed=3'], "there is no 'sed' in randomness"),
        (['pipeline.9.length=3'], "there is no '9' in pipeline"),
        (['model.cls_head.num_classes=2'], 'has 3 classes, but the head of the model has num_classes=2'),
        (['model.backbone.num_joints=25'], r'25 joints \(found 17\)'),
        (['train_dataloader.dataset.ann_file=/nowhere/store'], 'no skeleton store at /nowhere/store'),
        (['train_dataloader.dataset.split=val'], "has no split 'val'"),
    ],
)
def test_mistakes_end_before_the_first_step_with_a_message(tiny, tmp_path, capfd, options, message):
    arguments = [str(tiny / 'tiny.py'), '--work-dir', str(tmp_path), '--cfg-options', *options]
    with restored_random_state():
        try:
            said = '' if load_tool('train.py').main(arguments) == 1 else 'no error'
        except Exception as error:  # those of third parties leave a trace
            said = str(error)
    said += ''.join(capfd.readouterr())
    assert re.search(message, said), said[-2000:]
    assert 'Epoch(train)' not in said and not list(tmp_path.glob('*.pth'))


def test_absent_config_and_checkpoint(tiny, tmp_path):
    result = run_tool('train.py', tmp_path / 'none.py', check=False)
    assert result.returncode == 1 and 'none.py' in result.stderr and 'Traceback' not in result.stderr
    result = run_tool('test.py', tiny / 'tiny.py', tmp_path / 'none.pth', '--work-dir', tmp_path, check=False)
    assert result.returncode == 1 and 'none.pth' in result.stderr


def test_absent_posetics_names_both_ways_forward(tmp_path):
    env = environment() | dict(MMACTREP_DATA_ROOT=str(tmp_path / 'empty'))
    command = ['tools/train.py', 'configs/unik/unik_posetics_2d.py', '--work-dir', tmp_path]
    result = processes.run(command, env, REPO)
    assert result.returncode == 1 and 'Traceback' not in result.stderr
    assert str(tmp_path / 'empty' / 'posetics' / '2d') in result.stderr
    assert 'convert.py posetics' in result.stderr and 'quickstart.sh' in result.stderr


def test_linear_evaluation_keeps_the_backbone(tiny, tmp_path):
    config = tmp_path / 'linear.py'
    config.write_text(
        f"_base_ = '{tiny / 'tiny.py'}'\n"
        f"load_from = '{tiny / 'whole' / 'epoch_4.pth'}'\n"
        "custom_hooks = [dict(type='FreezeHook', modules=['backbone'])]\n"
    )
    run_tool('train.py', config, '--work-dir', tmp_path / 'out')
    before, after = weights(tiny / 'whole' / 'epoch_4.pth'), weights(tmp_path / 'out' / 'epoch_4.pth')
    for name in before:
        assert torch.equal(before[name], after[name]) == name.startswith('backbone'), name
