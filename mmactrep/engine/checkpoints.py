"""Checkpoints: reading them, finding the last complete one, and loading their weights into a model."""

from __future__ import annotations

import contextlib
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mmactrep.errors import CheckpointError
from mmactrep.files import reason
from mmactrep.packaged import find_checkpoint, no_such_checkpoint
from mmactrep.safe_checkpoints import load_plain


class CheckpointNotFoundError(CheckpointError, FileNotFoundError):
    """There is no such checkpoint."""


def find_last_whole_checkpoint(folder: Path) -> Path | None:
    """The newest ``epoch_N.pth`` or ``iter_N.pth`` that was written completely, or None.

    A training killed while saving leaves a truncated file behind; a complete checkpoint is a zip archive
    with its directory at the end.

    Args:
        folder: Work folder of a training.
    """
    numbered = [
        (int(match[1]), path)
        for path in Path(folder).glob('*.pth')
        if (match := re.fullmatch(r'(?:epoch|iter)_(\d+)\.pth', path.name))
    ]
    for _, path in sorted(numbered, reverse=True):
        if zipfile.is_zipfile(path):
            return path
    return None


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint, whoever wrote it.

    Args:
        path: A file of ``torch.save`` that holds ``state_dict``, or the name of one that comes with the
            package (:func:`~mmactrep.packaged.find_checkpoint`).

    Returns:
        Its content; ``state_dict`` has tensors by name, ``meta`` is a dictionary, empty if the file has none.

    Raises:
        CheckpointNotFoundError: If there is no such file.
        CheckpointError: If it is damaged, not a checkpoint, or holds entries that are not weights.
    """
    content = read_torch_file(path)
    state = content.get('state_dict') if isinstance(content, dict) else None
    if not isinstance(state, dict):
        raise CheckpointError(f"{path}: expected a checkpoint with 'state_dict', found {_kind(content)}")
    check_weights(state, path)
    meta = content.get('meta')
    if meta is not None and not isinstance(meta, dict):
        raise CheckpointError(f"{path}: its 'meta' should be a dictionary, found {_kind(meta)}")
    content['meta'] = meta or {}
    return content


def read_torch_file(path: str | Path) -> Any:
    """The content of a file of ``torch.save``, as plain data.

    Raises:
        CheckpointNotFoundError: If there is no such file.
        CheckpointError: If it is damaged, foreign, or holds more than plain data.
    """
    path = find_checkpoint(path)
    if path.is_dir():
        raise CheckpointError(f'{path} is a folder, expected a checkpoint')
    if not path.is_file():
        raise CheckpointNotFoundError(no_such_checkpoint(path))
    try:
        return load_plain(path)
    except Exception as error:  # torch passes on any exception of its unpickler and zip reader
        raise CheckpointError(f'{path}: cannot be read as a checkpoint: {_reason(error)}') from error


def _reason(error: Exception) -> str:
    text = str(error)
    refused = re.search(r'(?:GLOBAL|reduce for unrecognized function) (\S+)', text)
    if refused:
        return f'it holds {refused[1][:80]}, which is no data and could run code'
    if 'PytorchStreamReader' in text or isinstance(error, EOFError):
        return 'it is truncated or damaged'
    # drop torch's long explanation of how to disable the guard
    told = text.split('WeightsUnpickler error: ')[-1]
    return reason(error) if told == text else reason(ValueError(told))


def check_weights(state: Mapping, path: str | Path) -> None:
    """Refuse a state dictionary with entries other than tensors by name that the file holds in full.

    A tensor with stride 0 may claim to be larger than its storage; copying it would take that much memory.

    Raises:
        CheckpointError: With the first other entry.
    """
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f'{path}: expected weights by name, found {str(name)[:80]!r}: {type(value).__name__}'
            )
        if value.layout != torch.strided or value.is_quantized or value.device.type == 'meta':
            raise CheckpointError(f'{path}: {name[:80]} is no plain tensor')
        if value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise CheckpointError(f'{path}: {name[:80]} has shape {tuple(value.shape)}, the file holds less')


def load_weights(model: nn.Module, weights: Mapping[str, Tensor], path: str, config: str) -> None:
    """Load a state dictionary that must fit in full; half precision is cast to the model's precision.

    Args:
        model: The model.
        weights: Parameters and buffers by name, with or without the prefix ``module.``.
        path: Path of the checkpoint, for the message.
        config: Name of the model's config, for the message.

    Raises:
        CheckpointError: With the first names that do not fit.
    """
    weights = {name.removeprefix('module.'): value for name, value in weights.items()}
    try:
        model.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).split('\n')[1:] if line.strip()]
        what = lines[0] if lines else str(error)
        what = what if len(what) < 240 else what[:240] + ' ...'
        more = f' (and {len(lines) - 1} more)' if len(lines) > 1 else ''
        raise CheckpointError(f'{path} does not fit {config}: {what}{more}') from error


#: Prefixes of an encoder's entries: of a recognizer or pre-trainer, and of ViA's autoencoder.
ENCODER_PREFIXES = ('backbone.', 'generator.backbone.')


def encoder_weights(
    state: Mapping[str, Tensor], prefixes: Sequence[str] = ENCODER_PREFIXES
) -> dict[str, Tensor]:
    """The entries of an encoder, without their prefix.

    Args:
        state: Parameters and buffers of a model by name.
        prefixes: Prefixes of the encoder's entries; the first that occurs is taken.

    Raises:
        ValueError: If there is no such entry.
    """
    for prefix in prefixes:
        found = {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}
        if found:
            return found
    parts = ', '.join(sorted({name.split('.')[0] for name in state})) or 'none'
    wanted = ' or '.join(f"'{prefix}'" for prefix in prefixes)
    raise ValueError(f'no entry begins with {wanted}; there are {parts:.200}')


def is_local(path: str) -> bool:
    """Whether a checkpoint is a local file, not an address (``https://``, ``torchvision://``, ...)."""
    return '://' not in path


def check_overlap(model: nn.Module, weights: Mapping[str, Tensor], path: str, config: str) -> None:
    """Refuse a checkpoint that holds none of a model's weights; training from it would start from scratch.

    Raises:
        CheckpointError: With one name from the checkpoint and one from the model.
    """
    own = {name for name, value in model.state_dict().items() if value.dim()}
    found = {name.removeprefix('module.') for name in weights}
    if own and not own & found:
        raise CheckpointError(
            f'{path} holds none of the weights of {config}: it has {min(found, default="nothing")[:80]}, '
            f'..., the model {min(own)}, ...'
        )


def write_checkpoint(content: dict, path: str | Path) -> None:
    """Write a checkpoint to a temporary file and move it into place when it is complete.

    Args:
        content: Anything that ``torch.save`` takes.
        path: Target file; missing folders are created.

    Raises:
        OSError: If it cannot be written; nothing is left behind.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + '.partial')
    try:
        # torch turns a full disk into a RuntimeError; a file opened here raises the system's own error
        with open(partial, 'wb') as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()


def _kind(content: object) -> str:
    return f'keys {sorted(map(str, content))[:5]}' if isinstance(content, dict) else type(content).__name__
