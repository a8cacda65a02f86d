"""Reading a whole store to find out whether it is intact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from . import format as fmt
from .contents import StoreContents, decoded_id
from .names import clip_id_problem

_CHUNK_ROWS = 1 << 16


def find_problems(store: StoreContents, checksums: bool = True) -> list[str]:
    """List what is wrong with a store, in plain sentences that name the file and the clip.

    Args:
        store: The store.
        checksums: Also compare the checksums of all files.
    """
    problems = [*_index_problems(store), *_order_problems(store), *_split_problems(store)]
    problems += _value_problems(store)
    if checksums:
        problems += checksum_problems(store.root, store.description)
    return problems


def checksum_problems(root: Path, description: Mapping) -> Iterator[str]:
    """Files of a store that are absent or differ from their checksums."""
    for name, expected in description['checksums'].items():
        path = root / name
        if not path.is_file():
            yield f'{name}: missing'
        elif fmt.sha256(path) != expected:
            yield f'{name}: checksum differs, the file was changed or damaged'


def id_problems(names: np.ndarray, file: str) -> Iterator[str]:
    """Names that repeat, are out of order, or that no clip may have.

    Args:
        names: (clips,) names in UTF-8, which should be in their byte order.
        file: Name of their file.
    """
    unordered = names[1:] <= names[:-1]
    if unordered.any():
        where = names[int(np.argmax(unordered)) + 1].decode(errors='backslashreplace')
        yield f"{file}: clip '{where}' repeats or is out of order"
    for entry in range(len(names)):
        try:
            problem = clip_id_problem(decoded_id(names, entry, file))
        except fmt.StoreError as error:
            problem = str(error)
        if problem:
            yield problem if str(file) in problem else f'{file}: {problem}'
            break


def _index_problems(store: StoreContents) -> Iterator[str]:
    index, classes = store.index, store.description['classes']
    checks = {
        'label': (
            (index['label'] < fmt.UNLABELLED) | (index['label'] >= len(classes)),
            f'outside the {len(classes)} classes',
        ),
        'height': (index['height'] < 0, 'expected 0 or more'),
        'width': (index['width'] < 0, 'expected 0 or more'),
        'fps': (~(np.isfinite(index['fps']) & (index['fps'] >= 0)), 'expected 0 or more'),
    }
    for field, (bad, why) in checks.items():
        if bad.any():
            row = int(np.argmax(bad))
            yield f"index: clip '{_name(store, row)}' has {field} {index[field][row]} {why}"
    for row in range(store.num_clips):
        problem = _refusal(partial(store.clip_id, row)) or clip_id_problem(_name(store, row))
        if problem:
            yield f'index: {problem}'
            break


def _order_problems(store: StoreContents) -> Iterator[str]:
    try:
        order = store.id_order
    except fmt.StoreError as error:
        yield str(error)
        return
    ids = store.index['id'][order]
    if len(np.unique(store.index['id'])) != store.num_clips:
        yield 'index: clip ids repeat'
    elif not (ids[1:] > ids[:-1]).all():
        yield f'{fmt.ID_ORDER_FILE}: not the order of the clip ids'


def _split_problems(store: StoreContents) -> Iterator[str]:
    reads = [partial(store.split, name) for name in store.description['splits']]
    for read in (*reads, lambda: store.segments):
        problem = _refusal(read)
        if problem:
            yield problem


def _refusal(read: Callable) -> str | None:
    """Why something cannot be read, if it cannot."""
    try:
        read()
    except fmt.StoreError as error:
        return str(error)
    return None


def _value_problems(store: StoreContents) -> Iterator[str]:
    """One problem per chunk of rows: the first clip in it with invalid values."""
    starts = store.index['start']
    for first in range(0, store.description['num_rows'], _CHUNK_ROWS):
        keypoint = np.asarray(store.keypoint[first : first + _CHUNK_ROWS])
        score = None if store.score is None else np.asarray(store.score[first : first + _CHUNK_ROWS])
        bad = bad_rows(keypoint, score)
        if bad.any():
            clip = int(np.searchsorted(starts, first + int(np.argmax(bad)), side='right')) - 1
            yield (
                f"keypoint: clip '{_name(store, clip)}' holds values that are not finite, scores below 0, "
                'or coordinates of a joint with score 0'
            )


def bad_rows(keypoint: np.ndarray, score: np.ndarray | None) -> np.ndarray:
    """Rows with values that no writer wrote: not finite, negative scores, coordinates of missing joints.

    Args:
        keypoint: (rows, V, C).
        score: (rows, V), or None.
    """
    bad = ~np.isfinite(keypoint).all(axis=(1, 2))
    if score is not None:
        bad |= ~(np.isfinite(score) & (score >= 0)).all(axis=1)
        bad |= ((score <= 0) & (keypoint != 0).any(axis=2)).any(axis=1)
    return bad


def _name(store: StoreContents, row: int) -> str:
    return store.index['id'][row].decode(errors='backslashreplace')
