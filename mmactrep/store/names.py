"""Valid names for clips and splits, which become parts of files, paths and messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from mmactrep.files import shown

from .format import StoreError

MAX_ID_BYTES = 1000
_SPLIT_NAME = re.compile(r'[A-Za-z0-9._-]{1,100}')
# control characters (NUL among them), lone surrogates (bytes that are not text), line separators
_NOT_IN_NAMES = ('Cc', 'Cs', 'Zl', 'Zp')


def clip_id_problem(clip_id: object) -> str | None:
    """What is wrong with a clip's name, as the end of a sentence; None if nothing is."""
    if not isinstance(clip_id, str):
        return f'expected text as the name of a clip, found {shown(clip_id, 40)} ({type(clip_id).__name__})'
    if not clip_id.strip():
        return f'the name of a clip is empty: {shown(clip_id, 40)}'
    for letter in clip_id:
        if unicodedata.category(letter) in _NOT_IN_NAMES:
            return f'the name of a clip contains {letter!r}, which cannot be printed: {shown(clip_id, 80)}'
    if len(clip_id.encode()) > MAX_ID_BYTES:
        return f'the name of a clip has more than {MAX_ID_BYTES} bytes: {shown(clip_id, 80)}'
    parts = re.split(r'[/\\]', clip_id)
    if '..' in parts or clip_id[0] in '/\\':
        return f"the name of a clip must not begin with '/' or contain '..' as a folder: {shown(clip_id, 80)}"
    return None


def split_name_problem(name: object) -> str | None:
    """What is wrong with a split's name, as the end of a sentence; None if nothing is."""
    if isinstance(name, str) and _SPLIT_NAME.fullmatch(name) and name not in ('.', '..'):
        return None
    return (
        "the name of a split consists of letters A-Z and a-z, digits, '.', '_' and '-', 100 at most; "
        f'found {shown(name, 80)}'
    )


def labels_by_name(classes: Sequence[str], where: str | Path) -> dict[str, int]:
    """Class name to label.

    Raises:
        StoreError: If they are not names, or one occurs twice.
    """
    if isinstance(classes, str):
        raise StoreError(f'{where}: expected a list of class names, found the text {shown(classes, 60)}')
    labels: dict[str, int] = {}
    for label, name in enumerate(classes):
        if not isinstance(name, str) or not name.strip():
            raise StoreError(f'{where}: expected class names, found {shown(name, 60)} for label {label}')
        if labels.setdefault(name, label) != label:
            raise StoreError(f"{where}: labels {labels[name]} and {label} are both class '{name:.80}'")
    return labels
