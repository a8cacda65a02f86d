"""The linear classifier of frames: against scikit-learn's own pipeline, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmactrep.evaluation.functional import fit_frame_probe, frame_probe


def frames(seed=0, clips=6, length=40):
    """Features of any scale; the first class depends on them, the second one less, the third not."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(clips * length, 5)) * [1, 50, 0.01, 3, 1] + [0, 400, 0, -7, 2]
    noise = rng.normal(size=(2, len(features)))
    labels = np.stack(
        [features[:, 1] - 400 > 20, (features[:, 3] + 7) + 2 * noise[0] > 1, noise[1] > 0.5], axis=1
    )
    return features, labels, np.repeat(np.arange(clips), length)


def test_every_class_is_a_logistic_regression_on_standardized_features():
    features, labels, clips = frames()
    probe = fit_frame_probe(features, labels, clips, strengths=(0.3,))
    assert probe.regularization == 0.3
    for k in range(3):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3)).fit(features, labels[:, k])
        np.testing.assert_allclose(
            probe.logits(features)[:, k], model.decision_function(features), atol=2e-2, rtol=1e-2
        )
    assert ((probe.logits(features) > 0) == labels).mean(axis=0)[0] > 0.95


def test_the_strength_is_chosen_on_clips_that_are_left_out():
    """One feature tells the action, 60 small ones the clip: fitted closely, they drown it on other clips."""
    rng = np.random.default_rng(1)
    clips = np.repeat(np.arange(30), 10)
    labels = (rng.random(300) < rng.random(30)[clips])[:, None]
    features = np.concatenate([labels + rng.normal(size=(300, 1)), rng.normal(size=(30, 60))[clips]], axis=1)
    assert fit_frame_probe(features, labels, clips, strengths=(1e-2, 100.0)).regularization == 1e-2
    # frame by frame, the same features tell how often the clip of a frame shows the action
    alone = fit_frame_probe(features, labels, np.arange(300), strengths=(1e-4, 1.0))
    assert alone.regularization == 1.0


def test_a_class_that_no_frame_or_every_frame_shows_has_a_bias_alone():
    features, labels, clips = frames()
    labels[:, 0], labels[:, 1] = False, True
    probe = fit_frame_probe(features, labels, clips, strengths=(0.1,))
    np.testing.assert_allclose(probe.weight[:, :2], 0)
    assert (probe.logits(features)[:, 0] < -5).all() and (probe.logits(features)[:, 1] > 5).all()


def test_of_many_frames_some_are_drawn_by_the_seed(monkeypatch):
    features, labels, clips = frames()
    monkeypatch.setattr(frame_probe, 'MOST_FITTED', 100)
    monkeypatch.setattr(frame_probe, 'MOST_JUDGED', 60)
    first, again, other = (fit_frame_probe(features, labels, clips, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.weight, again.weight)
    assert not np.array_equal(first.weight, other.weight)


def test_the_strength_is_judged_on_few_frames_and_the_classifier_fitted_on_more(monkeypatch):
    features, labels, clips = frames()
    sizes = []
    fit = frame_probe._fit

    def spy(x, y, strength):
        sizes.append(len(x))
        return fit(x, y, strength)

    monkeypatch.setattr(frame_probe, '_fit', spy)
    monkeypatch.setattr(frame_probe, 'MOST_JUDGED', 60)
    probe = fit_frame_probe(features, labels, clips, strengths=(0.1, 0.3))
    assert sizes.pop() == len(features) and len(sizes) == 6 and max(sizes) < 60
    expected = fit(features, labels, probe.regularization)
    np.testing.assert_array_equal(probe.weight, expected.weight)


def test_folds_in_which_no_class_occurs_do_not_decide():
    """Two of nine clips show the action, so that one of three folds has none; only a close fit tells it."""
    rng = np.random.default_rng(2)
    clips = np.repeat(np.arange(9), 60)
    small = np.abs(rng.normal(size=540)) * np.where(clips < 2, rng.choice([-1, 1], 540), -1)
    place = 3 * rng.normal(size=540)
    features = np.stack([place + small, place], axis=1)
    probe = fit_frame_probe(features, (small > 0)[:, None], clips, strengths=(1e-4, 100.0))
    assert probe.regularization == 100.0


def test_frames_of_one_clip_alone_judge_nothing(monkeypatch):
    """Three frames drawn of 302 are of the same clip; then all are taken."""
    features, labels, _ = frames(clips=2, length=151)
    monkeypatch.setattr(frame_probe, 'MOST_JUDGED', 3)
    for seed in range(3):
        probe = fit_frame_probe(
            features, labels, np.repeat([0, 1], [300, 2]), strengths=(0.1, 1.0), seed=seed
        )
        assert np.isfinite(probe.weight).all()


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda x, y, c: (x[:-1], y, c), 'expected features'),
        (lambda x, y, c: (np.where(x > 440, np.nan, x), y, c), 'finite'),
        (lambda x, y, c: (x, y * 2, c), '0 or 1'),
        (lambda x, y, c: (x, y, c * 0), 'two training clips'),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        fit_frame_probe(*change(*frames()))
