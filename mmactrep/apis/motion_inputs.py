"""The inputs of motion editing: a trained generator, and motions from captures, skeletons or videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.errors import InferenceError
from mmactrep.models.generators import BaseMotionAutoencoder, load_generator
from mmactrep.packaged import CHECKPOINT_FOLDER
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.motion_representation import fill_missing

from .model_arguments import split_generator
from .pose_inputs import PoseClip, build_estimator, kind_of_input, read_input

DEFAULT_GENERATOR = CHECKPOINT_FOLDER / 'lac_generator_2d.pth'

PROCEDURAL = 'procedural'
"""In place of a store in ``STORE::CLIP``: a procedural motion, for example ``procedural::wave``."""

# Motions of a library have the seeds 0 and 1: by default a performance is shown that no generator has seen.
_PERFORMANCE = 2
_PROCEDURAL_FRAMES = 96


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


def load_named_generator(
    words: Sequence[str], then: Sequence[str] = (), device: str = 'cpu', optional: bool = False
) -> tuple[BaseMotionAutoencoder, list[str]]:
    """The generator that a command line names, or the one in ``demo/checkpoints``, and the other arguments.

    Args:
        words: ``[[CONFIG] CHECKPOINT] ...``, see ``add_generator_arguments``.
        then: Names of the arguments that must follow.
        device: For example 'cpu' or 'cuda:0'.
        optional: Whether they may be absent, all of them.

    Raises:
        InferenceError: If other arguments follow; see also :func:`load_generator`.
    """
    config, checkpoint, rest = split_generator(words)
    if len(rest) != len(then) and not (optional and not rest):
        raise InferenceError(
            f'expected [[CONFIG.py] CHECKPOINT.pth]{"".join(f" {name}" for name in then)}, '
            f'found {" ".join(words) or "nothing"}'
        )
    return load_generator(checkpoint or DEFAULT_GENERATOR, config, device), rest


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
    """Read a motion from a BVH capture, a clip of a store, a skeleton file, or a video, or generate it.

    Args:
        source: ``*.bvh``; ``STORE::CLIP``; ``procedural::MOTION`` or ``procedural::MOTION::PERFORMANCE``; a
            skeleton file or folder; a video, for the experts.
        layout: Layout of the result, to which the input is mapped.
        dims: Coordinates per joint.
        view: Yaw of the camera on a capture or procedural motion, in degrees: 0 in front, 90 at the left.
        character: Number of the procedural character that performs it. Default: the reference body.
        person: Index among several persons, the most important first.
        file_layout: Layout of a skeleton file's joints, if the file does not determine it.
        experts: Pose experts for a video, as ``SkeletonInferencer`` takes them.
        fps: Frame rate of captures, which are resampled, and procedural motions: that of the generator's
            training.

    Raises:
        FileNotFoundError: If a file is absent.
        InferenceError: If the input cannot be used, lacks the person, or has other dimensions.
    """
    layout, text = get_layout(layout), str(source)
    if is_performed(text):
        return _library_motion(text, layout, dims, view, character, fps)
    if kind_of_input(text) not in ('store', 'skeleton', 'video'):
        raise InferenceError(f'{text}: expected a BVH capture, STORE::CLIP, a skeleton file or a video')
    clip = read_input(text, lambda: build_estimator(experts), file_layout=file_layout)
    return motion_of_person(clip, layout, dims, person)


def is_performed(source: str) -> bool:
    """Whether a character performs the motion before a camera: captures and procedural motions."""
    return source.lower().endswith('.bvh') or source.startswith(f'{PROCEDURAL}::')


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


def _library_motion(
    source: str, layout: SkeletonLayout, dims: int, yaw: float, character: int | None, fps: float
) -> PersonMotion:
    """A capture or a procedural motion, as a library has them: on a character, seen from a camera."""
    from mmactrep.motion.body import REST_OFFSETS
    from mmactrep.motion.characters import character_offsets, sample_characters
    from mmactrep.motion.library_layout import LIBRARY_LAYOUT, map_joints
    from mmactrep.motion.views import view

    bones = (
        REST_OFFSETS[None]
        if character is None
        else character_offsets(sample_characters(np.array([character])))
    )
    read = _perform if source.startswith(f'{PROCEDURAL}::') else _read_capture
    name, positions = read(source, bones, fps)
    keypoint = view(map_joints(positions, LIBRARY_LAYOUT, layout), yaw, dims)
    return PersonMotion(name, np.ascontiguousarray(keypoint, np.float32), fps)


def _read_capture(path: str, bones: np.ndarray, fps: float) -> tuple[str, np.ndarray]:
    from mmactrep.motion.bvh import BvhError
    from mmactrep.motion.sources import capture_motion

    if not Path(path).is_file():
        raise FileNotFoundError(f'{path}: no such file')
    try:
        return Path(path).stem, capture_motion(path, bones, fps).positions[0]
    except BvhError as error:
        raise InferenceError(str(error)) from error


def _perform(source: str, bones: np.ndarray, fps: float) -> tuple[str, np.ndarray]:
    from mmactrep.motion.procedural import motion_names
    from mmactrep.motion.sources import procedural_motions

    _, motion, *number = source.split('::')
    if motion not in motion_names():
        raise InferenceError(
            f"{source}: there is no procedural motion '{motion:.40}'; there are {', '.join(motion_names())}"
        )
    if len(number) > 1 or not all(each.isdecimal() and len(each) < 10 for each in number):
        raise InferenceError(f'{source}: expected {PROCEDURAL}::MOTION or {PROCEDURAL}::MOTION::PERFORMANCE')
    seed = int(number[0]) if number else _PERFORMANCE
    (clip,) = procedural_motions(bones, [motion], 1, _PROCEDURAL_FRAMES, fps, seed)
    return motion, clip.positions[0]
