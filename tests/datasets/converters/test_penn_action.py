"""Penn Action: hand-made label files, and the real ones where they are."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from mmactrep.datasets.converters.penn_action import (
    penn_action_json,
    penn_action_labels,
    read_penn_action_labels,
)
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore


def _joints(names: str) -> tuple[str, ...]:
    return tuple(names.split())


# The joints' order in the release and in the store, by reference-facts.
PENN = _joints('head Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank')
P17 = _joints('head nose neck chest mid_hip Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank')


def write_label(path, seed=0, frames=5, action='squat', train=1, dtype=np.float64, **changes):
    """A file as the release has it; ``changes`` replace variables (None leaves one out)."""
    rng = np.random.default_rng(seed)
    content = dict(
        action=action,
        pose='front',
        x=rng.uniform(20, 200, (frames, 13)).astype(dtype),
        y=rng.uniform(20, 200, (frames, 13)).astype(dtype),
        visibility=np.ones((frames, 13), np.uint8),
        train=np.array([[train]], np.int32),
        bbox=rng.uniform(0, 200, (frames, 4)),
        dimensions=np.array([[270, 480, frames]], np.uint16),
        nframes=np.array([[frames]], np.uint8),
    )
    content.update(changes)
    savemat(path, {key: value for key, value in content.items() if value is not None})
    return content


@pytest.mark.parametrize('dtype', [np.float64, np.uint16, np.uint8])
def test_joints_against_hand_written_interpolation(tmp_path, dtype):
    content = write_label(tmp_path / '0001.mat', dtype=dtype)
    clip = read_penn_action_labels(tmp_path / '0001.mat')
    at = {
        name: np.stack([content['x'][:, i], content['y'][:, i]], -1).astype(float)
        for i, name in enumerate(PENN)
    }
    at['neck'] = (at['Lsho'] + at['Rsho']) / 2
    at['mid_hip'] = (at['Lhip'] + at['Rhip']) / 2
    at['chest'] = (at['neck'] + at['mid_hip']) / 2
    at['nose'] = (at['head'] + at['neck']) / 2
    expected = np.stack([at[name] for name in P17], axis=1)
    assert clip.keypoint.shape == (1, 5, 17, 2)
    np.testing.assert_allclose(clip.keypoint[0], expected, rtol=1e-5)
    assert (clip.score == 1).all()
    assert clip.img_shape == (270, 480)
    assert clip.label == 11  # 'squat' among the sorted names


def test_hidden_joints_keep_their_place_and_unplaced_ones_are_missing(tmp_path):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(20, 200, (2, 5, 13))
    visibility = np.ones((5, 13), np.uint8)
    visibility[:, PENN.index('Lwri')] = 0  # hidden, but placed
    for name in ('Rsho', 'Rank'):  # the tool's mark, scaled with the video
        visibility[:, PENN.index(name)] = 0
        x[:, PENN.index(name)] = y[:, PENN.index(name)] = 0.73125
    x[:, PENN.index('Lank')] = y[:, PENN.index('Lank')] = 1.5  # visible: no mark
    write_label(tmp_path / '0001.mat', x=x, y=y, visibility=visibility)
    clip = read_penn_action_labels(tmp_path / '0001.mat')
    score = dict(zip(P17, clip.score[0, 0]))
    assert {name for name, value in score.items() if value == 0} == {'Rsho', 'Rank', 'neck', 'nose', 'chest'}
    assert {name for name, value in score.items() if value == 0.5} == {'Lwri'}
    assert not clip.keypoint[clip.score == 0].any()
    np.testing.assert_allclose(clip.keypoint[0, :, P17.index('Lwri'), 0], x[:, PENN.index('Lwri')], rtol=1e-6)
    np.testing.assert_allclose(clip.keypoint[0, :, P17.index('Lank')], 1.5)


def test_other_layout(tmp_path):
    content = write_label(tmp_path / '0001.mat')
    clip = read_penn_action_labels(tmp_path / '0001.mat', layout='penn13')
    np.testing.assert_allclose(clip.keypoint[0, ..., 1], content['y'], rtol=1e-6)


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        (dict(visibility=None), r"found no \['visibility'\]"),
        (dict(x=np.zeros((5, 12))), r"expected 'x' of shape \(5, 13\), found \(5, 12\)"),
        (dict(y=np.zeros((4, 13))), r"expected 'y' of shape \(5, 13\), found \(4, 13\)"),
        (dict(dimensions=np.array([[270, 480]])), 'expected dimensions'),
        (dict(action='juggling'), "unknown action 'juggling'"),
    ],
)
def test_bad_label_files_are_named(tmp_path, changes, expected):
    path = tmp_path / '0001.mat'
    write_label(path, **changes)
    with pytest.raises(BadClipError, match=rf'0001.mat: .*{expected}'):
        read_penn_action_labels(path)


def test_foreign_and_truncated_label_files(tmp_path):
    path = tmp_path / '0001.mat'
    write_label(path, frames=40)
    path.write_bytes(path.read_bytes()[:1500])
    with pytest.raises(BadClipError, match=r'0001.mat'):
        read_penn_action_labels(path)
    path.write_text('this is no MATLAB file, whatever its name says\n' * 10)
    with pytest.raises(BadClipError, match=r'0001.mat: expected a MATLAB file of version 5'):
        read_penn_action_labels(path)


def test_store_from_labels(tmp_path):
    for number, action, train in ((1, 'bowl', 1), (2, 'squat', -1), (12, 'bowl', -1)):
        write_label(tmp_path / f'{number:04d}.mat', number, 4 + number, action, train)
    run_conversion(penn_action_labels(tmp_path), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == ['0001', '0002', '0012']
    assert store.labels.tolist() == [3, 11, 3]
    assert store.split('train').tolist() == [0]
    assert store.split('test').tolist() == [1, 2]
    assert (store.layout.name, store.num_channels, len(store.classes)) == ('posetics17', 2, 15)
    with pytest.raises(FileNotFoundError, match='labels'):
        penn_action_labels(tmp_path / 'store')


def test_store_from_estimated_poses(tmp_path):
    labels, poses = tmp_path / 'labels', tmp_path / 'poses'
    labels.mkdir()
    poses.mkdir()
    rng = np.random.default_rng(0)
    numbers = rng.uniform(20, 200, (2, 3, 26))
    for number, train in ((1, 1), (2, -1)):
        write_label(labels / f'{number:04d}.mat', frames=3, train=train)
        frames = [[dict(pose2d=pose.tolist())] for pose in numbers[number - 1]]
        (poses / f'{number:04d}.json').write_text(json.dumps(dict(frames=frames)))
    run_conversion(penn_action_json(poses, labels), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert (store.split('train').tolist(), store.split('test').tolist()) == ([0], [1])
    # the head is LCRNet's last joint and the store's first
    np.testing.assert_allclose(store[1]['keypoint'][0, :, 0, 1], numbers[1, :, 25], rtol=1e-5)
    assert store[0]['img_shape'] == (270, 480)
    # a clip of another length than its label
    (poses / '0002.json').write_text(json.dumps(dict(frames=frames[:2])))
    with pytest.raises(BadClipError, match=r'0002.json: expected 3 frames .*found 2'):
        run_conversion(penn_action_json(poses, labels), tmp_path / 'short', progress=False)
    (poses / 'readme.json').write_text('{}')
    with pytest.raises(BadClipError, match=r'readme.json'):
        run_conversion(penn_action_json(poses, labels), tmp_path / 'foreign', progress=False)


def test_real_labels(shared_data, tmp_path):
    """Every tenth real clip; and the whole folder's splits and classes."""
    root = shared_data / 'penn_action' / 'labels'
    conversion = penn_action_labels(root)
    assert sum('train' in job.splits for job in conversion.jobs) == 1258
    assert sum('test' in job.splits for job in conversion.jobs) == 1068
    present, placed = [], []
    for job in conversion.jobs[::10]:
        clip = conversion.read(job.source)
        content = loadmat(job.source)
        height, width, frames = (int(n) for n in content['dimensions'].ravel())
        assert clip.keypoint.shape == (1, frames, 17, 2)
        assert clip.img_shape == (height, width)
        head = clip.keypoint[0, :, 0]
        seen = content['visibility'][:, 0] > 0
        np.testing.assert_allclose(head[seen], np.stack([content['x'], content['y']], -1)[seen, 0], rtol=1e-4)
        # no joint with a score lies in the corner where the annotators' tool left those never placed
        assert (clip.keypoint[clip.score > 0].max(-1) > 2).all()
        labelled = np.stack([content['x'], content['y']], -1).max(-1) > 2
        present.append((clip.score[0, :, 5:] > 0).sum())
        placed.append(labelled[:, 1:].sum())
    assert present == placed
