"""Recognizers and segmentors whose network runs in ONNX Runtime; everything around it is the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.datasets.transforms.projection import split_projection
from mmactrep.engine.runner import building
from mmactrep.engine.trained_on import SEEN, read_inference_config
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.registry import TRANSFORMS
from mmactrep.structures.rejection import REJECTION, Rejection

from .action_segmenter import ActionSegmenter
from .export.onnx_session import OnnxNetwork
from .recognizer import ActionRecognizer


class _OnnxModel:
    """What the two classes below share: all but the network comes from the file's description."""

    kind: str

    def _open(self, weights: str | Path, num_threads: int | None) -> None:
        self.network = OnnxNetwork(weights, num_threads)
        found = self.network.description
        if found['kind'] != self.kind:
            raise InferenceError(f'{weights} is a {found["kind"]}, not a {self.kind}')
        self.model, self.weights, self.device = None, str(weights), torch.device('cpu')
        self.name = Path(weights).name
        self.cfg = read_inference_config(found, weights)
        self.classes, self.layout = list(found['classes']), self.network.layout
        self.seen_classes = list(found.get(SEEN) or self.classes)
        self.num_person, self.num_channels = found['num_person'], found['num_channels']
        self.heatmap_size = found.get('heatmap_size')
        self.together, self.text_teacher, self.rejection = found.get('together') is True, None, None
        if found.get(REJECTION) is not None:
            self.rejection = Rejection.from_dict(found[REJECTION], weights, len(self.classes))
        dataset = self.cfg.test_dataloader.dataset
        steps, _ = split_projection(pipeline_steps(dataset.pipeline))
        self._stream = dataset.get('stream', 'joint')
        with building(f'{self.name}: test pipeline'):
            self._transforms = [TRANSFORMS.build(step) for step in steps]


class OnnxRecognizer(_OnnxModel, ActionRecognizer):
    """An :class:`ActionRecognizer` of a file that ``mmactrep export --format onnx`` wrote.

    Same calls, same results (to 1e-4); classes and labels are those that it was exported with.

    Args:
        weights: The file.
        num_threads: Threads of the network. Default: as many as PyTorch uses.

    Raises:
        FileNotFoundError: If there is no such file.
        CheckpointError: If it is damaged or foreign.
        InferenceError: If it is a segmentor, or onnxruntime is not installed.
    """

    kind = 'recognizer'

    def __init__(self, weights: str | Path, num_threads: int | None = None) -> None:
        self._open(weights, num_threads)

    def embed(self, clips: Sequence[dict], batch_size: int = 16) -> np.ndarray:
        """Not in an exported file: raises an InferenceError."""
        raise InferenceError(f'{self.weights}: an ONNX file has no text head; use the checkpoint')

    def _probabilities(self, batch: dict) -> torch.Tensor:
        return self._of_batch(batch)[0]

    def _all_outputs(self, batch: dict) -> torch.Tensor:
        return torch.cat(self._of_batch(batch), dim=1)

    def _of_batch(self, batch: dict) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Probabilities (N, K), logits (N, K) and features (N, C'), means over the samples of a clip."""
        inputs = torch.stack(batch['inputs']).float()
        count, samples = inputs.shape[:2]
        logits, features = map(torch.from_numpy, self.network(inputs.flatten(0, 1).numpy()))
        average = self.network.description['average_clips']
        if average is None and samples > 1:
            raise InferenceError(f'{self.weights}: it does not average the {samples} samples of a clip')
        # as BaseHead.average_clip of mmaction2
        scores = logits if average == 'score' else logits.softmax(dim=1)
        found = (scores, logits, features)
        return tuple(each.unflatten(0, (count, samples)).mean(dim=1) for each in found)


class OnnxSegmenter(_OnnxModel, ActionSegmenter):
    """An :class:`ActionSegmenter` of a file that ``mmactrep export --format onnx`` wrote.

    Args:
        weights: The file.
        num_threads: Threads of the network. Default: as many as PyTorch uses.
        window: Frames of a window. Default: the config's.
        stride: Frames from one window to the next. Default: half a window.
        blending: See :class:`WindowMerger`.

    Raises:
        FileNotFoundError, CheckpointError: As :class:`OnnxRecognizer`.
        InferenceError: If it is a recognizer, or the stride does not fit the window.
    """

    kind = 'segmentor'

    def __init__(
        self,
        weights: str | Path,
        num_threads: int | None = None,
        window: int | None = None,
        stride: int | None = None,
        blending: str = 'triangular',
    ) -> None:
        self._open(weights, num_threads)
        self._set_windows(window, stride, blending)
        self.bfloat16 = False

    def score_windows(self, clips: Sequence[dict]) -> np.ndarray:
        """Probabilities (N, T, K) of windows, which are annotation dictionaries of one length T."""
        inputs = torch.cat([self.prepare(clip)['inputs'] for clip in clips]).float()
        (logits,) = self.network(inputs.numpy())
        return torch.from_numpy(logits).sigmoid().numpy()


def open_recognizer(
    backend: str, model: Any = None, weights: Any = None, device: str | None = None, **options: Any
) -> ActionRecognizer:
    """A recognizer of a checkpoint, or of an ONNX file.

    Args:
        backend: ``'torch'`` or ``'onnx'``.
        model: See :class:`ActionRecognizer`; of ONNX, the file if there are no ``weights``.
        weights: The checkpoint or the ONNX file.
        device: See :class:`ActionRecognizer`; ONNX Runtime uses the CPU.
        options: Further arguments of :class:`ActionRecognizer`; none with ONNX.

    Raises:
        ValueError: If there is no such backend.
        CheckpointError: If ``backend='onnx'`` lacks the file, or the file is not of that backend.
        InferenceError: If labels or another device are asked of an ONNX file.
    """
    if backend not in ('torch', 'onnx'):
        raise ValueError(f"backend must be 'torch' or 'onnx', got {backend!r}")
    if backend == 'torch':
        if str(weights).endswith('.onnx'):
            raise CheckpointError(f"{weights} is an ONNX file: pass backend='onnx' with it")
        return ActionRecognizer(model, weights, device, **options)
    path = weights if weights is not None else model
    if path is None or not str(path).endswith('.onnx'):
        raise CheckpointError(
            f"backend='onnx' takes a file that 'mmactrep export' wrote, MODEL.onnx, found {path}"
        )
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InferenceError(
            f'{path}: {", ".join(given)} cannot be changed in an ONNX file: give them to mmactrep export'
        )
    if device not in (None, 'cpu'):
        raise InferenceError(f'{path}: ONNX Runtime uses the CPU here, found device {device!r}')
    return OnnxRecognizer(path)
