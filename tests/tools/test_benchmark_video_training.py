"""tools/analysis/benchmark_video_training.py at toy size."""

from __future__ import annotations

import re

import pytest

from tests.helpers.training import REPO, load_tool, restored_random_state
from tests.helpers.video_sets import CLASSES, video_folder

LTN = REPO / 'configs/ltn/ltn_rendered_rgb.py'
SMALL = ['--cfg-options', 'model.backbone.base_channels=4', 'model.neck.in_channels=32', 'model.queue_size=8']


@pytest.fixture
def tool(tmp_path, monkeypatch):
    lines = video_folder(tmp_path / 'rendered' / 'videos').read_text()
    (tmp_path / 'rendered' / 'train.txt').write_text(lines)
    (tmp_path / 'rendered' / 'classes.txt').write_text('\n'.join(CLASSES))
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))
    return load_tool('analysis/benchmark_video_training.py')


@pytest.mark.parametrize('precision', ['fp32', 'bf16'])
def test_stages_beside_mmaction2(tool, capsys, precision):
    arguments = [str(LTN), '--batch-size', '2', '--size', '32', '--rounds', '1', '--videos', '2']
    with restored_random_state():
        assert not tool.main([*arguments, '--precision', precision, *SMALL, 'model.time.channels=32'])
    printed = capsys.readouterr().out
    ours = re.search(r'ltn_rendered_rgb +2x3 +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)', printed)
    theirs = re.search(r'mmaction2, its network +6x1 +- +([\d.]+) +([\d.]+) +([\d.]+) +1\.00', printed)
    assert ours and theirs, printed
    assert all(float(value) > 0 for value in (*ours.groups(), *theirs.groups()))
    # a whole step takes as long as its stages together
    assert float(ours[4]) < min(float(ours[2]), float(ours[3]))
    assert float(ours[5]) == pytest.approx(float(ours[4]) / float(theirs[3]), rel=0.05)


def test_without_videos_and_without_a_time_module(tool, tmp_path, capsys):
    (tmp_path / 'rendered' / 'train.txt').unlink()
    arguments = [str(LTN), '--batch-size', '2', '--size', '32', '--rounds', '1', '--no-loading']
    with restored_random_state():
        assert not tool.main([*arguments, '--with', 'wo-ltn', *SMALL])
    assert re.search(r'ltn_rendered_rgb\+wo-ltn +2x3 +- +[\d.]+', capsys.readouterr().out)


def test_another_config_is_refused(tool, tmp_path, capsys):
    config = tmp_path / 'other.py'
    config.write_text(f'_base_ = {str(LTN)!r}\nmodel = dict(_delete_=True, **_base_.model.backbone)\n')
    with restored_random_state():
        assert tool.main([str(config), '--no-loading']) == 1
    error = capsys.readouterr().err
    assert 'expected a pre-training on videos, found ResNet3dSlowOnly' in error and error.count('\n') == 1
