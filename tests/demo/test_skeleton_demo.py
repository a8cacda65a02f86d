"""The demos as a user calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmactrep.pose.experts import builder
from tests.helpers import brightness_expert, processes  # noqa: F401  registers the expert
from tests.helpers.training import load_tool

REPO = Path(__file__).resolve().parents[2]


def load(name: str):
    return load_tool(f'../demo/{name}.py')


@pytest.fixture(scope='module')
def demo():
    return load('skeleton_demo').main


@pytest.fixture(scope='module')
def file_demo():
    return load('skeleton_file_demo').main


@pytest.fixture(scope='module')
def experts(poses, tmp_path_factory) -> list[str]:
    """A file with a clear layout, for an expert that needs no network."""
    keypoint = np.load(poses)['keypoint']
    entries = [
        dict(image_id=t, category_id=1, score=1.0, keypoints=np.c_[k, np.ones(17)].reshape(-1).tolist())
        for t, k in enumerate(keypoint)
    ]
    path = tmp_path_factory.mktemp('experts') / 'coco.json'
    path.write_text(json.dumps(entries))
    return ['--experts', str(path)]


def read_video(path: Path) -> list[np.ndarray]:
    capture, frames = cv2.VideoCapture(str(path)), []
    while (frame := capture.read())[0]:
        frames.append(frame[1])
    return frames


def test_a_video_becomes_a_video(demo, video, experts, tiny_arguments, tmp_path, capsys):
    out = tmp_path / 'out.mp4'
    arguments = [str(video), *experts, *tiny_arguments, '--out', str(out), '--window', '16', '--sheet', '3']
    assert demo(arguments) == 0
    frames = read_video(out)
    assert len(frames) == 30 and frames[0].shape == (480, 640, 3)
    # the frames are gray: color is what was drawn
    assert all((np.ptp(frame.astype(int), axis=2) > 60).sum() > 300 for frame in frames)
    assert cv2.imread(str(out.with_suffix('.png'))) is not None
    assert cv2.imread(str(out.with_suffix('.jpg'))).shape == (400, 1600, 3)
    printed = capsys.readouterr().out
    assert 'person 0: frames 0 to 29, seen in 30, 3 windows' in printed
    assert printed.count('%') == 4  # four classes
    for stage in ('decode', 'experts', 'aggregation', 'recognition', 'drawing', 'frames/s'):
        assert stage in printed


def test_an_output_without_a_suffix_is_a_folder(demo, video, experts, tiny_arguments, tmp_path, capsys):
    out = tmp_path / 'found'
    assert demo([str(video), *experts, *tiny_arguments, '--out', str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [f'{video.stem}.mp4', f'{video.stem}.png']
    assert f'video:    {out / video.stem}.mp4' in capsys.readouterr().out
    assert demo([str(video), *experts, *tiny_arguments, '--out', str(tmp_path / 'found.avi')]) == 1
    assert 'expected a file that ends in .mp4, or a folder' in capsys.readouterr().err


def test_dark_ground(demo, video, experts, tiny_arguments, tmp_path):
    out = tmp_path / 'dark.mp4'
    assert demo([str(video), *experts, *tiny_arguments, '--out', str(out), '--background', 'dark']) == 0
    first, last = read_video(out)[0], read_video(out)[-1]
    assert first[-20:, -20:].max() < 40 and last[-20:, -20:].max() < 40


def test_streaming_a_file(demo, video, experts, tiny_arguments, tmp_path, capsys):
    out = tmp_path / 'stream.mp4'
    arguments = [str(video), '--stream', '--every', '4', *experts, *tiny_arguments, '--out', str(out)]
    assert demo(arguments) == 0
    printed = capsys.readouterr().out
    assert 'of 30 frames' in printed and 'latency' in printed and 'frames/s' in printed
    # a second, at ten frames a second, and what a busy machine adds
    assert 8 <= len(read_video(out)) <= 25


def test_a_stream_chooses_experts_that_keep_up(demo, video, tiny_arguments, tmp_path, capsys, monkeypatch):
    slow = {'slow': dict(type='BrightnessExpert', seconds=0.2), 'quick': dict(type='BrightnessExpert')}
    monkeypatch.setattr(builder, 'EXPERTS', builder.EXPERTS | slow)
    monkeypatch.setattr(builder, 'stream_candidates', lambda: (('slow',), ('quick',)))
    assert demo([str(video), '--stream', *tiny_arguments]) == 0
    line, *rest = capsys.readouterr().out.splitlines()
    # at 30 frames a second, five are reached with 0.2 s for each, or fewer on a busy machine
    assert re.match(r'experts: quick, .*; of 30 frames a second: slow: [0-5]\.\d; quick: \d+', line), line
    assert 'of 30 frames' in rest[-1]


def test_experts_that_were_named_are_used_with_a_warning(demo, video, tiny_arguments, capsys, monkeypatch):
    slow = {'slow': dict(type='BrightnessExpert', seconds=0.2)}
    monkeypatch.setattr(builder, 'EXPERTS', builder.EXPERTS | slow)
    assert demo([str(video), '--stream', '--experts', 'slow', *tiny_arguments]) == 0
    printed = capsys.readouterr()
    warnings = [
        line for line in printed.err.splitlines() if line.startswith('warning: the experts fall behind')
    ]
    assert len(warnings) == 1 and 'without --experts, the best that keep up are used' in warnings[0]
    assert 'experts: ' not in printed.out


def test_messages(demo, video, experts, tiny_arguments, tmp_path, capsys):
    (tmp_path / 'text.mp4').write_text('no video')
    wrong = torch.load(tiny_arguments[3], weights_only=True)
    wrong['state_dict'].pop('cls_head.fc.weight')
    torch.save(wrong, tmp_path / 'wrong.pth')
    misfit = [*tiny_arguments[:3], str(tmp_path / 'wrong.pth')]
    cases = {
        'absent.mp4: no such video': [str(tmp_path / 'absent.mp4'), *tiny_arguments],
        'text.mp4': [str(tmp_path / 'text.mp4'), *experts, *tiny_arguments],
        "unknown pose expert 'nonsense'": [str(video), '--experts', 'nonsense', *tiny_arguments],
        'rtmpose': [str(video), '--experts', 'rtmpose-m', *tiny_arguments],
        'does not fit': [str(video), *experts, *misfit],
        'no such checkpoint': [str(video), *experts, '--checkpoint', str(tmp_path / 'no.pth')],
        'no such config': [str(video), *experts, '--config', 'no.py', '--checkpoint', tiny_arguments[3]],
        'cannot be opened': ['97', *experts, *tiny_arguments],
    }
    for message, arguments in cases.items():
        assert demo([*arguments, '--out', str(tmp_path / 'never.mp4')]) == 1, message
        printed = capsys.readouterr().err
        lines = [line for line in printed.splitlines() if line.startswith('error: ')]
        assert len(lines) == 1 and message in printed, printed
    assert not (tmp_path / 'never.mp4').exists()


def test_nobody_in_the_video(demo, video, tiny_arguments, tmp_path, capsys):
    (tmp_path / 'lcr.json').write_text('{"frames": ' + str([[] for _ in range(30)]) + '}')
    assert demo([str(video), '--experts', str(tmp_path / 'lcr.json'), *tiny_arguments]) == 1
    assert 'nobody was found in its 30 frames' in capsys.readouterr().err


def test_a_skeleton_file(file_demo, poses, tiny_arguments, tmp_path, capsys):
    out = tmp_path / 'poses.mp4'
    size = ['--img-shape', '480', '640']
    assert file_demo([str(poses), '--layout', 'coco17', *size, *tiny_arguments, '--out', str(out)]) == 0
    assert 'person 0: frames 0 to 29, seen in 30' in capsys.readouterr().out
    frames = read_video(out)
    assert len(frames) == 30 and frames[0].shape == (480, 640, 3)
    assert file_demo([str(poses), *tiny_arguments]) == 1
    assert 'name the layout' in capsys.readouterr().err
    assert file_demo([str(tmp_path / 'a.txt'), *tiny_arguments]) == 1
    assert 'expected a skeleton file' in capsys.readouterr().err
    assert file_demo([f'{tmp_path}::clip', *tiny_arguments]) == 1
    assert 'no skeleton store' in capsys.readouterr().err


@pytest.mark.slow
def test_the_demo_on_a_real_video_with_nothing_else_given(shared_data, tmp_path):
    """Somebody stands before the camera in every frame; MediaPipe and the checkpoint of the repository."""
    pytest.importorskip('mediapipe', reason='needs mediapipe, see requirements/mediapipe.txt')
    video = shared_data / 'videos' / 'S001C001P001R001A001_rgb.avi'
    out = tmp_path / 'drink.mp4'
    command = [REPO / 'demo' / 'skeleton_demo.py', video, '--out', out, '--experts', 'mediapipe']
    run = processes.run(command, cwd=tmp_path, timeout=280)
    assert run.returncode == 0, run.stderr[-2000:]
    assert 'person 0: frames 0 to 102, seen in 103' in run.stdout
    assert len(read_video(out)) == 103
