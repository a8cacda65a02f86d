"""The segmentation metric: windows in any order and number give the numbers of whole sequences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from mmactrep.evaluation import SegmentationMetric
from mmactrep.evaluation.functional import (
    edit_score,
    event_map,
    pku_2d_average_precision,
    pku_f1,
    pku_mean_average_precision,
    pku_video_map,
    segmental_f1,
)
from mmactrep.structures.segments import labels_to_segments, scores_to_segments
from mmactrep.structures.windows import window_starts

ITEMS = ('frame_mAP', 'event_mAP_one_to_one@0.1', 'pku_mAP@0.5', 'frame_accuracy', 'edit', 'f1@0.25')


@pytest.fixture
def videos(rng):
    """Smooth scores and labels of three videos."""
    found = {}
    for name, frames in dict(a=100, b=35, c=20).items():
        walk = np.cumsum(rng.normal(size=(frames, 3)), axis=0) / 3
        labels = walk > 0
        noise = rng.normal(scale=0.7, size=(frames, 3))
        found[name] = (1 / (1 + np.exp(-walk - noise)).astype(np.float32), labels)
    return found


def windows(videos, window=30, stride=15):
    """Data samples as the evaluator hands them on; frames beyond the valid ones hold rubbish."""
    for name, (scores, labels) in videos.items():
        starts = window_starts(len(scores), window, stride)
        for start in starts:
            valid = min(window, len(scores) - start)
            pred = np.full((window, 3), 9.0, np.float32)
            pred[:valid] = scores[start : start + valid]
            true = np.ones((window, 3), np.float32)
            true[:valid] = labels[start : start + valid]
            yield dict(
                frame_dir=name,
                pred_frames=torch.from_numpy(pred),
                gt_frames=torch.from_numpy(true),
                clip_window=(int(start), int(start + valid)),
                sequence=(0, len(scores)),
                num_windows=len(starts),
            )


def evaluate(samples, batch=4, items=ITEMS, **options):
    metric = SegmentationMetric(items, **options)
    samples = list(samples)
    for first in range(0, len(samples), batch):
        metric.process(None, samples[first : first + batch])
    return metric.evaluate(len(samples)), metric


def test_numbers_are_those_of_whole_sequences(videos):
    found, _ = evaluate(windows(videos))
    scores, labels = (np.concatenate(part) for part in zip(*videos.values()))
    expected = np.mean([average_precision_score(labels[:, k], scores[:, k]) for k in range(3)])
    assert found['seg/frame_mAP'] == pytest.approx(expected)
    best = scores.argmax(axis=1)
    right = np.where(scores.max(axis=1) < 0.5, ~labels.any(axis=1), labels[np.arange(len(best)), best])
    assert found['seg/frame_accuracy'] == pytest.approx(right.mean())
    segments = {name: scores_to_segments(s) for name, (s, _) in videos.items()}
    truths = {name: labels_to_segments(y) for name, (_, y) in videos.items()}
    assert found['seg/f1@0.25'] == pytest.approx(segmental_f1(segments, truths, 0.25))
    assert found['seg/edit'] == pytest.approx(np.mean([edit_score(segments[v], truths[v]) for v in videos]))
    assert list(found) == [f'seg/{item}' for item in ITEMS]


def test_measures_of_events(videos):
    items = ('pku_mAP@0.5', 'pku_video_mAP@0.3', 'pku_f1@0.3', 'pku_2D-AP', 'event_mAP_one_to_one@0.3')
    found, _ = evaluate(windows(videos), items=items)
    segments = {name: scores_to_segments(s) for name, (s, _) in videos.items()}
    truths = {name: labels_to_segments(y) for name, (_, y) in videos.items()}
    both = segments, truths, 3
    expected = [
        pku_mean_average_precision(*both, 0.5)[0],
        pku_video_map(*both, 0.3),
        pku_f1(*both, 0.3),
        pku_2d_average_precision(*both),
        event_map(*both, 0.3),
    ]
    assert list(found) == [f'seg/{item}' for item in items]
    assert list(found.values()) == pytest.approx(expected) and min(expected) > 0


def test_classes_that_do_not_occur_are_told(videos):
    for _, labels in videos.values():
        labels[:, 1] = False
    found, _ = evaluate(windows(videos), items=('pku_mAP@0.5',))
    assert list(found) == ['seg/pku_mAP@0.5', 'seg/pku_mAP_occurring@0.5']
    # the third class has no truth and counts as 0, as it does in a mean over all classes
    assert found['seg/pku_mAP@0.5'] == pytest.approx(found['seg/pku_mAP_occurring@0.5'] * 2 / 3)


def test_actions_that_touch_are_two_where_the_annotation_says_so():
    scores = np.zeros((30, 3), np.float32)
    scores[:10, 0], scores[10:20, 0] = 0.9, 0.6
    labels = np.zeros((30, 3), bool)
    labels[:20, 0] = True
    samples = list(windows(dict(a=(scores, labels))))
    items = ('pku_f1@0.9', 'f1@0.9')
    options = dict(items=items, segments=dict(thresholds=(0.5, 0.7)))
    # detections 0 to 20 and 0 to 10; one truth of 20 frames
    found, _ = evaluate(samples, **options)
    assert found['seg/pku_f1@0.9'] == pytest.approx(2 * 1 / (2 + 1))
    for sample in samples:
        sample['sequence_segments'] = [(0, 0, 10), (0, 10, 20)]
    found, _ = evaluate(samples, **options)
    assert found['seg/pku_f1@0.9'] == pytest.approx(2 * 1 / (2 + 2))
    # MS-TCN's measure is of frames
    assert found['seg/f1@0.9'] == pytest.approx(2 * 1 / (2 + 1))


def test_order_and_size_of_windows_do_not_show(videos, rng):
    one, _ = evaluate(windows(videos))
    samples = list(windows(videos, 8, 8))
    other, metric = evaluate([samples[i] for i in rng.permutation(len(samples))], batch=3)
    assert one == pytest.approx(other)
    assert not metric._collector._open


def test_a_sequence_leaves_memory_when_its_last_window_has_come(videos):
    metric, largest = SegmentationMetric(ITEMS), 0
    for sample in windows(videos):
        metric.process(None, [sample])
        largest = max(largest, len(metric._collector._open))
    assert largest == 1 and len(metric.results) == 3


def test_processes_that_share_the_windows_give_the_same_numbers(videos, monkeypatch):
    expected, _ = evaluate(windows(videos))
    monkeypatch.setattr('mmactrep.evaluation.metrics.segmentation_metric.get_world_size', lambda: 2)
    samples = list(windows(videos))
    metric = SegmentationMetric(ITEMS)
    for rank in range(2):
        metric.process(None, samples[rank::2])
    values = metric.compute_metrics(metric.results)
    assert values == pytest.approx({name[4:]: value for name, value in expected.items()})


def test_options(videos):
    scores, labels = (np.concatenate([part[::5] for part in parts]) for parts in zip(*videos.values()))
    expected = np.mean([average_precision_score(labels[:, k], scores[:, k]) for k in range(3)])
    found, _ = evaluate(windows(videos), frame_stride=5, blending='hann', segments=dict(min_length=200))
    assert found['seg/frame_mAP'] == pytest.approx(expected)
    assert found['seg/f1@0.25'] == 0 and found['seg/event_mAP_one_to_one@0.1'] == 0


@pytest.mark.parametrize(
    'options',
    [dict(items=['mAP']), dict(items=['f1@2']), dict(items=['f1@x']), dict(items=[]), dict(blending='x')],
)
def test_unknown_options_are_refused(options):
    with pytest.raises(ValueError, match=r'choose from|must be one of'):
        SegmentationMetric(**options)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(gt_frames=None), r"'a'.*no \['gt_frames'\]"),
        (dict(pred_frames=torch.full((30, 3), float('nan'))), r"'a', frames 0 to 30.*NaN"),
        (dict(clip_window=(30, 0)), "'a': expected a window within its sequence, found frames 30 to 0"),
        (dict(clip_window=(80, 110)), "'a'.*found frames 80 to 110 of 0 to 100"),
        (dict(sequence=(100, 0)), "'a'.*of 100 to 0"),
        (dict(num_windows=0), "'a'.*in 0 windows"),
        (dict(pred_frames=torch.zeros(30, 4)), r"'a': scores \(30, 4\) do not fit labels \(30, 3\)"),
    ],
)
def test_bad_predictions_are_named(videos, change, message):
    sample = next(iter(windows(videos))) | change
    with pytest.raises(ValueError, match=message):
        SegmentationMetric().process(None, [sample])


def test_the_former_name_of_event_map_is_refused_with_both_of_today():
    with pytest.raises(
        ValueError, match=r"unknown metrics \['event_mAP@0.5'\].*pku_mAP.*one_to_one"
    ) as caught:
        SegmentationMetric(['event_mAP@0.5'])
    assert '\n' not in str(caught.value)
