"""The commands tools/data/convert_*.py and verify_store.py, as a user calls them."""

from __future__ import annotations

import filecmp
import importlib.util
import json
import os
import pickle
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy.io import savemat

from mmactrep.store.reader import SkeletonStore

LONG = 60


@pytest.fixture
def command(repo):
    """A command's ``main``, called in this process."""

    def load(name):
        spec = importlib.util.spec_from_file_location(name, repo / 'tools' / 'data' / f'{name}.py')
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return lambda *args: module.main([str(arg) for arg in args])

    return load


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The data root that the commands write to."""
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path / 'data'))
    return tmp_path / 'data'


def write_smarthome(folder, count=4):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(count):
        poses = [
            [dict(pose2d=rng.uniform(1, 600, 26).tolist(), pose3d=rng.uniform(1, 2, 39).tolist())]
            for _ in range(20)
        ]
        path = folder / f'Walk_p{i + 1:02d}_r00_v00_c01_pose3d.json'
        path.write_text(json.dumps(dict(frames=poses)))
    return folder


def write_penn(folder):
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(3):
        content = dict(
            action='bowl',
            x=rng.uniform(20, 200, (8, 13)),
            y=rng.uniform(20, 200, (8, 13)),
            visibility=np.ones((8, 13), np.uint8),
            train=1 if i else -1,
            dimensions=[[270, 480, 8]],
        )
        savemat(folder / f'{i + 1:04d}.mat', content)
    return folder


def write_posetics(folder):
    for split, clip in (('train', 'abcdefghijk'), ('val', 'zyxwvutsrqp')):
        (folder / split).mkdir(parents=True)
        label = {clip: dict(label_index=5, has_skeleton=True)}
        (folder / f'posetics_{split}_label.json').write_text(json.dumps(label))
        frames = [[dict(pose2d=list(range(1, 27)), pose3d=list(range(1, 40)))]] * 3
        (folder / split / f'{clip}_000001_000011.json').write_text(json.dumps(dict(frames=frames)))
    return folder


def write_text_skeletons(folder, name, joints):
    folder.mkdir()
    body = ['1', '1 0 0 0 0 0 0 0 0 2', str(joints)]
    body += [' '.join(map(str, range(j + 1, j + 13))) for j in range(joints)]
    (folder / name).write_text('\n'.join(['3', *body * 3]) + '\n')
    return folder


def write_pickle(path):
    entry = dict(frame_dir='a', label=1, img_shape=(9, 9), total_frames=3, keypoint=np.ones((1, 3, 17, 2)))
    path.write_bytes(pickle.dumps(dict(split=dict(train=['a']), annotations=[entry]), 2))
    return path


@pytest.mark.parametrize(
    ('name', 'write', 'options', 'folder', 'shape'),
    [
        ('convert_smarthome', lambda p: write_smarthome(p / 'src'), [], 'smarthome/2d', (20, 17, 2)),
        (
            'convert_smarthome',
            lambda p: write_smarthome(p / 'src'),
            ['--dims', '3d'],
            'smarthome/3d',
            (20, 17, 3),
        ),
        ('convert_penn_action', lambda p: write_penn(p / 'src'), [], 'penn_action/2d', (8, 17, 2)),
        (
            'convert_penn_action',
            lambda p: write_penn(p / 'src'),
            ['--layout', 'penn13'],
            'penn_action/2d',
            (8, 13, 2),
        ),
        (
            'convert_posetics',
            lambda p: write_posetics(p / 'src'),
            ['--max-frames', 2],
            'posetics/2d',
            (2, 17, 2),
        ),
        (
            'convert_ntu',
            lambda p: write_text_skeletons(p / 'src', 'S001C001P001R001A001.skeleton', 25),
            [],
            'ntu60/3d',
            (3, 25, 3),
        ),
        (
            'convert_ntu',
            lambda p: write_text_skeletons(p / 'src', 'S001C001P001R001A061.skeleton', 25),
            ['--num-classes', 120],
            'ntu120/3d',
            (3, 25, 3),
        ),
        (
            'convert_uav_human',
            lambda p: write_text_skeletons(p / 'src', 'P000S00G10B10H10UC022000LC021000A000R0_1.txt', 17),
            [],
            'uav_human/2d',
            (3, 17, 2),
        ),
        ('convert_mmaction_pickle', lambda p: write_pickle(p / 'small_2d.pkl'), [], 'small_2d', (3, 17, 2)),
    ],
)
def test_every_command_writes_a_sound_store_where_the_configs_look(
    command, root, tmp_path, capsys, name, write, options, folder, shape
):
    assert command(name)('--src', write(tmp_path), *options) == 0
    captured = capsys.readouterr()
    assert str(root / folder) in captured.out
    assert '100%' in captured.err  # the progress bar
    store = SkeletonStore(root / folder)
    assert store[0]['keypoint'].shape == (1, *shape)
    assert command('verify_store')(root / folder) == 0


def test_second_run_is_refused_until_told_to_overwrite(command, root, tmp_path, capsys):
    convert = command('convert_smarthome')
    src = write_smarthome(tmp_path / 'src')
    assert convert('--src', src, '--quiet') == 0
    before = (root / 'smarthome/2d/store.json').read_bytes()
    assert convert('--src', src, '--quiet', '--dtype', 'float16') == 1
    assert '--overwrite' in capsys.readouterr().err
    assert (root / 'smarthome/2d/store.json').read_bytes() == before
    assert convert('--src', src, '--quiet', '--dtype', 'float16', '--overwrite') == 0
    assert SkeletonStore(root / 'smarthome/2d').meta['dtype'] == 'float16'


def test_bad_clip_stops_or_is_listed(command, root, tmp_path, capsys):
    convert = command('convert_smarthome')
    src = write_smarthome(tmp_path / 'src')
    bad = src / 'Walk_p02_r00_v00_c01_pose3d.json'
    bad.write_text(bad.read_text()[:500])
    assert convert('--src', src, '--quiet') == 1
    error = capsys.readouterr().err
    assert str(bad) in error and 'expected JSON' in error and 'Traceback' not in error
    assert convert('--src', src, '--quiet', '--skip-bad') == 0
    assert str(bad) in capsys.readouterr().out
    assert str(bad) in (root / 'smarthome/2d.skipped.txt').read_text()
    assert len(SkeletonStore(root / 'smarthome/2d')) == 3


def test_mistakes_are_one_line(command, tmp_path, root, capsys):
    assert command('convert_penn_action')('--src', tmp_path / 'absent') == 1
    assert "Penn Action's folder 'labels'" in capsys.readouterr().err
    src = write_penn(tmp_path / 'src')
    with pytest.raises(SystemExit, match='2'):
        command('convert_penn_action')('--src', src, '--layout', 'coco99', '--quiet')
    assert "unknown skeleton layout 'coco99'" in capsys.readouterr().err
    assert command('convert_penn_action')('--src', src, '--dims', '3d') == 1
    assert '2D' in capsys.readouterr().err
    (tmp_path / 'evil.pkl').write_bytes(b'cos\nsystem\n(S"true"\ntR.')
    assert command('convert_mmaction_pickle')('--src', tmp_path / 'evil.pkl') == 1
    assert "'os.system' is not admitted" in capsys.readouterr().err


def test_verify_names_what_is_wrong(command, root, tmp_path, capsys):
    assert command('convert_smarthome')('--src', write_smarthome(tmp_path / 'src'), '--quiet') == 0
    path = root / 'smarthome/2d/keypoint.npy'
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert command('verify_store')(root / 'smarthome/2d') == 1
    assert 'keypoint.npy: checksum differs' in capsys.readouterr().out
    assert command('verify_store')('--no-checksums', root / 'smarthome/2d', tmp_path / 'absent') == 1
    out = capsys.readouterr().out
    assert f'{root}/smarthome/2d: sound' in out and 'absent' in out


def test_command_killed_in_the_middle_resumes_to_the_same_bytes(command, repo, root, tmp_path, capsys):
    src = write_smarthome(tmp_path / 'src', LONG)
    convert = command('convert_smarthome')
    assert convert('--src', src, '--out', tmp_path / 'whole', '--quiet') == 0
    # the reader waits on a pipe that nobody writes to, so the kill comes in the middle for certain
    blocking = sorted(src.iterdir())[LONG // 2]
    content = blocking.read_bytes()
    blocking.unlink()
    os.mkfifo(blocking)
    store = tmp_path / 'killed'
    process = subprocess.Popen(
        [sys.executable, 'tools/data/convert_smarthome.py', '--src', src, '--out', store, '--quiet'],
        cwd=repo,
        env={
            **os.environ,
            'PYTHONPATH': os.pathsep.join([*filter(None, [os.environ.get('PYTHONPATH')]), str(repo)]),
        },
    )
    journal = tmp_path / 'killed.partial' / 'journal.jsonl'
    deadline = time.monotonic() + 120
    while not journal.exists() or journal.read_bytes().count(b'\n') < LONG // 2:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not store.exists()
    blocking.unlink()
    blocking.write_bytes(content)
    capsys.readouterr()
    assert convert('--src', src, '--out', store, '--quiet') == 0
    assert f'{LONG} clips ({LONG // 2} of an earlier attempt)' in capsys.readouterr().out
    names = [path.relative_to(store) for path in store.rglob('*') if path.is_file()]
    assert len(names) > 5
    assert all(filecmp.cmp(store / name, tmp_path / 'whole' / name, shallow=False) for name in names)
