"""The numbers of a data set's report, counted by hand."""

from __future__ import annotations

import numpy as np

from mmactrep.pose.extraction.building.outcomes import REASONS, read_outcomes
from mmactrep.pose.extraction.building.statistics import dataset_statistics
from mmactrep.store.reader import SkeletonStore
from tests.helpers.building import build


def test_numbers_of_the_list_of_fake_videos(source, tmp_path):
    build(source, tmp_path / 'out')
    store = SkeletonStore(tmp_path / 'out' / '2d')
    found = dataset_statistics(store, read_outcomes(store.root))
    assert found.counts == {'': 5, 'bad': 1, 'label': 1, 'nobody': 1, 'few': 1}
    # run: b, c, d are kept, few is not; sitting: a and half are, black and broken are not
    assert found.classes == ['run', 'sitting']
    assert {split: counts.tolist() for split, counts in found.class_counts.items()} == {
        '': [3, 2], 'train': [1, 1], 'val': [1, 1],
    }  # fmt: skip
    reasons = list(REASONS)
    expected = np.zeros((2, 4), int)
    expected[0, reasons.index('few')] = expected[1, reasons.index('nobody')] = expected[
        1, reasons.index('bad')
    ] = 1
    np.testing.assert_array_equal(found.left_out, expected)
    assert found.dropped_labels == dict(noise=1) and found.unlabeled == 0
    assert found.frames.tolist() == [20, 7, 33, 12, 12] and found.persons.tolist() == [1] * 5
    np.testing.assert_allclose(found.seconds, found.frames / 25)
    assert found.bodies.tolist() == [6, 20 + 7 + 33 + 6 + 12]
    np.testing.assert_allclose(found.share, [1, 1, 1, 0.5, 1])
    assert (
        np.isnan(found.confidence).all() and found.score.tolist() == [1] * 5
    )  # one expert agrees with nobody
    assert [len(found.examples[reason]) for reason in REASONS] == [1] * 4
    assert 'few.mp4: a body in 45% of 11 frames' in found.examples['few'][0]


def test_confidence_is_the_mean_of_those_that_two_experts_saw(source, tmp_path):
    from tests.helpers.brightness_expert import BrightnessExpert

    build(source, tmp_path / 'out', experts=[BrightnessExpert(), BrightnessExpert()])
    store = SkeletonStore(tmp_path / 'out' / '2d')
    found = dataset_statistics(store, read_outcomes(store.root))
    np.testing.assert_allclose(found.confidence, 1)  # they agree entirely: C = exp(0)
