"""Sources of a library's motions: procedural motions, captures and recordings, on procedural characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from mmactrep.files import BadFileError

from .body import forward_kinematics, place
from .bvh import read_bvh
from .capture_files import name_captures
from .characters import character_offsets, sample_characters
from .errors import MotionError
from .library import BadMotion, LibrarySplit, MotionClip
from .library_layout import to_library_layout
from .procedural.factors import COMPANIONS, motion_names
from .procedural.generator import MotionGenerator
from .procedural.improvisation import improvise
from .procedural.rig import Animation
from .recorded import Recordings, RecordingSource
from .retargeting import CaptureRetargeter, resample

CAPTURE = 'capture'
"""Class of the motions that come from files."""

IMPROVISED = 'improvised'
"""Class of the motions without a meaning, see :func:`~mmactrep.motion.procedural.improvisation.improvise`."""

_TEST_CHARACTERS_AT = 1000  # numbers of the population that no training character has
_TEST_SEED = 1


@dataclass(frozen=True)
class LibrarySettings:
    """What determines a library of procedural motions and captures; equal settings give equal files.

    Args:
        characters: Number of training characters.
        test_characters: Number of test characters, different ones.
        performances: Performances per class in the training split, each with its own style, speed
            and handedness.
        test_performances: The same for the test split, different ones.
        improvised: Improvised motions in the training split; the test split has none.
        held_out: Classes that only the test split has.
        frames: Frames per procedural motion.
        fps: Frames per second.
        seed: Seed.
        captures: BVH files. Every fifth, in order of their paths, goes to the test split.
        joints: Maps the captures' joint names to those of mmactrep; default: the known conventions.
        recordings: Skeleton stores whose clips the training split gets, see
            :class:`~mmactrep.motion.recorded.Recordings`.

    Raises:
        MotionError: If a count is too small to make pairs, or a class is unknown.
    """

    characters: int = 20
    test_characters: int = 4
    performances: int = 5
    test_performances: int = 2
    improvised: int = 300
    held_out: tuple[str, ...] = ('throw', 'bow', 'march', 'wave', 'kick', 'pull')
    frames: int = 128
    fps: float = 30.0
    seed: int = 0
    captures: tuple[str, ...] = ()
    joints: Mapping[str, str] | None = None
    recordings: tuple[RecordingSource, ...] = ()

    def __post_init__(self) -> None:
        if min(self.characters, self.test_characters) < 1:
            raise MotionError('expected at least one character per split')
        if min(self.performances, self.test_performances) < 1 or self.improvised < 0:
            raise MotionError('expected at least one performance per split, and 0 or more improvised motions')
        if self.frames < 2 or self.fps <= 0:
            raise MotionError('expected two or more frames per motion, and a frame rate')
        unknown = sorted(set(self.held_out) - set(motion_names()))
        if unknown:
            raise MotionError(f'unknown classes {unknown}; known are {sorted(motion_names())}')

    @property
    def classes(self) -> list[str]:
        """Class names of the library."""
        made = [name for name in motion_names() if name != 'stand'] + [CAPTURE, IMPROVISED]
        return made + [name for source in self.recorded for name in source.classes]

    @cached_property
    def recorded(self) -> list[Recordings]:
        """The stores of recordings; each knows what became of its clips once the motions have been made.

        Raises:
            MotionError: If two have the same name.
            StoreError: If there is no such store or split, or it is not 3D.
        """
        recorded = [Recordings(source) for source in self.recordings]
        names = [source.name for source in recorded]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise MotionError(f'two stores of recordings are called {", ".join(twice)}')
        return recorded

    @cached_property
    def capture_names(self) -> dict[str, str]:
        """Maps the path of each capture to the name of its motion, unique in the library."""
        performances = max(self.performances, self.test_performances)
        made = [f'{name}_{i:03d}' for name in self.classes for i in range(performances)]
        made += [f'{IMPROVISED}_{i:03d}' for i in range(self.improvised)]
        return name_captures(self.captures, made)

    def splits(self) -> dict[str, LibrarySplit]:
        """The splits; their motions are made while they are read."""
        return {
            'train': self._split(
                range(self.characters),
                self.performances,
                self.held_out,
                self.seed,
                self.test_captures(False),
                self.recorded,
                self.improvised,
            ),
            'test': self._split(
                range(_TEST_CHARACTERS_AT, _TEST_CHARACTERS_AT + self.test_characters),
                self.test_performances,
                (),
                self.seed + _TEST_SEED,
                self.test_captures(True),
            ),
        }

    def test_captures(self, test: bool) -> list[str]:
        """The captures of the test split, or those of the training split."""
        return [path for i, path in enumerate(sorted(self.captures)) if (i % 5 == 4) == test]

    def _split(
        self,
        numbers: range,
        performances: int,
        without: Sequence[str],
        seed: int,
        captures: Sequence[str],
        recorded: Sequence[Recordings] = (),
        improvised: int = 0,
    ) -> LibrarySplit:
        bones = character_offsets(sample_characters(np.array(numbers), self.seed))
        classes = [name for name in motion_names() if name not in (*without, 'stand')]
        companions = [name for name in COMPANIONS if name in classes]

        def motions() -> Iterator[MotionClip]:
            if classes:
                yield from procedural_motions(
                    bones, classes, performances, self.frames, self.fps, seed, companions
                )
            for path in captures:
                yield self._capture_motion(path, bones)
            for source in recorded:
                yield from source.motions(bones, self.fps)
            yield from improvised_motions(bones, improvised, self.frames, self.fps, seed)

        return LibrarySplit([f'character_{number:04d}' for number in numbers], motions())

    def _capture_motion(self, path: str, bones: np.ndarray) -> MotionClip | BadMotion:
        name = self.capture_names[path]
        try:
            return capture_motion(path, bones, self.fps, self.joints, name)
        except (BadFileError, MotionError) as error:
            return BadMotion(name, error)


def procedural_motions(
    bones: np.ndarray,
    classes: Sequence[str],
    performances: int,
    frames: int,
    fps: float,
    seed: int,
    companions: Sequence[str] = COMPANIONS,
) -> Iterator[MotionClip]:
    """Procedural motions on characters, by forward kinematics with the same joint angles.

    Args:
        bones: (N, J, 3) bones of the characters, meters.
        classes: Names of the motions.
        performances: How often each is performed, each time differently.
        frames: Frames per motion.
        fps: Frames per second.
        seed: Seed of the performances.
        companions: See :class:`MotionGenerator`.
    """
    generator = MotionGenerator(frames, fps, classes, seed, companions=companions)
    factors = generator.sample_factors(len(classes) * performances)
    animation = generator.animate(factors)
    for i, label in enumerate(generator.labels(factors)):
        name = f'{classes[label]}_{i // len(classes):03d}'
        yield MotionClip(name, classes[label], _on_everybody(animation[[i]], bones))


def improvised_motions(
    bones: np.ndarray, count: int, frames: int, fps: float, seed: int
) -> Iterator[MotionClip]:
    """Improvised motions on characters; arguments as :func:`procedural_motions`."""
    for i in range(count):
        animation = improvise(frames, fps, (seed, i))
        yield MotionClip(f'{IMPROVISED}_{i:03d}', IMPROVISED, _on_everybody(animation, bones))


def _on_everybody(animation: Animation, bones: np.ndarray) -> list[np.ndarray]:
    """Positions (T, V, 3) of one motion on every character."""
    everybody = animation[np.zeros(len(bones), np.int64)]
    positions = place(forward_kinematics(everybody.angles, bones), everybody.root, bones)
    return list(to_library_layout(positions).astype(np.float32))


def capture_motion(
    path: str | Path,
    bones: np.ndarray,
    fps: float,
    mapping: Mapping[str, str] | None = None,
    name: str | None = None,
) -> MotionClip:
    """A motion capture on characters.

    Args:
        path: BVH file.
        bones: (N, J, 3) bones of the characters, meters.
        fps: Frames per second of the result.
        mapping: Maps the file's joint names to those of mmactrep; default: the known conventions.
        name: Name of the motion; default: that of the file.

    Raises:
        MotionError: If the file is not BVH or is damaged, or retargeting does not support its skeleton.
    """
    retarget = CaptureRetargeter(resample(read_bvh(path), fps, str(path)), mapping, str(path))
    return MotionClip(name or Path(path).stem, CAPTURE, [retarget(character) for character in bones])
