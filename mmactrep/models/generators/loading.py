"""Loading a trained motion generator from its checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config

from mmactrep.engine.checkpoints import load_weights, read_checkpoint
from mmactrep.engine.runner import build_model, check_described_size
from mmactrep.engine.trained_on import read_generator_config
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.registry import MODELS

from .motion_autoencoder import BaseMotionAutoencoder

GENERATOR_PREFIX = 'generator.'
"""Of a generator's weights in the checkpoints of its trainings: ``MotionRetargeter`` and ``ViA``."""


def load_generator(
    checkpoint: str | Path, config: str | Path | None = None, device: str | torch.device = 'cpu'
) -> BaseMotionAutoencoder:
    """Load a trained generator, in evaluation mode.

    Args:
        checkpoint: Checkpoint of ``MotionRetargeter`` or ``ViA``, or what ``publish_model.py --generator``
            made of it. Half precision is loaded as float32.
        config: Config of its training, for checkpoints that do not hold the generator's config.
        device: For example 'cpu' or 'cuda:0'.

    Raises:
        FileNotFoundError: If a file is absent.
        InferenceError: If the config does not describe a generator.
        CheckpointError: If the checkpoint cannot be read, holds no generator or one that is not trained, or
            does not fit the config.
    """
    content = read_checkpoint(checkpoint)
    given = _of_training(config)
    state = {name.removeprefix('module.'): value for name, value in content['state_dict'].items()}
    weights = {
        name.removeprefix(GENERATOR_PREFIX): value
        for name, value in state.items()
        if name.startswith(GENERATOR_PREFIX)
    }
    if not weights:
        parts = ', '.join(sorted({name.split('.')[0][:40] for name in state})[:8]) or 'nothing'
        raise CheckpointError(f'{checkpoint}: expected a motion generator, found weights of {parts}')
    held = read_generator_config(content['meta'], checkpoint)
    if held is not None:
        check_described_size(held, weights, checkpoint)
    elif given is None:
        raise CheckpointError(
            f"{checkpoint} does not hold its generator's config, as checkpoints of former versions: name "
            'the config of its training before it'
        )
    name = str(config or f'the config of {Path(checkpoint).name}')
    generator = _build(given or held, name)
    if given is not None and held is not None:
        _check_same(generator, _build(held, str(checkpoint)), str(checkpoint), name)
    load_weights(generator, weights, str(checkpoint), name)
    broken = next((key for key, value in generator.state_dict().items() if not value.isfinite().all()), None)
    if broken:
        raise CheckpointError(f'{checkpoint}: {GENERATOR_PREFIX}{broken} is not finite')
    if not generator.has_statistics:
        raise CheckpointError(f'{checkpoint}: the generator has no statistics: it is not trained')
    # a model that contains it must not initialize it again
    generator.is_init = True
    return generator.to(torch.device(device)).eval()


def _of_training(config: str | Path | None) -> dict | None:
    """The generator's config in that of its training."""
    if config is None:
        return None
    # configs can ask for stores, which models do not load
    from mmactrep.engine.composed_config import compose_config

    found = compose_config(config).get('model', {}).get('generator')
    if not isinstance(found, dict):
        raise InferenceError(f'{config}: expected a config of a motion generator, as configs/lac has')
    return found


def _build(description: dict, name: str) -> BaseMotionAutoencoder:
    generator = build_model(Config(dict(model=description)), name)
    if not isinstance(generator, BaseMotionAutoencoder):
        raise CheckpointError(f'{name} describes {type(generator).__name__}, which is no motion generator')
    return generator


def _check_same(given: BaseMotionAutoencoder, held: BaseMotionAutoencoder, path: str, name: str) -> None:
    """Refuse a config by which weights would mean something else although their shapes fit.

    The directions of 'Motion' and 'Static' are one matrix, and two layouts may have equally many joints.
    """
    said = ('layout', 'num_motion', 'num_static', 'in_channels')
    for key in said:
        found, expected = getattr(given, key), getattr(held, key)
        if found != expected:
            found, expected = (getattr(value, 'name', value) for value in (found, expected))
            raise CheckpointError(f'{path} does not fit {name}: trained with {key} {expected}, not {found}')


@MODELS.register_module(name='TrainedGenerator')
def trained_generator(checkpoint: str, config: str | None = None) -> BaseMotionAutoencoder:
    """A trained generator as part of a model: ``generator=dict(type='TrainedGenerator', checkpoint=...)``.

    See :func:`load_generator`. The checkpoint says how it is built, so that any trained generator serves. One
    in ``demo/checkpoints`` is that of the package, wherever the training runs.
    """
    return load_generator(checkpoint, config)
