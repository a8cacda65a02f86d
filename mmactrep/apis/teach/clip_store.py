"""The store of all clips for training and test, with the splits of each part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.store.format import META_FILE, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout, get_layout

from .cache import key_of
from .poses import ClipPoses
from .settings import LAYOUT, TeachError
from .splits import Part

#: Split of the clips of the final model.
ALL = 'all'


@dataclass(frozen=True, eq=False)
class TeachClip:
    """A clip with its class.

    Args:
        name: Id.
        label: Number of its class.
        keypoint: (M, T, V, 2) pixels.
        score: (M, T, V).
        img_shape: (H, W).
        fps: Frames per second, 0 if unknown.
        video: What clips that must stay together share: the video.
        splits: Splits that were given.
        path: The video's file, if there is one.
    """

    name: str
    label: int
    keypoint: np.ndarray
    score: np.ndarray
    img_shape: tuple[int, int]
    fps: float
    video: str
    splits: tuple[str, ...] = ()
    path: str = ''


def clips_of_videos(found: Sequence[ClipPoses], classes: Sequence[str]) -> list[TeachClip]:
    """The clips in which a body was found."""
    return [
        TeachClip(
            each.outcome.name,
            classes.index(each.outcome.label),
            each.keypoint,
            each.score,
            each.img_shape,
            each.fps,
            each.outcome.video,
            tuple(each.outcome.splits),
            each.outcome.path,
        )
        for each in found
        if each.outcome.kept
    ]


def clips_of_store(root: Path) -> tuple[list[TeachClip], list[str], SkeletonLayout]:
    """The clips of a store of 2D skeletons, its classes, and the layout of the clips.

    Joints are mapped to the layout of the shipped encoders where they can be.

    Raises:
        StoreError: If it cannot be read.
        TeachError: If it is in 3D, or its clips have no classes.
    """
    store = SkeletonStore(root)
    if store.num_channels != 2:
        raise TeachError(
            f'{root}: expected 2D skeletons, found {store.num_channels}D; train on these with '
            'configs/_base_/recipes/own_skeletons_3d.py (docs/tutorials/own-skeletons.md)'
        )
    if (np.asarray(store.labels) < 0).any():
        raise TeachError(f'{root}: {int((np.asarray(store.labels) < 0).sum())} clips have no class')
    target, mapping = get_layout(LAYOUT), None
    if store.layout != target:
        try:
            mapping = store.layout.mapping_to(target)
        except ValueError:
            target = store.layout
    splits: dict[int, list[str]] = {}
    for name in store.split_names:
        for row in np.asarray(store.split(name)).tolist():
            splits.setdefault(row, []).append(name)
    clips = []
    for row in range(len(store)):
        clip = store[row]
        keypoint, score = clip['keypoint'], clip['keypoint_score']
        if mapping is not None:
            keypoint, score = mapping(keypoint, score)
        name = clip['frame_dir']
        clips.append(
            TeachClip(
                name, clip['label'], keypoint, score, clip['img_shape'], clip['fps'], name,
                tuple(splits.get(row, ())),
            )
        )  # fmt: skip
    return clips, list(store.classes), target


def write_clip_store(
    root: Path,
    clips: Sequence[TeachClip],
    classes: Sequence[str],
    layout: SkeletonLayout,
    parts: Sequence[Part],
) -> Path:
    """Write the store, unless the one that is there has the same content.

    Splits are ``all``, and for each part its name with ``_train`` and ``_test``.
    """
    told = [
        [clip.name, clip.label, clip.img_shape, clip.fps, _digest(clip.keypoint), _digest(clip.score)]
        for clip in clips
    ]
    content = [told, list(classes), layout.name, [[p.name, p.train.tolist(), p.test.tolist()] for p in parts]]
    attributes = dict(source=root.parent.parent.name, key=key_of(content))
    meta = root / META_FILE
    if meta.is_file() and json.loads(meta.read_text(encoding='utf-8')).get('attributes') == attributes:
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(root, clips, classes, layout, parts, attributes)
    except StoreError:  # an unfinished store of other clips
        import shutil

        shutil.rmtree(root.with_name(f'{root.name}.partial'), ignore_errors=True)
        _write(root, clips, classes, layout, parts, attributes)
    return root


def _digest(values: np.ndarray) -> str:
    content = np.ascontiguousarray(values)
    return hashlib.sha256(f'{content.dtype} {content.shape}'.encode() + content.tobytes()).hexdigest()


def _write(root, clips, classes, layout, parts, attributes) -> None:
    with SkeletonStoreWriter(root, layout, classes, attributes=attributes, overwrite=True) as writer:
        for clip in clips:
            if clip.name not in writer:
                writer.add(clip.name, clip.keypoint, clip.score, clip.label, clip.img_shape, clip.fps or None)
        for name, rows in _splits(clips, parts):
            writer.add_split(name, [clips[row].name for row in rows])
        writer.finish()


def _splits(clips: Sequence[TeachClip], parts: Sequence[Part]) -> Iterator[tuple[str, Sequence[int]]]:
    yield ALL, range(len(clips))
    for part in parts:
        yield f'{part.name}_train', part.train.tolist()
        yield f'{part.name}_test', part.test.tolist()
