"""Shared by the tests of inference: a small network, a moving body, estimators without a network."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmactrep.registry import MODELS
from mmactrep.structures import get_layout
from mmactrep.structures.poses import PoseTrack, TrackedPose

CONFIG = """
default_scope = 'mmactrep'
model = dict(
    type='RecognizerGCN',
    backbone=dict(type='UNIK', in_channels=2, num_joints=17, num_person=1, num_heads=1,
                  channels=(8, 8), strides=(1, 2), dilations=(1, 1), kernel_size=3),
    cls_head=dict(type='GCNHead', num_classes=4, in_channels=8))
test_pipeline = [
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=16, jitter=False, short='stretch'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs')]
test_dataloader = dict(dataset=dict(type='SkeletonDataset', ann_file='none', stream='joint',
                                    pipeline=test_pipeline))
"""
CLASSES = ['bend', 'jump', 'sit', 'wave']


def write_tiny_model(folder: Path) -> tuple[Path, Path]:
    """(config, checkpoint) of a small network for posetics17 and four classes."""
    config, checkpoint = folder / 'tiny.py', folder / 'tiny.pth'
    config.write_text(CONFIG)
    torch.manual_seed(3)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        model = MODELS.build(Config.fromfile(config).model)
    # A new head gives the same scores for all inputs; larger weights make inputs matter.
    torch.nn.init.normal_(model.cls_head.fc.weight, std=2.0)
    weights = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    meta = dict(dataset_meta=dict(classes=CLASSES, layout='posetics17'))
    torch.save(dict(state_dict=weights, meta=meta), checkpoint)
    return config, checkpoint


def write_tiny_segmentor(folder: Path) -> tuple[Path, Path]:
    """(config, checkpoint) of a small segmentor with random weights, for posetics17 and two classes."""
    config, checkpoint = folder / 'segmentor.py', folder / 'segmentor.pth'
    backbone = dict(type='UNIK', in_channels=2, channels=(8,), strides=(1,), dilations=(1,), kernel_size=3)
    pack = [dict(type='FormatSkeleton', num_person=1), dict(type='PackSegmentationInputs')]
    dataset = dict(type='SkeletonSegmentationDataset', ann_file='', window=16, pipeline=pack)
    cfg = Config(
        dict(
            default_scope='mmactrep',
            model=dict(
                type='SkeletonSegmentor',
                backbone=backbone,
                cls_head=dict(type='FrameHead', num_classes=2, in_channels=8),
            ),
            test_dataloader=dict(dataset=dataset),
        )
    )
    cfg.dump(config)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        weights = MODELS.build(cfg.model).state_dict()
    meta = dict(dataset_meta=dict(classes=['a', 'b'], layout='posetics17'))
    torch.save(dict(state_dict=weights, meta=meta), checkpoint)
    return config, checkpoint


def walking(num_frames: int, layout: str = 'coco17', shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints (T, V, 2) of a body that moves right, with all joints apart, and scores (T, V)."""
    joints = get_layout(layout).num_joints
    base = np.random.default_rng(1).uniform([100, 50], [200, 400], (joints, 2))
    time = np.arange(num_frames)[:, None]
    keypoint = np.repeat(base[None], num_frames, axis=0)
    keypoint[..., 0] += 2 * time + shift
    keypoint[..., 1] += 8 * np.sin(time / 4 + np.arange(joints))
    return keypoint.astype(np.float32), np.full((num_frames, joints), 0.9, np.float32)


class FakeEstimator:
    """Returns prepared poses for every frame, after ``delay`` seconds per frame."""

    def __init__(
        self, num_frames: int = 10_000, layout: str = 'coco17', persons: int = 1, delay: float = 0
    ) -> None:
        self.layout = get_layout(layout)
        self.bodies = [walking(num_frames, layout, 300.0 * p) for p in range(persons)]
        self.delay = delay
        self.frames: list[int] = []
        self.sources: list[str | None] = []

    def start(self, source: str | None = None) -> None:
        self.sources.append(source)
        self.frames = []
        self.timings = dict(slow=0.0, fast=0.0, aggregation=0.0)

    def update(self, frames, first: int = 0) -> list[list[TrackedPose]]:
        time.sleep(self.delay * len(frames))
        self.timings = dict(slow=2.0, fast=1.0, aggregation=0.0)
        result = []
        for number in range(first, first + len(frames)):
            self.frames.append(number)
            result.append(
                [
                    TrackedPose(person, number, keypoint[number], score[number], 0.8, 3)
                    for person, (keypoint, score) in enumerate(self.bodies)
                ]
            )
        return result

    def notes(self) -> list[str]:
        return []

    def finish(self) -> list[PoseTrack]:
        count = len(self.frames)
        return [
            PoseTrack(
                person,
                0,
                keypoint[:count],
                score[:count],
                np.full(count, 0.8, np.float32),
                np.full(count, 2, np.int16),
            )
            for person, (keypoint, score) in enumerate(self.bodies)
        ]
