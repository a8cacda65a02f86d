"""The command that compares experts: with videos, with files of poses alone, with stores."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.visualization import write_video
from tests.helpers.inference_fakes import walking
from tests.helpers.training import load_tool


@pytest.fixture(scope='module')
def main():
    return load_tool('analysis/compare_experts.py').main


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Two videos of ten frames, the poses of each by two experts five pixels apart, and stores of both."""
    root = tmp_path_factory.mktemp('experts')
    keypoint, score = walking(10)
    for video in ('first', 'second'):
        write_video(
            root / f'{video}.mp4', (np.full((480, 640, 3), 4 * t, np.uint8) for t in range(10)), fps=25
        )
        np.savez(root / f'{video}_a.npz', keypoint=keypoint)
        np.savez(root / f'{video}_b.npz', keypoint=keypoint + np.float32([3, 4]))
    for name, shift in dict(a=0, b=5).items():
        with SkeletonStoreWriter(root / name, layout='coco17', num_channels=2) as writer:
            for clip in ('first', f'only_{name}'):
                writer.add(clip, keypoint[None] + np.float32([shift, 0]), score[None], img_shape=(480, 640))
            writer.finish()
    return root


def run(main, capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    return status, capsys.readouterr()


def test_videos_with_a_file_for_each(main, folder, capsys):
    out = folder / 'figures' / 'found.json'
    experts = [f'{name}={folder}/{{stem}}_{name}.npz@coco17' for name in 'ab']
    status, printed = run(
        main, capsys, folder / 'first.mp4', folder / 'second.mp4', '--experts', *experts, '--json', out
    )
    assert status == 0, printed.err
    assert 'videos: 2, frames: 20, lengths: head_neck' in printed.out
    found = json.loads(out.read_text())
    assert list(found['methods']) == ['a', 'b', 'SST-A']
    assert found['methods']['a']['persons'] == {'1': 20}
    distance = found['methods']['a']['distance']['b']
    # the head of the walking body, ears or nose to shoulders, by hand
    keypoint, _ = walking(10)
    head = np.linalg.norm(keypoint[:, 3:5].mean(axis=1) - keypoint[:, 5:7].mean(axis=1), axis=-1)
    assert distance == pytest.approx((5 / head).mean(), rel=1e-3)


def test_files_of_poses_alone(main, folder, capsys):
    experts = [f'{folder}/first_a.npz@coco17', f'Other++={folder}/first_b.npz@coco17']
    status, printed = run(main, capsys, '--experts', *experts, '--frames', '7')
    assert status == 0 and 'videos: 1, frames: 7,' in printed.out and not printed.err
    assert '| first_a | 0 % | 100 % |' in printed.out and '| Other++ | 0 % | 100 % |' in printed.out


def test_stores_with_and_without_videos(main, folder, capsys):
    stores = [folder / 'a', folder / 'b']
    status, alone = run(main, capsys, '--experts', *stores)
    assert status == 0 and 'videos: 1, frames: 10,' in alone.out, 'the clip that both have'
    status, with_video = run(main, capsys, folder / 'first.mp4', '--experts', *stores)
    assert status == 0 and with_video.out == alone.out


def test_messages(main, folder, capsys):
    file = f'{folder}/first_a.npz@coco17'
    other = folder / 'other'
    with SkeletonStoreWriter(other, layout='coco17', num_channels=2) as writer:
        keypoint, score = walking(10)
        writer.add('elsewhere', keypoint[None], score[None], img_shape=(480, 640))
        writer.finish()
    first, second = folder / 'first.mp4', folder / 'second.mp4'
    cases = {
        'absent.mp4: no such video': [folder / 'absent.mp4', '--experts', file, file],
        'at least two experts to compare, found 1': ['--experts', file],
        'mediapipe needs videos, found none': ['--experts', file, 'mediapipe'],
        'holds the poses of one video, found 2 videos': [first, second, '--experts', file, file],
        "no clip 'second' for": [first, second, '--experts', folder / 'a', folder / 'b'],
        'no clip in common': ['--experts', folder / 'a', other],
        "unknown pose expert 'nobody'": [first, '--experts', 'nobody', file],
    }
    for message, arguments in cases.items():
        status, printed = run(main, capsys, *arguments)
        lines = [line for line in printed.err.splitlines() if line.startswith('error: ')]
        assert status == 1 and len(lines) == 1 and message in lines[0], (message, printed.err)
