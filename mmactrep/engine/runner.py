"""MMEngine's runner with one place where errors of building a config's parts are turned into messages."""

from __future__ import annotations

import contextlib
import functools
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.dist import master_only
from mmengine.model import is_model_wrapper
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmengine.runner.checkpoint import _load_checkpoint_to_model
from torch import Tensor, nn

from mmactrep.errors import CheckpointError, UserError
from mmactrep.packaged import find_checkpoint
from mmactrep.registry import MODELS

from .checkpoints import CheckpointNotFoundError, check_overlap, is_local, load_weights, read_checkpoint
from .config_files import ConfigError, write_config
from .console_log import print_essentials
from .freed_memory import keep_freed_memory
from .hooks.schedule_check_hook import check_loader
from .resuming import check_resumable, reading_training

# What a constructor raises for wrong arguments, and what a registry raises for an unknown class. Anything
# else, and whatever is raised once training has begun, is a bug and keeps its trace.
_REFUSALS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextlib.contextmanager
def building(part: str) -> Iterator[None]:
    """Turn errors of building a part of a config into one error that names the part and the class.

    Args:
        part: Part of the config, for example ``'model'``.

    Raises:
        UserError: Passed through; errors of constructors are raised as :class:`ConfigError`.
    """
    try:
        yield
    except UserError:
        raise
    except _REFUSALS as error:
        unknown = re.match(r'(?:Failed to get )?(\S+)(?: is not in the .* registry|$)', _text(error))
        if unknown and _is_lookup(error):
            raise ConfigError(f"{part}: there is no class '{unknown[1]:.80}'") from error
        raise ConfigError(f'{part}{_class_being_built(error)}: {_refusal(error)}') from error


def build_model(cfg: Config, name: str) -> nn.Module:
    """The model of a config, untrained.

    Args:
        cfg: The config.
        name: Its name, for messages.

    Raises:
        ConfigError: If it has no model, or one that cannot be built.
    """
    if not cfg.get('model'):
        raise ConfigError(f"{name}: expected a config with a 'model', found {sorted(cfg.keys())}")
    # mmaction2's models build their children from its registry, which looks into the default scope.
    scope = cfg.get('default_scope', 'mmactrep')
    with DefaultScope.overwrite_default_scope(scope), building(f'{name}: model'):
        return MODELS.build(cfg.model)


def check_described_size(model: dict, weights: Mapping[str, Tensor], path: object) -> None:
    """Refuse a config from a checkpoint that describes another size than its weights, without taking memory.

    Args:
        model: Config of the model.
        weights: The weights that it should hold.
        path: Path of the checkpoint, for the message.

    Raises:
        CheckpointError: With both numbers.
        ConfigError: If it cannot be built.
    """
    with (
        DefaultScope.overwrite_default_scope('mmactrep'),
        building(f'{path}: model'),
        torch.device('meta'),
    ):
        described = sum(value.numel() for value in MODELS.build(model).state_dict().values())
    held = sum(value.numel() for value in weights.values())
    if described != held:
        raise CheckpointError(
            f'{path}: the config that it holds describes a model of {described:,} numbers, its weights '
            f'are {held:,}'
        )


def _text(error: Exception) -> str:
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _is_lookup(error: Exception) -> bool:
    """Whether a registry raised it because it does not have the requested class."""
    trace = traceback.extract_tb(error.__traceback__)
    return bool(trace) and trace[-1].filename.endswith(('registry.py', 'build_functions.py'))


def _refusal(error: Exception) -> str:
    text = _text(error)
    if (
        text == 'None is not a callable object'
    ):  # MMEngine's optimizer constructor raises this for an unknown type
        return 'there is no class of the name that it gives as type'
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = lines[0] if lines else ''
    said = said if len(said) <= 400 else said[:400] + ' ...'
    trace = traceback.extract_tb(error.__traceback__)
    # an explicit error of a constructor explains itself; a failed operation on a value does not
    if trace and (trace[-1].line or '').startswith(('raise', 'assert')) and said:
        return said
    if (
        trace
        and trace[-1].name in ('build_from_cfg', 'build_scheduler_from_cfg', 'build_dataloader')
        and said
    ):
        return said
    return f'{type(error).__name__}: {said or "no reason given"} (MMACTREP_TRACEBACK=1 shows where)'


