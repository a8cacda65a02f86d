"""Frames with tracked skeletons and, beside each person, what it seems to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ..pose import TrackedPose, boxes_around
from ..structures import SkeletonLayout
from .score_panel import PanelPlacer, blend_panel, draw_panel, load_font, text_size_for
from .skeleton_drawing import draw_skeleton

Scores = Sequence[tuple[str, float]]

_ACCENTS = ((80, 200, 250), (200, 120, 240), (110, 220, 120), (240, 190, 80), (90, 110, 240), (220, 220, 220))
_DARK = 24
_MIN_HEIGHT = 480
_BOX_JOINTS = 3  # a person of whom fewer joints are seen has no panel: there is nothing to stand beside


def track_color(track: int) -> tuple[int, int, int]:
    """BGR of a track's number, for its panel and its lines in plots."""
    return _ACCENTS[track % len(_ACCENTS)]


def rows_for(persons: int) -> int:
    """How many classes a panel lists where that many persons need one each."""
    return 5 if persons <= 2 else 3 if persons <= 4 else 1


class PoseOverlay:
    """Draws the persons of consecutive frames.

    Args:
        layout: Layout of the joints.
        background: ``'video'`` draws on the frames, ``'dark'`` on a dark ground of their size.
        min_height: Smaller frames are enlarged by a whole factor, so that text can be read.
        min_score: Joints with this score or less are not drawn.
        max_panels: Persons, the first of the frame, who get a panel.

    Raises:
        ValueError: If there is no such background.
    """

    def __init__(
        self,
        layout: SkeletonLayout,
        background: str = 'video',
        min_height: int = _MIN_HEIGHT,
        min_score: float = 0.0,
        max_panels: int = 8,
    ) -> None:
        if background not in ('video', 'dark'):
            raise ValueError(f"background must be 'video' or 'dark', got {background!r}")
        self.layout = layout
        self.background = background
        self.min_height = min_height
        self.min_score = min_score
        self.max_panels = max_panels
        self._placer = PanelPlacer()

    def __call__(
        self,
        frame: np.ndarray,
        persons: Sequence[TrackedPose],
        scores: Mapping[int, Scores] | None = None,
        note: str = '',
    ) -> np.ndarray:
        """Draw one frame.

        Args:
            frame: (H, W, 3) uint8, RGB.
            persons: Those seen in it, the most important first.
            scores: (class, probability) by track, the best first.
            note: A line in the corner.

        Returns:
            (H', W', 3) uint8, BGR; the same size for every frame of a video.
        """
        factor = max(1, -(-self.min_height // frame.shape[0]))
        size = frame.shape[1] * factor, frame.shape[0] * factor
        if self.background == 'dark':
            image = np.full((size[1], size[0], 3), _DARK, np.uint8)
        else:
            image = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
            image = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC) if factor > 1 else image
        thickness = max(2, round(size[1] / 240))
        for person in persons:
            image = draw_skeleton(
                image,
                np.where(person.score[:, None] > 0, person.keypoint * factor, 0),
                self.layout,
                person.score,
                person=0,
                thickness=thickness,
                min_score=self.min_score,
            )
        self._draw_panels(image, persons, scores or {}, factor)
        if note:
            _draw_note(image, note)
        return image

    def _draw_panels(
        self, image: np.ndarray, persons: Sequence[TrackedPose], scores: Mapping[int, Scores], factor: int
    ) -> None:
        text = text_size_for(image.shape[0])
        margin = text * 0.6  # limbs are thicker than the lines between joints
        boxes = {
            person.track: tuple((boxes_around(person.keypoint, person.score) * factor).tolist())
            for person in persons
            if (person.score > self.min_score).sum() >= _BOX_JOINTS
        }
        boxes = {
            track: (x1 - margin, y1 - 1.5 * margin, x2 + margin, y2 + margin)
            for track, (x1, y1, x2, y2) in boxes.items()
        }
        shown = [person for person in persons if person.track in boxes][: self.max_panels]
        panels = {}
        for person in shown:
            rows = tuple((name, round(float(value), 2)) for name, value in scores.get(person.track, ()))
            title = f'person {person.track}   C {person.confidence:.2f}'
            panels[person.track] = draw_panel(
                title, rows[: rows_for(len(shown))], text, track_color(person.track)
            )
        sizes = {track: panel.shape[:2] for track, panel in panels.items()}
        places = self._placer.place(boxes, sizes, image.shape[:2], gap=text // 2)
        for track, place in places.items():
            blend_panel(image, panels[track], place)


def _draw_note(image: np.ndarray, note: str) -> None:
    size = max(9, round(text_size_for(image.shape[0]) * 0.8))
    panel = draw_panel(note, (), size, (90, 90, 90))
    assert load_font(size)
    blend_panel(image, panel, (size // 2, image.shape[0] - panel.shape[0] - size // 2))
