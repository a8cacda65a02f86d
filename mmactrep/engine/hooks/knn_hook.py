"""A nearest-neighbor classifier that reports during pre-training."""

from __future__ import annotations

import numpy as np
import torch
from mmengine import dist
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmactrep.registry import HOOKS

from .checkpoint_state_hooks import current_random_state, set_random_state


def nearest_neighbor_accuracy(
    train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray, k: int = 5
) -> float:
    """Accuracy of the k nearest neighbors by cosine distance, weighted by nearness.

    Args:
        train: (n, C') features with labels (n,).
        train_labels: (n,).
        test: (m, C') features to classify.
        test_labels: (m,).
        k: Number of neighbors; limited to the number of training features.

    Returns:
        Share of test features classified correctly, in [0, 1].
    """
    # imported here: it takes a second, which users of the other hooks should not have to wait
    from sklearn.neighbors import KNeighborsClassifier

    classifier = KNeighborsClassifier(
        n_neighbors=min(k, len(train)), metric='cosine', algorithm='brute', weights='distance'
    )
    return float(classifier.fit(train, train_labels).score(test, test_labels))


@torch.no_grad()
def extract_features(model: torch.nn.Module, loader: DataLoader) -> tuple[np.ndarray, np.ndarray]:
    """Features and labels of a data set, gathered from all processes in the first one.

    Args:
        model: A model whose mode ``'tensor'`` gives features (N, C').
        loader: Its sampler may split the data among the processes.

    Returns:
        (n, C') float32 and (n,) int64, without the samples with which a sampler pads the processes' shares.
    """
    own = []
    for batch in loader:
        batch = model.data_preprocessor(batch, False)
        features = model(batch['inputs'], batch['data_samples'], mode='tensor').float().cpu().numpy()
        own += [(row, int(sample.gt_label)) for row, sample in zip(features, batch['data_samples'])]
    rows = dist.collect_results(own, len(loader.dataset))
    if rows is None:
        return np.empty((0, 0), np.float32), np.empty(0, np.int64)
    return np.stack([row for row, _ in rows]), np.array([label for _, label in rows], np.int64)


@HOOKS.register_module()
class KNNHook(Hook):
    """Classifies test clips by their nearest training clips in the space of the frozen features.

    It measures pre-training without labels while it runs; labels are used for this report alone. The
    accuracy is logged as ``knn/top1``. The training, including its random numbers, is not affected.

    Args:
        train_dataloader: MMEngine config of a loader of labeled clips, without augmentation.
        test_dataloader: The same for the clips to classify.
        k: Number of neighbors.
        interval: Epochs between reports; the state before the first epoch and the last epoch are always
            reported.

    Raises:
        ValueError: If ``k`` or ``interval`` is less than 1.
    """

    priority = 'LOW'

    def __init__(self, train_dataloader: dict, test_dataloader: dict, k: int = 5, interval: int = 10) -> None:
        if k < 1 or interval < 1:
            raise ValueError(f'k and interval must be at least 1, got {k} and {interval}')
        self.configs = (train_dataloader, test_dataloader)
        self.loaders: tuple[DataLoader, ...] | None = None
        self.k = k
        self.interval = interval

    def before_train(self, runner) -> None:
        """Report on the initial weights."""
        if runner.epoch == 0:
            self.report(runner)

    def after_train_epoch(self, runner) -> None:
        """Report every ``interval`` epochs and after the last."""
        if self.every_n_epochs(runner, self.interval) or runner.epoch + 1 == runner.max_epochs:
            self.report(runner)

    def report(self, runner) -> float | None:
        """Extract the features, classify and log; returns the accuracy in the first process, else None."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        state, training = current_random_state(), model.training
        if self.loaders is None:
            self.loaders = tuple(Runner.build_dataloader(dict(config)) for config in self.configs)
        model.eval()
        train, test = (extract_features(model, loader) for loader in self.loaders)
        model.train(training)
        set_random_state(state)
        if not dist.is_main_process():
            return None
        accuracy = nearest_neighbor_accuracy(*train, *test, k=self.k)
        runner.message_hub.update_scalar('knn/top1', accuracy)
        runner.logger.info(
            f'knn/top1: {accuracy:.4f} ({self.k} nearest of {len(train[0])} clips, {len(test[0])} tested)'
        )
        return accuracy
