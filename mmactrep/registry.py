"""Registries of scope ``mmactrep``, children of mmaction2's.

A config with ``default_scope = 'mmactrep'`` finds the classes of this package, of mmaction2 and of
MMEngine by their bare names.
"""

import sys

from mmactrep import compat

# mmaction2 is imported lazily by its registries: the workarounds must be applied before that.
compat.apply()

from mmaction import registry as mmaction_registry  # noqa: E402
from mmengine.registry import Registry  # noqa: E402


class LazyRegistry(Registry):
    """A registry whose locations may be packages that import their names on first use.

    Such a package registers its classes when they are accessed: every name in its ``__all__``.
    """

    def import_from_location(self) -> None:
        """Import the locations once, and every name that mmactrep's own locations list."""
        if self._imported:
            return
        super().import_from_location()
        for location in self._locations:
            package = sys.modules[location]
            if location.startswith('mmactrep.'):
                for name in getattr(package, '__all__', ()):
                    getattr(package, name)


def _child(parent: str, *own: str) -> Registry:
    """A child of mmaction2's registry of that name, with packages of mmactrep that define its classes.

    A registry imports its own locations when a class is looked up, but not those of its parent.
    """
    parent = getattr(mmaction_registry, parent)
    locations = [*parent._locations, *(f'mmactrep.{location}' for location in own)]
    return LazyRegistry(parent.name, parent=parent, scope='mmactrep', locations=locations)


MODELS = _child('MODELS', 'models')
DATASETS = _child('DATASETS', 'datasets')
TRANSFORMS = _child('TRANSFORMS', 'datasets.transforms', 'datasets.video')
DATA_SAMPLERS = _child('DATA_SAMPLERS', 'datasets')
METRICS = _child('METRICS', 'evaluation')
HOOKS = _child('HOOKS', 'engine')
LOOPS = _child('LOOPS', 'engine')
OPTIM_WRAPPERS = _child('OPTIM_WRAPPERS', 'engine')
OPTIMIZERS = _child('OPTIMIZERS', 'engine')
PARAM_SCHEDULERS = _child('PARAM_SCHEDULERS', 'engine')
VISUALIZERS = _child('VISUALIZERS', 'visualization')

# mmactrep adds nothing to these; with a child in every tree MMEngine finds the scope without a warning.
RUNNERS = _child('RUNNERS')
RUNNER_CONSTRUCTORS = _child('RUNNER_CONSTRUCTORS')
MODEL_WRAPPERS = _child('MODEL_WRAPPERS')
WEIGHT_INITIALIZERS = _child('WEIGHT_INITIALIZERS')
OPTIM_WRAPPER_CONSTRUCTORS = _child('OPTIM_WRAPPER_CONSTRUCTORS')
EVALUATOR = _child('EVALUATOR')
TASK_UTILS = _child('TASK_UTILS')
VISBACKENDS = _child('VISBACKENDS')
LOG_PROCESSORS = _child('LOG_PROCESSORS')

#: Pose experts, :mod:`mmactrep.pose.experts`; mmaction2 has no counterpart.
POSE_EXPERTS = LazyRegistry('pose expert', scope='mmactrep', locations=['mmactrep.pose.experts'])
