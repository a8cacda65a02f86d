"""Fixtures of the tests of the demos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmactrep.visualization import write_video
from tests.helpers.inference_fakes import walking, write_tiny_model


@pytest.fixture(scope='session')
def tiny_arguments(tmp_path_factory) -> list[str]:
    """Arguments that name a small network."""
    config, checkpoint = write_tiny_model(tmp_path_factory.mktemp('tiny'))
    return ['--config', str(config), '--checkpoint', str(checkpoint), '--device', 'cpu']


@pytest.fixture(scope='session')
def poses(tmp_path_factory) -> Path:
    """A skeleton file of 30 frames, COCO's joints in a picture of 480x640."""
    path = tmp_path_factory.mktemp('poses') / 'poses.npz'
    np.savez(path, keypoint=walking(30)[0])
    return path


@pytest.fixture(scope='session')
def video(tmp_path_factory) -> Path:
    """30 frames of 480x640 at 30 a second."""
    path = tmp_path_factory.mktemp('video') / 'small.mp4'
    write_video(path, (np.full((480, 640, 3), 4 * t, np.uint8) for t in range(30)), fps=30)
    return path
