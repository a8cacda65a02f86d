"""Sliding windows over tracks."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.apis.windows import PersonGroup, score_windows
from mmactrep.structures import get_layout
from mmactrep.structures.poses import PoseTrack
from mmactrep.structures.windows import window_spans
from tests.helpers.inference_fakes import walking

COCO = get_layout('coco17')


def track_of(num_frames: int, start: int = 0, number: int = 0) -> PoseTrack:
    keypoint, score = walking(num_frames, shift=50.0 * number)
    return PoseTrack(number, start, keypoint, score, np.ones(num_frames, np.float32))


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        ((10, None), [(0, 10)]),
        ((10, 10), [(0, 10)]),
        ((10, 99), [(0, 10)]),
        ((10, 4), [(0, 4), (2, 6), (4, 8), (6, 10)]),
        ((11, 4), [(0, 4), (2, 6), (4, 8), (6, 10), (7, 11)]),
        ((10, 4, 4), [(0, 4), (4, 8), (6, 10)]),
        ((10, 4, 100), [(0, 4), (6, 10)]),
        ((1, 1), [(0, 1)]),
    ],
)
def test_window_spans(arguments, expected):
    assert window_spans(*arguments) == expected


def test_windows_cover_every_frame():
    for frames in range(1, 40):
        for window in range(1, 12):
            spans = window_spans(frames, window, max(1, window - 1))
            seen = sorted({t for start, end in spans for t in range(start, end)})
            assert seen == list(range(frames))
            assert all(end - start == min(window, frames) for start, end in spans)


@pytest.mark.parametrize('arguments', [(0, 4), (4, 0), (4, 2, 0)])
def test_window_spans_refuse_nonsense(arguments):
    with pytest.raises(ValueError, match='at least 1'):
        window_spans(*arguments)


def test_a_window_is_the_clip_cut_by_hand(recognizer):
    track = track_of(50, start=100)
    found = score_windows(recognizer, [PersonGroup.alone(track)], COCO, (480, 640), window=20, stride=15)[0]
    assert [(w.start, w.end, w.seen) for w in found] == [(100, 120, 20), (115, 135, 20), (130, 150, 20)]
    for window in found:
        rows = slice(window.start - 100, window.end - 100)
        clip = dict(keypoint=track.keypoint[None, rows], img_shape=(480, 640), layout='coco17')
        np.testing.assert_allclose(window.scores, recognizer([clip])[0], atol=1e-6)


def test_frames_without_the_person_are_cut_out(recognizer):
    whole = track_of(30)
    score = whole.score.copy()
    score[10:14] = 0
    gap = PoseTrack(0, 0, np.where(score[..., None] > 0, whole.keypoint, 0), score, whole.confidence)
    found = score_windows(recognizer, [PersonGroup.alone(gap)], COCO, (480, 640))[0]
    kept = [*range(10), *range(14, 30)]
    clip = dict(keypoint=whole.keypoint[None, kept], img_shape=(480, 640), layout='coco17')
    assert found[0].seen == 26
    np.testing.assert_allclose(found[0].scores, recognizer([clip])[0], atol=1e-6)


def test_too_short_tracks_have_no_windows(recognizer):
    tracks = [PersonGroup.alone(track_of(frames)) for frames in (3, 4)]
    found = score_windows(recognizer, tracks, COCO, (480, 640), min_frames=4)
    assert [len(windows) for windows in found] == [0, 1]
    assert score_windows(recognizer, [], COCO, (480, 640)) == []


def test_persons_joined_stand_where_they_were():
    first, second = track_of(10, 5), track_of(6, 12, number=1)
    both = PersonGroup.together([first, second], max_persons=2)
    assert (both.start, both.keypoint.shape) == (5, (2, 13, 17, 2))
    np.testing.assert_array_equal(both.keypoint[0, :10], first.keypoint)
    np.testing.assert_array_equal(both.keypoint[1, 7:], second.keypoint)
    assert not both.score[0, 10:].any() and not both.score[1, :7].any()
    assert len(PersonGroup.together([first, second], max_persons=1).keypoint) == 1
