"""PKU-MMD's evaluation against a plain transcription of its script, and cases walked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.evaluation.functional import (
    event_map,
    pku_2d_average_precision,
    pku_action_average_precision,
    pku_f1,
    pku_mean_average_precision,
    pku_video_map,
)
from mmactrep.structures.segments import Segment


class Transcription:
    """The script, line by line, on lists of (class, start, end, confidence, video)."""

    @staticmethod
    def overlap(prop, ground):
        if prop[0] != ground[0] or prop[4] != ground[4]:
            return 0
        return (min(prop[2], ground[2]) - max(prop[1], ground[1])) / (
            max(prop[2], ground[2]) - min(prop[1], ground[1])
        )

    def match(self, props, ratio, grounds):
        of_prop, count = [-1] * len(props), [0] * len(grounds)
        for x, prop in enumerate(props):
            for y, ground in enumerate(grounds):
                if self.overlap(prop, ground) < ratio:
                    continue
                best = of_prop[x]
                if best != -1 and self.overlap(prop, ground) < self.overlap(prop, grounds[best]):
                    continue
                of_prop[x] = y
            if of_prop[x] != -1:
                count[of_prop[x]] += 1
        return of_prop, count, sum(c > 0 for c in count)

    @staticmethod
    def calc_pr(positive, number, truths):
        if number == 0 or truths == 0:
            return 0, 0
        return positive / number, positive / truths

    def ap(self, props, ratio, grounds):
        props = sorted(props, key=lambda prop: prop[3])
        of_prop, count, positive = self.match(props, ratio, grounds)
        score, number = 0, len(props)
        old_precision, old_recall = self.calc_pr(positive, number, len(grounds))
        for x in range(len(props)):
            number -= 1
            if of_prop[x] == -1:
                continue
            count[of_prop[x]] -= 1
            if count[of_prop[x]] == 0:
                positive -= 1
            precision, recall = self.calc_pr(positive, number, len(grounds))
            if precision > old_precision:
                old_precision = precision
            score += old_precision * (old_recall - recall)
            old_recall = recall
        return score

    def f1(self, props, ratio, grounds):
        _, _, positive = self.match(props, ratio, grounds)
        precision, recall = self.calc_pr(positive, len(props), len(grounds))
        return 2 * precision * recall / (precision + recall) if precision + recall else 0


def rows(videos):
    return [(s.label, s.start, s.end, s.score, video) for video in sorted(videos) for s in videos[video]]


def draw(rng, videos=4, classes=4, truths=12, detections=60):
    """Truths and detections around them; confidences have ties, some truths overlap each other."""
    true, found = {}, {}
    for v in range(videos):
        name = f'v{v}'
        starts = rng.integers(0, 400, truths)
        lengths = rng.integers(10, 60, truths)
        labels = rng.integers(0, classes - 1, truths)
        true[name] = [Segment(int(k), int(s), int(s + n)) for k, s, n in zip(labels, starts, lengths)]
        found[name] = []
        for _ in range(int(rng.integers(0, detections))):
            k, start, end, _ = true[name][rng.integers(truths)]
            start = max(0, start + int(rng.integers(-20, 20)))
            end = max(start + 1, end + int(rng.integers(-20, 20)))
            label = k if rng.random() < 0.8 else int(rng.integers(classes))
            found[name].append(Segment(label, start, end, round(float(rng.random()), 1)))
    found['only found'] = [Segment(0, 0, 9, 0.5)]
    true['only true'] = [Segment(1, 0, 9)]
    return found, true


@pytest.mark.parametrize('iou', [0.1, 0.3, 0.5, 0.7, 1.0])
def test_all_figures_are_those_of_the_script(rng, iou):
    script = Transcription()
    for _ in range(5):
        found, true = draw(rng)
        props, grounds = rows(found), rows(true)
        by_class = [
            script.ap([p for p in props if p[0] == k], iou, [g for g in grounds if g[0] == k])
            for k in range(5)
        ]
        # a class that neither has (4) and one that only the detections have (3)
        np.testing.assert_allclose(pku_action_average_precision(found, true, 5, iou), by_class, atol=1e-12)
        everything, occurring = pku_mean_average_precision(found, true, 5, iou)
        assert everything == pytest.approx(sum(by_class) / 5)
        assert occurring == pytest.approx(np.mean([by_class[k] for k in {g[0] for g in grounds}]))
        videos = sorted({*found, *true})
        by_video = [
            script.ap([p for p in props if p[4] == v], iou, [g for g in grounds if g[4] == v]) for v in videos
        ]
        assert pku_video_map(found, true, 5, iou) == pytest.approx(np.mean(by_video))
        assert pku_f1(found, true, 5, iou) == pytest.approx(script.f1(props, iou, grounds))


def test_2d_average_precision_is_that_of_the_script(rng):
    found, true = draw(rng)
    expected = [Transcription().ap(rows(found), (i + 1) * 0.05, rows(true)) for i in range(20)]
    assert pku_2d_average_precision(found, true, 5) == pytest.approx(np.mean(expected))
    assert len(set(np.round(expected, 6))) > 5  # the overlaps make a difference


def ap(found, true, iou=0.5):
    return pku_action_average_precision(dict(v=found), dict(v=true), 1, iou)[0]


TWO = [Segment(0, 0, 10), Segment(0, 20, 30)]


def test_walk_by_hand():
    # rising: right (0.2), wrong (0.5), right (0.9); at first P = 2/3, R = 1.
    # Without the lowest: P = 1/2, R = 1/2, best 2/3: 2/3 * 1/2. The wrong one adds no point.
    # Without the highest: P = 0, R = 0, best 2/3: 2/3 * 1/2.
    found = [Segment(0, 0, 10, 0.2), Segment(0, 50, 60, 0.5), Segment(0, 20, 30, 0.9)]
    assert ap(found, TWO) == pytest.approx(2 / 3)
    # The usual measure holds 1 for the first truth and 2/3 for the second.
    assert event_map(dict(v=found), dict(v=TWO), 1) == pytest.approx((1 + 2 / 3) / 2)


def test_a_point_counts_when_what_found_a_truth_has_gone():
    # rising: wrong, right, right; the wrong one adds no point, so P = 2/3 stays the best until it has gone
    # and the first right one too: then P = 1/1 counts for both steps.
    found = [Segment(0, 50, 60, 0.1), Segment(0, 0, 10, 0.5), Segment(0, 20, 30, 0.9)]
    assert ap(found, TWO) == pytest.approx(1 * 1 / 2 + 1 * 1 / 2)


def test_several_detections_of_one_truth_are_one_positive():
    twice = [Segment(0, 0, 10, 0.9), Segment(0, 0, 9, 0.8)]
    # P = 1/2, R = 1/2 at first; without the lower P = 1, R as before; then all of R at best 1
    assert ap(twice, TWO) == pytest.approx(1 / 2)
    assert pku_f1(dict(v=twice), dict(v=TWO), 1) == pytest.approx(2 * 0.5 * 0.5 / (0.5 + 0.5))


def test_a_detection_goes_to_its_best_truth_and_of_equals_to_the_later():
    near = [Segment(0, 0, 10), Segment(0, 8, 18)]
    # overlaps of 8/12 with the first, 4/16 with the second: at 0.2 it finds the first alone
    one = Segment(0, 0, 12, 0.9)
    assert pku_f1(dict(v=[one, one]), dict(v=near), 1, 0.2) == pytest.approx(2 * 1 / (2 + 2))
    # 5 to 13 overlaps both by 5/13; the other finds the first, so that the first of equals would be one
    # positive and the later one makes two
    middle = Segment(0, 5, 13, 0.9)
    assert pku_f1(dict(v=[one, middle]), dict(v=near), 1, 0.2) == pytest.approx(1)


def test_overlap_is_over_the_hull_and_frames_are_not_counted_one_more():
    # 5 of 15: at 1/3 it is found, with +1 it would be at 6/16
    found = [Segment(0, 5, 15, 1.0)]
    assert ap(found, [Segment(0, 0, 10)], 5 / 15) == 1
    assert ap(found, [Segment(0, 0, 10)], 6 / 16) == 0


def test_nothing_found_and_nothing_there():
    assert ap([], TWO) == 0 and ap([Segment(0, 0, 5)], []) == 0
    assert pku_f1({}, {}, 3) == 0 and pku_f1(dict(v=[]), dict(v=TWO), 1) == 0
    everything, occurring = pku_mean_average_precision({}, {}, 51)
    assert everything == 0 and np.isnan(occurring) and np.isnan(pku_video_map({}, {}, 51))


def test_mean_over_all_classes_and_over_those_that_occur():
    true = dict(v=[Segment(3, 0, 10)])
    assert pku_mean_average_precision(dict(v=[Segment(3, 0, 10)]), true, 51) == pytest.approx((1 / 51, 1))


def test_equal_confidences_do_not_depend_on_the_order_of_videos(rng):
    found, true = draw(rng)
    turned = [dict(reversed(list(videos.items()))) for videos in (found, true)]
    for measure in (pku_mean_average_precision, pku_video_map, pku_f1):
        assert measure(found, true, 5, 0.3) == measure(*turned, 5, 0.3)


@pytest.mark.parametrize(
    ('segment', 'iou', 'message'),
    [
        (Segment(5, 0, 3), 0.5, "video 'a'.*2 classes"),
        (Segment(-1, 0, 3), 0.5, "video 'a'.*2 classes"),
        (Segment(0, 3, 2), 0.5, 'empty'),
        (Segment(0, 0, 3, float('nan')), 0.5, "video 'a'.*finite confidence"),
        (Segment(0, 0, 3), 1.5, 'iou'),
    ],
)
def test_bad_segments_are_refused(segment, iou, message):
    for measure in (pku_action_average_precision, pku_mean_average_precision, pku_video_map, pku_f1):
        with pytest.raises(ValueError, match=message):
            measure(dict(a=[segment]), {}, 2, iou)
