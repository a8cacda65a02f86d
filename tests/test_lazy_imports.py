"""Names that packages import at their first use."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

import mmactrep.apis
from tests.helpers.training import environment

LAZY = (
    'mmactrep.apis',
    'mmactrep.datasets',
    'mmactrep.engine',
    'mmactrep.evaluation',
    'mmactrep.motion',
    'mmactrep.motion.procedural',
    'mmactrep.pose',
    'mmactrep.pose.experts',
    'mmactrep.visualization',
)
# a class or more of every registry that mmactrep adds to
REGISTERED = dict(
    DATASETS=['SkeletonDataset', 'MotionPairDataset', 'SkeletonSegmentationDataset'],
    HOOKS=['KNNHook', 'RandomStateHook'],
    METRICS=['ClassificationMetric', 'PoseMetric'],
    LOOPS=['LeastIterationsTrainLoop'],
    MODELS=['UNIK', 'LAC', 'MotionRetargeter', 'FrameHead'],
    OPTIM_WRAPPERS=['AutocastOptimWrapper'],
    PARAM_SCHEDULERS=['WarmUpLR'],
    POSE_EXPERTS=['MediaPipeExpert', 'PrecomputedExpert'],
    TRANSFORMS=['RandomMirror', 'ScreenNormalize'],
)


def printed_by(code: str) -> str:
    """What code prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True, env=environment()
    )
    return done.stdout


@pytest.mark.parametrize('package', LAZY)
def test_every_name_is_listed_and_comes_from_where_it_is_written(package):
    package = importlib.import_module(package)
    for name in package.__all__:
        assert name in dir(package)
        value = getattr(package, name)
        if hasattr(value, '__qualname__'):
            assert value.__name__ == name and value.__module__.startswith('mmactrep.')


@pytest.mark.parametrize('package', LAZY)
def test_no_lazy_name_is_that_of_a_module(package):
    """Importing the module would set its name in the package, and hide what the package means by it."""
    package = importlib.import_module(package)
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not modules & set(package.__all__)


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match=r"module 'mmactrep\.apis' has no attribute 'Recognizer'"):
        mmactrep.apis.Recognizer  # noqa: B018


def test_importing_a_package_loads_nothing_heavy():
    packages = [name for name in LAZY if name != 'mmactrep.evaluation']  # its functions need torch
    heavy = ['cv2', 'decord', 'matplotlib', 'mediapipe', 'mmaction', 'mmcv', 'mmengine', 'scipy', 'torch']
    found = printed_by(
        f'import sys, {", ".join(packages)}\nprint(*(name for name in {heavy} if name in sys.modules))'
    )
    assert found.split() == []


def test_registries_find_what_lazy_packages_list():
    found = printed_by(
        'import json\nfrom mmactrep import registry\n'
        'print(json.dumps({name: [getattr(registry, name).get(cls).__name__ for cls in classes]'
        f' for name, classes in {REGISTERED}.items()}}))'
    )
    assert json.loads(found.splitlines()[-1]) == REGISTERED
