"""Random numbers of a sample that depend only on seed, epoch and position."""

from __future__ import annotations

import numpy as np
import torch


class SampleSeeds:
    """A generator for every sample: the same for any number of workers, and after resuming.

    ``SampleSeedHook`` sets seed and epoch through :meth:`set_seed_and_epoch`; before that, NumPy's
    global generator seeds those of the samples.
    """

    def __init__(self) -> None:
        # shared memory, so that persistent workers learn of a new epoch: (seed, epoch)
        self._values = torch.full((2,), -1, dtype=torch.int64).share_memory_()

    def set_seed_and_epoch(self, seed: int, epoch: int) -> None:
        """Fix the random numbers of every sample for this epoch, in all workers."""
        self._values[0] = seed
        self._values[1] = epoch

    def generator(self, idx: int, test_mode: bool = False) -> np.random.Generator:
        """The generator of a sample; the same in every epoch in test mode."""
        if test_mode:
            return np.random.default_rng([0, 0, idx])
        seed, epoch = self._values.tolist()
        if seed < 0:
            return np.random.default_rng(np.random.randint(0, 2**31, size=4))
        return np.random.default_rng([seed, epoch, idx])
