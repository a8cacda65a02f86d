"""Joint positions that a depth sensor recorded, as motions of a library.

Sensors deliver positions, not rotations: bones change their length, joints jump, sides may be exchanged. A
recording is cut where it cannot be trusted and smoothed (:mod:`.recording_frames`), and put on a body of
known bones (:mod:`.recording_bodies`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore

from .errors import MotionError
from .library import MotionClip
from .recording_bodies import check_posture, library_joints, on_body
from .recording_frames import shortest_run, smooth, sound_frames, sound_runs

RECORDED = 'recorded'
"""First part of the class names of recorded motions: ``recorded/<data set>/<class>``."""


class RecordingSource(NamedTuple):
    """A store of recordings.

    Attributes:
        root: Folder of the store, 3D, y up.
        split: Its split; default: the only one whose name ends with ``train``.
        fps: Frames per second of clips that do not tell their own.
    """

    root: str
    split: str | None = None
    fps: float | None = None

    @classmethod
    def parse(cls, text: str) -> RecordingSource:
        """From ``STORE``, ``STORE::SPLIT`` or ``STORE::SPLIT::FPS``; an empty split is the default.

        Raises:
            MotionError: If it has another form.
        """
        root, *rest = text.split('::')
        try:
            fps = float(rest[1]) if len(rest) == 2 else None
        except ValueError:
            fps = -1.0
        if not root or len(rest) > 2 or (fps is not None and not 0 < fps <= 1000):
            raise MotionError(f"expected STORE[::SPLIT[::FPS]], found '{text}'")
        return cls(root, (rest[0] or None) if rest else None, fps)


@dataclass(eq=False)
class Recordings:
    """The clips of a split of a store as motions of a library.

    Args:
        source: The store.

    Attributes:
        whole: Names of the motions that are whole clips. This and the following are filled by
            :meth:`motions`.
        cut: Maps clips that were cut to the frames that were left out, and all of their frames.
        left_out: Maps clips without a usable run to the reason.

    Raises:
        StoreError: If there is no such store or split, or it is not 3D.
    """

    source: RecordingSource
    whole: list[str] = field(default_factory=list)
    cut: dict[str, tuple[int, int]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @cached_property
    def store(self) -> SkeletonStore:
        """The store."""
        store = SkeletonStore(self.source.root)
        if store.num_channels != 3:
            raise StoreError(f'{store.root}: expected 3D clips, found {store.num_channels}D')
        return store

    @cached_property
    def split(self) -> str:
        """Name of the split."""
        if self.source.split is not None:
            return self.source.split
        names = [name for name in self.store.split_names if name.endswith('train')]
        chosen = names if len(names) == 1 else [name for name in names if name in ('train', 'xsub_train')]
        if len(chosen) != 1:
            raise StoreError(
                f'{self.store.root}: which split is for training? Name it as STORE::SPLIT; '
                f'there are {", ".join(self.store.split_names)}'
            )
        return chosen[0]

    @cached_property
    def name(self) -> str:
        """Name of the data set: letters, digits and underscores."""
        said = str(self.store.attributes.get('source') or Path(self.source.root).resolve().name)
        return re.sub(r'\W+', '_', said.lower()).strip('_') or 'store'

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows of the clips."""
        return self.store.split(self.split)

    def label(self, row: int) -> str:
        """Class of the clip in a row, as the library names it."""
        label = int(self.store.labels[row])
        return '/'.join([RECORDED, self.name, *([self.store.classes[label]] if label >= 0 else [])])

    @property
    def classes(self) -> list[str]:
        """Class names of the motions."""
        return list(dict.fromkeys(self.label(int(row)) for row in np.sort(self.rows)))

    def motions(self, bones: np.ndarray, fps: float) -> Iterator[MotionClip]:
        """The motions on characters; a person of a clip is a motion, or several if it is cut.

        Args:
            bones: (N, J, 3) bones of the characters, meters.
            fps: Frames per second of the library.

        Raises:
            MotionError: If a clip has no frame rate, joints are lacking, or bodies do not stand or are
                mirrored, see :func:`check_posture`.
        """
        for told in (self.whole, self.cut, self.left_out):
            told.clear()
        self._check_posture()
        for row in map(int, self.rows):
            clip = self.store[row]
            persons = np.flatnonzero((clip['keypoint_score'] > 0).any(axis=(1, 2)))
            name = f'{self.name}_{clip["frame_dir"]}'.replace('/', '_')
            for person in persons:
                one = name if len(persons) == 1 else f'{name}_p{person}'
                for part, joints in self._runs(clip, person, one, fps):
                    yield MotionClip(part, self.label(row), [on_body(joints, body) for body in bones])

    def _runs(self, clip: dict, person: int, name: str, fps: float) -> Iterator[tuple[str, np.ndarray]]:
        """Names and joints (T, 17, 3) of the usable runs of a person."""
        own = self._fps(clip)
        positions, seen = clip['keypoint'][person], clip['keypoint_score'][person] > 0
        good = sound_frames(positions, seen, own, self.store.layout)
        runs = sound_runs(good, own)
        kept = sum(last - first for first, last in runs)
        if not runs:
            short = len(good) < shortest_run(own)
            self.left_out[name] = (
                f'{len(good)} frames are too few'
                if short
                else f'{len(good) - int(good.sum())} of {len(good)} frames have missing or jumping joints'
            )
        elif kept == len(good):
            self.whole.append(name)
        else:
            self.cut[name] = (len(good) - kept, len(good))
        for number, (first, last) in enumerate(runs):
            smoothed = smooth(positions[first:last], good[first:last], own, fps)
            part = name if len(runs) == 1 else f'{name}_{number}'
            yield part, library_joints(smoothed, self.store.layout)

    def _fps(self, clip: dict) -> float:
        fps = clip['fps'] or self.source.fps
        if not fps:
            raise MotionError(
                f"{self.store.root}: clip '{clip['frame_dir']}' does not tell its frame rate; give it as "
                'STORE::SPLIT::FPS'
            )
        return float(fps)

    def _check_posture(self, clips: int = 200) -> None:
        chosen = self.rows[:: max(1, len(self.rows) // clips)]
        recordings = []
        for row in map(int, chosen):
            clip = self.store[row]
            seen = (clip['keypoint_score'] > 0).all(axis=-1)
            recordings.append(clip['keypoint'][seen].astype(np.float64))
        if sum(map(len, recordings)):
            check_posture(recordings, self.store.layout, str(self.store.root))

    def report(self) -> str:
        """What became of the clips, for a command line."""
        lost = sum(gone for gone, _ in self.cut.values())
        lines = [
            f"{self.source.root}: {len(self.rows)} clips of split '{self.split}', "
            f'{len(self.whole)} used whole, '
            f'{len(self.cut)} cut where joints are missing or jump ({lost} frames), '
            f'{len(self.left_out)} left out'
        ]
        lines += [f'  left out {name}: {reason}' for name, reason in list(self.left_out.items())[:10]]
        if len(self.left_out) > 10:
            lines.append(f'  and {len(self.left_out) - 10} more')
        return '\n'.join(lines)
