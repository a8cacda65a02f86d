"""Which labels of a source become which classes of the data set, written down in a text file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path

from mmactrep.errors import UserError
from mmactrep.files import read_text, shown

_ARROW, _DROP, _OTHERS = '->', '-', '*'


class LabelMappingError(UserError, ValueError):
    """A mapping that cannot be read, or a label that it does not know; the message names line or label."""


@dataclass(frozen=True)
class LabelMapping:
    """A mapping of labels to classes.

    Args:
        table: Label to class; None where clips of the label are dropped.
        others: What becomes of all other labels: ``'keep'``, ``'drop'`` or ``'refuse'``.
        path: Its file, for messages.

    Attributes:
        asked: Labels that it was asked for.
    """

    table: dict[str, str | None] = field(default_factory=dict)
    others: str = 'keep'
    path: str = ''
    asked: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def __call__(self, label: str) -> str | None:
        """The class of a label; None if its clips are dropped.

        Raises:
            LabelMappingError: If the mapping does not know it; the message suggests labels like it.
        """
        self.asked.add(label)
        if label in self.table:
            return self.table[label]
        if self.others == 'refuse':
            near = difflib.get_close_matches(label, self.table, n=2)
            hint = f'; did you mean {" or ".join(map(repr, near))}?' if near else ''
            raise LabelMappingError(f'label {shown(label)} is not in {self.path}{hint}')
        return label if self.others == 'keep' else None

    @property
    def unused(self) -> list[str]:
        """Labels of the table that it was never asked for."""
        return sorted(set(self.table) - self.asked)

    @property
    def targets(self) -> set[str]:
        """The classes that it names."""
        return {name for name in self.table.values() if name is not None}


def read_label_mapping(path: str | Path) -> LabelMapping:
    """Read a mapping: one line ``old -> new`` a label.

    Several labels with the same ``new`` are merged; ``old -> -`` drops the clips of a label. Labels without a
    line are an error when they come, unless there is a line ``* -> *`` (the others stay as they are) or
    ``* -> -`` (they are dropped). Empty lines and those that begin with ``#`` are skipped.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is not text.
        LabelMappingError: If a line is not of that form, or a label has two lines; the message names it.
    """
    table: dict[str, str | None] = {}
    lines: dict[str, int] = {}
    others = 'refuse'
    for number, line in enumerate(read_text(path).splitlines(), 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        old, arrow, new = (part.strip() for part in line.partition(_ARROW))
        if not (old and arrow and new) or _ARROW in new or (new == _OTHERS) != (old == new == _OTHERS):
            raise LabelMappingError(
                f"{path}:{number}: expected 'old -> new', 'old -> -' or '* -> *', found {shown(line)}"
            )
        if old in lines:
            raise LabelMappingError(f'{path}:{number}: {shown(old)} is mapped in line {lines[old]} too')
        lines[old] = number
        if old == _OTHERS and new not in (_OTHERS, _DROP):
            raise LabelMappingError(
                f"{path}:{number}: the other labels can stay ('* -> *') or be dropped ('* -> -'), found "
                f'{shown(new)}'
            )
        if old == _OTHERS:
            others = 'keep' if new == _OTHERS else 'drop'
        else:
            table[old] = None if new == _DROP else new
    if not lines:
        raise LabelMappingError(f"{path}: expected lines 'old -> new', found none")
    return LabelMapping(table, others, str(path))
