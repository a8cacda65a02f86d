"""The files of a :class:`FeatureStore`, and its description, checked when it is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.files import shown

from . import format as fmt
from .description import COMMON_FIELDS, Field, check_files, is_text_list, read_fields

VERSION = 1

FEATURE_FILE = 'features.npy'
ID_FILE = 'ids.npy'
ENTRY_FILE = 'entries.npy'

FEATURE_DTYPE = np.dtype('<f2')
ENTRY_DTYPE = np.dtype([('start', '<i8'), ('count', '<i4'), ('category', '<i4')])

NO_CATEGORY = -1
MAX_DIMENSION = 1 << 20
_MAX_TEACHER = 200


def read_feature_description(root: Path) -> dict:
    """Read and check ``store.json`` of a feature store.

    Raises:
        StoreError: See :func:`~mmactrep.store.description.read_fields`; or its files are not those of such
            a store.
    """
    content = read_fields(root, fmt.FEATURE_FORMAT, (VERSION,), _FIELDS)
    check_files(root / fmt.META_FILE, content, {FEATURE_FILE, ID_FILE, ENTRY_FILE})
    return content


def default_feature_root(source: Path, teacher: str, kind: str) -> Path:
    """Where the features of a store or a folder of videos are kept: ``SOURCE_features/TEACHER_KIND``.

    Args:
        source: The store or folder.
        teacher: Name of the teacher; characters that are not for file names become ``-``.
        kind: 'text' or 'video'.
    """
    name = re.sub(r'[^A-Za-z0-9._-]+', '-', f'{teacher}_{kind}')
    return source.with_name(f'{source.name}_features') / name


def teacher_problem(teacher: object) -> str | None:
    """What is wrong with a teacher's name, as the end of a sentence; None if nothing is."""
    if isinstance(teacher, str) and teacher.strip() and teacher.isprintable() and len(teacher) < _MAX_TEACHER:
        return None
    return f'expected the name of a teacher, found {shown(teacher, 60)}'


def is_kind(value: Any) -> bool:
    """Whether a value is a kind of features: one small word."""
    return isinstance(value, str) and re.fullmatch('[a-z]{1,20}', value) is not None


def is_dimension(value: Any) -> bool:
    """Whether a value is a number of channels."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_DIMENSION


_FIELDS: dict[str, Field] = COMMON_FIELDS | dict(
    teacher=('the name of a teacher', lambda value: teacher_problem(value) is None),
    kind=("one small word, as 'text'", is_kind),
    dimension=(f'a number of channels up to {MAX_DIMENSION}', is_dimension),
    dtype=("'float16'", lambda value: value == FEATURE_DTYPE.name),
    categories=('a list of names', is_text_list),
)
