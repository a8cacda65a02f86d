"""Class lists and the subjects, cameras or views of every protocol, as published: one text file per data set.

A file has sections, ``[classes]``, ``[classes cv]`` or ``[subjects cs train]``, with one name per line or
numbers as papers print them, ``1, 2, 13-19``. Lines that begin with ``#`` are comments. Converters, configs
and tests all read these files, so that each list is in one place.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from mmactrep.errors import UserError

_FOLDER = Path(__file__).parent


class UnknownProtocolError(UserError, KeyError):
    """A data set or a list that no protocol file has; the message lists the existing ones."""


def protocol_classes(name: str) -> list[str]:
    """Class names in the order of the labels.

    >>> protocol_classes('smarthome/cv')[:2]
    ['Cutbread', 'Drink.Frombottle']

    Args:
        name: The data set, followed by a slash and the protocol where that has its own list.

    Raises:
        UnknownProtocolError: If there is no such list.
    """
    dataset, _, variant = name.partition('/')
    return list(_section(dataset, f'classes {variant}'.strip()))


def class_list(classes: Sequence[str] | str) -> list[str]:
    """Class names as a config gives them: a list, or the name of a published one.

    Names of several lists with plus signs between them are the union of these, for a training on several data
    sets: ``'penn_action/seen 1 + kard'``.

    Raises:
        UnknownProtocolError: If there is no such list.
    """
    if not isinstance(classes, str):
        return list(classes)
    return list(
        dict.fromkeys(name for part in classes.split(' + ') for name in protocol_classes(part.strip()))
    )


def protocol_numbers(dataset: str, section: str) -> frozenset[int]:
    """Numbers of subjects, cameras or views.

    >>> sorted(protocol_numbers('smarthome', 'cameras cv2 train'))
    [1, 3, 4, 6, 7]

    Raises:
        UnknownProtocolError: If there is no such list.
    """
    parts = [part for line in _section(dataset, section) for part in line.split(',') if part.strip()]
    ranges = [[int(number) for number in part.split('-')] for part in parts]
    return frozenset(number for ends in ranges for number in range(ends[0], ends[-1] + 1))


def protocol_names(dataset: str, section: str) -> tuple[str, ...]:
    """Names, for example of views, one per line.

    Raises:
        UnknownProtocolError: If there is no such list.
    """
    return _section(dataset, section)


def _section(dataset: str, section: str) -> tuple[str, ...]:
    sections = _read(dataset)
    if section not in sections:
        raise UnknownProtocolError(
            f"no list '{section}' of '{dataset}'; there are: {', '.join(map(repr, sections))}"
        )
    return sections[section]


@functools.cache
def _read(dataset: str) -> dict[str, tuple[str, ...]]:
    known = sorted(path.stem for path in _FOLDER.glob('*.txt'))
    if dataset not in known:
        raise UnknownProtocolError(f"no lists of a data set '{dataset}'; there are: {', '.join(known)}")
    sections: dict[str, list[str]] = {}
    for line in (_FOLDER / f'{dataset}.txt').read_text(encoding='utf-8').splitlines():
        line = line.strip()
        if line.startswith('['):
            sections[line.strip('[]')] = []
        elif line and not line.startswith('#'):
            sections[list(sections)[-1]].append(line)
    return {name: tuple(lines) for name, lines in sections.items()}
