"""Scores of overlapping windows, merged into scores of frames."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.evaluation.functional.window_merger import BLENDINGS, WindowMerger, blending_weights
from mmactrep.structures.windows import window_starts


@pytest.mark.parametrize('blending', BLENDINGS)
@pytest.mark.parametrize('length', [1, 2, 7, 64])
def test_weights_are_positive_and_symmetric(blending, length):
    weights = blending_weights(length, blending)
    assert (weights > 0).all() and weights.max() <= 1
    np.testing.assert_allclose(weights, weights[::-1])


def test_merging_is_the_weighted_mean_written_out(rng):
    merger, windows = WindowMerger(2, 'triangular'), []
    for start in (0, 3, 5):
        windows.append((start, rng.random((8, 2))))
        merger.add(*windows[-1])
    found = merger.pop()
    assert found.shape == (13, 2)
    for t in range(13):
        seen = [(blending_weights(8, 'triangular')[t - s], w[t - s]) for s, w in windows if s <= t < s + 8]
        expected = sum(a * w for a, w in seen) / sum(a for a, _ in seen)
        np.testing.assert_allclose(found[t], expected, rtol=1e-6)


@pytest.mark.parametrize('blending', BLENDINGS)
@pytest.mark.parametrize(('window', 'stride'), [(300, 150), (64, 64), (300, 7), (50, 49)])
def test_scores_that_depend_on_the_frame_alone_survive_any_windows(blending, window, stride):
    truth = np.stack([np.sin(np.arange(1000) / 30), np.arange(1000) / 1000], axis=1).astype(np.float32)
    merger, parts, most = WindowMerger(2, blending), [], 0
    starts = window_starts(1000, window, stride)
    for i, start in enumerate(starts):
        merger.add(start, truth[start : start + window])
        most = max(most, len(merger))
        if i + 1 < len(starts):
            parts.append(merger.pop(before=starts[i + 1]))
    parts.append(merger.pop())
    np.testing.assert_allclose(np.concatenate(parts), truth, rtol=1e-6, atol=1e-7)
    # no more is kept than one window, however long the sequence
    assert most <= window and len(merger) == 0 and merger.start == 1000


def test_the_order_of_windows_does_not_show(rng):
    windows = [(int(s), rng.random((30, 4)).astype(np.float32)) for s in window_starts(200, 30, 7)]
    results = []
    for order in (np.arange(len(windows)), *(rng.permutation(len(windows)) for _ in range(5))):
        merger = WindowMerger(4, 'hann')
        for i in order:
            merger.add(*windows[i])
        results.append(merger.pop())
    assert all(np.array_equal(results[0], other) for other in results[1:])


def test_what_a_merger_refuses():
    merger = WindowMerger(2)
    merger.add(0, np.zeros((5, 2)))
    merger.add(10, np.zeros((5, 2)))
    with pytest.raises(ValueError, match='no window covers frame 5'):
        merger.pop()
    assert len(merger.pop(before=3)) == 3
    with pytest.raises(ValueError, match='frame 2, but frames before 3'):
        merger.add(2, np.zeros((5, 2)))
    with pytest.raises(ValueError, match=r'\(frames, 2\), found \(5, 3\)'):
        merger.add(4, np.zeros((5, 3)))
    with pytest.raises(ValueError, match='blending must be one of'):
        WindowMerger(2, 'cosine')


@pytest.mark.parametrize('blending', ['mean', 'triangular', 'hann'])
def test_a_window_that_begins_before_popped_frames_keeps_the_weights_of_its_frames(blending):
    rng = np.random.default_rng(0)
    windows = {start: rng.random((6, 2)) for start in (0, 2)}
    whole, popped = (WindowMerger(2, blending) for _ in range(2))
    for start, scores in windows.items():
        whole.add(start, scores)
        popped.add(start, scores, skip=max(popped.start - start, 0))
        if start == 0:
            popped.pop(before=4)
    np.testing.assert_allclose(popped.pop(), whole.pop()[4:], rtol=1e-6)
