"""Segmentation metrics against formulas written out, scikit-learn, and cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from mmactrep.evaluation.functional import (
    edit_score,
    event_average_precision,
    event_map,
    frame_accuracy,
    frame_average_precision,
    frame_map,
    segmental_f1,
)
from mmactrep.evaluation.functional.segmentation_events import levenshtein, match_segments
from mmactrep.structures.segments import (
    Segment,
    labels_to_segments,
    scores_to_segments,
    segment_iou,
    segments_to_labels,
    suppress,
)


def mean_precision_at_positives(scores, labels):
    """The definition, frame by frame."""
    values = []
    for i in np.flatnonzero(labels):
        above = scores >= scores[i]
        values.append(labels[above].sum() / above.sum())
    return np.mean(values)


def test_frame_average_precision_is_the_mean_precision_at_the_positives(rng):
    scores = rng.random((400, 5)).round(2)  # rounded: with ties
    labels = rng.random((400, 5)) < (0.02, 0.1, 0.5, 0.9, 0.0)
    labels[0, :4] = True
    found = frame_average_precision(scores, labels.astype(np.float32))
    expected = [mean_precision_at_positives(scores[:, k], labels[:, k]) for k in range(4)]
    np.testing.assert_allclose(found[:4], expected, atol=1e-12)
    np.testing.assert_allclose(found[1], average_precision_score(labels[:, 1], scores[:, 1]))
    assert np.isnan(found[4])
    assert frame_map(scores, labels) == pytest.approx(np.mean(expected))


def test_frame_average_precision_by_hand():
    # ranked: 1 0 1 -> precisions 1 and 2/3
    scores = np.array([[0.9], [0.5], [0.1]])
    assert frame_average_precision(scores, [[1], [0], [1]])[0] == pytest.approx((1 + 2 / 3) / 2)
    # one score for all frames ranks nothing: the share of positives
    assert frame_map(np.zeros((4, 1)), [[1], [0], [0], [0]]) == pytest.approx(0.25)
    assert np.isnan(frame_map(scores, np.zeros((3, 1))))


def test_frame_accuracy_by_hand():
    scores = [[0.9, 0.1], [0.4, 0.8], [0.7, 0.6], [0.2, 0.3], [0.2, 0.3]]
    labels = [[1, 0], [1, 0], [1, 1], [0, 0], [0, 1]]
    # right: one of one; wrong class; one of two; rightly none; missed
    assert frame_accuracy(scores, labels) == pytest.approx(3 / 5)
    assert frame_accuracy(scores, labels, threshold=None) == pytest.approx(3 / 5)
    assert frame_accuracy(scores, labels, threshold=0.25) == pytest.approx(3 / 5)
    assert frame_accuracy(scores, labels, threshold=0.75) == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ('scores', 'labels', 'message'),
    [
        (np.zeros((3, 2)), np.zeros((3, 3)), r'\(3, 2\) and \(3, 3\)'),
        (np.zeros((0, 2)), np.zeros((0, 2)), 'at least one of each'),
        (np.array([[0.0], [np.nan]]), np.zeros((2, 1)), 'frame 1'),
        (np.zeros((2, 1)), np.full((2, 1), 2), r'0 or 1, found \[2\]'),
    ],
)
def test_bad_frames_are_refused(scores, labels, message):
    with pytest.raises(ValueError, match=message):
        frame_map(scores, labels)


def test_iou_by_hand():
    found = segment_iou([Segment(0, 0, 10), Segment(0, 5, 6)], [Segment(1, 5, 15), Segment(0, 20, 30)])
    np.testing.assert_allclose(found, [[5 / 15, 0], [1 / 10, 0]])
    assert segment_iou([], [Segment(0, 0, 1)]).shape == (0, 1)


def test_labels_and_segments_are_two_forms_of_one_thing(rng):
    labels = (rng.random((200, 4)) < 0.5).astype(np.float32)
    segments = labels_to_segments(labels)
    np.testing.assert_array_equal(segments_to_labels(segments, 200, 4), labels)
    starts = ((labels[1:] == 1) & (labels[:-1] == 0)).sum() + labels[0].sum()
    assert len(segments) == starts
    clipped = segments_to_labels([(0, -3, 2), (1, 4, 99), (1, -9, -1)], 5, 2)
    np.testing.assert_array_equal(clipped.T, [[1, 1, 0, 0, 0], [0, 0, 0, 0, 1]])


def test_post_processing_by_hand():
    #          0    1    2    3    4    5    6    7    8    9
    scores = [0.9, 0.8, 0.1, 0.7, 0.6, 0.0, 0.0, 0.0, 0.9, 0.0]
    scores = np.array(scores)[:, None]
    assert scores_to_segments(scores) == [
        Segment(0, 0, 2, pytest.approx(0.85)),
        Segment(0, 3, 5, pytest.approx(0.65)),
        Segment(0, 8, 9, pytest.approx(0.9)),
    ]
    assert scores_to_segments(scores, max_gap=1, min_length=2) == [Segment(0, 0, 5, pytest.approx(0.62))]
    assert scores_to_segments(scores, max_gap=3) == [Segment(0, 0, 9, pytest.approx(4.0 / 9))]
    # the median of three fills the hole and takes the lone frame away
    assert scores_to_segments(scores, smooth=3) == [Segment(0, 0, 5, pytest.approx(0.62))]
    assert scores_to_segments(scores, thresholds=0.95) == []
    two = np.concatenate([scores, scores[::-1]], axis=1)
    assert [(s.label, s.start) for s in scores_to_segments(two)] == [
        (0, 0),
        (1, 1),
        (0, 3),
        (1, 5),
        (0, 8),
        (1, 8),
    ]


def test_several_thresholds_propose_and_suppression_chooses():
    scores = np.array([0.3, 0.3, 0.9, 0.9, 0.9, 0.3, 0.0])[:, None]
    # 0..6 with mean 0.6 and 2..5 with 0.9 overlap by 3/6
    assert scores_to_segments(scores, (0.2, 0.8), nms_iou=0.4) == [Segment(0, 2, 5, pytest.approx(0.9))]
    both = scores_to_segments(scores, (0.2, 0.8), nms_iou=0.5)
    assert [(s.start, s.end) for s in both] == [(0, 6), (2, 5)]
    assert len(suppress([Segment(0, 0, 5, 0.5), Segment(1, 0, 5, 0.4)], 0.1)) == 2


@pytest.mark.parametrize('options', [dict(smooth=2), dict(max_gap=-1), dict(min_length=0), dict(nms_iou=2)])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match='expected smooth odd'):
        scores_to_segments(np.zeros((3, 1)), **options)


def test_event_average_precision_by_hand():
    truths = dict(a=[Segment(0, 0, 10), Segment(0, 20, 30), Segment(1, 0, 10)], b=[Segment(0, 0, 10)])
    detections = dict(
        a=[
            Segment(0, 0, 10, 0.9),  # right
            Segment(0, 1, 10, 0.8),  # its truth is taken
            Segment(0, 21, 30, 0.6),  # right
            Segment(1, 5, 15, 0.9),  # IoU 1/3
        ],
        b=[Segment(0, 40, 50, 0.7)],  # wrong place
        c=[Segment(0, 0, 10, 0.1)],  # a video without truths
    )
    # ranked right, wrong, wrong, right, wrong: interpolated precision 1 and 2/4 at the two found of three
    found = event_average_precision(detections, truths, 3, iou=0.5)
    np.testing.assert_allclose(found[:2], [(1 + 2 / 4) / 3, 0])
    assert np.isnan(found[2])
    assert event_map(detections, truths, 3, iou=0.5) == pytest.approx(0.25)
    # at 0.3 the second class is found
    assert event_map(detections, truths, 3, iou=0.3) == pytest.approx((0.5 + 1) / 2)


def test_interpolation_takes_the_best_precision_from_there_on():
    # wrong, right, right: precisions 0, 1/2, 2/3; the first truth gets 2/3 too
    truths = dict(a=[Segment(0, 0, 10), Segment(0, 20, 30)])
    detections = dict(a=[Segment(0, 50, 60, 0.9), Segment(0, 0, 10, 0.8), Segment(0, 20, 30, 0.7)])
    assert event_map(detections, truths, 1) == pytest.approx(2 / 3)


def test_order_of_the_input_does_not_matter(rng):
    truths, detections = {}, {}
    for video in 'abc':
        starts = rng.integers(0, 300, 20)
        truths[video] = [Segment(int(rng.integers(3)), int(s), int(s) + 20) for s in starts]
        detections[video] = [
            Segment(t.label, max(0, t.start + int(rng.integers(-10, 10))), t.end + 10, float(rng.random()))
            for t in truths[video]
        ]
    shuffled = {v: [detections[v][i] for i in rng.permutation(20)] for v in 'cab'}
    for iou in (0.1, 0.5):
        assert event_map(detections, truths, 3, iou) == event_map(shuffled, truths, 3, iou)
        assert segmental_f1(detections, truths, iou) == segmental_f1(shuffled, truths, iou)


def test_f1_by_hand_and_on_whole_videos():
    truths = dict(a=[Segment(0, 0, 10), Segment(1, 10, 20)], b=[Segment(0, 0, 10)])
    detections = dict(a=[Segment(0, 0, 9), Segment(0, 10, 20), Segment(1, 11, 14)])
    # right: the first; the last overlaps by 0.3. 2 * TP / (detected + truths)
    assert segmental_f1(detections, truths, 0.5) == pytest.approx(2 * 1 / (3 + 3))
    assert segmental_f1(detections, truths, 0.25) == pytest.approx(2 * 2 / (3 + 3))
    assert segmental_f1({}, {}, 0.5) == 0
    # videos that are one segment each make it the micro-averaged F1 of classification
    labels, guesses = np.array([0, 1, 2, 1, 0]), np.array([0, 2, 2, 1, 1])
    one = lambda values: {str(i): [Segment(int(k), 0, 5)] for i, k in enumerate(values)}  # noqa: E731
    assert segmental_f1(one(guesses), one(labels)) == pytest.approx(
        f1_score(labels, guesses, average='micro')
    )


def test_f1_counts_a_detection_wrong_whose_truth_is_taken():
    truths = [Segment(0, 0, 10), Segment(0, 9, 20)]
    # the first overlaps the first truth by 10/12, the second by 3/20; the second the first by 10/14, the
    # second by 5/20: both want the first truth, and the second one stays without, in MS-TCN as here
    found = [Segment(0, 0, 12), Segment(0, 0, 14)]
    assert segmental_f1(dict(a=found), dict(a=truths), 0.1) == pytest.approx(2 * 1 / (2 + 2))
    # object detection's matching lets it fall to the free one
    assert match_segments(found, truths, 0.1).tolist() == [True, False]
    assert match_segments(found, truths, 0.1, next_best=True).tolist() == [True, True]


def ms_tcn_f_score(found, true, overlap):
    """MS-TCN's script, line by line, on (class, start, end) by start."""
    tp = fp = 0
    hits = np.zeros(len(true))
    for k, start, end in found:
        intersection = np.minimum(end, [t[2] for t in true]) - np.maximum(start, [t[1] for t in true])
        union = np.maximum(end, [t[2] for t in true]) - np.minimum(start, [t[1] for t in true])
        iou = (intersection / union) * [k == t[0] for t in true]
        best = np.array(iou).argmax()
        if iou[best] >= overlap and not hits[best]:
            tp += 1
            hits[best] = 1
        else:
            fp += 1
    return tp, fp, len(true) - hits.sum()


