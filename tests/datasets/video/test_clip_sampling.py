"""Clips of a video: which frames they take, and the seconds that they state."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.datasets.video import SampleVideoClips, notes
from mmactrep.datasets.video.clip_sampling import StrideError, clips_by_frames, clips_by_seconds, draw_places
from mmactrep.video.opened_video import OpenedVideo


def even_video(count, fps):
    return np.arange(count) / fps, count / fps


def test_a_clip_covers_length_times_stride_frames():
    seconds, duration = even_video(100, 10)
    numbers, times = clips_by_frames(seconds, duration, 8, 8, np.array([0.0, 0.5, 1.0]))
    # 64 frames are covered, so that a clip may begin at frames 0 to 36
    assert numbers[:, 0].tolist() == [0, 18, 36]
    np.testing.assert_array_equal(numbers[1], [18, 26, 34, 42, 50, 58, 66, 74])
    np.testing.assert_allclose(times, [[0, 6.4, 6.4], [1.8, 8.2, 6.4], [3.6, 10.0, 6.4]])


def test_times_are_those_of_the_frames_not_of_a_rate():
    seconds = np.array([0.0, 0.1, 0.2, 1.0, 1.1, 3.0])
    numbers, times = clips_by_frames(seconds, 3.5, 2, 2, np.array([0.0, 0.99]))
    np.testing.assert_array_equal(numbers, [[0, 2], [2, 4]])
    np.testing.assert_allclose(times, [[0.0, 1.1, 1.1], [0.2, 3.5, 3.3]])


@pytest.mark.parametrize('fps', [25, 30, 59.94])
def test_a_stride_in_seconds_shows_the_same_moments_at_every_rate(fps):
    seconds, duration = even_video(round(4 * fps), fps)
    numbers, times = clips_by_seconds(seconds, duration, 8, 0.25, np.array([0.5]))
    moments = (duration - 2) * 0.5 + 0.25 * np.arange(8)
    behind = moments - seconds[numbers[0]]
    assert (behind > -1e-5).all() and (behind < 1 / fps).all()  # the frame that is shown at that moment
    np.testing.assert_allclose(times[0], [moments[0], moments[0] + 2, 2], atol=1e-6)


def test_a_stride_in_seconds_follows_uneven_times():
    seconds = np.array([0.0, 0.1, 0.9, 1.0, 1.9])
    numbers, _ = clips_by_seconds(seconds, 2.0, 4, 0.5, np.array([0.0]))
    np.testing.assert_array_equal(numbers, [[0, 1, 3, 3]])  # shown at 0, 0.5, 1 and 1.5 s


@pytest.mark.parametrize(
    ('short', 'expected'),
    [('replay', [0, 2, 4, 1, 3, 0]), ('hold', [0, 2, 4, 4, 4, 4]), ('squeeze', [0, 0, 1, 2, 3, 4])],
)
def test_a_video_shorter_than_a_clip(short, expected):
    seconds, duration = even_video(5, 10)
    numbers, times = clips_by_frames(seconds, duration, 6, 2, np.array([0.0, 0.9]), short)
    np.testing.assert_array_equal(numbers, [expected, expected])
    np.testing.assert_allclose(times, [[0, 0.5, 0.5]] * 2)
    numbers, times = clips_by_seconds(seconds, duration, 6, 0.2, np.array([0.9]), short)
    np.testing.assert_array_equal(numbers, [expected])
    np.testing.assert_allclose(times, [[0, 0.5, 0.5]], atol=1e-6)


@pytest.mark.parametrize('short', ['replay', 'hold', 'squeeze'])
def test_one_frame_is_repeated(short):
    for numbers, times in (
        clips_by_frames(np.zeros(1), 0.04, 4, 8, np.array([0.3]), short),
        clips_by_seconds(np.zeros(1), 0.04, 4, 0.3, np.array([0.3]), short),
    ):
        assert numbers.tolist() == [[0, 0, 0, 0]]
        np.testing.assert_allclose(times, [[0, 0.04, 0.04]])


def test_every_start_is_equally_likely(rng):
    seconds, duration = even_video(11, 10)
    numbers, _ = clips_by_frames(seconds, duration, 2, 4, rng.random(8000))
    share = np.bincount(numbers[:, 0]) / 8000
    assert len(share) == 4  # 8 frames are covered
    np.testing.assert_allclose(share, 0.25, atol=0.02)


def test_clips_apart_lie_in_different_parts_in_random_order(rng):
    places = np.stack([draw_places(5, 'apart', rng) for _ in range(400)])
    parts = np.floor(places * 5)
    np.testing.assert_array_equal(np.sort(parts, axis=1), np.tile(np.arange(5), (400, 1)))
    # the query, the first clip, comes from everywhere
    np.testing.assert_allclose(np.bincount(parts[:, 0].astype(int)) / 400, 0.2, atol=0.07)
    assert np.ptp(places, axis=1).min() > 0.6


def test_even_clips_go_from_the_first_to_the_last_start():
    np.testing.assert_allclose(draw_places(5, 'even'), [0, 0.25, 0.5, 0.75, 1])
    assert draw_places(1, 'even').tolist() == [0.5]


def video_of(count, fps=30.0, every=1):
    video = OpenedVideo.of_frames([np.full((4, 4, 3), number, np.uint8) for number in range(count)], fps)
    return OpenedVideo(video.seconds, video.duration, video.pick, every)


def test_the_transform_gives_mmaction2s_keys_and_float32_times(rng):
    sample = SampleVideoClips(length=4, stride=3, num_clips=5)
    results = sample.transform(dict(video=video_of(90), rng=rng))
    assert results['frame_inds'].shape == (20,) and (results['num_clips'], results['clip_len']) == (5, 4)
    assert results['clip_times'].shape == (5, 3) and results['clip_times'].dtype == np.float32
    starts = results['frame_inds'].reshape(5, 4)[:, 0]
    np.testing.assert_allclose(results['clip_times'][:, 0], starts / 30, rtol=1e-6)
    np.testing.assert_allclose(results['clip_times'][:, 2], 12 / 30, rtol=1e-5)


def test_the_same_generator_gives_the_same_clips():
    sample = SampleVideoClips(num_clips=5)
    first, second, other = (
        sample.transform(dict(video=video_of(200), rng=np.random.default_rng(seed)))['frame_inds']
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_a_stride_counts_frames_of_the_recording_where_only_some_are_kept(rng):
    # every second frame is kept, so a stride of 8 is 4 of them
    results = SampleVideoClips(length=3, stride=8).transform(dict(video=video_of(30, 15, every=2), rng=rng))
    assert np.diff(results['frame_inds']).tolist() == [4, 4]
    with pytest.raises(StrideError, match=r'every 2\. frame.*multiple of 2 frames, found 5'):
        SampleVideoClips(length=3, stride=5).transform(dict(video=video_of(30, 15, every=2), rng=rng))


def test_without_an_opened_video_the_rate_gives_the_times(rng):
    results = SampleVideoClips(length=4, stride=5, spread='even').transform(
        dict(total_frames=100, avg_fps=20.0, start_index=1)
    )
    np.testing.assert_allclose(results['clip_times'], [[2.0, 3.0, 1.0]])
    assert results['frame_inds'].tolist() == [41, 46, 51, 56]


def test_a_short_video_is_named_in_the_log(monkeypatch):
    lines = []
    monkeypatch.setattr(notes, 'print_log', lambda message, **_: lines.append(message))
    sample = SampleVideoClips(length=8, stride=8, short='hold')
    for number in range(5):
        sample.transform(dict(video=video_of(20), rng=np.random.default_rng(0), frame_dir=f'v{number}'))
    assert len(lines) == 3 and "'v0' has 20 frames (0.67 s)" in lines[0] and 'holds its last' in lines[0]
    assert lines[2].endswith('further ones are not named')


@pytest.mark.parametrize(
    'wrong',
    [
        dict(stride=0.5),
        dict(stride=0),
        dict(length=0),
        dict(num_clips=0),
        dict(spread='far'),
        dict(short='no'),
    ],
)
def test_bad_arguments(wrong):
    with pytest.raises(ValueError, match=r'expected|must be one of'):
        SampleVideoClips(**wrong)
