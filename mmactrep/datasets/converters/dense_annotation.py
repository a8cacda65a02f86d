"""Dense annotation of untrimmed videos as published by TSU and Charades, and the pose files beside it.

``{video: {"subset": "training" or "testing", "duration": ..., "actions": [[class, start, end], ...]}}``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.files import read_arrays, read_json, shown
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout, joint_scores

from .conversion import (
    MAX_CLASSES,
    MAX_FRAMES,
    ConversionError,
    class_names,
    clip_file,
    is_whole_number,
    real_numbers,
)
from .lcrnet_json import read_lcrnet_clip

POSE_SUFFIXES = ('.npz', '.json')
_MAX_BYTES = 1 << 30


@dataclass(frozen=True)
class DenseAnnotation:
    """Annotation of one video.

    Args:
        subset: ``'training'`` or ``'testing'``.
        duration: Length of the video, in the unit of the actions.
        actions: (class, start, end), in frames (TSU) or seconds (Charades).
    """

    subset: str
    duration: float
    actions: tuple[tuple[int, float, float], ...]


def load_dense_annotation(
    path: str | Path, problems: dict[str, str] | None = None
) -> dict[str, DenseAnnotation]:
    """Read an annotation file.

    Args:
        path: The JSON file.
        problems: Collects, by video, what is wrong with its entry, which is then skipped. Without it the
            first bad entry is an error.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is not JSON.
        ConversionError: If it is of another form; the message names the video.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not content:
        raise ConversionError(f'{path}: expected {{video: {{"subset", "duration", "actions"}}}}')
    found = {}
    for video, entry in content.items():
        try:
            found[video] = _annotation(entry)
        except ConversionError as error:  # noqa: PERF203
            message = f'{path}: video {shown(video)}: {error}'
            if problems is None:
                raise ConversionError(message) from error
            problems[video] = message
    return found


def _annotation(entry: Any) -> DenseAnnotation:
    keys = ('subset', 'duration', 'actions')
    if not isinstance(entry, dict) or any(key not in entry for key in keys):
        raise ConversionError(f'expected subset, duration and actions, found {shown(entry)}')
    subset, duration, actions = (entry[key] for key in keys)
    if subset not in ('training', 'testing') or not _is_time(duration) or duration <= 0:
        raise ConversionError(
            f"expected subset 'training' or 'testing' and a duration above 0, found {shown(subset)}, "
            f'{shown(duration)}'
        )
    if not isinstance(actions, list):
        raise ConversionError(f'expected a list of actions, found {shown(actions)}')
    return DenseAnnotation(subset, float(duration), tuple(_action(action) for action in actions))


def _action(action: Any) -> tuple[int, float, float]:
    if not isinstance(action, list) or len(action) != 3:
        raise ConversionError(f'expected actions [class, start, end], found {shown(action)}')
    label, start, end = action
    if not is_whole_number(label, 0, MAX_CLASSES - 1) or not _is_time(start) or not _is_time(end):
        raise ConversionError(
            f'expected a class from 0 to {MAX_CLASSES - 1} and finite times, found {shown(action)}'
        )
    if end < start:
        raise ConversionError(f'the action {shown(action)} ends before it starts')
    return label, float(start), float(end)


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1e9


def annotated_classes(
    classes: Sequence[str] | None,
    annotations: dict[str, DenseAnnotation],
    path: str | Path,
    count: int | None = None,
) -> list[str]:
    """Class names, checked against the annotation.

    Args:
        classes: Names, or None for ``class_000`` and so on.
        annotations: The annotation.
        path: Its file, for messages.
        count: Number of names to make up. Default: as many as the annotation uses.

    Raises:
        ConversionError: If there are fewer names than the annotation has classes.
    """
    needed = 1 + max((label for entry in annotations.values() for label, *_ in entry.actions), default=-1)
    names = class_names(needed if count is None else count) if classes is None else list(classes)
    if needed > len(names):
        raise ConversionError(f'{path}: actions name class {needed - 1} of {len(names)} classes')
    return names


def frame_segments(
    actions: Sequence[tuple[int, float, float]], num_frames: int, fps: float = 1.0
) -> list[tuple[int, int, int]]:
    """Actions as segments of frames; frame t is at time t / fps, and belongs to [start, end).

    Args:
        actions: (class, start, end), in frames (``fps=1``) or seconds.
        num_frames: Frames of the video; segments are cut off there.
        fps: Frames per second.

    Returns:
        (class, first frame, frame after the last one). Actions without a frame are skipped: TSU annotates a
        few that end where they start.
    """
    segments = []
    for label, start, end in actions:
        # times that equal a frame's time up to rounding stay on that frame
        first, last = (math.ceil(round(value * fps, 4)) for value in (start, end))
        first, last = max(first, 0), min(last, num_frames)
        if first < last:
            segments.append((label, first, last))
    return segments


