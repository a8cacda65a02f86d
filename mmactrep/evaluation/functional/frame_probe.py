"""Linear evaluation of frozen frame features with co-occurring actions, as functions on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .segmentation import frame_map

#: Inverse strengths of the L2 regularization among which cross-validation chooses.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
#: Frames on which the strength is chosen, and on which the classifier is fitted; of more, a random choice.
MOST_JUDGED, MOST_FITTED = 10_000, 100_000
_FOLDS = 3


@dataclass(frozen=True, eq=False)
class FrameProbe:
    """A linear classifier of frames, independent for every class.

    Args:
        weight: (C', K), for features as they are.
        bias: (K,).
        regularization: The chosen inverse strength of the L2 regularization, that of all classes.
    """

    weight: np.ndarray
    bias: np.ndarray
    regularization: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """Logits (..., K) of features (..., C')."""
        return features @ self.weight + self.bias


def fit_frame_probe(
    features: np.ndarray,
    labels: np.ndarray,
    clips: np.ndarray,
    strengths: tuple[float, ...] = STRENGTHS,
    seed: int = 0,
) -> FrameProbe:
    """Fit one logistic regression per class on the features of frames.

    Features are standardized by statistics of the frames that are fitted. The regularization is chosen by the
    frame-level mAP in a cross-validation that leaves out whole clips. With few clips, the log-likelihood
    would choose a classifier that gives every frame nearly the same scores.

    Args:
        features: (n, C') features of frames of training clips.
        labels: (n, K) in {0, 1}; a frame may show several actions or none.
        clips: (n,) number of the clip of each frame.
        strengths: Inverse strengths to choose from.
        seed: Seed of the choice among more frames than ``MOST_FITTED`` and ``MOST_JUDGED``, and of the folds.

    Returns:
        The classifier. A class that no training frame shows, or every one, has a bias alone.

    Raises:
        ValueError: If a shape is wrong, a feature is not finite, or there are fewer than two clips.
    """
    from sklearn.model_selection import GroupKFold

    features, labels, clips = np.asarray(features), np.asarray(labels), np.asarray(clips)
    if features.ndim != 2 or labels.ndim != 2 or not len(features) == len(labels) == len(clips):
        raise ValueError(
            'expected features (n, C) with labels (n, K) and clips (n,), found '
            f'{features.shape}, {labels.shape} and {clips.shape}'
        )
    if not np.isfinite(features).all() or not np.isin(labels, (0, 1)).all():
        raise ValueError('expected finite features, and labels that are 0 or 1')
    if len(np.unique(clips)) < 2:
        raise ValueError('a linear classifier of frames needs two training clips or more')
    rng = np.random.default_rng(seed)
    chosen = _some(len(features), MOST_FITTED, rng)
    judged = chosen[_some(len(chosen), MOST_JUDGED, rng)]
    if len(np.unique(clips[judged])) < 2:
        judged = chosen
    # folds of clips in random order
    groups = rng.permutation(int(np.unique(clips).size))[np.unique(clips, return_inverse=True)[1]][judged]
    folds = list(GroupKFold(min(_FOLDS, len(np.unique(groups)))).split(judged, groups=groups))

    def held_out_map(strength: float) -> float:
        found = []
        for fit, left in folds:
            probe = _fit(features[judged[fit]], labels[judged[fit]], strength)
            found.append(frame_map(probe.logits(features[judged[left]]), labels[judged[left]]))
        return float(np.nanmean(found)) if np.isfinite(found).any() else 0.0

    best = strengths[0] if len(strengths) == 1 else max(strengths, key=held_out_map)
    return _fit(features[chosen], labels[chosen], best)


def _some(count: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Rows to use of ``count``, in order."""
    return np.arange(count) if count <= most else np.sort(rng.choice(count, most, replace=False))


def _fit(features: np.ndarray, labels: np.ndarray, strength: float) -> FrameProbe:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    weight, bias = np.zeros((features.shape[1], labels.shape[1])), np.zeros(labels.shape[1])
    for k, wanted in enumerate((labels > 0).T):
        if wanted.all() or not wanted.any():
            # as of half a frame of the other kind
            bias[k] = np.log(2 * len(wanted) + 1) * (1 if wanted.all() else -1)
            continue
        fitted = LogisticRegression(C=strength, max_iter=2000).fit(scaled, wanted)
        weight[:, k], bias[k] = fitted.coef_[0], fitted.intercept_[0]
    weight /= scaler.scale_[:, None]
    return FrameProbe(weight, bias - scaler.mean_ @ weight, float(strength))
