"""Fixtures of the tests of inference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmactrep.apis.recognizer import ActionRecognizer
from tests.helpers.inference_fakes import write_tiny_model
from tests.helpers.videos import make_video


@pytest.fixture(scope='session')
def tiny(tmp_path_factory) -> tuple[Path, Path]:
    """(config, checkpoint) of a small network for posetics17 and four classes."""
    return write_tiny_model(tmp_path_factory.mktemp('tiny'))


@pytest.fixture(scope='session')
def recognizer(tiny) -> ActionRecognizer:
    """The small network with its pipeline."""
    return ActionRecognizer(*tiny, device='cpu')


@pytest.fixture
def tiny_recipe(tmp_path, monkeypatch):
    """The recipe of teaching with a network of two blocks and clips of 16 frames."""
    from mmactrep.engine.config_files import CONFIG_FOLDER

    path = tmp_path / 'tiny_recipe.py'
    path.write_text(
        f'_base_ = {str(CONFIG_FOLDER / "_base_/recipes/teach_2d.py")!r}\n'
        'model = dict(backbone=dict(channels=(8, 8), strides=(1, 2), dilations=(1, 1), kernel_size=3),'
        ' cls_head=dict(in_channels=8))\n'
        'train_dataloader = dict(dataset=dict(pipeline=dict(sample=dict(length=16))))\n'
        'val_dataloader = dict(dataset=dict(pipeline=dict(sample=dict(length=16))))\n'
        'test_dataloader = val_dataloader\n'
    )
    from mmactrep.apis.teach import training

    monkeypatch.setattr(training, 'RECIPE', str(path))
    return path


@pytest.fixture
def videos(tmp_path):
    """A folder of two classes of three videos, which differ by their brightness over time."""
    root = tmp_path / 'videos'
    time = np.linspace(0, 1, 20)
    for name, values in dict(rising=60 + 120 * time, falling=180 - 120 * time).items():
        (root / name).mkdir(parents=True)
        for k in range(3):
            frames = [np.full((48, 64, 3), value + 4 * k, np.uint8) for value in values]
            make_video(root / name / f'clip{k}.mp4', frames)
    return root
