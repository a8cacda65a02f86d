"""Work-arounds for third-party packages: what each is for, and what makes it removable.

None changes anything where it is not needed. :func:`apply` is called once, when the registries of
mmactrep are imported.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import re
import sys
import tempfile
import threading
import types
from collections.abc import Iterator
from pathlib import Path

import torch
from packaging.version import Version

_TORCH = Version(torch.__version__)


def apply() -> None:
    """Apply every work-around that this environment needs. Safe to call again."""
    provide_missing_drn()
    declare_torchvision_operators()
    force_weights_only()
    admit_mmengine_checkpoints()


def provide_missing_drn() -> bool:
    """mmaction2 1.2.0: the wheel lacks ``mmaction.models.localizers.drn``, which its package imports.

    A module with a placeholder class stands in; DRN itself, a localizer that mmactrep does not
    use, stays unavailable. Removable when mmaction2 ships the package.

    Returns:
        Whether the stand-in was needed.
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
    """torchvision: the builds on PyPI are for CUDA; beside a CPU torch their operators are undeclared
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
    # a library's declarations live as long as the object
    declare_torchvision_operators.library = library
    return True


def force_weights_only() -> bool:
    """mmengine 0.10: ``load_checkpoint`` does not ask for ``weights_only``, which torch before 2.6
    takes as leave to run what a pickle says.

    Removable when mmengine passes it, or torch 2.6 is the least supported.
    """
    if Version('2.6') <= _TORCH:
        return False
    os.environ.setdefault('TORCH_FORCE_WEIGHTS_ONLY_LOAD', '1')
    return True


def admit_mmengine_checkpoints() -> bool:
    """mmengine 0.10: the message hub in its checkpoints holds ``HistoryBuffer`` objects, which
    ``torch.load(weights_only=True)`` refuses.

    Our own checkpoints hold plain data instead (``PlainCheckpointHook``). For those that other
    MMEngine projects wrote, the types are admitted, and ``getattr`` as a stand-in that gives the
    statistics methods of ``HistoryBuffer`` and nothing else. Removable when mmengine saves the hub
    as plain data.
    """
    if Version('2.6') > _TORCH:  # no replacement can be named for a global before
        return False
    import numpy as np
    from mmengine.logging import HistoryBuffer

    core = np.core if Version(np.__version__) < Version('2') else np._core
    multiarray = core.multiarray
    scalars = {type(np.dtype(code)) for code in '?bBhHiIlLqQefdgFDG'}
    torch.serialization.add_safe_globals(
        [
            HistoryBuffer,
            multiarray._reconstruct,
            (multiarray.scalar, 'numpy.core.multiarray.scalar'),
            (multiarray.scalar, 'numpy._core.multiarray.scalar'),
            (multiarray._reconstruct, 'numpy._core.multiarray._reconstruct'),
            np.ndarray,
            np.dtype,
            *scalars,
            (_history_buffer_method, 'builtins.getattr'),
        ]
    )
    return True


def _history_buffer_method(owner: type, name: str):
    """What ``getattr`` may mean in a checkpoint: a statistics method of ``HistoryBuffer``."""
    from mmengine.logging import HistoryBuffer

    if owner is not HistoryBuffer or name not in ('min', 'max', 'mean', 'current'):
        raise ValueError(f'a checkpoint asks for attribute {name!r} of {owner!r}: refused')
    return getattr(owner, name)


def init_cpu_processes(launcher: str) -> bool:
    """mmengine 0.10: its start of distributed runs sets a CUDA device, which a machine without one refuses.

    Where there is none, the process group is made here, with gloo, and MMEngine finds it made. Its
    model wrapper is given a device too; ``CPUDistributedDataParallel`` drops it. Removable when
    mmengine starts on CPUs.

    Returns:
        Whether this is a distributed run on CPUs.
    """
    if launcher != 'pytorch' or torch.cuda.is_available():
        return False
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group('gloo')
    return True


def accept_bfloat16_scores() -> bool:
    """mmaction2 1.2.0: its heads turn class scores into numpy arrays, which know no bfloat16.

    The scores are made float32 before the loss, which is also the better place for a loss. Applied by
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


# What MediaPipe 0.10 writes to the error stream of every process that runs its pose graph.
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
    """mediapipe 0.10: its native code writes notices of no use to the error stream before anything can set
    a log level (``GLOG_minloglevel`` does not reach them).

    Inside the block the stream of the process goes to a file; at its end all lines but those known notices
    are written out, so that errors are seen. Removable when mediapipe has a way to set the level.
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
