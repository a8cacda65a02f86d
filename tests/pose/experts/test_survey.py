"""The command that lists and times experts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.pose.experts import EXPERTS, PrecomputedExpert
from mmactrep.pose.experts.mmpose_zoo import POSE_MODELS
from mmactrep.pose.experts.survey import main, time_expert


@pytest.fixture
def poses(tmp_path):
    path = tmp_path / 'poses.json'
    path.write_text(json.dumps([dict(image_id=i, keypoints=[5, 6, 1] * 17, score=1) for i in (0, 0, 3)]))
    return path


def test_it_lists_every_expert_and_what_it_lacks(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('MMACTREP_WEIGHTS', raising=False)
    assert main([]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(EXPERTS) <= set(lines) and 'mmpose-trio' in lines
    assert POSE_MODELS['hrnet-w32'].url in lines['hrnet-w32']


def test_what_an_expert_found_is_counted(poses):
    frames = [np.zeros((4, 4, 3), np.uint8)] * 2
    row = time_expert(PrecomputedExpert(poses), [frames] * 10)
    assert row['frames'] == 20
    assert row['persons'] == 3 / 20 and row['seen'] == 2 / 20 and row['fps'] > 0


def test_on_a_video(shared_data, poses, capsys):
    video = str(shared_data / 'videos' / 'multi_person.mp4')
    assert main([video, '--experts', str(poses), '--frames', '4']) == 0
    out = capsys.readouterr().out
    assert 'CPU per frame, 4 frames, 0.75 persons per frame, anybody in 50%' in out


def test_a_mistake_is_one_message(shared_data, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    video = str(shared_data / 'videos' / 'multi_person.mp4')
    assert main([video, '--experts', 'rtmo-m']) == 1
    assert POSE_MODELS['rtmo-m'].url in capsys.readouterr().err
    assert main([str(tmp_path / 'none.mp4')]) == 1
    assert 'none.mp4: no such video' in capsys.readouterr().err
