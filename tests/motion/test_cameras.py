import numpy as np
import pytest

from mmactrep.motion.body import ANGLES, BODY, forward_kinematics, place
from mmactrep.motion.cameras import Cameras, perspective, project, to_camera, view_axes


@pytest.fixture(scope='module')
def standing() -> np.ndarray:
    return place(forward_kinematics(np.zeros((1, 4, len(ANGLES)))), np.zeros((1, 4, 3)))


def _pixel(points: np.ndarray, joint: str) -> np.ndarray:
    return points[0, 0, BODY.index(joint)]


def test_views_from_the_four_sides(standing):
    def see(yaw):
        return project(standing, Cameras(yaw=yaw, orthographic=True, scale=100.0))[0]

    front, left, back = see(0), see(90), see(180)
    # who faces the camera has the left shoulder at the right of the image
    assert _pixel(front, 'left_shoulder')[0] > _pixel(front, 'right_shoulder')[0] + 30
    assert _pixel(back, 'left_shoulder')[0] < _pixel(back, 'right_shoulder')[0] - 30
    # seen from the body's left it looks to the left of the image
    assert _pixel(left, 'nose')[0] < _pixel(left, 'neck')[0] - 5
    assert _pixel(see(-90), 'nose')[0] > _pixel(see(-90), 'neck')[0] + 5
    # y points down
    assert _pixel(front, 'head')[1] < _pixel(front, 'left_foot')[1]
    # a standing person of 1.7 m at 100 pixels a meter
    height = _pixel(front, 'left_heel')[1] - _pixel(front, 'head')[1]
    assert height == pytest.approx(100 * standing[0, 0, BODY.index('head'), 1], abs=0.1)


def test_view_axes_are_a_right_handed_frame():
    rng = np.random.default_rng(0)
    axes = view_axes(*(rng.uniform(-180, 180, (3, 20))))
    np.testing.assert_allclose(
        axes @ np.swapaxes(axes, -1, -2), np.broadcast_to(np.eye(3), (20, 3, 3)), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(axes), 1)


def test_perspective_is_the_pinhole_formula(standing):
    cameras = Cameras(yaw=30.0, pitch=10.0, distance=3.0, scale=150.0, shift_x=20.0, shift_y=-5.0)
    pixels, depth = project(standing, cameras)
    local = to_camera(standing, cameras)
    focal = 150.0 * 3.0
    expected = focal * local[..., :2] / (3.0 + local[..., 2:]) + [320 + 20, 240 - 5]
    np.testing.assert_allclose(pixels, expected, rtol=1e-5)
    np.testing.assert_allclose(depth, local[..., 2])


def test_camera_coordinates_are_a_rigid_motion(standing):
    local = to_camera(standing, Cameras(yaw=70.0, pitch=20.0, roll=5.0))
    for a, b in BODY.bones:
        before = np.linalg.norm(standing[..., a, :] - standing[..., b, :], axis=-1)
        np.testing.assert_allclose(
            np.linalg.norm(local[..., a, :] - local[..., b, :], axis=-1), before, atol=1e-6
        )


def test_following_keeps_a_walker_in_the_middle_and_standing_does_not(standing):
    walk = np.repeat(standing[:, :1], 60, axis=1)
    walk = walk + np.linspace(0, 6, 60)[None, :, None, None] * np.array([1.0, 0, 0])
    hip = BODY.index('mid_hip')
    still = project(walk, Cameras(follow=0.0, orthographic=True, scale=50.0))[0][0, :, hip, 0]
    along = project(walk, Cameras(follow=1.0, orthographic=True, scale=50.0))[0][0, :, hip, 0]
    assert np.ptp(still) == pytest.approx(300, abs=1)
    assert still.mean() == pytest.approx(320, abs=1)
    assert np.ptp(along) < 60
    # the average over time that the camera follows is centered: it neither lags nor leads
    np.testing.assert_allclose(along[20:40], 320, atol=3)


def test_the_aim_is_a_height_of_the_person(standing):
    for aim, joint in ((0.0, 'left_heel'), (1.0, 'head')):
        pixels = project(standing, Cameras(aim=aim, orthographic=True, pitch=0.0))[0]
        assert _pixel(pixels, joint)[1] == pytest.approx(240, abs=0.5)


def test_nothing_comes_nearer_to_the_lens_than_a_quarter_of_the_distance():
    np.testing.assert_allclose(
        perspective(np.array([0.0, 4.0, -2.0, -3.0, -3.9, -7.0]), 4.0), [1, 0.5, 2, 4, 4, 4]
    )


def test_one_camera_a_clip(standing):
    both = np.repeat(standing, 2, axis=0)
    cameras = Cameras(yaw=np.array([0.0, 90.0]), scale=np.array([100.0, 200.0]), orthographic=True)
    pixels = project(both, cameras)[0]
    for i in range(2):
        alone = project(standing, cameras[[i]])[0]
        np.testing.assert_allclose(pixels[i], alone[0], atol=1e-9)
