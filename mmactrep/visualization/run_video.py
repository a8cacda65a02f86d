"""A video of an inferencer's results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from mmactrep.structures.poses import TrackedPose
from mmactrep.structures.recognition import (
    NO_VERDICT,
    ActionWindow,
    RecognitionResult,
    Verdict,
    judge,
    scores_over_time,
    top_classes,
)

from .pose_overlay import PoseOverlay

#: (class, probability) of the classes that a person's panel lists, the best first.
Actions = list[tuple[str, float]]


def persons_at(result: RecognitionResult, frame: int) -> list[tuple[TrackedPose, Actions]]:
    """Persons seen in a frame of a result, the most important first, and their actions at that moment."""
    found = []
    for person in result.persons:
        pose = person.track.at(frame)
        if pose is not None:
            windows = person.windows or result.windows
            scores = scores_over_time(windows, np.array([frame]))[0] if windows else np.zeros(0)
            labels, values = top_classes(scores, result.classes, max(1, len(result.labels)))
            found.append((pose, verdict_at(result, windows, frame).rows(labels, values)))
    return found


def verdict_at(result: RecognitionResult, windows: list[ActionWindow], frame: int) -> Verdict:
    """The verdict of a moment: of the window whose middle is nearest."""
    if not windows or result.rejection is None:
        return NO_VERDICT
    nearest = min(windows, key=lambda window: abs((window.start + window.end - 1) / 2 - frame))
    return judge([nearest], result.rejection, len(result.classes))


def render_run(
    result: RecognitionResult,
    frames: Iterable[np.ndarray],
    overlay: PoseOverlay | None = None,
    note: str = '',
    first: int = 0,
) -> Iterator[np.ndarray]:
    """Draw a result on the frames of its input.

    Args:
        result: The persons and their actions, 2D.
        frames: (H, W, 3) uint8 RGB, consecutive.
        overlay: How to draw. Default: on the video.
        note: Text in the corner of every frame.
        first: Number of the first frame.

    Yields:
        (H', W', 3) uint8, BGR.
    """
    overlay = overlay or PoseOverlay(result.layout, num_experts=result.num_experts)
    for number, frame in enumerate(frames, first):
        persons = persons_at(result, number)
        scores = {pose.track: actions for pose, actions in persons}
        yield overlay(frame, [pose for pose, _ in persons], scores, note)
