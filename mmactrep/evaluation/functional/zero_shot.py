"""Recognition of classes that were not trained on, as functions on arrays.

Scores are (N, K), labels (N,), and ``seen`` (K,) booleans says which classes were trained on. "Generalized"
figures let every clip compete for all classes, seen and unseen.
"""

from __future__ import annotations

import numpy as np

from .classification import check_scores, mean_class_accuracy, softmax, top_k_accuracy


def zero_shot_metrics(scores: np.ndarray, labels: np.ndarray, seen: np.ndarray) -> dict[str, float]:
    """Accuracies of zero-shot and generalized zero-shot recognition.

    Args:
        scores: (N, K).
        labels: (N,).
        seen: (K,) booleans.

    Returns:
        Shares in [0, 1]; those of which there is no clip are absent:

        - ``unseen_only``: Top-1 of clips of unseen classes, among these classes alone (zero-shot);
        - ``all``: Top-1 of all clips among all classes;
        - ``seen``, ``unseen``: Top-1 of clips of seen and of unseen classes, among all classes;
        - ``harmonic_mean``: of the latter two;
        - ``mean_class_...``: likewise, averaged over classes first (Xian et al. 2017).

    Raises:
        ValueError: If ``seen`` does not fit the scores; also see :func:`check_scores`.
    """
    scores, labels, seen = _checked(scores, labels, seen)
    of_seen = seen[labels]
    parts = {'all': np.ones(len(labels), bool), 'seen': of_seen, 'unseen': ~of_seen}
    parts = {name: rows for name, rows in parts.items() if rows.any()}
    found = {}
    for prefix, accuracy in (('', top_k_accuracy), ('mean_class_', mean_class_accuracy)):
        if not of_seen.all():
            number = np.cumsum(~seen) - 1  # of each unseen class among the unseen ones
            alone = scores[~of_seen][:, ~seen], number[labels[~of_seen]]
            found[f'{prefix}unseen_only'] = accuracy(*alone)
        found |= {f'{prefix}{name}': accuracy(scores[rows], labels[rows]) for name, rows in parts.items()}
        if len(parts) == 3:
            pair = found[f'{prefix}seen'], found[f'{prefix}unseen']
            found[f'{prefix}harmonic_mean'] = harmonic_mean(*pair)
    return {name: float(value) for name, value in found.items()}


def harmonic_mean(first: float, second: float) -> float:
    """2ab / (a + b), and 0 if both are."""
    return 2 * first * second / (first + second) if first + second > 0 else 0.0


def calibrated(scores: np.ndarray, seen: np.ndarray, constant: float) -> np.ndarray:
    """Calibrated stacking (Chao et al. 2016): the scores of seen classes less a constant.

    Args:
        scores: (N, K) logits.
        seen: (K,) booleans.
        constant: γ; larger ones favor unseen classes.
    """
    return np.asarray(scores, np.float64) - constant * np.asarray(seen, bool)


def choose_constant(scores: np.ndarray, seen: np.ndarray, kept: float = 0.9) -> float:
    """The constant of :func:`calibrated` at which a share of training clips still goes to a seen class.

    Training has no clip of an unseen class, so the constant cannot be tuned on the accuracy of those. It is
    the largest that costs seen classes no more than the rest of the clips.

    Args:
        scores: (N, K) logits of clips of seen classes.
        seen: (K,) booleans, both kinds occur.
        kept: The share, in [0, 1].

    Returns:
        γ, at least 0.

    Raises:
        ValueError: If all classes are seen or none is, or the share is outside [0, 1].
    """
    scores, _ = check_scores(scores)
    seen = np.asarray(seen, bool)
    if seen.shape != scores.shape[1:] or seen.all() or not seen.any() or not 0 <= kept <= 1:
        raise ValueError(
            f'expected seen and unseen classes among {scores.shape[1]} and a share in [0, 1], found '
            f'{int(seen.sum())} of {seen.size} seen and {kept}'
        )
    scores = scores.astype(np.float64)
    margins = np.sort(scores[:, seen].max(axis=1) - scores[:, ~seen].max(axis=1))
    # a clip is kept if its margin is larger than the constant, so that one just below the margin keeps it
    first = min(int(np.floor((1 - kept) * len(margins) + 1e-9)), len(margins) - 1)
    return max(float(np.nextafter(margins[first], -np.inf)), 0.0)


