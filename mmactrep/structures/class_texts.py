"""Words for classes: their names, and sentences that describe them, as text encoders take them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mmactrep.errors import UserError

_NAME_END, _SENTENCE_END = ':', '|'


class LabelTextError(UserError, ValueError):
    """An empty label, two equal labels, or a line that cannot be read as a label; the message says which."""


@dataclass(frozen=True)
class ClassText:
    """A class in words.

    Args:
        name: Name of the class.
        sentences: Descriptions of it; the name in plain words if there are none.

    Raises:
        LabelTextError: If the name or a sentence is empty.
    """

    name: str
    sentences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not words_of(self.name):
            raise LabelTextError(f'expected the name of an action, found {self.name!r}: it has no letters')
        for sentence in self.sentences:
            if not words_of(sentence):
                raise LabelTextError(f'a description of {self.name!r} is empty')

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences, or the name in plain words."""
        return self.sentences or (words_of(self.name),)


def words_of(name: str) -> str:
    """A class name as words.

    >>> words_of('baseball_pitch'), words_of('Drink.Frombottle'), words_of('sitToStand')
    ('baseball pitch', 'drink frombottle', 'sit to stand')
    """
    spaced = re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', name)
    return ' '.join(re.sub(r'[^\w\'-]+|_', ' ', spaced).lower().split())


def check_distinct(classes: Iterable[ClassText], source: str = 'labels') -> list[ClassText]:
    """The classes, if there are any and no two have the same name.

    Raises:
        LabelTextError: With the names that are equal; case, underscores and spaces make no difference.
    """
    classes = list(classes)
    if not classes:
        raise LabelTextError(f'{source}: expected at least one label, found none')
    first: dict[str, str] = {}
    for each in classes:
        words = words_of(each.name)
        if words in first:
            raise LabelTextError(f'{source}: two labels are equal, {first[words]!r} and {each.name!r}')
        first[words] = each.name
    return classes


def split_labels(labels: str | Sequence[str]) -> list[ClassText]:
    """Labels as users write them: ``'drinking, waving'``, or a list of names.

    A name may be followed by a colon and descriptions between bars, ``'wave: a person waves | one hand
    waves'``; descriptions in a list may have commas.

    Raises:
        LabelTextError: If a label is empty, or two are equal.
    """
    parts = labels.split(',') if isinstance(labels, str) else list(labels)
    for number, part in enumerate(parts, 1):
        if not isinstance(part, str) or not part.strip():
            raise LabelTextError(f'labels: number {number} of {len(parts)} is empty')
    return check_distinct([_read_line(part) for part in parts])


def parse_class_texts(text: str, source: str) -> list[ClassText]:
    """Classes of a text file, one a line: ``name`` or ``name: description | description``.

    Empty lines, and lines that begin with ``#``, are skipped.

    Args:
        text: Content of the file.
        source: Its name, for messages.

    Raises:
        LabelTextError: With the number of the line.
    """
    classes = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith('#'):
            try:
                classes.append(_read_line(line))
            except LabelTextError as error:
                raise LabelTextError(f'{source}, line {number}: {error}') from error
    return check_distinct(classes, source)


def _read_line(line: str) -> ClassText:
    name, colon, rest = line.partition(_NAME_END)
    sentences = tuple(part.strip() for part in rest.split(_SENTENCE_END)) if colon else ()
    return ClassText(name.strip(), sentences)
