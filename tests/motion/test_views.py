"""Views, windows and motions that are too short."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mmactrep.motion.views import SEVEN_VIEWS, fold, view
from mmactrep.structures.windows import window_starts


@pytest.mark.parametrize('yaw', SEVEN_VIEWS)
def test_orthographic_view_written_out(yaw, rng):
    """A camera at yaw stands at (sin, 0, cos), sees the body's left on its right, and down where y is up."""
    positions = rng.normal(size=(4, 5, 3))
    angle = math.radians(yaw)
    x, y, z = np.moveaxis(positions, -1, 0)
    right = x * math.cos(angle) - z * math.sin(angle)
    towards = x * math.sin(angle) + z * math.cos(angle)
    np.testing.assert_allclose(view(positions, yaw), np.stack([right, -y], axis=-1), atol=1e-12)
    np.testing.assert_allclose(view(positions, yaw, 3), np.stack([right, -y, -towards], axis=-1), atol=1e-12)


def test_pitch_looks_down_and_roll_turns_the_picture():
    up, ahead = np.array([0.0, 1, 0]), np.array([0.0, 0, 1])
    np.testing.assert_allclose(view(ahead, 0, pitch=30), [0, math.sin(math.radians(30))], atol=1e-12)
    np.testing.assert_allclose(view(up, 0, pitch=30), [0, -math.cos(math.radians(30))], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(view(up, 0, roll=20)), 1)
    assert abs(view(up, 0, roll=20)[0]) == pytest.approx(math.sin(math.radians(20)))
    assert view(up.astype(np.float32), 0).dtype == np.float32


def test_windows_overlap_by_half_and_lie_in_the_motion():
    def starts(length: int) -> list[int]:
        return window_starts(length, 64, 32, cover_end=False).tolist()

    assert starts(128) == [0, 32, 64]
    assert starts(127) == [0, 32]
    assert starts(64) == starts(10) == [0]


def test_short_motions_go_back_and_forth():
    motion = np.arange(4)[:, None]
    assert fold(motion, 11)[:, 0].tolist() == [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2]
    assert fold(motion, 3) is motion
    assert fold(motion[:1], 3)[:, 0].tolist() == [0, 0, 0]
