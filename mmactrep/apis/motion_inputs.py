"""The inputs of motion editing: a trained generator, and motions from captures, skeletons or videos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmactrep.engine.checkpoints import load_weights, read_checkpoint
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.runner import build_model
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.models.generators import BaseMotionAutoencoder
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.motion_representation import fill_missing

from .pose_inputs import PoseClip, build_estimator, kind_of_input, read_input


@dataclass(eq=False)
class PersonMotion:
    """One person's motion, complete, in the layout of a generator.

    Args:
        name: Name of the input.
        keypoint: (T, V, C) coordinates with missing joints filled in; y points down in 2D.
        fps: Frames per second; 0 where unknown.
    """

    name: str
    keypoint: np.ndarray
    fps: float = 0.0


def load_generator(config: str | Path, checkpoint: str | Path, device: str = 'cpu') -> BaseMotionAutoencoder:
    """Load a trained generator.

    Args:
        config: Config of its training, ``configs/lac/lac_generator_*.py``.
        checkpoint: Checkpoint of that training.
        device: For example 'cpu' or 'cuda:0'.

    Raises:
        FileNotFoundError: If a file is absent.
        InferenceError: If the config does not describe a generator.
        CheckpointError: If the checkpoint cannot be read, does not fit, or contains an untrained generator.
    """
    cfg = compose_config(config)
    if 'generator' not in cfg.get('model', {}):
        raise InferenceError(f'{config}: expected a config of a motion generator, as configs/lac has')
    weights = read_checkpoint(checkpoint)['state_dict']
    model = build_model(cfg, str(config))
    load_weights(model, weights, str(checkpoint), str(config))
    if not model.generator.has_statistics:
        raise CheckpointError(f'{checkpoint}: the generator has no statistics: it is not trained')
    return model.generator.to(torch.device(device)).eval()


def read_motion(
    source: str | Path,
    layout: str | SkeletonLayout,
    dims: int = 2,
    view: float = 0.0,
    character: int | None = None,
    person: int = 0,
    file_layout: str | SkeletonLayout | None = None,
    experts: Any = 'mediapipe',
    fps: float = 30.0,
) -> PersonMotion:
    """Read a motion from a BVH capture, a clip of a store, a skeleton file, or a video.

    Args:
        source: ``*.bvh``; ``STORE::CLIP``; a skeleton file or folder; a video, for the experts.
        layout: Layout of the result, to which the input is mapped.
        dims: Coordinates per joint.
        view: Yaw of the camera on a capture, in degrees: 0 in front, 90 at the left side.
        character: Number of the procedural character that performs a capture. Default: the reference body.
        person: Index among several persons, the most important first.
        file_layout: Layout of a skeleton file's joints, if the file does not determine it.
        experts: Pose experts for a video, as ``SkeletonInferencer`` takes them.
        fps: Frame rate that a capture is resampled to: that of the generator's training.

    Raises:
        FileNotFoundError: If a file is absent.
        InferenceError: If the input cannot be used, lacks the person, or has other dimensions.
    """
    layout, text = get_layout(layout), str(source)
    if text.lower().endswith('.bvh'):
        return _read_capture(text, layout, dims, view, character, fps)
    if kind_of_input(text) not in ('store', 'skeleton', 'video'):
        raise InferenceError(f'{text}: expected a BVH capture, STORE::CLIP, a skeleton file or a video')
    clip = read_input(text, lambda: build_estimator(experts), file_layout=file_layout)
    return motion_of_person(clip, layout, dims, person)


def motion_of_person(clip: PoseClip, layout: SkeletonLayout, dims: int = 2, person: int = 0) -> PersonMotion:
    """One person of a clip in another layout, from first to last frame seen, missing joints filled in.

    Raises:
        InferenceError: If the clip lacks the person, has other dimensions, or its layout lacks joints.
    """
    if not 0 <= person < len(clip.tracks):
        raise InferenceError(f'{clip.name}: {len(clip.tracks)} persons, there is no person {person}')
    track = clip.tracks[person]
    seen = np.flatnonzero((track.score > 0).any(axis=1))
    rows = slice(seen[0], seen[-1] + 1)
    keypoint, score = track.keypoint[rows], track.score[rows]
    if keypoint.shape[-1] != dims:
        raise InferenceError(
            f'{clip.name}: the generator takes {dims}D skeletons, these are {keypoint.shape[-1]}D'
        )
    if clip.layout != layout:
        try:
            keypoint, score = clip.layout.mapping_to(layout)(keypoint, score)
        except ValueError as error:
            raise InferenceError(f'{clip.name}: {error}') from error
    return PersonMotion(clip.name, fill_missing(keypoint, score, layout).astype(np.float32), clip.fps)


def _read_capture(
    path: str, layout: SkeletonLayout, dims: int, yaw: float, character: int | None, fps: float
) -> PersonMotion:
    from mmactrep.motion.body import REST_OFFSETS
    from mmactrep.motion.bvh import BvhError
    from mmactrep.motion.characters import character_offsets, sample_characters
    from mmactrep.motion.library_layout import LIBRARY_LAYOUT, map_joints
    from mmactrep.motion.sources import capture_motion
    from mmactrep.motion.views import view

    if not Path(path).is_file():
        raise FileNotFoundError(f'{path}: no such file')
    bones = (
        REST_OFFSETS[None]
        if character is None
        else character_offsets(sample_characters(np.array([character])))
    )
    try:
        positions = capture_motion(path, bones, fps).positions[0]
    except BvhError as error:
        raise InferenceError(str(error)) from error
    keypoint = view(map_joints(positions, LIBRARY_LAYOUT, layout), yaw, dims)
    return PersonMotion(Path(path).stem, np.ascontiguousarray(keypoint, np.float32), fps)
