"""The commands tools/data/convert_*.py and verify_store.py, as a user calls them."""

from __future__ import annotations

import filecmp
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from mmactrep.store.reader import SkeletonStore
from tests.helpers.training import environment, load_tool

LONG = 60


@pytest.fixture
def command():
    """A command's ``main``, called in this process."""

    def load(name):
        module = load_tool(f'data/{name}.py')
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
    assert f'{root}/smarthome/2d: intact' in out and 'absent' in out


@pytest.fixture
def blocked(tmp_path):
    """A folder of clips, the middle one of which is a pipe that nobody writes to: a reader waits there."""
    src = write_smarthome(tmp_path / 'src', LONG)
    blocking = sorted(src.iterdir())[LONG // 2]
    content = blocking.read_bytes()
    blocking.unlink()
    os.mkfifo(blocking)

    def release():
        blocking.unlink()
        blocking.write_bytes(content)

    return src, release


@pytest.fixture
def start(repo):
    """Start a conversion in a process group of its own, and wait until it waits for the blocked clip."""
    started = []

    def run(src, out, *options):
        process = subprocess.Popen(
            [
                sys.executable,
                'tools/data/convert.py',
                'smarthome',
                '--src',
                src,
                '--out',
                out,
                '--quiet',
                *options,
            ],
            cwd=repo,
            env=environment() | dict(PYTHONPATH=str(repo)),
            stderr=subprocess.PIPE,
            # a shell that runs the suite in the background makes its children ignore Ctrl-C
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            text=True,
            start_new_session=True,
        )
        started.append(process)
        journal = out.with_name(out.name + '.partial') / 'journal.jsonl'
        deadline = time.monotonic() + 120
        while not journal.exists() or journal.read_bytes().count(b'\n') < LONG // 2:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.stderr.close()


def children(process):
    return [int(pid) for pid in Path(f'/proc/{process.pid}/task/{process.pid}/children').read_text().split()]


def ended(pid, within=10):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not Path(f'/proc/{pid}').exists():
            return True
        time.sleep(0.02)
    return False


def same_files(first, second):
    names = [path.relative_to(first) for path in first.rglob('*') if path.is_file()]
    assert len(names) > 5
    return all(filecmp.cmp(first / name, second / name, shallow=False) for name in names)


@pytest.mark.parametrize('workers', ['0', '2'])
def test_command_killed_in_the_middle_resumes_to_the_same_bytes(
    command, blocked, start, root, tmp_path, capsys, workers
):
    src, release = blocked
    store = tmp_path / 'killed'
    process = start(src, store, '--workers', workers)
    readers = children(process)
    assert len(readers) == int(workers)
    process.send_signal(signal.SIGKILL)
    process.wait()
    # workers end with their parent, also the one that waits for a file
    assert all(map(ended, readers))
    assert not store.exists()
    release()
    convert = command('convert_smarthome')
    assert convert('--src', src, '--out', store, '--quiet') == 0
    assert f'{LONG} clips ({LONG // 2} from an earlier attempt)' in capsys.readouterr().out
    assert convert('--src', src, '--out', tmp_path / 'whole', '--quiet') == 0
    assert same_files(store, tmp_path / 'whole')


@pytest.mark.parametrize('workers', ['0', '2'])
def test_an_interrupted_command_ends_at_once_and_goes_on_later(
    command, blocked, start, root, tmp_path, capsys, workers
):
    """Ctrl-C reaches all processes of the group, while one waits for a file."""
    src, release = blocked
    store = tmp_path / 'stopped'
    process = start(src, store, '--workers', workers)
    readers = children(process)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 130
    assert error == 'interrupted; the same command resumes where it stopped\n'
    assert all(map(ended, readers))
    release()
    assert command('convert')('smarthome', '--src', src, '--out', store, '--quiet', '--workers', workers) == 0
    assert f'{LONG} clips ({LONG // 2} from an earlier attempt)' in capsys.readouterr().out


def test_a_second_conversion_into_one_store_is_refused(command, blocked, start, root, tmp_path, capsys):
    src, release = blocked
    store = tmp_path / 'shared'
    process = start(src, store, '--workers', '2')
    for options in ((), ('--overwrite',), ('--workers', '2')):
        assert command('convert')('smarthome', '--src', src, '--out', store, '--quiet', *options) == 1
        error = capsys.readouterr().err
        assert error.startswith('error: ') and str(store) in error and 'another process' in error, error
    process.send_signal(signal.SIGKILL)
    process.wait()
    release()
    assert command('convert')('smarthome', '--src', src, '--out', store, '--quiet') == 0
    store = SkeletonStore(store)
    assert len(store) == LONG and store.verify() == []
