"""Small pre-trainers and batches that several tests share."""

from __future__ import annotations

import torch
from mmaction.structures import ActionDataSample
from mmengine.optim import OptimWrapper
from mmengine.registry import init_default_scope
from torch import nn

from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import MotionStatistics

JOINTS, LENGTH = 17, 12
BACKBONE = dict(
    type='UNIK', channels=(8, 12), strides=(1, 2), dilations=(1, 3), kernel_size=3, num_joints=JOINTS
)
HEAD = dict(type='ProjectionHead', in_channels=12, out_channels=6)
GENERATOR = dict(type='MotionAutoencoder', layout='posetics17', code_channels=20, num_motion=14)


def build(model_type='ContrastivePretrainer', seed=0, **kwargs):
    """A tiny pre-trainer with sequence and frame loss, reproducible by its seed."""
    init_default_scope('mmactrep')
    torch.manual_seed(seed)
    settings = dict(
        backbone=BACKBONE, neck=HEAD, frame_neck=HEAD, num_positives=2, queue_size=20, clip_length=LENGTH
    )
    if model_type == 'LAC':
        settings |= dict(composer=dict(generator=GENERATOR))
    model = MODELS.build(dict(type=model_type, **settings | kwargs))
    if model_type == 'LAC':
        train_statistics(model.composer.generator)
    # S-LSUs start as the identity, with a gain of 1e-6: gradients would be too small to compare
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.weight.mean() < 0.5:
            nn.init.ones_(module.weight)
    return model


def train_statistics(generator):
    """Set statistics as after training: skeletons of about one unit."""
    channels = generator.num_channels
    generator.set_statistics(MotionStatistics(torch.randn(channels) * 0.5, torch.rand(channels) + 0.5))


def train_steps(model, optimizer, batches, seeds):
    """Training steps on the batches of seeds; ``batches(seed=...)`` gives inputs and data samples."""
    for seed in seeds:
        inputs, samples = batches(seed=seed)
        model.train_step(dict(inputs=list(inputs), data_samples=samples), optimizer)


def train_and_resume(make, batches, path):
    """States of a model trained for five steps at a stretch, and after a checkpoint of the third step.

    Args:
        make: Builds the model, given ``seed``; that of the resumed one is another.
        batches: See :func:`train_steps`.
        path: File of the checkpoint.

    Returns:
        Two state dictionaries: at a stretch, and resumed.
    """

    def start(seed):
        model = make(seed=seed)
        sgd = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
        return model, OptimWrapper(sgd)

    whole, optimizer = start(0)
    train_steps(whole, optimizer, batches, range(3))
    torch.save((whole.state_dict(), optimizer.state_dict()), path)
    train_steps(whole, optimizer, batches, range(3, 5))
    resumed, optimizer = start(1)
    state, optimizer_state = torch.load(path, weights_only=True)
    resumed.load_state_dict(state)
    optimizer.load_state_dict(optimizer_state)
    train_steps(resumed, optimizer, batches, range(3, 5))
    return whole.state_dict(), resumed.state_dict()


def freeze_batch_norms(model):
    """Make batch norms normalize by fixed statistics."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
    return model


def make_batch(count=6, clips=1, persons=1, seed=1):
    """Inputs (N, num_clips, M, T, V, C) and data samples with their positions and labels."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, clips, persons, LENGTH, JOINTS, 2, generator=generator)
    samples = [
        ActionDataSample(metainfo=dict(sample_idx=i, frame_dir=f'clip_{i}')).set_gt_label(i % 3)
        for i in range(count)
    ]
    return inputs, samples


VIDEO_CHANNELS = 32
VIDEO_BACKBONE = dict(type='ResNet3dSlowOnly', depth=18, base_channels=4, pretrained=None)
VIDEO_HEAD = dict(
    type='ProjectionHead',
    in_channels=VIDEO_CHANNELS,
    hidden_channels=16,
    out_channels=6,
    num_layers=3,
    with_norm=True,
)
TIME = dict(type='LatentTimeNavigation', channels=VIDEO_CHANNELS, num_directions=5, hidden_channels=8)


def build_video(model_type='VideoPretrainer', seed=0, **kwargs):
    """A tiny pre-trainer of videos with latent time navigation, reproducible by its seed."""
    init_default_scope('mmactrep')
    torch.manual_seed(seed)
    settings = dict(backbone=VIDEO_BACKBONE, neck=VIDEO_HEAD, time=TIME, num_positives=2)
    if model_type == 'VideoPretrainer':
        settings |= dict(queue_size=20)
    else:
        settings |= dict(
            predictor=dict(type='ProjectionHead', in_channels=6, hidden_channels=9, out_channels=6)
        )
    return MODELS.build(dict(type=model_type, **settings | kwargs))


def make_videos(count=6, clips=3, seed=1):
    """Inputs (N, clips, 3, T, H, W), the clips of a video alike, and data samples with their times."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, 1, 3, 2, 16, 16, generator=generator)
    inputs = inputs + 0.3 * torch.randn(count, clips, 3, 2, 16, 16, generator=generator)
    start = 10 * torch.rand(count, clips, generator=generator)
    length = 1 + torch.rand(count, clips, generator=generator)
    times = torch.stack([start, start + length, length], dim=2).numpy()
    samples = [
        ActionDataSample(
            metainfo=dict(sample_idx=i, frame_dir=f'video_{i}', clip_times=times[i])
        ).set_gt_label(i % 3)
        for i in range(count)
    ]
    return inputs, samples
