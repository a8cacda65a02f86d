"""When a recognizer says that a motion is none of its classes: a score, its threshold, and their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mmactrep.errors import UserError

#: Key of a checkpoint's ``meta``.
REJECTION = 'rejection'
#: How well a clip fits a class, higher is better; see :func:`known_scores`.
KINDS = ('probability', 'energy', 'distance', 'density', 'distance+density')
#: Kinds that are made of others.
PARTS = {'distance+density': ('distance', 'density')}
#: What is kept as tensors, by the field of a rejection.
ARRAYS = dict(distances=('middle', 'axes', 'centers'), density=('features', 'own'))
#: Neighbors for the density.
NEAREST = 3
_MOST_QUANTILES, _LARGEST = 1001, 10_000
# deviations beyond which a score says no more
_FAR = 8.0


class RejectionError(UserError, ValueError):
    """A calibration that cannot be used."""


@dataclass(frozen=True, eq=False)
class ClassDistances:
    """Distance of features to the nearest class, in units of the spread within classes (Mahalanobis).

    Args:
        middle: (C',) mean of all features.
        axes: (C', P) directions in which a feature is measured, scaled to unit spread within the classes.
        centers: (K, P) class means in these coordinates.
    """

    middle: np.ndarray
    axes: np.ndarray
    centers: np.ndarray

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(N,) squared distances to the nearest class of features (N, C'), a mean over the P directions."""
        place = (np.asarray(features, np.float64) - self.middle) @ self.axes
        squared = ((place[:, None] - self.centers[None]) ** 2).mean(axis=-1)
        return squared.min(axis=1)


@dataclass(frozen=True, eq=False)
class TrainingDensity:
    """Whether features lie where training features lie, as densely as these.

    The idea of a local outlier factor, by cosines: a difference of mean cosines in place of a ratio of
    densities. It is made of two arrays alone, which a checkpoint or an ONNX file can hold; scikit-learn's
    ``LocalOutlierFactor`` would be fitted anew by whoever opens one.

    Args:
        features: (n, C') training features, of unit length.
        own: (n,) mean cosine of each to its nearest others.
        nearest: How many others.
    """

    features: np.ndarray
    own: np.ndarray
    nearest: int = NEAREST

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(N,) mean cosine of features (N, C') to their nearest training features, less that of these."""
        cosines = unit(features) @ self.features.T
        rows = np.argsort(-cosines, axis=1, kind='stable')[:, : self.nearest]
        return np.take_along_axis(cosines, rows, axis=1).mean(axis=1) - self.own[rows].mean(axis=1)


def unit(features: np.ndarray) -> np.ndarray:
    """Features (N, C') scaled to unit length, float64; a zero stays zero."""
    features = np.asarray(features, np.float64)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True)
class Scale:
    """Turns a score into deviations from that of held-out clips of the classes.

    Args:
        middle: Their median.
        spread: Their deviation, from the median absolute one.
    """

    middle: float
    spread: float

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """(N,) deviations; far ones are cut, so that no score decides alone."""
        return np.clip((np.asarray(scores, np.float64) - self.middle) / self.spread, -_FAR, _FAR)


def known_scores(
    kind: str,
    logits: np.ndarray,
    features: np.ndarray | None = None,
    temperature: float = 1.0,
    distances: ClassDistances | None = None,
    density: TrainingDensity | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> np.ndarray:
    """How well clips fit a class: high for motions of a class, low for others.

    ``'probability'`` is the highest softmax probability at a temperature, ``'energy'`` the negative free
    energy T · log Σ_k exp(logit_k / T), ``'distance'`` the negative logarithm of the distance to the
    nearest class among the features, ``'density'`` how alike the nearest training clips are, compared with
    how alike these are to each other, and ``'distance+density'`` the sum of the two in deviations.

    Args:
        kind: One of :data:`KINDS`.
        logits: (N, K).
        features: (N, C'), for distance and density.
        temperature: T.
        distances: For the distance.
        density: For the density.
        scales: Of distance and density, for their sum.

    Returns:
        (N,) float64.
    """
    if kind in PARTS:
        if scales is None:
            raise ValueError(f'{kind!r} needs scales')
        parts = {
            name: known_scores(name, logits, features, temperature, distances, density)
            for name in PARTS[kind]
        }
        return summed(parts, scales)
    if kind == 'distance':
        if features is None or distances is None:
            raise ValueError("'distance' needs features and class distances")
        return -np.log(np.maximum(distances(features), 1e-12))
    if kind == 'density':
        if features is None or density is None:
            raise ValueError("'density' needs features and the density of the training clips")
        return density(features)
    scaled = np.asarray(logits, np.float64) / temperature
    top = scaled.max(axis=1, keepdims=True)
    total = top[:, 0] + np.log(np.exp(scaled - top).sum(axis=1))
    if kind == 'energy':
        return temperature * total
    if kind == 'probability':
        return np.exp(top[:, 0] - total)
    raise ValueError(f'kind must be one of {", ".join(KINDS)}, found {kind!r}')


def summed(parts: Mapping[str, np.ndarray], scales: Mapping[str, Scale]) -> np.ndarray:
    """(N,) sum of scores (N,) in deviations, each by its own scale."""
    return np.sum([scales[name](scores) for name, scores in parts.items()], axis=0)


@dataclass(frozen=True, eq=False)
class Rejection:
    """A calibrated rejection: which clips are none of the classes.

    Args:
        kind: One of :data:`KINDS`.
        threshold: Clips with a lower score are none of the classes.
        temperature: T of the softmax at which probabilities of held-out clips are right on average.
        quantiles: (Q,) increasing: evenly spaced quantiles of the scores of held-out clips of the classes,
            from the lowest to the highest.
        noun: What the classes are, in the plural: 'sports'.
        distances: For kinds with the distance.
        density: For kinds with the density.
        scales: For kinds that are a sum.
        figures: What was measured when it was calibrated, by name.
    """

    kind: str
    threshold: float
    temperature: float = 1.0
    quantiles: tuple[float, ...] = ()
    noun: str = 'classes'
    distances: ClassDistances | None = None
    density: TrainingDensity | None = None
    scales: Mapping[str, Scale] | None = None
    figures: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f'Rejection(by {self.kind}: none of the {self.noun} below {self.threshold:.4g})'

    def scores(self, logits: np.ndarray, features: np.ndarray | None = None) -> np.ndarray:
        """(N,) scores of clips; see :func:`known_scores`."""
        return known_scores(
            self.kind, logits, features, self.temperature, self.distances, self.density, self.scales
        )

    def doubt(self, score: float) -> float:
        """Share of clips of the classes that fit better than this, in [0, 1]; NaN without quantiles."""
        if not len(self.quantiles) or not np.isfinite(score):
            return float('nan')
        return float(1 - np.interp(score, self.quantiles, np.linspace(0, 1, len(self.quantiles))))

    def verdict(self, num_classes: int) -> str:
        """What is said of a clip that is none of the classes.

        >>> Rejection('energy', 0.0, noun='sports').verdict(15)
        'none of the 15 sports'
        """
        return f'none of the {num_classes} {self.noun}'

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a checkpoint; arrays become tensors."""
        found: dict[str, Any] = dict(
            kind=self.kind,
            threshold=float(self.threshold),
            temperature=float(self.temperature),
            quantiles=[float(value) for value in self.quantiles],
            noun=self.noun,
            figures={name: float(value) for name, value in self.figures.items()},
        )
        for name, fields in ARRAYS.items():
            if (each := getattr(self, name)) is not None:
                found[name] = {field: _tensor(getattr(each, field)) for field in fields}
        if self.density is not None:
            found['density']['nearest'] = self.density.nearest
        if self.scales is not None:
            found['scales'] = {name: [each.middle, each.spread] for name, each in self.scales.items()}
        return found

    @classmethod
    def from_dict(cls, found: Any, path: object, num_classes: int | None = None) -> Rejection:
        """The inverse of :meth:`to_dict`, for the content of a foreign file.

        Args:
            found: What the checkpoint holds.
            path: Its path, for the message.
            num_classes: Classes of the model.

        Raises:
            RejectionError: If it is not a calibration of such a model.
        """
        try:
            distances = _read_distances(found.get('distances'), num_classes)
            density = _read_density(found.get('density'))
            scales = found.get('scales')
            made = cls(
                kind=str(found['kind']),
                threshold=_finite(found['threshold']),
                temperature=_finite(found['temperature']),
                quantiles=tuple(_finite(value) for value in list(found['quantiles'])[:_MOST_QUANTILES]),
                noun=str(found['noun'])[:80],
                distances=distances,
                density=density,
                scales=None if scales is None else {str(k): _scale(*v) for k, v in scales.items()},
                figures={str(name): float(value) for name, value in dict(found['figures']).items()},
            )
            if made.kind not in KINDS or made.temperature <= 0 or np.any(np.diff(made.quantiles) < 0):
                raise ValueError('its kind, temperature or quantiles are none')
            parts = PARTS.get(made.kind, (made.kind,))
            if ('distance' in parts) != (distances is not None):
                raise ValueError('class distances and kind do not fit')
            if ('density' in parts) != (density is not None):
                raise ValueError('density and kind do not fit')
            if set(parts if len(parts) > 1 else ()) != set(made.scales or ()):
                raise ValueError('scales and kind do not fit')
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RejectionError(
                f'{path}: the calibration of its rejection cannot be read: {error}'
            ) from error
        return made


def _finite(value: Any) -> float:
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f'{value!r:.40} is not finite')
    return number


def _scale(middle: Any, spread: Any) -> Scale:
    made = Scale(_finite(middle), _finite(spread))
    if made.spread <= 0:
        raise ValueError(f'a spread of {spread!r:.40}')
    return made


def _tensor(array: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).float()


def _read_density(found: Any) -> TrainingDensity | None:
    if found is None:
        return None
    features, own = (np.asarray(found[name].float().numpy(), np.float64) for name in ARRAYS['density'])
    nearest = int(found['nearest'])
    if features.ndim != 2 or own.shape != features.shape[:1] or max(features.shape) > _LARGEST:
        raise ValueError(f'shapes {features.shape}, {own.shape} do not fit')
    if not 0 < nearest <= len(features):
        raise ValueError(f'{nearest} nearest of {len(features)} training clips')
    if not (np.isfinite(features).all() and np.isfinite(own).all()):
        raise ValueError('training features are not finite')
    return TrainingDensity(features, own, nearest)


def _read_distances(found: Any, num_classes: int | None) -> ClassDistances | None:
    if found is None:
        return None
    middle, axes, centers = (
        np.asarray(found[name].float().numpy(), np.float64) for name in ARRAYS['distances']
    )
    fits = axes.ndim == 2 and middle.shape == axes.shape[:1] and centers.shape[1:] == axes.shape[1:]
    if not fits or max(*axes.shape, len(centers)) > _LARGEST:
        raise ValueError(f'shapes {middle.shape}, {axes.shape}, {centers.shape} do not fit')
    if num_classes is not None and len(centers) != num_classes:
        raise ValueError(f'{len(centers)} class means for {num_classes} classes')
    if not all(np.isfinite(each).all() for each in (middle, axes, centers)):
        raise ValueError('class means are not finite')
    return ClassDistances(middle, axes, centers)
