"""Selective spatio-temporal aggregation, SST-A (thesis 3.3.2, Eq. 3.1 to 3.4).

The thesis does not say how to treat a missing joint. Here

- an expert that misses a joint does not vote for it;
- a joint that nobody saw is missing in the result, and is chosen as in the first frame when it comes back;
- a joint that only one expert sees is taken from that expert;
- C is the mean over the votes. If no joint has two votes there is nothing to compare: C is NaN, and the
  filter of Eq. 3.3, which removes what experts disagree about, keeps the pose.

Ties go to the first expert.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.structures import SkeletonLayout, get_layout, seen_joints
from mmactrep.structures.body_length import body_length, check_normalizer

from .joint_selection import MAX_EXPERTS, select_joints

#: γ of the thesis, for the normalizer 'head_neck' (3.6.3).
THRESHOLD = 0.18
#: ε of Eq. 3.4.
EPSILON = 1e-12
#: D_normal as a share of the diagonal of the box around the body, if it cannot be measured at all.
BOX_SHARE = dict(head_neck=0.14, shoulders=0.18, box=1.0)
# Frames processed at once: their tables fit a processor's cache.
_CHUNK = 2048


@dataclass(frozen=True, eq=False)
class AggregationState:
    """What aggregating the following frames needs from the preceding ones.

    Args:
        keypoint: (V, C) last aggregate, 0 where a joint is missing.
        seen: (V,) bool, the joints that it has.
        length: The last measured D_normal, NaN if there is none.
    """

    keypoint: np.ndarray
    seen: np.ndarray
    length: float


@dataclass(frozen=True, eq=False)
class AggregatedPoses:
    """One person over T frames, aggregated from the proposals of E experts.

    Args:
        keypoint: (T, V, C), in the unit and the float type of the proposals; 0 where a joint is missing.
        score: (T, V) float32, the chosen expert's; 0 where a joint is missing.
        chosen: (T, V) int64, index of the chosen expert; -1 where a joint is missing.
        confidence: (T,) float32, C of Eq. 3.4; NaN if no joint has two votes, 0 if none has any.
        kept: (T,) bool, C ≥ γ (Eq. 3.3), or NaN.
        votes: (T,) int64, number of experts that saw any joint.
        state: The state for :func:`aggregate` on the following frames.
    """

    keypoint: np.ndarray
    score: np.ndarray
    chosen: np.ndarray
    confidence: np.ndarray
    kept: np.ndarray
    votes: np.ndarray
    state: AggregationState | None = None

    def __len__(self) -> int:
        return len(self.keypoint)


def aggregate(
    keypoint: np.ndarray,
    score: np.ndarray | None,
    layout: str | SkeletonLayout,
    *,
    normalizer: str = 'head_neck',
    joints: Sequence[str] | None = None,
    threshold: float = THRESHOLD,
    state: AggregationState | None = None,
) -> AggregatedPoses:
    """Aggregate the proposals of several experts for one person (Eq. 3.1 to 3.4).

    A frame below the threshold is marked, not removed, and the recursion continues from it: in the thesis the
    filter is a second step on the whole aggregated sequence, and P_A^{t-1} of Eq. 3.1 is the first's result.

    D_normal is measured on the aggregate of the frame. If a joint that it needs is missing, the last measured
    value is used; before there is any, :data:`BOX_SHARE` of the diagonal of the box around the aggregate.

    Args:
        keypoint: (E, T, V, C) proposals of E ≥ 1 experts, C = 2 (pixels) or 3, real numbers.
        score: (E, T, V) confidences or a mask; a joint is seen where it is above 0. Default: a joint is seen
            where a coordinate is not 0.
        layout: Layout of the joints, or its name.
        normalizer: Definition of D_normal: 'head_neck' as in the thesis, 'shoulders' or 'box', see
            :func:`~mmactrep.structures.body_length.body_length`. γ = 0.18 belongs to the first.
        joints: Names of the joints over which C is computed. Default: all. The others are aggregated too.
        threshold: γ of Eq. 3.3.
        state: ``result.state`` of the preceding frames. A track aggregated in pieces, down to single frames,
            gives exactly the same result as in one piece.

    Returns:
        The aggregate of ``T`` frames.

    Raises:
        ValueError: If shapes do not match each other, the layout or the state, a coordinate of a seen joint
            or a score is not finite, or the normalizer is unknown.
        KeyError: If the layout is unknown or lacks one of ``joints``.
    """
    layout = get_layout(layout)
    keypoint, score = check_proposals(keypoint, score, layout)
    check_normalizer(normalizer)
    subset = slice(None) if joints is None else layout.indices(joints)
    state = _check_state(state, keypoint)
    pieces = []
    for start in range(0, max(keypoint.shape[1], 1), _CHUNK):
        rows = slice(start, start + _CHUNK)
        piece = _aggregate_chunk(keypoint[:, rows], score[:, rows], layout, normalizer, subset, state)
        state = piece[-1]
        pieces.append(piece[:-1])
    pose, pose_score, chosen, confidence, votes = (np.concatenate(parts) for parts in zip(*pieces))
    return AggregatedPoses(
        keypoint=pose,
        score=pose_score,
        chosen=chosen,
        confidence=confidence.astype(np.float32),
        kept=~(confidence < threshold) & (votes > 0),
        votes=votes,
        state=state,
    )


def _aggregate_chunk(
    keypoint: np.ndarray,
    score: np.ndarray,
    layout: SkeletonLayout,
    normalizer: str,
    subset: slice | list[int],
    state: AggregationState,
) -> tuple:
    """Aggregate some frames: pose, score, chosen, C, votes, and the state after them."""
    experts, frames, joints, channels = keypoint.shape
    if frames == 0:
        nothing = np.zeros((0, joints))
        empty = np.zeros(0)
        return keypoint[0], nothing.astype(np.float32), nothing.astype(int), empty, empty.astype(int), state
    seen = score > 0
    # Channels first: arithmetic on whole planes, several times faster than on pairs of numbers.
    planes = np.empty((channels, experts, frames, joints))
    for channel in range(channels):
        np.multiply(keypoint[..., channel], seen, out=planes[channel])
    previous = np.asarray(state.keypoint.T, np.float64)
    chosen = select_joints(planes, seen, previous, state.seen)
    missing = chosen == experts
    cell = np.where(missing, 0, chosen) * (frames * joints) + np.arange(frames * joints).reshape(frames, -1)
    pose = np.empty((frames, joints, channels))
    for channel in range(channels):
        np.multiply(planes[channel].take(cell), ~missing, out=pose[..., channel])
    pose_score = np.multiply(score.take(cell), ~missing, dtype=np.float32)
    length, last = _normal(pose, ~missing, layout, normalizer, state.length)
    voted, distance = seen[..., subset], 0.0
    for channel in range(channels):
        difference = planes[channel][..., subset] - pose[:, subset, channel]
        distance = distance + difference * difference
    distance = np.sqrt(distance) * voted
    # Experts first, then joints: one order of summation, whatever the number of frames.
    count = voted.sum(axis=0).sum(axis=1)
    mean = distance.sum(axis=0).sum(axis=1) / np.maximum(count, 1)
    compared = (voted.sum(axis=0) > 1).any(axis=1)
    alone = np.where(count > 0, np.nan, 0.0)
    confidence = np.where(compared, np.exp(-mean / (length + EPSILON)), alone)
    pose = pose.astype(keypoint.dtype)
    state = AggregationState(pose[-1].copy(), ~missing[-1], last)
    votes = seen.any(axis=2).sum(axis=0)
    return pose, pose_score, np.where(missing, -1, chosen), confidence, votes, state


def _normal(
    pose: np.ndarray, seen: np.ndarray, layout: SkeletonLayout, normalizer: str, last: float
) -> tuple[np.ndarray, float]:
    """D_normal (T,) and its last measured value."""
    length = body_length(pose, seen, layout, normalizer)
    if np.isnan(length).any():
        held = np.concatenate([[last], length])
        newest = np.maximum.accumulate(np.where(np.isnan(held), 0, np.arange(len(held))))
        length = held[newest][1:]
    last = float(length[-1])
    if np.isnan(length).any():
        guess = BOX_SHARE[normalizer] * body_length(pose, seen, layout, 'box')
        length = np.where(np.isnan(length), np.nan_to_num(guess), length)
    return length, last


def check_proposals(
    keypoint: np.ndarray, score: np.ndarray | None, layout: SkeletonLayout
) -> tuple[np.ndarray, np.ndarray]:
    """Check proposals and return them as floats with their scores; see :func:`aggregate`."""
    keypoint = np.asarray(keypoint)
    if not np.issubdtype(keypoint.dtype, np.floating):
        keypoint = keypoint.astype(np.float32)
    expected = f'(experts, frames, {layout.num_joints} joints of {layout.name}, 2 or 3)'
    if keypoint.ndim != 4 or keypoint.shape[2] != layout.num_joints or keypoint.shape[3] not in (2, 3):
        raise ValueError(f'proposals must be {expected}, found {keypoint.shape}')
    if not 1 <= len(keypoint) <= MAX_EXPERTS:
        raise ValueError(f'proposals of 1 to {MAX_EXPERTS} experts are needed, found {len(keypoint)}')
    score = seen_joints(keypoint) if score is None else np.asarray(score)
    if score.shape != keypoint.shape[:-1]:
        raise ValueError(f'scores must be {keypoint.shape[:-1]} as the proposals are, found {score.shape}')
    if not np.isfinite(score).all():
        raise ValueError('scores of proposals must be finite')
    if not np.isfinite(keypoint).all():
        bad = ~np.isfinite(keypoint).all(axis=-1)
        if (bad & (score > 0)).any():
            expert, frame, joint = np.argwhere(bad & (score > 0))[0]
            raise ValueError(
                f"expert {expert}, frame {frame}: joint '{layout.joints[joint]}' has a score, "
                f'but the coordinates {keypoint[expert, frame, joint].tolist()}'
            )
        keypoint = np.where(bad[..., None], keypoint.dtype.type(0), keypoint)
    return keypoint, score


def _check_state(state: AggregationState | None, keypoint: np.ndarray) -> AggregationState:
    joints, channels = keypoint.shape[2:]
    if state is None:
        return AggregationState(np.zeros((joints, channels), keypoint.dtype), np.zeros(joints, bool), np.nan)
    if state.keypoint.shape != (joints, channels) or state.seen.shape != (joints,):
        raise ValueError(
            f'the state is of {state.keypoint.shape[0]} joints in {state.keypoint.shape[-1]} channels, '
            f'the proposals are of {joints} in {channels}'
        )
    return state