def _class_being_built(error: BaseException) -> str:
    """Name of the innermost class that a registry was building, in parentheses."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_name in ('build_from_cfg', 'build_scheduler_from_cfg'):
            local = trace.tb_frame.f_locals
            found = local.get('obj_type') or local.get('scheduler_type') or found
        trace = trace.tb_next
    name = found if isinstance(found, str) else getattr(found, '__name__', None)
    return f' ({name})' if name else ''


def _within(part: str, method: Callable) -> Callable:
    @functools.wraps(method)
    def build(*args, **kwargs):
        with building(part):
            return method(*args, **kwargs)

    return build


class ConfiguredRunner(Runner):
    """A runner that reports in one line what cannot be built from its config or loaded from a checkpoint.

    See :func:`building`. A checkpoint that is tested or resumed must fit the model in full; one from which
    training starts (``load_from``) must hold some of its weights.

    Attributes:
        phase: ``'train'``, ``'resume'``, ``'val'`` or ``'test'``.
        loaded_path: Path of the loaded checkpoint.
    """

    phase = 'train'
    loaded_path: str | None = None

    build_dataloader = staticmethod(_within('a data loader', Runner.build_dataloader))
    build_evaluator = _within('the evaluator', Runner.build_evaluator)
    build_log_processor = _within('log_processor', Runner.build_log_processor)
    build_model = _within('model', Runner.build_model)
    build_optim_wrapper = _within('optim_wrapper', Runner.build_optim_wrapper)
    build_param_scheduler = _within('param_scheduler', Runner.build_param_scheduler)
    build_test_loop = _within('test_cfg', Runner.build_test_loop)
    build_val_loop = _within('val_cfg', Runner.build_val_loop)
    build_visualizer = _within('visualizer', Runner.build_visualizer)
    register_hook = _within('a hook', Runner.register_hook)
    wrap_model = _within('model_wrapper_cfg', Runner.wrap_model)

    @classmethod
    def from_cfg(cls, cfg) -> ConfiguredRunner:
        """Build a runner from a config.

        Raises:
            ConfigError: If a part is missing, or cannot be built.
            CheckpointNotFoundError: If the checkpoint in ``load_from`` does not exist.
        """
        for key in ('model', 'work_dir'):
            if not cfg.get(key):
                raise ConfigError(f"{cfg.filename or 'the config'}: it has no '{key}', so nothing can be run")
        load_from = cfg.get('load_from')
        if isinstance(load_from, str) and is_local(load_from) and not find_checkpoint(load_from).is_file():
            raise CheckpointNotFoundError(f'{load_from}: no such checkpoint')
        with building('the config'):
            return super().from_cfg(cfg)

    def build_logger(self, *args, **kwargs):
        """See ``Runner``; the terminal gets epochs and results, the file everything."""
        logger = super().build_logger(*args, **kwargs)
        print_essentials(logger)
        return logger

    def build_train_loop(self, loop):
        """See ``Runner``; training data that do not fill one batch are refused."""
        with building('train_cfg'):
            loop = super().build_train_loop(loop)
        check_loader(loop.dataloader)
        return loop

    @master_only
    def dump_config(self) -> None:
        """See ``Runner``; transforms keep their order, and a config that lies there already is kept."""
        source = Path(self.cfg.filename or f'{self.timestamp}.py')
        target = Path(self.work_dir, source.name)
        if source.is_file() and target.is_file() and source.samefile(target):
            return
        write_config(self.cfg, target)

    def train(self):
        """See ``Runner``; on a processor, freed memory is kept for the next step."""
        if self._train_loop is None:
            raise ConfigError("the config has no 'train_dataloader': there is nothing to train on")
        self.phase = 'train'
        if get_device() == 'cpu':
            keep_freed_memory()
        return super().train()

    def val(self):
        """See ``Runner``; the checkpoint must fit in full."""
        self.phase = 'val'
        return super().val()

    def test(self):
        """See ``Runner``; the checkpoint must fit in full."""
        if self._test_loop is None:
            raise ConfigError("the config has no 'test_dataloader': there is nothing to test on")
        self.phase = 'test'
        return super().test()

    def load_checkpoint(self, filename: str, map_location='cpu', strict: bool = False, **kwargs) -> dict:
        """Load weights: all of them if the checkpoint is tested or resumed, otherwise those that fit.

        Raises:
            CheckpointError: If it is damaged, does not fit, or was trained on something else.
        """
        self.loaded_path = filename
        if not is_local(filename):
            return super().load_checkpoint(filename, map_location, strict, **kwargs)
        checkpoint = read_checkpoint(filename)
        checkpoint['meta'].pop(
            'config', None
        )  # MMEngine runs it as Python, see compat.guard_mmengine_loading
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        model = self.model.module if is_model_wrapper(self.model) else self.model
        if strict or self.phase != 'train':
            load_weights(model, checkpoint['state_dict'], filename, self._config_name)
        else:
            check_overlap(model, checkpoint['state_dict'], filename, self._config_name)
            checkpoint = _load_checkpoint_to_model(model, checkpoint, strict=False)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return checkpoint

    def resume(self, filename: str, *args, **kwargs) -> None:
        """Resume from a checkpoint of ``tools/train.py``.

        Raises:
            CheckpointError: If it is damaged, or does not belong to this training.
        """
        self.phase = 'resume'
        if is_local(filename):
            check_resumable(read_checkpoint(filename), filename, self)
        with reading_training(filename):
            super().resume(filename, *args, **kwargs)
        if self.epoch >= self.max_epochs:
            self.logger.warning(
                f'{filename} is at epoch {self.epoch} of {self.max_epochs}: there is nothing left to train'
            )

    @property
    def _config_name(self) -> str:
        return str(self.cfg.filename or 'the config')
