"""The queue of keys that serve as negatives."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_OWN_BUFFERS = ('features', 'pointer')


class FeatureQueue(nn.Module):
    """A ring buffer of the newest keys, and of extra values stored with each of them.

    It begins with random unit vectors, as MoCo's does. Everything is a buffer, so a checkpoint contains the
    queue and a resumed training continues with the same negatives. Under ``torch.distributed`` every process
    enqueues the keys of all, in the same order, and all queues stay identical.

    >>> queue = FeatureQueue(8192, (128,), labels=torch.tensor(-1), times=torch.zeros(3))
    >>> queue.enqueue(keys, labels=labels, times=times)
    >>> queue.extras['labels'].shape
    torch.Size([8192])

    Args:
        size: K, the number of keys.
        shape: Shape of a key: (D,) for one vector, (F, D) for one per frame.
        **extras: By name, what an empty slot holds of a value stored with each key (a label, a time, the
            numbers of the clips that it shows). Its shape and type are those of the entries.

    Raises:
        ValueError: If the size is not positive, or a name is already in use.
    """

    def __init__(self, size: int, shape: tuple[int, ...], **extras: Tensor) -> None:
        super().__init__()
        if size < 1:
            raise ValueError(f'a queue holds at least one key, got size {size}')
        self.register_buffer('features', F.normalize(torch.randn(size, *shape), dim=-1))
        self._empty = extras
        for name, empty in extras.items():
            if name in _OWN_BUFFERS:
                raise ValueError(f"a queue has '{name}' of its own")
            # Integers are stored in double precision because MMEngine's SyncBuffersHook averages buffers over
            # processes: it converts integers to single precision, which is exact only up to 2 ** 24.
            kept = empty if empty.is_floating_point() else empty.double()
            self.register_buffer(name, kept.expand(size, *kept.shape).clone())
        self.register_buffer('pointer', torch.zeros((), dtype=torch.int64))

    def __len__(self) -> int:
        return len(self.features)

    @property
    def extras(self) -> dict[str, Tensor]:
        """The values stored with the keys, by name: (K, ...) each, in their original types."""
        return {name: getattr(self, name).to(empty.dtype) for name, empty in self._empty.items()}

    @torch.no_grad()
    def enqueue(self, keys: Tensor, **extras: Tensor) -> None:
        """Replace the oldest keys.

        The number of keys need not divide the size. If there are more keys than slots, the last ones are
        kept.

        Args:
            keys: (B, D) or (B, F, D), unit vectors, the same in every process.
            **extras: (B, ...) for each name in the queue. Default: the value of an empty slot.

        Raises:
            ValueError: If the shape of a key or of an extra is not that of the queue, or a name is unknown.
        """
        if keys.shape[1:] != self.features.shape[1:]:
            raise ValueError(
                f'the queue holds keys of shape {tuple(self.features.shape[1:])}, '
                f'found keys {tuple(keys.shape)}; windows must have the length that the queue was built for'
            )
        self._check_extras(extras, len(keys))
        total, size = len(keys), len(self)
        kept = min(total, size)
        slots = (self.pointer + torch.arange(total - kept, total, device=keys.device)) % size
        self.features[slots] = keys[total - kept :].to(self.features.dtype)
        for name, empty in self._empty.items():
            buffer = getattr(self, name)
            new = extras[name][total - kept :] if name in extras else empty
            buffer[slots] = new.to(buffer)
        self.pointer.copy_((self.pointer + total) % size)

    def _check_extras(self, extras: Mapping[str, Tensor], count: int) -> None:
        for name, value in extras.items():
            if name not in self._empty:
                raise ValueError(f"the queue holds {', '.join(self._empty) or 'keys alone'}, not '{name}'")
            expected = (count, *self._empty[name].shape)
            if tuple(value.shape) != expected:
                raise ValueError(f"expected '{name}' {expected}, found {tuple(value.shape)}")
