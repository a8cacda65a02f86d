"""Frames as OpenCV and Pillow resize them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmactrep.models.teachers.frames import IMAGENET_DEVIATION, IMAGENET_MEAN, FrameInput


@pytest.fixture
def frames(rng) -> np.ndarray:
    """Six frames of smooth random colors, 90 x 122 pixels."""
    return np.stack(
        [cv2.resize(rng.integers(0, 256, (9, 12, 3), np.uint8), (122, 90), None, 0, 0, 2) for _ in range(6)]
    )


def intensities(prepared: torch.Tensor) -> np.ndarray:
    """Back to (n, H, W, 3) in [0, 255]."""
    mean, deviation = (np.float64(each) for each in (IMAGENET_MEAN, IMAGENET_DEVIATION))
    return (prepared.double().permute(0, 2, 3, 1).numpy() * deviation + mean) * 255


@pytest.mark.parametrize('size', [40, 150])
def test_bilinear_without_antialiasing_is_opencvs(frames, size):
    found = FrameInput(size, interpolation='bilinear', antialias=False)(torch.from_numpy(frames))
    expected = np.stack([cv2.resize(frame, (size, size)) for frame in frames]).astype(int)
    # OpenCV interpolates integers, with weights of 11 bits
    assert np.abs(intensities(found) - expected).max() < 1.01
    assert np.abs(intensities(found) - expected).mean() < 0.15


@pytest.mark.parametrize(
    ('mode', 'pillow'), [('bicubic', Image.Resampling.BICUBIC), ('bilinear', Image.Resampling.BILINEAR)]
)
@pytest.mark.parametrize('size', [40, 150])
def test_with_antialiasing_it_is_pillows(frames, size, mode, pillow):
    found = FrameInput(size, interpolation=mode)(torch.from_numpy(frames))
    expected = np.stack([np.asarray(Image.fromarray(frame).resize((size, size), pillow)) for frame in frames])
    # Pillow rounds between its two passes, over columns and over rows
    assert np.abs(intensities(found) - expected.astype(int)).max() < 2.01
    assert np.abs(intensities(found) - expected.astype(int)).mean() < 0.2


def test_a_frame_of_the_size_is_only_normalized(frames):
    square = np.ascontiguousarray(frames[:, :90, :90])
    found = FrameInput(90, (0.5, 0.25, 0.0), (0.5, 1.0, 2.0))(torch.from_numpy(square)).numpy()
    expected = (square / 255 - [0.5, 0.25, 0.0]) / [0.5, 1.0, 2.0]
    np.testing.assert_allclose(found, expected.transpose(0, 3, 1, 2), atol=1e-6)


def test_a_frame_with_one_side_of_the_size_is_resized(frames):
    """90 x 122: the whole frame, not a crop."""
    for size in (90, 122):
        found = FrameInput(size)(torch.from_numpy(frames))
        assert found.shape == (6, 3, size, size)
        expected = np.asarray(Image.fromarray(frames[0]).resize((size, size), Image.Resampling.BICUBIC))
        assert np.abs(intensities(found)[0] - expected.astype(int)).max() < 2.01
