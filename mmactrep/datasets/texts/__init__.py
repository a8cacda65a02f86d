"""Descriptions of the classes of data sets in words, one text file per data set.

A line is ``name: description | description``. The names are those of the data set's classes.
"""

from __future__ import annotations

import os
from pathlib import Path

from mmactrep.errors import UserError
from mmactrep.files import MAX_TEXT_BYTES, BadFileError, reading
from mmactrep.structures.class_texts import ClassText, LabelTextError, parse_class_texts

_FOLDER = Path(__file__).parent


class UnknownTextsError(UserError, KeyError):
    """Neither a file nor a shipped list of descriptions; the message lists the shipped ones."""


def shipped_texts() -> list[str]:
    """Names of the shipped lists."""
    return sorted(path.stem for path in _FOLDER.glob('*.txt'))


def load_class_texts(source: str | os.PathLike) -> list[ClassText]:
    """Classes in words.

    Args:
        source: A text file, see :func:`~mmactrep.structures.class_texts.parse_class_texts`, or the name of a
            shipped list, for example 'penn_action'.

    Raises:
        UnknownTextsError: If it is neither.
        LabelTextError: If a line is empty of words, or two names are equal.
        BadFileError: If the file cannot be read as text.
    """
    path = Path(source)
    if os.fspath(source) in shipped_texts():
        path = _FOLDER / f'{source}.txt'
    elif not path.is_file():
        raise UnknownTextsError(
            f'{source}: neither a file nor a shipped list; there are: {", ".join(shipped_texts())}'
        )
    with reading(path, 'labels in UTF-8'):
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise BadFileError(f'{path}: larger than {MAX_TEXT_BYTES} bytes')
        text = path.read_text(encoding='utf-8-sig')
    return parse_class_texts(text, str(path))


def texts_of_classes(names: list[str], source: str | os.PathLike | None = None) -> list[ClassText]:
    """The classes of a data set in words, in the order of its labels.

    Args:
        names: Class names.
        source: See :func:`load_class_texts`; None takes the names alone.

    Raises:
        LabelTextError: If a class is not among those of the source.
    """
    if source is None:
        return [ClassText(name) for name in names]
    found = {each.name: each for each in load_class_texts(source)}
    absent = [name for name in names if name not in found]
    if absent:
        raise LabelTextError(f'{source}: no description of {", ".join(map(repr, absent[:5]))}')
    return [found[name] for name in names]
