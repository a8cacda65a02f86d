"""What an exported file says about its model: all that is needed to use it without the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mmactrep.engine.trained_on import INFERENCE, LAYOUT, SEEN, inference_config
from mmactrep.errors import CheckpointError
from mmactrep.structures.rejection import ARRAYS, REJECTION
from mmactrep.version import __version__

if TYPE_CHECKING:
    from mmactrep.apis.recognizer import ActionRecognizer

#: Key of the entry in a file, and its format.
ENTRY, FORMAT = 'mmactrep', 1
#: Bound on the length of the entry: a file may contain any.
_MOST_TEXT = 20_000_000
_KINDS = ('recognizer', 'segmentor')
_NUMBERS = ('num_person', 'num_channels')


def input_shape(num_person: int, num_joints: int, num_channels: int, heatmap_size: int | None) -> list:
    """Shape of the input after its first dimension, the clips: (M, T, V, C), or (V, T, H, W) of heatmaps.

    T, which is any, is None.
    """
    if heatmap_size is None:
        return [num_person, None, num_joints, num_channels]
    return [num_joints, None, heatmap_size, heatmap_size]


def describe_model(recognizer: ActionRecognizer) -> dict[str, Any]:
    """The description of a recognizer or segmentor, as plain data.

    It contains the classes, the layout of the joints, the pipeline (normalization, sampling, stream), the
    window, persons and channels, the calibration of rejection, and the versions of what wrote it; no path.

    Args:
        recognizer: The model.

    Raises:
        CheckpointError: If its config cannot be expressed as plain data.
    """
    import torch

    config = inference_config(recognizer.cfg)
    if config is None:
        raise CheckpointError(
            f'{recognizer.name}: its config holds more than plain data, it cannot be written'
        )
    model = recognizer.model
    segmentor = hasattr(model, 'frame_logits')
    return dict(
        format=FORMAT,
        kind='segmentor' if segmentor else 'recognizer',
        name=str(recognizer.name),
        classes=list(recognizer.classes),
        num_person=recognizer.num_person,
        num_channels=recognizer.num_channels,
        heatmap_size=recognizer.heatmap_size,
        average_clips=None if segmentor else getattr(model.cls_head, 'average_clips', 'prob'),
        together=recognizer.together,
        versions=dict(mmactrep=__version__, torch=torch.__version__),
        precision='float32',
        **{
            INFERENCE: config,
            LAYOUT: recognizer.layout.to_dict(),
            SEEN: list(recognizer.seen_classes),
            REJECTION: None if recognizer.rejection is None else recognizer.rejection.to_dict(),
        },
    )


def to_text(description: Mapping[str, Any]) -> str:
    """A description as the text that files hold."""
    return json.dumps(description, default=lambda value: value.tolist())


def from_text(text: str | None, path: object) -> dict[str, Any]:
    """The description in a file.

    Args:
        text: The entry, or None if the file has none.
        path: The file, for the message.

    Raises:
        CheckpointError: If ``mmactrep export`` did not write the file, a later version did, or it is damaged.
    """
    if text is None:
        raise CheckpointError(
            f"{path}: it was not written by 'mmactrep export': it does not say its classes, joints and "
            'normalization'
        )
    if len(text) > _MOST_TEXT:
        raise CheckpointError(f'{path}: its description of the model is too long ({len(text)} characters)')
    try:
        found = json.loads(text)
        version = found['format']
        if isinstance(version, int) and version > FORMAT:
            raise CheckpointError(
                f'{path}: its format {version} is newer than that of this version, {FORMAT}: update mmactrep'
            )
        fits = (
            version == FORMAT
            and found['kind'] in _KINDS
            and all(isinstance(name, str) for name in found['classes'])
            and len(found['classes']) > 0
            and all(type(found[key]) is int and 0 < found[key] <= 1000 for key in _NUMBERS)
            # files of earlier versions do not have it
            and (found.get('heatmap_size') is None or type(found['heatmap_size']) is int)
            and found['average_clips'] in ('prob', 'score', None)
            and isinstance(found[LAYOUT], dict)
            and isinstance(found[INFERENCE], dict)
        )
    except CheckpointError:
        raise
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f'{path}: its description of the model is damaged: {error!r:.100}') from error
    if not fits:
        raise CheckpointError(f'{path}: its description of the model is damaged')
    rejection = found.get(REJECTION)
    for name, fields in ARRAYS.items():
        if isinstance(rejection, dict) and isinstance(rejection.get(name), dict):
            rejection[name] = _tensors(rejection[name], fields, path)
    return found


def _tensors(held: Mapping[str, Any], fields: Sequence[str], path: object) -> dict[str, Any]:
    """The arrays of a rejection, which JSON holds as lists, as a checkpoint has them."""
    import torch

    try:
        return {name: torch.tensor(value) if name in fields else value for name, value in held.items()}
    except (TypeError, ValueError) as error:
        raise CheckpointError(f'{path}: its rejection is damaged: {error!r:.100}') from error
