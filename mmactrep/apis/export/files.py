"""Writing exported models: ONNX, ONNX with eight-bit weights, and programs of ``torch.export``."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmactrep.errors import InferenceError

from .metadata import ENTRY, describe_model, to_text
from .network import INPUT, network_of, trace

if TYPE_CHECKING:
    import numpy as np

    from mmactrep.apis.recognizer import ActionRecognizer

INSTALL = 'pip install -c requirements/constraints.txt --no-deps -r requirements/onnx.txt'


class MissingPackageError(InferenceError):
    """A package of an optional requirement is not installed."""


def require(*names: str) -> None:
    """Raise a :class:`MissingPackageError` if a package that ONNX needs is not installed."""
    import importlib.util

    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingPackageError(f'ONNX needs the package {", ".join(missing)}: {INSTALL}')


def write_torch(recognizer: ActionRecognizer, path: str | Path) -> Path:
    """Write a program of ``torch.export``; ``torch.export.load(path).module()`` takes clips (N, M, T, V, C).

    The description of the model is the extra file ``mmactrep`` in it.

    Args:
        recognizer: The model.
        path: Target; missing folders are created.

    Raises:
        InferenceError: If it cannot be traced.
    """
    import torch

    text = to_text(describe_model(recognizer))
    program = trace(recognizer)
    return _whole(path, lambda part: torch.export.save(program, part, extra_files={ENTRY: text}))


def write_onnx(recognizer: ActionRecognizer, path: str | Path) -> Path:
    """Write a model for ONNX Runtime: input ``keypoint`` (N, M, T, V, C), float32, N and T free.

    Outputs are ``logits`` and, of a recognizer, ``features``.

    Args:
        recognizer: The model.
        path: Target; missing folders are created.

    Raises:
        InferenceError: If it cannot be traced; MissingPackageError if requirements/onnx.txt is not installed.
    """
    import torch

    require('onnx', 'onnxscript')
    text = to_text(describe_model(recognizer))
    program = trace(recognizer)
    outputs = list(network_of(recognizer.model).outputs)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # of PyTorch about itself
        made = torch.onnx.export(
            program, (), dynamo=True, input_names=[INPUT], output_names=outputs, verbose=False
        )
    proto = made.model_proto
    entry = proto.metadata_props.add()
    entry.key, entry.value = ENTRY, text
    proto.producer_name = ENTRY
    return _whole(path, lambda part: Path(part).write_bytes(proto.SerializeToString()))


def quantize(source: str | Path, path: str | Path, clips: Iterable[np.ndarray] | None = None) -> Path:
    """Write an ONNX file with eight-bit weights.

    Args:
        source: A file of :func:`write_onnx`.
        path: Target.
        clips: Inputs (N, M, T, V, C) that set the ranges of activations, which are then eight-bit too
            (convolutions and products). Default: weights of products alone, activations ranged as they come.

    Raises:
        InferenceError: MissingPackageError if requirements/onnx.txt is not installed.
    """
    require('onnx', 'onnxruntime')
    import logging

    from onnxruntime import quantization

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it recommends a pre-processing that changes nothing here
    try:
        if clips is None:
            return _whole(path, lambda part: quantization.quantize_dynamic(str(source), part))
        reader = _Reader(clips)
        return _whole(
            path,
            lambda part: quantization.quantize_static(
                str(source), part, reader, per_channel=True, op_types_to_quantize=['Conv', 'MatMul', 'Gemm']
            ),
        )
    finally:
        root.setLevel(level)


class _Reader:
    """Calibration inputs as ONNX Runtime asks for them."""

    def __init__(self, clips: Iterable[np.ndarray]) -> None:
        self._rest = iter(clips)

    def get_next(self) -> dict[str, Any] | None:
        clip = next(self._rest, None)
        return None if clip is None else {INPUT: clip}


def _whole(path: str | Path, write: Callable[[str], Any]) -> Path:
    """Write to a temporary file beside the target, and move it into place when it is complete."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # torch.export.save warns of other endings
    partial = path.with_name(f'.{path.stem}.partial{path.suffix}')
    try:
        write(str(partial))
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path
