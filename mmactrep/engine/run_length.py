"""The length of a run and of its clips: set by one option each, or taken from the data."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mmactrep.arguments import whole_number
from mmactrep.errors import UserError
from mmactrep.store.reader import SkeletonStore

if TYPE_CHECKING:
    from mmengine.config import Config

#: Transforms whose ``length`` is the number of frames that a model sees.
SAMPLERS = ('RandomTemporalCrop', 'ReplayPad', 'UniformTemporalSample')
#: The ``length`` in a config that follows the training clips, see :func:`resolve_clip_length`.
AUTO = 'auto'
#: Bounds of a length that follows the data, and what it is a multiple of (UNIK halves it twice).
SHORTEST, LONGEST, STEP = 16, 64, 8


class RunLengthError(UserError, ValueError):
    """A config whose epochs or clip length cannot be set by an option or derived from its data."""


def add_clip_length_argument(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the argument ``--clip-length`` of training and testing; ``default`` describes its default."""
    parser.add_argument(
        '--clip-length',
        type=_clip_length,
        metavar='FRAMES',
        help=(
            f"frames per clip that the model sees; '{AUTO}' follows the training clips (default: {default})"
        ),
    )


def _clip_length(text: str) -> int | str:
    return AUTO if text == AUTO else whole_number(1, 100_000)(text)


def set_epochs(cfg: Config, epochs: int) -> None:
    """Set the number of epochs of a config and stretch its schedule with them.

    Milestones, periods and ends of schedulers that count epochs are scaled, ``val_interval`` is limited to
    the length of the run, and a minimum number of iterations is dropped: exactly the requested number of
    epochs is trained.

    Args:
        cfg: A training config, changed in place.
        epochs: New number of epochs, at least 1.

    Raises:
        RunLengthError: If the config trains for iterations, not epochs.
    """
    loop = cfg.get('train_cfg') or {}
    if not loop.get('max_epochs'):
        raise RunLengthError('--epochs: this config does not train for a number of epochs')
    scale = epochs / loop.max_epochs
    loop.max_epochs = epochs
    loop.pop('min_iters', None)
    if 'val_interval' in loop:
        loop.val_interval = min(loop.val_interval, epochs)
    for scheduler in _schedulers(cfg.get('param_scheduler')):
        if not scheduler.get('by_epoch', True):
            continue
        for key in ('T_max', 'begin', 'end'):
            if isinstance(scheduler.get(key), int):
                scheduler[key] = round(scheduler[key] * scale)
        if 'milestones' in scheduler:
            scheduler.milestones = [max(1, round(each * scale)) for each in scheduler.milestones]


def _schedulers(found: Any) -> Iterator[dict]:
    if isinstance(found, dict) and 'type' in found:
        yield found
    elif isinstance(found, dict):
        for each in found.values():
            yield from _schedulers(each)
    elif isinstance(found, (list, tuple)):
        for each in found:
            yield from _schedulers(each)


def set_clip_length(cfg: Config, length: int | str) -> None:
    """Set the clip length in every pipeline of a config.

    Args:
        cfg: A config with data loaders, changed in place.
        length: Frames per clip that the model sees, or ``'auto'``, see :func:`resolve_clip_length`.

    Raises:
        RunLengthError: If no pipeline samples a length.
    """
    samplers = list(_samplers(cfg))
    if not samplers:
        raise RunLengthError(
            f'--clip-length: no pipeline of this config has one of {", ".join(SAMPLERS)}, whose length it '
            'sets'
        )
    for sampler in samplers:
        sampler['length'] = length


def resolve_clip_length(cfg: Config, trained: dict | None = None) -> int | None:
    """Replace the length ``'auto'`` in all pipelines of a config by a number.

    With a checkpoint it is the checkpoint's length, so that a model is tested as it was trained; otherwise
    the median length of the training clips, rounded up to a multiple of 8 and limited to 16 to 64 frames.

    Args:
        cfg: A config, changed in place.
        trained: The config stored in a checkpoint.

    Returns:
        The number, or None if no pipeline has ``'auto'``.

    Raises:
        StoreError: If the training store cannot be read.
        RunLengthError: If the config names no training store.
    """
    samplers = [sampler for sampler in _samplers(cfg) if sampler.get('length') == AUTO]
    if not samplers:
        return None
    kept = [each['length'] for each in _samplers(trained or {}) if isinstance(each.get('length'), int)]
    length = kept[-1] if kept else length_for(np.concatenate(list(_clip_lengths(cfg))))
    for sampler in samplers:
        sampler['length'] = length
    return length


def clip_lengths(cfg: Config | dict) -> list[int]:
    """Distinct clip lengths of the pipelines in a config or a part of one, in order."""
    return list(dict.fromkeys(each['length'] for each in _samplers(cfg)))


def length_for(num_frames: np.ndarray) -> int:
    """Clip length for training clips with these numbers of frames, see :func:`resolve_clip_length`."""
    median = float(np.median(num_frames))
    return int(np.clip(-(-median // STEP) * STEP, SHORTEST, LONGEST))


def _clip_lengths(cfg: Config) -> Iterator[np.ndarray]:
    stores = list(_with_key((cfg.get('train_dataloader') or {}).get('dataset'), 'ann_file'))
    if not stores:
        raise RunLengthError(
            "a clip length 'auto' needs the training store: train_dataloader.dataset.ann_file"
        )
    for dataset in stores:
        store = SkeletonStore(dataset['ann_file'])
        rows = slice(None) if dataset.get('split') is None else store.split(dataset['split'])
        yield np.asarray(store.index['frames'][rows])


def _samplers(cfg: Config | dict) -> Iterator[dict]:
    """Transforms with a clip length in a config's data loaders and top-level pipelines."""
    for name in list(cfg):
        if isinstance(name, str) and name.endswith(('_dataloader', 'pipeline')):
            yield from (each for each in _with_key(cfg[name], 'length') if each.get('type') in SAMPLERS)


def _with_key(node: Any, key: str) -> Iterator[dict]:
    if isinstance(node, dict):
        if key in node:
            yield node
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        for each in node:
            yield from _with_key(each, key)
