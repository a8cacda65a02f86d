"""Recognition while a source plays."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from mmactrep.apis import ActionStream, InferenceError, SkeletonInferencer
from mmactrep.apis.streaming import open_source, poses_to_track
from mmactrep.structures.poses import TrackedPose
from mmactrep.video.frame_reader import StreamError
from mmactrep.video.frames import VideoError
from mmactrep.visualization import write_video
from tests.helpers.inference_fakes import FakeEstimator, walking


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp('stream') / 'played.mp4'
    write_video(path, (np.full((48, 64, 3), 2 * t, np.uint8) for t in range(60)), fps=50)
    return path


def blank(count: int):
    return (np.zeros((4, 4, 3), np.uint8) for _ in range(count))


def test_every_frame_where_nothing_may_be_dropped(recognizer):
    estimator = FakeEstimator(persons=2)
    stream = ActionStream(recognizer, estimator, window=16, every=5, min_frames=4, drop=False)
    results = list(stream.run(blank(30)))
    assert [result.frame for result in results] == estimator.frames == list(range(30))
    assert [result.frame for result in results if result.predicted] == [3, 8, 13, 18, 23, 28]
    assert not results[2].scores and set(results[3].scores) == {0, 1}
    assert results[4].scores == results[3].scores, 'a prediction stands until the next'
    assert (stream.stats.read, stream.stats.processed, stream.stats.dropped) == (30, 30, 0)


def test_a_prediction_is_that_of_the_window(recognizer):
    stream = ActionStream(recognizer, FakeEstimator(), window=16, every=1, min_frames=4, drop=False)
    last = list(stream.run(blank(40)))[-1]
    keypoint, _ = walking(40)
    clip = dict(keypoint=keypoint[None, 24:40], img_shape=(4, 4), layout='coco17')
    expected = recognizer([clip])[0]
    assert dict(last.scores[0]) == pytest.approx(dict(zip(recognizer.classes, expected.tolist())), abs=1e-5)
    values = [value for _, value in last.scores[0]]
    assert values == sorted(values, reverse=True)


def test_a_file_at_its_own_speed_with_a_slow_expert(recognizer, video):
    """60 frames at 50 a second, an expert of 0.06 s: about a third of them can be worked on."""
    estimator = FakeEstimator(delay=0.06)
    stream = ActionStream(recognizer, estimator, window=30, every=10, min_frames=4, queue_size=2)
    begin = time.monotonic()
    results = list(stream.run(video))
    took = time.monotonic() - begin
    numbers = [result.frame for result in results]
    assert numbers == sorted(set(numbers)), 'the order is kept'
    assert numbers[-1] == 59
    assert estimator.sources[-1] == str(video)
    stats = stream.stats
    assert stats.read == 60 and stats.processed == len(numbers) and stats.dropped == 60 - len(numbers) >= 20
    assert 1.15 < took < 6, 'it plays at 50 frames a second, and does not fall behind'
    # Two frames wait at most: a latency of three times 0.06 s, and predictions now and then.
    assert stats.latency(50) < 0.5
    first, second = np.array_split([result.latency for result in results], 2)
    assert np.median(second) < np.median(first) + 0.25, 'latency does not grow'
    assert any(result.predicted for result in results)


def test_dropped_frames_do_not_make_a_motion_faster(recognizer):
    """The window spans the source's time: every third pose, interpolated, looks like all of them."""
    keypoint, score = walking(48)
    keypoint[..., 1] = keypoint[0, :, 1]  # a straight motion, which interpolation gives back exactly
    sparse = [TrackedPose(0, t, keypoint[t], score[t], 1.0, 1) for t in range(0, 48, 3)]
    track = poses_to_track(sparse)
    assert len(track) == 46 and (track.score[1] == 0).all()
    np.testing.assert_array_equal(track.keypoint[3], keypoint[3])
    stream = ActionStream(recognizer, FakeEstimator(), window=48, min_frames=4)
    for pose in sparse:
        stream._remember([pose], pose.frame)
    found = dict(stream._predict([sparse[-1]], (480, 640))[0])
    expected = recognizer([dict(keypoint=keypoint[None, :46], img_shape=(480, 640), layout='coco17')])[0]
    assert found == pytest.approx(dict(zip(recognizer.classes, expected.tolist())), abs=1e-4)


def test_memory_of_a_track_is_its_window(recognizer):
    stream = ActionStream(recognizer, FakeEstimator(), window=10, every=1000, drop=False)
    for _ in stream.run(blank(100)):
        pass
    assert [pose.frame for pose in stream._windows[0]] == list(range(90, 100))


