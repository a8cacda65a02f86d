"""MediaPipe's network on squares of a frame."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.experts import ExpertUnavailableError, build_expert
from mmactrep.pose.experts.blazepose_crops import BlazePoseCrops, aligned_square, upright_square
from mmactrep.pose.experts.frame_cache import FrameCache
from mmactrep.pose.experts.movenet_poses import Square
from mmactrep.pose.experts.person_search import Pose, mirrored
from mmactrep.structures import get_layout
from mmactrep.video.frames import VideoFrames

COCO, BLAZE = get_layout('coco17'), BlazePoseCrops.layout


@pytest.fixture
def frame(shared_data):
    pytest.importorskip('mediapipe', reason='needs mediapipe: requirements/mediapipe.txt')
    return next(iter(VideoFrames(shared_data / 'videos' / 'S001C001P001R001A001_rgb.avi')))


def test_the_square_is_turned_as_the_person_is():
    square = aligned_square(np.array([50.0, 80.0]), np.array([50.0, 40.0]))
    assert (square.x, square.y, square.side, square.turn) == (50, 80, pytest.approx(100), 0)
    lying = aligned_square(np.array([50.0, 80.0]), np.array([90.0, 80.0]))
    assert lying.turn == pytest.approx(np.pi / 2) and lying.side == pytest.approx(100)


def test_the_square_around_joints_of_another_estimator():
    keypoint, score = np.zeros((17, 2), np.float32), np.zeros(17, np.float32)
    places = dict(left_shoulder=(60, 100), right_shoulder=(40, 100), left_hip=(55, 150), right_hip=(45, 150))
    for joint, place in places.items():
        keypoint[COCO.index(joint)], score[COCO.index(joint)] = place, 1
    square = upright_square(Pose(keypoint, score), COCO)
    # a trunk of 50 pixels: a whole person reaches 1.9 times as far, whatever is in view
    assert (square.x, square.y) == (50, 150) and square.side == pytest.approx(2.5 * 1.9 * 50)
    assert square.turn == pytest.approx(0)
    score[COCO.indices(['left_hip', 'right_hip'])] = 0
    nose = COCO.index('nose')
    keypoint[nose], score[nose] = (50, 80), 1
    assert upright_square(Pose(keypoint, score), COCO).y == pytest.approx(100 + 2 * 20)


def test_a_square_gives_what_mediapipe_gives_for_the_whole_frame(frame):
    whole = build_expert(dict(type='MediaPipeExpert', mode='single_frame', max_persons=1)).predict([frame])[0]
    crops = BlazePoseCrops(FrameCache())
    hips = whole.keypoint[0, BLAZE.indices(['left_hip', 'right_hip'])].mean(axis=0)
    pose, square = crops(frame, Square(*hips.tolist(), 900.0))
    pose, _ = crops(frame, square)
    limbs = BLAZE.indices(
        [f'{s}_{p}' for s in ('left', 'right') for p in ('shoulder', 'hip', 'knee', 'elbow')]
    )
    assert np.linalg.norm(pose.keypoint[limbs] - whole.keypoint[0, limbs], axis=1).max() < 25  # of 1080 lines
    crops.close()


def test_mirrored_sees_the_mirror(frame):
    square = Square(1010.0, 480.0, 900.0, 0.2)
    plain, at = BlazePoseCrops(FrameCache())(np.ascontiguousarray(frame[:, ::-1]), square)
    turned = Square(1919 - square.x, square.y, square.side, -square.turn)
    other, there = BlazePoseCrops(FrameCache(), mirror=True)(frame, turned)
    keypoint, score = mirrored(plain.keypoint, plain.score, 1920, BLAZE)
    np.testing.assert_allclose(other.keypoint, keypoint, atol=0.1)
    np.testing.assert_allclose(other.score, score, atol=1e-5)
    assert (there.x, there.turn) == (pytest.approx(1919 - at.x, abs=0.1), pytest.approx(-at.turn, abs=1e-3))


def test_nobody_in_an_empty_square(frame):
    assert BlazePoseCrops(FrameCache())(np.zeros_like(frame), Square(900, 500, 600)) is None


def test_both_persons_of_a_video(frame, shared_data):
    try:
        expert = build_expert('mediapipe-crops')
    except ExpertUnavailableError as error:
        pytest.skip(str(error))
    video = iter(VideoFrames(shared_data / 'videos' / 'ntu_sample.mp4'))
    frames = [next(video) for _ in range(3)]
    expert.start('ntu_sample.mp4')
    again = []
    for _ in range(2):
        expert.start('ntu_sample.mp4')
        again.append(expert.predict(frames))
    assert [len(poses) for poses in again[0]] == [2, 2, 2]
    for before, after in zip(*again):
        np.testing.assert_array_equal(before.keypoint, after.keypoint)
    expert.close()
