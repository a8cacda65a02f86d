"""MediaPipe as an expert, on real videos."""

from __future__ import annotations

import itertools
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from mmactrep import compat
from mmactrep.pose.experts import ExpertUnavailableError, MediaPipeExpert, build_experts
from mmactrep.pose.experts.mediapipe_expert import _BlazePose, mirror_poses
from mmactrep.registry import POSE_EXPERTS
from mmactrep.structures.poses import FramePoses
from mmactrep.video.frames import VideoFrames

MODES = ('tracking', 'single_frame', 'mirrored')


@pytest.fixture
def installed():
    pytest.importorskip('mediapipe', reason='needs mediapipe: requirements/mediapipe.txt')


@pytest.fixture
def video(installed, shared_data):
    def read(name: str, step: int = 1, stop: int | None = None) -> list[np.ndarray]:
        frames = itertools.islice(VideoFrames(shared_data / 'videos' / name), 0, None, step)
        return list(itertools.islice(frames, stop))

    return read


@pytest.mark.parametrize('mode', MODES)
@pytest.mark.parametrize('name', ['S001C001P001R001A001_rgb.avi', 'ntu_sample.mp4'])
def test_somebody_is_seen_in_every_frame(mode, name, video):
    expert = MediaPipeExpert(mode=mode)
    expert.start(name)
    poses = expert.predict(video(name, step=8))
    assert all(len(each) > 0 for each in poses)
    # whoever stands there is more than a third of the frame high, and upright
    nose, ankle = (expert.layout.index(joint) for joint in ('nose', 'left_ankle'))
    assert all(each.keypoint[0, ankle, 1] - each.keypoint[0, nose, 1] > 1080 / 4 for each in poses)
    expert.close()


@pytest.mark.slow
@pytest.mark.parametrize('name', ['S001C001P001R001A001_rgb.avi', 'ntu_sample.mp4'])
def test_somebody_is_seen_in_every_frame_of_the_whole_video(name, video):
    for expert in build_experts('mediapipe-trio'):
        expert.start(name)
        assert all(len(each) > 0 for each in expert.predict(video(name)))
        expert.close()


def test_a_clip_is_the_same_whatever_came_before_it(installed, shared_data):
    folder = shared_data.parent / 'cases' / 'order'
    if not folder.is_dir():
        pytest.skip('no ../shared/cases')
    videos = {
        name: list(itertools.islice(VideoFrames(folder / f'{name}.mp4'), 12)) for name in ('drink', 'upright')
    }

    def watch(expert, name):
        expert.start(name)
        return expert.predict(videos[name])

    expert = MediaPipeExpert(max_persons=1)
    alone = watch(expert, 'drink')
    watch(expert, 'upright')
    for again, before in zip(watch(expert, 'drink'), alone, strict=True):
        np.testing.assert_array_equal(again.keypoint, before.keypoint)
        np.testing.assert_array_equal(again.score, before.score)
    assert any(len(poses) for poses in alone)
    expert.close()


def test_two_persons(video):
    expert = MediaPipeExpert(max_persons=3)
    poses = expert.predict(video('ntu_sample.mp4', stop=4))
    assert [len(each) for each in poses] == [2] * 4
    hips = poses[0].keypoint[:, expert.layout.index('left_hip'), 0]
    assert abs(hips[0] - hips[1]) > 100
    assert [
        len(each) for each in MediaPipeExpert(max_persons=1).predict(video('ntu_sample.mp4', stop=2))
    ] == [1, 1]


def test_people_small_in_the_frame_are_found_in_parts_of_it(video):
    frame = video('multi_person.mp4', stop=1)
    height = frame[0].shape[0]
    found = MediaPipeExpert(mode='single_frame', max_persons=4).predict(frame)[0]
    heights = (found.box[:, 3] - found.box[:, 1]) / height
    assert len(found) >= 3 and heights.max() > 0.5 and heights.min() < 0.4


def test_the_modes_agree_on_the_sides(video):
    frames = video('S001C001P001R001A001_rgb.avi', stop=3)
    tracked, single, mirrored = (
        MediaPipeExpert(mode=mode, max_persons=1).predict(frames)[-1] for mode in MODES
    )
    limbs = MediaPipeExpert.layout.indices(f'{s}_{p}' for s in ('left', 'right') for p in ('hip', 'shoulder'))
    for other in (single, mirrored):
        distance = np.linalg.norm(tracked.keypoint[0, limbs] - other.keypoint[0, limbs], axis=-1)
        assert distance.max() < 15  # of 1080 lines; the shoulders are 60 apart