def note_on_times(actions: Sequence[tuple[int, float, float]], num_frames: int, fps: float = 1.0) -> str:
    """What :func:`frame_segments` cut or skipped; empty if nothing."""
    kept = len(frame_segments(actions, num_frames, fps))
    # half a second of rounding is not worth a note
    beyond = sum(end * fps > num_frames + 0.5 * max(fps, 1) for _, _, end in actions)
    said = []
    if beyond:
        said.append(f'{beyond} actions end beyond its {num_frames} frames and are cut there')
    if kept < len(actions):
        said.append(f'{len(actions) - kept} actions without a frame are skipped')
    return ', '.join(said)


def find_pose_files(root: str | Path, annotation: str | Path | None = None) -> dict[str, Path]:
    """Pose files of a folder (``.npz``, ``.json``) by video, the file name up to the first underscore.

    Args:
        root: The folder.
        annotation: The annotation file, which may be in the same folder and is ignored.

    Raises:
        FileNotFoundError: If there are no pose files.
        ConversionError: If two files belong to one video.
    """
    root = Path(root)
    paths = sorted(p for p in root.glob('*') if p.suffix in POSE_SUFFIXES) if root.is_dir() else []
    found: dict[str, Path] = {}
    for path in paths:
        if annotation is not None and path.resolve() == Path(annotation).resolve():
            continue
        video = path.stem.split('_')[0]
        if video in found:
            raise ConversionError(
                f"{root}: two pose files for video '{video}': {found[video].name}, {path.name}"
            )
        found[video] = path
    if not found:
        raise FileNotFoundError(f'{root}: no pose files ({", ".join(POSE_SUFFIXES)}); expected one per video')
    return found


def select_videos(
    files: dict[str, Path],
    annotations: dict[str, DenseAnnotation],
    problems: dict[str, str],
    annotation_path: str | Path,
) -> tuple[list[str], list[str]]:
    """Videos that have both a pose file and an annotation, and notes on the others.

    Args:
        files: Pose files by video.
        annotations: Annotations by video.
        problems: What is wrong with the annotations of other videos.
        annotation_path: The annotation's file, for messages.

    Raises:
        ConversionError: If no video has both.
    """
    both = [video for video in sorted(files) if video in annotations]
    bad = [video for video in files if video in problems]
    if not both and not bad:
        raise ConversionError(
            f'{annotation_path}: names none of the {len(files)} videos with pose files, such as '
            f"'{next(iter(files))}'"
        )
    notes = []
    if len(both) + len(bad) < len(files):
        foreign = sorted(set(files) - set(both) - set(bad))
        notes.append(f'{len(foreign)} pose files are not annotated and are skipped: {foreign[:5]}')
    if len(both) < len(annotations):
        notes.append(f'{len(annotations) - len(both)} of {len(annotations)} annotated videos have no poses')
    return both, notes


def read_pose_file(
    path: str | Path,
    layout: str | SkeletonLayout,
    source_layout: str | SkeletonLayout = 'coco17',
    max_persons: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Poses of an untrimmed video.

    Args:
        path: NPZ with ``kpts`` (T, V, 2) or (M, T, V, 2), 0 where nobody is seen, or LCRNet++'s JSON.
        layout: Layout of the result.
        source_layout: Layout of an NPZ; LCRNet++'s come in COCO's order, face joints copied from the head.
        max_persons: Persons kept from a file with several.

    Returns:
        Coordinates (M, T, V, 2) in pixels and scores (M, T, V).

    Raises:
        BadClipError: If the file is truncated or foreign, or has other joints.
    """
    if Path(path).suffix == '.json':
        return read_lcrnet_clip(path, 2, max_persons, layout=layout, select='motion')
    with clip_file():
        content = read_arrays(path, _MAX_BYTES)
    if 'kpts' not in content:
        raise BadClipError(f"{path}: expected an NPZ with the array 'kpts', found {shown(sorted(content))}")
    keypoint = real_numbers(content['kpts'], f"{path}: 'kpts'")
    source = get_layout(source_layout)
    if keypoint.ndim == 3:
        keypoint = keypoint[None]
    if keypoint.ndim != 4 or keypoint.shape[2:] != (source.num_joints, 2) or 0 in keypoint.shape:
        raise BadClipError(
            f"{path}: expected 'kpts' (frames, {source.num_joints}, 2) or (persons, frames, "
            f'{source.num_joints}, 2), found {keypoint.shape}'
        )
    if keypoint.shape[1] > MAX_FRAMES:
        raise BadClipError(f'{path}: expected at most {MAX_FRAMES} frames, found {keypoint.shape[1]}')
    score = joint_scores(keypoint)
    return source.mapping_to(get_layout(layout))(keypoint[:max_persons], score[:max_persons])
