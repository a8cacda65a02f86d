"""Procedural motion in the format of Posetics, for use where the real data set is absent."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.datasets.workers import map_in_order
from mmactrep.errors import UserError
from mmactrep.files import read_json
from mmactrep.motion.body import BODY
from mmactrep.motion.cameras import to_camera
from mmactrep.motion.procedural.generator import MotionGenerator, to_layout
from mmactrep.structures import get_layout

MARKER = 'standin.json'
_BATCH = 128
_LIMIT = 10**6  # clips per split: the number has six digits in the video id
_LONGEST = 10_000  # frames
_TEXT = """# This is a stand-in

These files have the format of Posetics (one JSON per clip, 13 joints of LCRNet++ in 2D and 3D, frames of
640 x 480, label files), but no camera and no person was involved: they are procedurally generated motion.
Results on them show that the software works; they say nothing about Posetics.

`standin.json` contains the settings that reproduce them.
"""


class StandinError(UserError, ValueError):
    """Settings that no stand-in can have, or a folder with other content; the message says which."""


@dataclass(frozen=True)
class StandinSettings:
    """What determines a stand-in; equal settings give equal files.

    Args:
        train: Number of training clips.
        test: Number of test clips, performed by other characters.
        frames: Frames of the longest clips.
        fps: Frames per second.
        seed: Seed.
        motions: Names of the motions that serve as classes; default all.
        train_characters: How many characters perform the training clips.
        test_characters: How many perform the test clips.
        second_person: Share of clips with a bystander.
        shorter: Share of clips filmed at 60 to 100 % of the frame rate, which makes them shorter.
        unseen: Share of clips in which the estimator misses the person for some frames.
    """

    train: int = 2025
    test: int = 450
    frames: int = 64
    fps: float = 20.0
    seed: int = 0
    motions: tuple[str, ...] = ()
    train_characters: int = 300
    test_characters: int = 100
    second_person: float = 0.15
    shorter: float = 0.35
    unseen: float = 0.06

    def __post_init__(self) -> None:
        if not 0 < self.train <= _LIMIT or not 0 < self.test <= _LIMIT:
            raise StandinError(f'train and test must be 1 to {_LIMIT}, got {self.train} and {self.test}')
        if not 8 <= self.frames <= _LONGEST:
            raise StandinError(f'a clip needs at least 8 frames and at most {_LONGEST}, got {self.frames}')
        object.__setattr__(self, 'motions', tuple(self.motions) or self.generator('train').classes)

    def generator(self, split: str) -> MotionGenerator:
        """Generator of the main persons of 'train' or 'val'."""
        first, last = self._characters(split)
        return MotionGenerator(
            self.frames, self.fps, self.motions or None, seed=self._seed(split), characters=(first, last)
        )

    def bystanders(self, split: str) -> MotionGenerator:
        """Generator of the second persons: smaller, aside, and doing nothing much."""
        return MotionGenerator(
            self.frames,
            self.fps,
            ('stand', 'walk', 'stand', 'use_phone', 'fold_arms'),
            seed=self._seed(split) + 1,
            characters=self._characters(split),
            fill=(0.35, 0.65),
            shift=(-240.0, 240.0),
            close_up=0.0,
        )

    def _seed(self, split: str) -> int:
        return 4 * self.seed + dict(train=0, val=2)[split]

    def _characters(self, split: str) -> tuple[int, int]:
        if split == 'train':
            return 0, self.train_characters
        return self.train_characters, self.train_characters + self.test_characters

    def to_dict(self) -> dict:
        """Plain containers, as written to ``standin.json``."""
        return json.loads(json.dumps(asdict(self)))


def write_standin(
    root: str | Path,
    settings: StandinSettings,
    overwrite: bool = False,
    workers: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> bool:
    """Write a stand-in of Posetics: ``train/*.json``, ``val/*.json``, label files, ``classes.txt``,
    ``standin.json``.

    Args:
        root: Folder; created if absent.
        settings: What to write.
        overwrite: Replace a stand-in with other settings.
        workers: Writer processes; 0 writes in this one.
        progress: Called with the number of clips written and the total.

    Returns:
        True if files were written, False if the folder already contained exactly this stand-in.

    Raises:
        FileExistsError: If the folder contains something that is not a stand-in, or one with other
            settings and ``overwrite`` is off.
    """
    root = Path(root)
    if _check_folder(root, settings, overwrite):
        return False
    root.mkdir(parents=True, exist_ok=True)
    _write_json(root / MARKER, dict(standin=True, complete=False, settings=settings.to_dict()))
    (root / 'STANDIN.md').write_text(_TEXT, encoding='utf-8')
    (root / 'classes.txt').write_text(''.join(f'{name}\n' for name in settings.motions), encoding='utf-8')
    tasks = []
    for split, count in (('train', settings.train), ('val', settings.test)):
        folder = root / split
        folder.mkdir(exist_ok=True)
        for old in folder.glob('*.json'):
            old.unlink()
        labels = {
            standin_video_id(split, i): dict(label_index=i % len(settings.motions), has_skeleton=True)
            for i in range(count)
        }
        _write_json(root / f'posetics_{split}_label.json', labels)
        tasks += [(folder, split, start, min(_BATCH, count - start)) for start in range(0, count, _BATCH)]
    done, total = 0, settings.train + settings.test
    progress(0, total)
    with closing(map_in_order(partial(_write_task, settings), tasks, workers)) as counts:
        for count in counts:
            done += count
            progress(done, total)
    _write_json(root / MARKER, dict(standin=True, complete=True, settings=settings.to_dict()))
    return True


def standin_video_id(split: str, index: int) -> str:
    """The 11 characters that stand for a video, like ``SynTr000042``."""
    return f'Syn{dict(train="Tr", val="Va")[split]}{index:06d}'


def make_clips(settings: StandinSettings, split: str, start: int, count: int) -> list[dict]:
    """Clips in the form of the JSON files: ``{"frames": [[{"pose2d", "pose3d"}, ... persons], ...]}``.

    Args:
        settings: The stand-in.
        split: 'train' or 'val'.
        start: Number of the first clip in the split.
        count: Number of clips.
    """
    main = _poses(settings.generator(split), start, count)
    other = _poses(settings.bystanders(split), start, count)
    return [
        dict(
            frames=_frames(
                settings, split, start + i, [tuple(p[i] for p in main), tuple(p[i] for p in other)]
            )
        )
        for i in range(count)
    ]


def _poses(generator: MotionGenerator, start: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Observed 2D (N, T, 13, 2), pixels, and 3D (N, T, 13, 3), meters right, down and away of the mid-hip."""
    layout = get_layout('lcrnet13')
    factors = generator.sample_factors(count, start)
    offsets = generator.offsets(factors)
    positions = generator.positions(generator.animate(factors), offsets)
    cameras = generator.cameras(factors, positions, offsets)
    flat, seen = generator.observe(to_layout(generator.project(positions, cameras), layout), factors, layout)
    local = to_camera(positions, cameras)
    local = local - local[:, :, [BODY.index('mid_hip')]]
    solid, _ = generator.observe(to_layout(local, layout), factors, layout, truncate=False)
    return flat, np.where(seen[..., None] > 0, solid, 0)


def _frames(settings: StandinSettings, split: str, index: int, persons: list[tuple[np.ndarray, ...]]) -> list:
    """Persons of every frame, with what detectors do: nobody for a while, the other person first."""
    rng = np.random.default_rng((settings.seed, dict(train=0, val=1)[split], index, 11))
    u = rng.random(8)
    length = settings.frames
    if u[0] < settings.shorter:
        length = max(8, round(length * (0.6 + 0.4 * u[1])))
    taken = np.linspace(0, settings.frames - 1, length).round().astype(int)
    present = [np.ones(length, bool), np.full(length, u[2] < settings.second_person)]
    if u[3] < settings.unseen:
        gap = 1 + int(0.2 * length * u[4])
        first = int((length - gap) * u[5])
        present[0][first : first + gap] = False
    order = (1, 0) if u[6] < 0.2 else (0, 1)
    poses = [
        [np.round(np.swapaxes(values[taken], 1, 2).reshape(length, -1).astype(np.float64), digits).tolist()
         for values, digits in zip(person, (1, 3))]
        for person in persons
    ]  # fmt: skip
    return [
        [dict(pose2d=poses[m][0][t], pose3d=poses[m][1][t]) for m in order if present[m][t]]
        for t in range(length)
    ]


def _write_task(settings: StandinSettings, task: tuple[Path, str, int, int]) -> int:
    return _write_clips(settings, *task)


def _write_clips(settings: StandinSettings, folder: Path, split: str, start: int, count: int) -> int:
    seconds = round(settings.frames / settings.fps)
    for i, clip in enumerate(make_clips(settings, split, start, count)):
        # Kinetics' names: id, first and last second. The id is at -30 to -20 counted from the end.
        _write_json(folder / f'{standin_video_id(split, start + i)}_{0:06d}_{seconds:06d}.json', clip)
    return count


def _write_json(path: Path, content: dict) -> None:
    text = json.dumps(content, separators=(',', ':') if 'frames' in content else None)
    temporary = path.with_suffix('.tmp')
    temporary.write_text(text, encoding='utf-8')
    os.replace(temporary, path)


def _check_folder(root: Path, settings: StandinSettings, overwrite: bool) -> bool:
    """True if the stand-in exists and is complete."""
    if not root.exists() or not any(root.iterdir()):
        return False
    if not (root / MARKER).exists():
        raise FileExistsError(f'{root}: is not empty and holds no stand-in ({MARKER}); choose another folder')
    found = read_json(root / MARKER, 1 << 20)
    found = found if isinstance(found, dict) else {}
    same = found.get('settings') == settings.to_dict()
    if same and found.get('complete'):
        return True
    if not same and not overwrite:
        raise FileExistsError(
            f'{root}: holds a stand-in with other settings, {found.get("settings")}; '
            'choose another folder, or overwrite it'
        )
    return False
