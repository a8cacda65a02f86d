"""Intervals of shares that were counted."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist


def wilson_interval(right: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share: where the true share lies, with this confidence.

    With z the two-sided quantile of the normal distribution and p = right / total, its ends are
    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Unlike p ± z √(p(1-p)/n) it stays within [0, 1] and
    is not a point where all or none are right.

    Args:
        right: Clips recognized.
        total: Clips.
        confidence: In (0, 1).

    Raises:
        ValueError: If there are no clips, or more right ones than clips.

    >>> [round(end, 3) for end in wilson_interval(54, 60)]
    [0.799, 0.953]
    """
    if not 0 <= right <= total or total < 1:
        raise ValueError(f'expected 0 <= right <= total and a clip or more, found {right} of {total}')
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = right / total, 1 + z * z / total
    middle = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low = 0.0 if right == 0 else (middle - spread) / weight
    return low, 1.0 if right == total else (middle + spread) / weight
