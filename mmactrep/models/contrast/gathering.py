"""Exchange of batches between processes. With one process every function gives back its input.

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
    """Refuse batches of unequal size: a gather of them would hang or mix up rows.

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
    """A random share of the batches of all processes: MoCo's shuffled batch norm.

    Batch statistics let a network tell which keys were computed together with its query. With keys
    exchanged between the processes they tell nothing. Within one process the batch norm sees the
    same set of keys in any order, so there a permutation would be without effect and none is made;
    there the keys' statistics are those of a forward pass of their own.

    Args:
        batch: (N, ...) rows of this process, as many as in every other.

    Returns:
        (N, ...) rows, those of all tensors in the same order, and what :func:`unshuffle_batch` needs: the
        order of all W·N, or None.
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
    """Rows of all processes in their first order.

    Args:
        batch: (N, ...) what was made, row by row, of what :func:`shuffle_batch` gave.
        order: Its second result.

    Returns:
        (W·N, ...); this process's own are those from rank·N on.
    """
    everything = gather(batch)
    return everything if order is None else map_batch(lambda x: x[torch.argsort(order)], everything)


def own_share(batch: Batch, size: int) -> Batch:
    """The rows of this process in a gathered batch of ``size`` rows a process."""
    first = dist.get_rank() * size
    return map_batch(lambda x: x[first : first + size], batch)
