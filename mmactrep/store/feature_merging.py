"""Merging the feature stores that processes and machines wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .feature_store import FeatureStore
from .feature_writer import FeatureStoreWriter
from .shards import sound_parts

_SAME = ('teacher', 'kind', 'dimension', 'dtype')


def merge_feature_stores(
    parts: Sequence[Path], root: Path, overwrite: bool = False, checksums: bool = True
) -> FeatureStore:
    """Concatenate feature stores after checking them; a killed merge is resumed by calling again.

    The merged features of a run's shards are, byte for byte, those of a run without shards.

    Args:
        parts: Folders of stores, in order; for shards also the ``.empty`` files of those without clips.
        root: Folder of the new store.
        overwrite: Replace a finished feature store once the new one is complete.
        checksums: Compare the checksums of all files, and read all values, before anything is written.

    Raises:
        StoreError: See :func:`~mmactrep.store.shards.sound_parts`.
    """
    stores, attributes = sound_parts(parts, root, _SAME, checksums)
    first = stores[0][1]
    with FeatureStoreWriter(
        root, first.teacher, first.kind, first.dimension, attributes, overwrite=overwrite
    ) as writer:
        for _, store in stores:
            for clip_id in store.ids_as_written():
                if clip_id not in writer:
                    writer.add(clip_id, store.features(clip_id), store.category(clip_id))
        writer.finish()
    return FeatureStore(root)
