"""What a frame of a result's video says: the verdict of the window around it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mmactrep.structures.recognition import NO_VERDICT
from mmactrep.visualization import run_video


@pytest.mark.parametrize(('frame', 'window'), [(0, 0), (28, 0), (33, 1), (49, 1)])
def test_the_verdict_is_that_of_the_window_whose_middle_is_nearest(monkeypatch, frame, window):
    windows = [SimpleNamespace(start=0, end=40), SimpleNamespace(start=30, end=50)]
    result = SimpleNamespace(rejection='by energy', classes=['a', 'b'])
    monkeypatch.setattr(run_video, 'judge', lambda chosen, rejection, classes: (chosen, rejection, classes))
    assert run_video.verdict_at(result, windows, frame) == ([windows[window]], 'by energy', 2)
    assert run_video.verdict_at(result, [], frame) == NO_VERDICT
    assert run_video.verdict_at(SimpleNamespace(rejection=None), windows, frame) == NO_VERDICT
