"""Procedural human motion: factors to joint angles to bodies to images of skeletons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.motion.body import BODY, forward_kinematics, place
from mmactrep.motion.cameras import IMAGE_SIZE, Cameras, project, to_camera
from mmactrep.motion.characters import character_offsets, sample_characters, standing_height
from mmactrep.motion.noise import corrupt
from mmactrep.structures import SkeletonLayout, get_layout

from .factors import COMPANIONS, Factors, draw_factors, motion_names
from .motions.base import MOTIONS, Clock, rest
from .rig import Animation, Rig, combine_rigs, mirror_rig, solve

DEFAULT_OPTIONS: dict[str, float | tuple[float, float]] = dict(
    speed=(0.75, 1.35),
    amplitude=(0.8, 1.2),
    left_handed=0.4,  # share of left-handed performances
    seated=0.3,  # share of the motions that can be done on a chair
    compose=0.1,  # share of the upper-body motions that are done while walking or marching
    yaw=(-180.0, 180.0),  # drawn closer to the middle than uniformly
    pitch=(-8.0, 28.0),
    roll=(-4.0, 4.0),
    distance=(2.5, 8.0),
    fill=(0.5, 0.92),  # height of the standing person as a share of the image's
    shift=(-70.0, 70.0),  # position in the image, pixels; a third of it vertically
    orthographic=0.0,  # share of orthographic cameras
    close_up=0.12,  # share of clips that show the upper body only
    jitter=0.008,
    outlier=0.004,
    swap=0.15,
    missing=0.25,
)
"""What :class:`MotionGenerator` draws from: (low, high) ranges, shares of clips, and noise levels."""

CLEAN = dict(jitter=0.0, outlier=0.0, swap=0.0, missing=0.0, close_up=0.0)
"""Options without estimator noise: ``MotionGenerator(**CLEAN)``."""


@dataclass
class SyntheticBatch:
    """N procedural clips.

    Args:
        keypoint: (N, 1, T, V, C) float32, one person; pixels for 2D, camera coordinates in meters for 3D.
        score: (N, 1, T, V) float32, 0 where a joint is missing (then its coordinates are 0).
        label: (N,) index into the generator's ``classes``.
        factors: How each clip was made.
        offsets: (N, J, 3) bones of the characters, meters.
    """

    keypoint: np.ndarray
    score: np.ndarray
    label: np.ndarray
    factors: Factors
    offsets: np.ndarray


class MotionGenerator:
    """Draws, animates and films procedural characters.

    Each step is a separate method, so that the same motion can be put on another character and seen
    from another view. The four clips of motion retargeting (LAC, ViA), p(m, c), p(m', c'), p(m, c') and
    p(m', c'), are

    >>> generator = MotionGenerator(seed=0)
    >>> factors, other = generator.sample_factors(8), generator.sample_factors(8, start=8)
    >>> crossed = generator.animate(factors), generator.offsets(other)
    >>> generator.positions(*crossed).shape
    (8, 64, 33, 3)

    Clip i of a seed is the same whatever the batch: its draws come from ``default_rng((seed, i))``.

    Args:
        frames: Frames per clip, T.
        fps: Frames per second.
        classes: Names of the motions to perform; default all but 'stand'. Labels index this list.
        seed: Seed of the clips.
        characters: First and one past the last number of the characters that may perform.
        population: Seed of the population of characters.
        companions: What the legs may do during an upper-body motion, see the option ``compose``; leave out
            what no clip may show.
        **options: Ranges and shares that replace ``DEFAULT_OPTIONS``.

    Raises:
        ValueError: If a class, companion or option is unknown, there is no class, or an option is not a range
            or number as its default is.
    """

    def __init__(
        self,
        frames: int = 64,
        fps: float = 20.0,
        classes: Sequence[str] | None = None,
        seed: int = 0,
        characters: tuple[int, int] = (0, 500),
        population: int = 0,
        companions: Sequence[str] = COMPANIONS,
        **options: float | tuple[float, float],
    ) -> None:
        self.frames, self.fps, self.seed = frames, fps, seed
        if classes is None:
            classes = [name for name in motion_names() if name != 'stand']
        self.classes, self.companions = tuple(classes), tuple(companions)
        self.characters, self.population = characters, population
        unknown = [name for name in self.classes if name not in MOTIONS]
        if unknown:
            raise ValueError(f'unknown motions {unknown}; known are {sorted(MOTIONS)}')
        if not self.classes:
            raise ValueError('expected one class or more, found none')
        unknown = sorted(set(self.companions) - set(COMPANIONS))
        if unknown:
            raise ValueError(f'unknown companions {unknown}; known are {[*COMPANIONS]}')
        unknown = sorted(set(options) - set(DEFAULT_OPTIONS))
        if unknown:
            raise ValueError(f'unknown options {unknown}; known are {sorted(DEFAULT_OPTIONS)}')
        if frames < 1 or fps <= 0:
            raise ValueError(f'frames must be at least 1 and fps positive, got {frames} and {fps}')
        for name, value in options.items():
            _check_option(name, value)
        self.options = DEFAULT_OPTIONS | options

    def sample_factors(self, n: int, start: int = 0, seed: int | None = None) -> Factors:
        """Factors of clips start to start + n of a seed (default: the generator's)."""
        return draw_factors(
            np.arange(start, start + n),
            self.seed if seed is None else seed,
            self.classes,
            self.frames / self.fps,
            self.characters,
            self.options,
            self.companions,
        )

    def labels(self, factors: Factors) -> np.ndarray:
        """(N,) class of every clip, an index into ``classes``."""
        names = motion_names()
        return np.array([self.classes.index(names[m]) for m in factors['motion']], np.int64)

    def rig(self, factors: Factors) -> Rig:
        """Controls of the motions, (N, T) each; the level at which motions blend and compose."""
        names = motion_names()
        parts: list[tuple[np.ndarray, Rig]] = []
        pairs = np.stack([factors['motion'], factors['lower']], axis=1)
        for motion, lower in np.unique(pairs, axis=0):
            rows = np.flatnonzero((pairs == (motion, lower)).all(axis=1))
            own = factors.take(rows)
            spec = MOTIONS[names[motion]]
            clock = self._clock(own, names[motion])
            base = rest(clock)
            rig = spec.function(clock, base)
            if lower >= 0:
                below = MOTIONS[names[lower]].function(self._clock(own, names[lower]), base)
                rig = combine_rigs(rig, below, base)
            parts.append((rows, mirror_rig(rig, own['side'] == 1)))
        shape = (len(factors), self.frames)
        whole = Rig({name: np.empty(shape, np.float32) for name in parts[0][1]})
        for rows, rig in parts:
            for name, values in rig.items():
                whole[name][rows] = values
        return whole

    def animate(self, factors: Factors) -> Animation:
        """Joint angles and root motion of the clips: a motion without a body."""
        return self.solve(self.rig(factors))

    @staticmethod
    def solve(rig: Rig) -> Animation:
        """Joint angles and root motion of controls; see :func:`mmactrep.motion.procedural.rig.solve`."""
        return solve(rig)

    def offsets(self, factors: Factors) -> np.ndarray:
        """Bones (N, J, 3) of the performing characters, meters."""
        return character_offsets(sample_characters(factors['character'], self.population))

    def positions(self, animation: Animation, offsets: np.ndarray) -> np.ndarray:
        """World coordinates (N, T, J, 3) of all joints of ``BODY``, meters; feet on the floor."""
        return place(forward_kinematics(animation.angles, offsets), animation.root, offsets)

    def cameras(self, factors: Factors, positions: np.ndarray, offsets: np.ndarray) -> Cameras:
        """Cameras of the clips.

        The scale makes the standing person as high as the factor ``fill`` says. A camera that would
        lose a walking person follows more than its factor says.
        """
        scale = factors['fill'] * IMAGE_SIZE[1] / standing_height(offsets)
        path = positions[:, :, BODY.index('mid_hip'), ::2]
        extent = np.linalg.norm(path.max(axis=1) - path.min(axis=1), axis=-1)
        room = np.minimum(0.45 * IMAGE_SIZE[0] / scale, 0.5 * factors['distance'])
        follow = np.maximum(factors['follow'], 1 - room / np.maximum(extent, 1e-3))
        same = {name: factors[name] for name in ('yaw', 'pitch', 'roll', 'distance', 'orthographic')}
        place_ = {name: factors[name] for name in ('shift_x', 'shift_y', 'aim')}
        return Cameras(scale=scale, follow=follow, **same, **place_)

    def project(self, positions: np.ndarray, cameras: Cameras) -> np.ndarray:
        """Pixels (N, T, J, 2) of all joints of ``BODY``."""
        return project(positions, cameras)[0]

    def observe(
        self, keypoint: np.ndarray, factors: Factors, layout: SkeletonLayout, truncate: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Exact skeletons (N, T, V, C) of a layout as an estimator sees them, with confidences (N, T, V)."""
        rngs = [np.random.default_rng((int(s), int(i), 1)) for s, i in zip(factors['seed'], factors['index'])]
        return corrupt(keypoint, layout, factors, rngs, IMAGE_SIZE if truncate else None)

    def generate(
        self,
        n: int,
        start: int = 0,
        layout: str | SkeletonLayout = 'posetics17',
        dims: int = 2,
        seed: int | None = None,
    ) -> SyntheticBatch:
        """Make clips from beginning to end.

        Args:
            n: Number of clips.
            start: Number of the first.
            layout: Layout of the result; default as Posetics has it.
            dims: 2 for pixels, 3 for camera coordinates (right, down, away) about the mid-hip of the
                first frame, meters.
            seed: Seed, if not the generator's.
        """
        if dims not in (2, 3):
            raise ValueError(f'dims must be 2 or 3, got {dims}')
        layout = get_layout(layout)
        factors = self.sample_factors(n, start, seed)
        offsets = self.offsets(factors)
        positions = self.positions(self.animate(factors), offsets)
        cameras = self.cameras(factors, positions, offsets)
        if dims == 2:
            keypoint = self.project(positions, cameras)
        else:
            keypoint = to_camera(positions, cameras)
            keypoint = keypoint - keypoint[:, :1, [BODY.index('mid_hip')]]
        keypoint, score = self.observe(to_layout(keypoint, layout), factors, layout, truncate=dims == 2)
        return SyntheticBatch(keypoint[:, None], score[:, None], self.labels(factors), factors, offsets)

    def batches(self, n: int, batch_size: int = 256, start: int = 0, **kwargs) -> Iterator[SyntheticBatch]:
        """Clips start to start + n in batches of bounded memory; see :meth:`generate`."""
        for first in range(start, start + n, batch_size):
            yield self.generate(min(batch_size, start + n - first), first, **kwargs)

    def _clock(self, factors: Factors, name: str) -> Clock:
        spec = MOTIONS[name]

        def column(key: str) -> np.ndarray:
            return factors[key].astype(np.float32)[:, None]

        n, seconds = len(factors), self.frames / self.fps
        t = np.broadcast_to(np.arange(self.frames, dtype=np.float32) / np.float32(self.fps), (n, self.frames))
        speed, onset, end = column('speed'), column('onset'), column('end')
        progress = (t - onset) * speed / spec.duration
        again = np.where(progress > 0, progress % 1.0, 0.0)
        progress = np.where(column('repeat') > 0, again, np.clip(progress, 0, 1)) ** column('warp')
        # A motion combined with a 'once' motion runs all the time.
        running = onset if MOTIONS[motion_names()[factors['motion'][0]]].kind == 'cyclic' else -seconds
        rise = 0.5 / speed
        env = np.clip((t - running) / rise, 0, 1) * np.clip((end - t) / rise, 0, 1)
        return Clock(
            t=t,
            p=progress.astype(np.float32),
            cycle=column('phase') + spec.frequency * speed * t,
            env=(env * env * (3 - 2 * env)).astype(np.float32),
            amp=column('amplitude'),
            speed=speed,
            seated=column('seated'),
            repeat=column('repeat'),
            style=factors['style'],
            dt=1.0 / self.fps,
        )


def _check_option(name: str, value: float | tuple[float, float]) -> None:
    """Refuse an option that is no range or number as its default is."""
    if isinstance(DEFAULT_OPTIONS[name], tuple):
        least = 1e-6 if name in ('speed', 'distance', 'fill') else -np.inf
        if np.shape(value) != (2,) or not least <= value[0] <= value[1] < np.inf:
            above = ' above 0' if least > 0 else ''
            raise ValueError(f'{name}: expected the lowest and the highest value{above}, found {value}')
    elif np.shape(value) != () or not 0 <= value < np.inf:
        raise ValueError(f'{name}: expected a number of 0 or more, found {value}')


def to_layout(keypoint: np.ndarray, layout: str | SkeletonLayout) -> np.ndarray:
    """Joints (N, T, V, C) of a layout from all joints of ``BODY`` (N, T, J, C).

    Posetics17 is derived from LCRNet13, as the real data set is: its nose lies half-way from head to neck.
    """
    layout = get_layout(layout)
    if layout.name == 'synthetic_body':
        return keypoint
    source, via = BODY, 'lcrnet13'
    if layout.name == 'posetics17':
        # Two linear maps in a row are one.
        weights = source.mapping_to(get_layout(via)).weights[0]
        weights = get_layout(via).mapping_to(layout).weights[0] @ weights
    else:
        weights = source.mapping_to(layout).weights[0]
    return np.matmul(weights.astype(keypoint.dtype), keypoint)
