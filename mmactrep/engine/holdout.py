"""Validation on a part of the training split, so that no setting is chosen on the test split."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mmactrep.registry import DATASETS

from .config_files import ConfigError

if TYPE_CHECKING:
    from mmengine.config import Config

# what a data set for validation keeps from the config's own; the clips are those of training
_OF_VALIDATION = ('pipeline', 'test_mode', 'stream', 'window', 'stride')
# settings of training that have no place in validation
_OF_TRAINING = ('repeat_below', 'repeat_count', 'repeat_each', 'balance')
# the place in a pipeline, and the transforms, that decide from where a clip is seen
_VIEW_SLOT, _VIEW_TRANSFORMS = 'project', ('ProjectToCamera', 'ProjectToSensor')


def training_clips_as_tested(train: Mapping, test: Mapping) -> dict:
    """Config of a data set with the clips of training, read as the test reads its own, each once.

    The view is that of training: where a test has other cameras, training clips must not be seen from them.
    Every clip is seen once from each camera of training.

    Args:
        train: Config of the training data.
        test: Config of the data for test or validation.
    """
    made = {key: value for key, value in copy.deepcopy(dict(train)).items() if key not in _OF_TRAINING}
    for key in _OF_VALIDATION:
        made.pop(key, None)
        if key in test:
            made[key] = copy.deepcopy(test[key])
    made['pipeline'] = _with_views(test['pipeline'], train['pipeline'])
    cameras = [each['cameras'] for each in _steps(made['pipeline']) if each.get('cameras')]
    if cameras:
        made['repeat_each'] = len(cameras[0])
    return made


def _steps(pipeline: Any) -> list[Mapping]:
    steps = pipeline.values() if isinstance(pipeline, Mapping) else pipeline
    return [step for step in steps if isinstance(step, Mapping)]


def _with_views(pipeline: Any, source: Any) -> Any:
    """A copy of a pipeline with the transforms that decide the view taken from another one."""
    made = copy.deepcopy(pipeline)
    if isinstance(made, Mapping) and isinstance(source, Mapping):
        if _VIEW_SLOT in source and _VIEW_SLOT not in made:
            raise ConfigError(f"the pipeline of the test has no '{_VIEW_SLOT}', that of training has")
        if _VIEW_SLOT in made:
            made[_VIEW_SLOT] = copy.deepcopy(source.get(_VIEW_SLOT, {}))
        return made
    views = [step for step in _steps(source) if step.get('type') in _VIEW_TRANSFORMS]
    places = [i for i, step in enumerate(made) if dict(step).get('type') in _VIEW_TRANSFORMS]
    if len(views) != len(places):
        raise ConfigError('the pipelines of training and test have other numbers of projections')
    for place, view in zip(places, views):
        made[place] = copy.deepcopy(view)
    return made


def hold_out_cameras(train: Any, held: Any, number: int, seed: int = 0) -> list[int]:
    """Take cameras from the pipeline of training, and leave only these in that of validation, in place.

    So a setting is chosen by what the test asks: clips seen from where no training clip was seen.

    Args:
        train: Config of the training data, whose pipeline has a ``ProjectToCamera`` with ``cameras``.
        held: Config of the data for validation, with the same cameras.
        number: How many cameras are held out.
        seed: Seed of the draw.

    Returns:
        The positions of the cameras that are held out, in ascending order.

    Raises:
        ConfigError: If the pipeline has no cameras, or none would be left.
    """
    places = [[step for step in _steps(each['pipeline']) if step.get('cameras')] for each in (train, held)]
    if [len(found) for found in places] != [1, 1]:
        raise ConfigError('cameras can be held out where the pipeline of training has one list of cameras')
    cameras = places[0][0]['cameras']
    if not 0 < number < len(cameras):
        raise ConfigError(
            f'{number} of {len(cameras)} cameras cannot be held out: one is needed on each side'
        )
    drawn = sorted(int(i) for i in np.random.default_rng(seed).permutation(len(cameras))[:number])
    (seen,), (unseen,) = places
    seen['cameras'] = [copy.deepcopy(each) for i, each in enumerate(cameras) if i not in drawn]
    unseen['cameras'] = [copy.deepcopy(cameras[i]) for i in drawn]
    held['repeat_each'] = number
    if 'repeat_each' in train:
        train['repeat_each'] = len(cameras) - number
    return drawn


def hold_out_validation(
    cfg: Config, share: float, seed: int = 0, groups: str | None = None, cameras: int = 0
) -> None:
    """Train on a part of the training split and validate on the rest of it, in place.

    The part is drawn after ``labelled_fraction``: with 5 % of the labels, no other label is used to choose.
    Validation has the pipeline of the config's validation, and the cameras of training. The test data are
    replaced by the same part, so that the test split is not read.

    Args:
        cfg: A config with data loaders for training and validation.
        share: Share of the training clips to validate on, in (0, 1).
        seed: Seed of the draw.
        groups: Regular expression on the clips' ids; clips whose matches are equal stay together.
        cameras: How many of the cameras of training see the validation clips alone.

    Raises:
        ConfigError: If a loader is missing, or the training data cannot be divided.
    """
    loaders = [cfg.get(name) for name in ('train_dataloader', 'val_dataloader')]
    datasets = [(loader or {}).get('dataset') for loader in loaders]
    if None in datasets:
        raise ConfigError(f'{cfg.filename}: a holdout needs loaders for training and for validation')
    train, validation = datasets
    kind = DATASETS.get(str(train.get('type')))
    # a subclass may pass it on
    taken = [name for each in getattr(kind, '__mro__', ()) for name in inspect.signature(each).parameters]
    if 'holdout' not in taken:
        raise ConfigError(f'{cfg.filename}: its training data, {train.get("type")}, take no holdout')
    held = training_clips_as_tested(train, validation)
    if cameras:
        hold_out_cameras(train, held, cameras, seed)
    settings = dict(share=share, seed=seed, groups=groups)
    held['holdout'] = dict(part='held', **settings)
    train['holdout'] = dict(part='fit', **settings)
    for name in ('val', 'test'):
        # a whole replacement: merging would keep the split of the config
        cfg[f'{name}_dataloader'] = dict(copy.deepcopy(loaders[1]), dataset=copy.deepcopy(held))
    cfg.test_evaluator = copy.deepcopy(cfg.val_evaluator)
