"""Demos on bad input: one line each, an exit code that says so, and nothing lost that was there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmactrep.engine.trained_on import INFERENCE, LAYOUT, inference_config
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout, get_layout
from tests.helpers.inference_fakes import walking, write_tiny_model
from tests.helpers.refusals import Outcome, assert_refused, run_here, run_process
from tests.helpers.videos import make_video

FILE_DEMO, DEMO = '../demo/skeleton_file_demo.py', '../demo/skeleton_demo.py'
SEGMENTATION, COMPOSITION = '../demo/segmentation_demo.py', '../demo/motion_composition_demo.py'


@pytest.fixture(scope='module')
def tiny(tmp_path_factory) -> list[str]:
    """Arguments that name a small network."""
    config, checkpoint = write_tiny_model(tmp_path_factory.mktemp('tiny'))
    return ['--config', str(config), '--checkpoint', str(checkpoint), '--device', 'cpu']


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """``video.mp4`` and ``other.mp4`` of 30 frames, and their poses as COCO results and as an array."""
    folder = tmp_path_factory.mktemp('demo')
    frames = [np.full((480, 640, 3), 4 * t, np.uint8) for t in range(30)]
    make_video(folder / 'video.mp4', frames, fps=30)
    (folder / 'other.mp4').write_bytes((folder / 'video.mp4').read_bytes())
    np.save(folder / 'poses.npy', walking(30)[0])
    write_results(folder / 'poses.json')
    (folder / 'broken.json').write_text('[{"image_id": 0, "keypoints": [1, 2')
    return folder


def write_results(path: Path) -> None:
    bodies = np.concatenate([walking(30)[0], np.ones((30, 17, 1))], axis=-1).reshape(30, -1).tolist()
    entries = [dict(image_id=t, keypoints=body, score=1) for t, body in enumerate(bodies)]
    path.write_text(json.dumps(entries))


def frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def header(shape: str) -> bytes:
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}".ljust(117).encode() + b'\n'
    return b'\x93NUMPY\x01\x00' + len(text).to_bytes(2, 'little') + text


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('absent.npz', None, r'absent\.npz: no such file'),
        ('no\0name.npz', None, r'no\\x00name\.npz: no such file'),
        ('huge.npy', header('(1000000000, 17, 2)'), r'huge\.npy: .*at most'),
        ('deep.json', b'[' * 100_000, r'deep\.json: .*nested too deeply'),
        ('digits.json', b'[' + b'9' * 5000 + b']', r'digits\.json: .*digits'),
        ('clip.zip.npz', b'PK\x03\x04', r'clip\.zip\.npz: expected arrays'),
        ('a.txt', b'', 'expected a skeleton file or folder, or STORE::CLIP'),
        ('none::clip', None, 'no skeleton store'),
        ('17.npy', 'array', r'17\.npy: 17 joints fit coco17, h36m17, posetics17; name the layout'),
    ],
)
def test_skeleton_files_that_are_refused(capsys, tmp_path, tiny, name, content, message):
    path = tmp_path / name
    if content == 'array':
        np.save(path, walking(8)[0])
    elif content is not None:
        path.write_bytes(content)
    assert_refused(run_here(capsys, FILE_DEMO, [path, *tiny]), message)


def test_of_several_files_the_bad_one_is_told(capsys, tmp_path, folder, tiny):
    files = [folder / 'poses.json', folder / 'broken.json', tmp_path / 'absent.npz', folder / 'poses.npy']
    outcome = run_here(capsys, FILE_DEMO, [*files[:3], *tiny, '--out', tmp_path / 'out'])
    assert outcome.code == 1 and outcome.out.count('person 0: frames 0 to 29') == 1
    errors = [line for line in outcome.err.splitlines() if line.startswith('error: ')]
    assert len(errors) == 2 and 'broken.json' in errors[0] and 'absent.npz' in errors[1]
    assert '2 of 3 inputs could not be used' in outcome.err
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['poses.mp4']
    same = run_here(capsys, FILE_DEMO, [*files, *tiny, '--out', tmp_path / 'out'])
    assert_refused(same, r'poses\.json and .*poses\.npy would both be written')


def test_of_several_videos_the_bad_one_is_told(capsys, tmp_path, folder, tiny):
    videos = [folder / 'video.mp4', folder / 'broken.json', folder / 'other.mp4']
    for name in ('video', 'other'):
        write_results(tmp_path / f'{name}.json')
    experts = ['--experts', tmp_path / '{stem}.json', '--out', tmp_path / 'out', *tiny]
    assert_refused(run_here(capsys, DEMO, [*videos, *experts]), r'broken\.json: expected a video')
    videos[1] = folder / 'absent.mp4'
    outcome = run_here(capsys, DEMO, [*videos, *experts])
    assert outcome.code == 1 and outcome.out.count('person 0') == 2
    assert outcome.err.count('error: ') == 1 and 'absent.mp4: no such video' in outcome.err
    assert sorted(p.name for p in (tmp_path / 'out').glob('*.mp4')) == ['other.mp4', 'video.mp4']


def test_one_pose_file_for_two_videos(capsys, tmp_path, folder, tiny):
    """The second video would get the skeletons of the first."""
    videos = [folder / 'video.mp4', folder / 'other.mp4']
    experts = ['--experts', folder / 'poses.json', '--out', tmp_path / 'out', *tiny]
    outcome = run_here(capsys, DEMO, [*videos, *experts])
    assert outcome.code == 1 and 'poses.json: holds the poses of one video' in outcome.err
    assert [p.name for p in (tmp_path / 'out').glob('*.mp4')] == ['video.mp4']


def test_an_unknown_expert_ends_all_at_once(capsys, folder, tiny):
    videos = [folder / 'video.mp4', folder / 'other.mp4']
    assert_refused(
        run_here(capsys, DEMO, [*videos, '--experts', 'nonsense', *tiny]), "unknown pose expert 'nons"
    )


def test_names_that_are_no_text(monkeypatch, tmp_path, folder, tiny):
    """Latin-1 bytes and a broken formula in a file name: read, and shown as any terminal and picture can."""
    # as a terminal in UTF-8 would have it; what this process inherits may be more lenient
    monkeypatch.setenv('PYTHONIOENCODING', 'utf-8:strict')
    video = tmp_path / os.fsdecode(b'caf\xe9 $_{.mp4')
    video.write_bytes((folder / 'video.mp4').read_bytes())
    poses = tmp_path / os.fsdecode(b'pos\xe9.json')
    write_results(poses)
    outcome = run_process(DEMO, [video, '--experts', poses, '--out', video.with_suffix('.out.mp4'), *tiny])
    assert outcome.code == 0, outcome.err
    assert r'caf\udce9 $_{.out.mp4' in outcome.out and video.with_suffix('.out.png').is_file()


def truncated(path: Path) -> Path:
    """A video of 40 frames that ends in the middle."""
    rng = np.random.default_rng(0)
    make_video(path, [rng.integers(0, 255, (120, 160, 3), np.uint8) for _ in range(40)], fps=20)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    return path


def test_a_stream_that_breaks_off(capsys, tmp_path, tiny):
    """Exit code 1, a line that says so, and the video of what came before."""
    source, out = truncated(tmp_path / 'cut.mkv'), tmp_path / 'out.mp4'
    np.save(tmp_path / 'poses.npy', walking(40)[0])
    experts = ['--experts', f'{tmp_path}/poses.npy@coco17']
    outcome = run_here(capsys, DEMO, [source, '--stream', *experts, '--out', out, *tiny])
    assert_refused(outcome, r'cut\.mkv')
    assert 'stream: ' in outcome.out and f'video: {out}' in outcome.out and frames_of(out) > 0


def test_a_damaged_video_is_read_as_far_as_it_goes(capsys, tmp_path, tiny):
    source, out = truncated(tmp_path / 'cut.mkv'), tmp_path / 'out.mp4'
    np.save(tmp_path / 'poses.npy', walking(40)[0])
    experts = ['--experts', f'{tmp_path}/poses.npy@coco17']
    outcome = run_here(capsys, DEMO, [source, *experts, '--out', out, *tiny])
    assert outcome.code == 0 and 'note: the video is damaged' in outcome.err, outcome.err
    assert 'frames lie outside the video' in outcome.err  # the poses of what is missing
    assert 10 < frames_of(out) < 40


def test_an_uneven_video_is_drawn_at_its_times(capsys, tmp_path, tiny):
    """Twenty frames, the latter ten half as dense: thirty at a constant rate, and a pose in each."""
    ticks = [*range(10), *range(10, 30, 2)]
    source = make_video(tmp_path / 'v.mp4', [np.full((480, 640, 3), 90, np.uint8)] * 20, fps=10, ticks=ticks)
    np.save(tmp_path / 'poses.npy', walking(20)[0])
    arguments = [source, '--experts', f'{tmp_path}/poses.npy@coco17', '--out', tmp_path / 'out.mp4', *tiny]
    outcome = run_here(capsys, DEMO, arguments)
    assert outcome.code == 0 and 'uneven times' in outcome.err
    assert 'person 0: frames 0 to 28' in outcome.out and frames_of(tmp_path / 'out.mp4') == 29


@pytest.mark.parametrize('demo', [FILE_DEMO, DEMO, SEGMENTATION, COMPOSITION])
def test_a_layout_that_is_none(capsys, tmp_path, folder, tiny, demo):
    model = ['c.py', 'c.pth', 'a'] if demo == COMPOSITION else tiny
    (tmp_path / 'bad.json').write_text('{"name": "x", "joints": ["a", "a"], "parents": {}}')
    for layout, message in (
        ('nonsense', "--layout: unknown skeleton layout 'nonsense'.*coco17"),
        (tmp_path / 'bad.json', r'bad\.json: .*unique'),
        (tmp_path, 'no skeleton store'),
    ):
        assert_refused(run_here(capsys, demo, [folder / 'video.mp4', *model, '--layout', layout]), message)


def test_joints_of_one_s_own(capsys, tmp_path, tiny):
    """A layout that nobody registered serves by its file."""
    known = get_layout('posetics17')
    rename = {joint: f'own_{joint}' for joint in known.joints}
    own = SkeletonLayout(
        'own', tuple(rename.values()), {rename[child]: rename[p] for child, p in known.parents.items()}
    )
    (tmp_path / 'own.json').write_text(json.dumps(own.to_dict()))
    np.save(tmp_path / 'poses.npy', walking(30, 'posetics17')[0])
    layout = ['--layout', tmp_path / 'own.json']
    outcome = run_here(capsys, FILE_DEMO, [tmp_path / 'poses.npy', *layout, *tiny])
    assert_refused(outcome, 'own')  # the model takes posetics17, which cannot be derived
    outcome = run_here(
        capsys, FILE_DEMO, [tmp_path / 'poses.npy', *layout, '--model-layout', tmp_path / 'own.json', *tiny]
    )
    known = run_here(capsys, FILE_DEMO, [tmp_path / 'poses.npy', '--layout', 'posetics17', *tiny])
    assert outcome.code == known.code == 0 and scores_in(outcome) == scores_in(known)
    # a checkpoint as tools/train.py writes it needs nothing beside it, and a store tells its layout
    content = torch.load(tiny[3], weights_only=True)
    content['meta'].update({LAYOUT: own.to_dict(), INFERENCE: inference_config(Config.fromfile(tiny[1]))})
    torch.save(content, tmp_path / 'own.pth')
    with SkeletonStoreWriter(tmp_path / 'store', own) as writer:
        writer.add('walk', np.load(tmp_path / 'poses.npy')[None], img_shape=(480, 640))
        writer.finish()
    alone = ['--checkpoint', tmp_path / 'own.pth', '--device', 'cpu']
    outcome = run_here(capsys, FILE_DEMO, [tmp_path / 'poses.npy', '--layout', tmp_path / 'store', *alone])
    assert outcome.code == 0 and scores_in(outcome) == scores_in(known)
    outcome = run_here(capsys, FILE_DEMO, [f'{tmp_path}/store::walk', *alone])
    assert outcome.code == 0 and scores_in(outcome) == scores_in(known)


def scores_in(outcome: Outcome) -> list[str]:
    return [line for line in outcome.out.splitlines() if line.endswith('%')]


def test_what_cannot_be_drawn(capsys, tmp_path, tiny):
    """Frames numbered over years, and joints a million pixels apart: recognized, told, not drawn."""
    write_results(tmp_path / 'p.json')
    entries = json.loads((tmp_path / 'p.json').read_text())
    for number, entry in enumerate(entries):
        entry['image_id'] = 10**8 + number
    (tmp_path / 'p.json').write_text(json.dumps([*entries, dict(entries[0], image_id=1)]))
    outcome = run_here(capsys, FILE_DEMO, [tmp_path / 'p.json', *tiny, '--out', tmp_path / 'out.mp4'])
    assert_refused(outcome, r'p\.json: 100000029 frames of .* pixels are too much for a video')
    assert 'note: the poses of 31 frames are numbered from 1 to 100000029' in outcome.err
    assert outcome.out.count('person ') == 2 and not (tmp_path / 'out.mp4').exists()
    far = walking(8)[0]
    far[:, 3] = 900_000
    np.save(tmp_path / 'far.npy', far)
    arguments = [tmp_path / 'far.npy', '--layout', 'coco17', *tiny, '--out', tmp_path / 'out.mp4']
    assert_refused(run_here(capsys, FILE_DEMO, arguments), r'far\.npy: 8 frames of 900001 x 900001 pixels')
