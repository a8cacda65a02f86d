"""MoveNet's networks in ONNX files: where they are, and what they take and give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.engine.weights_folders import find_weights, weights_folders

from .base import ExpertUnavailableError, UnknownExpertError

_GET = 'bash tools/get_movenet.sh'
_INSTALL = 'pip install -c requirements/constraints.txt --no-deps -r requirements/movenet.txt'
_KIND = 'pose'


@dataclass(frozen=True)
class MoveNetModel:
    """One of the published networks.

    Args:
        size: Side of the square picture that it takes; multipose also takes rectangles with sides that are
            multiples of 32, which it was trained for as well.
        output: Shape of its output.
    """

    size: int
    output: tuple[int, ...]


MODELS: dict[str, MoveNetModel] = {
    'multipose': MoveNetModel(256, (1, 6, 56)),
    'thunder': MoveNetModel(256, (1, 1, 17, 3)),
    'lightning': MoveNetModel(192, (1, 1, 17, 3)),
}


def find_file(model: str) -> Path:
    """The file of a model.

    Raises:
        UnknownExpertError: If there is no such model.
        ExpertUnavailableError: If the file is not on this machine; the message says how to get it.
    """
    if model not in MODELS:
        raise UnknownExpertError(f"MoveNet has no model '{model}'; it has {', '.join(MODELS)}")
    name = f'movenet-{model}.onnx'
    path = find_weights([name], _KIND)
    if path is None:
        places = ' or '.join(str(folder) for folder in weights_folders(_KIND))
        raise ExpertUnavailableError(
            f'{name} is not in {places}; get it with: {_GET} (it fetches and converts the models in '
            'about three minutes)'
        )
    return path


def require_model(model: str) -> Path:
    """The file of a model, if it can be run here.

    Raises:
        As :func:`find_file`; ExpertUnavailableError also if onnxruntime is not installed.
    """
    path = find_file(model)
    _onnxruntime()
    return path


class MoveNet:
    """A network, ready to run.

    Args:
        model: A name of :data:`MODELS`.
        path: Its file. Default: ``movenet-MODEL.onnx`` in the folders for weights.
        num_threads: Threads of one run.

    Raises:
        UnknownExpertError: If there is no such model.
        ExpertUnavailableError: If the file or onnxruntime is missing, or the file is damaged or holds another
            network.
    """

    def __init__(self, model: str, path: str | Path | None = None, num_threads: int = 1) -> None:
        found = find_file(model) if path is None else Path(path)
        self.model, self.path, self.size = model, found, MODELS[model].size
        onnxruntime = _onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = num_threads, 1
        options.log_severity_level = 4  # errors are raised; its own lines would repeat them
        # a waiting thread that spins takes processor time from the other experts
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        if not found.is_file():
            raise ExpertUnavailableError(f'{found}: no such file; get it with: {_GET}')
        try:
            self._session = onnxruntime.InferenceSession(
                str(found), options, providers=['CPUExecutionProvider']
            )
        except Exception as error:  # onnxruntime has no common class for its errors
            reason = str(error).splitlines()[0]
            raise ExpertUnavailableError(
                f'{found}: not a network that onnxruntime reads ({reason}); get it again with: {_GET}'
            ) from error
        self._check()
        self._input = self._session.get_inputs()[0].name

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """The output for a picture (H, W, 3) uint8, RGB: (6, 56) persons of multipose, else (17, 3) joints.

        Joints are (y, x, score), in shares of the picture's sides.
        """
        out = self._session.run(None, {self._input: picture[None].astype(np.int32)})[0]
        return out.reshape(out.shape[-2:])

    def _check(self) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        expected = MODELS[self.model]
        free = self.model == 'multipose'
        takes = [side if isinstance(side, int) else None for side in inputs[0].shape] if inputs else []
        gives = tuple(outputs[0].shape) if outputs else ()
        sides = ((expected.size, None), (expected.size, None)) if free else ((expected.size,),) * 2
        fits = (
            len(inputs) == 1
            and inputs[0].type == 'tensor(int32)'
            and len(takes) == 4
            and takes[3] == 3
            and all(side in known for side, known in zip(takes[1:3], sides))
            and gives == expected.output
        )
        if not fits:
            found = f'{inputs[0].type} {inputs[0].shape}' if inputs else 'nothing'
            raise ExpertUnavailableError(
                f'{self.path}: not MoveNet {self.model}: expected a network from tensor(int32) '
                f'[1, {expected.size}, {expected.size}, 3] to {list(expected.output)}, '
                f'found one from {found} to {list(gives)}; get it with: {_GET}'
            )


def _onnxruntime():
    """The package, imported on first use."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ExpertUnavailableError(
            f'the expert needs the package onnxruntime, which cannot be imported ({error}); '
            f'install it: {_INSTALL}'
        ) from error
    return onnxruntime
