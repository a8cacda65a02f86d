import numpy as np
import pytest
from mmaction.datasets.transforms import Flip

from mmactrep.datasets.transforms import (
    JointDropout,
    JointJitter,
    RandomMirror,
    RandomMove,
    RandomRotate,
    RandomScale,
    RandomShift,
    SkeletonStream,
)
from mmactrep.datasets.transforms.augmentation import mirror, move
from mmactrep.structures import get_layout


def clip(channels=2, persons=2, frames=6, layout='posetics17', seed=0):
    rng = np.random.default_rng(seed)
    layout = get_layout(layout)
    keypoint = rng.normal(size=(persons, frames, layout.num_joints, channels)).astype(np.float32)
    return dict(
        keypoint=keypoint,
        keypoint_score=rng.uniform(0.1, 1, keypoint.shape[:3]).astype(np.float32),
        layout=layout,
        rng=np.random.default_rng(seed + 1),
    )


def linear_part(before, after):
    """Matrix (C', C) and offset that turn points into others, by least squares; checks that they do."""
    before, after = before.reshape(-1, before.shape[-1]), after.reshape(-1, after.shape[-1])
    ones = np.ones((len(before), 1))
    solution = np.linalg.lstsq(np.hstack([before, ones]), after, rcond=None)[0]
    np.testing.assert_allclose(np.hstack([before, ones]) @ solution, after, atol=1e-5)
    return solution[:-1].T, solution[-1]


# --- random move ------------------------------------------------------------------------------------


@pytest.mark.parametrize('channels', [2, 3])
def test_move_is_the_formula_frame_by_frame(channels):
    keypoint = clip(channels, frames=7)['keypoint']
    angle, scale, shift_x, shift_y = (-10, 5), (0.9, 1.1), (0.2, -0.1), (0.0, 0.2)
    out = move(keypoint, angle, scale, shift_x, shift_y)
    for m, t, v in np.ndindex(keypoint.shape[:3]):
        part = t / 6
        a = np.deg2rad(-10 + part * 15)
        s = 0.9 + part * 0.2
        x, y = keypoint[m, t, v, :2].astype(float)
        expected = [
            s * (np.cos(a) * x - np.sin(a) * y) + 0.2 - part * 0.3,
            s * (np.sin(a) * x + np.cos(a) * y) + part * 0.2,
            *keypoint[m, t, v, 2:],
        ]
        np.testing.assert_allclose(out[m, t, v], expected, atol=1e-5)


def test_random_move_draws_the_ends_from_the_candidates():
    transform = RandomMove()
    ann = clip(frames=3)
    drawn = []
    for _ in range(300):
        out = transform(dict(ann))['keypoint']
        for frame in (0, 2):
            matrix, shift = linear_part(ann['keypoint'][:, frame], out[:, frame])
            scale = np.sqrt(np.linalg.det(matrix))
            angle = np.rad2deg(np.arctan2(matrix[1, 0], matrix[0, 0]))
            drawn.append((frame, round(angle, 2), round(scale, 3), *np.round(shift, 3)))
    for frame in (0, 2):
        _, angles, scales, xs, ys = zip(*[d for d in drawn if d[0] == frame])
        assert {a + 0.0 for a in angles} == {-10, -5, 0, 5, 10}
        assert set(scales) == {0.9, 1.0, 1.1}
        assert {x + 0.0 for x in xs} == {y + 0.0 for y in ys} == {-0.2, -0.1, 0, 0.1, 0.2}
    # the two ends are drawn apart, and so are x and y
    ends = list(zip(drawn[::2], drawn[1::2]))
    assert sum(a[1] == b[1] for a, b in ends) < 120
    assert sum(d[3] == d[4] for d in drawn) < 240


