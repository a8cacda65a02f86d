"""The momentum of a momentum encoder over a training."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmactrep.registry import HOOKS


@HOOKS.register_module()
class MomentumScheduleHook(Hook):
    """Moves the momentum of ``model.momentum_encoder`` along half a cosine, or holds it.

    The momentum depends on the iteration alone, so a resumed training takes it up by itself.

    Args:
        base: Momentum at the start. Default: the one that the model was built with.
        end: Momentum at the last iteration; ``None`` holds the first.
    """

    def __init__(self, base: float | None = None, end: float | None = 1.0) -> None:
        for name, value in dict(base=base, end=end).items():
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f'{name} must be a momentum in [0, 1], got {value}')
        self.base = base
        self.end = end

    def _encoder(self, runner):
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        encoder = getattr(model, 'momentum_encoder', None)
        if encoder is None:
            raise AttributeError(
                f'MomentumScheduleHook needs a model with a momentum_encoder, {type(model).__name__} has none'
            )
        return encoder

    def before_train(self, runner) -> None:
        """Take the first momentum from the model unless one was given."""
        encoder = self._encoder(runner)
        if self.base is None:
            self.base = encoder.momentum

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Set the momentum of this iteration, and log it."""
        # imported here: the models' package imports the registry, and is not needed by other hooks
        from mmactrep.models.pretrainers import cosine_momentum

        momentum = self.base
        if self.end is not None:
            momentum = cosine_momentum(self.base, runner.iter, runner.max_iters, self.end)
        self._encoder(runner).momentum = momentum
        runner.message_hub.update_scalar('train/momentum', momentum)
