"""Pairs of procedural motions with crossed ground truth."""

from __future__ import annotations

import pytest
import torch

from mmactrep.motion.cameras import Cameras, project
from mmactrep.motion.procedural.generator import MotionGenerator, to_layout
from mmactrep.structures.motion_representation import MotionStatistics, to_motion


def crossed_pairs(count: int, frames: int = 32, start: int = 0) -> dict[str, torch.Tensor]:
    """p(m, c), p(m', c'), p(m, c') and p(m', c) of ``count`` pairs; a static is a body and a view."""
    generator = MotionGenerator(frames=frames, classes=('walk', 'wave', 'squat', 'jump'))
    own = generator.sample_factors(count, start)
    other = generator.sample_factors(count, start + 1000)

    def sequence(motion, static):
        positions = generator.positions(generator.animate(motion), generator.offsets(static))
        cameras = Cameras(yaw=static['yaw'] / 2, orthographic=True, scale=128.0, follow=0.0)
        pixels = to_layout(project(positions, cameras)[0], 'motion15')
        return torch.from_numpy(to_motion(pixels, 'motion15')).float()

    return dict(
        source=sequence(own, own),
        driver=sequence(other, other),
        source_on_driver=sequence(own, other),
        driver_on_source=sequence(other, own),
    )


@pytest.fixture(scope='session')
def pairs() -> dict[str, torch.Tensor]:
    """48 pairs of 32 frames."""
    return crossed_pairs(48)


@pytest.fixture(scope='session')
def statistics(pairs) -> MotionStatistics:
    """Of the motions of ``pairs``."""
    return MotionStatistics.of(motion.numpy() for motion in pairs.values())
