"""Cameras before 3D skeletons: against formulas by hand, the sides of a real wave, and draws that repeat."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.datasets.converters.utd_mhad import utd_mhad
from mmactrep.datasets.transforms import MapLayout, ProjectToCamera, ProjectToSensor
from mmactrep.motion.synthesis import CameraBatch, project_batch
from mmactrep.structures import SkeletonLayout, get_layout

KINECT = get_layout('kinect20')
JOINTS = KINECT.index


def clip(keypoint, **more):
    keypoint = np.asarray(keypoint, np.float32)
    return dict(keypoint=keypoint, layout='kinect20', rng=np.random.default_rng(0), frame_dir='clip', **more)


def person(rng, frames=4):
    """Somebody at about three meters from the sensor, (1, T, 20, 3)."""
    return rng.uniform(-0.8, 0.8, (1, frames, 20, 3)) + [0.4, 0.1, 3]


def by_hand(point, aim, yaw, pitch, roll, distance):
    """Image point (right, down) of one joint in Kinect's axes: the camera is placed, then looks at the aim.

    Written with the camera's position and cross products, without rotations by matrices.
    """
    yaw, pitch, roll = np.radians([yaw, pitch, roll])
    # From the aim, a sensor stands at -z. Somebody who faces it has its left at -x.
    ground = -np.array([0, 0, 1]) * np.cos(yaw) - np.array([1, 0, 0]) * np.sin(yaw)
    away = ground * np.cos(pitch) + np.array([0, 1, 0]) * np.sin(pitch)
    eye = aim + away * (distance or 1)
    forward = -away
    right = np.cross([0, 1, 0], forward)  # in a right-handed frame right x up points backwards
    right = -right / np.linalg.norm(right)
    down = np.cross(forward, right)
    ray = point - eye
    depth = (ray @ forward) / distance if distance else 1.0
    x, y = ray @ right / depth, ray @ down / depth
    return np.array([x * np.cos(roll) + y * np.sin(roll), y * np.cos(roll) - x * np.sin(roll)])


@pytest.mark.parametrize(
    'camera',
    [(0, 0, 0, 3), (90, 0, 0, 4), (-60, 20, 0, 5), (150, -10, 30, 2.5), (37, 12, -8, None)],
    ids=str,
)
def test_projection_against_a_camera_placed_by_hand(rng, camera):
    keypoint = person(rng)
    aim = keypoint[0, :, JOINTS('mid_hip')].mean(axis=0)
    yaw, pitch, roll, distance = camera
    more = {} if distance is None else dict(distance=distance)
    found = ProjectToCamera([dict(yaw=yaw, pitch=pitch, roll=roll, **more)])(clip(keypoint))['keypoint']
    expected = [[by_hand(point, aim, *camera) for point in frame] for frame in keypoint[0].astype(np.float32)]
    np.testing.assert_allclose(found[0], expected, atol=1e-4)


def test_the_sensor_itself_is_a_pinhole_camera(rng):
    keypoint = person(rng)
    found = ProjectToSensor()(clip(keypoint))['keypoint']
    x, y, z = np.moveaxis(keypoint, -1, 0)
    # a sensor's left is left in its image, and images count downward
    np.testing.assert_allclose(found, np.stack([-x / z, -y / z], axis=-1), rtol=1e-4)


def test_a_camera_at_the_sensors_place_sees_what_the_sensor_sees(rng):
    keypoint = person(rng)
    keypoint[0, :, JOINTS('mid_hip')] = [0, 0, 3]  # straight before it
    found = ProjectToCamera([dict(distance=3.0)])(clip(keypoint))['keypoint']
    np.testing.assert_allclose(found / 3, ProjectToSensor()(clip(keypoint))['keypoint'], atol=1e-5)


def test_sides_and_up_from_in_front_from_behind_and_in_a_library():
    keypoint = np.zeros((1, 3, 20, 3)) + [0, 0, 3]
    keypoint[..., JOINTS('head'), 1] = 0.7
    keypoint[..., JOINTS('left_shoulder'), 0] = -0.2  # facing the sensor: to its right
    keypoint[..., JOINTS('right_shoulder'), 0] = 0.2
    library = keypoint * [-1, 1, -1]  # facing +z, +x is its left
    for yaw, left in ((0, 0.2), (30, 0.2 * np.cos(np.pi / 6)), (90, 0), (180, -0.2)):
        for points, axes in ((keypoint, 'sensor'), (library, 'library')):
            seen = ProjectToCamera([dict(yaw=yaw)], axes=axes)(clip(points))['keypoint'][0, 0]
            np.testing.assert_allclose(seen[JOINTS('left_shoulder')], [left, 0], atol=1e-6)
            np.testing.assert_allclose(seen[JOINTS('right_shoulder')], [-left, 0], atol=1e-6)
            np.testing.assert_allclose(seen[JOINTS('head')], [0, -0.7], atol=1e-6)
    # 90 degrees is at the person's left, where its face is on the left of the image
    keypoint[..., JOINTS('left_foot'), 2] -= 0.3
    seen = ProjectToCamera([dict(yaw=90)])(clip(keypoint))['keypoint'][0, 0]
    assert seen[JOINTS('left_foot'), 0] == pytest.approx(-0.3)


def test_in_3d_the_depth_is_kept_and_the_axes_are_those_of_motion_libraries(rng):
    keypoint = person(rng)
    camera = dict(yaw=40.0, pitch=10.0, roll=5.0)
    seen = ProjectToCamera([camera], dims=3).transform(clip(keypoint))['keypoint']
    flat = ProjectToCamera([camera]).transform(clip(keypoint))['keypoint']
    np.testing.assert_allclose(seen[..., :2], flat, atol=1e-5)
    # a rotation about the aim: distances between joints stay, also across the depth
    np.testing.assert_allclose(
        np.linalg.norm(seen[0, 1, :3] - seen[0, 1, 3:6], axis=-1),
        np.linalg.norm(keypoint[0, 1, :3] - keypoint[0, 1, 3:6], axis=-1),
        atol=1e-5,
    )
    # at the sensor's place: right is minus x, down minus y, away from it z; no reflection
    still = ProjectToCamera([dict()], dims=3).transform(clip(keypoint))['keypoint']
    moved = (keypoint - keypoint[0, :, KINECT.root].mean(axis=0)) * [-1, -1, 1]
    np.testing.assert_allclose(still, moved, atol=1e-5)


def test_a_library_and_a_sensor_agree_on_a_body_in_3d():
    """A body that faces the camera: its left hand at the right of the image, its nose before its head."""
    left_hand, head, nose = [0.5, 1.0, 0.0], [0.0, 1.7, 0.0], [0.0, 1.6, 0.1]
    points = torch.tensor([[[left_hand, head, nose]]])
    yaw_zero = CameraBatch(
        torch.tensor([[[1.0, 0, 0], [0, -1, 0], [0, 0, -1]]]), torch.tensor([torch.inf]), torch.ones(1)
    )
    layout = SkeletonLayout('three', ('hand', 'top', 'tip'), {'top': 'hand', 'tip': 'hand'})
    library = project_batch(points, yaw_zero, layout, dims=3)[0, 0].numpy()
    sensor = np.zeros((1, 1, 20, 3), np.float32)
    sensor[0, 0, :3] = np.array([left_hand, head, nose]) * [-1, 1, -1] + [0.3, 0.2, 3]
    seen = ProjectToCamera([dict()], dims=3).transform(clip(sensor))['keypoint'][0, 0, :3]
    np.testing.assert_allclose(seen - seen[0], library - library[0], atol=1e-5)


def test_missing_joints_stay_missing_and_do_not_turn_the_camera(rng):
    keypoint, score = person(rng), np.ones((1, 4, 20), np.float32)
    score[0, 2, 5] = score[0, 1, JOINTS('mid_hip')] = 0
    keypoint[score == 0] = 0
    result = ProjectToCamera([dict(yaw=40, distance=3)])(clip(keypoint, keypoint_score=score))
    assert (result['keypoint'][score == 0] == 0).all() and (result['keypoint_score'] == score).all()
    aim = keypoint[0, [0, 2, 3], JOINTS('mid_hip')].mean(axis=0)
    expected = by_hand(keypoint[0, 3, 7], aim, 40, 0, 0, 3)
    np.testing.assert_allclose(result['keypoint'][0, 3, 7], expected, atol=1e-4)
    empty = ProjectToCamera([dict(distance=3)])(clip(np.zeros((1, 2, 20, 3))))
    assert (empty['keypoint'] == 0).all() and empty['keypoint'].shape == (1, 2, 20, 2)


def test_a_layout_whose_root_is_the_head_is_seen_from_the_same_place(rng):
    """posetics17 before or after the projection: the camera aims at the hips all the same."""
    keypoint = person(rng)
    hips = [JOINTS('left_hip'), JOINTS('right_hip')]
    keypoint[0, :, JOINTS('mid_hip')] = keypoint[0][:, hips].mean(axis=1)
    transform, mapping = ProjectToCamera([dict(yaw=50, pitch=20)]), MapLayout('posetics17')
    before, after = mapping(transform(clip(keypoint))), transform(mapping(clip(keypoint)))
    np.testing.assert_allclose(before['keypoint'], after['keypoint'], atol=1e-5)


def test_cameras_are_drawn_in_training_and_take_turns_in_test(rng):
    keypoint = person(rng)
    transform = ProjectToCamera([dict(yaw=(-10, 10), distance=(2, 4)), dict(yaw=90), dict(yaw=180)])
    drawn = []
    for seed in range(60):
        results = clip(keypoint) | dict(rng=np.random.default_rng(seed))
        drawn.append(transform(dict(results))['camera'])
        assert transform(dict(results, rng=np.random.default_rng(seed)))['camera'] == drawn[-1]
    assert {camera['number'] for camera in drawn} == {0, 1, 2}
    near = [camera for camera in drawn if camera['number'] == 0]
    assert all(-10 <= camera['yaw'] <= 10 and 2 <= camera['distance'] <= 4 for camera in near)
    assert len({camera['yaw'] for camera in near}) == len(near)
    assert {camera['yaw'] for camera in drawn if camera['number']} == {90, 180}
    numbers = []
    for index in range(6):
        result = transform(clip(keypoint, test_mode=True, sample_idx=index))
        numbers.append(result['camera']['number'])
        assert result['frame_dir'] == f'clip@{index % 3}'
    assert numbers == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ('cameras', 'words'),
    [
        ([], 'one or more'),
        (dict(yaw=3), 'a list'),
        ([dict(azimuth=3)], 'azimuth'),
        ([dict(yaw=(30, -30))], 'yaw'),
        ([dict(yaw=(1, 2, 3))], 'yaw'),
        ([dict(distance=0)], 'above 0'),
    ],
)
def test_cameras_that_make_no_sense_are_refused(cameras, words):
    with pytest.raises(ValueError, match=words):
        ProjectToCamera(cameras)


def test_2d_skeletons_and_unknown_axes_are_refused(rng):
    for transform in (ProjectToCamera([dict()]), ProjectToSensor()):
        with pytest.raises(ValueError, match=r"'clip'.*3D"):
            transform(clip(person(rng)[..., :2]))
    with pytest.raises(ValueError, match='axes'):
        ProjectToCamera([dict()], axes='kinect')


def test_right_hands_of_real_people_swipe_to_the_side_that_the_action_names(shared_data):
    """UTD-MHAD's swipes, all by the right hand: the person's left is right in an image from in front."""
    conversion = utd_mhad(shared_data / 'utd_mhad' / 'skeleton')
    target = get_layout('posetics17')
    wrists = target.indices(('left_wrist', 'right_wrist'))
    for yaw, sign in ((0, 1), (25, 1), (180, -1)):
        for action, direction in (('swipe left', 1), ('swipe right', -1)):
            agree, right = [], []
            for job in conversion.jobs:
                if conversion.classes[job.source[1]] != action:
                    continue
                result = clip(conversion.read(job.source).keypoint)
                result = MapLayout('posetics17')(ProjectToCamera([dict(yaw=yaw, distance=3)])(result))
                path = result['keypoint'][0]
                moved = np.abs(np.diff(path[:, wrists], axis=0)).sum(axis=(0, 2))
                right.append(moved[1] > moved[0])
                # while the hand is raised
                wrist = path[path[:, wrists[1], 1] < path[:, target.index('mid_hip'), 1] - 0.1][
                    :, wrists[1], 0
                ]
                half = len(wrist) // 2
                agree.append((wrist[half:].mean() - wrist[:half].mean()) * sign * direction > 0)
            assert np.mean(right) == 1 and np.mean(agree) > 0.9, (yaw, action)
