"""MoveNet as experts: coordinates on made pictures, persons on a drawn figure and on real videos."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mmactrep.pose.experts import ExpertUnavailableError, MoveNetExpert, build_expert, build_experts
from mmactrep.pose.experts.movenet_model import MODELS, require_model
from mmactrep.pose.experts.movenet_poses import (
    Square,
    cut,
    fit,
    joints_in_square,
    read_persons,
    square_around,
)
from mmactrep.pose.experts.person_finder import MultiposeFinder, distinct, make_finder
from mmactrep.pose.tracking.similarity import joint_sigmas
from mmactrep.structures import get_layout
from mmactrep.structures.poses import FramePoses
from mmactrep.video.frames import VideoFrames
from tests.tools.test_convert_movenet import tool, where_drawn  # noqa: F401  a fixture

LAYOUT = get_layout('coco17')


@pytest.fixture
def weights():
    try:
        for model in MODELS:
            require_model(model)
    except ExpertUnavailableError as error:
        pytest.skip(str(error))


def spot(height: int, width: int, x: int, y: int, size: int = 9) -> np.ndarray:
    """A white square around a pixel of a black picture."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[y - size // 2 : y + size // 2 + 1, x - size // 2 : x + size // 2 + 1] = 255
    return picture


def middle_of(picture: np.ndarray) -> np.ndarray:
    """(y, x) center of what is bright, in shares of the sides, as MoveNet gives joints."""
    weight = picture[..., 0].astype(np.float64)
    y, x = np.indices(weight.shape)
    return np.array(
        [((y + 0.5) * weight).sum() / len(weight), ((x + 0.5) * weight).sum() / weight.shape[1]]
    ) / (weight.sum())


@pytest.mark.parametrize(
    'height, width, share, sides',
    [(540, 960, 1, (224, 384)), (100, 50, 1, (384, 192)), (540, 960, 0.4, (384, 384))],
)
def test_where_multipose_sees_something_is_where_it_is(height, width, share, sides):
    padded, scale, corner = fit(spot(height, width, 30, 71), 384, share)
    assert padded.shape == (*sides, 3)
    assert (corner == (0, 0)) == (share == 1)
    output = np.zeros((6, 56), np.float32)
    output[2, :51] = np.tile([*middle_of(padded), 0.9], 17)
    output[2, 55] = 0.5
    output[4] = output[2]
    output[4, 55] = 0.8
    output[4, 2] = 0.1  # the nose is unsure
    output[5, 55] = 0.05
    poses, scores = read_persons(output, padded.shape[:2], scale, (height, width), 0.1, 0.2, corner)
    np.testing.assert_array_equal(scores, np.float32([0.8, 0.5]))
    np.testing.assert_allclose(poses.keypoint[1], np.tile([30, 71], (17, 1)), atol=0.8)
    assert poses.score[0, 0] == 0 and poses.score[1, 0] == np.float32(0.9)


@pytest.mark.parametrize('square', [Square(40, 60, 81), Square(5, 3, 120), Square(118, 95, 300.4)])
def test_where_a_crop_shows_something_is_where_it_is(square):
    frame = spot(100, 120, 33, 42, 5)
    output = np.tile([*middle_of(cut(frame, square, 256)), 0.7], (17, 1))
    keypoint, score = joints_in_square(output.astype(np.float32), square, frame.shape[:2], 0.2)
    np.testing.assert_allclose(keypoint, np.tile([33, 42], (17, 1)), atol=0.6)
    assert (score == np.float32(0.7)).all()


def test_joints_outside_the_frame_are_missing():
    output = np.full((17, 3), 0.9, np.float32)
    _, score = joints_in_square(output, Square(95, 50, 50), (100, 100), 0.2)
    assert not score.any()
    assert not cut(spot(100, 100, 50, 50), Square(500, 500, 40), 64).any()


def test_the_crop_is_the_one_that_movenet_s_authors_publish():
    keypoint, score = np.zeros((17, 2), np.float32), np.zeros(17, np.float32)
    for joint, place in dict(left_hip=(110, 200), right_hip=(90, 200), left_shoulder=(120, 100)).items():
        keypoint[LAYOUT.index(joint)], score[LAYOUT.index(joint)] = place, 0.9
    square = square_around(keypoint, score, LAYOUT)
    assert (square.x, square.y) == (100, 200) and square.side == pytest.approx(2 * 1.9 * 100)
    foot = LAYOUT.index('left_ankle')
    keypoint[foot], score[foot] = (100, 390), 0.5
    assert square_around(keypoint, score, LAYOUT).side == pytest.approx(2 * 1.2 * 190)
    score[:] = 0
    arm = LAYOUT.indices(['left_wrist', 'left_shoulder'])
    keypoint[arm], score[arm] = [(10, 20), (50, 100)], 1
    square = square_around(keypoint, score, LAYOUT)
    assert (square.x, square.y, square.side) == (30, 60, pytest.approx(2 * 1.2 * 40))


def test_who_is_found_twice_is_kept_once():
    body = np.random.default_rng(0).uniform(0, 100, (17, 2))
    keypoint = np.stack([body, body + 1, body + 200])
    poses = FramePoses(keypoint, np.ones((3, 17)))
    assert distinct(poses, joint_sigmas(LAYOUT), 0.6) == [0, 2]


