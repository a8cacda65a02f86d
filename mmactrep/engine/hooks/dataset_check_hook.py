"""Comparing data and model before the first step."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmactrep.registry import HOOKS

from .sample_seed_hook import unwrap_datasets


@HOOKS.register_module()
class DatasetCheckHook(Hook):
    """Refuses a head with fewer outputs than the data set has classes, before any training step."""

    def before_train(self, runner) -> None:
        """Check the training data."""
        self._check(runner, runner.train_dataloader)

    def before_test(self, runner) -> None:
        """Check the test data."""
        self._check(runner, runner.test_dataloader)

    def _check(self, runner, dataloader) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        outputs = getattr(getattr(model, 'cls_head', None), 'num_classes', None)
        if outputs is None:
            return
        for dataset in unwrap_datasets(dataloader.dataset):
            classes = getattr(dataset, 'metainfo', {}).get('classes')
            if classes is not None and len(classes) > outputs:
                raise ValueError(
                    f'{dataset.ann_file} has {len(classes)} classes, but the head of the model has '
                    f'num_classes={outputs}'
                )
