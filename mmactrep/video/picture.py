"""From a stored frame to the one that a player shows: square pixels, upright or mirrored as the file says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mmactrep.errors import UserError

#: Maximum pixels per frame: twice an 8K frame. A header can claim any number.
MAX_PIXELS = 1 << 26
# Pixels this close to square count as square: encoders produce ratios like 1215 : 1216 by rounding.
_SQUARE = 0.02
_MOST_OBLONG = 8
# How far a display matrix may deviate from a quarter turn or mirror, as a share of its largest element.
_SKEW = 0.02


class VideoError(UserError, ValueError):
    """A video that is absent, empty, not a video, truncated or damaged; the message names the file."""


@dataclass(frozen=True)
class Orientation:
    """One of the eight orientations of an image.

    Args:
        transposed: First, swap rows and columns.
        flip_x: Then swap left and right.
        flip_y: Then swap top and bottom.
    """

    transposed: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """The image as it is shown: (H, W, 3) stays so, or becomes (W, H, 3) if transposed."""
        if self == Orientation():
            return image
        if self.transposed:
            image = image.transpose(1, 0, 2)
        image = image[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1]
        return np.ascontiguousarray(image)


def orientation_of(matrix: Sequence[int] | None) -> Orientation:
    """The orientation that a display matrix describes.

    Args:
        matrix: (9,) as FFmpeg has it: a, b, u, c, d, v, x, y, w in fixed point. A stored point (p, q) is
            shown at (a p + c q + x, b p + d q + y). None, or all zero, means upright.

    Raises:
        VideoError: If it is neither a rotation by quarter turns nor a mirror.
    """
    if matrix is None:
        return Orientation()
    a, b, _, c, d, *_ = (int(value) for value in matrix)
    largest = max(map(abs, (a, b, c, d)))
    if largest == 0:
        return Orientation()
    transposed = max(abs(b), abs(c)) > max(abs(a), abs(d))
    across, down, *skew = (c, b, a, d) if transposed else (a, d, b, c)
    if max(map(abs, skew)) > _SKEW * largest or not across or not down:
        values = ', '.join(f'{value / 65536:g}' for value in (a, b, c, d))
        raise VideoError(
            f'expected a display matrix that turns by quarters or mirrors, found one of {values}: '
            'encode the video upright'
        )
    return Orientation(transposed, across < 0, down < 0)


def square_size(width: int, height: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """(width, height) of a stored frame after making its pixels square by stretching their shorter side.

    Args:
        width, height: As stored.
        pixel_aspect: Width of a pixel over its height; None or 0 if the file does not say.

    Raises:
        VideoError: If the frame is empty or too large, or its pixels are unreasonably oblong.
    """
    aspect = float(pixel_aspect) if pixel_aspect else 1.0
    if not 1 / _MOST_OBLONG <= aspect <= _MOST_OBLONG:
        raise VideoError(
            f'expected pixels at most {_MOST_OBLONG} times as wide as high or as high as wide, '
            f'found a pixel aspect ratio of {pixel_aspect}'
        )
    if abs(aspect - 1) > _SQUARE:
        width = round(width * aspect) if aspect > 1 else width
        height = round(height / aspect) if aspect < 1 else height
    if not (width > 0 and height > 0 and width * height <= MAX_PIXELS):
        raise VideoError(f'expected pictures of 1 to {MAX_PIXELS:,} pixels, found {width} x {height}')
    return width, height
