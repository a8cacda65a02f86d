"""Pre-training, linear evaluation and fine-tuning of videos by the tools, as README's commands do."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch

from tests.helpers import processes
from tests.helpers.training import REPO, environment, run_tool
from tests.helpers.video_sets import CLASSES, video_folder

LOADER = ['train_dataloader.batch_size=3', 'train_dataloader.num_workers=0']
LOADER += ['train_dataloader.persistent_workers=False', 'train_dataloader.dataset.pipeline.crop.size=32']
# an eighth of the width
PRETRAINING = [
    *LOADER,
    'model.backbone.base_channels=4',
    'model.time.channels=32',
    'model.neck.in_channels=32',
]
PRETRAINING += ['default_hooks.checkpoint.interval=1']
RECOGNITION = [*LOADER, 'model.backbone.base_channels=4', 'model.cls_head.in_channels=32']
LTN, R3D = (REPO / 'configs' / 'ltn' / f'{name}_rendered_rgb.py' for name in ('ltn', 'r3d'))


def train(config, folder, *arguments, options=()):
    return run_tool('train.py', config, '--work-dir', folder, *arguments, '--cfg-options', *options)


def weights(path):
    return torch.load(path, weights_only=True)['state_dict']


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """Six videos in the lists of the rendered ones, and a pre-training of three epochs."""
    root = tmp_path_factory.mktemp('videos')
    lines = video_folder(root / 'rendered' / 'videos').read_text()
    for split in ('train', 'test'):
        (root / 'rendered' / f'{split}.txt').write_text(lines)
    (root / 'rendered' / 'classes.txt').write_text('\n'.join(CLASSES))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        options = [*PRETRAINING, 'model.queue_size=10']
        train(LTN, root / 'whole', '--epochs', 3, '--deterministic', options=options)
        yield root


def test_a_resumed_pretraining_ends_with_the_weights_of_one_never_interrupted(root):
    """Queue, momentum encoder, time module, schedules and clips go on where they were."""
    (root / 'resumed').mkdir()
    shutil.copy(root / 'whole' / 'epoch_2.pth', root / 'resumed')
    options = [*PRETRAINING, 'model.queue_size=10']
    done = train(LTN, root / 'resumed', '--epochs', 3, '--deterministic', '--resume', options=options)
    assert 'resumed epoch: 2' in done.stdout + done.stderr
    found, expected = (weights(root / name / 'epoch_3.pth') for name in ('resumed', 'whole'))
    assert found.keys() == expected.keys()
    for name in found:
        assert torch.equal(found[name], expected[name]), name
    before = weights(root / 'whole' / 'epoch_2.pth')
    for name in ('queue.features', 'time.directions.weight', 'momentum_encoder.module.neck.layers.0.weight'):
        assert not torch.equal(found[name], before[name]), name


def test_a_linear_classifier_and_fine_tuning_start_from_f_alone_and_are_tested(root):
    pretrained = weights(root / 'whole' / 'epoch_3.pth')
    for protocol in ('linear', 'finetune'):
        arguments = ('--with', protocol, '--load-from', root / 'whole' / 'epoch_3.pth', '--epochs', 1)
        train(R3D, root / protocol, *arguments, options=RECOGNITION)
        trained = weights(root / protocol / 'epoch_1.pth')
        assert not any(name.startswith(('time', 'neck', 'momentum_encoder', 'queue')) for name in trained)
        changed = [
            name
            for name, value in trained.items()
            if name.startswith('backbone') and not torch.equal(value, pretrained[name])
        ]
        assert bool(changed) == (protocol == 'finetune'), changed[:3]
    scores = root / 'scores.npz'
    done = run_tool(
        *('test.py', R3D, root / 'linear' / 'epoch_1.pth', '--with', 'linear', '--work-dir', root / 't'),
        *('--dump', scores, '--cfg-options', *RECOGNITION),
    )
    dumped = np.load(scores)
    assert sorted(dumped['ids'])[0] == 'enter/clip 0' and dumped['scores'].shape == (6, 3)
    assert dumped['classes'].tolist() == list(CLASSES)
    top1 = (dumped['scores'].argmax(1) == dumped['labels']).mean()
    assert f'acc/top1: {top1:.4f}' in done.stdout + done.stderr


def test_byol_trains_in_two_processes_without_an_accelerator(root):
    options = [option for option in PRETRAINING if 'batch_size' not in option]
    # 4096 is of the full size
    options += ['train_dataloader.batch_size=2', 'model.neck.hidden_channels=64']
    command = [REPO / 'tools' / 'train.py', LTN, '--launcher', 'pytorch', '--with', 'byol', '--epochs', 1]
    command += ['--work-dir', root / 'byol', '--cfg-options', *options]
    log = root / 'byol.txt'
    assert processes.as_torchrun(command, 2, environment(), log) == [0, 0], log.read_text()[-3000:]
    said = log.read_text()
    assert said.count('batch norms are not synchronized on a CPU') == 1
    trained = weights(root / 'byol' / 'epoch_1.pth')
    assert all(torch.isfinite(value).all() for value in trained.values())
    assert 'predictor.layers.0.weight' in trained and 'queue.features' not in trained
