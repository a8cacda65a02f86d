"""Dense annotation of untrimmed videos as TSU and Charades publish it, and the pose files beside it.

``{video: {"subset": "training" or "testing", "duration": ..., "actions": [[class, start, end], ...]}}``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.store.format import BadClipError
from mmactrep.structures import get_layout

from .lcrnet_json import read_lcrnet_clip

POSE_SUFFIXES = ('.npz', '.json')


@dataclass(frozen=True)
class DenseAnnotation:
    """What is said of one video.

    Args:
        subset: ``'training'`` or ``'testing'``.
        duration: Length of the video, in the unit of the actions.
        actions: (class, start, end), in frames (TSU) or seconds (Charades).
    """

    subset: str
    duration: float
    actions: tuple[tuple[int, float, float], ...]


def load_dense_annotation(path: str | Path) -> dict[str, DenseAnnotation]:
    """Read an annotation file.

    Raises:
        ValueError: If the file is no such JSON; the message names the video.
        OSError: If it cannot be read.
    """
    try:
        content = json.loads(Path(path).read_text(encoding='utf-8'))
    except ValueError as error:
        raise ValueError(f'{path}: truncated or foreign JSON: {error}') from error
    if not isinstance(content, dict) or not content:
        raise ValueError(f'{path}: expected {{video: {{"subset", "duration", "actions"}}}}')
    found = {}
    for video, entry in content.items():
        try:
            subset, duration = entry['subset'], float(entry['duration'])
            actions = tuple((int(label), float(start), float(end)) for label, start, end in entry['actions'])
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(
                f"{path}: video '{video}': expected subset, duration and actions [class, start, end], found "
                f'{str(entry)[:80]}'
            ) from error
        numbers = [duration, *(value for _, *span in actions for value in span)]
        if subset not in ('training', 'testing') or not np.isfinite(numbers).all() or duration <= 0:
            raise ValueError(
                f"{path}: video '{video}': expected subset 'training' or 'testing' and finite times, found "
                f'{subset!r}, duration {duration}'
            )
        found[video] = DenseAnnotation(subset, duration, actions)
    return found


def count_classes(annotations: dict[str, DenseAnnotation]) -> int:
    """One more than the highest class that occurs."""
    return 1 + max((label for entry in annotations.values() for label, *_ in entry.actions), default=-1)


def check_class_count(
    names: Sequence[str], annotations: dict[str, DenseAnnotation], path: str | Path
) -> None:
    """Refuse class names that are too few for the annotation.

    Raises:
        ValueError: If so.
    """
    if count_classes(annotations) > len(names):
        raise ValueError(
            f'{path}: actions name class {count_classes(annotations) - 1} of {len(names)} classes'
        )


def frame_segments(
    actions: Sequence[tuple[int, float, float]], num_frames: int, fps: float = 1.0
) -> list[tuple[int, int, int]]:
    """Actions as segments of frames; frame t stands for the time t / fps, and is in [start, end).

    Args:
        actions: (class, start, end), in frames (``fps=1``) or seconds.
        num_frames: Frames of the video; what lies beyond is cut off.
        fps: Frames a second.

    Returns:
        (class, first frame, frame after the last one). Actions without a frame are left out: TSU annotates a
        few that end where they start.
    """
    segments = []
    for label, start, end in actions:
        # times that are a frame's own but for rounding stay on that frame
        first, last = (math.ceil(round(value * fps, 4)) for value in (start, end))
        first, last = max(first, 0), min(last, num_frames)
        if first < last:
            segments.append((label, first, last))
    return segments


def find_pose_files(root: str | Path, annotation: str | Path | None = None) -> dict[str, Path]:
    """Pose files of a folder (``.npz``, ``.json``) by video, which is their name up to the first underscore.

    Args:
        root: The folder.
        annotation: A file that may lie among them and is none.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If two files belong to one video.
    """
    root = Path(root)
    paths = sorted(p for p in root.glob('*') if p.suffix in POSE_SUFFIXES) if root.is_dir() else []
    found: dict[str, Path] = {}
    for path in paths:
        if annotation is not None and path.resolve() == Path(annotation).resolve():
            continue
        video = path.stem.split('_')[0]
        if video in found:
            raise ValueError(f"{root}: two pose files for video '{video}': {found[video].name}, {path.name}")
        found[video] = path
    if not found:
        raise FileNotFoundError(f'{root}: no pose files ({", ".join(POSE_SUFFIXES)}); expected one a video')
    return found


def select_videos(
    files: dict[str, Path], annotations: dict[str, DenseAnnotation], annotation_path: str | Path
) -> tuple[list[str], list[str]]:
    """Videos that have both a pose file and an annotation, and notes on the others.

    Raises:
        ValueError: If there is none.
    """
    both = [video for video in sorted(files) if video in annotations]
    if not both:
        raise ValueError(
            f'{annotation_path}: names none of the {len(files)} videos with pose files, such as '
            f"'{next(iter(files))}'"
        )
    notes = []
    if len(both) < len(files):
        foreign = sorted(set(files) - set(both))
        notes.append(f'{len(foreign)} pose files are not annotated and left out: {foreign[:5]}')
    if len(both) < len(annotations):
        notes.append(f'{len(annotations) - len(both)} of {len(annotations)} annotated videos have no poses')
    return both, notes


def read_pose_file(
    path: str | Path, layout: str, source_layout: str = 'coco17', max_persons: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Poses of an untrimmed video.

    Args:
        path: NPZ with ``kpts`` (T, V, 2) or (M, T, V, 2), 0 where nobody is seen, or LCRNet++'s JSON.
        layout: Layout wanted.
        source_layout: Layout of an NPZ; LCRNet++'s come in COCO's order, face joints copied from the head.
        max_persons: Persons kept of a file with several.

    Returns:
        Coordinates (M, T, V, 2) in pixels and scores (M, T, V).

    Raises:
        BadClipError: If the file is truncated or foreign, or has other joints.
    """
    if Path(path).suffix == '.json':
        return read_lcrnet_clip(path, 2, max_persons, layout=layout, select='motion')
    try:
        with np.load(path, allow_pickle=False) as content:
            keypoint = np.asarray(content['kpts'], np.float32)
    except Exception as error:  # zipfile and numpy raise whatever foreign bytes lead them to
        raise BadClipError(f"{path}: expected an NPZ with the array 'kpts' ({error})") from error
    source = get_layout(source_layout)
    if keypoint.ndim == 3:
        keypoint = keypoint[None]
    if keypoint.ndim != 4 or keypoint.shape[2:] != (source.num_joints, 2) or 0 in keypoint.shape:
        raise BadClipError(
            f"{path}: expected 'kpts' (frames, {source.num_joints}, 2) or (persons, frames, "
            f'{source.num_joints}, 2), found {keypoint.shape}'
        )
    score = np.any(keypoint != 0, axis=-1).astype(np.float32)
    return source.mapping_to(get_layout(layout))(keypoint[:max_persons], score[:max_persons])
