"""The overview of a run."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mmactrep.visualization import draw_overview


def result_with(num_tracks: int, windows: int = 3) -> dict:
    rng = np.random.default_rng(0)
    classes = [f'class {k}' for k in range(8)]
    tracks = []
    for number in range(num_tracks):
        score = np.ones((60, 17), np.float32)
        score[20:30] = 0
        spans = [(20 * k, 20 * k + 20) for k in range(windows)]
        tracks.append(
            dict(
                track=number,
                start=5,
                end=65,
                keypoint=np.zeros((60, 17, 2)),
                keypoint_score=score,
                confidence=rng.uniform(0, 1, 60),
                windows=[dict(start=a, end=b, class_scores=rng.dirichlet(np.ones(8))) for a, b in spans],
                labels=classes[:5],
                scores=[0.2] * 5,
            )
        )
    timings = {stage: dict(seconds=1.0, fps=70.0) for stage in ('decode', 'experts')}
    return dict(
        tracks=tracks,
        windows=[],
        classes=classes,
        labels=classes[:5],
        timings=timings,
        input='some.mp4',
        num_frames=70,
        fps=25.0,
        img_shape=(480, 640),
    )


@pytest.mark.parametrize(('tracks', 'windows'), [(0, 0), (1, 0), (1, 1), (2, 3), (30, 3)])
def test_runs_of_all_sizes_can_be_drawn(tmp_path, tracks, windows):
    draw_overview(result_with(tracks, windows), tmp_path / 'overview.png')
    image = cv2.imread(str(tmp_path / 'overview.png'))
    assert image.shape[0] > 500 and image.shape[1] > 1000
    assert (image != 255).any(axis=2).mean() > 0.005


def test_the_timeline_shows_who_was_there(tmp_path):
    """More of the person's colour where there is no gap."""
    whole, gap = result_with(1), result_with(1)
    whole['tracks'][0]['keypoint_score'][:] = 1
    for name, result in dict(whole=whole, gap=gap).items():
        result['tracks'][0]['confidence'][:] = np.nan  # its line has the same colour
        draw_overview(result, tmp_path / f'{name}.png')
    color = np.array([80, 200, 250]) / 330 * 255
    counts = [
        (np.abs(cv2.imread(str(tmp_path / f'{name}.png')) - color).max(axis=2) < 4).sum()
        for name in ('whole', 'gap')
    ]
    assert counts[1] == pytest.approx(counts[0] * 50 / 60, rel=0.03)