@pytest.mark.parametrize('overlap', [0.1, 0.25, 0.5])
def test_f1_is_ms_tcns_on_one_action_at_a_time(rng, overlap):
    true, found, counts = {}, {}, np.zeros(3)
    for video in 'abcdef':
        labels = np.repeat(rng.integers(0, 3, 15), rng.integers(1, 25, 15))
        guesses = np.where(rng.random(len(labels)) < 0.1, rng.integers(0, 3), np.roll(labels, 4))
        frames = [np.eye(3)[values] for values in (labels, guesses)]
        true[video], found[video] = map(labels_to_segments, frames)
        counts += ms_tcn_f_score([s[:3] for s in found[video]], [s[:3] for s in true[video]], overlap)
    tp, fp, fn = counts
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    assert segmental_f1(found, true, overlap) == pytest.approx(2 * precision * recall / (precision + recall))


def slow_levenshtein(a, b):
    if not a or not b:
        return len(a) + len(b)
    return min(
        slow_levenshtein(a[1:], b) + 1,
        slow_levenshtein(a, b[1:]) + 1,
        slow_levenshtein(a[1:], b[1:]) + (a[0] != b[0]),
    )


def test_edit_distance_is_the_recursion(rng):
    for _ in range(40):
        a, b = (rng.integers(0, 3, rng.integers(0, 6)).tolist() for _ in range(2))
        assert levenshtein(a, b) == slow_levenshtein(a, b)


def test_edit_score_by_hand():
    truth = [Segment(0, 0, 5), Segment(1, 5, 9), Segment(2, 9, 20)]
    assert edit_score([Segment(2, 2, 3), Segment(0, 0, 1)], truth) == pytest.approx(1 - 1 / 3)
    assert edit_score([], []) == 1 and edit_score([], truth) == 0


@pytest.mark.parametrize(
    ('segment', 'iou', 'message'),
    [
        (Segment(5, 0, 3), 0.5, "video 'a'.*2 classes"),
        (Segment(0, 3, 3), 0.5, 'empty'),
        (Segment(0, 0, 3), 0, 'iou'),
    ],
)
def test_bad_segments_are_refused(segment, iou, message):
    with pytest.raises(ValueError, match=message):
        event_map(dict(a=[segment]), {}, 2, iou)
