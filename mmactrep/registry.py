"""Registries of scope ``mmactrep``, children of mmaction2's.

A config with ``default_scope = 'mmactrep'`` finds the classes of this package, of mmaction2 and of
MMEngine by their bare names.
"""

from mmactrep import compat

# mmaction2 is imported lazily by its registries: the work-arounds must stand before that.
compat.apply()

from mmaction import registry as mmaction_registry  # noqa: E402
from mmengine.registry import Registry  # noqa: E402


def _child(parent: str, location: str | None = None) -> Registry:
    """A child of mmaction2's registry of that name.

    A registry imports its own locations when it is asked for a class, and not those of its parent.
    """
    parent = getattr(mmaction_registry, parent)
    locations = [*parent._locations, f'mmactrep.{location}'] if location else parent._locations
    return Registry(parent.name, parent=parent, scope='mmactrep', locations=locations)


MODELS = _child('MODELS', 'models')
DATASETS = _child('DATASETS', 'datasets')
TRANSFORMS = _child('TRANSFORMS', 'datasets.transforms')
METRICS = _child('METRICS', 'evaluation')
HOOKS = _child('HOOKS', 'engine')
LOOPS = _child('LOOPS', 'engine')
OPTIM_WRAPPERS = _child('OPTIM_WRAPPERS', 'engine')
PARAM_SCHEDULERS = _child('PARAM_SCHEDULERS', 'engine')
VISUALIZERS = _child('VISUALIZERS', 'visualization')

# mmactrep adds nothing to these; with a child in every tree MMEngine finds the scope without a warning.
RUNNERS = _child('RUNNERS')
RUNNER_CONSTRUCTORS = _child('RUNNER_CONSTRUCTORS')
DATA_SAMPLERS = _child('DATA_SAMPLERS')
MODEL_WRAPPERS = _child('MODEL_WRAPPERS')
WEIGHT_INITIALIZERS = _child('WEIGHT_INITIALIZERS')
OPTIMIZERS = _child('OPTIMIZERS')
OPTIM_WRAPPER_CONSTRUCTORS = _child('OPTIM_WRAPPER_CONSTRUCTORS')
EVALUATOR = _child('EVALUATOR')
TASK_UTILS = _child('TASK_UTILS')
VISBACKENDS = _child('VISBACKENDS')
LOG_PROCESSORS = _child('LOG_PROCESSORS')

#: Pose experts, :mod:`mmactrep.pose.experts`; nothing like it is in mmaction2.
POSE_EXPERTS = Registry('pose expert', scope='mmactrep', locations=['mmactrep.pose.experts'])
