"""Where random transforms draw from."""

from __future__ import annotations

import numpy as np


def get_rng(results: dict) -> np.random.Generator:
    """Generator of a clip.

    A data set that wants reproducible draws puts one into ``results['rng']``. Otherwise a new one is
    seeded from numpy's global state, which MMEngine seeds differently in every data loader worker.
    Pipelines that make several views of one clip must pass on the same generator, not a copy of it,
    or the views will be equal.

    Args:
        results: Annotation dictionary of one clip.

    Returns:
        The generator to draw from.
    """
    rng = results.get('rng')
    if rng is None:
        return np.random.default_rng(np.random.randint(2**31))
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"results['rng'] must be a numpy Generator, got {type(rng).__name__}")
    return rng
