"""What is done to the frames of one clip, all of them alike: pure functions on uint8 (T, H, W, 3) RGB.

Colors follow torchvision's functions on images; contrast turns about the mean gray of the whole clip, so
that it does not flicker.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

# ITU-R 601-2, as PIL, torchvision and OpenCV have it
_GRAY = np.array([0.299, 0.587, 0.114])
_CROP_ATTEMPTS = 10


def draw_crop(
    height: int,
    width: int,
    area: tuple[float, float],
    aspect: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[int, int, int, int]:
    """A random crop, as torchvision's ``RandomResizedCrop`` draws it.

    Args:
        height, width: Of the frames.
        area: Lowest and highest share of the area.
        aspect: Lowest and highest width over height, drawn evenly in its logarithm.
        rng: Generator.

    Returns:
        Top, left, height and width. If ten draws do not fit, the largest crop in the middle whose aspect is
        within the range.
    """
    low, high = math.log(aspect[0]), math.log(aspect[1])
    for _ in range(_CROP_ATTEMPTS):
        size = height * width * rng.uniform(*area)
        ratio = math.exp(rng.uniform(low, high))
        w, h = round(math.sqrt(size * ratio)), round(math.sqrt(size / ratio))
        if 0 < w <= width and 0 < h <= height:
            return int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1)), h, w
    ratio = min(max(width / height, aspect[0]), aspect[1])
    h, w = min(height, round(width / ratio)), min(width, round(height * ratio))
    return (height - h) // 2, (width - w) // 2, h, w


def crop(frames: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """The part (T, h, w, 3) of a box: top, left, height and width. A view."""
    top, left, height, width = box
    return frames[:, top : top + height, left : left + width]


def resize(frames: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Frames (T, H, W, 3) in another size (height, width): averaged to shrink, interpolated to grow."""
    height, width = size
    if frames.shape[1:3] == (height, width):
        return frames
    shrinks = frames.shape[1] >= height and frames.shape[2] >= width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = np.empty((len(frames), height, width, 3), np.uint8)
    for frame, out in zip(frames, resized):
        cv2.resize(np.ascontiguousarray(frame), (width, height), dst=out, interpolation=method)
    return resized


def flip(frames: np.ndarray) -> np.ndarray:
    """Swap left and right."""
    return np.ascontiguousarray(frames[:, :, ::-1])


def adjust_brightness(frames: np.ndarray, factor: float) -> np.ndarray:
    """Multiply by a factor."""
    return _by_table(frames, np.arange(256) * factor)


def adjust_contrast(frames: np.ndarray, factor: float) -> np.ndarray:
    """Multiply the distance to the mean gray of the clip by a factor."""
    middle = float(np.dot(cv2.mean(_flat(frames))[:3], _GRAY))
    return _by_table(frames, np.arange(256) * factor + middle * (1 - factor))


def adjust_saturation(frames: np.ndarray, factor: float) -> np.ndarray:
    """Multiply the distance to each pixel's own gray by a factor."""
    flat = _flat(frames)
    return cv2.addWeighted(flat, factor, _flat(gray(frames)), 1 - factor, 0).reshape(frames.shape)


def adjust_hue(frames: np.ndarray, shift: float) -> np.ndarray:
    """Turn the hue by a share of the circle, -0.5 to 0.5."""
    hsv = cv2.cvtColor(_flat(frames), cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] += np.uint8(round(shift * 256) % 256)  # wraps around, as hues do
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL).reshape(frames.shape)


def gray(frames: np.ndarray) -> np.ndarray:
    """Three equal channels."""
    return cv2.cvtColor(cv2.cvtColor(_flat(frames), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB).reshape(
        frames.shape
    )


def blur(frames: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of a deviation in pixels."""
    blurred = np.empty(frames.shape, np.uint8)
    for frame, out in zip(frames, blurred):
        cv2.GaussianBlur(np.ascontiguousarray(frame), (0, 0), sigma, dst=out)
    return blurred


def _flat(frames: np.ndarray) -> np.ndarray:
    """All frames as one tall image, for OpenCV."""
    return np.ascontiguousarray(frames).reshape(-1, frames.shape[2], 3)


def _by_table(frames: np.ndarray, table: np.ndarray) -> np.ndarray:
    return cv2.LUT(_flat(frames), np.clip(np.round(table), 0, 255).astype(np.uint8)).reshape(frames.shape)
