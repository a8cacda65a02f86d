"""From the pre-training of T-MOR to a recognizer whose classes are words: its config and its weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.datasets.transforms import LoadTeacherFeatures, MapLayout
from mmactrep.errors import CheckpointError
from mmactrep.structures import SkeletonLayout

from .trained_on import VIDEO, first_with, plain_copy

if TYPE_CHECKING:
    from mmengine.config import Config

# in a recognizer's state: of E_M, φ_M and φ_T
_PARTS = {'backbone.': 'backbone.', 'neck.': 'cls_head.neck.', 'text_neck.': 'cls_head.text_neck.'}
_VIDEO_PART = 'video_neck.'
_LEARNED = 'text_criterion.log_temperature'
#: Temp of Eq. 6.5 where a config does not say; it is that of ``InfoNCE``.
DEFAULT_TEMPERATURE = 0.1
_LEAST_TEMPERATURE = 0.01
# transforms of training that a test has not: random changes, and features of teachers
_OF_TRAINING = ('Random', 'Joint', 'LoadTeacherFeatures')
_SAMPLED_IN_TEST = dict(
    RandomTemporalCrop=dict(num_clips=1, test_mode=True),
    UniformTemporalSample=dict(num_clips=1, jitter=False, least_share=1.0),
)


def text_recognizer_config(cfg: Config | Mapping) -> dict | None:
    """The recognizer that a pre-training with texts makes: model, test pipeline, and φ_V if there is one.

    The pipeline is ``test_pipeline`` of the config, else that of its test data, else that of the first
    training data without what is random and without features of teachers.

    Args:
        cfg: A training config.

    Returns:
        As the config for inference in a checkpoint; None for any other training, or one without texts.
    """
    content = cfg.to_dict() if hasattr(cfg, 'to_dict') else dict(cfg)
    model = content.get('model')
    if not isinstance(model, Mapping) or model.get('type') != 'TMOR' or not model.get('text_teacher'):
        return None
    loaders = (content.get('test_dataloader'), content.get('train_dataloader'))
    dataset = next(filter(None, (first_with(loader, 'pipeline') for loader in loaders)), {})
    pipeline = content.get('test_pipeline') or dataset.get('pipeline')
    if not pipeline:
        return None
    loss = dict(model.get('loss') or {}) | dict(model.get('text_loss') or {})
    head = dict(
        type='TextHead',
        in_channels=model['neck']['in_channels'],
        neck=model['neck'],
        text_neck=model.get('text_neck'),
        text_teacher=model['text_teacher'],
        temperature=loss.get('temperature', DEFAULT_TEMPERATURE),
    )
    made = dict(
        default_scope='mmactrep',
        model=dict(type='RecognizerGCN', backbone=model['backbone'], cls_head=head),
        test_dataloader=dict(
            dataset=dict(
                type='SkeletonDataset',
                stream=dataset.get('stream', 'joint'),
                pipeline=pipeline_as_tested(pipeline_steps(pipeline)),
            )
        ),
    )
    if model.get('video_teacher') and model.get('video_neck'):
        made[VIDEO] = dict(teacher=model['video_teacher'], neck=model['video_neck'])
    try:
        return plain_copy(made)
    except ValueError:
        return None


def pipeline_as_tested(steps: Iterable[Mapping]) -> list[dict]:
    """The transforms of a training pipeline as a test has them: one sample a clip, nothing random."""
    made = []
    for step in map(dict, steps):
        changed = _SAMPLED_IN_TEST.get(step['type'])
        if changed is not None:
            known = {key: value for key, value in changed.items() if key in step or key != 'least_share'}
            made.append(step | known)
        elif step['type'] == 'PackSkeletonInputs':
            made.append({key: value for key, value in step.items() if key != 'meta_keys'})
        elif not step['type'].startswith(_OF_TRAINING):
            made.append(step)
    return made


def seen_classes(datasets: Iterable) -> list[str]:
    """Names of the classes whose texts a training sees, sorted.

    They are those of the labelled clips; data sets without labels have the classes of their texts.

    Args:
        datasets: Data sets, those without features of texts do not count.
    """
    seen: set[str] = set()
    for dataset in datasets:
        steps = getattr(getattr(dataset, 'pipeline', None), 'transforms', ())
        texts = [step for step in steps if isinstance(step, LoadTeacherFeatures) and step.kind == 'text']
        labels = np.unique(getattr(dataset, 'labels', []))
        names = (getattr(dataset, 'metainfo', None) or {}).get('classes') or ()
        if texts and (labels >= 0).any() and names:
            seen |= {names[label] for label in labels[labels >= 0].tolist()}
        elif texts:
            seen |= set(texts[0].store.categories)
    return sorted(seen)


def mapped_layout(dataset: object) -> SkeletonLayout | None:
    """The layout to which the pipeline of a data set maps its skeletons; None if it does not."""
    steps = getattr(getattr(dataset, 'pipeline', None), 'transforms', ())
    return next((step.target for step in reversed(steps) if isinstance(step, MapLayout)), None)


def text_recognizer_state(
    state: Mapping[str, Tensor], temperature: float = DEFAULT_TEMPERATURE
) -> dict[str, Tensor]:
    """The weights of the recognizer that a pre-training with texts makes; it has no classes yet.

    Args:
        state: Weights of a ``TMOR``.
        temperature: Temp of Eq. 6.5, if it was not learned.

    Raises:
        ValueError: If there is no φ_M in it.
    """
    state = {name.removeprefix('module.'): value for name, value in state.items()}
    made = {
        place + name.removeprefix(prefix): value
        for prefix, place in _PARTS.items()
        for name, value in state.items()
        if name.startswith(prefix)
    }
    layers = {int(name.split('.')[2]): value for name, value in state.items() if _is_weight_of_neck(name)}
    if not layers:
        raise ValueError('there is no projection of motion (neck.layers)')
    width = layers[max(layers)].shape[0]
    if _LEARNED in state:
        temperature = max(float(state[_LEARNED].float().exp()), _LEAST_TEMPERATURE)
    made['cls_head.log_temperature'] = torch.tensor(math.log(temperature))
    made['cls_head.class_embeddings'] = torch.zeros(0, width)
    return made


def is_text_pretraining(state: Mapping[str, Tensor]) -> bool:
    """Whether weights are those of a pre-training with texts, not of a recognizer."""
    names = [name.removeprefix('module.') for name in state]
    return any(name.startswith('text_criterion.') or name == 'text_queue.features' for name in names)


def video_head_state(state: Mapping[str, Tensor], path: object) -> dict[str, Tensor]:
    """The weights of φ_V.

    Raises:
        CheckpointError: If there are none.
    """
    names = {name.removeprefix('module.'): value for name, value in state.items()}
    found = {name[len(_VIDEO_PART) :]: v for name, v in names.items() if name.startswith(_VIDEO_PART)}
    if not found:
        raise CheckpointError(f'{path}: it has no projection of video features (video_neck)')
    return found


def _is_weight_of_neck(name: str) -> bool:
    parts = name.split('.')
    return (
        len(parts) == 4 and parts[:2] == ['neck', 'layers'] and parts[3] == 'weight' and parts[2].isdecimal()
    )