def test_random_move_in_between_is_linear():
    ann = clip(frames=5)
    out = RandomMove(angles=(0,), origin='zero')(dict(ann))['keypoint']
    factors, shifts = zip(*[linear_part(ann['keypoint'][:, t], out[:, t]) for t in range(5)])
    np.testing.assert_allclose(np.diff(factors, n=2, axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(np.diff(shifts, n=2, axis=0), 0, atol=1e-5)


def test_random_move_gives_every_clip_a_drift_of_its_own():
    ann = clip(frames=4)
    twice = ann | dict(keypoint=np.tile(ann['keypoint'], (1, 2, 1, 1)), num_clips=2)
    twice['keypoint_score'] = np.tile(ann['keypoint_score'], (1, 2, 1))
    rng = np.random.default_rng(3)
    out = RandomMove()(twice | dict(rng=np.random.default_rng(3)))['keypoint']
    for part in np.split(out, 2, axis=1):
        np.testing.assert_allclose(part, RandomMove()(ann | dict(rng=rng))['keypoint'], atol=1e-6)
    assert not np.allclose(*np.split(out, 2, axis=1))


def test_random_move_turns_about_its_origin():
    ann = clip(frames=1)
    ann['keypoint'] = ann['keypoint'] + 10
    out = RandomMove(angles=(10,), scales=(0.9,), shifts=(0.0,), origin='box')(dict(ann))['keypoint']
    middle = (ann['keypoint'].min((0, 1, 2)) + ann['keypoint'].max((0, 1, 2))) / 2
    matrix, shift = linear_part(ann['keypoint'] - middle, out - middle)
    np.testing.assert_allclose(shift, 0, atol=1e-3)
    assert np.linalg.det(matrix) == pytest.approx(0.81, abs=1e-3)


# --- mirror -----------------------------------------------------------------------------------------


@pytest.mark.parametrize('name', ['posetics17', 'penn13', 'ntu25', 'coco17', 'blazepose33'])
def test_mirror_swaps_left_and_right(name):
    ann = clip(layout=name)
    layout = ann['layout']
    out = RandomMirror(p=1.0)(dict(ann))
    for joint in layout.joints:
        other = joint.replace('left', 'RIGHT').replace('right', 'left').replace('RIGHT', 'right')
        source, target = layout.index(other), layout.index(joint)
        expected = ann['keypoint'][:, :, source] * [-1, 1]
        np.testing.assert_array_equal(out['keypoint'][:, :, target], expected)
        np.testing.assert_array_equal(
            out['keypoint_score'][:, :, target], ann['keypoint_score'][:, :, source]
        )


@pytest.mark.parametrize('channels', [2, 3])
def test_mirror_twice_is_nothing(channels):
    ann = clip(channels)
    out = RandomMirror(p=1.0)(RandomMirror(p=1.0)(dict(ann)))
    np.testing.assert_array_equal(out['keypoint'], ann['keypoint'])
    np.testing.assert_array_equal(out['keypoint_score'], ann['keypoint_score'])


def test_mirror_of_pixels_agrees_with_mmaction():
    layout = get_layout('coco17')
    ann = clip(layout='coco17')
    ann['keypoint'] = ann['keypoint'] * 50 + 300
    left, right = zip(*layout.side_pairs)
    expected = Flip(flip_ratio=1, left_kp=left, right_kp=right)(
        dict(
            keypoint=ann['keypoint'].copy(),
            keypoint_score=ann['keypoint_score'].copy(),
            modality='Pose',
            img_shape=(480, 640),
        )
    )
    out = RandomMirror(p=1.0, origin='screen')(ann | dict(img_shape=(480, 640)))
    np.testing.assert_allclose(out['keypoint'], expected['keypoint'], atol=1e-4)
    np.testing.assert_array_equal(out['keypoint_score'], expected['keypoint_score'])


def test_mirror_commutes_with_bones():
    first = RandomMirror(p=1.0)(SkeletonStream('bone')(clip()))
    second = SkeletonStream('bone')(RandomMirror(p=1.0)(clip()))
    np.testing.assert_allclose(first['keypoint'], second['keypoint'], atol=1e-6)


def test_mirror_probability():
    ann = clip(frames=1)
    transform = RandomMirror(p=0.25)
    mirrored = [not np.array_equal(transform(dict(ann))['keypoint'], ann['keypoint']) for _ in range(800)]
    assert 150 < sum(mirrored) < 250
    assert np.array_equal(RandomMirror(p=0.0)(dict(ann))['keypoint'], ann['keypoint'])


def test_mirror_at_a_line():
    np.testing.assert_array_equal(
        mirror(np.float32([[1, 5], [2, 6], [4, 7]]), (0, 2, 1), pivot=3.0), [[5, 5], [2, 7], [4, 6]]
    )


# --- rotation, scale, shift -------------------------------------------------------------------------


def test_rotation_in_the_plane_stays_within_its_limit():
    ann = clip()
    angles = []
    for _ in range(300):
        out = RandomRotate(0.3)(dict(ann))['keypoint']
        matrix, shift = linear_part(ann['keypoint'], out)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(2), atol=1e-5)
        assert np.linalg.det(matrix) > 0
        np.testing.assert_allclose(shift, 0, atol=1e-5)
        angles.append(np.arctan2(matrix[1, 0], matrix[0, 0]))
    assert -0.3 <= min(angles) < -0.28 and 0.28 < max(angles) <= 0.3
    assert abs(np.mean(angles)) < 0.04


def test_rotation_in_space():
    ann = clip(3)
    for _ in range(50):
        matrix, _ = linear_part(ann['keypoint'], RandomRotate(0.3)(dict(ann))['keypoint'])
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-5)
        assert np.linalg.det(matrix) > 0
        assert np.arccos((np.trace(matrix) - 1) / 2) < 0.3 * np.sqrt(3) * 1.1
    for axis in range(3):
        limits = np.eye(3)[axis]
        matrix, _ = linear_part(ann['keypoint'], RandomRotate(limits)(dict(ann))['keypoint'])
        np.testing.assert_allclose(matrix[axis], np.eye(3)[axis], atol=1e-5)
        assert abs(np.trace(matrix) - 3) > 1e-4


