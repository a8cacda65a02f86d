"""Teachers that a test can predict."""

from __future__ import annotations

import zlib

import pytest
import torch
from torch import Tensor

from mmactrep.models.teachers import TextTeacher, VideoTeacher


class HashTeacher(TextTeacher):
    """Random features that depend on the text alone, and are far from unit length."""

    def __init__(self, dimension: int = 16, batch_size: int = 4, **kwargs) -> None:
        super().__init__('hash', dimension, batch_size, **kwargs)
        self.batches: list[list[str]] = []

    def _encode(self, texts: list[str]) -> Tensor:
        self.batches.append(texts)
        return torch.stack([self.feature(text) for text in texts])

    def feature(self, text: str) -> Tensor:
        generator = torch.Generator().manual_seed(zlib.crc32(text.encode()))
        return 7 * torch.randn(self.dimension, generator=generator)


class ColorTeacher(VideoTeacher):
    """The mean color of a clip."""

    def __init__(self, **kwargs) -> None:
        super().__init__(name='color', dimension=3, num_frames=2, batch_size=2, **kwargs)
        self.batches: list[int] = []

    def _encode(self, clips: Tensor) -> Tensor:
        self.batches.append(len(clips))
        return clips.float().mean((1, 2, 3))


@pytest.fixture
def text_teacher() -> HashTeacher:
    return HashTeacher()


@pytest.fixture
def video_teacher() -> ColorTeacher:
    return ColorTeacher()
