"""Merging the skeleton stores that processes and machines wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mmactrep.store.description import format_of
from mmactrep.store.feature_merging import merge_feature_stores
from mmactrep.store.feature_store import FeatureStore
from mmactrep.store.format import FEATURE_FORMAT
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.shards import EMPTY, sound_parts
from mmactrep.store.writer import SkeletonStoreWriter

from .report import LOG_FILE, entries_of, log_of

_SAME = ('layout', 'classes', 'num_channels', 'with_score', 'dtype')


def merge_stores(
    parts: Sequence[Path], root: Path, overwrite: bool = False, checksums: bool = True
) -> SkeletonStore | FeatureStore:
    """Concatenate stores after checking them; a killed merge is resumed by calling again.

    Stores of features are merged by :func:`~mmactrep.store.feature_merging.merge_feature_stores`.

    The merged clips of a run's shards are, byte for byte, those of a run without shards.

    Args:
        parts: Folders of stores, in order; for shards also the ``.empty`` files of those without clips.
        root: Folder of the new store.
        overwrite: Replace a finished store once the new one is complete.
        checksums: Compare the checksums of all files, and read all values, before anything is written.

    Returns:
        The store.

    Raises:
        StoreError: If a part is not intact or differs from the first in layout, classes, settings or origin,
            if shards of a run are absent or not in order, or a clip is in two parts.
    """
    if any(format_of(path) == FEATURE_FORMAT for path in parts):
        return merge_feature_stores(parts, root, overwrite, checksums)
    stores, attributes = sound_parts(parts, root, _SAME, checksums)
    logs = [log_of(part.with_name(part.name.removesuffix(EMPTY))) for part in parts]
    meta = stores[0][1].meta
    with SkeletonStoreWriter(
        root,
        meta['layout'],
        classes=meta['classes'],
        num_channels=meta['num_channels'],
        with_score=meta['with_score'],
        dtype=meta['dtype'],
        attributes=attributes,
        overwrite=overwrite,
    ) as writer:
        for _, store in stores:
            _copy(store, writer)
        if any(log.exists() for log in logs):
            with open(writer.partial / LOG_FILE, 'w', encoding='utf-8') as file:
                file.writelines(entry.line for log in logs for entry in entries_of(log))
        writer.finish()
    return SkeletonStore(root)


def _copy(store: SkeletonStore, writer: SkeletonStoreWriter) -> None:
    for row, clip_id in enumerate(store.ids):
        if clip_id in writer:
            continue
        clip = store[row]
        writer.add(
            clip_id,
            clip['keypoint'],
            clip['keypoint_score'],
            clip['label'],
            clip['img_shape'],
            clip['fps'],
            [(int(s['label']), int(s['start']), int(s['end'])) for s in store.segments(row)],
        )
    for name in store.split_names:
        writer.add_split(name, [store.ids[row] for row in store.split(name)])
