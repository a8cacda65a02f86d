"""tools/extract_poses.py and tools/data/merge_stores.py, as a user calls them."""

from __future__ import annotations

import os
import time

import cv2
import numpy as np
import pytest

from mmactrep.store.reader import SkeletonStore
from tests.helpers import processes
from tests.helpers.training import load_tool
from tests.helpers.videos import make_video

LONG = 120


@pytest.fixture
def environment(repo):
    return dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(repo))


@pytest.fixture
def command(repo, monkeypatch):
    """A command's ``main``, called in this process."""
    monkeypatch.syspath_prepend(str(repo / 'tests' / 'pose'))

    def load(name):
        module = load_tool(f'{name}.py')
        return lambda *args: module.main([str(arg) for arg in args])

    return load


@pytest.fixture
def videos(tmp_path):
    """A list of videos, one of them truncated, one black, one not a video, one absent."""
    lines = []
    for number, (frames, brightness) in enumerate(
        [(12, 60), (20, 90), (15, 0), (9, 130), (25, 160), (14, 200)]
    ):
        path = tmp_path / 'videos' / f'v{number}.mp4'
        path.parent.mkdir(exist_ok=True)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 10, (64, 48))
        for _ in range(frames):
            writer.write(np.full((48, 64, 3), brightness, np.uint8))
        writer.release()
        lines.append(f'v{number}.mp4,{"sit" if number % 2 else "run"}')
    (tmp_path / 'videos' / 'cut.mp4').write_bytes(path.read_bytes()[:-200])
    (tmp_path / 'videos' / 'text.mp4').write_text('no video')
    lines[2:2] = ['cut.mp4,run', 'text.mp4,sit', 'absent.mp4,sit']
    (tmp_path / 'videos' / 'list.txt').write_text('\n'.join(lines) + '\n')
    (tmp_path / 'classes.txt').write_text('sit\nrun\n')
    return tmp_path / 'videos' / 'list.txt'


@pytest.fixture
def experts(tmp_path):
    """Writes a config with a fast expert."""

    def write():
        path = tmp_path / 'experts.py'
        path.write_text(
            "custom_imports = dict(imports=['tests.helpers.brightness_expert'])\n"
            "experts = [dict(type='BrightnessExpert')]\n"
        )
        return path

    return write


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob('*') if path.is_file()
    }


@pytest.fixture
def whole(tmp_path, videos, experts, command, capsys):
    """An extraction in one piece."""
    root = tmp_path / 'whole'
    status = command('extract_poses')(
        videos, '--out', root, '--experts', experts(), '--classes', tmp_path / 'classes.txt', '--quiet'
    )
    assert status == 3
    return root


def test_one_piece(tmp_path, whole, capsys):
    store = SkeletonStore(whole)
    assert list(store.ids) == ['v0', 'v1', 'v3', 'v4', 'v5'] and store.verify() == []
    assert [store.classes[label] for label in store.labels] == ['run', 'sit', 'sit', 'run', 'sit']
    assert [store[i]['total_frames'] for i in range(5)] == [12, 20, 9, 25, 14]
    skipped = dict(line.split('\t') for line in (tmp_path / 'whole.skipped.txt').read_text().splitlines())
    assert set(skipped) == {'cut', 'text', 'absent', 'v2'}
    assert 'truncated' in skipped['cut'] and 'no such file' in skipped['absent']
    assert 'no video' in skipped['text'] and 'nobody' in skipped['v2']


def test_the_report_tells_the_speed_of_each_stage(tmp_path, videos, experts, command, capsys):
    arguments = [videos.parent / 'v0.mp4', videos.parent / 'v1.mp4', '--out', tmp_path / 'a', '--quiet']
    assert command('extract_poses')(*arguments, '--experts', experts(), '--layout', 'posetics17') == 0
    out = capsys.readouterr().out
    assert '2 clips of 2 videos' in out
    assert all(f'  {stage}' in out for stage in ('decode', 'brightness', 'aggregation'))
    assert out.count('frames/s') == 3
    assert SkeletonStore(tmp_path / 'a').layout.name == 'posetics17'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['absent_folder'], 'absent_folder: no such video, folder or list'),
        (['LIST', '--experts', 'no-such-expert'], "unknown pose expert 'no-such-expert'"),
        (['LIST', '--layout', 'no-such-layout'], "unknown skeleton layout 'no-such-layout'"),
        (['LIST', '--shard', '9/3'], 'a shard of 3 has a number 0 ... 2, found 9'),
        (['LIST', '--lift', 'no-such-lifter'], "unknown lifting model 'no-such-lifter'"),
        (['LIST'], 'expected no label, as no classes are given'),
    ],
)
def test_mistakes_are_one_line(tmp_path, videos, experts, command, capsys, arguments, message):
    given = [videos if argument == 'LIST' else argument for argument in arguments]
    if '--experts' not in given:
        given += ['--experts', experts()]
    if len(arguments) > 1:
        given += ['--classes', tmp_path / 'classes.txt']
    assert command('extract_poses')(*given, '--out', tmp_path / 'out', '--quiet') == 1
    error = capsys.readouterr().err
    assert message in error and error.startswith('error: ') and len(error.splitlines()) == 1
    assert not (tmp_path / 'out').exists()


