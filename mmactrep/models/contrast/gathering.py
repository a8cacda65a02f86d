"""Exchange of batches between processes. With one process every function returns its input.

A batch is a tensor (N, ...), or a dictionary of such tensors that belong together, row by row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from mmengine import dist
from torch import Tensor

Batch = TypeVar('Batch', Tensor, dict[str, Tensor])


def map_batch(function: Callable[[Tensor], Tensor], batch: Batch) -> Batch:
    """Apply a function to the tensor, or to every tensor of the dictionary."""
    if isinstance(batch, Tensor):
        return function(batch)
    return {name: function(value) for name, value in batch.items()}


def batch_size(batch: Batch) -> int:
    """Rows N of a batch.

    Raises:
        ValueError: If there is no tensor, or the tensors have different numbers of rows.
    """
    if isinstance(batch, Tensor):
        return len(batch)
    sizes = {name: len(value) for name, value in batch.items()}
    if len(set(sizes.values())) != 1:
        raise ValueError(f'expected tensors of one number of rows, found {sizes}')
    return next(iter(sizes.values()))


def check_equal_batches(size: int, device: torch.device) -> None:
    """Refuse batches of unequal size: gathering them would hang or mix up rows.

    Raises:
        ValueError: With the sizes of all processes.
    """
    if dist.get_world_size() == 1:
        return
    sizes = [int(found) for found in dist.all_gather(torch.tensor([size], device=device))]
    if len(set(sizes)) > 1:
        raise ValueError(
            f'the processes have batches of {sizes} samples; contrastive pre-training needs equal ones '
            '(train_dataloader.drop_last=True)'
        )


@torch.no_grad()
def gather(batch: Batch) -> Batch:
    """Batches (N, ...) of all processes, in the order of their ranks: (W·N, ...), without gradient."""
    if dist.get_world_size() == 1:
        return batch
    return map_batch(lambda x: torch.cat(dist.all_gather(x.contiguous())), batch)


@torch.no_grad()
def shuffle_batch(batch: Batch) -> tuple[Batch, Tensor | None]:
    """Shuffle the batches across all processes and return this process's share: MoCo's shuffled batch norm.

    Batch statistics reveal to a network which keys were computed together with its query; exchanging keys
    between processes prevents that. Within one process the batch norm sees the same set of keys in any
    order, so a permutation would have no effect and none is made; the keys' statistics then come from
    their own forward pass.

    Args:
        batch: (N, ...) rows of this process, the same number in every process.

    Returns:
        (N, ...) rows, in the same order for all tensors, and the argument of :func:`unshuffle_batch`: the
        order of all W·N rows, or None.
    """
    size, world = batch_size(batch), dist.get_world_size()
    if world == 1:
        return batch, None
    device = batch.device if isinstance(batch, Tensor) else next(iter(batch.values())).device
    order = torch.randperm(world * size).to(device)
    dist.broadcast(order)
    share = order[dist.get_rank() * size :][:size]
    return map_batch(lambda x: x[share], gather(batch)), order


@torch.no_grad()
def unshuffle_batch(batch: Batch, order: Tensor | None) -> Batch:
    """Rows of all processes in their original order.

    Args:
        batch: (N, ...) values computed row by row from the result of :func:`shuffle_batch`.
        order: Its second result.

    Returns:
        (W·N, ...); this process's own rows start at rank·N.
    """
    everything = gather(batch)
    return everything if order is None else map_batch(lambda x: x[torch.argsort(order)], everything)


def own_share(batch: Batch, size: int) -> Batch:
    """The rows of this process in a gathered batch of ``size`` rows per process."""
    first = dist.get_rank() * size
    return map_batch(lambda x: x[first : first + size], batch)
