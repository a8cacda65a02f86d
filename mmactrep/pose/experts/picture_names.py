"""Frame numbers from the names of pictures in a file of poses."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import PurePath

from mmactrep.files import BadFileError, shown

#: Frame numbers are less; a year of video has 946 million frames at 30 per second.
MAX_FRAME = 10**9
# A number with more digits is a hash or a time in nanoseconds, not a frame number.
_MAX_DIGITS = 18
_RESOLUTION = re.compile(r'(\d+)[xX](\d+)(?!\d)')
# OpenPose writes VIDEO_000000000012_keypoints.json.
_OPENPOSE = re.compile(r'_\d{12}$')


def number_pictures(ids: Sequence[object], path: str | os.PathLike, key: str = 'image_id') -> list[int]:
    """The frame number of each picture.

    A number is used unchanged. In names, the frame's number is the one that counts: it differs in all of
    them. The text before it must be the same everywhere; otherwise the file has results of several videos.

    Args:
        ids: Numbers or file names of the pictures; they may repeat.
        path: The file, for messages.
        key: Key of the ids in the file, for messages.

    Returns:
        One number per entry of ``ids``.

    Raises:
        BadFileError: If an id is neither, or the names leave open which number counts or are of two videos.
    """
    for each in ids:
        if isinstance(each, bool) or not isinstance(each, (int, str)):
            raise BadFileError(
                f"{path}: expected a frame number or a file name as '{key}', found {shown(each)}"
            )
    if ids and all(isinstance(each, str) for each in ids):
        names = list(dict.fromkeys(ids))
        numbers = dict(zip(names, _count(names, path, key)))
        ids = [numbers[name] for name in ids]
    wrong = next((each for each in ids if isinstance(each, str)), None)
    if wrong is not None:
        raise BadFileError(f"{path}: expected numbers or file names as '{key}', found both: {shown(wrong)}")
    outside = next((number for number in ids if not 0 <= number < MAX_FRAME), None)
    if outside is not None:
        raise BadFileError(
            f"{path}: expected a frame number from 0 to {MAX_FRAME - 1} as '{key}', found {shown(outside)}"
        )
    return list(ids)


def _count(names: list[str], path: str | os.PathLike, key: str) -> list[int]:
    """Frame numbers of distinct names."""
    split = {name: re.split(r'(\d+)', _without_suffix(name)) for name in names}
    for name in names:
        if len(split[name]) == 1:
            raise BadFileError(
                f"{path}: expected a frame number or a file name with one as '{key}', found {shown(name)}"
            )
    templates: dict[tuple[str, ...], str] = {}
    for name, parts in split.items():
        templates.setdefault(tuple(parts[::2]), name)
    if len(templates) > 1:
        one, other = list(templates.values())[:2]
        raise _two_videos(path, one, other)
    groups = list(zip(*(parts[1::2] for parts in split.values())))
    if len(names) == 1:
        return [int(groups[_only_group(names[0], path)][0])]
    columns = [
        [int(text) for text in group]
        for group in groups
        if len(set(group)) > 1 and max(map(len, group)) <= _MAX_DIGITS
    ]
    counting = [column for column in columns if len(set(column)) == len(names)]
    if not counting:
        column = columns[-1] if columns else [0] * len(names)
        first: dict[int, str] = {}
        for name, number in zip(names, column):
            if number in first:
                raise _two_videos(path, first[number], name)
            first[number] = name
    counts = min(counting, key=_span)
    rivals = [column for column in counting if _span(column) == _span(counts) and column != counts]
    if rivals:
        raise BadFileError(
            f'{path}: pictures {shown(names[0])} and {shown(names[1])} have several numbers that count; '
            'expected names with one'
        )
    for column in columns[: next(k for k, column in enumerate(columns) if column is counts)]:
        if column not in counting:
            other = next(k for k, number in enumerate(column) if number != column[0])
            raise _two_videos(path, names[0], names[other])
    return counts


def _span(column: Sequence[int]) -> int:
    return max(column) - min(column)


def _only_group(name: str, path: str | os.PathLike) -> int:
    """Which of the numbers of a single picture's name is the frame's."""
    stem = _without_suffix(name)
    groups = list(re.finditer(r'\d+', stem))
    if _OPENPOSE.search(stem):
        return len(groups) - 1
    sizes = [match.span() for match in _RESOLUTION.finditer(stem)]
    kept = [
        k
        for k, group in enumerate(groups)
        if not any(a <= group.start() < b for a, b in sizes) and len(group[0]) <= _MAX_DIGITS
    ]
    if len(kept) != 1:
        raise BadFileError(
            f'{path}: {shown(name)} is the only picture, and which of its numbers is the frame is not clear; '
            'expected a name with one number'
        )
    return kept[0]


def _without_suffix(name: str) -> str:
    suffix = PurePath(name).suffix
    return name if suffix[1:].isdecimal() else name.removesuffix(suffix)


def _two_videos(path: str | os.PathLike, one: str, other: str) -> BadFileError:
    return BadFileError(
        f'{path}: expected the pictures of one video, found {shown(one)} and {shown(other)}: '
        'different names, one number. Give the file of a single video'
        if _last_number(one) == _last_number(other)
        else f'{path}: expected the pictures of one video, found {shown(one)} and {shown(other)}. '
        'Give the file of a single video'
    )


def _last_number(name: str) -> str:
    return re.findall(r'\d+', _without_suffix(name))[-1].lstrip('0')
