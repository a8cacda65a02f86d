"""A small motion library that the tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from humanoid_bvh import humanoid_bvh

from mmactrep.datasets.motion import LIBRARY_LAYOUT, LibrarySettings, write_library


@pytest.fixture(scope='session')
def library(tmp_path_factory) -> Path:
    """3 and 2 characters; all classes but two held out; 70 frames; five captures of 40 frames."""
    root = tmp_path_factory.mktemp('motion')
    for i in range(5):
        (root / f'walk_{i}.bvh').write_text(humanoid_bvh(seed=i))
    settings = LibrarySettings(
        characters=3,
        test_characters=2,
        performances=1,
        test_performances=1,
        improvised=0,
        held_out=('wave', 'kick'),
        frames=70,
        captures=tuple(str(path) for path in root.glob('*.bvh')),
    )
    return write_library(root / 'library', settings.splits(), LIBRARY_LAYOUT, settings.fps, settings.classes)
