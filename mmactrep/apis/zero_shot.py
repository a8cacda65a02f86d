"""Zero-shot recognition of a config's clips: embedded motions, their scores, and those of their videos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmactrep.datasets.protocols import protocol_classes
from mmactrep.datasets.texts import shipped_texts
from mmactrep.engine.checkpoints import load_weights, read_checkpoint
from mmactrep.engine.config_files import ConfigError
from mmactrep.engine.runner import building
from mmactrep.engine.text_recognizers import video_head_state
from mmactrep.engine.trained_on import INFERENCE, VIDEO, plain_copy
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.registry import DATASETS, MODELS
from mmactrep.structures.class_texts import ClassText, LabelTextError, split_labels, words_of

from .frozen_features import Features, frozen_features
from .recognizer import ActionRecognizer
from .text_labels import read_labels, text_head_of

if TYPE_CHECKING:
    from mmengine.config import Config

    from mmactrep.models.heads import TextHead
    from mmactrep.store.feature_store import FeatureStore


class _Outputs(nn.Module):
    """A recognizer in the place of an encoder: what ``read`` makes of each clip's feature map, averaged over
    its samples.
    """

    def __init__(self, recognizer: ActionRecognizer, read: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.model = recognizer.model
        self.data_preprocessor = recognizer.model.data_preprocessor
        self.read = read

    def forward(self, inputs: Tensor, data_samples: Sequence, mode: str = 'tensor') -> Tensor:
        features, _ = self.model.extract_feat(inputs)
        return self.read(features).unflatten(0, (len(inputs), -1)).mean(dim=1)


def embedded_motions(
    cfg: Config,
    recognizer: ActionRecognizer,
    splits: Sequence[str] = ('test',),
    batch_size: int | None = None,
) -> tuple[Features, ...]:
    """φ_M(E_M) of the clips of a config: features (n, D_p), unit vectors where a clip has one sample.

    Args:
        cfg: Config of a recognizer, for its data.
        recognizer: With a text head.
        splits: 'train', 'test' or both; both are read as the test reads its own.
        batch_size: Clips at once. Default: as in the test of the config.

    Raises:
        InferenceError: If the recognizer has no text head; see also
            :func:`~mmactrep.apis.frozen_features.frozen_features`.
    """
    outputs = _Outputs(recognizer, text_head_of(recognizer.model, recognizer.weights).embed)
    return frozen_features(cfg, outputs, recognizer.weights, batch_size, splits)


def class_probabilities(
    cfg: Config,
    recognizer: ActionRecognizer,
    splits: Sequence[str] = ('test',),
    batch_size: int | None = None,
) -> tuple[Features, ...]:
    """Probabilities (n, S) of a recognizer's own classes for the clips of a config; see above."""
    outputs = _Outputs(recognizer, lambda x: recognizer.model.cls_head(x).softmax(dim=-1))
    return frozen_features(cfg, outputs, recognizer.weights, batch_size, splits)


@torch.no_grad()
def text_scores(head: TextHead, motion: np.ndarray) -> np.ndarray:
    """Sim (Eq. 6.5) of embedded motions (n, D_p) and the classes of a head: (n, K)."""
    return head.similarities(torch.as_tensor(motion).to(head.class_embeddings)).cpu().numpy()


def classes_of(cfg: Config) -> list[str]:
    """Class names of a config's test data.

    Raises:
        ConfigError: If it has no test data, or they have no classes.
    """
    loader = cfg.get('test_dataloader')
    if not loader:
        raise ConfigError(f'{cfg.filename}: it has no test data')
    with building(f'{cfg.filename}: the test data'):
        dataset = DATASETS.build(loader.dataset)
        dataset.full_init()
    classes = list(dataset.metainfo.get('classes') or ())
    if not classes:
        raise ConfigError(f'{cfg.filename}: its test data have no classes')
    return classes


def texts_like(classes: Sequence[str], texts: Sequence[ClassText]) -> list[ClassText]:
    """Classes in words: as among these texts where they have the class, else by name alone."""
    known = {words_of(each.name): each for each in texts}
    return [known.get(words_of(name)) or ClassText(name) for name in classes]


def labels_of_classes(classes: Sequence[str], source: str | None) -> list[ClassText]:
    """The classes of a data set in words, in the order of its labels.

    Spelling makes no difference: 'Baseball pitch' is the class 'baseball_pitch'.

    Args:
        classes: Class names of the data set.
        source: See :func:`~mmactrep.apis.text_labels.read_labels`. Default: the names.

    Raises:
        LabelTextError: If a class is missing or unknown, a label is empty, or two are equal. A shipped list
            may have more classes than the data set.
    """
    if source is None:
        return [ClassText(name) for name in classes]
    found = read_labels(source)
    by_words = {words_of(each.name): each for each in found}
    known = {words_of(name): name for name in classes}
    absent = [name for words, name in known.items() if words not in by_words]
    unknown = [each.name for words, each in by_words.items() if words not in known]
    if absent:
        raise LabelTextError(f'{source}: no label for the classes {_few(absent)} of the data set')
    if unknown and source not in shipped_texts():
        raise LabelTextError(f'{source}: the data set has no classes {_few(unknown)}')
    return [replace(by_words[words], name=name) for words, name in known.items()]


