"""Frames with tracked skeletons and, beside each person, the recognized actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import TrackedPose, boxes_around

from .score_panel import PanelPlacer, blend_panel, draw_panel, text_size_for
from .skeleton_drawing import SIDE_COLORS, draw_skeleton

Scores = Sequence[tuple[str, float]]

_ACCENTS = ((80, 200, 250), (200, 120, 240), (110, 220, 120), (240, 190, 80), (90, 110, 240), (220, 220, 220))
_DARK = 24
_MIN_HEIGHT = 480
_BOX_JOINTS = 3  # a person with fewer joints seen has no panel, as its box says little


def track_color(track: int) -> tuple[int, int, int]:
    """BGR color of a track, for its panel and its lines in plots."""
    return _ACCENTS[track % len(_ACCENTS)]


def rows_for(persons: int) -> int:
    """How many classes a panel lists if this many persons have a panel."""
    return 5 if persons <= 2 else 3 if persons <= 4 else 1


def cross_links(layout: SkeletonLayout) -> list[tuple[int, int]]:
    """(left, right) shoulders if the layout has no neck, and hips if it has no middle of the hips."""
    return [
        (layout.index(f'left_{pair}'), layout.index(f'right_{pair}'))
        for pair, between in (('shoulder', 'neck'), ('hip', 'mid_hip'))
        if between not in layout and f'left_{pair}' in layout and f'right_{pair}' in layout
    ]


class PoseOverlay:
    """Draws the persons of consecutive frames.

    Args:
        layout: Layout of the joints.
        background: ``'video'`` draws on the frames, ``'dark'`` on a dark background of their size.
        min_height: Smaller frames are enlarged by an integer factor, so that text is legible.
        min_score: Joints with this score or less are not drawn.
        max_panels: Only this many persons, the first of the frame, have a panel.
        num_experts: Number of aggregated pose experts; if there are several, panels show how many saw the
            person. A pose that no expert saw, which fills a short gap, is drawn darker. 0 for given poses.

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
        num_experts: int = 0,
    ) -> None:
        if background not in ('video', 'dark'):
            raise ValueError(f"background must be 'video' or 'dark', got {background!r}")
        self.layout = layout
        self.background = background
        self.min_height = min_height
        self.min_score = min_score
        self.max_panels = max_panels
        self.num_experts = num_experts
        self._cross_links = cross_links(layout)
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
            persons: Persons in it, the most important first.
            scores: (class, probability) by track, the best first.
            note: Text in the corner.

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
            keypoint = person.keypoint * np.float32(factor)
            self._draw_cross_links(image, keypoint, person.score, thickness)
            image = draw_skeleton(
                image,
                keypoint,
                self.layout,
                person.score,
                person=int(self._interpolated(person)),  # darker
                thickness=thickness,
                min_score=self.min_score,
            )
        self._draw_panels(image, persons, scores or {}, factor)
        if note:
            _draw_note(image, note)
        return image

    def _draw_cross_links(
        self, image: np.ndarray, keypoint: np.ndarray, score: np.ndarray, thickness: int
    ) -> None:
        """Complete the trunk: lines between shoulders and hips if the layout has no joint between them."""
        for left, right in self._cross_links:
            if min(score[left], score[right]) > self.min_score:
                ends = [tuple(np.round(keypoint[joint]).astype(int).tolist()) for joint in (left, right)]
                cv2.line(image, *ends, SIDE_COLORS['middle'], thickness, cv2.LINE_AA)

    def _draw_panels(
        self, image: np.ndarray, persons: Sequence[TrackedPose], scores: Mapping[int, Scores], factor: int
    ) -> None:
        text = text_size_for(image.shape[0])
        margin = text * 0.6  # bodies are wider than the lines between joints
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
            rows = tuple(
                (name.replace('_', ' '), round(float(value), 2))
                for name, value in scores.get(person.track, ())
            )
            title, widest = self._titles(person)
            panels[person.track] = draw_panel(
                title, rows[: rows_for(len(shown))], text, track_color(person.track), widest
            )
        sizes = {track: panel.shape[:2] for track, panel in panels.items()}
        places = self._placer.place(boxes, sizes, image.shape[:2], gap=text // 2)
        for track, place in places.items():
            _draw_corners(image, boxes[track], track_color(track), max(1, text // 12))
            blend_panel(image, panels[track], place)

    def _titles(self, person: TrackedPose) -> tuple[str, str]:
        """The title of a panel, and the widest title that this person can have."""
        name = f'person {person.track}'
        if self.num_experts < 2:  # nobody to agree with
            return name, name
        votes = f'{name}   {person.votes} of {self.num_experts} experts'
        widest = f'{votes}   C 0.00'
        if self._interpolated(person):
            return f'{name}   interpolated', widest
        # one expert has nobody to agree with
        known = person.votes > 1 and np.isfinite(person.confidence)
        return (f'{votes}   C {person.confidence:.2f}' if known else votes), widest

    def _interpolated(self, person: TrackedPose) -> bool:
        """Whether the pose fills a short gap in which no expert saw the person."""
        return self.num_experts > 0 and person.votes == 0


def _draw_corners(
    image: np.ndarray, box: tuple[float, float, float, float], color: tuple[int, int, int], thickness: int
) -> None:
    """The corners of a box, in the color of its panel."""
    x1, y1, x2, y2 = (round(value) for value in box)
    arm = max(4, round(0.12 * min(x2 - x1, y2 - y1)))
    for x, dx in ((x1, arm), (x2, -arm)):
        for y, dy in ((y1, arm), (y2, -arm)):
            for end in ((x + dx, y), (x, y + dy)):
                cv2.line(image, (x, y), end, color, thickness, cv2.LINE_AA)


def _draw_note(image: np.ndarray, note: str) -> None:
    size = max(9, round(text_size_for(image.shape[0]) * 0.8))
    panel = draw_panel(note, (), size, (90, 90, 90))
    blend_panel(image, panel, (size // 2, image.shape[0] - panel.shape[0] - size // 2))
