"""Pairs of classes that a user names."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from mmactrep.errors import UserError


class ClassPairError(UserError, ValueError):
    """A pair of classes that does not exist; the message says what there is."""


def read_pairs(texts: Sequence[str], classes: Sequence[str]) -> list[tuple[int, int]]:
    """Indices of the classes in pairs ``A:B``, each a name or an index from 0 on.

    Args:
        texts: The pairs.
        classes: Names of all classes.

    Raises:
        ClassPairError: If a text is no pair, or a class is unknown.
    """
    pairs = []
    for text in texts:
        names = [name.strip() for name in text.split(':')]
        if len(names) != 2 or names[0] == names[1]:
            raise ClassPairError(f"expected two classes as 'A:B', found {text[:80]!r}")
        pairs.append(tuple(_index(name, classes) for name in names))
    return pairs


def _index(name: str, classes: Sequence[str]) -> int:
    classes = list(classes)
    if name in classes:
        return classes.index(name)
    if name.isdecimal() and int(name) < len(classes):
        return int(name)
    near = difflib.get_close_matches(name, classes, n=3, cutoff=0.4) or classes[:5]
    raise ClassPairError(
        f"there is no class '{name[:80]}' among {len(classes)}; near are: {', '.join(near) or 'none'}"
    )
