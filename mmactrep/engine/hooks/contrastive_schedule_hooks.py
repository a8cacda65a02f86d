"""Schedules of contrastive pre-training other than the learning rate: momentum and temperature."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from torch import nn

from mmactrep.registry import HOOKS

from .freeze_hook import HookError


def half_cosine(first: float, last: float, step: int, total: int) -> float:
    """A value along half a cosine from ``first`` at step 0 to ``last`` at step ``total`` and after."""
    return last - (last - first) * (math.cos(math.pi * min(step, total) / max(total, 1)) + 1) / 2


class HalfCosineHook(Hook, ABC):
    """Moves a number of the model along half a cosine during training, or keeps it constant, and logs it.

    It depends on the iteration alone, so a resumed training continues it without stored state.

    Args:
        base: Value at the start. Default: the value that the model was built with.
        end: Value at the last iteration; ``None`` keeps the first one.
    """

    #: Name of the number in the log.
    quantity: str

    def __init__(self, base: float | None = None, end: float | None = None) -> None:
        self.base = base
        self.end = end

    @abstractmethod
    def read(self, model: nn.Module) -> float:
        """The current value in the model.

        Raises:
            HookError: If it has none.
        """

    @abstractmethod
    def write(self, model: nn.Module, value: float) -> None:
        """Set the value in the model."""

    def before_train(self, runner) -> None:
        """Take the first value from the model unless one was given."""
        found = self.read(_without_wrapper(runner.model))
        if self.base is None:
            self.base = found

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Set the value of this iteration, and log it."""
        value = self.base
        if self.end is not None:
            value = half_cosine(self.base, self.end, runner.iter, runner.max_iters)
        self.write(_without_wrapper(runner.model), value)
        runner.message_hub.update_scalar(f'train/{self.quantity}', value)


@HOOKS.register_module()
class MomentumScheduleHook(HalfCosineHook):
    """Moves the momentum of ``model.momentum_encoder`` along half a cosine (thesis, 4.5.1).

    Args:
        base: Momentum at the start. Default: the value that the model was built with.
        end: Momentum at the last iteration; ``None`` keeps the first one.

    Raises:
        ValueError: If either is outside [0, 1].
    """

    quantity = 'momentum'

    def __init__(self, base: float | None = None, end: float | None = 1.0) -> None:
        for name, value in dict(base=base, end=end).items():
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f'{name} must be a momentum in [0, 1], got {value}')
        super().__init__(base, end)

    def read(self, model: nn.Module) -> float:
        """See :class:`HalfCosineHook`."""
        return self._encoder(model).momentum

    def write(self, model: nn.Module, value: float) -> None:
        """See :class:`HalfCosineHook`."""
        self._encoder(model).momentum = value

    def _encoder(self, model: nn.Module):
        encoder = getattr(model, 'momentum_encoder', None)
        if encoder is None:
            raise HookError(
                f'MomentumScheduleHook needs a model with a momentum_encoder, {type(model).__name__} has none'
            )
        return encoder


@HOOKS.register_module()
class TemperatureScheduleHook(HalfCosineHook):
    """Moves the temperature of all contrastive losses of the model (Temp of Eq. 4.8) along half a cosine.

    The thesis keeps it at 0.1; with a falling one, negatives are soft at first and hard at the end.

    Args:
        end: Temperature at the last iteration.
        base: Temperature at the start. Default: the value that the model was built with.

    Raises:
        ValueError: If either is not positive.
    """

    quantity = 'temperature'

    def __init__(self, end: float, base: float | None = None) -> None:
        for name, value in dict(base=base, end=end).items():
            if value is not None and value <= 0:
                raise ValueError(f'{name} must be a positive temperature, got {value}')
        super().__init__(base, end)

    def read(self, model: nn.Module) -> float:
        """See :class:`HalfCosineHook`."""
        return self._losses(model)[0].temperature

    def write(self, model: nn.Module, value: float) -> None:
        """See :class:`HalfCosineHook`."""
        for loss in self._losses(model):
            loss.temperature = value

    def _losses(self, model: nn.Module) -> list[nn.Module]:
        losses = [module for module in model.modules() if hasattr(module, 'temperature')]
        if not losses:
            raise HookError(
                'TemperatureScheduleHook needs a model with a loss that has a temperature, '
                f'{type(model).__name__} has none'
            )
        return losses


def _without_wrapper(model: nn.Module) -> nn.Module:
    return model.module if is_model_wrapper(model) else model
