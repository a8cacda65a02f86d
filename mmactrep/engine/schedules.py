"""Schedules for data of any size: warm-up as a share of the run, and a minimum number of steps."""

from __future__ import annotations

import math

from mmengine.logging import print_log
from mmengine.optim import LinearLR
from mmengine.runner import EpochBasedTrainLoop

from mmactrep.registry import LOOPS, PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class WarmUpLR(LinearLR):
    """Linear warm-up over a share of the run, so that it also ends in a run on few clips.

    In a config, before the schedule that it multiplies::

        param_scheduler = [
            dict(type='WarmUpLR', by_epoch=False),
            dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, convert_to_iter_based=True),
        ]

    Neither has a length: MMEngine gives both the run's own (``end``), so one setting changes the number of
    epochs, ``train_cfg.max_epochs`` or ``tools/train.py --epochs``.

    Args:
        optimizer: The optimizer or its wrapper.
        share: Share of the run's iterations that are warm-up, in [0, 1).
        at_most: Maximum number of warm-up iterations; None for no limit.
        start_factor: Factor on the learning rate at the first iteration.
        end: Iterations of the run; MMEngine's runner fills it in.
        last_step: See ``LinearLR``.
        by_epoch: Must be False in the config, which tells MMEngine that ``end`` counts iterations.
        verbose: See ``LinearLR``.

    Raises:
        ValueError: If ``share`` is outside [0, 1), ``at_most`` is negative, or ``by_epoch`` is True.
    """

    def __init__(
        self,
        optimizer,
        share: float = 0.1,
        at_most: int | None = 200,
        start_factor: float = 0.01,
        end: int = 2**31 - 1,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if not 0 <= share < 1 or (at_most is not None and at_most < 0):
            raise ValueError(f'share must be in [0, 1) and at_most not negative, got {share} and {at_most}')
        if by_epoch:
            raise ValueError('WarmUpLR counts iterations: it needs by_epoch=False')
        steps = int(share * end)
        if at_most is not None:
            steps = min(at_most, steps)
        if steps < 2:
            # LinearLR needs a first and a last step; a warm-up of one step would keep the rate at its start
            steps, start_factor = 2, 1.0
        super().__init__(
            optimizer,
            start_factor=start_factor,
            end=steps,
            last_step=last_step,
            by_epoch=False,
            verbose=verbose,
        )


@LOOPS.register_module()
class LeastIterationsTrainLoop(EpochBasedTrainLoop):
    """Epoch-based training with more epochs if few clips would make too few steps.

    Every epoch augments anew, so little data calls for more epochs rather than repeated clips.
    ``val_interval`` and the interval between checkpoints (``AtomicCheckpointHook``) grow by :attr:`stretch`,
    so the numbers of validations and checkpoints stay the same. In a config::

        train_cfg = dict(type='LeastIterationsTrainLoop', max_epochs=30, val_interval=5, min_iters=600)

    Schedulers without a length (:class:`WarmUpLR`, ``CosineAnnealingLR`` without ``T_max`` and ``end``)
    adapt.

    Args:
        runner: The runner.
        dataloader: Training data.
        max_epochs: Epochs, unless they make fewer than ``min_iters`` steps.
        val_interval: Epochs between validations, for ``max_epochs`` epochs.
        min_iters: Minimum number of iterations of the run.
        **kwargs: See ``EpochBasedTrainLoop``.

    Attributes:
        stretch: Ratio of the number of epochs to ``max_epochs``; 1 if the data suffice.

    Raises:
        ValueError: If ``min_iters`` is negative.
    """

    def __init__(
        self, runner, dataloader, max_epochs: int, val_interval: int = 1, min_iters: int = 0, **kwargs
    ) -> None:
        if min_iters < 0:
            raise ValueError(f'min_iters must not be negative, got {min_iters}')
        super().__init__(runner, dataloader, max_epochs, val_interval=val_interval, **kwargs)
        self.stretch = 1.0
        steps = len(self.dataloader)
        if steps and max_epochs * steps < min_iters:
            self._max_epochs = math.ceil(min_iters / steps)
            self._max_iters = self._max_epochs * steps
            self.stretch = self._max_epochs / max_epochs
            self.dynamic_milestones = [round(epoch * self.stretch) for epoch in self.dynamic_milestones]
            self.dynamic_intervals = [max(1, round(each * self.stretch)) for each in self.dynamic_intervals]
            self.val_interval = self.dynamic_intervals[0]
            print_log(
                f'{max_epochs} epochs of {steps} iterations would be too few steps: {self._max_epochs} '
                f'epochs, so that there are at least {min_iters}; validation every {self.val_interval}',
                logger='current',
            )
