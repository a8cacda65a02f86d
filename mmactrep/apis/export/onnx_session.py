"""Opening ONNX files that ``mmactrep export`` wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.errors import CheckpointError, InputShapeError
from mmactrep.structures import SkeletonLayout, get_layout

from .files import require
from .metadata import ENTRY, from_text, input_shape
from .network import INPUT


class OnnxNetwork:
    """A network that ONNX Runtime runs.

    Args:
        path: A file of ``mmactrep export --format onnx``.
        num_threads: Threads of one run. Default: as many as PyTorch uses.

    Attributes:
        description: See :func:`~.metadata.describe_model`.
        layout: Layout of the joints.

    Raises:
        FileNotFoundError: If there is no such file.
        CheckpointError: If it is damaged, or was not written by ``mmactrep export``.
        InferenceError: MissingPackageError if onnxruntime is not installed.
    """

    def __init__(self, path: str | Path, num_threads: int | None = None) -> None:
        require('onnxruntime')
        import onnxruntime
        import torch

        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f'{path}: no such ONNX file; mmactrep export writes one')
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads or torch.get_num_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # errors are raised; its own lines would repeat them
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=['CPUExecutionProvider']
            )
        except Exception as error:  # onnxruntime has no common class for its errors
            said = next(iter(str(error).splitlines()), '')
            raise CheckpointError(f'{path}: not a network that ONNX Runtime reads: {said:.200}') from error
        found = self._session.get_modelmeta().custom_metadata_map
        self.description: dict[str, Any] = from_text(found.get(ENTRY), path)
        self.layout: SkeletonLayout = self._read_layout()
        told = self.description
        self._shape = input_shape(
            told['num_person'], self.layout.num_joints, told['num_channels'], told.get('heatmap_size')
        )
        inputs = self._session.get_inputs()
        shape = inputs[0].shape if len(inputs) == 1 else []
        if not self._fits(shape) or inputs[0].name != INPUT:
            raise CheckpointError(f'{path}: its network does not take what its description says')
        names = [output.name for output in self._session.get_outputs()]
        wanted = ['logits'] if self.description['kind'] == 'segmentor' else ['logits', 'features']
        if names != wanted or self._session.get_outputs()[0].shape[-1] != len(self.description['classes']):
            raise CheckpointError(f'{path}: its network does not give what its description says')

    def _fits(self, shape: Sequence[int]) -> bool:
        """Whether a shape is that of clips for this network."""
        return len(shape) == 5 and all(own in (None, found) for own, found in zip(self._shape, shape[1:]))

    def _read_layout(self) -> SkeletonLayout:
        try:
            return get_layout(self.description['layout'])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(f'{self.path}: its layout cannot be used: {error}') from error

    def __call__(self, clips: np.ndarray) -> list[np.ndarray]:
        """Run clips (N, M, T, V, C), or heatmaps (N, V, T, H, W), float32.

        Returns:
            Logits (N, K) and features (N, C'), or of a segmentor logits (N, T, K).

        Raises:
            InputShapeError: If persons, joints or channels are not those of the model, there are no frames,
                or a coordinate is not finite: the network itself would answer without a word.
        """
        clips = np.asarray(clips, np.float32)
        if not self._fits(clips.shape):
            expected = ', '.join(['N', *('T' if own is None else str(own) for own in self._shape)])
            raise InputShapeError(f'{self.path}: expected ({expected}), found {clips.shape}')
        if 0 in clips.shape:
            raise InputShapeError(
                f'{self.path}: expected one clip and one frame or more, found {clips.shape}'
            )
        if not np.isfinite(clips).all():
            raise InputShapeError(f'{self.path}: clips have coordinates that are not finite')
        return self._session.run(None, {INPUT: clips})
