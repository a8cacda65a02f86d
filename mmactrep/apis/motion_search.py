"""Search among the clips of a store by a sentence; motions are embedded once and kept beside the store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmactrep.store.feature_format import default_feature_root
from mmactrep.store.feature_store import FeatureStore
from mmactrep.store.feature_writer import FeatureStoreWriter
from mmactrep.store.format import META_FILE
from mmactrep.store.reader import SkeletonStore

from .feature_extraction.writing import FeatureReport, write_features
from .recognizer import ActionRecognizer
from .text_labels import text_head_of

KIND = 'motion'


@dataclass(frozen=True)
class _Embedder:
    """What the store of embedded motions records in the place of a teacher."""

    name: str
    dimension: int


@dataclass(frozen=True)
class Hit:
    """A clip that was found.

    Args:
        row: Its row in the store.
        clip_id: Its name.
        score: Cosine of motion and text.
    """

    row: int
    clip_id: str
    score: float


def embedded_store(
    store: SkeletonStore,
    recognizer: ActionRecognizer,
    root: str | Path | None = None,
    batch_size: int = 64,
    progress: bool = True,
) -> FeatureStore:
    """φ_M(E_M) of every clip of a store, from beside it or, where it is not there yet, computed.

    What is there is taken only if the weights of the checkpoint, its config and the clips are the same; it is
    replaced otherwise. An interrupted computation is continued.

    Args:
        store: The clips, all persons of each together.
        recognizer: With a text head.
        root: Folder of the embedded motions. Default: ``STORE_features/CHECKPOINT_motion``.
        batch_size: Clips at once.
        progress: Show a progress bar.

    Raises:
        InferenceError: If the recognizer has no text head, or the clips do not fit it.
        StoreError: If the store is damaged, or an unfinished computation was begun with other settings.
        OSError: If the folder cannot be written.
    """
    width = text_head_of(recognizer.model, recognizer.weights).neck.out_channels
    embedder = _Embedder(Path(recognizer.weights).stem, width)
    root = Path(root) if root is not None else default_feature_root(store.root, embedder.name, KIND)
    origin = dict(
        clips=_digest(store.meta['checksums']),
        weights=hashlib.sha256(Path(recognizer.weights).read_bytes()).hexdigest(),
        config=_digest(recognizer.cfg.to_dict()),
    )

    def fill(writer: FeatureStoreWriter, report: FeatureReport) -> None:
        rows = [row for row in range(len(store)) if store.ids[row] not in writer]
        for first in tqdm(range(0, len(rows), batch_size), unit='batch', desc=KIND, disable=not progress):
            batch = rows[first : first + batch_size]
            embedded = recognizer.embed([store[row] for row in batch], batch_size)
            for row, features in zip(batch, embedded):
                writer.add(store.ids[row], features)

    outdated = (root / META_FILE).is_file() and FeatureStore(root).attributes != origin
    write_features(root, embedder, KIND, origin, len(store), fill, overwrite=outdated)
    return FeatureStore(root)


def search(
    store: SkeletonStore,
    motions: FeatureStore,
    sentence: np.ndarray,
    top: int = 10,
    rows: np.ndarray | None = None,
) -> list[Hit]:
    """The clips whose motions are nearest to a sentence, the best first.

    Args:
        store: The clips.
        motions: Of :func:`embedded_store`.
        sentence: (D_p,) unit vector.
        top: Number of clips.
        rows: Rows of the clips to search, for example those of a split. Default: all.
    """
    scores = motions.first_features().astype(np.float32) @ np.asarray(sentence, np.float32)
    order = np.argsort(-scores, kind='stable')
    kept = None if rows is None else set(np.asarray(rows).tolist())
    hits: list[Hit] = []
    for place in order.tolist():
        clip_id = motions.ids[place]
        row = store.find(clip_id)
        if kept is None or row in kept:
            hits.append(Hit(row, clip_id, float(scores[place])))
        if len(hits) == top:
            break
    return hits


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
