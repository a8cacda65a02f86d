"""Simulated pose experts: from true skeletons, the proposals of an estimator of some family.

Every failure is a function of one person's skeletons (T, V, 2) and scores (T, V) and returns new ones.
Failures come in bursts, as they do for estimators on consecutive frames, or, with a mean length of one frame,
flicker. Lengths are in head lengths of the true body, so that severity does not depend on the picture's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mmactrep.structures import SkeletonLayout, check_joint_count
from mmactrep.structures.body_length import body_length

Poses = tuple[np.ndarray, np.ndarray]
_LEG_PARTS = ('hip', 'knee', 'ankle', 'foot', 'heel', 'toe')
# Share of the jitter that drifts from frame to frame, and how fast it decays.
_DRIFT, _MEMORY = 0.6, 0.9


@dataclass(frozen=True)
class Failure:
    """How often something fails, and for how long.

    Args:
        share: Mean share of frames in which it fails, in [0, 1).
        frames: Mean length of a burst in frames, at least 1; 1 is flicker.

    Raises:
        ValueError: If a value is out of range.
    """

    share: float = 0.0
    frames: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.share < 1 and self.frames >= 1):
            raise ValueError(f'a failure needs 0 <= share < 1 and frames >= 1, found {self}')


def bursts(shape: tuple[int, ...], failure: Failure, rng: np.random.Generator) -> np.ndarray:
    """When a failure is active: independent two-state Markov chains along the first axis.

    Args:
        shape: (T, ...).
        failure: Share and mean length; pauses last at least one frame, even if the share needs shorter ones.
        rng: Generator.

    Returns:
        Mask of that shape.
    """
    end = 1 / failure.frames
    begin = min(1.0, end * failure.share / (1 - failure.share))
    draws = rng.random(shape)
    on = np.empty(shape, bool)
    now = rng.random(shape[1:]) < failure.share
    for t, draw in enumerate(draws):
        if t:
            now = np.where(now, draw >= end, draw < begin)
        on[t] = now
    return on


def jitter(keypoint: np.ndarray, head: float, level: float, rng: np.random.Generator) -> np.ndarray:
    """Add noise with a deviation of ``level`` head lengths, partly new in every frame, partly drifting."""
    from scipy.signal import lfilter

    white, slow = rng.standard_normal((2, *keypoint.shape))
    slow[:1] /= np.sqrt(1 - _MEMORY**2)  # begins settled
    slow = lfilter([np.sqrt(1 - _MEMORY**2)], [1, -_MEMORY], slow, axis=0)
    return keypoint + head * level * (np.sqrt(1 - _DRIFT**2) * white + _DRIFT * slow)


def drop_joints(score: np.ndarray, failure: Failure, rng: np.random.Generator) -> np.ndarray:
    """Miss single joints, each independently, as bottom-up estimators do."""
    return np.where(bursts(score.shape, failure, rng), 0, score)


def miss_person(score: np.ndarray, failure: Failure, rng: np.random.Generator) -> np.ndarray:
    """Miss the whole person, as top-down estimators do if the detector fails."""
    return np.where(bursts(score.shape[:1], failure, rng)[:, None], 0, score)


def mislocate(
    keypoint: np.ndarray, head: float, reach: float, failure: Failure, rng: np.random.Generator
) -> np.ndarray:
    """Displace single joints by up to ``reach`` head lengths; a burst keeps its displacement."""
    on = bursts(keypoint.shape[:2], failure, rng)
    angle, radius = rng.random((2, *on.shape))
    radius = head * reach * np.sqrt(radius)
    shift = radius[..., None] * np.stack([np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)], axis=-1)
    begins = on & ~np.concatenate([np.zeros_like(on[:1]), on[:-1]])
    latest = np.maximum.accumulate(np.where(begins, np.arange(len(on))[:, None], 0), axis=0)
    held = np.take_along_axis(shift, latest[..., None], axis=0)
    return np.where(on[..., None], keypoint + held, keypoint)


def swap_sides(
    keypoint: np.ndarray,
    score: np.ndarray,
    layout: SkeletonLayout,
    failure: Failure,
    rng: np.random.Generator,
) -> Poses:
    """Swap left and right, independently in the legs and in the rest of the body."""
    legs = np.array([any(part in joint for part in _LEG_PARTS) for joint in layout.joints])
    on = bursts((len(keypoint), 2), failure, rng)
    swapped = np.where(legs, on[:, :1], on[:, 1:])
    order = list(layout.flip_order)
    pose = np.where(swapped[..., None], keypoint[:, order], keypoint)
    return pose, np.where(swapped, score[:, order], score)


def take_wrong_person(
    keypoint: np.ndarray,
    score: np.ndarray,
    other: np.ndarray,
    other_score: np.ndarray,
    failure: Failure,
    rng: np.random.Generator,
) -> Poses:
    """Propose another person's joints instead, also (T, V, 2) and (T, V)."""
    on = bursts(score.shape[:1], failure, rng)[:, None]
    return np.where(on[..., None], other, keypoint), np.where(on, other_score, score)


def truncate(
    keypoint: np.ndarray,
    score: np.ndarray,
    window: tuple[float, float, float, float] | np.ndarray,
    guess: bool = False,
) -> Poses:
    """See nothing outside a window x1, y1, x2, y2 (inclusive).

    Joints outside are missing, or, with ``guess``, pulled to its nearest border, as a top-down estimator does
    with the crop that it gets.
    """
    low, high = np.asarray(window[:2]), np.asarray(window[2:])
    inside = ((keypoint >= low) & (keypoint <= high)).all(axis=-1)
    if guess:
        return np.clip(keypoint, low, high), score
    return keypoint, np.where(inside, score, 0)


