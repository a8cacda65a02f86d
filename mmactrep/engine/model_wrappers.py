"""Distributed training without an accelerator."""

from __future__ import annotations

from mmengine.model import MMDistributedDataParallel

# the runner looks wrappers up in MMEngine's own registry, whatever the scope
from mmengine.registry import MODEL_WRAPPERS


@MODEL_WRAPPERS.register_module()
class CPUDistributedDataParallel(MMDistributedDataParallel):
    """MMEngine's wrapper for modules on a CPU, which have no device number.

    The tools choose it if there is no accelerator.

    Args:
        module: The model.
        device_ids: Ignored; MMEngine's runner gives the local rank.
        **kwargs: Arguments of ``MMDistributedDataParallel``.
    """

    def __init__(self, module, device_ids=None, **kwargs) -> None:
        super().__init__(module, device_ids=None, **{'broadcast_buffers': False} | kwargs)
