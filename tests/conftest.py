"""Fixtures that the whole suite shares."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope='session')
def repo() -> Path:
    """Root of the repository."""
    return REPO


@pytest.fixture(scope='session')
def shared_data() -> Path:
    """The real data beside the checkout; a test that needs them is skipped where they are absent."""
    path = REPO.parent / 'shared' / 'data'
    if not path.is_dir():
        pytest.skip('needs the real data in ../shared/data, which are no part of the repository')
    return path


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same random state."""
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(0)


@pytest.fixture(scope='session')
def library(tmp_path_factory) -> Path:
    """3 and 2 characters; all classes but two held out; 70 frames; five captures of 40 frames."""
    from mmactrep.motion.library import write_library
    from mmactrep.motion.library_layout import LIBRARY_LAYOUT
    from mmactrep.motion.sources import LibrarySettings
    from tests.helpers.humanoid_bvh import humanoid_bvh

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
