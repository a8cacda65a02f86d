"""Rendered clips as a data set: videos in folders of classes, and their lists."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from tqdm import tqdm

from mmactrep.datasets.video.list_files import CLASS_FILE, VIDEO_FOLDER
from mmactrep.datasets.workers import map_in_order
from mmactrep.errors import UserError
from mmactrep.files import read_json
from mmactrep.motion.rendering.actions import TIME_PAIRS
from mmactrep.motion.rendering.scenes import CLASSES, RenderSettings, render_clip
from mmactrep.video.writing import write_video

#: Characters of the splits: nobody is in both.
CHARACTERS = dict(train=(0, 500), test=(1000, 1300))
SETTINGS_FILE = 'settings.json'
PAIRS_FILE = 'time_pairs.txt'


class RenderError(UserError, ValueError):
    """A folder in which no videos can be rendered."""


@dataclass(frozen=True)
class Plan:
    """A data set of rendered videos.

    Args:
        counts: Split to videos of each class.
        classes: Names of the classes.
        seed: Seed of all clips.
        settings: How they are rendered; each split has characters of its own.
        shared: Rooms and people of each split. With a room of its own, every clip is told from all others by
            its background alone; in few rooms, by the same people, it is told by what happens. None: every
            clip has its own.
        same_rooms: The rooms of the test are those of the training, as where one sensor records all.
    """

    counts: dict[str, int]
    classes: Sequence[str] = CLASSES
    seed: int = 0
    settings: RenderSettings = field(default_factory=RenderSettings)
    shared: tuple[int, int] | None = None
    same_rooms: bool = False

    def settings_of(self, split: str) -> RenderSettings:
        """How the clips of a split are rendered."""
        first, last = CHARACTERS[split]
        if self.shared is None:
            return replace(self.settings, characters=(first, last))
        rooms, people = self.shared
        # rooms are numbered like people
        room = CHARACTERS['train'][0] if self.same_rooms else first
        return replace(self.settings, characters=(first, first + people), rooms=(room, room + rooms))

    def clips(self) -> list[tuple[str, str, int]]:
        """Split, class and number of every clip."""
        return [
            (split, name, number)
            for split, count in self.counts.items()
            for number in range(count)
            for name in self.classes
        ]


def clip_path(split: str, name: str, number: int) -> str:
    """Path of a clip's video below the folder of the videos."""
    return f'{split}/{name}/{name}_{number:04d}.mp4'


def write_videos(plan: Plan, out: Path, workers: int = 0, progress: bool = True) -> float:
    """Render a data set: ``videos/SPLIT/CLASS/CLASS_0000.mp4``, ``SPLIT.txt`` and ``classes.txt``.

    A clip depends only on seed, split, class and number. An interrupted run continues where it stopped.

    Args:
        plan: What to render.
        out: The folder.
        workers: Processes that render; 0 renders in this one.
        progress: Show a progress bar.

    Returns:
        Seconds of video that were rendered.

    Raises:
        RenderError: If the folder was begun with other settings, a class is unknown, or more rooms or people
            are shared than there are, or none where the splits are to have the same rooms or rooms a camera.
    """
    unknown = sorted(set(plan.classes) - set(CLASSES))
    if unknown or not plan.classes or not all(plan.counts.values()):
        raise RenderError(
            f'expected classes among {", ".join(CLASSES)} and one video of each or more, found '
            f'{unknown or plan.counts}'
        )
    most = min(last - first for first, last in CHARACTERS.values())
    if plan.shared is not None and not all(0 < number <= most for number in plan.shared):
        raise RenderError(f'expected 1 to {most} shared rooms and people of a split, found {plan.shared}')
    if plan.shared is None and (plan.same_rooms or plan.settings.fixed_cameras):
        raise RenderError('splits can have the same rooms, and rooms one camera, only if rooms are shared')
    _check_settings(plan, out)
    pending = [clip for clip in plan.clips() if not (out / VIDEO_FOLDER / clip_path(*clip)).exists()]
    seconds = 0.0
    bar = tqdm(total=len(plan.clips()), initial=len(plan.clips()) - len(pending), disable=not progress)
    with bar, closing(map_in_order(partial(_write_clip, plan, out), pending, workers)) as lengths:
        for length in lengths:
            seconds += length
            bar.update()
    for split in plan.counts:
        lines = [
            f'{clip_path(split, name, number)} {plan.classes.index(name)}\n'
            for own, name, number in plan.clips()
            if own == split
        ]
        (out / f'{split}.txt').write_text(''.join(lines))
    (out / CLASS_FILE).write_text(''.join(f'{name}\n' for name in plan.classes))
    pairs = [pair for pair in TIME_PAIRS if set(pair) <= set(plan.classes)]
    (out / PAIRS_FILE).write_text(''.join(f'{first} {second}\n' for first, second in pairs))
    return seconds


def _check_settings(plan: Plan, out: Path) -> None:
    """Write down how the folder is rendered, or check that it was begun the same way."""
    settings = dict(seed=plan.seed, classes=[*plan.classes], **asdict(plan.settings), shared=plan.shared)
    settings = json.loads(json.dumps(settings | dict(same_rooms=plan.same_rooms)))
    path = out / SETTINGS_FILE
    if path.exists():
        found = read_json(path)
        # folders of before there was a choice
        found = dict(same_rooms=False, fixed_cameras=False) | (found if isinstance(found, dict) else {})
        differing = sorted(key for key in settings if found.get(key) != settings[key])
        if differing:
            raise RenderError(
                f'{out} was rendered with other settings ({", ".join(differing)}); take those, or another '
                'folder'
            )
        return
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, indent=1))


def _write_clip(plan: Plan, out: Path, clip: tuple[str, str, int]) -> float:
    """Render a clip and write it; returns its length in seconds."""
    import cv2

    cv2.setNumThreads(1)  # the workers are the threads
    split, name, number = clip
    rendered = render_clip(name, (plan.seed, [*CHARACTERS].index(split), number), plan.settings_of(split))
    path = out / VIDEO_FOLDER / clip_path(*clip)
    partial_path = path.with_name(f'{path.name}.partial')
    write_video(partial_path, rendered.frames[..., ::-1], rendered.fps)
    os.replace(partial_path, path)
    return len(rendered.frames) / rendered.fps
