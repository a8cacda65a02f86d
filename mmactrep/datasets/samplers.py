"""Samplers whose epochs are arrays, not lists of as many numbers, and over several data sets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from mmengine.dataset import ConcatDataset, DefaultSampler
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmactrep.registry import DATA_SAMPLERS


def share_counts(shares: Sequence[float], samples: int) -> list[int]:
    """How many of ``samples`` each share gets; the counts add up, and are off by less than 1.

    >>> share_counts([1, 1, 1], 100)
    [34, 33, 33]
    """
    exact = [share / sum(shares) * samples for share in shares]
    counts = [math.floor(count) for count in exact]
    rest = sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], i))
    for i in rest[: samples - sum(counts)]:
        counts[i] += 1
    return counts


# Numbers that are Python objects at a time.
_PIECE = 4096


def pieces_of(order: torch.Tensor) -> Iterator[int]:
    """The numbers of a tensor one after another, few of them as objects at a time."""
    for piece in order.split(_PIECE):
        yield from piece.tolist()


@DATA_SAMPLERS.register_module()
class EpochSampler(DefaultSampler):
    """MMEngine's ``DefaultSampler``, its order in an array: 8 bytes a clip where a list takes 40.

    The numbers and their order are the same; arguments are those of ``DefaultSampler``.
    """

    def __iter__(self) -> Iterator[int]:
        count = len(self.dataset)
        if self.shuffle:
            generator = torch.Generator()
            generator.manual_seed(self.seed + self.epoch)
            order = torch.randperm(count, generator=generator)
        else:
            order = torch.arange(count)
        if self.round_up:
            order = order.repeat(math.ceil(self.total_size / count))[: self.total_size]
        return pieces_of(order[self.rank : self.total_size : self.world_size])


@DATA_SAMPLERS.register_module()
class MixtureSampler(Sampler):
    """An epoch of a given length in which every data set of a ``ConcatDataset`` has a given share.

    Within an epoch no clip of a data set comes a second time before all its others came. Epoch and seed
    determine the order; processes have equal parts.

    Args:
        dataset: The data sets.
        shares: Share of each, in their order; they need not add up to 1.
        samples: Samples in an epoch, of all processes together.
        seed: Default: one that the processes share.
        round_up: Whether processes have equal numbers by repeating some samples at the end.

    Raises:
        TypeError: If the data set is not concatenated.
        ValueError: If there are not as many shares as data sets, or one is not positive.
    """

    def __init__(
        self,
        dataset: ConcatDataset,
        shares: Sequence[float],
        samples: int,
        seed: int | None = None,
        round_up: bool = True,
    ) -> None:
        if not isinstance(dataset, ConcatDataset):
            raise TypeError(f'MixtureSampler needs a ConcatDataset, got {type(dataset).__name__}')
        if len(shares) != len(dataset.datasets) or not all(share > 0 for share in shares):
            raise ValueError(
                f'expected a positive share for each of {len(dataset.datasets)} data sets, got {list(shares)}'
            )
        if samples < 1:
            raise ValueError(f'samples must be at least 1, got {samples}')
        self.rank, self.world_size = get_dist_info()
        self.sizes = [len(part) for part in dataset.datasets]
        self.counts = share_counts(shares, samples)
        self.samples = samples
        self.seed = sync_random_seed() if seed is None else seed
        self.round_up = round_up
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator()
        generator.manual_seed(self.seed + self.epoch)
        chosen, start = [], 0
        for size, count in zip(self.sizes, self.counts):
            rounds = [torch.randperm(size, generator=generator) for _ in range(math.ceil(count / size))]
            chosen += [torch.cat(rounds)[:count] + start] if rounds else []
            start += size
        order = torch.cat(chosen)
        order = order[torch.randperm(len(order), generator=generator)]
        if self.round_up:
            order = torch.cat([order, order[: len(self) * self.world_size - len(order)]])
        return pieces_of(order[self.rank :: self.world_size])

    def __len__(self) -> int:
        if self.round_up:
            return math.ceil(self.samples / self.world_size)
        return len(range(self.rank, self.samples, self.world_size))

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of an epoch; MMEngine calls it."""
        self.epoch = epoch


@DATA_SAMPLERS.register_module()
class ClassBalancedSampler(EpochSampler):
    """An epoch of as many samples as the data set has, with equally many of every class.

    Rare classes are repeated, of frequent ones a part is drawn; within a class no clip comes a second time
    before all its others came. Epoch and seed determine the order; processes have equal parts.

    Args:
        dataset: A data set with ``labels``, one per sample.
        kwargs: As for ``DefaultSampler``.

    Raises:
        TypeError: If the data set has no labels.
        ValueError: If a sample has none (-1).
    """

    def __init__(self, dataset, **kwargs) -> None:
        super().__init__(dataset, **kwargs)
        labels = getattr(dataset, 'labels', None)
        if labels is None:
            raise TypeError(
                f'ClassBalancedSampler needs a data set with labels, got {type(dataset).__name__}'
            )
        labels = torch.as_tensor(labels)
        if (labels < 0).any():
            raise ValueError(f'ClassBalancedSampler: {int((labels < 0).sum())} samples have no label')
        self.members = [torch.nonzero(labels == label).flatten() for label in labels.unique()]

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator()
        generator.manual_seed(self.seed + self.epoch)
        counts = share_counts([1.0] * len(self.members), len(self.dataset))
        # the classes that get one sample more change with the epoch
        turn = self.epoch % len(counts)
        chosen = []
        for members, count in zip(self.members, counts[turn:] + counts[:turn]):
            rounds = [
                members[torch.randperm(len(members), generator=generator)]
                for _ in range(math.ceil(count / len(members)))
            ]
            chosen += [torch.cat(rounds)[:count]] if rounds else []
        order = torch.cat(chosen)
        if self.shuffle:
            order = order[torch.randperm(len(order), generator=generator)]
        if self.round_up:
            order = order.repeat(2)[: self.total_size]
        return pieces_of(order[self.rank : self.total_size : self.world_size])
