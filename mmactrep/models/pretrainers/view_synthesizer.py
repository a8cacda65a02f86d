"""Clips of one motion on several bodies from several cameras, for contrast without a generator."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mmactrep.models.clip_normalization import box_normalize_batch
from mmactrep.models.generators.pair_synthesizer import MotionSynthesizer
from mmactrep.motion.synthesis import draw_bodies, draw_cameras
from mmactrep.registry import MODELS


@MODELS.register_module()
class MotionViewSynthesizer(MotionSynthesizer):
    """Draws several bodies and cameras for every motion of a batch: query and positives of view contrast.

    The contrast form of ViA (thesis 4.4) lets a generator make the same motion with other statics. From a
    library of 3D motions the same is made exactly: every motion is put on other bodies and projected to
    other cameras. For ``ContrastivePretrainer`` the views of a motion are the clips of a sample.

    Args:
        views: Clips of each motion, 1 + P. Defaults to 2.
        **kwargs: Arguments of :class:`~mmactrep.models.generators.pair_synthesizer.MotionSynthesizer`.

    Raises:
        ValueError: If there are fewer than two views.
    """

    def __init__(self, views: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if views < 2:
            raise ValueError(f'a contrast needs two views of a motion or more, found views={views}')
        self.views = views

    def forward(self, data: dict, training: bool = False) -> dict:
        """Turn windows into clips.

        Args:
            data: ``inputs``: N positions (T, V, 3), of ``MotionWindowDataset``; or clips
                (num_clips, M, T, V, C), which are stacked and not changed.
            training: Whether this is training.

        Returns:
            ``inputs`` (N, views, 1, T, V', dims), each clip in the box of its person. What is known about
            windows, ``data_samples``, is left out.
        """
        data = self.cast_data(data)
        inputs = data['inputs']
        inputs = inputs if isinstance(inputs, Tensor) else torch.stack(list(inputs))
        if inputs.dim() != 4:
            return data | dict(inputs=inputs)
        return dict(inputs=self.clips(inputs))

    def clips(self, positions: Tensor) -> Tensor:
        """Views (N, views, 1, T, V', dims) of motions (N, T, V, 3)."""
        motions = self.mixed(positions.float()).repeat_interleave(self.views, dim=0)
        bodies = draw_bodies(len(motions), self.library_layout, motions.device)
        cameras = draw_cameras(len(motions), device=motions.device, **self.cameras)
        seen = self.observed(self.see(motions, bodies, cameras), cameras)
        return box_normalize_batch(seen[:, None]).unflatten(0, (-1, self.views))
