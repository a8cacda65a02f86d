"""Trimmed clips of one person chained into long sequences with a label for every frame: real motion,
untrimmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout

#: (height, width) of the image in which chained sequences are placed.
IMG_SHAPE = (480, 640)
_BODY_SHARE = 0.5  # of the image's height, for the median height of a clip's skeleton


def place_clip(keypoint: np.ndarray, score: np.ndarray, img_shape: tuple[int, int] = IMG_SHAPE) -> np.ndarray:
    """Move and scale a clip as a whole, so that clips of different videos continue each other.

    The median height of the skeleton's box becomes half of the image's height, and the median center of the
    box the image's center. This is the same for all frames: motion within the clip is unchanged.

    Args:
        keypoint: (T, V, 2).
        score: (T, V), 0 where a joint is missing; those stay 0.
        img_shape: (H, W).

    Returns:
        (T, V, 2) float32.
    """
    seen = score > 0
    points = np.where(seen[..., None], keypoint, np.nan)
    frames = seen.any(axis=1)
    if not frames.any():
        return np.zeros_like(keypoint, dtype=np.float32)
    low, high = np.nanmin(points[frames], axis=1), np.nanmax(points[frames], axis=1)
    size = np.median((high - low).max(axis=1))
    middle = np.median((low + high) / 2, axis=0)
    scale = _BODY_SHARE * img_shape[0] / max(float(size), 1e-6)
    placed = (keypoint - middle) * scale + np.array([img_shape[1] / 2, img_shape[0] / 2])
    return np.where(seen[..., None], placed, 0).astype(np.float32)


def transition(
    before: np.ndarray, after: np.ndarray, score_before: np.ndarray, score_after: np.ndarray, frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Frames between two poses, eased in and out; a joint that is missing in one of them is missing in
    between.

    Args:
        before: (V, 2) last pose.
        after: (V, 2) next pose.
        score_before, score_after: (V,).
        frames: Number of frames.

    Returns:
        Coordinates (frames, V, 2) and scores (frames, V).
    """
    share = np.arange(1, frames + 1)[:, None, None] / (frames + 1)
    share = share * share * (3 - 2 * share)
    score = np.minimum(score_before, score_after)
    keypoint = np.where(score[:, None] > 0, before + share * (after - before), 0)
    return keypoint.astype(np.float32), np.broadcast_to(score, (frames, len(score))).astype(np.float32)


def chain_clips(
    clips: Sequence[tuple[np.ndarray, np.ndarray, int]],
    gaps: Sequence[int],
    img_shape: tuple[int, int] = IMG_SHAPE,
) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int, int]]]:
    """Chain clips of one person.

    Args:
        clips: Coordinates (T, V, 2), scores (T, V) and class of each.
        gaps: Frames of the transition after each but the last.
        img_shape: (H, W) of the image in which they are placed.

    Returns:
        Coordinates (T', V, 2), scores (T', V), and segments (class, start, end): the clips, not the
        transitions.
    """
    if len(gaps) != len(clips) - 1:
        raise ValueError(f'{len(clips)} clips need {len(clips) - 1} gaps between them, found {len(gaps)}')
    parts, scores, segments, place = [], [], [], 0
    for i, (keypoint, score, label) in enumerate(clips):
        keypoint = place_clip(keypoint, score, img_shape)
        if i:
            between = transition(parts[-1][-1], keypoint[0], scores[-1][-1], score[0], gaps[i - 1])
            parts.append(between[0])
            scores.append(between[1])
            place += gaps[i - 1]
        parts.append(keypoint)
        scores.append(np.asarray(score, np.float32))
        segments.append((int(label), place, place + len(keypoint)))
        place += len(keypoint)
    return np.concatenate(parts), np.concatenate(scores), segments


def chain_split(
    store: SkeletonStore, split: str, clips_per_sequence: int, gap: tuple[int, int], seed: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray, list[tuple[int, int, int]]]]:
    """Chain all clips of a split, each once, in random order; see :func:`chain_clips`.

    Args:
        store: Trimmed clips; if a clip has several persons, the first is used.
        split: Name of the split.
        clips_per_sequence: Clips per sequence; the last sequence has the rest.
        gap: Minimum and maximum frames per transition.
        seed: Seed.
    """
    if clips_per_sequence < 1 or not 0 <= gap[0] <= gap[1]:
        raise ValueError(
            f'expected clips_per_sequence >= 1 and gap rising, found {clips_per_sequence}, {gap}'
        )
    rng = np.random.default_rng(seed)
    rows = rng.permutation(store.split(split))
    for first in range(0, len(rows), clips_per_sequence):
        clips = []
        for row in rows[first : first + clips_per_sequence]:
            clip = store[row]
            clips.append((clip['keypoint'][0], clip['keypoint_score'][0], clip['label']))
        yield chain_clips(clips, rng.integers(gap[0], gap[1] + 1, len(clips) - 1).tolist())


def write_chained(
    source: SkeletonStore,
    root: str | Path,
    clips_per_sequence: int = 12,
    gap: tuple[int, int] = (6, 30),
    seed: int = 0,
    overwrite: bool = False,
) -> int:
    """Write chained sequences of every split of a store into another store.

    Returns:
        The number of sequences.

    Raises:
        StoreError: If the clips are 3D, or ``root`` is their own folder.
    """
    if source.num_channels != 2:
        raise StoreError(
            f'{source.root}: clips in 2D can be chained, these have {source.num_channels} coordinates'
        )
    if Path(root).resolve() == source.root.resolve():
        raise StoreError(f'{root}: expected another folder than that of the clips')
    layout: SkeletonLayout = source.layout
    attributes = dict(
        source=f'{source.attributes.get("source", source.root.name)}, clips chained',
        clips_per_sequence=clips_per_sequence,
        gap=list(gap),
        seed=seed,
    )
    with SkeletonStoreWriter(
        root, layout, source.classes, attributes=attributes, overwrite=overwrite
    ) as writer:
        for number, split in enumerate(source.split_names):
            sequences = chain_split(source, split, clips_per_sequence, gap, (seed, number))
            for i, (keypoint, score, segments) in enumerate(sequences):
                name = f'{split}_{i:04d}'
                if name not in writer:
                    writer.add(name, keypoint[None], score[None], img_shape=IMG_SHAPE, segments=segments)
                writer.add_split(split, [name])
        writer.finish()
        return len(writer)