def test_poses_of_another_folder_are_another_store(tmp_path, command, capsys):
    make_video(tmp_path / 'a.mp4')
    for place, x in (('here', 8.0), ('there', 24.0)):
        (tmp_path / place).mkdir()
        poses = np.full((1, 20, 17, 2), x) + np.arange(17)[:, None]
        np.savez(tmp_path / place / 'a.npz', keypoint=poses, layout='coco17')

    def extract(place):
        files = tmp_path / place / '{stem}.npz'
        return command('extract_poses')(
            tmp_path / 'a.mp4', '--out', tmp_path / 'store', '--experts', files, '--quiet'
        )

    assert extract('here') == 0 and extract('here') == 0
    assert extract('there') == 1
    assert 'already holds a skeleton store; --overwrite replaces it' in capsys.readouterr().err
    assert SkeletonStore(tmp_path / 'store')[0]['keypoint'][0, 0, 0].tolist() == [8, 8]


def test_shards_merge_into_the_whole(tmp_path, videos, whole, experts, command, monkeypatch, capsys):
    root = tmp_path / 'merged'
    arguments = [
        videos, '--out', root, '--experts', experts(), '--classes', tmp_path / 'classes.txt', '--quiet'
    ]  # fmt: skip
    command('extract_poses')(*arguments, '--shard', '0/3')
    assert command('data/merge_stores')('--out', root) == 1
    assert 'expected 3 shards, absent are [1, 2]' in capsys.readouterr().err
    for index in (1, 2):  # as a Slurm array does
        monkeypatch.setenv('SLURM_ARRAY_TASK_ID', str(index))
        monkeypatch.setenv('SLURM_ARRAY_TASK_COUNT', '3')
        command('extract_poses')(*arguments)
    assert command('data/merge_stores')('--out', root) == 3
    assert files(root) == files(whole)
    skipped = [(tmp_path / f'{name}.skipped.txt').read_text() for name in ('merged', 'whole')]
    assert skipped[0] == skipped[1]
    assert command('data/merge_stores')('--out', root) == 1
    assert 'already holds a skeleton store' in capsys.readouterr().err


def test_a_store_of_3d_poses(tmp_path, videos, experts, command, monkeypatch):
    pytest.importorskip('mmpose')
    import torch
    from mmengine.config import Config

    from mmactrep.pose.lifting import LIFTERS, PoseLifter

    config = Config.fromfile(LIFTERS['videopose3d-27'].config_path)
    config.model.backbone.stem_channels = config.model.head.in_channels = 8
    config.dump(tmp_path / 'small.py')
    torch.save(PoseLifter(config)._model.state_dict(), tmp_path / 'small.pth')
    status = command('extract_poses')(
        videos.parent / 'v0.mp4', '--out', tmp_path / '3d', '--experts', experts(), '--quiet',
        '--lift', f'{tmp_path / "small.py"},{tmp_path / "small.pth"}',
    )  # fmt: skip
    store = SkeletonStore(tmp_path / '3d')
    assert status == 0 and store.num_channels == 3 and store.layout.name == 'h36m17' and store.verify() == []


def test_a_killed_extraction_loses_nothing_and_does_nothing_twice(
    tmp_path, repo, videos, whole, experts, environment
):
    log = tmp_path / 'log.txt'
    root = tmp_path / 'killed'

    environment['BRIGHTNESS_LOG'] = str(log)
    arguments = [
        repo / 'tools' / 'extract_poses.py', videos, '--out', root,
        '--experts', experts(), '--classes', tmp_path / 'classes.txt', '--quiet',
    ]  # fmt: skip
    done = root.with_name('killed.partial') / 'videos.jsonl'
    process = processes.start(arguments, environment | dict(BRIGHTNESS_SECONDS='0.05'))
    try:
        deadline = time.time() + LONG
        while not (done.exists() and done.read_text().count('\n') >= 2):
            assert process.exitcode is None and time.time() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        process.join()
    assert not root.exists()
    before = log.read_text().split()
    log.unlink()
    result = processes.run(arguments, environment, timeout=LONG)
    assert result.returncode == 3, result.stderr
    assert '5 clips of 9 videos (' in result.stdout
    assert files(root) == files(whole)
    again = log.read_text().split()
    assert before[:2] == ['v0.mp4', 'v1.mp4'] and not {'v0.mp4', 'v1.mp4'} & set(again)
    assert {'v3.mp4', 'v4.mp4', 'v5.mp4'} <= set(before) | set(again)


def test_two_processes_of_torchrun(tmp_path, repo, videos, whole, experts, environment):
    root = tmp_path / 'merged'
    tool = [
        repo / 'tools' / 'extract_poses.py', videos, '--out', root, '--experts', experts(),
        '--classes', tmp_path / 'classes.txt', '--quiet',
    ]  # fmt: skip
    for code in processes.as_torchrun(tool, 2, environment):
        assert code == 0
    result = processes.run([repo / 'tools' / 'data' / 'merge_stores.py', '--out', root], environment)
    assert result.returncode == 3, result.stderr
    assert files(root) == files(whole)
