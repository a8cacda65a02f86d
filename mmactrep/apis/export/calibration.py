"""Clips that set the ranges of eight-bit activations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmactrep.apis.recognizer import ActionRecognizer
from mmactrep.store import SkeletonStore


def calibration_clips(
    recognizer: ActionRecognizer, store: str | Path, count: int, split: str = 'train'
) -> Iterator[np.ndarray]:
    """Inputs (n, M, T, V, C) of clips of a split, evenly spaced.

    Args:
        recognizer: Its pipeline is applied.
        store: Folder of the store.
        count: Most clips.
        split: The split; all clips if the store has none of this name.

    Raises:
        UserError: If there is no such store, or a clip does not fit the model.
    """
    opened = SkeletonStore(store)
    rows = np.asarray(opened.split(split) if split in opened.split_names else np.arange(len(opened)))
    for row in rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int))]:
        yield recognizer.prepare(dict(opened[int(row)], layout=opened.layout))['inputs'].float().numpy()
