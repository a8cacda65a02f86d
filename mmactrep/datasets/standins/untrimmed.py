"""Untrimmed procedural sequences with co-occurring, densely labelled actions, in the format of TSU.

One performer in front of one camera does one thing after another. Legs and arms have separate timelines, so
an upper-body action may begin, end or repeat while the person walks; whole-body actions occupy both. An
action starts and ends at rest, and is labelled from its first to its last frame away from rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.errors import UserError
from mmactrep.files import read_arrays, read_json
from mmactrep.motion.procedural.factors import Factors, motion_names
from mmactrep.motion.procedural.generator import MotionGenerator, to_layout
from mmactrep.motion.procedural.motions.base import MOTIONS, ease
from mmactrep.motion.procedural.rig import CHANNELS, Rig, combine_rigs
from mmactrep.structures import SkeletonLayout, get_layout

#: Motions that begin and end standing: those that end in another posture would have to be undone.
FIT_MOTIONS = tuple(name for name, spec in MOTIONS.items() if not spec.ends_elsewhere)
#: Default classes: all of them except standing, which is not an action, and running, which leaves the image.
UNTRIMMED_MOTIONS = tuple(name for name in FIT_MOTIONS if name not in ('stand', 'run'))

_EVENT_SECONDS = (2.0, 8.0)  # of cyclic actions
_PAUSE_SECONDS = (0.4, 4.0)
_EASE_SECONDS = 0.4  # into and out of what is left at an action's ends
_LEGS_SHARE = 0.7  # of lower-body actions among those of the legs' timeline; the rest take the whole body
# The position on the floor accumulates over a sequence; everything else returns to rest.
_PLACE = ('root_x', 'root_z')


# subjects 1 to 499 train, those from 500 on test, two sequences each
_MOST_SEQUENCES = 998


class UntrimmedError(UserError, ValueError):
    """Settings that cannot be met; the message says which."""


@dataclass(frozen=True)
class UntrimmedSequence:
    """One sequence.

    Args:
        keypoint: (T, V, 2) pixels float32, 0 where a joint is missing.
        score: (T, V).
        segments: (class, start, end) in frames, by start; segments of different classes may overlap.
    """

    keypoint: np.ndarray
    score: np.ndarray
    segments: list[tuple[int, int, int]]


class UntrimmedGenerator:
    """Makes untrimmed sequences; sequence i of a seed does not depend on the others.

    Args:
        frames: Frames T per sequence.
        fps: Frames per second.
        classes: Names of the motions that occur; labels index this list.
        co_occurring: Share of the lower-body actions during which the arms have their own timeline.
        seed: Seed.
        characters: First and one past the last number of the characters.
        **options: Options of :class:`MotionGenerator`: views, noise.

    Raises:
        UntrimmedError: If a class ends in another posture than it starts from.
        ValueError: If a class is unknown.
    """

    def __init__(
        self,
        frames: int = 1200,
        fps: float = 20.0,
        classes: Sequence[str] = UNTRIMMED_MOTIONS,
        co_occurring: float = 0.7,
        seed: int = 0,
        characters: tuple[int, int] = (0, 500),
        **options: float | tuple[float, float],
    ) -> None:
        self.classes = tuple(classes)
        unfit = [name for name in self.classes if name in MOTIONS and MOTIONS[name].ends_elsewhere]
        if unfit:
            raise UntrimmedError(f'{unfit} end in another posture than they start from')
        options = dict(compose=0.0, seated=0.0, close_up=0.0, fill=(0.35, 0.6), shift=(-40.0, 40.0)) | options
        self.frames, self.fps, self.seed, self.co_occurring = frames, fps, seed, co_occurring
        self._characters, self._options = characters, options
        self._base = self._generator(frames)  # also refuses unknown classes and options

    def _generator(self, frames: int) -> MotionGenerator:
        return MotionGenerator(frames, self.fps, self.classes, self.seed, self._characters, **self._options)

    def performer(self, index: int) -> Factors:
        """Who performs sequence number ``index`` before which camera, (1,)."""
        return self._base.sample_factors(1, index)

    def generate(self, index: int, layout: str | SkeletonLayout = 'coco17') -> UntrimmedSequence:
        """Sequence number ``index``."""
        layout = get_layout(layout)
        rng = np.random.default_rng((self.seed, index, 5))
        person = self.performer(index)
        rest = self._rest(person)
        legs, segments, taken, free = self._timeline(rng, person, rest, ('lower', 'whole'))
        arms, upper, _, _ = self._timeline(rng, person, rest, ('upper',), taken, free)
        rig = combine_rigs(arms, legs, rest)
        segments = sorted([*segments, *upper], key=lambda segment: (segment[1], segment[0]))
        offsets = self._base.offsets(person)
        positions = self._base.positions(self._base.solve(rig), offsets)
        # a camera on the wall, which turns only as far as needed to keep the person in the image
        cameras = self._base.cameras(person.replace(follow=0.0), positions, offsets)
        exact = to_layout(self._base.project(positions, cameras), layout)
        keypoint, score = self._base.observe(exact, person, layout)
        return UntrimmedSequence(keypoint[0].astype(np.float32), score[0].astype(np.float32), segments)

    def _rest(self, person: Factors) -> Rig:
        idle = person.replace(motion=motion_names().index('stand'), lower=-1, seated=0)
        return _full(MotionGenerator(self.frames, self.fps, seed=self.seed).rig(idle), self.frames)

    def _timeline(
        self,
        rng: np.random.Generator,
        person: Factors,
        rest: Rig,
        parts: Sequence[str],
        taken: np.ndarray | None = None,
        free: np.ndarray | None = None,
    ) -> tuple[Rig, list[tuple[int, int, int]], np.ndarray, np.ndarray]:
        """Put actions of some body parts one after the other.

        Args:
            rng: Draws them.
            person: The performer, (1,).
            rest: The body at ease over the whole sequence.
            parts: Body parts whose motions occur.
            taken: (T,) True where another timeline needs the whole body.
            free: (T,) True where the arms may act independently of the legs.

        Returns:
            Controls (1, T); segments; where the whole body is needed; where the arms may act.
        """
        names = {part: [n for n in self.classes if MOTIONS[n].part == part] for part in parts}
        names = {part: found for part, found in names.items() if found}
        rig = Rig({name: values.copy() for name, values in rest.items()})
        segments: list[tuple[int, int, int]] = []
        whole, beside = np.zeros(self.frames, bool), np.ones(self.frames, bool)
        if not names:
            return rig, segments, whole, beside
        place = self._frames_of(rng.uniform(*_PAUSE_SECONDS))
        ease_frames = self._frames_of(_EASE_SECONDS)
        while True:
            part = parts[0] if rng.random() < _LEGS_SHARE or len(names) == 1 else parts[-1]
            choice = names.get(part) or next(iter(names.values()))
            name = choice[rng.integers(len(choice))]
            factors, length = self._draw_event(rng, person, name)
            end = place + length
            if end >= self.frames:
                break
            if taken is not None and (taken[place:end].any() or not free[place:end].all()):
                place += self._frames_of(0.5)
                continue
            event = _full(self._generator(length).rig(factors), length)
            still = _full(self._generator(length).rig(self._still(factors)), length)
            for channel in CHANNELS:
                if channel in _PLACE:
                    path = event[channel][0] - event[channel][0, 0]
                    path = np.concatenate([path, np.full(self.frames - end, path[-1], path.dtype)])
                    rig[channel][0, place:] += path
                else:
                    # what the action adds to being at rest, on top of this sequence's own rest
                    _add_eased(rig[channel][0], place, event[channel][0] - still[channel][0], ease_frames)
            segments.append((self.classes.index(name), place, end))
            whole[place:end] |= MOTIONS[name].part == 'whole'
            beside[place:end] = rng.random() < self.co_occurring
            place = end + self._frames_of(rng.uniform(*_PAUSE_SECONDS))
        return rig, segments, whole, beside

    def _draw_event(self, rng: np.random.Generator, person: Factors, name: str) -> tuple[Factors, int]:
        spec = MOTIONS[name]
        draws = MotionGenerator(8, self.fps, [name], self.seed, self._characters, **self._options)
        drawn = draws.sample_factors(1, int(rng.integers(1 << 30)))
        speed = float(drawn['speed'][0])
        seconds = spec.duration / speed if spec.kind == 'once' else rng.uniform(*_EVENT_SECONDS)
        length = max(8, self._frames_of(seconds))
        # an action fills its frames from beginning to end, eased in and out
        same = {key: person[key] for key in ('side', 'character', 'style')}
        drawn = drawn.exchange(person, tuple(same))
        return drawn.replace(onset=0.0, end=length / self.fps, repeat=0, seated=0, lower=-1, warp=1.0), length

    def _still(self, factors: Factors) -> Factors:
        return factors.replace(motion=motion_names().index('stand'))

    def _frames_of(self, seconds: float) -> int:
        return round(seconds * self.fps)


def _add_eased(values: np.ndarray, start: int, change: np.ndarray, ease_frames: int) -> None:
    """Add a change to values (T,) from ``start`` on, with what it begins and ends at eased in and out
    around.
    """
    end = start + len(change)
    values[start:end] += change
    share = ease(np.arange(1, ease_frames + 1) / (ease_frames + 1))
    before, after = min(start, ease_frames), min(len(values) - end, ease_frames)
    values[start - before : start] += change[0] * share[ease_frames - before :]
    values[end : end + after] += change[-1] * share[::-1][:after]


def _full(rig: Rig, frames: int) -> Rig:
    """Controls as separate arrays (1, T)."""
    return Rig(
        {name: np.broadcast_to(values, (1, frames)).astype(np.float32) for name, values in rig.items()}
    )


def write_untrimmed(
    root: str | Path,
    train: int = 40,
    test: int = 10,
    frames: int = 1200,
    fps: float = 20.0,
    classes: Sequence[str] = UNTRIMMED_MOTIONS,
    co_occurring: float = 0.7,
    seed: int = 0,
    progress=lambda done, total: None,
) -> None:
    """Write sequences as TSU publishes its videos: ``PxxTxxCxx_synthetic.npz``, ``annotation.json``,
    ``classes.txt``.

    Training and test have different performers; each performs two sequences. An existing file is left as it
    is, so that an interrupted run resumes where it stopped.

    Args:
        root: Folder; created if absent.
        train, test: Number of sequences.
        frames, fps, classes, co_occurring, seed: See :class:`UntrimmedGenerator`.
        progress: Called with the number of sequences written and the total.

    Raises:
        FileExistsError: If the folder contains sequences that were made with other settings.
        UntrimmedError: If there are more sequences than the names can number, or the classes do not fit.
    """
    if not 0 < train <= _MOST_SEQUENCES or not 0 < test <= _MOST_SEQUENCES:
        raise UntrimmedError(
            f'expected 1 to {_MOST_SEQUENCES} sequences of either kind, got {train} and {test}'
        )
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    settings = dict(frames=frames, fps=fps, classes=list(classes), co_occurring=co_occurring, seed=seed)
    marker = root / 'made_with.settings'
    if marker.exists() and read_json(marker, 1 << 20) != settings:
        raise FileExistsError(f'{marker}: the folder holds sequences with other settings; choose another one')
    marker.write_text(json.dumps(settings), encoding='utf-8')
    people = dict(training=(0, 400), testing=(400, 500))
    annotation = {}
    jobs = [('training', i) for i in range(train)] + [('testing', i) for i in range(test)]
    for done, (subset, i) in enumerate(jobs):
        # subjects are numbers in the file name, as in TSU; cameras are used in turn
        subject = (1 if subset == 'training' else 500) + i // 2
        video = f'P{subject:02d}T{i % 2 + 1:02d}C{i % 7 + 1:02d}'
        path = root / f'{video}_synthetic.npz'
        generator = UntrimmedGenerator(
            frames, fps, classes, co_occurring, 2 * seed + (subset == 'testing'), people[subset]
        )
        if path.exists():
            segments = read_arrays(path)['segments'].tolist()
        else:
            sequence = generator.generate(i)
            segments = [list(segment) for segment in sequence.segments]
            temporary = path.with_suffix('.tmp.npz')
            np.savez_compressed(
                temporary, kpts=sequence.keypoint, segments=np.array(segments, np.int64).reshape(-1, 3)
            )
            temporary.rename(path)
        annotation[video] = dict(subset=subset, duration=frames, actions=segments)
        progress(done + 1, len(jobs))
    (root / 'annotation.json').write_text(json.dumps(annotation), encoding='utf-8')
    (root / 'classes.txt').write_text(''.join(f'{name}\n' for name in classes), encoding='utf-8')
