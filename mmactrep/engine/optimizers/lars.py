"""LARS, the optimizer of BYOL, from timm."""

from __future__ import annotations

from collections.abc import Iterable

from torch.optim import Optimizer

from mmactrep.errors import UserError
from mmactrep.registry import OPTIMIZERS


class OptionalPackageError(UserError, ImportError):
    """An optional package that a config needs is not installed; the message names it."""


@OPTIMIZERS.register_module()
def LARS(params: Iterable, **kwargs) -> Optimizer:
    """SGD whose rate is scaled for each tensor by its norm over that of its gradient (timm's ``Lars``).

    Tensors without weight decay get plain SGD, as usual for biases and batch norms; in a config::

        optim_wrapper = dict(
            optimizer=dict(type='LARS', lr=4.8, momentum=0.9, weight_decay=1e-6),
            paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
        )

    Args:
        params: Parameters or groups of them.
        **kwargs: ``lr``, ``momentum``, ``weight_decay``, ``trust_coeff`` and others of timm's class.

    Raises:
        OptionalPackageError: If timm is not installed.
    """
    try:
        # optional: nothing else of the toolbox needs it
        from timm.optim import Lars
    except ImportError as error:
        raise OptionalPackageError('LARS is that of timm: pip install -r requirements/byol.txt') from error
    return Lars(params, **kwargs)