def test_mirrored_is_tracking_in_the_mirror(video):
    frames = video('S001C001P001R001A001_rgb.avi', stop=3)
    mirrored = MediaPipeExpert(mode='mirrored', max_persons=1).predict(frames)
    tracked = MediaPipeExpert(max_persons=1).predict(
        [np.ascontiguousarray(frame[:, ::-1]) for frame in frames]
    )
    for a, b in zip(mirrored, tracked):
        left, right = (a.keypoint[0, MediaPipeExpert.layout.index(j)] for j in ('left_wrist', 'right_wrist'))
        other = [b.keypoint[0, MediaPipeExpert.layout.index(j)] for j in ('right_wrist', 'left_wrist')]
        np.testing.assert_allclose(left, [1919 - other[0][0], other[0][1]], atol=1e-3)
        np.testing.assert_allclose(right, [1919 - other[1][0], other[1][1]], atol=1e-3)


def test_joints_below_the_frame_are_missing(video):
    frame = video('S001C001P001R001A001_rgb.avi', stop=1)[0]
    expert = MediaPipeExpert(mode='single_frame', max_persons=1)
    whole = expert.predict([frame])[0]
    hip = int(whole.keypoint[0, expert.layout.index('left_hip'), 1])
    cut = expert.predict([np.ascontiguousarray(frame[: hip + 40])])[0]
    feet = expert.layout.indices(['left_ankle', 'right_ankle', 'left_foot', 'right_foot'])
    assert (whole.score[0, feet] > 0).all() and len(cut) == 1
    assert (cut.score[0, feet] == 0).all() and (cut.keypoint[0, feet] == 0).all()


def test_nobody(installed, rng):
    blank = [np.zeros((90, 120, 3), np.uint8), rng.integers(0, 255, (90, 120, 3), dtype=np.uint8)]
    for mode in MODES:
        assert [len(each) for each in MediaPipeExpert(mode=mode).predict(blank)] == [0, 0]


def test_landmarks_become_pixels_and_the_unsure_and_outer_are_missing():
    pose = _BlazePose.__new__(_BlazePose)
    pose._min_visibility, pose._quiet = 0.3, True
    marks = [(0.5, 0.25, 0.9), (0.5, 0.5, 0.29), (1.01, 0.5, 0.9), (0.1, -0.01, 0.9)]
    landmark = [SimpleNamespace(x=x, y=y, visibility=v) for x, y, v in marks]
    found = SimpleNamespace(pose_landmarks=SimpleNamespace(landmark=landmark))
    pose._graph = SimpleNamespace(process=lambda picture: found)
    out = pose(np.zeros((100, 200, 3), np.uint8))
    np.testing.assert_allclose(out.keypoint[0], [99.5, 24.5])
    np.testing.assert_allclose(out.score, [0.9, 0, 0, 0])


def test_mirror_poses():
    layout = MediaPipeExpert.layout
    keypoint = np.zeros((1, 33, 2), np.float32)
    keypoint[0, layout.index('left_wrist')] = [10, 20]
    score = np.zeros((1, 33), np.float32)
    score[0, layout.index('left_wrist')] = 0.7
    out = mirror_poses(FramePoses(keypoint, score), 100, layout)
    assert out.score[0, layout.index('right_wrist')] == np.float32(0.7) and out.score.sum() == np.float32(0.7)
    np.testing.assert_array_equal(out.keypoint[0, layout.index('right_wrist')], [89, 20])


def test_it_does_not_talk(installed, capfd, video):
    expert = POSE_EXPERTS.build(dict(type='MediaPipeExpert', mode='mirrored', name='mine', max_persons=1))
    assert expert.name == 'mine' and expert.layout.name == 'blazepose33'
    expert.predict(video('S001C001P001R001A001_rgb.avi', stop=2))
    assert capfd.readouterr().err == ''


def test_what_is_not_known_noise_is_let_through(capfd):
    with compat.without_mediapipe_noise():
        os.write(2, b'INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n')
        os.write(2, b'E0000 00:00:1.2 7 graph.cc:1] a calculator failed\n')
    assert capfd.readouterr().err == 'E0000 00:00:1.2 7 graph.cc:1] a calculator failed\n'
    with pytest.raises(RuntimeError), compat.without_mediapipe_noise():
        os.write(2, b'and this\n')
        raise RuntimeError
    assert capfd.readouterr().err == 'and this\n'


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mediapipe', None)
    with pytest.raises(ExpertUnavailableError, match=r'pip install .* -r requirements/mediapipe\.txt'):
        MediaPipeExpert()


@pytest.mark.parametrize('complexity, file', [(0, 'lite'), (2, 'heavy')])
def test_a_model_that_the_package_lacks_is_not_downloaded(installed, complexity, file):
    with pytest.raises(ExpertUnavailableError, match=rf'pose_landmark_{file}\.tflite.* get it from https://'):
        MediaPipeExpert(model_complexity=complexity)


def test_arguments():
    for arguments, message in [
        (dict(mode='static'), 'mode must be one of tracking, single_frame, mirrored'),
        (dict(max_persons=0), 'max_persons and search_every start at 1'),
        (dict(search_every=0), 'max_persons and search_every start at 1'),
        (dict(model_complexity=3), 'model_complexity is 0, 1 or 2, found 3'),
    ]:
        with pytest.raises(ValueError, match=message):
            MediaPipeExpert(**arguments)
