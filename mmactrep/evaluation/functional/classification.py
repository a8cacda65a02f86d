"""Metrics of single-label classification, as functions on arrays (section 2.2.2 of the thesis).

Scores are (N, K), one row per clip and one column per class, higher is likelier; labels are (N,) integers in
[0, K). Where several classes share a score, the one with the lower index comes first everywhere,
so Top-1, the confusion matrix and everything derived from it agree on the predictions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmactrep.files import shown

SCORE_KINDS = ('logits', 'probabilities')

# Probabilities rounded to half precision or bfloat16 still sum to 1 within this.
_SUM_TOLERANCE = 1e-2
_NUM_NAMED = 5


def check_scores(
    scores: np.ndarray, labels: np.ndarray | None = None, ids: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Check that metrics are defined on these scores and labels.

    Args:
        scores: (N, K) floats.
        labels: (N,) integers in [0, K). Default: only the scores are checked.
        ids: (N,) names of the clips, for the message. Default: their row numbers.

    Returns:
        The two as arrays.

    Raises:
        ValueError: If there is no clip or no class, a shape is wrong, a score is NaN or infinite, or a
            label is not a class; the message names the clips.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or 0 in scores.shape:
        raise ValueError(f'scores must be (clips, classes), at least one of each, found shape {scores.shape}')
    finite = np.isfinite(scores).all(axis=1)
    if not finite.all():
        raise ValueError(f'scores are NaN or infinite for {name_clips(~finite, ids)}')
    if labels is None:
        return scores, None
    labels = np.asarray(labels)
    if labels.shape != scores.shape[:1]:
        raise ValueError(
            f'labels must be one class per clip, shape {scores.shape[:1]}, found shape {labels.shape}'
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f'labels must be integers, found {labels.dtype}')
    outside = (labels < 0) | (labels >= scores.shape[1])
    if outside.any():
        raise ValueError(
            f'labels must lie in [0, {scores.shape[1]}), found '
            f'{np.unique(labels[outside])[:_NUM_NAMED].tolist()} for {name_clips(outside, ids)}'
        )
    return scores, labels


def name_clips(chosen: np.ndarray, ids: Sequence[str] | None = None) -> str:
    """The clips of a mask (N,) for an error message: how many, and the first few by id or row."""
    rows = np.flatnonzero(chosen)
    names = [str(row) if ids is None else shown(str(ids[row])) for row in rows[:_NUM_NAMED]]
    more = f' and {len(rows) - len(names)} more' if len(rows) > len(names) else ''
    return f'{len(rows)} clip(s): {", ".join(names)}{more}' + (' (rows)' if ids is None else '')


def top_k_accuracy(scores: np.ndarray, labels: np.ndarray, k: int = 1) -> float:
    """Share of clips whose label is among their k highest scores; 1 if there are at most k classes.

    Args:
        scores: (N, K).
        labels: (N,).
        k: Number of guesses, at least 1.

    Raises:
        ValueError: If k is below 1; also see :func:`check_scores`.
    """
    if k < 1:
        raise ValueError(f'k of Top-k must be at least 1, got {k}')
    scores, labels = check_scores(scores, labels)
    label_scores = np.take_along_axis(scores, labels[:, None], axis=1)
    tied_before = (scores == label_scores) & (np.arange(scores.shape[1]) < labels[:, None])
    rank = np.count_nonzero((scores > label_scores) | tied_before, axis=1)
    return float(np.mean(rank < k))


def confusion_matrix(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Count clips by label (row) and predicted class (column).

    Args:
        scores: (N, K).
        labels: (N,).

    Returns:
        (K, K) int64; a class without clips has a row of zeros.
    """
    from sklearn.metrics import confusion_matrix as count_pairs

    scores, labels = check_scores(scores, labels)
    return count_pairs(labels, scores.argmax(axis=1), labels=np.arange(scores.shape[1]))