def chosen_classes(classes: Sequence[str], names: str | Sequence[str]) -> np.ndarray:
    """Mask (K,) of the classes that are named.

    Args:
        classes: Class names of the data set.
        names: ``'drink, wave'``, a list, or the name of a published list, ``'penn_action/seen 1'`` (see
            ``mmactrep.datasets.protocols``).

    Raises:
        LabelTextError: If the data set lacks one of them, or one is empty or named twice.
    """
    if isinstance(names, str) and '/' in names:
        names = protocol_classes(names)
    chosen = split_labels(names)
    words = [words_of(name) for name in classes]
    unknown = [each.name for each in chosen if words_of(each.name) not in words]
    if unknown:
        raise LabelTextError(f'the data set has no classes {_few(unknown)}; it has {", ".join(classes)}')
    return np.isin(words, [words_of(each.name) for each in chosen])


def _few(names: Sequence[str]) -> str:
    shown = ', '.join(map(repr, names[:5]))
    return shown if len(names) <= 5 else f'{shown} and {len(names) - 5} more'


def video_scores(
    store: FeatureStore,
    names: Sequence[str],
    recognizer: ActionRecognizer,
    labels: Sequence[ClassText],
    templates: str | Sequence[str] = ('{}',),
    temperature: float = 0.01,
    teacher: str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the classes for the videos of clips (last row of Table 6.6).

    A teacher with a text tower compares its features with its own texts. The features of any other are
    projected by φ_V of the recognizer's checkpoint, and compared with φ_T of its texts.

    Args:
        store: Features of the videos.
        names: Ids of n clips; what follows an ``@``, the number of a camera, does not count.
        recognizer: With a text head, whose classes are the labels.
        labels: The K classes in words.
        templates: For the teacher's own texts.
        temperature: That of the teacher's own scores; CLIP's by default.
        teacher: The teacher that the features must be of.

    Returns:
        (n, K) logits, and a mask (n,) of the clips that have a video.

    Raises:
        InferenceError: If the store is of another kind or teacher, or has none of the clips.
        CheckpointError: If the checkpoint was trained without videos, or with another teacher's.
    """
    from mmactrep.models.teachers import TEXT_TEACHERS, build_text_teacher, encode_classes

    if teacher not in (None, store.teacher):
        raise InferenceError(f"{store.root}: expected features of '{teacher}', found '{store.teacher}'")
    features, present = _video_features(store, names)
    if store.teacher.partition(':')[0] in TEXT_TEACHERS:
        own = build_text_teacher(store.teacher, recognizer.device)
        texts = encode_classes(own, labels, templates).cpu().numpy()
        unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        return unit @ texts.T / temperature, present
    projected = projected_videos(recognizer.weights, store.teacher, features)
    return text_scores(recognizer.model.cls_head, projected), present


def features_of_clip(store: FeatureStore, name: str) -> np.ndarray | None:
    """Features (n, D) of a clip, or of the one that a camera saw (``clip@camera``); None without an entry."""
    found = store.features(name)
    return store.features(name.rpartition('@')[0]) if found is None and '@' in name else found


def _video_features(store: FeatureStore, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, D), 0 for a clip that the store lacks, and the mask of those that it has."""
    if store.kind != 'video':
        raise InferenceError(f"{store.root}: expected features of kind 'video', found '{store.kind}'")
    features, present = np.zeros((len(names), store.dimension), np.float32), np.zeros(len(names), bool)
    for row, name in enumerate(names):
        found = features_of_clip(store, name)
        if found is not None:
            features[row], present[row] = found.mean(axis=0), True
    if not present.any():
        raise InferenceError(
            f"{store.root}: it has none of the {len(names)} clips, the first is '{names[0]}'"
        )
    return features, present


@torch.no_grad()
def projected_videos(checkpoint: str, teacher: str, features: np.ndarray) -> np.ndarray:
    """φ_V(E_V(v)) of video features (n, D), by the φ_V of a checkpoint of T-MOR: (n, D_p) unit vectors.

    Raises:
        CheckpointError: If it has no φ_V, or one for another teacher.
    """
    content = read_checkpoint(checkpoint)
    described = (content['meta'].get(INFERENCE) or {}).get(VIDEO)
    if not isinstance(described, dict) or not isinstance(described.get('neck'), dict):
        raise CheckpointError(
            f'{checkpoint}: it was not trained with videos, so their features say nothing to it'
        )
    if described.get('teacher') != teacher:
        raise CheckpointError(
            f"{checkpoint} was trained with videos of the teacher '{described.get('teacher')}', not "
            f"'{teacher}'"
        )
    if described['neck'].get('type') != 'ProjectionHead':
        raise CheckpointError(f'{checkpoint}: its projection of videos is no ProjectionHead')
    with building(f'{checkpoint}: video_neck'):
        neck = MODELS.build(plain_copy(described['neck']))
    load_weights(neck, video_head_state(content['state_dict'], checkpoint), checkpoint, 'its own config')
    return F.normalize(neck.eval()(torch.as_tensor(features)), dim=-1).numpy()
