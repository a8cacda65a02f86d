"""The queue of keys that serve as negatives."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FeatureQueue(nn.Module):
    """A ring of the newest keys, at sequence or at frame level.

    It begins with random unit vectors, as MoCo's does. Everything is a buffer, so a checkpoint
    carries the queue and a resumed training goes on with the same negatives. Under ``torch.distributed``
    every process enqueues the keys of all, in the same order, and all queues stay the same.

    Args:
        size: Keys K.
        shape: Shape of a key: (D,) for sequences, (F, D) for frames.
        num_instances: Instances that a key is made of: the number of motions composed.

    Raises:
        ValueError: If the size is not positive.
    """

    def __init__(self, size: int, shape: tuple[int, ...], num_instances: int = 1) -> None:
        super().__init__()
        if size < 1:
            raise ValueError(f'a queue holds at least one key, got size {size}')
        self.register_buffer('features', F.normalize(torch.randn(size, *shape), dim=-1))
        # Floats of double precision because MMEngine's SyncBuffersHook averages buffers over processes:
        # integers it takes through single precision, which holds no more than 2 ** 24 of them.
        self.register_buffer('instances', torch.full((size, num_instances), -1, dtype=torch.float64))
        self.register_buffer('pointer', torch.zeros((), dtype=torch.int64))

    def __len__(self) -> int:
        return len(self.features)

    @torch.no_grad()
    def enqueue(self, keys: Tensor, instances: Tensor | None = None) -> None:
        """Replace the oldest keys.

        The number of keys need not divide the size. Of more keys than the queue holds the last ones stay.

        Args:
            keys: (B, D) or (B, F, D), unit vectors, the same in every process.
            instances: (B, I) what the keys are made of, negative for nothing; default: unknown.

        Raises:
            ValueError: If the shape of a key is not that of the queue.
        """
        if keys.shape[1:] != self.features.shape[1:]:
            raise ValueError(
                f'the queue holds keys of shape {tuple(self.features.shape[1:])}, '
                f'found keys {tuple(keys.shape)}; windows must have the length that the queue was built for'
            )
        total, size = len(keys), len(self)
        kept = min(total, size)
        slots = (self.pointer + torch.arange(total - kept, total, device=keys.device)) % size
        self.features[slots] = keys[total - kept :].to(self.features.dtype)
        if instances is None:
            self.instances[slots] = -1
        else:
            self.instances[slots] = instances[total - kept :].to(self.instances.dtype)
        self.pointer.copy_((self.pointer + total) % size)
