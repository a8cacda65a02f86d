"""Fixtures of the tests of inference."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmactrep.apis.recognizer import ActionRecognizer
from tests.helpers.inference_fakes import write_tiny_model


@pytest.fixture(scope='session')
def tiny(tmp_path_factory) -> tuple[Path, Path]:
    """(config, checkpoint) of a small network for posetics17 and four classes."""
    return write_tiny_model(tmp_path_factory.mktemp('tiny'))


@pytest.fixture(scope='session')
def recognizer(tiny) -> ActionRecognizer:
    """The small network with its pipeline."""
    return ActionRecognizer(*tiny, device='cpu')
