"""The entries of mmaction2's annotation files, checked key by key before they are used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmactrep.files import shown
from mmactrep.store.format import BadClipError

from .conversion import MAX_CLASSES, MAX_FRAMES, MAX_PERSONS, ConversionError, is_whole_number
from .pickle_globals import LazyArray

_MAX_LENGTH = 1 << 16  # pixels


@dataclass(frozen=True)
class Annotation:
    """A file's entry for one clip, checked: nothing else of the file is passed on.

    Args:
        name: Name of the clip.
        label: Its class.
        keypoint: (M, T, V, C), still in the file.
        score: (M, T, V), still in the file, or None.
        img_shape: (height, width), (0, 0) where unknown.
    """

    name: str
    label: int
    keypoint: LazyArray
    score: LazyArray | None
    img_shape: tuple[int, int]


def read_parts(path: Path, content: Any) -> tuple[list[dict], dict[str, list[str]]]:
    """Annotations, and clip names by split, of a file's content.

    Raises:
        ConversionError: If it is of another form.
    """
    entries, splits = content, {}
    if isinstance(content, dict):
        entries, splits = content.get('annotations'), content.get('split', {})
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        found = [*content] if isinstance(content, dict) else type(content).__name__
        raise ConversionError(
            f'{path}: expected a list of annotations, or dict(split=..., annotations=[...]); found '
            f'{found if isinstance(found, str) else shown(found)}'
        )
    if not isinstance(splits, dict) or not all(
        isinstance(name, str) and isinstance(ids, (list, tuple, set)) for name, ids in splits.items()
    ):
        raise ConversionError(f"{path}: expected 'split' to be {{name: [clip names]}}")
    found = {}
    for split, ids in splits.items():
        found[split] = [_text(clip_id) for clip_id in ids]
        if None in found[split]:
            raise ConversionError(f'{path}: split {shown(split)} contains something that is not a clip name')
    return entries, found


def read_entry(entry: dict, name: str, path: Path) -> Annotation:
    """What is kept of an annotation; its arrays stay in the file.

    Raises:
        BadClipError: If a key is absent or has an invalid value.
    """
    where = clip_place(path, name)
    keypoint, score = entry.get('keypoint'), entry.get('keypoint_score')
    if not isinstance(keypoint, LazyArray):
        raise BadClipError(
            f"{where}: expected an array 'keypoint', found {shown([*entry])}; files that keep their "
            'keypoints elsewhere, like those of Kinetics, are not supported'
        )
    shape = keypoint.shape
    if len(shape) != 4 or shape[3] not in (2, 3):
        raise BadClipError(f'{where}: expected keypoints (M, T, V, 2) or (M, T, V, 3), found {shown(shape)}')
    if not (1 <= shape[0] <= MAX_PERSONS and 1 <= shape[1] <= MAX_FRAMES):
        raise BadClipError(
            f'{where}: expected 1 to {MAX_PERSONS} persons and 1 to {MAX_FRAMES} frames, found {shown(shape)}'
        )
    if score is not None and not isinstance(score, LazyArray):
        raise BadClipError(f"{where}: expected an array 'keypoint_score', found {shown(score)}")
    frames = entry.get('total_frames', shape[1])
    if frames != shape[1]:
        raise BadClipError(f'{where}: expected {shown(frames)} frames, found {shape[1]}')
    label = entry.get('label')
    if not isinstance(label, int) or isinstance(label, bool):
        raise BadClipError(f"{where}: expected a whole number as 'label', found {shown(label)}")
    if not 0 <= label < MAX_CLASSES:
        raise BadClipError(f'{where}: label {shown(label)} is not one of 0 to {MAX_CLASSES - 1}')
    return Annotation(name, label, keypoint, score, _img_shape(entry.get('img_shape'), where))


def _img_shape(value: Any, where: str) -> tuple[int, int]:
    if value is None:
        return 0, 0
    if (
        not isinstance(value, (list, tuple))
        or len(value) < 2
        or not all(is_whole_number(length, 1, _MAX_LENGTH) for length in value[:2])
    ):
        raise BadClipError(f"{where}: expected 'img_shape' (height, width) in pixels, found {shown(value)}")
    return value[0], value[1]


def entry_name(entry: dict) -> str | None:
    """Name of an annotation's clip, None if it has none."""
    # mmaction2's own order: its data set looks for 'filename' first
    filename = entry.get('filename')
    return _text(entry.get('frame_dir') if filename is None or filename == '' else filename)


def _text(value: Any) -> str | None:
    """A clip's name, which may be a whole number; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**18 else None
    return value if isinstance(value, str) and value else None


def clip_place(path: str | Path, name: str) -> str:
    """File and clip, for messages."""
    return f"{path}: clip '{name[:200]}'"