@pytest.mark.parametrize('model', MODELS)
def test_the_drawn_figure_in_a_wide_frame(tool, weights, model):  # noqa: F811  a fixture
    frame = np.full((480, 900, 3), 205, np.uint8)
    frame[40:440, 400:800] = tool.draw_figure(400)
    expert = MoveNetExpert(model)
    expert.start()
    for poses in expert.predict([frame, frame]):
        assert len(poses) == 1
        seen = 0
        for joint, at, score in zip(LAYOUT.joints, poses.keypoint[0], poses.score[0]):
            if joint.split('_')[-1] in ('shoulder', 'elbow', 'hip', 'knee'):
                y, x = where_drawn(joint)
                seen += score > 0.5
                assert score <= 0.5 or np.hypot(*(at - (400 + 400 * x, 40 + 400 * y))) < 25, joint
        assert seen >= 6


def test_three_experts_share_a_finder(weights):
    names = [f'movenet-{model}' for model in MODELS]
    experts = build_experts([*names, dict(type='MoveNetExpert', finder=dict(size=256), name='other')])
    assert [expert.name for expert in experts] == [*names, 'other']
    assert experts[0].finder is experts[1].finder is experts[2].finder is not experts[3].finder
    assert make_finder(experts[0].finder) is experts[0].finder


def test_two_persons_on_a_real_video(weights, shared_data):
    frames = list(itertools.islice(VideoFrames(shared_data / 'videos' / 'ntu_sample.mp4'), 0, 12, 4))
    for expert in build_experts(['movenet-multipose', 'movenet-lightning']):
        expert.start()
        nose, ankle = (LAYOUT.index(joint) for joint in ('nose', 'left_ankle'))
        for poses in expert.predict(frames):
            assert len(poses) == 2
            # both stand, a third of the frame high, apart from each other
            assert (poses.keypoint[:, ankle, 1] - poses.keypoint[:, nose, 1] > 1080 / 4).all()
            assert abs(np.diff(poses.keypoint[:, nose, 0])) > 100
    assert (
        len(build_expert(dict(type='MoveNetExpert', model='multipose', max_persons=1)).predict(frames)[0])
        == 1
    )


def test_nobody(weights, rng):
    blank = [np.zeros((90, 120, 3), np.uint8), rng.integers(0, 255, (240, 320, 3), dtype=np.uint8)]
    for model in MODELS:
        assert [len(each) for each in MoveNetExpert(model).predict(blank)] == [0, 0]


def test_options_of_multipose_are_those_of_its_finder(weights, shared_data):
    """The same persons as with a finder of these options; a lower least score keeps more joints."""
    frames = list(itertools.islice(VideoFrames(shared_data / 'videos' / 'multi_person.mp4'), 2))
    specs = [
        'movenet-multipose-320',
        dict(type='MoveNetExpert', model='multipose', finder=dict(size=320, min_score=0.1)),
        dict(type='MoveNetExpert', model='multipose', size=320, min_score=0.4),
        'movenet-multipose',
    ]
    experts = build_experts(specs)
    assert [(each.finder.size, each.finder.min_score) for each in experts] == [
        (320, 0.1), (320, 0.1), (320, 0.4), (384, 0.15),
    ]  # fmt: skip
    assert len({id(each.finder) for each in experts}) == 4
    assert experts[0].name == 'movenet-multipose-320'
    low, same, high = (experts[k].predict(frames) for k in range(3))
    for a, b, c in zip(low, same, high):
        np.testing.assert_array_equal(a.keypoint, b.keypoint)
        np.testing.assert_array_equal(a.score, b.score)
        assert (a.score > 0).sum() > (c.score > 0).sum() > 0
        assert a.score[a.score > 0].min() >= 0.1 and c.score[c.score > 0].min() >= 0.4


def test_arguments(weights):
    for make, message in [
        (lambda: MoveNetExpert(max_persons=0), 'max_persons starts at 1, found 0'),
        (lambda: MoveNetExpert(search_every=0), 'max_persons and search_every start at 1'),
        (lambda: MoveNetExpert(finder='yolo'), "finder is 'multipose' or a dictionary of its arguments"),
        (lambda: MoveNetExpert(min_score=1.5), 'min_score is between 0 and 1, found 1.5'),
        (lambda: MoveNetExpert('multipose', size=10), 'size is 64 to 2048 pixels, found 10'),
        (lambda: MoveNetExpert('thunder', size=320), "multipose: MoveNet thunder's picture has 256 pixels"),
        (
            lambda: MoveNetExpert('multipose', size=320, finder=dict(size=384)),
            'size is given twice, to the expert and in its finder',
        ),
        (
            lambda: MoveNetExpert('multipose', min_score=0.1, finder=MultiposeFinder()),
            'min_score: the finder that was given is built already',
        ),
        (lambda: MultiposeFinder(size=10), 'size is 64 to 2048 pixels, found 10'),
        (lambda: MultiposeFinder(min_person=0), 'min_person is between 0 and 1, found 0'),
    ]:
        with pytest.raises(ValueError, match=message):
            make()