@dataclass(frozen=True)
class SimulatedExpert:
    """A family of estimators, described by its failures.

    Args:
        name: Name for tables.
        jitter: Standard deviation of every joint's noise, in head lengths.
        reach: Maximum displacement of mislocated joints, in head lengths.
        mislocated: Displaced joints, each independently; several kinds add up.
        dropped: Missed joints, each independently; several kinds add up.
        missed: The whole person is missed.
        swapped: Left and right are swapped.
        wrong_person: Another person's pose is proposed.
        guesses: Joints outside the picture are pulled to its border instead of being missing.
    """

    name: str
    jitter: float = 0.0
    reach: float = 2.0
    mislocated: tuple[Failure, ...] = ()
    dropped: tuple[Failure, ...] = ()
    missed: Failure = field(default_factory=Failure)
    swapped: Failure = field(default_factory=Failure)
    wrong_person: Failure = field(default_factory=Failure)
    guesses: bool = False

    def propose(
        self,
        keypoint: np.ndarray,
        score: np.ndarray,
        layout: SkeletonLayout,
        rng: np.random.Generator,
        other: Poses | None = None,
        window: tuple[float, float, float, float] | None = None,
    ) -> Poses:
        """This expert's proposal for one person.

        Args:
            keypoint: (T, V, 2) true skeletons.
            score: (T, V), 0 where the truth lacks a joint; the expert lacks it too.
            layout: Layout of the joints.
            rng: Generator; experts that should fail independently need one each, or take turns with one.
            other: Coordinates (T, V, 2) and scores (T, V) of the person mistaken for this one. Default: none.
            window: x1, y1, x2, y2 of what can be seen. Default: everything.

        Returns:
            Coordinates (T, V, 2) and confidences (T, V) float32, both 0 where a joint is missing.

        Raises:
            ValueError: If the joints are not the layout's, or no frame has a head and a neck.
        """
        check_joint_count(keypoint, layout)
        pose, seen = np.asarray(keypoint, np.float64), np.asarray(score, np.float64)
        head = _head_length(pose, seen, layout)
        if window is not None:
            pose, seen = truncate(pose, seen, window, self.guesses)
        pose, seen = swap_sides(pose, seen, layout, self.swapped, rng)
        if other is not None:
            pose, seen = take_wrong_person(pose, seen, *other, self.wrong_person, rng)
        pose = jitter(pose, head, self.jitter, rng)
        for failure in self.mislocated:
            pose = mislocate(pose, head, self.reach, failure, rng)
        for failure in self.dropped:
            seen = drop_joints(seen, failure, rng)
        seen = miss_person(seen, self.missed, rng)
        # A joint is missing in the truth where the expert could not be judged on it.
        seen = np.where(np.asarray(score) > 0, seen, 0) * rng.uniform(0.5, 1, seen.shape)
        return np.where(seen[..., None] > 0, pose, 0).astype(np.float32), seen.astype(np.float32)

    def scaled(self, severity: float) -> SimulatedExpert:
        """The same expert on easier (below 1) or harder data: all levels and shares times ``severity``.

        Raises:
            ValueError: If a share would reach 1.
        """

        def worse(failure: Failure) -> Failure:
            return replace(failure, share=failure.share * severity)

        return replace(
            self,
            jitter=self.jitter * severity,
            mislocated=tuple(map(worse, self.mislocated)),
            dropped=tuple(map(worse, self.dropped)),
            **{name: worse(getattr(self, name)) for name in ('missed', 'swapped', 'wrong_person')},
        )


def _head_length(keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout) -> float:
    lengths = body_length(keypoint, score, layout)
    if np.isnan(lengths).all():
        raise ValueError('no frame has a head and a neck to measure failures by')
    return float(np.nanmedian(lengths))


#: A detector and an accurate single-person network: whole bodies, but sometimes none, or another's.
TOP_DOWN = SimulatedExpert(
    'top-down',
    jitter=0.12,
    mislocated=(Failure(0.04, 8), Failure(0.03, 1)),
    missed=Failure(0.08, 10),
    swapped=Failure(0.04, 5),
    wrong_person=Failure(0.03, 6),
    guesses=True,
)
#: Anchor poses: a whole body in every frame, at places that are roughly right.
TOP_DOWN_COARSE = SimulatedExpert(
    'top-down, coarse',
    jitter=0.25,
    mislocated=(Failure(0.08, 10),),
    missed=Failure(0.02, 4),
    swapped=Failure(0.06, 8),
    wrong_person=Failure(0.02, 6),
    guesses=True,
)
#: Heat maps of the whole picture: precise, but with many missing joints.
BOTTOM_UP = SimulatedExpert(
    'bottom-up',
    jitter=0.08,
    mislocated=(Failure(0.02, 3), Failure(0.02, 1)),
    dropped=(Failure(0.22, 8), Failure(0.06, 1)),
    missed=Failure(0.02, 3),
    swapped=Failure(0.03, 4),
    wrong_person=Failure(0.02, 4),
)
#: The presets by name.
EXPERTS: Mapping[str, SimulatedExpert] = {
    expert.name: expert for expert in (TOP_DOWN, TOP_DOWN_COARSE, BOTTOM_UP)
}
