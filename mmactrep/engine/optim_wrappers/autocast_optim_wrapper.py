"""Mixed precision in bfloat16 on any device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.device import get_device
from mmengine.optim import OptimWrapper

from mmactrep import compat
from mmactrep.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(OptimWrapper):
    """The forward pass runs under ``torch.autocast``, also on a CPU.

    MMEngine's ``AmpOptimWrapper`` refuses to run without an accelerator. bfloat16 has the range of
    float32, so losses are not scaled and checkpoints are those of an ordinary optimizer wrapper.

    Args:
        dtype: ``'bfloat16'``; float16 needs loss scaling, which ``AmpOptimWrapper`` has.
        **kwargs: Arguments of ``OptimWrapper``.
    """

    def __init__(self, dtype: str = 'bfloat16', **kwargs) -> None:
        if dtype != 'bfloat16':
            raise ValueError(f"dtype must be 'bfloat16' (use AmpOptimWrapper for float16), got {dtype!r}")
        compat.accept_bfloat16_scores()
        super().__init__(**kwargs)

    @contextmanager
    def optim_context(self, model: torch.nn.Module) -> Iterator[None]:
        """Autocast around the forward pass, within ``OptimWrapper``'s own context."""
        device = get_device()
        with super().optim_context(model), torch.autocast(device, torch.bfloat16):
            yield
