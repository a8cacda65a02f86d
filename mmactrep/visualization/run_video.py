"""A video of what an inferencer found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from mmactrep.structures import get_layout
from mmactrep.structures.poses import TrackedPose

from .pose_overlay import PoseOverlay


def scores_over_time(windows: Sequence[Mapping], frames: np.ndarray) -> np.ndarray:
    """Class scores of a track in every frame: linear between the middles of its windows, constant outside.

    Args:
        windows: With ``start``, ``end`` and ``class_scores`` (K,), by time; at least one.
        frames: (T,) frame numbers.

    Returns:
        (T, K) float32.
    """
    middles = np.asarray([(window['start'] + window['end'] - 1) / 2 for window in windows])
    scores = np.stack([window['class_scores'] for window in windows])
    if len(middles) == 1:
        return np.repeat(scores, len(frames), axis=0).astype(np.float32)
    place = np.clip(frames, middles[0], middles[-1])
    after = np.clip(np.searchsorted(middles, place), 1, len(middles) - 1)
    share = (place - middles[after - 1]) / np.maximum(middles[after] - middles[after - 1], 1e-9)
    share = share[:, None]
    return ((1 - share) * scores[after - 1] + share * scores[after]).astype(np.float32)


def persons_by_frame(result: Mapping) -> dict[int, list[tuple[TrackedPose, list[tuple[str, float]]]]]:
    """Who is seen in each frame of a result of ``SkeletonInferencer``, the most important first.

    Returns:
        Frame number to (pose, (class, probability) best first); frames without anybody are left out.
    """
    frames: dict[int, list] = {}
    classes = result['classes']
    for track in result['tracks']:
        numbers = np.arange(track['start'], track['end'])
        windows = track['windows'] or result['windows']
        scores = scores_over_time(windows, numbers) if windows else np.zeros((len(numbers), 0), np.float32)
        order = np.argsort(-scores, axis=1, kind='stable')[:, : max(1, len(result['labels']))]
        for row in np.flatnonzero((track['keypoint_score'] > 0).any(axis=1)):
            pose = TrackedPose(
                track['track'],
                int(numbers[row]),
                track['keypoint'][row],
                track['keypoint_score'][row],
                float(track['confidence'][row]),
                votes=0,
            )
            best = [(classes[k], float(scores[row, k])) for k in order[row]]
            frames.setdefault(int(numbers[row]), []).append((pose, best))
    return frames


def render_run(
    result: Mapping, frames: Iterable[np.ndarray], overlay: PoseOverlay | None = None, note: str = ''
) -> Iterator[np.ndarray]:
    """Draw what was found on the frames it was found in.

    Args:
        result: Of ``SkeletonInferencer``, 2D.
        frames: (H, W, 3) uint8 RGB, from the first on.
        overlay: How to draw. Default: on the video.
        note: A line in the corner of every frame.

    Yields:
        (H', W', 3) uint8, BGR.
    """
    overlay = overlay or PoseOverlay(get_layout(result['layout']))
    found = persons_by_frame(result)
    for number, frame in enumerate(frames):
        persons = found.get(number, [])
        scores = {pose.track: best for pose, best in persons}
        yield overlay(frame, [pose for pose, _ in persons], scores, note)
