"""The model that a command names."""

from __future__ import annotations

from pathlib import Path

from mmengine.config import Config

from mmactrep.apis.action_segmenter import ActionSegmenter
from mmactrep.apis.model_config import MODEL_FILE, is_model_folder
from mmactrep.apis.recognizer import ActionRecognizer
from mmactrep.apis.text_labels import Labels
from mmactrep.errors import CheckpointError
from mmactrep.structures import SkeletonLayout


def open_model(
    model: str | Path,
    config: str | Path | Config | None = None,
    layout: str | SkeletonLayout | None = None,
    labels: Labels | None = None,
) -> ActionRecognizer:
    """A recognizer or segmentor, on the CPU.

    Args:
        model: Checkpoint, the folder of a taught model, or the name of one that comes with the package.
        config: Its config. Default: the one in the checkpoint, or named by it.
        layout: Layout of its joints, if the checkpoint does not name it.
        labels: Actions in words, for a model with a text head.

    Raises:
        CheckpointError: If it is an exported file already, or cannot be used.
        InferenceError: If it takes words, and there are none.
    """
    if str(model).endswith(('.onnx', '.pt2')):
        raise CheckpointError(f'{model} is exported already: pass the checkpoint')
    options = dict(device='cpu', layout=layout, labels=labels)
    if is_model_folder(model):
        found = ActionRecognizer(config, Path(model, MODEL_FILE), **options)
    elif Path(model).exists() or str(model).endswith('.pth'):
        found = ActionRecognizer(config, model, **options)
    else:
        found = ActionRecognizer(str(model), **options)
    if hasattr(found.model, 'frame_logits'):
        return ActionSegmenter(found.cfg, found.weights, device='cpu', layout=found.layout)
    found.require_classes()
    return found
