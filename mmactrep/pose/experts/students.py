"""Students of SSTA-PRS as experts: ``CONFIG.py:CHECKPOINT.pth[:DETECTOR]`` (thesis 3.3.3).

Once a student is refined, it needs no other experts. Its config says by its scope whether it is a model of
mmpose or of mmdet, and may set arguments of its expert in a dictionary ``expert``. A top-down student of
mmpose takes the boxes of DETECTOR: a detector of mmdet or any expert by its name, or another student.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .base import ExpertUnavailableError, UnknownExpertError

if TYPE_CHECKING:
    from mmengine.config import Config

_CLASSES = dict(mmpose='MMPoseExpert', mmdet='LCRNetExpert')
_SEPARATOR, _END = '.py:', '.pth:'


def is_student(spec: object) -> bool:
    """Whether a spec names a student."""
    return isinstance(spec, str) and _SEPARATOR in spec


def student_config(spec: str) -> dict:
    """Config of the expert that a spec names.

    Raises:
        ExpertUnavailableError: If the config or the checkpoint does not exist.
        UnknownExpertError: If the config is not one of a student.
        ConfigError: If the config cannot be read.
    """
    from mmactrep.engine.config_files import read_config

    config, checkpoint, detector = parts_of_student(spec)
    for what, path in (('config', config), ('checkpoint', checkpoint)):
        if not Path(path).is_file():
            raise ExpertUnavailableError(f'{spec}: the student needs its {what} {path}, which does not exist')
    found = config_of_expert(read_config(config), config, checkpoint)
    if detector is not None and found['type'] != 'MMPoseExpert':
        raise ExpertUnavailableError(f'{spec}: this student finds persons itself and takes no detector')
    return found if detector is None else found | dict(detector=detector)


def parts_of_student(spec: str) -> tuple[str, str, str | None]:
    """Paths of the config and the checkpoint that a spec names, and its detector, None without one."""
    config, rest = spec.split(_SEPARATOR, 1)
    checkpoint, named, detector = rest.partition(_END)
    return f'{config}.py', checkpoint + (_END[:-1] if named else ''), detector if named else None


def config_of_expert(cfg: Config, config: str, checkpoint: str) -> dict:
    """The expert of a student's config.

    Raises:
        UnknownExpertError: If it is no config of a model of mmpose, or of an LCRNet.
    """
    scope, model = cfg.get('default_scope'), (cfg.get('model') or {}).get('type')
    if scope not in _CLASSES or (scope == 'mmdet' and model != 'LCRNet'):
        raise UnknownExpertError(
            f"{config}: expected a student, a model of mmpose (default_scope = 'mmpose') or an LCRNet, found "
            f'{model} in the scope {scope}'
        )
    arguments = dict(cfg.get('expert') or {})
    return dict(type=_CLASSES[scope], config=config, checkpoint=checkpoint, **arguments)


def check_student(config: str, checkpoint: str) -> None:
    """Check that a checkpoint is that of a student's config, in full.

    mmpose and mmdet take what fits and leave the rest random.

    Raises:
        CheckpointError: If it is another student's, or none.
    """
    import importlib
    import warnings

    import torch
    from mmengine.registry import DefaultScope

    from mmactrep.engine.checkpoints import load_weights, read_checkpoint
    from mmactrep.engine.config_files import read_config

    weights, cfg = read_checkpoint(checkpoint)['state_dict'], read_config(config)
    registry = importlib.import_module(f'{cfg.default_scope}.registry').MODELS
    # of the size of the model, without its memory
    with DefaultScope.overwrite_default_scope(cfg.default_scope), torch.device('meta'):
        model = registry.build(cfg.model)
    with warnings.catch_warnings():
        # that nothing is copied into a model without memory
        warnings.filterwarnings('ignore', message='.*copying from a non-meta parameter')
        load_weights(model, weights, checkpoint, config)
