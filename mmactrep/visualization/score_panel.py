"""Panels with class scores, and their places beside persons."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Box = tuple[float, float, float, float]

_GROUND, _INK, _FAINT, _BAR = (18, 20, 24), (240, 240, 240), (185, 188, 192), (62, 92, 132)
_OPACITY = 0.88


@lru_cache(maxsize=32)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with Matplotlib, at a height in pixels."""
    folder = Path(matplotlib.get_data_path(), 'fonts', 'ttf')
    return ImageFont.truetype(str(folder / 'DejaVuSans.ttf'), size)


def text_size_for(image_height: int) -> int:
    """Height of text, in pixels, that is readable in a picture of this height."""
    return max(10, round(image_height / 42))


@lru_cache(maxsize=256)
def draw_panel(
    title: str,
    rows: tuple[tuple[str, float], ...],
    text_size: int,
    accent: tuple[int, int, int] = _INK,
    widest: str | None = None,
) -> np.ndarray:
    """A panel: a title, and one row with a bar per class.

    Args:
        title: First line.
        rows: (class name, probability).
        text_size: Height of the text, pixels.
        accent: BGR of the stripe at the left, which shows whose panel it is.
        widest: The longest title that the panel has in any frame, to keep its width constant.

    Returns:
        (H, W, 3) uint8, BGR; read-only, as calls share it. Its width does not depend on the probabilities, so
        that it does not jump.
    """
    font, pad = load_font(text_size), max(2, text_size // 3)
    line = round(text_size * 1.4)
    percent = font.getlength('100 %')
    label = max([font.getlength(name) for name, _ in rows], default=0)
    inner = max(font.getlength(widest or title), label + 2 * pad + percent if rows else 0)
    width = int(np.ceil(inner)) + 3 * pad + max(3, pad // 2 + 1)
    height = line * (1 + len(rows)) + 2 * pad
    image = Image.new('RGB', (width, height), _GROUND)
    draw = ImageDraw.Draw(image)
    stripe = max(3, pad // 2 + 1)
    draw.rectangle((0, 0, stripe - 1, height), fill=accent[::-1])
    left = stripe + pad
    draw.text((left, pad + line / 2), title, _INK, font, anchor='lm')
    for number, (name, value) in enumerate(rows):
        top = pad + line * (number + 1)
        right = left + (width - pad - left) * min(max(value, 0.0), 1.0)
        if right >= left + 1:
            draw.rectangle((left, top + 1, right, top + line - 2), fill=_BAR)
        ink = _INK if number == 0 else _FAINT
        draw.text((left + pad / 2, top + line / 2), name, ink, font, anchor='lm')
        draw.text((width - pad * 1.5, top + line / 2), f'{value * 100:.0f} %', ink, font, anchor='rm')
    panel = np.ascontiguousarray(np.asarray(image)[..., ::-1])
    panel.setflags(write=False)
    return panel


def blend_panel(image: np.ndarray, panel: np.ndarray, origin: tuple[int, int]) -> None:
    """Blend a panel (h, w, 3) into an image (H, W, 3), in place, with its upper left corner at (x, y).

    Parts outside the image are cut off.
    """
    x, y = origin
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + panel.shape[1], image.shape[1]), min(y + panel.shape[0], image.shape[0])
    if right <= left or bottom <= top:
        return
    under = image[top:bottom, left:right]
    over = panel[top - y : bottom - y, left - x : right - x]
    under[:] = np.round(under * (1 - _OPACITY) + over * _OPACITY).astype(np.uint8)


def overlap_area(box: Box, others: Sequence[Box]) -> float:
    """Sum of the areas that a box (x1, y1, x2, y2) shares with others."""
    return float(
        sum(
            max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
            * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
            for other in others
        )
    )


def panel_spots(
    box: Box, size: tuple[int, int], frame: tuple[int, int], gap: int
) -> dict[str, tuple[int, int]]:
    """Possible upper left corners (x, y) of a panel inside the frame, the best first.

    Args:
        box: The person's box.
        size: (h, w) of the panel.
        frame: (H, W) of the picture.
        gap: Pixels between person and panel.

    Returns:
        By name: the sides of the box, the one with more room first, then above and below it, then the corners
        of the frame.
    """
    (h, w), (height, width) = size, frame
    right, left = (box[2] + gap, box[1]), (box[0] - gap - w, box[1])
    sides = dict(right=right, left=left)
    if box[0] > width - box[2]:
        sides = dict(left=left, right=right)
    middle = (box[0] + box[2] - w) / 2
    spots = sides | dict(
        above=(middle, box[1] - gap - h),
        below=(middle, box[3] + gap),
        upper_left=(gap, gap),
        upper_right=(width - w - gap, gap),
        lower_left=(gap, height - h - gap),
        lower_right=(width - w - gap, height - h - gap),
    )

    def inside(spot: tuple[float, float]) -> tuple[int, int]:
        x, y = (max(0.0, min(spot[k], (width - w, height - h)[k])) for k in (0, 1))
        return round(x), round(y)

    return {name: inside(spot) for name, spot in spots.items()}


class PanelPlacer:
    """Puts one panel beside each person, covering nobody if there is room, and keeps it steady over time.

    A panel is beside the person's box, which grows at once and shrinks slowly, so that moving limbs do not
    shake the panel. The panel moves to another spot only if that reduces overlap.

    Args:
        smoothing: Share of the previous box in the new one while it shrinks, 0 to 1.
        reluctance: Least reduction of overlap for a move to another spot, as a share of the panel's area.
    """

    def __init__(self, smoothing: float = 0.9, reluctance: float = 0.05) -> None:
        self.smoothing = smoothing
        self.reluctance = reluctance
        self._boxes: dict[int, np.ndarray] = {}
        self._spots: dict[int, str] = {}

    def place(
        self, boxes: dict[int, Box], sizes: dict[int, tuple[int, int]], frame: tuple[int, int], gap: int = 8
    ) -> dict[int, tuple[int, int]]:
        """Upper left corners (x, y) of the panels of a frame.

        Args:
            boxes: Boxes of all persons by track; panels avoid all of them.
            sizes: (h, w) of the panels by track, the most important first; a person may have no panel.
            frame: (H, W) of the picture.
            gap: Pixels between person and panel.
        """
        self._boxes = {track: self._widen(track, np.asarray(box, float)) for track, box in boxes.items()}
        self._spots = {track: spot for track, spot in self._spots.items() if track in boxes}
        taken: list[Box] = []
        places: dict[int, tuple[int, int]] = {}
        for track, (h, w) in sizes.items():
            spots = panel_spots(tuple(self._boxes[track].tolist()), (h, w), frame, gap)
            cost = {
                name: overlap_area((x, y, x + w, y + h), list(boxes.values()))
                + 2 * overlap_area((x, y, x + w, y + h), taken)
                for name, (x, y) in spots.items()
            }
            best = min(cost, key=cost.get)  # the first of ties
            last = self._spots.get(track, best)
            if cost[last] <= cost[best] + self.reluctance * h * w:
                best = last
            self._spots[track] = best
            places[track] = x, y = spots[best]
            taken.append((x, y, x + w, y + h))
        return places

    def _widen(self, track: int, box: np.ndarray) -> np.ndarray:
        """The box, widened by what is left of a larger previous one."""
        if track not in self._boxes:
            return box
        slow = self.smoothing * self._boxes[track] + (1 - self.smoothing) * box
        return np.concatenate([np.minimum(box[:2], slow[:2]), np.maximum(box[2:], slow[2:])])
