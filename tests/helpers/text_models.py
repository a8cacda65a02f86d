"""T-MOR at a tiny size, and a text teacher without a network."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import Tensor

from mmactrep.engine.text_recognizers import text_recognizer_config
from mmactrep.engine.trained_on import INFERENCE, LAYOUT, SEEN
from mmactrep.registry import MODELS
from mmactrep.structures import get_layout

TEXT_CHANNELS, VIDEO_CHANNELS, WIDTH = 5, 7, 6
BACKBONE = dict(
    type='UNIK', channels=(8, 12), strides=(1, 2), dilations=(1, 1), kernel_size=3, num_heads=1, num_person=1
)
MODEL = dict(
    type='TMOR',
    backbone=BACKBONE,
    neck=dict(type='ProjectionHead', in_channels=12, out_channels=WIDTH),
    text_teacher='letters',
    text_neck=dict(type='ProjectionHead', in_channels=TEXT_CHANNELS, out_channels=WIDTH),
    video_teacher='frames',
    video_neck=dict(type='ProjectionHead', in_channels=VIDEO_CHANNELS, out_channels=WIDTH),
    text_loss=dict(temperature=0.2, learn_temperature=True),
    queue_size=8,
)
PIPELINE = dict(
    normalize=dict(type='BoxNormalize'),
    sample=dict(type='UniformTemporalSample', length=8, short='stretch', num_clips=2),
    rotate=dict(type='RandomRotate'),
    text=dict(type='LoadTeacherFeatures', root='none', kind='text', teacher='letters'),
    stream=dict(type='SkeletonStream'),
    format=dict(type='FormatSkeleton', num_person=1),
    pack=dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx', 'text_features')),
)


class LettersTeacher:
    """Features of a text: how often it has each vowel, not normalized."""

    name = 'letters'
    dimension = TEXT_CHANNELS

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts) -> Tensor:
        self.asked += list(texts)
        return torch.tensor([[float(text.count(vowel)) for vowel in 'aeiou'] for text in texts]) + 0.1


def teach_letters(monkeypatch) -> None:
    """Let every text teacher that is built by name be a :class:`LettersTeacher` of that name."""
    from mmactrep.models import teachers

    def build(name, device='cpu'):
        teacher = LettersTeacher()
        teacher.name = name
        return teacher

    monkeypatch.setattr(teachers, 'build_text_teacher', build)


def tmor_config(**model) -> Config:
    """Config of a training of T-MOR, without data."""
    dataset = dict(
        type='ConcatDataset',
        datasets=[dict(type='SkeletonDataset', ann_file='none', stream='joint', pipeline=PIPELINE)],
    )
    return Config(dict(model=MODEL | model, train_dataloader=dict(dataset=dataset), test_dataloader=None))


def write_tmor(path: Path, seed: int = 5, seen: tuple[str, ...] = ('bend', 'wave'), **model) -> Path:
    """A checkpoint of T-MOR, as its training writes it."""
    cfg = tmor_config(**model)
    torch.manual_seed(seed)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        built = MODELS.build(cfg.model)
    # new S-LSUs start as the identity and make all clips look alike
    for module in built.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) and module.weight.mean() < 0.5:
            torch.nn.init.ones_(module.weight)
    meta = {
        INFERENCE: text_recognizer_config(cfg),
        LAYOUT: get_layout('posetics17').to_dict(),
        SEEN: list(seen),
    }
    torch.save(dict(state_dict=built.state_dict(), meta=meta), path)
    return path
