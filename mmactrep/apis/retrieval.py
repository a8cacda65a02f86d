"""Embedded clips and embedded sentences about them, to measure retrieval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.registry import init_default_scope

from mmactrep.engine.composed_config import compose_config
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.store.feature_store import FeatureStore
from mmactrep.store.reader import SkeletonStore

from .recognizer import ActionRecognizer
from .text_labels import text_head_of
from .zero_shot import embedded_motions, features_of_clip


def clips_of_store(
    root: str | Path, split: str, recognizer: ActionRecognizer, texts: FeatureStore, batch_size: int = 64
) -> tuple[list[str], np.ndarray]:
    """Names of the clips of a split that have a text, and their embeddings (n, D_p).

    Raises:
        StoreError: If there is no such store or split.
        InferenceError: If no clip has a text, or clips do not fit the recognizer.
    """
    store = SkeletonStore(root)
    rows = [row for row in store.split(split).tolist() if store.ids[row] in texts]
    if not rows:
        raise InferenceError(f"{texts.root}: no clip of split '{split}' of {root} has a text in it")
    parts = [rows[first : first + batch_size] for first in range(0, len(rows), batch_size)]
    embedded = [recognizer.embed([store[row] for row in part], batch_size) for part in parts]
    return [store.ids[row] for row in rows], np.concatenate(embedded)


def clips_of_config(
    path: str,
    split: str,
    recognizer: ActionRecognizer,
    batch_size: int = 64,
    overlays: Sequence[str] = (),
    options: Mapping | None = None,
) -> tuple[list[str], np.ndarray]:
    """Names and embeddings (n, D_p) of the clips of a config's split, 'train' or 'test'.

    Raises:
        InferenceError: If it is another split; see also :func:`~mmactrep.apis.zero_shot.embedded_motions`.
    """
    if split not in ('train', 'test'):
        raise InferenceError(f"{path}: a config has the splits 'train' and 'test', found '{split}'")
    cfg = compose_config(path, overlays, options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    (clips,) = embedded_motions(cfg, recognizer, [split], batch_size)
    lengths = np.linalg.norm(clips.features, axis=1, keepdims=True)
    return list(clips.names), clips.features / np.maximum(lengths, 1e-12)


def sentences_of(
    names: Sequence[str], texts: FeatureStore, recognizer: ActionRecognizer
) -> tuple[np.ndarray, np.ndarray]:
    """The different sentences about clips, embedded by φ_T: (S, D_p), and of which clips they are said.

    Args:
        names: Ids of n clips; what follows an ``@``, the number of a camera, does not count.
        texts: Features of the sentences; equal features are the same sentence.
        recognizer: With a text head for the teacher of the features.

    Returns:
        (S, D_p) unit vectors, and (S, n) booleans.

    Raises:
        InferenceError: If no clip has a text.
    """
    head = text_head_of(recognizer.model, recognizer.weights)
    places: dict[bytes, int] = {}
    features, pairs = [], []
    for clip, name in enumerate(names):
        found = features_of_clip(texts, name)
        for sentence in () if found is None else found:
            place = places.setdefault(sentence.tobytes(), len(places))
            if place == len(features):
                features.append(sentence)
            pairs.append((place, clip))
    if not features:
        raise InferenceError(
            f"{texts.root}: it has none of the {len(names)} clips, the first is '{names[0]}'"
        )
    said = np.zeros((len(features), len(names)), bool)
    said[tuple(np.array(pairs).T)] = True
    return head.embed_texts(torch.from_numpy(np.stack(features))[:, None]).cpu().numpy(), said


def load_embedder(checkpoint: str, texts: FeatureStore, device: str = 'cpu') -> ActionRecognizer:
    """A recognizer that embeds motions and features of texts; it has no classes.

    Raises:
        CheckpointError: If the features are of another teacher than the checkpoint's.
        InferenceError: If they are of another kind, or the checkpoint has no text head.
    """
    if texts.kind != 'text':
        raise InferenceError(f"{texts.root}: expected features of kind 'text', found '{texts.kind}'")
    recognizer = ActionRecognizer(weights=checkpoint, device=device)
    trained = text_head_of(recognizer.model, checkpoint).text_teacher
    if trained != texts.teacher:
        raise CheckpointError(
            f"{checkpoint} was trained with texts of the teacher '{trained}', {texts.root} holds those of "
            f"'{texts.teacher}'"
        )
    return recognizer