def conse(
    probabilities: np.ndarray, seen_vectors: np.ndarray, class_vectors: np.ndarray, top_k: int = 10
) -> np.ndarray:
    """Convex combination of semantic embeddings (Norouzi et al. 2014): classes that a classifier lacks.

    A clip's vector is the mean of the texts' vectors of its ``top_k`` likeliest seen classes, weighted by
    their probabilities. It is compared with the vectors of the classes to tell apart.

    Args:
        probabilities: (N, S) of seen classes.
        seen_vectors: (S, D) unit vectors of their texts.
        class_vectors: (K, D) unit vectors of the texts of the classes to tell apart.
        top_k: T.

    Returns:
        (N, K) cosines.

    Raises:
        ValueError: If shapes do not fit each other, or ``top_k`` is below 1.
    """
    probabilities = _check_vectors(probabilities, seen_vectors, class_vectors)
    if top_k < 1:
        raise ValueError(f'top_k must be at least 1, got {top_k}')
    best = np.argsort(-probabilities, axis=1, kind='stable')[:, :top_k]
    weights = np.take_along_axis(probabilities, best, axis=1)
    combined = (weights[..., None] * np.asarray(seen_vectors, np.float64)[best]).sum(axis=1)
    length = np.linalg.norm(combined, axis=1, keepdims=True)
    return combined / np.maximum(length, 1e-12) @ np.asarray(class_vectors, np.float64).T


def map_by_similarity(
    probabilities: np.ndarray,
    seen_vectors: np.ndarray,
    class_vectors: np.ndarray,
    temperature: float = 0.1,
) -> np.ndarray:
    """Probabilities of classes that a classifier lacks: those of seen classes, shared out by similar texts.

    Every seen class s gives its probability to the classes k by the softmax over k of their texts' cosine,
    divided by the temperature: p(k) = Σ_s p(s) softmax_k(cos(s, k) / Temp).

    Args:
        probabilities: (N, S) of seen classes.
        seen_vectors: (S, D) unit vectors.
        class_vectors: (K, D) unit vectors.
        temperature: Temp.

    Returns:
        (N, K) probabilities.

    Raises:
        ValueError: If shapes do not fit each other, or the temperature is not positive.
    """
    probabilities = _check_vectors(probabilities, seen_vectors, class_vectors)
    if temperature <= 0:
        raise ValueError(f'temperature must be positive, got {temperature}')
    return probabilities @ softmax(np.asarray(seen_vectors) @ np.asarray(class_vectors).T / temperature)


def _checked(
    scores: np.ndarray, labels: np.ndarray, seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    scores, labels = check_scores(scores, labels)
    seen = np.asarray(seen)
    if seen.dtype != bool or seen.shape != scores.shape[1:]:
        raise ValueError(
            f'seen must be a boolean for each of {scores.shape[1]} classes, found {seen.dtype} {seen.shape}'
        )
    return scores, labels, seen


def _check_vectors(
    probabilities: np.ndarray, seen_vectors: np.ndarray, class_vectors: np.ndarray
) -> np.ndarray:
    probabilities, shapes = check_scores(probabilities)[0], (np.shape(seen_vectors), np.shape(class_vectors))
    if any(len(shape) != 2 for shape in shapes) or shapes[0][1] != shapes[1][1]:
        raise ValueError(f'expected vectors (S, D) and (K, D), found {shapes[0]} and {shapes[1]}')
    if probabilities.shape[1] != shapes[0][0]:
        raise ValueError(
            f'expected a vector for each of {probabilities.shape[1]} seen classes, found {shapes[0][0]}'
        )
    return np.asarray(probabilities, np.float64)
