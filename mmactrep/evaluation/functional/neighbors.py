"""How well nearest neighbors agree on an attribute of the samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def neighbor_agreement(features: np.ndarray, values: Sequence) -> tuple[float, float]:
    """Share of samples whose nearest other sample, by Euclidean distance, has the same value.

    Args:
        features: (n, C') features.
        values: (n,) an attribute of each sample, such as its class or its view.

    Returns:
        The share, and the one that is expected of a neighbor drawn at random.

    Raises:
        ValueError: If there are fewer than two samples or not one value each, or features are not finite.
    """
    # imported here: it takes a second
    from sklearn.neighbors import NearestNeighbors

    features = np.asarray(features)
    _, codes, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    n = len(codes)
    if features.ndim != 2 or len(features) != n or n < 2 or not np.isfinite(features).all():
        raise ValueError(
            f'expected finite features (n, C) of two samples or more and a value for each, found '
            f'{features.shape} and {n} values'
        )
    # without an argument, a sample is not a neighbor of itself
    nearest = NearestNeighbors(n_neighbors=1).fit(features).kneighbors(return_distance=False)[:, 0]
    agreed = float((codes[nearest] == codes).mean())
    return agreed, float((counts * (counts - 1)).sum() / (n * (n - 1)))
