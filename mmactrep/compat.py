"""Workarounds for third-party packages: what each one is for, and when it can be removed.

None of them changes anything where it is not needed. :func:`apply` is called once, when the registries of
mmactrep are imported.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import inspect
import os
import re
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from packaging.version import Version

from mmactrep.safe_checkpoints import admit_stand_ins, load_plain, to_plain

_TORCH = Version(torch.__version__)


def apply() -> None:
    """Apply every workaround that this environment needs. Safe to call again."""
    provide_missing_drn()
    declare_torchvision_operators()
    force_weights_only()
    admit_stand_ins()
    guard_mmengine_loading()
    leave_out_vindlu()
    expect_no_operators()


def provide_missing_drn() -> bool:
    """mmaction2 1.2.0: the wheel lacks ``mmaction.models.localizers.drn``, which its package imports.

    A module with a placeholder class replaces it; DRN itself, a localizer that mmactrep does not
    use, stays unavailable. Removable when mmaction2 ships the package.

    Returns:
        Whether the placeholder was needed.
    """
    package = 'mmaction.models.localizers.drn'
    spec = importlib.util.find_spec('mmaction')
    if spec is None or f'{package}.drn' in sys.modules:
        return False
    folder = Path(spec.submodule_search_locations[0], 'models', 'localizers')
    if (folder / 'drn').exists():
        return False

    class DRN(torch.nn.Module):
        """Placeholder for a model that this wheel of mmaction2 does not contain."""

        def __init__(self, *args, **kwargs) -> None:
            super().__init__()
            raise RuntimeError('this wheel of mmaction2 does not contain DRN')

    for name in (package, f'{package}.drn'):
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=name == package)
        module.__path__ = []
        module.DRN = DRN
        sys.modules[name] = module
    return True


def declare_torchvision_operators() -> bool:
    """torchvision: the builds on PyPI are for CUDA; with a CPU-only torch their operators are undeclared
    and ``import torchvision`` fails.

    Declaring the two schemas that its Python code refers to lets the import pass; the operators
    themselves stay unavailable (mmcv has its own). Removable when PyPI has a build for each torch.

    Returns:
        Whether the schemas had to be declared.
    """
    if torch.version.cuda is not None or 'torchvision' in sys.modules:
        return False
    try:
        version = importlib.metadata.version('torchvision')
    except importlib.metadata.PackageNotFoundError:
        return False
    if '+cpu' in version or hasattr(torch.ops.torchvision, 'nms'):
        return False
    library = torch.library.Library('torchvision', 'DEF')
    library.define('nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')
    library.define('qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')
    # the declarations live as long as the library object
    declare_torchvision_operators.library = library
    return True


def force_weights_only() -> bool:
    """torch before 2.6: ``torch.load`` without ``weights_only`` runs whatever code a pickle contains.

    Removable when torch 2.6 is the oldest supported version.
    """
    if Version('2.6') <= _TORCH:
        return False
    os.environ.setdefault('TORCH_FORCE_WEIGHTS_ONLY_LOAD', '1')
    return True


_MMENGINE_LOADING = 'mmengine.runner.checkpoint'


def guard_mmengine_loading() -> None:
    """mmengine: its checkpoint loaders leave ``weights_only`` to torch (0.10, and off for URLs),
    pass ``weights_only=False`` (its next release), and run ``meta['config']`` of a checkpoint as Python on
    resume.

    Whatever they pass, ``torch.load`` of that module reads only plain data
    (:func:`mmactrep.safe_checkpoints.load_plain`), and the config text, which MMEngine itself never writes
    under that name, is dropped. A module that is not imported yet is guarded as soon as it is. Removable
    when MMEngine loads only weights.
    """
    module = sys.modules.get(_MMENGINE_LOADING)
    if module is not None:
        _guard(module)
    elif not any(isinstance(finder, _GuardingFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _GuardingFinder())


class _GuardingFinder(importlib.abc.MetaPathFinder):
    """Finds MMEngine's loading module as Python does, and guards it once it has been executed."""

    def find_spec(self, name, path=None, target=None):
        """See ``importlib.abc.MetaPathFinder``."""
        if name != _MMENGINE_LOADING:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_guard(module: types.ModuleType) -> None:
                execute(module)
                _guard(module)

            spec.loader.exec_module = execute_and_guard
        return spec


class _DataTorch(types.ModuleType):
    """torch, with a ``load`` that reads only plain data."""

    def __getattr__(self, name: str):
        return getattr(torch, name)

    @staticmethod
    def load(file, map_location=None, *args, **kwargs):
        """``torch.load`` that never runs code, whatever arguments are passed."""
        return _without_config(load_plain(file, map_location))


