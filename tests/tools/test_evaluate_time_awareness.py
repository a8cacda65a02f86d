"""tools/analysis/evaluate_time_awareness.py on small videos, its picture, and what it refuses."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.apis.frozen_features import load_encoder
from mmactrep.apis.segment_features import segment_features
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.run_figures import printed_figures
from mmactrep.evaluation.functional import time_awareness
from mmactrep.visualization import draw_time_order
from tests.helpers.training import REPO, load_tool, restored_random_state
from tests.helpers.video_sets import moving_square, video_folder
from tests.helpers.videos import make_video


@pytest.fixture(scope='module')
def tool():
    return load_tool('analysis/evaluate_time_awareness.py')


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    """The recognizer of rendered videos, on six small ones of 60 frames and one that is too short."""
    folder = tmp_path_factory.mktemp('time')
    ann_file = video_folder(folder, frames=60, fps=(30.0,))
    make_video(folder / 'leave' / 'short.mp4', moving_square(0, 20))
    with open(ann_file, 'a') as file:
        file.write('leave/short.mp4 1\n')
    path = folder / 'small.py'
    data = f"dict(dataset=dict(ann_file='{ann_file}', data_prefix=dict(video='{folder}')))"
    path.write_text(
        f"_base_ = '{REPO}/configs/ltn/r3d_rendered_rgb.py'\n"
        f'train_dataloader = {data}\nval_dataloader = {data}\ntest_dataloader = {data}\n'
    )
    return path


def test_segments_are_spread_over_each_video_in_order(config):
    init_default_scope('mmactrep')
    cfg = compose_config(config)
    with restored_random_state():
        encoder = load_encoder(cfg, 'none', seed=1)
        found = segment_features(cfg, encoder, 'train', segments=5)
    assert found.features.shape == (6 * 5, encoder_width(encoder)) and len(found.names) == 6
    assert 'leave/short' not in found.names  # 20 frames are fewer than a clip covers
    starts = found.times[:, 0].reshape(6, 5)
    # clips of 8 frames, 4 apart: 32 of 60 frames, so that starts go to frame 28
    np.testing.assert_allclose(
        starts, np.tile(np.floor(np.linspace(0, 1, 5) * 29).clip(0, 28) / 30, (6, 1)), atol=1e-3
    )
    assert found.videos.tolist() == np.repeat(np.arange(6), 5).tolist()
    named = [found.classes[label] for label in found.labels]
    assert named == [name.split('/')[0] for name in found.names]
    # each row is the feature of its own clip
    with torch.no_grad(), restored_random_state():
        again = segment_features(cfg, encoder, 'train', segments=5, most_videos=2)
    np.testing.assert_allclose(again.features, found.features[:10], rtol=0.05, atol=1e-3)


def encoder_width(encoder):
    with torch.no_grad():
        return encoder.backbone(torch.zeros(1, 3, 8, 64, 64)).shape[1]


def test_the_command_prints_figures_and_draws(tool, config, tmp_path, capsys):
    picture = tmp_path / 'out' / 'time.png'
    with restored_random_state():
        assert not tool.main(
            [str(config), 'none', 'none', '--names', 'one', 'two', '--segments', '6', '--out', str(picture)]
        )
    figures = printed_figures(capsys.readouterr().out)
    assert figures['one R2 of the start time'] == figures['two R2 of the start time'] <= 1
    assert 0 <= figures['one pairs in order'] <= 1
    assert cv2.imread(str(picture)).shape[1] > 800  # two panels
    cfg = compose_config(config)
    with restored_random_state():
        found = segment_features(cfg, load_encoder(cfg, 'none'), 'test', segments=6)
    result = time_awareness(*[found.features, found.times[:, 0], found.videos] * 2)
    assert figures['one R2 of the start time'] == pytest.approx(result.r2, abs=2e-2)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--show', 'nobody'], "no test video 'nobody', for example"),
        (['--classes', 'enter', 'jump'], "no test video of 'jump'; there are"),
        (
            ['--cfg-options', 'val_dataloader.dataset.pipeline.sample.type=UniformSample'],
            'expected one Sample',
        ),
    ],
)
def test_mistakes(tool, config, capsys, arguments, message):
    with restored_random_state():
        assert tool.main([str(config), 'none', '--segments', '3', *arguments]) == 1
    assert re.search(message, capsys.readouterr().err)


def test_a_config_of_skeletons_is_refused(tool, capsys):
    with restored_random_state():
        assert tool.main([str(REPO / 'configs/unik/unik_penn_2d_small.py'), 'none']) == 1
    assert 'expected a config of a recognizer of videos' in capsys.readouterr().err


def test_a_picture_needs_points_of_every_video(tmp_path, rng):
    points = [rng.normal(size=(4, 2)) for _ in range(2)]
    draw_time_order({'a': points}, ['x', 'y'], tmp_path / 'p.png', {'a': 'a note'})
    assert (tmp_path / 'p.png').stat().st_size > 5000
    for panels, videos in (({}, ['x']), ({'a': points}, ['x']), ({'a': points}, [])):
        with pytest.raises(ValueError, match='expected'):
            draw_time_order(panels, videos, tmp_path / 'q.png')
