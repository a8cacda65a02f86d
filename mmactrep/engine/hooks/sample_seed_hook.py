"""Random numbers for samples that depend on seed, epoch and position alone."""

from __future__ import annotations

from collections.abc import Iterator

from mmengine.hooks import Hook
from torch.utils.data import Dataset

from mmactrep.registry import HOOKS


def unwrap_datasets(dataset: Dataset) -> Iterator[Dataset]:
    """The data sets inside MMEngine's wrappers (concatenated, repeated, class-balanced)."""
    inner = getattr(dataset, 'datasets', None) or [getattr(dataset, 'dataset', None)]
    if inner == [None]:
        yield dataset
    else:
        for part in inner:
            yield from unwrap_datasets(part)


@HOOKS.register_module()
class SampleSeedHook(Hook):
    """Passes the run's seed and the epoch to the training data set (``set_seed_and_epoch``).

    Augmentation is then the same for any number of workers, and in a resumed training the same as in an
    uninterrupted one.
    """

    def before_train_epoch(self, runner) -> None:
        """Pass on the epoch that begins."""
        for dataset in unwrap_datasets(runner.train_dataloader.dataset):
            if hasattr(dataset, 'set_seed_and_epoch'):
                dataset.set_seed_and_epoch(runner.seed, runner.epoch)
