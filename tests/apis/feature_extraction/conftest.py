"""Videos whose frames tell their number."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.videos import LENGTHS, SIZES, bright_frames, make_video


@pytest.fixture
def folder(tmp_path) -> Path:
    """Seven videos of two sizes, whose frame t has brightness 10 t + 20."""
    (tmp_path / 'videos').mkdir()
    for name, length in LENGTHS.items():
        make_video(tmp_path / 'videos' / f'{name}.mp4', bright_frames(length, SIZES[name]))
    return tmp_path / 'videos'
