"""Give a motion generator the mean and deviation of the motions before its training begins."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper

from mmactrep.registry import HOOKS

from .sample_seed_hook import unwrap_datasets


@HOOKS.register_module()
class MotionStatisticsHook(Hook):
    """Gives a motion generator the statistics of the training set, unless it already has some.

    The training set's ``statistics()`` are the same in every process, as are those that a data preprocessor
    or a model computes from it; a resumed or fine-tuned generator keeps those of its checkpoint.

    Args:
        samples: Number of motions from which the statistics are computed. Defaults to 4000.
    """

    def __init__(self, samples: int = 4000) -> None:
        self.samples = samples

    def before_train(self, runner) -> None:
        """Compute the statistics and store them.

        Raises:
            TypeError: If none of training set, data preprocessor and model has ``statistics()``.
        """
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if model.generator.has_statistics:
            return
        dataset = next(unwrap_datasets(runner.train_dataloader.dataset))
        if hasattr(dataset, 'statistics'):
            statistics, source = dataset.statistics(self.samples), dataset
        else:
            makers = [each for each in (model.data_preprocessor, model) if hasattr(each, 'statistics')]
            if not makers:
                raise TypeError(
                    'expected a training set, a data preprocessor or a model with statistics(), as '
                    'MotionPairDataset, MotionPairSynthesizer and ViA have, found '
                    f'{type(dataset).__name__}, {type(model.data_preprocessor).__name__} and '
                    f'{type(model).__name__}'
                )
            source = makers[0]
            statistics = source.statistics(dataset, self.samples)
        model.generator.set_statistics(statistics)
        print_log(f'motions are standardized by {type(source).__name__}.statistics()', logger='current')
