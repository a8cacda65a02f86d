import cv2
import numpy as np
import pytest

from mmactrep.structures import get_layout
from mmactrep.visualization import (
    contact_sheet,
    fit_to_canvas,
    project_clip,
    render_clip,
    tile,
    write_image,
    write_video,
)

LAYOUT = get_layout('coco17')


def _clip(persons: int = 1, frames: int = 6, dims: int = 2) -> np.ndarray:
    return np.random.default_rng(0).uniform(50, 400, (persons, frames, 17, dims))


def test_a_video_has_the_frames_that_were_written(tmp_path):
    path = tmp_path / 'sub' / 'clip.mp4'
    assert write_video(path, render_clip(_clip(), LAYOUT, size=(120, 160), img_shape=(480, 640)), fps=10) == 6
    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 6
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(10)
    ok, frame = video.read()
    assert ok and frame.shape == (120, 160, 3) and frame.max() > 100


def test_no_frames_is_an_error(tmp_path):
    with pytest.raises(ValueError, match='no frame'):
        write_video(tmp_path / 'a.mp4', [])
    with pytest.raises(ValueError, match='no frame'):
        contact_sheet([])


def test_pixels_keep_their_place_in_the_image():
    clip = np.zeros((1, 1, 17, 2))
    clip[0, 0, LAYOUT.index('nose')] = [320, 120]
    frame = next(render_clip(clip, LAYOUT, size=(240, 320), img_shape=(480, 640)))
    lit = np.argwhere(frame.max(axis=-1) > 60)
    np.testing.assert_allclose(lit.mean(axis=0), [60, 160], atol=1.0)


def test_fitting_keeps_the_aspect_and_stays_in_the_canvas():
    clip = _clip(2) * [0.001, 0.002] - 5
    score = np.ones(clip.shape[:-1])
    fitted = fit_to_canvas(clip, score, (100, 300))
    assert fitted.min() >= 0 and fitted[..., 0].max() <= 300 and fitted[..., 1].max() <= 100
    spread = np.ptp(fitted.reshape(-1, 2), axis=0) / np.ptp(clip.reshape(-1, 2), axis=0)
    assert spread[0] == pytest.approx(spread[1])
    middle = (fitted.reshape(-1, 2).min(0) + fitted.reshape(-1, 2).max(0)) / 2
    np.testing.assert_allclose(middle, [150, 50], atol=2)


def test_fitting_ignores_missing_joints_and_empty_clips():
    clip = np.stack([np.linspace(0, 1, 17), np.linspace(0, 1, 17)], axis=-1)[None, None]
    score = np.ones((1, 1, 17))
    score[0, 0, 0] = 0
    far = clip.copy()
    far[0, 0, 0] = 1e4
    np.testing.assert_allclose(
        fit_to_canvas(far, score, (90, 90))[0, 0, 1:], fit_to_canvas(clip, score, (90, 90))[0, 0, 1:]
    )
    assert not fit_to_canvas(clip, np.zeros_like(score), (90, 90)).any()


@pytest.mark.parametrize('up, head', [('y', [0, 1, 0]), ('-y', [0, -1, 0]), ('z', [0, 0, 1])])
def test_up_is_up_in_the_picture(up, head):
    for yaw in (0, 45, 200):
        np.testing.assert_allclose(project_clip(np.array(head, float), yaw, 0.0, up), [0, -1], atol=1e-12)


@pytest.mark.parametrize('up', ['x', '-x', 'y', '-y', 'z', '-z'])
def test_every_view_is_that_of_a_camera_that_looks_down_with_positive_pitch(up):
    """Right, down and away are right-handed in every world, whose handedness a picture must not change."""
    units = np.eye(3)
    right, down = project_clip(units, up=up).T
    # a camera that looks straight down has at the top of the picture what was far away
    away = -project_clip(units, pitch=90.0, up=up)[:, 1]
    np.testing.assert_allclose(np.cross(right, down), away, atol=1e-12)
    np.testing.assert_allclose(project_clip(units, yaw=90.0, up=up)[:, 0], away, atol=1e-12)


def test_projection_of_camera_coordinates_is_the_camera_view():
    points = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(project_clip(points), points[:, :2])
    # a half turn mirrors left and right
    np.testing.assert_allclose(project_clip(points, yaw=180.0), points[:, :2] * [-1, 1], atol=1e-12)


def test_world_axes_seen_from_the_front_keep_left_and_right():
    """Mocap axes, facing +z: the left hand (+x) is at the right of the picture."""
    left_hand = np.array([1.0, 0.0, 0.0])
    assert project_clip(left_hand, up='y')[0] == pytest.approx(1)
    from_above = project_clip(np.array([0.0, 0.0, 1.0]), pitch=90.0, up='y')
    assert from_above[1] == pytest.approx(1)  # what is nearer to the viewer is lower in the picture


def test_wrong_axes_and_shapes_are_refused():
    with pytest.raises(ValueError, match='up must be'):
        project_clip(np.zeros((2, 3)), up='w')
    with pytest.raises(ValueError, match='up must be'):
        project_clip(np.zeros((2, 3)), up='--y')
    with pytest.raises(ValueError, match='keypoint must be'):
        next(render_clip(np.zeros((3, 17, 2)), LAYOUT))


def test_rendering_3d_and_on_given_frames():
    frames = list(render_clip(_clip(2, 4, 3), LAYOUT, size=(80, 90), yaw=30.0, text='clip'))
    assert len(frames) == 4 and all(f.shape == (80, 90, 3) and f.max() > 200 for f in frames)
    ground = [np.full((480, 640, 3), 77, np.uint8)] * 3
    drawn = list(render_clip(_clip(1, 6), LAYOUT, frames=ground))
    assert len(drawn) == 3 and (drawn[0][0, 0] == 77).all() and (drawn[0] != 77).any()


def test_contact_sheet_is_spaced_evenly_and_tiled_by_rows(tmp_path):
    frames = [np.full((4, 6, 3), value, np.uint8) for value in range(11)]
    sheet = contact_sheet(frames, count=3, columns=2)
    assert sheet.shape == (8, 12, 3)
    assert [sheet[0, 0, 0], sheet[0, 6, 0], sheet[4, 0, 0], sheet[4, 6, 0]] == [0, 5, 10, 0]
    assert tile(frames[:2], 1).shape == (8, 6, 3)
    write_image(tmp_path / 'x' / 'sheet.png', sheet)
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / 'x' / 'sheet.png')), sheet)
