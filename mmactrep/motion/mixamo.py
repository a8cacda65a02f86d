"""Mixamo exports as a motion library: motions that already exist for every character."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmactrep.files import BadFileError, read_array
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .bvh import read_bvh
from .capture_files import sort_files, told
from .errors import MotionError
from .library import LEG_JOINTS, BadMotion, LibrarySplit, MotionClip, check_body_size
from .library_layout import LIBRARY_LAYOUT
from .retargeting import CaptureRetargeter, resample

TEST_CHARACTERS = ('Ty', 'Andromeda', 'Pumpkinhulk', 'SportyGranny')
"""Characters that the motion retargeting protocol reserves for testing."""

CLASS = 'motion'
_SUFFIXES = ('.bvh', '.npy')
# Row vectors times this: the named axis becomes y, and a character that faces -y of a z-up room faces +z.
_TO_Y_UP = {
    'y': np.eye(3, dtype=np.float32),
    'z': np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32),
}


@dataclass
class MixamoExport:
    """A folder ``<character>/<motion>.bvh`` (or ``.npy``), or ``train/`` and ``test/`` with such folders.

    Without these two, every fifth motion, in order of the names, is a test motion: the training characters
    have the others, the test characters these alone.

    Args:
        root: The folder.
        fps: Frames per second of the library; BVH is resampled to it, NPY is assumed to have it.
        unit: Meters per unit of the files: 0.01 for Mixamo's centimeters.
        layout: Layout of the joints in NPY files.
        up: Axis that points up in NPY files, 'y' or 'z'.
        test_characters: Names of the test characters where the folder has no ``test``.
        mapping: Maps BVH joint names to those of mmactrep; default: the known conventions.

    Raises:
        MotionError: If the folder has no motions, or one of the splits would be empty.
    """

    root: Path
    fps: float = 30.0
    unit: float = 0.01
    layout: SkeletonLayout | str = 'motion15'
    up: str = 'z'
    test_characters: Sequence[str] = TEST_CHARACTERS
    mapping: Mapping[str, str] | None = None
    passed_over: Counter[str] = field(default_factory=Counter, init=False)
    """Files below the folder that are not motions, by kind."""

    def __post_init__(self) -> None:
        self.root, self.layout = Path(self.root), get_layout(self.layout)
        self._kinds: set[str] = set()
        if self.up not in _TO_Y_UP:
            raise MotionError(f"the axis that points up must be 'y' or 'z', found {self.up!r}")
        lacking = [joint for joint in LEG_JOINTS if joint not in self.layout]
        if lacking:
            raise MotionError(
                f"layout '{self.layout.name}' has no {', '.join(lacking)}; a body needs legs here"
            )
        if not self.root.is_dir():
            raise MotionError(f'{self.root}: expected a folder of motions, found no folder')
        if all((self.root / split).is_dir() for split in ('train', 'test')):
            self._files = {split: self._find_files(self.root / split) for split in ('train', 'test')}
        else:
            self._files = self._divide(self._find_files(self.root))
        for split, files in self._files.items():
            if len(files) < 2:
                raise MotionError(
                    f"{self.root}: split '{split}' needs two characters with motions, found {sorted(files)}"
                )
        self.library_layout = self.layout if self._kinds == {'.npy'} else LIBRARY_LAYOUT

    def _find_files(self, root: Path) -> dict[str, dict[str, Path]]:
        """Character to motion name to file."""
        files, passed_over = sort_files(root, _SUFFIXES)
        self._kinds |= {path.suffix.lower() for path in files}
        if len(self._kinds) > 1:
            raise MotionError(f'{self.root}: contains both BVH and NPY files; give a folder with one kind')
        found: dict[str, dict[str, Path]] = {}
        for path in files:
            parts = list(path.relative_to(root).with_suffix('').parts)
            if len(parts) < 2:
                passed_over[f'{path.suffix} outside the folders of characters'] += 1
                continue
            # some tools write <character>/<motion>/<motion>.npy
            if len(parts) > 2 and parts[-1] == parts[-2]:
                parts.pop()
            motions, name = found.setdefault(parts[0], {}), '__'.join(parts[1:])
            if name in motions:
                both = ' and '.join(str(file.relative_to(root)) for file in (motions[name], path))
                raise MotionError(f"{root}: two files are motion '{name}' of {parts[0]}: {both}")
            motions[name] = path
        self.passed_over += passed_over
        if not found:
            raise MotionError(
                f'{root}: expected motions <character>/<motion>.bvh or .npy, found none{told(passed_over)}'
            )
        return found

    def _divide(self, files: dict[str, dict[str, Path]]) -> dict[str, dict[str, dict[str, Path]]]:
        names = sorted({name for motions in files.values() for name in motions})
        test = set(names[4::5])
        known = {name.lower() for name in self.test_characters}
        out: dict[str, dict[str, dict[str, Path]]] = {'train': {}, 'test': {}}
        for character, motions in files.items():
            is_test = character.lower() in known
            kept = {name: path for name, path in motions.items() if (name in test) == is_test}
            out['test' if is_test else 'train'][character] = kept
        return out

    def splits(self) -> dict[str, LibrarySplit]:
        """The splits of the library; files are read when their motions are iterated."""
        return {
            split: LibrarySplit(sorted(files), self._motions(split)) for split, files in self._files.items()
        }

    def _motions(self, split: str) -> Iterator[MotionClip | BadMotion]:
        files = self._files[split]
        for name in sorted({name for motions in files.values() for name in motions}):
            yield self._motion_or_error(split, name)

    def _motion_or_error(self, split: str, name: str) -> MotionClip | BadMotion:
        try:
            return self._motion(split, name)
        except (BadClipError, BadFileError, MotionError) as error:
            return BadMotion(name, error)

    def _motion(self, split: str, name: str) -> MotionClip:
        files = self._files[split]
        lacking = [character for character in sorted(files) if name not in files[character]]
        if lacking:
            raise BadClipError(f"motion '{split}/{name}' is lacking for {', '.join(lacking)}")
        positions = [self.read(files[character][name]) for character in sorted(files)]
        lengths = [len(p) for p in positions]
        if max(lengths) - min(lengths) > 2:
            raise BadClipError(f"motion '{split}/{name}' has other lengths on other characters: {lengths}")
        for character, p in zip(sorted(files), positions):
            check_body_size(p, self.library_layout, str(files[character][name]))
        return MotionClip(name, CLASS, [p[: min(lengths)] for p in positions])

    def read(self, path: Path) -> np.ndarray:
        """(T, V, 3) positions of one file, meters, y up.

        Raises:
            BadClipError: If the array does not contain joints, or the figure does not stand upright.
            BadFileError: If the file does not contain an array of numbers.
            MotionError: If the BVH is damaged or its joints are unknown.
        """
        if path.suffix.lower() == '.bvh':
            capture = resample(read_bvh(path), self.fps, str(path))
            return CaptureRetargeter(capture, self.mapping, str(path)).on_own_body(self.unit)
        joints = read_array(path)
        if joints.dtype.kind not in 'fiu':
            raise BadClipError(f'{path}: expected joints as numbers, found {joints.dtype}')
        row = (self.layout.num_joints, 3)
        if joints.ndim == 3 and joints.shape[1:] != row and joints.shape[:2] == row:
            joints = joints.transpose(2, 0, 1)
        if joints.ndim != 3 or joints.shape[1:] != row or len(joints) == 0:
            raise BadClipError(
                f"{path}: layout '{self.layout.name}' needs joints (T, {row[0]}, 3) or ({row[0]}, 3, T), "
                f'found {joints.shape}'
            )
        positions = joints.astype(np.float32) @ _TO_Y_UP[self.up] * np.float32(self.unit)
        self._check_upright(positions, path)
        return positions

    def _check_upright(self, positions: np.ndarray, path: Path) -> None:
        hips, ankles = (
            positions[:, self.layout.indices(f'{side}_{joint}' for side in ('left', 'right'))].mean(axis=1)
            for joint in ('hip', 'ankle')
        )
        legs = (hips - ankles).mean(axis=0)
        lying = np.abs(legs[1]) < 0.2 * np.linalg.norm(legs)
        if not lying and legs[1] < 0:
            raise BadClipError(f"{path}: the hips lie under the ankles; does '{self.up}' point up there?")
