"""Performances of procedural motions, filmed for tests."""

from __future__ import annotations

import numpy as np

from mmactrep.motion.procedural.generator import CLEAN, MotionGenerator
from mmactrep.motion.procedural.motions.base import MOTIONS


def film(name: str, n: int = 16, frames: int = 80, seed: int = 5, **factors) -> tuple[np.ndarray, dict]:
    """Positions (N, T, J, 3) of right-handed, standing performances that lie wholly in the clip."""
    options = dict(left_handed=0.0, seated=0.0, compose=0.0)
    generator = MotionGenerator(frames, 20.0, (name,), seed=seed, **(CLEAN | options))
    drawn = generator.sample_factors(n)
    spec = MOTIONS[name]
    timing = dict(speed=1.0, end=99.0, repeat=0, onset=0.0 if spec.kind == 'once' else -5.0)
    drawn = drawn.replace(**(timing | factors))
    offsets = generator.offsets(drawn)
    animation = generator.animate(drawn)
    return generator.positions(animation, offsets), dict(
        offsets=offsets, angles=animation.angles, factors=drawn
    )
