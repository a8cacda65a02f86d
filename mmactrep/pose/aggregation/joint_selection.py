"""Joint-level aggregation (Eq. 3.1 and 3.2) without a loop over frames.

The aggregate of a joint is always one of the proposals, so the state of the recursion is the index of an
expert, or 'missing', which has index E here. For all frames and joints at once, a table gives the choice that
follows each possible choice in the preceding frame; it remains to follow these tables.
"""

from __future__ import annotations

from itertools import combinations
from math import ceil, sqrt

import numpy as np

#: Tables of choices are bytes, and the index of 'missing' comes after the last expert's.
MAX_EXPERTS = 126


def select_joints(
    keypoint: np.ndarray, seen: np.ndarray, previous: np.ndarray, previous_seen: np.ndarray
) -> np.ndarray:
    """Choose an expert for every joint and frame (Eq. 3.1).

    Args:
        keypoint: (C, E, T, V) float64, the proposals, finite.
        seen: (E, T, V) bool, which experts vote for which joint.
        previous: (C, V) float64, the aggregate of the frame before the first.
        previous_seen: (V,) bool, the joints seen in it.

    Returns:
        (T, V) int64, indices of experts; E where nobody saw the joint.
    """
    channels, experts, frames, joints = keypoint.shape
    # An expert that misses a joint is infinitely far from everything.
    votes = keypoint.copy()
    votes[0][~seen] = np.inf
    anyone = seen.any(axis=0)
    first = _first(keypoint, votes, seen, anyone, previous, previous_seen)
    if frames == 1:
        return first[None]
    # Frames and joints as one axis, on which a shift by one frame is a view, not a copy.
    flat, flat_votes = (x.reshape(channels, experts, -1) for x in (keypoint, votes))
    table = np.empty((experts + 1, (frames - 1) * joints), np.int8)
    table[:experts] = closest(flat_votes[:, :, joints:], flat[:, :, :-joints])
    table[experts] = experts
    fresh = joints + np.flatnonzero(~anyone[:-1].ravel() & anyone[1:].ravel())
    table[experts, fresh - joints] = closest_pair(flat[:, :, fresh], seen.reshape(experts, -1)[:, fresh])
    table[:, ~anyone[1:].ravel()] = experts
    return follow(table.reshape(experts + 1, frames - 1, joints), first)


def _first(
    keypoint: np.ndarray,
    votes: np.ndarray,
    seen: np.ndarray,
    anyone: np.ndarray,
    previous: np.ndarray,
    previous_seen: np.ndarray,
) -> np.ndarray:
    """Choices (V,) of the first frame."""
    first = np.empty(len(previous_seen), np.int64)
    known, fresh = previous_seen & anyone[0], ~previous_seen & anyone[0]
    first[known] = closest(votes[:, :, 0, known], previous[:, None, known])[0]
    first[fresh] = closest_pair(keypoint[:, :, 0, fresh], seen[:, 0, fresh])
    first[~anyone[0]] = keypoint.shape[1]
    return first


def closest(votes: np.ndarray, previous: np.ndarray) -> np.ndarray:
    """The expert closest to the aggregate of the preceding frame, second case of Eq. 3.1.

    Args:
        votes: (C, E, n) proposals, infinite where an expert does not vote.
        previous: (C, P, n) possible aggregates of the preceding frame.

    Returns:
        (P, n) int8; the first of equally close experts.
    """
    choice = np.zeros(previous.shape[1:], np.int8)
    best = squared_distance(votes[:, 0, None], previous)
    # New arrays of this size for each expert would cost more than the arithmetic.
    distance, work = np.empty_like(best), np.empty_like(best)
    for expert in range(1, votes.shape[1]):
        squared_distance(votes[:, expert, None], previous, distance, work)
        # Numbers rise, so the greatest is the last that was closer; faster than a masked copy.
        np.maximum(choice, (distance < best).view(np.int8) * np.int8(expert), out=choice)
        np.minimum(best, distance, out=best)
    return choice


def closest_pair(keypoint: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """One of the two closest experts, first case of Eq. 3.1: the one with the lower index.

    Args:
        keypoint: (C, E, n) proposals.
        seen: (E, n) which experts vote.

    Returns:
        (n,) int8; of equally close pairs the first in the order (0, 1), (0, 2), ..., (1, 2), ... A single
        expert is chosen; if none votes the index is meaningless.
    """
    choice = seen.argmax(axis=0).astype(np.int8)
    best = np.full(seen.shape[1], np.inf)
    for a, b in combinations(range(len(seen)), 2):
        distance = np.where(seen[a] & seen[b], squared_distance(keypoint[:, a], keypoint[:, b]), np.inf)
        np.copyto(choice, a, where=distance < best)
        np.minimum(best, distance, out=best)
    return choice


def squared_distance(
    a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None, work: np.ndarray | None = None
) -> np.ndarray:
    """Square of Eq. 3.2, which gives the same order as the distance, between points (C, ...)."""
    out = np.subtract(a[0], b[0], out=out)
    np.multiply(out, out, out=out)
    for channel in range(1, len(a)):
        work = np.subtract(a[channel], b[channel], out=work)
        np.add(out, np.multiply(work, work, out=work), out=out)
    return out


def follow(table: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Follow tables of next states: s(0) = first, s(t) = table[s(t - 1), t - 1].

    The frames are divided into about √T blocks; all blocks are traversed at once, from every possible initial
    state, then the actual initial states are looked up one after another.

    Args:
        table: (S, T - 1, V) integers below S.
        first: (V,) integers below S.

    Returns:
        (T, V) int64.
    """
    states, steps, joints = table.shape
    length = ceil(sqrt(steps + 1))
    blocks = ceil((steps + 1) / length)
    # A node is a state of a joint in a frame; jump[node] is the node that follows it.
    base = states * np.arange(blocks * length * joints).reshape(blocks, length, joints)
    jump = np.zeros((blocks * length, joints, states), np.int64)
    for state in range(states):
        np.add(base.reshape(-1, joints)[1 : steps + 1], table[state], out=jump[:steps, :, state])
    walk = np.empty((length, blocks, joints, states), np.int64)
    np.add(base[:, 0, :, None], np.arange(states), out=walk[0])
    for step in range(1, length):
        # all nodes exist; 'clip' avoids a copy for the check
        np.take(jump, walk[step - 1], out=walk[step], mode='clip')
    ends = np.take(jump, walk[-1])
    columns = np.arange(joints)
    begin = np.empty((blocks, joints), np.int64)
    begin[0] = first
    for block in range(1, blocks):
        begin[block] = ends[block - 1, columns, begin[block - 1]] - base[block, 0]
    path = np.take_along_axis(walk, begin[None, :, :, None], axis=-1)[..., 0]
    path = path.swapaxes(0, 1) - base
    return path.reshape(-1, joints)[: steps + 1]
