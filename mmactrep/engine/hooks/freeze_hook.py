"""Freezing parts of a model."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmactrep.errors import UserError
from mmactrep.registry import HOOKS


class HookError(UserError, AttributeError):
    """A model that lacks what a hook works on."""


@HOOKS.register_module()
class FreezeHook(Hook):
    """Freezes parts of the model: no gradients, and their batch norms in evaluation mode.

    Linear evaluation is ``dict(type='FreezeHook', modules=['backbone'])``.

    Args:
        modules: Names of submodules, as in ``model.get_submodule``.

    Raises:
        HookError: If the model has no such submodule.
    """

    priority = 'VERY_HIGH'

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = tuple(modules)

    def _frozen(self, runner):
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        try:
            return [model.get_submodule(name) for name in self.modules]
        except AttributeError as error:
            raise HookError(f'FreezeHook cannot freeze {", ".join(self.modules)}: {error}') from error

    def before_train(self, runner) -> None:
        """Stop the gradients."""
        for module in self._frozen(runner):
            module.requires_grad_(False)

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """The training loop puts the whole model into training mode at every epoch."""
        for module in self._frozen(runner):
            if module.training:
                module.eval()
