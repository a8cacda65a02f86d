"""A run of teaching on skeletons that are written, not estimated, small enough for a test."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.apis.teach import pipeline, training
from mmactrep.apis.teach.settings import TeachSettings
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.videos import make_video


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


@pytest.fixture
def settings(videos, tmp_path):
    """Settings of a run on :func:`videos` without a start, in this process."""

    def make(**changes):
        given = dict(
            source=str(videos), out=tmp_path / 'out', experts=(BrightnessExpert(),), starts=('none',),
            steps=(2,), processes=1, curve=(), progress=False,
        )  # fmt: skip
        return TeachSettings(**given | changes)

    return make


@pytest.fixture
def taught(settings, tiny_recipe):
    """Teach; returns its report and what it said."""

    def run(**changes):
        said = []
        made = settings(**changes)
        report = pipeline.teach(made, said.append)
        return made, report, said

    return run


@pytest.fixture
def read_report():
    """The content of ``report.json``."""
    return lambda made: json.loads((made.out / 'report.json').read_text())
