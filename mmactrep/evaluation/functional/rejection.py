"""Calibrating when a recognizer says that a motion is none of its classes, as functions on arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mmactrep.structures.rejection import (
    KINDS,
    NEAREST,
    PARTS,
    ClassDistances,
    Rejection,
    Scale,
    TrainingDensity,
    known_scores,
    summed,
    unit,
)

from .classification import check_scores

_TEMPERATURES = (0.05, 20.0)
_QUANTILES = 101


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature T at which softmax(logits / T) of held-out clips has the highest likelihood.

    Args:
        logits: (N, K).
        labels: (N,).

    Returns:
        T between 0.05 and 20.

    Raises:
        ValueError: See :func:`check_scores`.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    logits, labels = check_scores(logits, labels)
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=1)[rows, labels].mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(_TEMPERATURES)), method='bounded')
    return float(np.exp(found.x))


def fit_class_distances(
    features: np.ndarray, labels: np.ndarray, num_classes: int, most_axes: int = 32
) -> ClassDistances:
    """Class means of training features, and the spread within the classes.

    Features are reduced to their principal axes, at most ``most_axes``, and half of the clips beyond the
    classes; the covariance within the classes is shrunk (Ledoit and Wolf), so that few clips suffice.

    Args:
        features: (N, C').
        labels: (N,).
        num_classes: K. A class without a clip has the mean of all.
        most_axes: Most principal axes P.
    """
    from sklearn.covariance import LedoitWolf
    from sklearn.decomposition import PCA

    features, labels = np.asarray(features, np.float64), np.asarray(labels)
    free = max(1, (len(features) - len(np.unique(labels))) // 2)
    count = min(most_axes, features.shape[1], free)
    reduced = PCA(count, svd_solver='full').fit(features)
    place = reduced.transform(features)
    centers = np.zeros((num_classes, count))
    for label in np.unique(labels):
        centers[label] = place[labels == label].mean(axis=0)
    apart = place - centers[labels]
    # shrinking a covariance makes its axes alike, so they are first: narrow ones are what tells
    spread = np.sqrt((apart**2).mean(axis=0))
    spread = np.maximum(spread, 1e-3 * max(float(spread.max()), 1e-30))
    values, vectors = np.linalg.eigh(LedoitWolf(assume_centered=True).fit(apart / spread).covariance_)
    whiten = vectors / np.sqrt(np.maximum(values, 1e-6)) / spread[:, None]
    return ClassDistances(reduced.mean_, reduced.components_.T @ whiten, centers @ whiten)


def fit_density(features: np.ndarray, labels: np.ndarray, most: int = 1000) -> TrainingDensity:
    """Training features with how alike the nearest are.

    Args:
        features: (N, C').
        labels: (N,).
        most: Most features that are kept; of each class as many, the first ones.

    Raises:
        ValueError: If there is a single feature.
    """
    labels = np.asarray(labels)
    if len(labels) < 2:
        raise ValueError('a density needs two features or more')
    rank = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        rank[labels == label] = np.arange((labels == label).sum())
    kept = np.sort(np.argsort(rank, kind='stable')[:most])
    directions = unit(np.asarray(features)[kept])
    cosines = directions @ directions.T
    np.fill_diagonal(cosines, -np.inf)
    nearest = min(NEAREST, len(kept) - 1)
    own = -np.sort(-cosines, axis=1)[:, :nearest].mean(axis=1)
    return TrainingDensity(directions, own, nearest)


def scale_of(known: np.ndarray) -> Scale:
    """Median and spread of the scores of clips of the classes."""
    known = np.asarray(known, np.float64)
    middle = float(np.median(known))
    # 1.4826 makes it the standard deviation of a normal distribution
    spread = 1.4826 * float(np.median(np.abs(known - middle)))
    return Scale(middle, max(spread, 1e-6 * max(1.0, abs(middle))))


def auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    """Probability that a clip of a class scores higher than one of no class; ties count half.

    Args:
        known: (n,) scores of clips of the classes.
        unknown: (m,) scores of others.
    """
    from scipy.stats import rankdata

    known, unknown = np.asarray(known, np.float64), np.asarray(unknown, np.float64)
    if not len(known) or not len(unknown):
        raise ValueError('AUROC needs clips of the classes and others')
    ranks = rankdata(np.concatenate([known, unknown]))[: len(known)]
    return float((ranks.sum() - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown)))


def threshold_for(known: np.ndarray, kept: float = 0.95) -> float:
    """The highest threshold that keeps at least this share of clips of the classes.

    >>> threshold_for([1.0, 2.0, 3.0, 4.0], 0.75)
    2.0
    """
    known = np.sort(np.asarray(known, np.float64))
    if not len(known) or not 0 < kept <= 1:
        raise ValueError('expected scores, and a share in (0, 1]')
    # a share such as 0.95 has no exact binary form: 0.95 * 20 must not become 20
    dropped = len(known) - int(np.ceil(kept * len(known) - 1e-9))
    return float(known[dropped])


def false_alarms(unknown: np.ndarray, threshold: float) -> float:
    """Share of clips of no class that are taken for one of a class."""
    return float((np.asarray(unknown) >= threshold).mean())


def calibrate_rejection(
    logits: np.ndarray,
    labels: np.ndarray,
    unknown_logits: np.ndarray,
    features: np.ndarray | None = None,
    unknown_features: np.ndarray | None = None,
    distances: ClassDistances | None = None,
    unknown_groups: Sequence | None = None,
    kept: float = 0.95,
    noun: str = 'classes',
    density: TrainingDensity | None = None,
    held_scores: Mapping[str, np.ndarray] | None = None,
    kinds: Sequence[str] = KINDS,
) -> Rejection:
    """Choose a score and a threshold on held-out clips and on motions of no class.

    The kind of score is chosen by the AUROC on every other group of the unknown motions; the figures are
    those of the other groups, which chose nothing. The threshold keeps a share of the held-out clips, and
    the figure ``kept`` is cross-validated: the threshold of one half of them applied to the other half.

    Args:
        logits: (N, K) of held-out clips of the classes.
        labels: (N,).
        unknown_logits: (n, K) of motions of no class.
        features: (N, C') of the held-out clips; without them the distance is no choice.
        unknown_features: (n, C').
        distances: Of the training clips, :func:`fit_class_distances`.
        unknown_groups: (n,) what each unknown motion is. Default: each is its own group.
        kept: Share of the clips of the classes that are to be kept.
        noun: What the classes are.
        density: Of the training clips, :func:`fit_density`.
        held_scores: (N,) scores of the held-out clips by distance and by density, where each was held out by
            another model with features of its own; ``distances`` and ``density`` are those of the last one.
        kinds: Scores to choose from.

    Returns:
        The rejection, with figures ``auroc``, ``false_alarms``, ``kept``, ``known``, ``unknown``.

    Raises:
        ValueError: If there are no clips of either kind.
    """
    logits, labels = check_scores(logits, labels)
    unknown_logits, _ = check_scores(unknown_logits)
    temperature = fit_temperature(logits, labels)
    groups = np.arange(len(unknown_logits)) if unknown_groups is None else np.asarray(unknown_groups)
    number = np.unique(groups, return_inverse=True)[1].reshape(-1)
    tuned = number % 2 == 0
    if tuned.all():
        tuned = np.arange(len(groups)) % 2 == 0
    outputs = (logits, features), (unknown_logits, unknown_features)
    fits = dict(distance=distances, density=density)
    given = dict(held_scores or {})
    single, scales, found = {}, {}, {}
    for kind in kinds:
        parts = PARTS.get(kind, (kind,))
        if any(part in fits and (fits[part] is None or unknown_features is None) for part in parts):
            continue
        for part in parts:
            if part not in single:
                scores = [
                    given[part] if part in given and side == 0
                    else known_scores(part, *outputs[side], temperature, distances, density)
                    for side in (0, 1)
                ]  # fmt: skip
                single[part] = tuple(np.asarray(each, np.float64) for each in scores)
        if kind in PARTS:
            scales[kind] = {part: scale_of(single[part][0]) for part in parts}
            found[kind] = tuple(
                summed({part: single[part][side] for part in parts}, scales[kind]) for side in (0, 1)
            )
        else:
            found[kind] = single[kind]
    kind = max(found, key=lambda name: auroc(found[name][0], found[name][1][tuned]))
    known, unknown = found[kind]
    judged = unknown[~tuned] if (~tuned).any() else unknown
    threshold = threshold_for(known, kept)
    return Rejection(
        kind,
        threshold,
        temperature,
        tuple(np.quantile(known, np.linspace(0, 1, _QUANTILES)).tolist()),
        noun,
        distances if 'distance' in PARTS.get(kind, (kind,)) else None,
        density if 'density' in PARTS.get(kind, (kind,)) else None,
        scales.get(kind),
        dict(
            auroc=auroc(known, judged),
            false_alarms=false_alarms(judged, threshold),
            kept=_kept_across(known, kept),
            known=len(known),
            unknown=len(judged),
        ),
    )


def _kept_across(known: np.ndarray, kept: float) -> float:
    """Share of clips that the threshold of the other half of them keeps."""
    halves = known[::2], known[1::2]
    if not len(halves[1]):
        return 1.0
    shares = [(own >= threshold_for(other, kept)).mean() for own, other in (halves, halves[::-1])]
    return float(np.mean(shares))
