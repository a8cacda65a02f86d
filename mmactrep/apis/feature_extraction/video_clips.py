"""Which video, and which part of it, each clip of a skeleton store comes from."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmactrep.errors import UserError
from mmactrep.pose.extraction.building.outcomes import read_outcomes
from mmactrep.pose.extraction.report import read_log
from mmactrep.store.reader import SkeletonStore
from mmactrep.video.frames import VIDEO_SUFFIXES

_PLACE = '{id}'


class SourceVideoError(UserError, ValueError):
    """Videos that are not where they were said to be; the message names an example."""


@dataclass(frozen=True)
class VideoClip:
    """A clip and its video.

    Args:
        clip_id: Name of the clip.
        path: The video; None if there is none.
        start: Its first frame in the video, at the video's constant rate.
        length: Its frames; 0 for all from ``start`` on.
        part: Its first and last second in the video instead, None for the video's end: of a store that was
            built from a list with times.
    """

    clip_id: str
    path: Path | None
    start: int = 0
    length: int = 0
    part: tuple[float, float | None] | None = None


def clips_of_store(store: SkeletonStore, folder: Path, pattern: str | None = None) -> list[VideoClip]:
    """The clips of a store with their source videos, in the order of the store.

    A clip is the whole video of its name, unless the store was extracted with ``--clip-length``: then it is
    the part that its number names. The log of a store that ``tools/build_dataset.py`` built tells the video
    of each clip and the seconds of its part.

    Args:
        store: The store.
        folder: Folder of the videos.
        pattern: Path of a clip's video below the folder, with ``{id}`` for its name; ``*`` and ``?`` stand
            for whatever is there. Default: the file of that name with any suffix of a video, in the folder or
            below it.

    Raises:
        SourceVideoError: If the folder is absent, the pattern has no ``{id}``, a name fits several videos, or
            no clip has a video.
    """
    if not folder.is_dir():
        raise SourceVideoError(f'{folder}: no such folder of videos')
    if pattern is not None and _PLACE not in pattern:
        raise SourceVideoError(f'expected a pattern with {_PLACE} for the name of a clip, found {pattern!r}')
    find = _by_name(folder) if pattern is None else lambda name: _by_pattern(folder, pattern, name)
    built = _built(store)
    parts, found, clips = {} if built else _parts(store), {}, []
    for row, clip_id in enumerate(store.ids):
        if clip_id in built:
            video, below, part = built[clip_id]
            own = folder / below
            path = own if pattern is None and own.is_file() else find(video)
            clips.append(VideoClip(clip_id, path, part=part))
            continue
        video, start = parts.get(clip_id, (clip_id, 0))
        if video not in found:
            found = {video: find(video)}  # parts of a video are next to each other
        length = int(store.index['frames'][row]) if clip_id in parts else 0
        clips.append(VideoClip(clip_id, found[video], start, length))
    if all(clip.path is None for clip in clips):
        first = {**built, **parts}.get(store.ids[0], (store.ids[0],))[0]
        example = (pattern or f'{_PLACE}.mp4').replace(_PLACE, first)
        raise SourceVideoError(
            f'{folder}: no clip of {store.root} has a video there; expected for example {folder / example}'
        )
    return clips


def checksum(clips: Sequence[VideoClip]) -> str:
    """Checksum of the names and parts of clips, independent of where the videos are."""
    digest = hashlib.sha256()
    for clip in clips:
        part = '' if clip.part is None else f'\t{clip.part}'
        digest.update(f'{clip.clip_id}\t{clip.start}\t{clip.length}{part}\n'.encode())
    return digest.hexdigest()


def _built(store: SkeletonStore) -> dict[str, tuple[str, str, tuple[float, float | None] | None]]:
    """Name and path of the video, and the seconds, of each clip of a store that was built from lists."""
    if 'min_share' not in (store.attributes.get('settings') or {}):
        return {}
    found = {}
    for outcome in read_outcomes(store.root):
        if outcome.kept:
            whole = outcome.start is None and outcome.end is None
            part = None if whole else (outcome.start or 0.0, outcome.end)
            found[outcome.name] = outcome.video, outcome.path, part
    return found


def _parts(store: SkeletonStore) -> dict[str, tuple[str, int]]:
    """Video and first frame of each clip of a store whose videos were cut into clips."""
    settings = store.attributes.get('settings')
    length = settings.get('clip_length') if isinstance(settings, dict) else None
    if not isinstance(length, int) or length < 1:
        return {}
    parts = {}
    for entry in read_log(store.root):
        for clip_id in entry.clips:
            number = clip_id.removeprefix(f'{entry.video}_')
            if number.isdecimal():
                parts[clip_id] = entry.video, int(number) * length
    return parts


def _by_pattern(folder: Path, pattern: str, name: str) -> Path | None:
    head, *rest = pattern.split(_PLACE)
    if not glob.has_magic(pattern):
        path = folder / pattern.replace(_PLACE, name)
        return path if path.is_file() else None
    found = glob.glob(''.join([head, *(glob.escape(name) + part for part in rest)]), root_dir=folder)
    return _only([folder / path for path in sorted(found)], name)


def _by_name(folder: Path) -> Callable[[str], Path | None]:
    """Finds videos by their path below a folder without suffix, or the name alone."""
    named: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob('*')):
        if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file():
            whole = path.relative_to(folder).with_suffix('').as_posix()
            for name in {whole, path.stem}:
                named.setdefault(name, []).append(path)
    return lambda name: _only(named.get(name, []), name)


def _only(paths: Sequence[Path], name: str) -> Path | None:
    if len(paths) > 1:
        raise SourceVideoError(
            f"clip '{name}' has several videos, {paths[0]} and {paths[1]}: a pattern may tell which"
        )
    return paths[0] if paths else None
