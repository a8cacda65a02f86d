"""The LCRNet13 JSON of Posetics, Smarthome and Penn Action."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.converters.lcrnet_json import load_frames, read_lcrnet_clip
from mmactrep.store.format import BadClipError


def _joints(names: str) -> tuple[str, ...]:
    return tuple(names.split())


# The 13 joints of the format by reference-facts, and the 17 of the store.
LCR = _joints('Rank Lank Rkne Lkne Rhip Lhip Rwri Lwri Relb Lelb Rsho Lsho head')
P17 = _joints('head nose neck chest mid_hip Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank')


def person(seed: int, offset: float = 100.0) -> dict:
    rng = np.random.default_rng(seed)
    return dict(
        pose2d=(offset + rng.uniform(1, 50, 26)).round(2).tolist(),
        pose3d=rng.uniform(0.1, 2, 39).round(3).tolist(),
    )


def write(path, frames):
    path.write_text(json.dumps(dict(frames=frames)))
    return path


def by_hand(pose: dict, dims: int) -> np.ndarray:
    """13 joints to 17, written out joint by joint."""
    numbers = pose[f'pose{dims}d']
    at = {name: np.array([numbers[axis * 13 + i] for axis in range(dims)]) for i, name in enumerate(LCR)}
    at['neck'] = (at['Lsho'] + at['Rsho']) / 2
    at['mid_hip'] = (at['Lhip'] + at['Rhip']) / 2
    at['chest'] = (at['neck'] + at['mid_hip']) / 2
    at['nose'] = (at['head'] + at['neck']) / 2
    return np.stack([at[name] for name in P17])


@pytest.mark.parametrize('dims', [2, 3])
def test_poses_against_hand_written_interpolation(tmp_path, dims):
    frames = [[person(0), person(1)], [person(2)], []]
    keypoint, score = read_lcrnet_clip(write(tmp_path / 'a.json', frames), dims=dims)
    assert keypoint.shape == (2, 3, 17, dims)
    for m, t in ((0, 0), (1, 0), (0, 1)):
        np.testing.assert_allclose(keypoint[m, t], by_hand(frames[t][m], dims), rtol=1e-5)
    absent = np.array([[0, 0, 1], [0, 1, 1]], bool)
    assert not keypoint[absent].any()
    np.testing.assert_array_equal(score, np.repeat(~absent[..., None], 17, -1))


def test_missing_joint_stays_missing_with_what_derives_from_it(tmp_path):
    pose = person(0)
    left_shoulder = LCR.index('Lsho')
    pose['pose2d'][left_shoulder] = pose['pose2d'][13 + left_shoulder] = 0
    keypoint, score = read_lcrnet_clip(write(tmp_path / 'a.json', [[pose]]))
    lost = [name for i, name in enumerate(P17) if score[0, 0, i] == 0]
    assert lost == ['nose', 'neck', 'chest', 'Lsho']
    assert not keypoint[score == 0].any()


def test_first_persons_and_first_frames(tmp_path):
    frames = [[person(10 * t + m) for m in range(3)] for t in range(5)]
    path = write(tmp_path / 'a.json', frames)
    keypoint, _ = read_lcrnet_clip(path, max_persons=2, max_frames=4)
    assert keypoint.shape == (2, 4, 17, 2)
    np.testing.assert_allclose(keypoint[1, 3], by_hand(frames[3][1], 2), rtol=1e-5)
    assert read_lcrnet_clip(path, max_persons=1)[0].shape == (1, 5, 17, 2)


def test_selection_by_motion(tmp_path):
    calm, busy, busiest = [], [], []
    for t in range(6):
        calm.append(person(0))
        busy.append(person(1, offset=100 + 20 * t))
        busiest.append(person(2, offset=100 + 60 * t))
    frames = [list(persons) for persons in zip(calm, busy, busiest)]
    keypoint, _ = read_lcrnet_clip(write(tmp_path / 'a.json', frames), max_persons=2, select='motion')
    np.testing.assert_allclose(keypoint[0, 4], by_hand(busiest[4], 2), rtol=1e-5)
    np.testing.assert_allclose(keypoint[1, 4], by_hand(busy[4], 2), rtol=1e-5)


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        ('{"frames": [[{"pose2d": [1, 2', 'expected JSON'),
        ('[[1]]', 'expected {"frames"'),
        ('{"frames": [{"pose2d": []}]}', 'expected {"frames"'),
        ('{"frames": []}', 'has no frames'),
        ('{"frames": [[], []]}', 'no person in any of the 2 frames'),
        (
            '{"frames": [[], [{"pose2d": [1, 2, 3]}]]}',
            "frame 1, person 0: expected 'pose2d' of 26 numbers, found 3",
        ),
        ('{"frames": [[{"pose3d": []}]]}', "frame 0, person 0: expected 'pose2d' of 26 numbers, found none"),
        ('{"frames": [["x"]]}', 'found none'),
        ('\x00\x01binary', 'expected a text file'),
    ],
)
def test_bad_files_are_named(tmp_path, content, expected):
    path = tmp_path / 'bad.json'
    path.write_text(content)
    with pytest.raises(BadClipError) as error:
        read_lcrnet_clip(path)
    assert str(path) in str(error.value)
    assert expected in str(error.value)


def test_bytes_that_are_no_text_and_words_for_numbers(tmp_path):
    path = tmp_path / 'bad.json'
    path.write_bytes(b'\xff\xfe\x00\x80')
    with pytest.raises(BadClipError, match=r'bad.json'):
        load_frames(path)
    pose = dict(pose2d=['x'] * 26)
    with pytest.raises(BadClipError, match='not a number'):
        read_lcrnet_clip(write(path, [[pose]]))