def test_who_leaves_is_forgotten(recognizer):
    class Leaves(FakeEstimator):
        def update(self, frames, first=0):
            return [poses if first < 10 else [] for poses in super().update(frames, first)]

    stream = ActionStream(recognizer, Leaves(), window=8, every=2, min_frames=4, drop=False)
    results = list(stream.run(blank(30)))
    assert results[9].scores and not results[10].scores
    assert not stream._windows


def test_stopping_and_leaving_early(recognizer):
    threads = threading.active_count()
    stream = ActionStream(recognizer, FakeEstimator(), drop=False)
    frames = []
    for result in stream.run(blank(10_000)):
        frames.append(result.frame)
        if len(frames) == 5:
            stream.stop()
    assert frames == list(range(5))
    run = stream.run(blank(10_000))
    next(run)
    run.close()
    assert threading.active_count() == threads


def test_a_source_that_breaks_off(recognizer):
    def broken():
        yield from blank(7)
        raise OSError('no route to host')

    stream = ActionStream(recognizer, FakeEstimator(), drop=False)
    seen = []
    with pytest.raises(StreamError, match='broke off after 7 frames: no route to host'):
        seen.extend(result.frame for result in stream.run(broken()))
    assert seen == list(range(7)) and stream.stats.processed == 7


def test_loading_a_model_costs_no_frames(recognizer, video):
    """The first frame of an expert takes as long as the whole file."""

    class Loads(FakeEstimator):
        loaded = False

        def update(self, frames, first=0):
            if not self.loaded:
                time.sleep(1.2)
                self.loaded = True
            return super().update(frames, first)

    stream = ActionStream(recognizer, Loads())
    results = list(stream.run(video))
    assert results[0].frame == 0 and len(results) > 30
    assert results[0].latency < 0.6


def test_an_empty_source_and_one_that_never_begins(recognizer):
    def broken():
        raise OSError('no such host')
        yield

    stream = ActionStream(recognizer, FakeEstimator())
    assert list(stream.run(iter([]))) == [] and stream.stats.read == 0
    with pytest.raises(StreamError, match='before its first frame: no such host'):
        list(stream.run(broken()))


def test_an_expert_that_fails_ends_the_reader(recognizer):
    class Fails(FakeEstimator):
        def update(self, frames, first=0):
            raise RuntimeError('out of memory')

    threads = threading.active_count()
    with pytest.raises(RuntimeError, match='out of memory'):
        list(ActionStream(recognizer, Fails()).run(blank(10_000)))
    assert threading.active_count() == threads


def test_sources(video, tmp_path):
    name, frames, fps = open_source(video)
    assert (name, fps) == (str(video), 50)
    assert len(list(frames)) == 60
    assert open_source(str(video), fps=10)[2] == 10
    with pytest.raises(FileNotFoundError, match=r'absent\.mp4'):
        open_source(tmp_path / 'absent.mp4')
    (tmp_path / 'text.mp4').write_text('no video')
    with pytest.raises(VideoError, match=r'text\.mp4: no video that can be read'):
        open_source(tmp_path / 'text.mp4')
    with pytest.raises(InferenceError, match='camera 99 cannot be opened'):
        open_source(99)


def test_the_stream_of_an_inferencer(tiny, tmp_path):
    """The real estimator, with a file for an expert: who is seen in one frame of ten is one person."""
    np.savez(tmp_path / 'poses.npz', keypoint=walking(60)[0])
    spec = dict(type='PrecomputedExpert', path=str(tmp_path / 'poses.npz'), layout='coco17')
    infer = SkeletonInferencer(*tiny, 'cpu', experts=spec, top_k=2)
    stream = infer.stream(window=40, every=10, min_frames=4, drop=False)
    stream.estimator.start()
    frame = np.zeros((4, 4, 3), np.uint8)
    sparse = [stream.estimator.update([frame], number)[0] for number in range(0, 60, 10)]
    assert [[pose.track for pose in persons] for persons in sparse] == [[0]] * 6
    results = list(stream.run(blank(60)))
    assert {pose.track for result in results for pose in result.persons} == {0}
    assert len(results[-1].scores[0]) == 2
    with pytest.raises(RuntimeError, match='online_only'):
        stream.estimator.finish()
    assert infer.estimator is not stream.estimator


def test_wrong_settings(recognizer):
    with pytest.raises(ValueError, match='every must be at least 1'):
        ActionStream(recognizer, FakeEstimator(), every=0)


def test_stats_read_as_a_line(recognizer):
    stream = ActionStream(recognizer, FakeEstimator(), drop=False)
    list(stream.run(blank(10)))
    assert str(stream.stats).startswith('10 of 10 frames, 0 dropped, ')
    assert 'latency' in str(stream.stats)
