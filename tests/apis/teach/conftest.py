"""A run of teaching on skeletons that are written, not estimated, small enough for a test."""

from __future__ import annotations

import json

import pytest

from mmactrep.apis.teach import pipeline
from mmactrep.apis.teach.settings import TeachSettings
from tests.helpers.brightness_expert import BrightnessExpert


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
