"""Finding the proposals of several experts in one frame that are the same person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.structures.poses import FramePoses

from .similarity import body_area, box_iou, keypoint_similarity


@dataclass(frozen=True)
class AssociationSettings:
    """When two proposals are the same person.

    Args:
        min_similarity: Minimum keypoint similarity of two experts' proposals of one person. Experts define
            joints differently, and a group is only a set of candidates from which SST-A chooses: a low bound
            does no harm as long as the assignment prefers the right one.
        min_common: With fewer common joints the keypoint similarity is meaningless, and boxes decide.
        min_iou: Minimum intersection over union of boxes if they decide.
        max_duplicate: Two proposals of one expert with a higher similarity are the same person.
    """

    min_similarity: float = 0.1
    min_common: int = 3
    min_iou: float = 0.4
    max_duplicate: float = 0.75


def affinity(
    a: FramePoses,
    b: FramePoses,
    sigmas: np.ndarray,
    min_common: int = 3,
    min_iou: float = 0.4,
    growth: np.ndarray | float = 1.0,
) -> np.ndarray:
    """How likely every person of one set is the same as each of another: (P, Q) in [0, 1].

    This is the keypoint similarity. Pairs with fewer than ``min_common`` joints in common, for which it is
    meaningless, get the intersection over union of their boxes instead, if that is at least ``min_iou``.

    Args:
        a: P persons.
        b: Q persons, in the same layout.
        sigmas: (V,), see :func:`~mmactrep.pose.tracking.similarity.joint_sigmas`.
        min_common: Joints that must be seen by both.
        min_iou: Bound for boxes.
        growth: (P,) factor on the area of each person of ``a``: joints may be further apart than usual.
    """
    area = (body_area(a.keypoint, a.score)[:, None] + body_area(b.keypoint, b.score)[None]) / 2
    area = area * np.broadcast_to(growth, len(a))[:, None]
    similarity = keypoint_similarity(a.keypoint, a.score, b.keypoint, b.score, sigmas, area, min_common)
    common = (a.score > 0).astype(np.float32) @ (b.score > 0).astype(np.float32).T
    unknown = common < min_common
    if unknown.any():
        overlap = box_iou(a.box, b.box)
        similarity = np.where(unknown, np.where(overlap >= min_iou, overlap, 0), similarity)
    return similarity


def assign(similarity: np.ndarray, least: float) -> list[tuple[int, int]]:
    """One-to-one pairs (row, column) of greatest total similarity, each at least ``least``.

    Pairs below the bound are excluded before the assignment, so that they cannot take a partner from an
    allowed pair.
    """
    from scipy.optimize import linear_sum_assignment

    allowed = similarity >= least
    if not allowed.any():
        return []
    rows, columns = linear_sum_assignment(np.where(allowed, similarity, 0), maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns) if allowed[row, column]]


def concatenate(proposals: Sequence[FramePoses]) -> FramePoses:
    """All persons of several sets as one set, in order."""
    if len(proposals) == 1:
        return proposals[0]
    return FramePoses(
        *(
            np.concatenate([getattr(poses, name) for poses in proposals])
            for name in ('keypoint', 'score', 'box')
        )
    )


def without_duplicates(alike: np.ndarray, strength: np.ndarray, most: float) -> list[int]:
    """Non-maximum suppression: of two persons that are too similar, the stronger is kept.

    Args:
        alike: (P, P) similarity.
        strength: (P,), for example the sum of a person's scores; a person of strength 0 is dropped.
        most: Maximum similarity of two different persons.

    Returns:
        Indices of the kept persons, ascending.
    """
    kept: list[int] = []
    for person in np.argsort(-strength, kind='stable'):
        if strength[person] > 0 and not (alike[person, kept] > most).any():
            kept.append(int(person))
    return sorted(kept)


def associate(
    proposals: Sequence[FramePoses], sigmas: np.ndarray, settings: AssociationSettings | None = None
) -> np.ndarray:
    """Group the proposals of all experts in one frame, one group per person (thesis 3.3.2: V, k_1 ... k_M).

    Experts are processed in turn: the persons of each are assigned one-to-one to the existing groups, by the
    greatest affinity to a member of the group, and start new groups if they fit none.

    Args:
        proposals: E experts' persons, all in one layout.
        sigmas: (V,) of that layout, see :func:`~mmactrep.pose.tracking.similarity.joint_sigmas`.
        settings: Bounds.

    Returns:
        (G, E) int64: index of the person in each expert's proposals, -1 if an expert has none.

    Raises:
        ValueError: If the experts' joint counts differ.
    """
    settings = settings or AssociationSettings()
    counts = {poses.keypoint.shape[1] for poses in proposals} | {len(sigmas)}
    if len(counts) > 1:
        raise ValueError(f'all proposals must be in one layout, found joint counts {sorted(counts)}')
    if not any(map(len, proposals)):
        return np.empty((0, len(proposals)), np.int64)
    everybody = concatenate(proposals)
    if len(everybody) == 1:
        # the common case of a single expert needs no similarity
        alone = np.array([[0 if len(poses) else -1 for poses in proposals]])
        return alone if (everybody.score > 0).any() else alone[:0]
    alike = affinity(everybody, everybody, sigmas, settings.min_common, settings.min_iou)
    strength = everybody.score.sum(axis=1)
    groups: list[dict[int, int]] = []  # expert to the row of its person in `everybody`
    first = np.concatenate([[0], np.cumsum([len(poses) for poses in proposals])])
    for expert in range(len(proposals)):
        rows = np.arange(first[expert], first[expert + 1])
        rows = rows[without_duplicates(alike[np.ix_(rows, rows)], strength[rows], settings.max_duplicate)]
        best = np.array([alike[np.ix_(list(group.values()), rows)].max(axis=0) for group in groups])
        pairs = assign(best, settings.min_similarity) if best.size else []
        for group, column in pairs:
            groups[group][expert] = int(rows[column])
        taken = {column for _, column in pairs}
        groups += [{expert: int(row)} for column, row in enumerate(rows) if column not in taken]
    result = np.full((len(groups), len(proposals)), -1, np.int64)
    for number, group in enumerate(groups):
        for expert, row in group.items():
            result[number, expert] = row - first[expert]
    return result