def _guard(module: types.ModuleType) -> None:
    if isinstance(module.torch, _DataTorch):
        return
    module.torch = _DataTorch('torch')
    load_url = module.load_url

    @functools.wraps(load_url)
    def load_data(*args, **kwargs):
        # a torch without the argument is one that ``force_weights_only`` restrains
        if 'weights_only' in inspect.signature(load_url).parameters:
            kwargs['weights_only'] = True
        return _without_config(to_plain(load_url(*args, **kwargs)))

    module.load_url = load_data


def _without_config(checkpoint):
    if isinstance(checkpoint, dict) and isinstance(checkpoint.get('meta'), dict):
        checkpoint['meta'].pop('config', None)
    return checkpoint


def leave_out_vindlu() -> bool:
    """mmaction2 1.2: where transformers is installed, ``mmaction.models`` imports VindLU, which needs names
    that transformers 5 no longer has. sentence-transformers, for example, brings it.

    VindLU, which mmactrep does not use, is then as unavailable as without transformers. Removable when
    mmaction2 works with it.

    Returns:
        Whether it was left out.
    """
    try:
        installed = Version(importlib.metadata.version('transformers'))
    except importlib.metadata.PackageNotFoundError:
        return False
    if installed < Version('5'):
        return False
    importlib.import_module('mmaction.utils.dependency').WITH_MULTIMODAL = False
    return True


def expect_no_operators() -> None:
    """mmcv-lite 2.1: ``mmaction.models`` makes it warn that it has no ``MultiScaleDeformableAttention``.

    Only models of mmdet and mmpose use it; what needs the operators says so itself. Removable when mmcv does
    not warn.
    """
    warnings.filterwarnings('ignore', 'Fail to import ``MultiScaleDeformableAttention``', UserWarning)


def init_cpu_processes(launcher: str) -> bool:
    """mmengine 0.10: starting a distributed run sets a CUDA device, which fails on a machine without one.

    On such a machine the process group is created here, with gloo, and MMEngine finds it initialized. Its
    model wrapper is given a device too; ``CPUDistributedDataParallel`` drops it. Removable when
    mmengine supports distributed runs on CPUs.

    Returns:
        Whether this is a distributed run on CPUs.
    """
    if launcher != 'pytorch' or torch.cuda.is_available():
        return False
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group('gloo')
    return True


def accept_bfloat16_scores() -> bool:
    """mmaction2 1.2.0: its heads turn class scores into numpy arrays, which do not support bfloat16.

    The scores are cast to float32 before the loss, which is also more accurate for the loss. Applied by
    ``AutocastOptimWrapper``. Removable when mmaction2 casts them itself.

    Returns:
        Whether the head had to be patched.
    """
    from mmaction.models.heads.base import BaseHead

    original = BaseHead.loss_by_feat
    if getattr(original, 'accepts_bfloat16', False):
        return False

    @functools.wraps(original)
    def loss_by_feat(self, cls_scores, data_samples):
        return original(self, cls_scores.float(), data_samples)

    loss_by_feat.accepts_bfloat16 = True
    BaseHead.loss_by_feat = loss_by_feat
    return True


# What MediaPipe 0.10 writes to stderr in every process that runs its pose graph.
_MEDIAPIPE_NOISE = re.compile(
    rb'INFO: Created TensorFlow Lite (XNNPACK )?delegate'
    rb'|WARNING: All log messages before absl::InitializeLog\(\)'
    rb'|W\d{4} .* inference_feedback_manager\.cc:\d+\] Feedback manager requires'
    rb'|W\d{4} .* landmark_projection_calculator\.cc:\d+\] Using NORM_RECT without IMAGE_DIMENSIONS'
    rb'|I\d{4} .* gl_context'
)
_MEDIAPIPE_LOCK = threading.Lock()


@contextlib.contextmanager
def without_mediapipe_noise() -> Iterator[None]:
    """mediapipe 0.10: its native code writes useless notices to stderr before anything can set a log level
    (``GLOG_minloglevel`` does not affect them).

    Inside the block the process's stderr goes to a file; at the end all lines except those known notices
    are written out, so that errors are seen. Removable when mediapipe offers a way to set the level.
    """
    with _MEDIAPIPE_LOCK, tempfile.TemporaryFile() as kept:
        sys.stderr.flush()
        stream = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stream, 2)
            kept.seek(0)
            for line in kept:
                if not _MEDIAPIPE_NOISE.match(line):
                    os.write(stream, line)
            os.close(stream)
