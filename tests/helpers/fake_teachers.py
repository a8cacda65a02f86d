"""Teachers whose features are plain functions of letters and pixels, so that the right ones are known."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class LetterTeacher:
    """Text features: how often each vowel occurs, and the sum of all letters."""

    name = 'letters'
    dimension = 6

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Tensor:
        self.batches.append(list(texts))
        return torch.tensor([letters(text) for text in texts])


def letters(text: str) -> list[float]:
    """The features of one text."""
    return [*(float(text.count(vowel)) for vowel in 'aeiou'), float(sum(map(ord, text)) % 1000)]


class PixelTeacher:
    """Video features: brightness of the lower half of each frame, then height and width.

    Args:
        num_frames: T.
    """

    name = 'pixels'

    def __init__(self, num_frames: int = 4) -> None:
        self.num_frames = num_frames
        self.dimension = num_frames + 2
        self.batches: list[tuple[int, ...]] = []

    def encode(self, clips: Tensor) -> Tensor:
        assert clips.dtype == torch.uint8 and clips.shape[1] == self.num_frames and clips.shape[4] == 3
        self.batches.append(tuple(clips.shape))
        height, width = clips.shape[2:4]
        brightness = clips[:, :, height // 2 :].float().mean(dim=(2, 3, 4))
        return torch.cat([brightness, torch.tensor([[height, width]]).float().expand(len(clips), 2)], dim=1)
