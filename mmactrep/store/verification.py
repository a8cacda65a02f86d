"""Reading a whole store to find out whether it is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import format as fmt

if TYPE_CHECKING:
    from .reader import SkeletonStore

_CHUNK_ROWS = 1 << 16


def find_problems(store: SkeletonStore, checksums: bool = True) -> list[str]:
    """List what is wrong with a store, in plain sentences that name the file and the clip.

    Args:
        store: The store.
        checksums: Also compare the checksums of all files.
    """
    problems = _index_problems(store) + _split_problems(store) + _segment_problems(store)
    problems += _value_problems(store)
    if checksums:
        problems += _checksum_problems(store)
    return problems


def _checksum_problems(store: SkeletonStore) -> list[str]:
    problems = []
    for name, expected in store.meta['checksums'].items():
        path = store.root / name
        if not path.is_file():
            problems.append(f'{name}: missing')
        elif fmt.sha256(path) != expected:
            problems.append(f'{name}: checksum differs, the file was changed or damaged')
    return problems


def _index_problems(store: SkeletonStore) -> list[str]:
    index, problems = store.index, []
    rows = index['persons'].astype(np.int64) * index['frames']
    if (rows <= 0).any():
        problems.append(f"index: clip '{store.ids[int(np.argmax(rows <= 0))]}' is empty")
    if not np.array_equal(index['start'], np.concatenate([[0], np.cumsum(rows)[:-1]])):
        problems.append('index: clips do not follow one another')
    if rows.sum() != store.meta['num_rows']:
        problems.append(f'index: clips cover {rows.sum()} rows of {store.meta["num_rows"]}')
    outside = (index['label'] < fmt.UNLABELLED) | (index['label'] >= len(store.classes))
    if outside.any():
        clip = int(np.argmax(outside))
        problems.append(
            f"index: clip '{store.ids[clip]}' has label {index['label'][clip]} "
            f'outside the {len(store.classes)} classes'
        )
    if len(np.unique(index['id'])) != len(index):
        problems.append('index: clip ids repeat')
    return problems


def _split_problems(store: SkeletonStore) -> list[str]:
    problems = []
    for name, count in store.meta['splits'].items():
        try:
            found = len(store.split(name))
        except fmt.StoreError as error:
            problems.append(str(error))
            continue
        if found != count:
            problems.append(f"split '{name}': expected {count} clips, found {found}")
    return problems


def _segment_problems(store: SkeletonStore) -> list[str]:
    segments = store._segments
    if not len(segments):
        return []
    clip = segments['clip']
    if (np.diff(clip) < 0).any() or clip.min() < 0 or clip.max() >= len(store):
        return ['segments: not ordered by clip, or of clips outside the store']
    frames = store.index['frames'][clip]
    bad = (segments['start'] < 0) | (segments['end'] > frames) | (segments['end'] <= segments['start'])
    bad |= (segments['label'] < 0) | (segments['label'] >= len(store.classes))
    return [
        f"segments: {segments[i].item()[1:]} does not fit clip '{store.ids[int(clip[i])]}'"
        for i in np.flatnonzero(bad)[:5]
    ]


def _value_problems(store: SkeletonStore) -> list[str]:
    problems = []
    starts = store.index['start']
    for first in range(0, store.meta['num_rows'], _CHUNK_ROWS):
        keypoint = np.asarray(store._keypoint[first : first + _CHUNK_ROWS])
        bad = ~np.isfinite(keypoint).all(axis=(1, 2))
        if store._score is not None:
            score = np.asarray(store._score[first : first + _CHUNK_ROWS])
            bad |= ~np.isfinite(score).all(axis=1)
            bad |= ((score <= 0) & (keypoint != 0).any(axis=2)).any(axis=1)
        if bad.any():
            row = first + int(np.argmax(bad))
            clip = int(np.searchsorted(starts, row, side='right')) - 1
            problems.append(
                f"keypoint: clip '{store.ids[clip]}' holds values that are not finite, "
                'or coordinates of a joint with score 0'
            )
    return problems