def per_class_accuracy(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of each class's clips that are recognized: its recall, R_c of Eq. 2.4.

    Tables of "mean per-class accuracy" average this. Eq. 2.2 also counts true negatives and is therefore
    close to 1 for every class when there are many classes.

    Args:
        scores: (N, K).
        labels: (N,).

    Returns:
        (K,) float64, NaN for a class without clips.
    """
    matrix = confusion_matrix(scores, labels)
    support = matrix.sum(axis=1)
    return np.where(support > 0, np.diag(matrix) / np.maximum(support, 1), np.nan)


def mean_class_accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mean of :func:`per_class_accuracy` over the classes that occur in the labels.

    Equals scikit-learn's ``balanced_accuracy_score``. mmaction2's function of the same name also
    counts a class without clips as 0 as soon as it is predicted once.

    Args:
        scores: (N, K).
        labels: (N,).
    """
    return float(np.nanmean(per_class_accuracy(scores, labels)))


def pair_accuracy(scores: np.ndarray, labels: np.ndarray, pair: tuple[int, int]) -> float:
    """Share of the clips of two classes that score higher for their own class than for the other one.

    It tells how well two classes are told apart, whatever else a clip is taken for; 0.5 is guessing. An equal
    score counts half.

    Args:
        scores: (N, K).
        labels: (N,).
        pair: The two classes.

    Raises:
        ValueError: If one of the two has no clip; also see :func:`check_scores`.
    """
    scores, labels = check_scores(scores, labels)
    shares = []
    for own, other in (pair, pair[::-1]):
        rows = labels == own
        if not rows.any():
            raise ValueError(f'class {own} has no clips to tell from those of class {other}')
        difference = scores[rows, own] - scores[rows, other]
        shares.append((difference > 0) + 0.5 * (difference == 0))
    return float(np.concatenate(shares).mean())


def precision_recall_f_score(
    scores: np.ndarray, labels: np.ndarray, average: bool = True
) -> tuple[float, float, float] | tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F-score (Eq. 2.3 to 2.5).

    The F-score is the mean of the classes' F-scores, as in Eq. 2.5, not the F-score of the mean precision
    and recall. The means run over C, the classes that occur in the labels or the predictions; a ratio 0 / 0
    counts as 0 (scikit-learn's ``average='macro'``, ``zero_division=0``). The recall is therefore below
    :func:`mean_class_accuracy` if a class without clips is predicted.

    Args:
        scores: (N, K).
        labels: (N,).
        average: Return the means over C; otherwise the values of all K classes.

    Returns:
        Precision, recall and F-score: numbers, or arrays (K,).
    """
    from sklearn.metrics import precision_recall_fscore_support

    scores, labels = check_scores(scores, labels)
    classes = None if average else np.arange(scores.shape[1])
    precision, recall, f_score, _ = precision_recall_fscore_support(
        labels,
        scores.argmax(axis=1),
        labels=classes,
        average='macro' if average else None,
        zero_division=0,
    )
    return precision, recall, f_score


def classification_metrics(
    scores: np.ndarray, labels: np.ndarray, topk: Sequence[int] = (1, 5)
) -> dict[str, float]:
    """All metrics with a single value.

    Args:
        scores: (N, K).
        labels: (N,).
        topk: The k of the Top-k accuracies.

    Returns:
        ``top<k>`` for each k, ``mean_class_accuracy``, ``precision``, ``recall``, ``f_score``, all in
        [0, 1].
    """
    result = {f'top{k}': top_k_accuracy(scores, labels, k) for k in topk}
    result['mean_class_accuracy'] = mean_class_accuracy(scores, labels)
    names = ('precision', 'recall', 'f_score')
    return result | {name: float(x) for name, x in zip(names, precision_recall_f_score(scores, labels))}


def softmax(scores: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, in float64.

    Args:
        scores: (..., K) logits.

    Returns:
        (..., K) float64 that sum to 1.
    """
    from scipy.special import softmax as softmax_of

    return softmax_of(np.asarray(scores, np.float64), axis=-1)


def score_kind(scores: np.ndarray) -> str:
    """Whether scores are 'probabilities' (none is negative and every row sums to 1) or 'logits'.

    mmaction2's heads give either, depending on ``average_clips``.

    Args:
        scores: (N, K).
    """
    scores = np.asarray(scores, np.float64)
    probable = (scores >= 0).all() and np.allclose(scores.sum(axis=-1), 1, rtol=0, atol=_SUM_TOLERANCE)
    return 'probabilities' if probable else 'logits'


def fuse(
    streams: Sequence[np.ndarray],
    weights: Sequence[float] | None = None,
    kinds: Sequence[str] | None = None,
) -> np.ndarray:
    """Late fusion of streams: the weighted sum of their softmax scores.

    Args:
        streams: Scores (N, K) of each stream, the clips in the same order.
        weights: One non-negative weight per stream. Default: 1 for each.
        kinds: 'logits' or 'probabilities' for each stream; the latter have been through a softmax and
            are summed as they are. Default: :func:`score_kind` of each.

    Returns:
        (N, K) float64; each row sums to the sum of the weights.

    Raises:
        ValueError: If there is no stream, shapes differ, a score is NaN or infinite, or weights or kinds
            do not fit the streams.
    """
    streams = [check_scores(scores)[0] for scores in streams]
    shapes = {scores.shape for scores in streams}
    if len(shapes) != 1:
        raise ValueError(f'streams to fuse must share one shape (clips, classes), found {sorted(shapes)}')
    weights = np.ones(len(streams)) if weights is None else np.asarray(weights, np.float64)
    if weights.shape != (len(streams),):
        raise ValueError(f'{len(streams)} streams need as many weights, found {weights.tolist()}')
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ValueError(f'weights must be at least 0 and not all 0, found {weights.tolist()}')
    kinds = [score_kind(scores) for scores in streams] if kinds is None else list(kinds)
    if len(kinds) != len(streams) or not set(kinds) <= set(SCORE_KINDS):
        raise ValueError(f'{len(streams)} streams need as many kinds of {SCORE_KINDS}, found {kinds}')
    fused = np.zeros(streams[0].shape)
    for scores, weight, kind in zip(streams, weights, kinds):
        fused += weight * (softmax(scores) if kind == 'logits' else scores)
    return fused
