"""Settings of the thesis and its releases, as the configs have them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mmactrep.models.clip_normalization import box_normalize_batch
from mmactrep.registry import DATASETS, MODELS, PARAM_SCHEDULERS
from tests.helpers.config_cases import CASES, FILES, kind_of, load, small_data  # noqa: F401  a fixture

pytestmark = pytest.mark.usefixtures('small_data')


# Reference settings (thesis, 3.7.1, and the release): window, batch, rate, decay, epochs, weight decay
SETTINGS = {
    'unik/unik_posetics_2d': (150, 64, 0.1, [45, 55], 65, 1e-4),
    'unik/unik_posetics_3d': (150, 64, 0.1, [45, 55], 65, 1e-4),
    'unik/unik_smarthome-cs_2d': (400, 16, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_penn_2d': (150, 8, 0.05, [10, 20], 30, 5e-4),
    'unik/unik_ntu60-xsub_3d': (300, 32, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_ntu60-xview_3d': (300, 32, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_ntu120-xsub_3d': (300, 32, 0.1, [30, 50], 60, 1e-4),
    'unik/unik_ntu120-xset_3d': (300, 32, 0.1, [30, 50], 60, 1e-4),
}


@pytest.mark.parametrize('name', SETTINGS)
def test_settings_of_the_thesis(name):
    cfg = load(name)
    optimizer, pipeline = cfg.optim_wrapper.optimizer, cfg.train_dataloader.dataset.pipeline
    found = (
        pipeline.sample.length,
        cfg.train_dataloader.batch_size,
        optimizer.lr,
        cfg.param_scheduler.milestones,
        cfg.train_cfg.max_epochs,
        optimizer.weight_decay,
    )
    assert found == SETTINGS[name]
    assert cfg.auto_scale_lr.base_batch_size == cfg.train_dataloader.batch_size
    assert (optimizer.type, optimizer.momentum, optimizer.nesterov) == ('SGD', 0.9, True)
    assert pipeline.sample.type == ('ReplayPad' if 'ntu' in name else 'RandomTemporalCrop')
    assert bool(pipeline.move) == ('posetics' in name or 'penn' in name)


# Section 4.6.1: window, rate, decay, epochs, weight decay
VIA_SETTINGS = {
    'unik/unik_smarthome-cs_2d': (400, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_smarthome-cv1_2d': (400, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_smarthome-cv2_2d': (400, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_uav-human-csv1_2d': (150, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_uav-human-csv2_2d': (150, 0.1, [30, 40], 50, 1e-4),
    'unik/unik_penn_2d': (100, 0.1, [10, 20], 30, 1e-4),
}


@pytest.mark.parametrize('name', VIA_SETTINGS)
def test_settings_of_via(name):
    cfg = load(f'{name}+via')
    optimizer, pipeline = cfg.optim_wrapper.optimizer, cfg.train_dataloader.dataset.pipeline
    schedule = cfg.param_scheduler.milestones, cfg.train_cfg.max_epochs
    assert (pipeline.sample.length, optimizer.lr, *schedule, optimizer.weight_decay) == VIA_SETTINGS[name]
    assert pipeline.sample.type == 'RandomTemporalCrop'
    test = cfg.test_dataloader  # all frames
    assert (test.dataset.pipeline.sample.type, test.batch_size) == ('ReplayPad', 1)
    assert cfg.pretrained == 'checkpoints/via_posetics_2d.pth'


def test_settings_of_vias_pretraining():
    library, posetics = load('via/via_library_2d'), load('via/via_posetics_2d')
    assert posetics.optim_wrapper.optimizer.lr == 5e-4 and posetics.train_cfg.max_epochs == 300
    assert posetics.train_dataloader.dataset.pipeline.sample == dict(type='RandomTemporalCrop', length=150)
    assert library.model.generator.num_static == posetics.model.generator.num_static == 32
    assert library.model.generator == posetics.model.generator
    assert posetics.model.generator.backbone == dict(type='UNIK', in_channels=2, num_joints=17, num_person=1)
    contrast = load('via/via_posetics_2d_contrast').model
    assert contrast.composer.num_motions == 1 and contrast.frame_neck is None
    ours, theirs = MODELS.build(contrast.backbone), MODELS.build(posetics.model.generator.backbone)
    assert [block.stride for block in ours.blocks] == [block.stride for block in theirs.blocks]


VIA_PRETRAINING = [name for name in FILES if name.startswith('via/') and kind_of(name) == 'pretrainer']
VIA_TASKS = [case for case in CASES if '+via' in case and 'bone' not in case]
VIA_SMALL = ['unik/unik_penn_2d_small', 'unik/unik_utd-mhad-xsub_3d_small']


@pytest.mark.parametrize('case', VIA_PRETRAINING + VIA_TASKS + VIA_SMALL)
def test_vias_encoder_meets_every_person_in_a_box_of_their_own(case):
    """As its autoencoder gives them to it: in pre-training, when neighbors are looked up, and downstream."""
    cfg = load(case)
    hooks = cfg.default_hooks.get('knn')
    loaders = (hooks.train_dataloader, hooks.test_dataloader) if hooks else (cfg.test_dataloader,)
    for loader in loaders:
        clips = torch.as_tensor(DATASETS.build(loader.dataset)[0]['inputs'])  # all frames of a clip
        assert clips.shape[-2] == 17
        people = clips.flatten(0, 1)
        assert people.flatten(1).any(dim=1).all()
        for person in people:
            torch.testing.assert_close(
                box_normalize_batch(person[None, None])[0, 0], person, atol=1e-5, rtol=0
            )


def test_what_follows_via_takes_its_encoder():
    """Weights, strides and dilations; a recognizer of two persons repeats the norm of one."""
    pairs = [
        ('via/via_library_2d', 'via/via_posetics_2d'),
        ('via/via_library_2d_small', 'via/via_penn_2d'),
        ('via/via_library_2d_small', 'via/via_synthetic_2d'),
        ('via/via_library_3d', 'via/via_posetics_3d'),
        ('via/via_posetics_2d', 'unik/unik_smarthome-cs_2d+via+finetune'),
        ('via/via_posetics_2d', 'unik/unik_penn_2d+via+5percent+finetune'),
        ('via/via_posetics_3d', 'unik/unik_ntu120-xset_3d+via+finetune'),
        ('via/via_penn_2d', 'unik/unik_penn_2d_small'),
        ('via/via_synthetic_2d', 'unik/unik_penn_2d_small'),
        ('via/via_library_3d_small', 'via/via_utd-mhad_3d'),
        ('via/via_utd-mhad_3d', 'unik/unik_utd-mhad-xsub_3d_small'),
    ]
    for before, after in pairs:
        cfg = load(after)
        if not after.endswith('_small'):
            assert cfg.pretrained == f'checkpoints/{Path(before).name}.pth'
        encoder = MODELS.build(load(before).model.generator.backbone)
        model = MODELS.build(cfg.model)
        backbone = model.generator.backbone if after.startswith('via/') else model.backbone
        backbone.load_state_dict(encoder.state_dict(), strict=True)
        for ours, theirs in zip(backbone.blocks, encoder.blocks):
            assert ours.stride == theirs.stride
            assert ours.temporal.conv.dilation == theirs.temporal.conv.dilation


def test_settings_of_lac():
    """Section 4.5.1, Table 4.1 and reference values of Eq. 4.7."""
    cfg = load('lac/lac_unik_posetics_2d')
    model = cfg.model
    assert (model.queue_size, model.momentum, model.num_positives) == (8192, 0.994, 4)
    assert (model.loss.temperature, model.neck.num_layers, model.temporal_sample_rate) == (0.1, 2, 4)
    assert tuple(model.backbone.strides) == (1,) * 10
    assert (cfg.optim_wrapper.optimizer.lr, cfg.train_cfg.max_epochs) == (0.1, 200)
    assert cfg.train_dataloader.batch_size == cfg.auto_scale_lr.base_batch_size == 64
    assert model.composer.num_motions == 2
    # 35 epochs of linear warm-up from 0.001, here of 10 iterations each
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    warmup = PARAM_SCHEDULERS.build(dict(cfg.param_scheduler[0], optimizer=optimizer, end=200 * 10))
    rates = []
    for _ in range(400):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        warmup.step()
    assert rates[0] == pytest.approx(0.001) and rates[175] == pytest.approx(0.05, rel=0.02)
    assert rates[348] < 0.1 and rates[350:] == pytest.approx([0.1] * 50)
    assert cfg.param_scheduler[1].type == 'CosineAnnealingLR'


def test_settings_of_the_generator():
    cfg = load('lac/lac_generator_mixamo_2d')
    assert (cfg.model.generator.code_channels, cfg.model.generator.num_motion) == (160, 128)
    assert cfg.optim_wrapper.optimizer == dict(type='Adam', lr=1e-3)
    assert cfg.param_scheduler == dict(type='ExponentialLR', gamma=0.99, by_epoch=True)
    assert cfg.train_cfg.max_epochs == 300 and cfg.train_dataloader.batch_size == 64
    assert cfg.train_dataloader.dataset.scale == (0.5, 1.5)
    views = DATASETS.build(cfg.test_dataloader.dataset).views
    assert views == (-90, -60, -30, 0, 30, 60, 90)


@pytest.mark.parametrize('name', ['lac/lac_generator_mixamo_2d', 'lac/lac_generator_synthetic_2d'])
def test_the_two_encoder_baseline_differs_in_its_generator_alone(name):
    ours, baseline = load(name), load(f'{name}+two-encoders')
    lac, two = (MODELS.build(cfg.model.generator) for cfg in (ours, baseline))
    assert (lac.num_motion, lac.num_static) == (two.num_motion, two.num_static) == (128, 32)
    assert baseline._cfg_dict.pop('overlays') == ['two-encoders']
    for cfg in (ours, baseline):
        cfg.model.pop('generator')
    assert ours.to_dict() == baseline.to_dict()
