"""The config of a recognizer: given, in its checkpoint, or named by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.config_files import packaged_config
from mmactrep.engine.run_length import resolve_clip_length
from mmactrep.engine.runner import check_described_size
from mmactrep.engine.text_recognizers import (
    DEFAULT_TEMPERATURE,
    is_text_pretraining,
    text_recognizer_config,
    text_recognizer_state,
)
from mmactrep.engine.trained_on import INFERENCE, read_inference_config
from mmactrep.errors import CheckpointError, InferenceError

#: The checkpoint in the folder of a taught model.
MODEL_FILE = 'checkpoint.pth'


def is_model_folder(model: Any) -> bool:
    """Whether this is the folder of a model that ``mmactrep teach`` made."""
    return isinstance(model, (str, Path)) and Path(model, MODEL_FILE).is_file()


def find_model(
    model: str | Path | Config | None, checkpoint: dict, weights: str | Path
) -> tuple[Config, dict[str, torch.Tensor]]:
    """The config of a recognizer, and the weights that it takes.

    Args:
        model: Config, its file, or that of a pre-training of T-MOR with texts. Default: the one in the
            checkpoint, else the one that it names, if that comes with the package.
        checkpoint: Content of the checkpoint.
        weights: Its path, for messages.

    Raises:
        CheckpointError: If there is no config, or the one in the checkpoint is of another size.
        ConfigError: If the config cannot be read.
        InferenceError: If it is not that of a recognizer.
    """
    meta, state = checkpoint['meta'], checkpoint['state_dict']
    if model is None and (cfg := read_inference_config(meta, weights)) is not None:
        state = _of_recognizer(cfg, state, weights)
        check_described_size(cfg.model, state, weights)
        return cfg, state
    if isinstance(model, Config):
        cfg = model
    elif model is not None:
        cfg = compose_config(model, clip_length=False)
    else:
        path = packaged_config(meta.get('config'))
        if path is None:
            named = f' (it names {meta["config"]!r:.80}, which does not)' if 'config' in meta else ''
            raise CheckpointError(
                f'{weights} holds no config, nor names one that comes with the package{named}: pass it'
            )
        cfg = compose_config(path, clip_length=False)
    made = text_recognizer_config(cfg)
    if made is not None:
        cfg = Config(made, filename=cfg.filename)
    if 'model' not in cfg or 'test_dataloader' not in cfg:
        raise InferenceError(f"{name_of(cfg, model)}: expected a config with 'model' and 'test_dataloader'")
    resolve_clip_length(cfg, meta.get(INFERENCE))
    return cfg, _of_recognizer(cfg, state, weights)


def _of_recognizer(
    cfg: Config, state: dict[str, torch.Tensor], weights: str | Path
) -> dict[str, torch.Tensor]:
    """The weights that a recognizer takes: those of T-MOR's pre-training without the rest of it."""
    if not is_text_pretraining(state):
        return state
    try:
        head = cfg.model.get('cls_head') or {}
        return text_recognizer_state(state, head.get('temperature', DEFAULT_TEMPERATURE))
    except ValueError as error:
        raise CheckpointError(f'{weights}: {error}') from error


def name_of(model: Any, otherwise: Any = 'the config') -> str:
    """Name of a config for messages; one in a checkpoint has none, it is named after that."""
    if not isinstance(model, Config):
        return str(model)
    return Path(model.filename).name if model.filename else f'the config of {Path(str(otherwise)).name}'
