"""The factors of a procedural clip and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .motions.base import MOTIONS, NUM_STYLE

COMPANIONS = ('walk', 'march')
"""Lower-body motions that are randomly combined with an upper-body motion."""

_SCALARS = (
    'side', 'seated', 'speed', 'amplitude', 'phase', 'onset', 'end', 'repeat', 'warp', 'compose', 'companion',
    'character', 'yaw', 'pitch', 'roll', 'distance', 'fill', 'orthographic', 'follow', 'still', 'shift_x',
    'shift_y', 'close_up', 'aim', 'jitter', 'outlier', 'swap', 'missing',
)  # fmt: skip
# Fixed positions with gaps: existing clips do not change when a factor is added at the end.
_STYLE_AT, _NUM_DRAWS = 64, 128


class Factors(dict[str, np.ndarray]):
    """Every factor of N clips: name to array (N, ...).

    ``motion`` and ``lower`` index :func:`motion_names` (``lower`` is -1 where nothing was composed).
    What the motion is: ``side`` (0 right-handed, 1 left-handed), ``seated``, ``speed``, ``amplitude``,
    ``phase`` (cycles), ``onset`` and ``end`` (seconds), ``repeat``, ``warp``, ``style``. Who does it:
    ``character``. Who looks: the fields of ``Cameras`` by name, with ``fill`` (share of the image's
    height that the person takes) for the scale. How well: ``jitter``, ``outlier``, ``swap``,
    ``missing``. Where they come from: ``seed``, ``index``.
    """

    def __len__(self) -> int:
        return len(self['index'])

    def take(self, rows) -> Factors:
        """The factors of some of the clips."""
        return Factors({name: values[rows] for name, values in self.items()})

    def replace(self, **values: np.ndarray | float) -> Factors:
        """Other values for some factors; a number applies to all clips.

        Raises:
            KeyError: If there is no such factor.
            ValueError: If a whole number is expected and another one is given.
        """
        unknown = set(values) - set(self)
        if unknown:
            raise KeyError(f'no such factors: {sorted(unknown)}; there are {sorted(self)}')
        cast = {name: np.asarray(value, self[name].dtype) for name, value in values.items()}
        for name, value in cast.items():
            if value.dtype.kind in 'bi' and not np.array_equal(value, values[name]):
                raise ValueError(f'expected whole numbers as {name}, found {values[name]}')
        return Factors(
            self | {name: np.broadcast_to(value, self[name].shape).copy() for name, value in cast.items()}
        )

    def exchange(self, other: Factors, names: Sequence[str]) -> Factors:
        """These clips with some factors of others, row by row: ``f.exchange(g, ('character',))``."""
        return Factors(self | {name: other[name] for name in names})

    def row(self, i: int) -> dict:
        """Factors of one clip as plain numbers, motions by name: ready for JSON."""
        names = motion_names()
        out = {name: values[i].tolist() for name, values in self.items()}
        out['motion'] = names[out['motion']]
        out['lower'] = names[out['lower']] if out['lower'] >= 0 else None
        return out


def motion_names() -> tuple[str, ...]:
    """Names of all motions; ``Factors['motion']`` indexes them."""
    return tuple(MOTIONS)


def draw_factors(
    indices: np.ndarray,
    seed: int,
    motions: Sequence[str],
    seconds: float,
    characters: tuple[int, int],
    options: Mapping[str, float | tuple[float, float]],
    companions: Sequence[str] = COMPANIONS,
) -> Factors:
    """Draw the factors of clips; clip i depends only on (seed, i), not on the batch.

    Args:
        indices: (N,) numbers of the clips. Clip i performs motion ``i % len(motions)``: every run of
            that length is balanced.
        seed: Seed of the data set.
        motions: Names of the motions that serve as classes.
        seconds: Length of a clip.
        characters: First and one past the last number of the characters that may perform.
        options: See ``MotionGenerator``.
        companions: Those of :data:`COMPANIONS` that may be combined with an upper-body motion.
    """
    names = motion_names()
    draws = np.stack([np.random.default_rng((seed, int(i))).random(_NUM_DRAWS) for i in indices])
    u = {name: draws[:, k] for k, name in enumerate(_SCALARS)}
    style = (2 * draws[:, _STYLE_AT : _STYLE_AT + NUM_STYLE] - 1).astype(np.float32)
    table = np.array([names.index(name) for name in motions])
    motion = table[np.asarray(indices) % len(table)]
    specs = [MOTIONS[names[m]] for m in motion]
    upper = np.array([spec.part == 'upper' for spec in specs])
    can_sit = np.array([spec.seated for spec in specs])
    once = np.array([spec.kind == 'once' for spec in specs])
    composed = upper & (u['compose'] < options['compose']) & bool(companions)
    numbers = np.array([names.index(name) for name in companions or COMPANIONS])
    lower = np.where(composed, numbers[(u['companion'] ** 2 * len(numbers)).astype(int)], -1)

    def span(name: str, value: np.ndarray | None = None) -> np.ndarray:
        low, high = options[name]
        return low + (high - low) * (u[name] if value is None else value)

    speed, yaw = span('speed'), u['yaw'] * 2 - 1
    duration = np.array([spec.duration for spec in specs]) / speed
    # A 'once' motion fills the clip except for a twentieth at either end; if it is longer, the clip
    # is a part of it.
    early, late = -0.05 * duration, seconds - 0.95 * duration
    cut_in = np.where(u['onset'] < 0.7, -1.0, (u['onset'] - 0.7) / 0.3 * 0.3 * seconds)
    close_up = u['close_up'] < options['close_up']
    fill = span('fill')
    factors = dict(
        motion=motion,
        lower=lower,
        side=(u['side'] < options['left_handed']).astype(np.int64),
        seated=((u['seated'] < options['seated']) & can_sit & ~composed).astype(np.int64),
        speed=speed,
        amplitude=span('amplitude'),
        phase=u['phase'],
        onset=np.where(once, early + u['onset'] * (late - early), cut_in),
        end=np.where(u['end'] < 0.8, 2 * seconds + 1, (0.75 + 0.25 * (u['end'] - 0.8) / 0.2) * seconds),
        repeat=((u['repeat'] < 0.5) & np.array([spec.repeats for spec in specs])).astype(np.int64),
        warp=np.exp(0.25 * (2 * u['warp'] - 1)),
        style=style,
        character=characters[0] + (u['character'] * (characters[1] - characters[0])).astype(np.int64),
        yaw=span('yaw', 0.5 + 0.5 * np.sign(yaw) * np.abs(yaw) ** 1.4),
        pitch=span('pitch'),
        roll=span('roll'),
        distance=span('distance'),
        fill=np.where(close_up, fill * 1.7, fill),
        orthographic=u['orthographic'] < options['orthographic'],
        follow=np.where(u['still'] < 0.3, 0.0, 0.7 + 0.3 * u['follow']),
        shift_x=span('shift', u['shift_x']),
        shift_y=0.3 * span('shift', u['shift_y']),
        aim=np.where(close_up, 0.78, 0.5) + 0.06 * (2 * u['aim'] - 1),
        jitter=options['jitter'] * (0.4 + 1.6 * u['jitter'] ** 2),
        outlier=options['outlier'] * 2 * u['outlier'],
        swap=options['swap'] * 2 * u['swap'],
        missing=options['missing'] * 2 * u['missing'],
        seed=np.full(len(draws), seed),
        index=np.asarray(indices),
    )
    return Factors({k: v.astype(np.float32) if v.dtype == np.float64 else v for k, v in factors.items()})
