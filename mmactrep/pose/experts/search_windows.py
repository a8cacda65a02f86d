"""Parts of a picture: where to look for a person, and how to hide known persons."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

Window = tuple[int, int, int, int]


def search_windows(height: int, width: int, share: float = 0.6) -> list[Window]:
    """Where to look for a person: the whole frame, then overlapping squares for those who are small in it.

    Args:
        height, width: Size of the frame in pixels.
        share: Side of a square relative to the shorter side of the frame; neighbors overlap by at least half.

    Returns:
        Windows x1, y1, x2, y2, the middle row before those above and below it.
    """
    side = max(1, round(share * min(height, width)))

    def starts(length: int) -> list[int]:
        count = 1 + int(np.ceil((length - side) / (side / 2)))
        return sorted(
            np.linspace(0, length - side, count).astype(int).tolist(),
            key=lambda at: abs(2 * at + side - length),
        )

    squares = [(x, y, x + side, y + side) for y in starts(height) for x in starts(width)]
    return [(0, 0, width, height), *squares]


def window_around(box: Sequence[float], height: int, width: int, margin: float = 3.0) -> Window:
    """A square around a box, ``margin`` times its longer side, moved and cut to be inside the frame."""
    x1, y1, x2, y2 = (float(value) for value in box)
    side = margin * max(x2 - x1, y2 - y1, 1.0)

    def span(middle: float, length: int) -> tuple[int, int]:
        extent = min(side, length)
        start = min(max(middle - extent / 2, 0), length - extent)
        return int(start), int(np.ceil(start + extent))

    (left, right), (top, bottom) = span((x1 + x2) / 2, width), span((y1 + y2) / 2, height)
    return left, top, min(right, width), min(bottom, height)


def leaves(box: Sequence[float], window: Window, height: int, width: int, margin: float = 0.05) -> bool:
    """Whether a box is near an edge of its window that is not an edge of the frame."""
    x1, y1, x2, y2 = window
    pad_x, pad_y = margin * (x2 - x1), margin * (y2 - y1)
    return bool(
        (x1 > 0 and box[0] < x1 + pad_x)
        or (y1 > 0 and box[1] < y1 + pad_y)
        or (x2 < width and box[2] > x2 - pad_x)
        or (y2 < height and box[3] > y2 - pad_y)
    )


def hide(picture: np.ndarray, outlines: Sequence[np.ndarray]) -> np.ndarray:
    """A copy of the picture (H, W, 3) with areas painted in its mean color.

    Args:
        picture: Any picture.
        outlines: Convex polygons (K, 2) in its pixels, see :func:`outline`.
    """
    if not len(outlines):
        return picture
    out = picture.copy()
    # every eighth pixel gives the mean well enough
    color = picture[::8, ::8].mean(axis=(0, 1)).tolist()
    for polygon in outlines:
        cv2.fillConvexPoly(out, np.round(polygon).astype(np.int32), color)
    return out


def outline(keypoint: np.ndarray, grow: float = 0.25) -> np.ndarray:
    """A convex polygon (K, 2) around joints (V, 2), larger than their hull by a share of its size.

    If people lean or stand close together, a hull leaves more of a neighbor visible than a box does.
    """
    hull = cv2.convexHull(keypoint.astype(np.float32))[:, 0]
    middle = hull.mean(axis=0)
    return middle + (hull - middle) * (1 + grow)
