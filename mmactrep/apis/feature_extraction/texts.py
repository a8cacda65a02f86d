"""From the sentences about the clips of a store to a store of their features."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from mmactrep.store.feature_writer import FeatureStoreWriter
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.shards import Shard

from .sentences import ClipSentences
from .writing import FeatureReport, write_features

if TYPE_CHECKING:
    from mmactrep.models.teachers import TextTeacher

# Features that are kept in memory: 100 MB of 768 channels in half precision.
_KEPT = 1 << 16


def extract_text_features(
    store: SkeletonStore,
    sentences: ClipSentences,
    teacher: TextTeacher,
    root: str | os.PathLike,
    *,
    shard: Shard | None = None,
    attributes: Mapping | None = None,
    batch_size: int = 256,
    overwrite: bool = False,
    progress: bool = True,
) -> FeatureReport:
    """Write the features of the sentences about each clip, resuming an unfinished attempt where it stopped.

    Clips with the same sentences share their features. Whatever killed the attempts before, and however many
    shards are merged, the store is the same byte for byte.

    Args:
        store: The clips.
        sentences: What is said of them; clips of which nothing is said have no entry.
        teacher: Encoder of sentences.
        root: Folder of the feature store; a shard's store is next to it, see :meth:`Shard.root`.
        shard: The part of this process. Default: all.
        attributes: What the store records about its origin, besides the clips and sentences.
        batch_size: Different sentences that are encoded at once.
        overwrite: Replace a finished store once the new one is complete.
        progress: Show a progress bar.

    Raises:
        FileExistsError: If there is a finished store of other sentences, and ``overwrite`` is off.
        StoreError: See :func:`~mmactrep.apis.feature_extraction.writing.write_features`.
        BadClipError: If the teacher's features do not fit its dimension or half precision.
    """
    rows = (shard or Shard()).of(range(len(store)))
    origin = dict(
        attributes or {},
        clips=store.meta['checksums']['index.npy'],
        sentences=sentences.checksum,
        batch_size=batch_size,
    )

    def fill(writer: FeatureStoreWriter, report: FeatureReport) -> None:
        begin = time.perf_counter()
        encode = SentenceEncoder(teacher, sentences.all(), batch_size)
        for row in tqdm(rows, unit='clip', desc='text', disable=not progress, mininterval=0.5):
            clip_id = store.ids[row]
            said, category = sentences.of(row)
            if said and clip_id not in writer:
                writer.add(clip_id, encode(said), category)
        report.seconds = dict(text=time.perf_counter() - begin)

    return write_features(root, teacher, 'text', origin, len(rows), fill, shard, overwrite)


class SentenceEncoder:
    """Features of sentences that are encoded in fixed batches, each of them about once.

    A feature depends a little on what else is in its batch. Here, sentences are together with those that are
    next to them in the list of all, whichever are asked for first: features do not depend on where an attempt
    was resumed or how the clips were divided.

    Args:
        teacher: Encoder of sentences.
        sentences: All sentences that will be asked for, repeated ones counting once.
        batch_size: Sentences of a batch.
    """

    def __init__(self, teacher: TextTeacher, sentences: Iterable[str], batch_size: int = 256) -> None:
        self._teacher = teacher
        self._places = {sentence: place for place, sentence in enumerate(dict.fromkeys(sentences))}
        self._sentences = list(self._places)
        self._batch_size = batch_size
        self._batch = functools.lru_cache(max(1, _KEPT // batch_size))(self._encoded)

    def __call__(self, sentences: Sequence[str]) -> np.ndarray:
        """(n, D) float32 features of some of the sentences."""
        places = [divmod(self._places[sentence], self._batch_size) for sentence in sentences]
        return np.stack([self._batch(batch)[row] for batch, row in places])

    def _encoded(self, number: int) -> np.ndarray:
        start = number * self._batch_size
        features = self._teacher.encode(self._sentences[start : start + self._batch_size])
        return features.detach().cpu().numpy()
