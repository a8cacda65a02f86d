"""Exchange of batches between processes. With one process every function gives back its input."""

from __future__ import annotations

import torch
import torch.distributed.nn.functional as differentiable
from mmengine import dist
from torch import Tensor


def check_equal_batches(size: int, device: torch.device) -> None:
    """Refuse batches of unequal size: a gather of them would hang or mix up sequences.

    Raises:
        ValueError: With the sizes of all processes.
    """
    if dist.get_world_size() == 1:
        return
    sizes = [int(found) for found in dist.all_gather(torch.tensor([size], device=device))]
    if len(set(sizes)) > 1:
        raise ValueError(
            f'the processes have batches of {sizes} sequences; contrastive pre-training needs equal ones '
            '(train_dataloader.drop_last=True)'
        )


@torch.no_grad()
def gather(x: Tensor) -> Tensor:
    """Batches (N, ...) of all processes, in the order of their ranks: (W·N, ...), without gradient."""
    if dist.get_world_size() == 1:
        return x
    return torch.cat(dist.all_gather(x.contiguous()))


def gather_with_gradient(x: Tensor) -> Tensor:
    """The same with gradient: each process receives the sum of what all processes send back to its share."""
    if dist.get_world_size() == 1:
        return x
    return torch.cat(differentiable.all_gather(x.contiguous()))


@torch.no_grad()
def shuffle_batch(x: Tensor) -> tuple[Tensor, Tensor | None]:
    """A random share of the batches of all processes: MoCo's shuffled batch norm.

    Batch statistics let a network tell which keys were computed together with its query. With keys
    exchanged between the processes they tell nothing. Within one process the batch norm sees the
    same set of keys in any order, so there a permutation would be without effect and none is made;
    there the keys' statistics are those of a forward pass of their own.

    Args:
        x: (N, ...) sequences of this process, as many as in every other.

    Returns:
        (N, ...) sequences, and what :func:`unshuffle_batch` needs: the order of all W·N, or None.
    """
    world = dist.get_world_size()
    if world == 1:
        return x, None
    order = torch.randperm(world * len(x)).to(x.device)
    dist.broadcast(order)
    share = order[dist.get_rank() * len(x) :][: len(x)]
    return gather(x)[share], order


@torch.no_grad()
def unshuffle_batch(features: Tensor, order: Tensor | None) -> Tensor:
    """Features of all processes in their first order.

    Args:
        features: (N, ...) features of what :func:`shuffle_batch` gave.
        order: Its second result.

    Returns:
        (W·N, ...); this process's own are those from rank·N on.
    """
    everything = gather(features)
    return everything if order is None else everything[torch.argsort(order)]


def own_share(x: Tensor, size: int) -> Tensor:
    """The rows of this process in a gathered batch of ``size`` rows a process."""
    return x[dist.get_rank() * size :][:size]
