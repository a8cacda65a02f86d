"""From any kind of input to labels, scores, tracks and timings."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmactrep.apis import BatchError, InferenceError, NoPersonError, SkeletonInferencer
from mmactrep.apis.pose_inputs import kind_of_input
from mmactrep.files import BadFileError
from mmactrep.pose.experts import UnknownExpertError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.video.frames import VideoError, VideoFrames
from mmactrep.visualization import write_video
from tests.helpers.inference_fakes import CLASSES, FakeEstimator, walking

STAGES = ['decode', 'experts', 'aggregation', 'recognition']


def inferencer(tiny, estimator=None, **options) -> SkeletonInferencer:
    return SkeletonInferencer(*tiny, 'cpu', estimator=estimator or FakeEstimator(), **options)


@pytest.fixture(scope='module')
def video(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp('video') / 'small.mp4'
    write_video(path, (np.full((48, 64, 3), 8 * t, np.uint8) for t in range(25)), fps=12.5)
    return path


@pytest.fixture(scope='module')
def store(tmp_path_factory) -> SkeletonStore:
    root = tmp_path_factory.mktemp('store') / 'clips'
    with SkeletonStoreWriter(root, 'posetics17', CLASSES) as writer:
        for number in range(3):
            keypoint, score = walking(20 + 60 * number, 'posetics17', 10.0 * number)
            writer.add(f'clip{number}', keypoint[None], score[None], number, (480, 640), 25.0)
        writer.finish()
    return SkeletonStore(root)


def test_kinds_of_input(tmp_path):
    (tmp_path / 'openpose').mkdir()
    kinds = {
        'video': ['a.mp4', Path('b.avi')],
        'stream': [0, '0', 'rtsp://host/1', 'http://host/a.m3u8'],
        'skeleton': ['a.npz', 'b.json', tmp_path / 'openpose'],
        'store': ['root::clip', ('root', 'clip'), (Path('root'), 3)],
        'frames': [np.zeros((1, 2, 2, 3), np.uint8)],
        'clip': [dict(keypoint=1)],
    }
    for kind, inputs in kinds.items():
        assert [kind_of_input(item) for item in inputs] == [kind] * len(inputs)
    with pytest.raises(InferenceError, match='found float'):
        kind_of_input(1.5)


def test_a_video(tiny, video, recognizer):
    estimator = FakeEstimator(persons=2, delay=0.002)
    result = inferencer(tiny, estimator, window=None)(str(video), batch_size=7)
    assert estimator.frames == list(range(25))
    assert estimator.sources == [str(video)]
    assert (result['input'], result['num_frames'], result['fps']) == ('small.mp4', 25, 12.5)
    assert (result['img_shape'], result['layout'], result['classes']) == ((48, 64), 'coco17', CLASSES)
    assert list(result['timings']) == STAGES
    # side by side, experts take as long as the calls did, not the sum of their times
    experts = result['timings']['experts']
    assert 25 * 0.002 <= experts['seconds'] < 3 and experts['fps'] == pytest.approx(25 / experts['seconds'])
    assert {name: entry['seconds'] for name, entry in result['expert_timings'].items()} == dict(
        slow=2.0, fast=1.0
    )
    assert [track['track'] for track in result['tracks']] == [0, 1]
    for track, (keypoint, _) in zip(result['tracks'], estimator.bodies):
        clip = dict(keypoint=keypoint[None, :25], img_shape=(48, 64), layout='coco17')
        expected = recognizer([clip])[0]
        np.testing.assert_allclose(track['class_scores'], expected, atol=1e-6)
        assert track['labels'][0] == CLASSES[expected.argmax()]
        assert track['scores'] == pytest.approx(sorted(expected.tolist(), reverse=True), abs=1e-6)
        np.testing.assert_array_equal(track['keypoint'], keypoint[:25])
    mean = np.mean([track['class_scores'] for track in result['tracks']], axis=0)
    np.testing.assert_allclose(result['class_scores'], mean, atol=1e-6)


def test_windows_of_a_long_track(tiny):
    frames = np.zeros((40, 8, 8, 3), np.uint8)
    result = inferencer(tiny, window=16, stride=8)(frames)
    windows = result['tracks'][0]['windows']
    assert [(w['start'], w['end']) for w in windows] == [(0, 16), (8, 24), (16, 32), (24, 40)]
    mean = np.mean([w['class_scores'] for w in windows], axis=0)
    np.testing.assert_allclose(result['tracks'][0]['class_scores'], mean, atol=1e-6)


def test_frames_video_and_capture_agree(tiny, video):
    capture = cv2.VideoCapture(str(video))
    frames = np.stack([cv2.cvtColor(capture.read()[1], cv2.COLOR_BGR2RGB) for _ in range(25)])
    first, second = inferencer(tiny)([str(video), frames])
    np.testing.assert_allclose(first['class_scores'], second['class_scores'])


def test_a_list_gives_a_list(tiny, video, store):
    results = inferencer(tiny)([str(video), (store, 'clip1')])
    assert [result['input'] for result in results] == ['small.mp4', 'clip1']


@pytest.mark.parametrize(
    'spell', [lambda s: f'{s.root}::clip2', lambda s: (s, 'clip2'), lambda s: (s.root, 2)]
)
def test_a_store_clip_is_predicted_as_in_testing(tiny, store, recognizer, spell):
    result = inferencer(tiny, window=16)(spell(store))
    np.testing.assert_allclose(result['class_scores'], recognizer([store[2]])[0], atol=1e-6)
    assert (result['num_frames'], result['fps'], result['img_shape']) == (140, 25.0, (480, 640))
    assert [(w['start'], w['end']) for w in result['windows']] == [(0, 140)]


def test_a_store_clip_through_windows(tiny, store):
    result = inferencer(tiny, window=70)((store, 2), persons='each')
    assert [(w['start'], w['end']) for w in result['tracks'][0]['windows']] == [(0, 70), (35, 105), (70, 140)]
    with pytest.raises(ValueError, match="'each' or 'together'"):
        inferencer(tiny)((store, 2), persons='both')


def test_an_annotation_dictionary(tiny, store, recognizer):
    clip = store[1]
    result = inferencer(tiny)(dict(keypoint=clip['keypoint'], layout='posetics17'))
    expected = recognizer([dict(keypoint=clip['keypoint'], img_shape=(480, 640))])[0]
    np.testing.assert_allclose(result['class_scores'], expected, atol=1e-6)


def test_skeleton_files(tiny, tmp_path, recognizer):
    keypoint, _ = walking(30)
    np.savez(tmp_path / 'one.npz', keypoint=keypoint)
    result = inferencer(tiny)(str(tmp_path / 'one.npz'), file_layout='coco17', img_shape=(480, 640))
    clip = dict(keypoint=keypoint[None], img_shape=(480, 640), layout='coco17')
    np.testing.assert_allclose(result['class_scores'], recognizer([clip])[0], atol=1e-5)
    assert result['img_shape'] == (480, 640)
    people = [
        [dict(pose2d=[*frame[:, 0].tolist(), *frame[:, 1].tolist()])] for frame in walking(12, 'lcrnet13')[0]
    ]
    (tmp_path / 'lcr.json').write_text(json.dumps(dict(frames=people)))
    result = inferencer(tiny)(tmp_path / 'lcr.json')
    assert (result['layout'], result['num_frames']) == ('lcrnet13', 12)
    joints = result['tracks'][0]['keypoint'].reshape(-1, 2)
    assert result['img_shape'][1] == int(np.ceil(joints[:, 0].max())) + 1


def test_a_file_that_starts_late_and_has_gaps(tiny, tmp_path):
    keypoint, score = walking(40)
    entries = [
        dict(
            image_id=100 + t,
            keypoints=np.c_[keypoint[t], score[t]].reshape(-1).tolist(),
            score=1.0,
            category_id=1,
        )
        for t in range(40)
        if not 10 <= t < 13
    ]
    (tmp_path / 'coco.json').write_text(json.dumps(entries))
    result = inferencer(tiny)(tmp_path / 'coco.json')
    assert result['num_frames'] == 40 and len(result['tracks']) == 1
    np.testing.assert_allclose(result['tracks'][0]['keypoint'][20], keypoint[20], atol=1e-3)


def test_bad_inputs(tiny, tmp_path, store):
    infer = inferencer(tiny)
    with pytest.raises((VideoError, FileNotFoundError), match='absent'):
        infer(str(tmp_path / 'absent.mp4'))
    (tmp_path / 'text.mp4').write_text('no video')
    with pytest.raises(VideoError, match='text'):
        infer(str(tmp_path / 'text.mp4'))
    with pytest.raises(InferenceError, match=r'\(T, H, W, 3\) uint8 in RGB, found \(4, 4, 3\)'):
        infer(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(InferenceError, match='float64'):
        infer(np.zeros((1, 4, 4, 3)))
    with pytest.raises(InferenceError, match="no clip 'nobody'"):
        infer((store, 'nobody'))
    with pytest.raises(InferenceError, match='has 3 clips, there is no clip 3'):
        infer((store, 3))
    with pytest.raises(InferenceError, match=r'is a store of many clips: name one of them, .*::CLIP'):
        infer(str(store.root))
    with pytest.raises(InferenceError, match='layout of the joints is not known'):
        infer(dict(keypoint=np.zeros((1, 5, 17, 2))))
    with pytest.raises(InferenceError, match='found \\(1, 5, 12, 2\\)'):
        infer(dict(keypoint=np.zeros((1, 5, 12, 2)), layout='coco17'))
    with pytest.raises(InferenceError, match='finite'):
        infer(dict(keypoint=np.full((1, 5, 17, 2), np.inf), layout='coco17'))
    with pytest.raises(InferenceError, match='at least 0'):
        infer(dict(keypoint=np.ones((1, 5, 17, 2)), keypoint_score=-np.ones((1, 5, 17)), layout='coco17'))
    for foreign in ('a', True, 1j):
        with pytest.raises(InferenceError, match='expected numbers'):
            infer(dict(keypoint=np.full((1, 5, 17, 2), foreign), layout='coco17'))
    with pytest.raises(NoPersonError, match='nobody'):  # NaN marks what nobody saw
        infer(dict(keypoint=np.full((1, 5, 17, 2), np.nan), layout='coco17'))
    with pytest.raises(NoPersonError, match='nobody'):
        infer(dict(keypoint=np.zeros((1, 5, 17, 2)), layout='coco17'))
    np.savez(tmp_path / 'empty.npz', keypoint=np.zeros((5, 17, 2)))
    with pytest.raises((NoPersonError, BadFileError), match='empty'):
        infer(tmp_path / 'empty.npz', file_layout='coco17')


def test_a_list_with_a_bad_input_keeps_the_others(tiny, video, store, tmp_path):
    infer = inferencer(tiny)
    inputs = [str(video), str(tmp_path / 'absent.mp4'), (store, 'clip1')]
    with pytest.raises(BatchError, match=r'1 of 3 inputs cannot be used: .*absent\.mp4') as caught:
        infer(inputs)
    assert [result and result.name for result in caught.value.results] == ['small.mp4', None, 'clip1']
    assert list(caught.value.errors) == [1]
    found = [result for _, result in infer.iterate(inputs)]
    assert isinstance(found[1], Exception) and found[2].name == 'clip1'
    # what no other input would escape ends at once
    with pytest.raises(UnknownExpertError):
        list(SkeletonInferencer(*tiny, 'cpu', experts='nonsense').iterate([str(video)] * 2))


def test_a_result_in_its_two_forms(tiny, video):
    result = inferencer(tiny, FakeEstimator(persons=2))(str(video))
    plain = result.to_dict()
    assert plain['labels'] == result.labels == result['labels']
    assert plain['tracks'][1]['keypoint'] is result.persons[1].track.keypoint
    assert plain['tracks'][0]['votes'].tolist() == [2] * 25
    assert (plain['layout'], plain['num_experts'], plain['input']) == ('coco17', 2, 'small.mp4')
    assert result.timings['experts']['fps'] == pytest.approx(25 / result.seconds['experts'])
    with pytest.raises(KeyError):
        result['nonsense']


def test_an_opened_video_is_an_input(tiny, video):
    infer = inferencer(tiny)
    opened = VideoFrames(video)
    result = infer(opened)
    np.testing.assert_array_equal(result.class_scores, infer(str(video)).class_scores)
    assert (result.name, result.fps) == ('small.mp4', opened.fps)
    assert sum(1 for _ in opened) == 25  # drawing reads it once more


def test_a_video_that_does_not_fit_its_poses_is_told(tiny, video, tmp_path):
    keypoint, _ = walking(30)  # five frames more than the video, and a picture of another size
    np.savez(tmp_path / 'poses.npz', keypoint=keypoint)
    infer = SkeletonInferencer(*tiny, 'cpu', experts=f'{tmp_path}/poses.npz@coco17')
    notes = infer(str(video)).notes
    assert any('joints' in note and 'lie outside the picture of 64 x 48' in note for note in notes)
    assert any(
        'poses of 5 of its 30 frames lie outside the video, which has the frames 0 to 24' in n for n in notes
    )
    # the same file is not the poses of another video
    other = tmp_path / 'other.mp4'
    other.write_bytes(video.read_bytes())
    with pytest.raises(InferenceError, match=r'holds the poses of one video, .*\{stem\}'):
        infer(str(other))


def test_nobody_in_a_video(tiny, video):
    with pytest.raises(NoPersonError, match=r'small\.mp4: nobody was found in its 25 frames'):
        inferencer(tiny, FakeEstimator(persons=0))(str(video))


def test_unknown_expert(tiny, video):
    infer = SkeletonInferencer(*tiny, 'cpu', experts='nonsense')
    with pytest.raises(UnknownExpertError, match="unknown pose expert 'nonsense'"):
        infer(str(video))


def test_a_precomputed_expert_on_a_video(tiny, video, tmp_path):
    """The real estimator, without a network."""
    keypoint, _ = walking(25)
    np.savez(tmp_path / 'poses.npz', keypoint=keypoint)
    spec = dict(type='PrecomputedExpert', path=str(tmp_path / 'poses.npz'), layout='coco17')
    result = SkeletonInferencer(*tiny, 'cpu', experts=spec, window=None)(str(video))
    assert len(result['tracks']) == 1
    np.testing.assert_allclose(result['tracks'][0]['keypoint'], keypoint, atol=1e-4)


def test_tracks_can_be_limited(tiny, video):
    result = inferencer(tiny, FakeEstimator(persons=3), max_tracks=2)(str(video))
    assert len(result['tracks']) == 2


def test_two_persons_together(tiny, video, recognizer):
    result = inferencer(tiny, FakeEstimator(persons=2), window=None)(str(video), persons='together')
    assert len(result['windows']) == 1 and all(not track['windows'] for track in result['tracks'])
    keypoint = walking(25)[0]  # the model takes one person, the first
    clip = dict(keypoint=keypoint[None], img_shape=(48, 64), layout='coco17')
    np.testing.assert_allclose(result['class_scores'], recognizer([clip])[0], atol=1e-6)
