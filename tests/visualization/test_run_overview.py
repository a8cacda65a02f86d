"""The overview of a run."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mmactrep.structures import get_layout
from mmactrep.structures.poses import PoseTrack
from mmactrep.structures.recognition import ActionWindow, PersonActions, RecognitionResult
from mmactrep.visualization import draw_overview, run_overview


def result_with(num_persons: int, windows: int = 3, num_experts: int = 3) -> RecognitionResult:
    rng = np.random.default_rng(0)
    classes = [f'class {k}' for k in range(8)]
    persons = []
    for number in range(num_persons):
        score = np.ones((60, 17), np.float32)
        score[20:30] = 0
        votes = rng.integers(1, num_experts + 1, 60)
        confidence = np.where(votes > 1, rng.uniform(0, 1, 60), np.nan)
        spans = [(20 * k, 20 * k + 20) for k in range(windows)]
        persons.append(
            PersonActions(
                PoseTrack(number, 5, np.zeros((60, 17, 2), np.float32), score, confidence, votes),
                [ActionWindow(a, b, 20, rng.dirichlet(np.ones(8))) for a, b in spans],
                np.full(8, 0.125),
                classes[:5],
                [0.125] * 5,
            )
        )
    return RecognitionResult(
        'some.mp4',
        get_layout('coco17'),
        (480, 640),
        70,
        classes,
        persons,
        [],
        np.full(8, 0.125),
        classes[:5],
        [0.125] * 5,
        fps=25.0,
        num_experts=num_experts,
        seconds=dict(decode=1.0, experts=2.0),
    )


@pytest.mark.parametrize(('tracks', 'windows'), [(0, 0), (1, 0), (1, 1), (2, 3), (30, 3)])
def test_runs_of_all_sizes_can_be_drawn(tmp_path, tracks, windows):
    draw_overview(result_with(tracks, windows), tmp_path / 'overview.png')
    image = cv2.imread(str(tmp_path / 'overview.png'))
    assert image.shape[0] > 500 and image.shape[1] > 1000
    assert (image != 255).any(axis=2).mean() > 0.005


def test_the_timeline_shows_who_was_there(tmp_path):
    """More of the person's color where there is no gap."""
    whole, gap = result_with(1, num_experts=1), result_with(1, num_experts=1)
    whole.persons[0].track.score[:] = 1
    for name, result in dict(whole=whole, gap=gap).items():
        draw_overview(result, tmp_path / f'{name}.png')
    color = np.array([80, 200, 250]) / 330 * 255
    counts = [
        (np.abs(cv2.imread(str(tmp_path / f'{name}.png')) - color).max(axis=2) < 4).sum()
        for name in ('whole', 'gap')
    ]
    assert counts[1] == pytest.approx(counts[0] * 50 / 60, rel=0.03)


def test_one_expert_has_no_confidence(tmp_path, monkeypatch):
    """C and votes are drawn where several experts were asked, and only then."""
    titles = []
    monkeypatch.setattr(run_overview, '_tidy', lambda axes, title: titles.append(title))
    draw_overview(result_with(2, num_experts=1), tmp_path / 'one.png')
    assert not [title for title in titles if 'Confidence' in title or 'xperts' in title]
    titles.clear()
    draw_overview(result_with(2, num_experts=3), tmp_path / 'three.png')
    assert [title for title in titles if 'Confidence' in title]
    assert 'Experts, of 3, that saw the person' in titles
