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
