"""Frames as image encoders take them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
#: Frames resized at once, as float32: one of 1080p takes 25 MB.
_AT_ONCE = 4


@dataclass(frozen=True)
class FrameInput:
    """Resizing and normalization of frames.

    The whole frame is resized to a square, as ViCLIP's are: a crop from the middle would lose who acts at
    the side.

    Args:
        size: Side of the square, pixels.
        mean, deviation: Of the colors, for intensities in [0, 1].
        interpolation: 'bilinear' or 'bicubic'.
        antialias: Whether frames are smoothed when they get smaller, as Pillow does and OpenCV does not.
    """

    size: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    deviation: tuple[float, float, float] = IMAGENET_DEVIATION
    interpolation: str = 'bicubic'
    antialias: bool = True

    def __call__(self, frames: Tensor) -> Tensor:
        """Prepare frames (n, H, W, 3) uint8, RGB.

        Returns:
            (n, 3, size, size) float32.
        """
        resized = torch.cat([self._resize(part.permute(0, 3, 1, 2)) for part in frames.split(_AT_ONCE)])
        mean, deviation = (
            torch.tensor(each, device=frames.device)[:, None, None] for each in (self.mean, self.deviation)
        )
        return (resized / 255 - mean) / deviation

    def _resize(self, frames: Tensor) -> Tensor:
        size = (self.size, self.size)
        if tuple(frames.shape[-2:]) == size:
            return frames.float()
        resized = F.interpolate(frames.float(), size, mode=self.interpolation, antialias=self.antialias)
        # encoders were trained on resized pictures of 8 bits
        return resized.round().clamp(0, 255)
