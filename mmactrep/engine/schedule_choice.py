"""Choosing the learning rate and the length of a training on validation data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev


@dataclass(frozen=True)
class Trial:
    """One rate and length.

    Args:
        rate: Learning rate.
        epochs: Length.
        values: Metric of every seed, higher is better.
    """

    rate: float
    epochs: int
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return mean(self.values)


@dataclass(frozen=True)
class Choice:
    """Result of :func:`choose_schedule`.

    Args:
        best: The trial with the highest mean; of equal ones, the shortest, then the one with the lowest rate.
        trials: All trials, in the order in which they were run.
        plateau: Whether the last length gained nothing over the one before.
    """

    best: Trial
    trials: tuple[Trial, ...]
    plateau: bool

    def warnings(self, rates: Sequence[float]) -> list[str]:
        """What the grid leaves open."""
        found = []
        if not self.plateau:
            found.append(f'the longest training, {self.trials[-1].epochs} epochs, may still gain')
        if len(rates) > 1 and self.best.rate in (min(rates), max(rates)):
            found.append(f'the best rate, {self.best.rate:g}, is at the edge of the grid')
        return found


def choose_schedule(
    run: Callable[[float, int, int], float],
    rates: Sequence[float],
    epochs: Sequence[int],
    seeds: Sequence[int] = (0,),
    longest: int | None = None,
    keep: int = 2,
) -> Choice:
    """Try rates at increasing lengths until a longer training no longer gains.

    All rates are tried at the shortest length, and the ``keep`` best of a length at the next one. A length
    gains if the best mean rises by more than the standard error of the rise over the seeds (by anything, with
    one seed).

    Args:
        run: Metric of a training with (rate, epochs, seed), higher is better.
        rates: Learning rates.
        epochs: Lengths.
        seeds: Seeds over which metrics are averaged.
        longest: Continue after the last of ``epochs`` by doubling, up to this length. Default: do not.
        keep: Rates that are tried at the next length.

    Raises:
        ValueError: If there is no rate, length or seed, or ``keep`` is less than 1.
    """
    if not rates or not epochs or not seeds or keep < 1:
        raise ValueError('expected at least one rate, one length and one seed, and keep of at least 1')
    lengths = sorted(set(epochs))
    while longest is not None and 2 * lengths[-1] <= longest:
        lengths.append(2 * lengths[-1])
    trials: list[Trial] = []
    left, before, plateau = sorted(set(rates)), None, False
    for length in lengths:
        found = [Trial(rate, length, tuple(run(rate, length, seed) for seed in seeds)) for rate in left]
        trials += found
        ranked = sorted(found, key=lambda trial: -trial.mean)
        plateau = before is not None and not _gains(ranked[0], before)
        if plateau:
            break
        before, left = ranked[0], sorted(trial.rate for trial in ranked[:keep])
    best = min(trials, key=lambda trial: (-trial.mean, trial.epochs, trial.rate))
    return Choice(best, tuple(trials), plateau)


def _gains(longer: Trial, shorter: Trial) -> bool:
    rises = [after - before for after, before in zip(longer.values, shorter.values)]
    error = stdev(rises) / len(rises) ** 0.5 if len(rises) > 1 else 0.0
    return mean(rises) > error
