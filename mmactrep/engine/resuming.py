"""Check whether a training can resume from a checkpoint."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from mmactrep.errors import CheckpointError, UserError
from mmactrep.files import reason

# What a training checkpoint holds besides weights, with names for messages.
_PARTS = dict(optimizer='the state of the optimizer', param_schedulers='the schedules', message_hub='the log')
# Settings that distinguish optimizers; torch fills in those that newer versions add.
_TELLING = ('alpha', 'betas', 'dampening', 'lr_decay', 'momentum', 'nesterov', 'rho')


def check_resumable(checkpoint: Mapping[str, Any], path: str, runner) -> None:
    """Refuse a checkpoint from which a runner cannot resume training.

    Args:
        checkpoint: As :func:`~mmactrep.engine.checkpoints.read_checkpoint` reads it.
        path: Path of the checkpoint, for the message.
        runner: The runner, with its optimizer and schedulers built.

    Raises:
        CheckpointError: If it holds weights alone, or the state of another optimizer or schedule.
    """
    needed = {key for key in _PARTS if key != 'param_schedulers' or runner.param_schedulers is not None}
    missing = [said for key, said in _PARTS.items() if key in needed and key not in checkpoint]
    meta = checkpoint['meta']
    counts = [meta.get(key) for key in ('epoch', 'iter')]
    if not all(type(count) is int and count >= 0 for count in counts):
        missing.append('the epoch that it reached')
    if missing:
        raise CheckpointError(
            f'{path} cannot be resumed: it lacks {", ".join(missing)}. It holds weights, as a best or a '
            'published checkpoint does: start a new training from them with --load-from, or resume from '
            'the last epoch_N.pth'
        )
    with reading_training(path):
        _check_optimizer(checkpoint['optimizer'], path, runner.optim_wrapper)
        _check_schedulers(checkpoint.get('param_schedulers'), path, runner.param_schedulers)


def _check_optimizer(state: Mapping, path: str, wrapper) -> None:
    optimizer = getattr(wrapper, 'optimizer', None)
    if optimizer is None:  # several optimizers: MMEngine compares their names
        return
    groups = state['param_groups']
    name = type(optimizer).__name__
    parameters = [parameter for group in optimizer.param_groups for parameter in group['params']]
    saved = [number for group in groups for number in group['params']]
    if len(groups) != len(optimizer.param_groups) or len(saved) != len(parameters):
        raise CheckpointError(
            f'{path} cannot be resumed: its optimizer has {len(saved)} parameters in {len(groups)} '
            'groups, this '
            f"config's {name} {len(parameters)} in {len(optimizer.param_groups)}"
        )
    lacking = [
        key for key in _TELLING if key in optimizer.defaults and any(key not in group for group in groups)
    ]
    if lacking:
        raise CheckpointError(
            f"{path} cannot be resumed: it was trained with another optimizer than this config's {name}, "
            'whose '
            f'{lacking[0]} it does not have'
        )
    for number, parameter in zip(saved, parameters):
        for key, value in (state['state'].get(number) or {}).items():
            if isinstance(value, torch.Tensor) and value.dim() and value.shape != parameter.shape:
                raise CheckpointError(
                    f'{path} cannot be resumed: {key} of parameter {number} has shape '
                    f'{tuple(value.shape)}, the parameter {tuple(parameter.shape)}'
                )


def _check_schedulers(saved: Any, path: str, own: Any) -> None:
    if not isinstance(own, list):  # None, or one list per optimizer
        return
    if len(saved) != len(own):
        raise CheckpointError(
            f'{path} cannot be resumed: it was trained with {len(saved)} schedules, this config has '
            f'{len(own)}'
        )
    for state, scheduler in zip(saved, own):
        if set(state) != set(scheduler.state_dict()):
            raise CheckpointError(
                f"{path} cannot be resumed: it was trained with another schedule than this config's "
                f'{type(scheduler).__name__}'
            )


@contextlib.contextmanager
def reading_training(path: str) -> Iterator[None]:
    """Turn exceptions caused by a damaged training state into one error that names the file."""
    try:
        yield
    except UserError:
        raise
    except (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(
            f'{path} cannot be resumed: its training state is damaged or foreign: {reason(error)}'
        ) from error
