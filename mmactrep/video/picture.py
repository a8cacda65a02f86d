"""From a stored picture to the one that a player shows: square pixels, upright, mirrored if asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mmactrep.errors import UserError

#: Most pixels of a picture: twice an 8K frame. A header can promise any number.
MAX_PIXELS = 1 << 26
# Pixels that are so little off the square are square: an encoder rounds 1215 : 1216 out of nothing.
_SQUARE = 0.02
_MOST_OBLONG = 8
# What a display matrix may have beside a quarter turn or a mirror, as a share of its largest element.
_SKEW = 0.02


class VideoError(UserError, ValueError):
    """A video that is absent, empty, no video, truncated or damaged; the message names the file."""


@dataclass(frozen=True)
class Orientation:
    """One of the eight ways to lay a picture down.

    Args:
        transposed: Rows become columns, first.
        flip_x: Then left and right change places.
        flip_y: And top and bottom.
    """

    transposed: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """The picture (H, W, 3), or (W, H, 3) of a transposed one, as it is shown."""
        if self == Orientation():
            return image
        if self.transposed:
            image = image.transpose(1, 0, 2)
        image = image[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1]
        return np.ascontiguousarray(image)


def orientation_of(matrix: Sequence[int] | None) -> Orientation:
    """What a display matrix asks for.

    Args:
        matrix: (9,) as FFmpeg has it: a, b, u, c, d, v, x, y, w in fixed point. A stored point (p, q) is
            shown at (a p + c q + x, b p + d q + y). None, or all zero, asks for nothing.

    Raises:
        VideoError: If it is neither a turn by quarters nor a mirror.
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
    """(width, height) of a stored picture once its pixels are square: the shorter side of a pixel is
    stretched.

    Args:
        width, height: As stored.
        pixel_aspect: Width of a pixel over its height; None or 0 if the file does not say.

    Raises:
        VideoError: If the picture is empty or too large, or its pixels are oblong beyond reason.
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
