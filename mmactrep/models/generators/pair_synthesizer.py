"""Pairs with crossed ground truth, made from windows of motion on the training device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor
from torch.utils.data import Dataset

from mmactrep.motion.library_layout import LIBRARY_LAYOUT, joint_weights
from mmactrep.motion.synthesis import (
    Bodies,
    CameraBatch,
    dampen,
    draw_bodies,
    draw_cameras,
    draw_tumbles,
    embody,
    observe,
    project_batch,
    swap_upper_bodies,
    tumble,
)
from mmactrep.registry import MODELS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.motion_representation import MotionStatistics, to_motion


class MotionSynthesizer(BaseDataPreprocessor):
    """Base of preprocessors that draw bodies, cameras and noise for motions: what a camera might have seen.

    Args:
        layout: Layout of the sequences made, derived from the library's.
        dims: 2 for image coordinates, 3 for camera coordinates.
        swapped: Share of motions that get trunk, head and arms of another motion in the batch.
        damped: Share of motions made smaller about their mean pose, by a factor from 0.1 to 0.8, see
            :func:`~mmactrep.motion.synthesis.dampen`.
        tumbled: Share of motions whose whole body is rotated about a horizontal axis while it moves, see
            :func:`~mmactrep.motion.synthesis.draw_tumbles`.
        noise: Minimum and maximum standard deviation of the noise on what is encoded, in units of the
            motions at scale 1.
        missing: Probability that a joint is missing for a while in what is encoded.
        cameras: Further arguments of :func:`~mmactrep.motion.synthesis.draw_cameras`.
        unit: Units of the motions per meter; 128 as in the thesis's data.
        library_layout: Layout of the library.
    """

    def __init__(
        self,
        layout: str | dict | SkeletonLayout = 'motion15',
        dims: int = 2,
        swapped: float = 0.3,
        damped: float = 0.0,
        tumbled: float = 0.0,
        noise: tuple[float, float] = (0.0, 4.0),
        missing: float = 0.0,
        cameras: Mapping[str, Any] | None = None,
        unit: float = 128.0,
        library_layout: str | dict | SkeletonLayout = LIBRARY_LAYOUT,
    ) -> None:
        super().__init__()
        self.layout, self.library_layout = get_layout(layout), get_layout(library_layout)
        self.dims, self.unit = dims, float(unit)
        self.swapped, self.damped, self.tumbled = swapped, damped, tumbled
        self.noise, self.missing = tuple(map(float, noise)), missing
        self.cameras = dict(cameras or {})
        if dims == 3:
            self.cameras.setdefault('perspective', 0.0)
        weights = torch.from_numpy(joint_weights(self.library_layout, self.layout))
        self.register_buffer('joint_weights', weights, persistent=False)

    def mixed(self, positions: Tensor) -> Tensor:
        """Motions (N, T, V, 3), some with the upper body of others in the batch, smaller, or rotated."""
        count, device = len(positions), positions.device
        others = positions[torch.randperm(count, device=device)]
        swapped = torch.rand(count, device=device) < self.swapped
        mixed = swap_upper_bodies(positions, others, self.library_layout)
        return self._varied(torch.where(swapped[:, None, None, None], mixed, positions))

    def _varied(self, positions: Tensor) -> Tensor:
        """Motions (N, T, V, 3) with some of them smaller, and some bodies rotated."""
        count, frames, device = *positions.shape[:2], positions.device
        # draws follow only where they are used: without these options, the others stay as they were
        if self.damped > 0:
            factors = 0.1 + 0.7 * torch.rand(count, device=device)
            small = torch.rand(count, device=device) < self.damped
            positions = dampen(positions, torch.where(small, factors, 1.0), self.library_layout)
        if self.tumbled > 0:
            tumbles = draw_tumbles(count, frames, self.tumbled, device)
            positions = tumble(positions, tumbles, self.library_layout)
        return positions

    def see(self, motion: Tensor, bodies: Bodies, cameras: CameraBatch) -> Tensor:
        """Motions on bodies seen from cameras, (N, T, V', dims) in the generator's layout and unit."""
        positions = embody(motion, bodies, self.library_layout)
        seen = project_batch(positions, cameras, self.library_layout, self.dims)
        return torch.einsum('uv,ntvc->ntuc', self.joint_weights, seen) * self.unit

    def observed(self, seen: Tensor, cameras: CameraBatch) -> Tensor:
        """Sequences (N, T, V', dims) as a pose estimator might give them: noisy, with gaps filled in."""
        low, high = self.noise
        spread = low + (high - low) * torch.rand(len(seen), device=seen.device)
        return observe(seen, spread * cameras.scale, self.missing)


@MODELS.register_module()
class MotionPairSynthesizer(MotionSynthesizer):
    """Draws bodies, cameras and noise for every batch: p(m, c), p(m', c') and their retargeting ground truth.

    The batches of ``MotionWindowDataset`` hold motions on one body. The first half of a batch gives m, the
    second m'; every pair gets two statics c and c', each a body and a camera. No two batches are the same.
    Batches that already hold pairs, as those of ``MotionPairDataset`` in validation, are passed through.

    Args:
        **kwargs: Arguments of :class:`MotionSynthesizer`.
    """

    def forward(self, data: dict, training: bool = False) -> dict:
        """Turn windows (2N, T, V, 3) into N pairs.

        Args:
            data: ``inputs``: 2N positions (T, V, 3), or a dictionary of pairs, which is not changed.
            training: Whether this is training.

        Returns:
            ``inputs``: ``source``, ``driver``, ``source_on_driver``, ``driver_on_source`` (N, V·C, T) in the
            library's unit, and ``observed_source``, ``observed_driver``, noisy.

        Raises:
            ValueError: If there is only one window.
        """
        data = self.cast_data(data)
        inputs = data['inputs']
        if isinstance(inputs, Mapping):
            return data
        positions = inputs if isinstance(inputs, Tensor) else torch.stack(list(inputs))
        if len(positions) < 2:
            raise ValueError('a pair needs two windows of motion; the batch size must be 2 at least')
        return data | dict(inputs=self.pairs(positions))

    def pairs(self, positions: Tensor) -> dict[str, Tensor]:
        """Pairs of windows (2N, T, V, 3); an odd window is skipped."""
        count, device = len(positions) // 2, positions.device
        motions = self.mixed(positions[: 2 * count].float()).split(count)
        bodies = [draw_bodies(count, self.library_layout, device) for _ in range(2)]
        cameras = [draw_cameras(count, device=device, **self.cameras) for _ in range(2)]
        names = (('source', 'source_on_driver'), ('driver_on_source', 'driver'))
        seen = {
            name: self.see(motion, *static)
            for motion, row in zip(motions, names)
            for static, name in zip(zip(bodies, cameras), row)
        }
        for name, camera in zip(('source', 'driver'), cameras):
            seen[f'observed_{name}'] = self.observed(seen[name], camera)
        return {name: to_motion(keypoint, self.layout) for name, keypoint in seen.items()}

    def statistics(self, dataset: Dataset, samples: int = 4000, batch: int = 64) -> MotionStatistics:
        """Mean and deviation per channel of the motions made from a data set; deterministic."""

        def motions() -> Iterator[np.ndarray]:
            with torch.random.fork_rng():
                torch.manual_seed(0)
                for first in range(0, samples, batch):
                    rows: Sequence = range(first, first + batch)
                    windows = torch.stack([dataset[i % len(dataset)]['inputs'] for i in rows])
                    yield self.pairs(windows.to(self.joint_weights))['source'].cpu().numpy()

        return MotionStatistics.of(motions())
