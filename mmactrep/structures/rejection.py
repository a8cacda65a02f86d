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
KINDS = ('probability', 'energy', 'distance')
_MOST_QUANTILES, _LARGEST = 1001, 10_000


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


def known_scores(
    kind: str,
    logits: np.ndarray,
    features: np.ndarray | None = None,
    temperature: float = 1.0,
    distances: ClassDistances | None = None,
) -> np.ndarray:
    """How well clips fit a class: high for motions of a class, low for others.

    ``'probability'`` is the highest softmax probability at a temperature, ``'energy'`` the negative free
    energy T · log Σ_k exp(logit_k / T), and ``'distance'`` the negative logarithm of the distance to the
    nearest class among the features.

    Args:
        kind: One of :data:`KINDS`.
        logits: (N, K).
        features: (N, C'), for the distance.
        temperature: T.
        distances: For the distance.

    Returns:
        (N,) float64.
    """
    if kind == 'distance':
        if features is None or distances is None:
            raise ValueError("'distance' needs features and class distances")
        return -np.log(np.maximum(distances(features), 1e-12))
    scaled = np.asarray(logits, np.float64) / temperature
    top = scaled.max(axis=1, keepdims=True)
    total = top[:, 0] + np.log(np.exp(scaled - top).sum(axis=1))
    if kind == 'energy':
        return temperature * total
    if kind == 'probability':
        return np.exp(top[:, 0] - total)
    raise ValueError(f'kind must be one of {", ".join(KINDS)}, found {kind!r}')


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
        distances: For ``kind='distance'``.
        figures: What was measured when it was calibrated, by name.
    """

    kind: str
    threshold: float
    temperature: float = 1.0
    quantiles: tuple[float, ...] = ()
    noun: str = 'classes'
    distances: ClassDistances | None = None
    figures: Mapping[str, float] = field(default_factory=dict)

    def scores(self, logits: np.ndarray, features: np.ndarray | None = None) -> np.ndarray:
        """(N,) scores of clips; see :func:`known_scores`."""
        return known_scores(self.kind, logits, features, self.temperature, self.distances)

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
        if self.distances is not None:
            import torch

            found['distances'] = {
                name: torch.from_numpy(np.ascontiguousarray(getattr(self.distances, name))).float()
                for name in ('middle', 'axes', 'centers')
            }
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
            made = cls(
                kind=str(found['kind']),
                threshold=_finite(found['threshold']),
                temperature=_finite(found['temperature']),
                quantiles=tuple(_finite(value) for value in list(found['quantiles'])[:_MOST_QUANTILES]),
                noun=str(found['noun'])[:80],
                distances=distances,
                figures={str(name): float(value) for name, value in dict(found['figures']).items()},
            )
            if made.kind not in KINDS or made.temperature <= 0 or np.any(np.diff(made.quantiles) < 0):
                raise ValueError('its kind, temperature or quantiles are none')
            if (made.kind == 'distance') != (distances is not None):
                raise ValueError('class distances and kind do not fit')
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


def _read_distances(found: Any, num_classes: int | None) -> ClassDistances | None:
    if found is None:
        return None
    middle, axes, centers = (
        np.asarray(found[name].float().numpy(), np.float64) for name in ('middle', 'axes', 'centers')
    )
    fits = axes.ndim == 2 and middle.shape == axes.shape[:1] and centers.shape[1:] == axes.shape[1:]
    if not fits or max(*axes.shape, len(centers)) > _LARGEST:
        raise ValueError(f'shapes {middle.shape}, {axes.shape}, {centers.shape} do not fit')
    if num_classes is not None and len(centers) != num_classes:
        raise ValueError(f'{len(centers)} class means for {num_classes} classes')
    if not all(np.isfinite(each).all() for each in (middle, axes, centers)):
        raise ValueError('class means are not finite')
    return ClassDistances(middle, axes, centers)