def test_rotation_about_the_screen_leaves_its_middle():
    ann = clip(frames=1)
    ann['keypoint'] = ann['keypoint'] * 50 + 300
    ann['keypoint'][0, 0, 0] = 320, 240
    out = RandomRotate(0.3, origin='screen')(ann | dict(img_shape=(480, 640)))['keypoint']
    np.testing.assert_allclose(out[0, 0, 0], [320, 240], atol=1e-3)
    assert np.abs(out - ann['keypoint']).max() > 1


@pytest.mark.parametrize('channels', [2, 3])
def test_scale_by_axis_and_as_one(channels):
    ann = clip(channels)
    factors = []
    for _ in range(200):
        out = RandomScale((0.8, 1.2))(dict(ann))['keypoint']
        matrix, _ = linear_part(ann['keypoint'], out)
        np.testing.assert_allclose(matrix, np.diag(np.diag(matrix)), atol=1e-5)
        factors.append(np.diag(matrix))
    factors = np.array(factors)
    assert 0.8 - 1e-5 <= factors.min() < 0.82 and 1.18 < factors.max() <= 1.2 + 1e-5
    assert np.abs(np.corrcoef(factors.T)[0, 1]) < 0.3
    matrix, _ = linear_part(
        ann['keypoint'], RandomScale((0.5, 0.6), anisotropic=False)(dict(ann))['keypoint']
    )
    np.testing.assert_allclose(matrix, matrix[0, 0] * np.eye(channels), atol=1e-5)
    assert 0.5 <= matrix[0, 0] <= 0.6


def test_scale_about_the_box_leaves_its_middle():
    ann = clip()
    ann['keypoint'] = ann['keypoint'] + 10
    out = RandomScale((0.5, 0.5), origin='box')(dict(ann))['keypoint']
    for part in (out, ann['keypoint']):
        part.shape = (-1, 2)
    middle = (ann['keypoint'].min(0) + ann['keypoint'].max(0)) / 2
    np.testing.assert_allclose(out, middle + (ann['keypoint'] - middle) / 2, atol=1e-4)


def test_shift_is_one_for_the_clip():
    ann = clip(3)
    shift = RandomShift(0.1)(dict(ann))['keypoint'] - ann['keypoint']
    np.testing.assert_allclose(shift, np.broadcast_to(shift[0, 0, 0], shift.shape), atol=1e-6)
    assert 0 < np.abs(shift).max() <= 0.1 + 1e-6
    assert len(np.unique(np.round(shift[0, 0, 0], 5))) == 3


# --- noise ------------------------------------------------------------------------------------------


def test_dropout_rate():
    ann = clip(persons=2, frames=200)
    out = JointDropout(0.25)(dict(ann))
    dropped = out['keypoint_score'] == 0
    assert 0.22 < dropped.mean() < 0.28
    assert dropped.mean(axis=1).min() > 0 and dropped.mean(axis=1).max() < 1  # frame by frame
    np.testing.assert_array_equal(out['keypoint'][~dropped], ann['keypoint'][~dropped])
    np.testing.assert_array_equal(out['keypoint_score'][~dropped], ann['keypoint_score'][~dropped])


def test_dropout_for_a_whole_clip():
    ann = clip(persons=300, frames=4)
    dropped = JointDropout(0.25, per='clip')(ann)['keypoint_score'] == 0
    np.testing.assert_array_equal(dropped, np.broadcast_to(dropped[:, :1], dropped.shape))
    assert 0.22 < dropped.mean() < 0.28


def test_jitter_is_noise_of_the_deviation_asked_for():
    ann = clip(frames=200)
    noise = JointJitter(0.05)(dict(ann))['keypoint'] - ann['keypoint']
    assert noise.std() == pytest.approx(0.05, rel=0.05)
    assert abs(noise.mean()) < 0.002
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.05
