"""``store.json``: a store's description of itself, checked when it is read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from mmactrep.files import BadFileError, read_json, reading, shown
from mmactrep.structures import SkeletonLayout

from . import format as fmt
from .names import split_name_problem

_MAX_BYTES = 1 << 26
_MAX_JOINTS = 1000
_CHECKSUM = 'checksum'

#: A field of a description: what it is in words, and whether a value fits.
Field = tuple[str, Callable[[Any], bool]]


def write_description(root: Path, description: Mapping) -> None:
    """Write ``store.json``, with a checksum over all of it."""
    description = dict(description) | {_CHECKSUM: description_checksum(description)}
    text = json.dumps(description, indent=1, ensure_ascii=False)
    (root / fmt.META_FILE).write_text(text, encoding='utf-8')


def description_checksum(description: Mapping) -> str:
    """Checksum of a description's content, independent of order, whitespace and escapes in the file."""
    content = {key: value for key, value in description.items() if key != _CHECKSUM}
    text = json.dumps(content, sort_keys=True, separators=(',', ':'))
    return hashlib.sha256(text.encode()).hexdigest()


def format_of(root: Path) -> str | None:
    """Format that the description in a folder names; None if there is none that can be read."""
    try:
        content = read_json(root / fmt.META_FILE, _MAX_BYTES)
    except (BadFileError, OSError):
        return None
    found = content.get('format') if isinstance(content, dict) else None
    return found if found in (fmt.FORMAT, fmt.FEATURE_FORMAT, fmt.VIDEO_FORMAT) else None


def read_description(root: Path) -> dict:
    """Read and check ``store.json`` of a skeleton store.

    Stores of version 1 have no checksum over it and are read without.

    Returns:
        Its content; ``'layout'`` is a dictionary from which a :class:`SkeletonLayout` can be made.

    Raises:
        StoreError: See :func:`read_fields`; or its files are not those of such a store.
    """
    content = read_fields(root, fmt.FORMAT, fmt.READABLE_VERSIONS, _FIELDS, unsealed=(1,))
    path = root / fmt.META_FILE
    with reading(path, 'the layout of a skeleton', fmt.StoreError):
        SkeletonLayout.from_dict(content['layout'])
    for name in content['splits']:
        problem = split_name_problem(name)
        if problem:
            raise fmt.StoreError(f'{path}: {problem}')
    files = {fmt.KEYPOINT_FILE, fmt.INDEX_FILE, fmt.ID_ORDER_FILE, *map(fmt.split_file, content['splits'])}
    if content['with_score']:
        files.add(fmt.SCORE_FILE)
    check_files(path, content, files, optional={fmt.SEGMENT_FILE})
    return content


def read_fields(
    root: Path,
    store_format: str,
    versions: Sequence[int],
    fields: Mapping[str, Field],
    unsealed: Sequence[int] = (),
) -> dict:
    """Read ``store.json`` and check its format, version, checksum and fields.

    Args:
        root: Folder of the store.
        store_format: Its format.
        versions: Versions that can be read, newest last.
        fields: Fields that it must have: what they are in words, and whether a value fits.
        unsealed: Versions without a checksum.

    Raises:
        StoreError: If the folder is absent or contains no finished store of a known version, or the
            description lacks a field, has one of the wrong type, or was changed.
    """
    path = root / fmt.META_FILE
    if not path.is_file():
        partial = root.with_name(root.name + '.partial')
        state = 'an unfinished one lies beside it, run its command again' if partial.is_dir() else 'absent'
        raise fmt.StoreError(f'no {fmt.noun(store_format)} at {root} ({state})')
    try:
        content = read_json(path, _MAX_BYTES)
    except BadFileError as error:
        raise fmt.StoreError(str(error)) from error
    if not isinstance(content, dict) or content.get('format') != store_format:
        other = format_of(root)
        found = f'a {fmt.noun(other)}' if other else 'another file'
        raise fmt.StoreError(f'{path}: expected format {store_format!r}, found {found}')
    version = content.get('version')
    if isinstance(version, bool) or version not in versions:
        raise fmt.StoreError(f'{path}: expected version {versions[-1]}, found {shown(version, 40)}')
    with reading(path, 'the description of a store', fmt.StoreError):
        if version not in unsealed and content.get(_CHECKSUM) != description_checksum(content):
            raise fmt.StoreError(
                f'{path}: its checksum differs, the file was changed after the store was made'
            )
    for key, (what, fits) in fields.items():
        if key not in content:
            raise fmt.StoreError(f'{path}: {key!r} is missing')
        if not fits(content[key]):
            raise fmt.StoreError(f'{path}: expected {key!r} to be {what}, found {shown(content[key])}')
    return content


def check_files(path: Path, content: Mapping, needed: Set[str], optional: Set[str] = frozenset()) -> None:
    """Check that the description has checksums of the files of a store.

    Raises:
        StoreError: If one is missing, or it names others.
    """
    odd = sorted((needed ^ set(content['checksums'])) - optional)
    if odd:
        raise fmt.StoreError(
            f'{path}: expected checksums of the files of the store, no more and no less; at odds: '
            f'{", ".join(map(repr, odd[:5]))}'
        )


def is_count(value: Any) -> bool:
    """Whether a value is a number of things."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 48


def is_text_list(value: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_layout(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get('name'), str)
        and is_text_list(value.get('joints'))
        and len(value['joints']) <= _MAX_JOINTS
        and isinstance(value.get('parents'), dict)
        and all(isinstance(parent, str) for parent in value['parents'].values())
    )


def _is_checksums(value: Any) -> bool:
    """Whether a value is an object of files and their SHA-256."""
    return isinstance(value, dict) and all(
        isinstance(digest, str) and re.fullmatch('[0-9a-f]{64}', digest) for digest in value.values()
    )


COMMON_FIELDS: dict[str, Field] = dict(
    attributes=('an object', lambda value: isinstance(value, dict)),
    num_clips=('a count', lambda value: is_count(value) and value > 0),
    num_rows=('a count', lambda value: is_count(value) and value > 0),
    checksums=('an object of files and their SHA-256', _is_checksums),
)
_FIELDS: dict[str, Field] = COMMON_FIELDS | dict(
    layout=('a layout with name, joints and parents', _is_layout),
    classes=('a list of names', is_text_list),
    num_channels=('2 or 3', lambda value: is_count(value) and value in (2, 3)),
    with_score=('true or false', lambda value: isinstance(value, bool)),
    dtype=(
        "'float32' or 'float16'",
        lambda value: isinstance(value, str) and value in ('float32', 'float16'),
    ),
    splits=(
        'an object of names and counts',
        lambda value: isinstance(value, dict) and all(map(is_count, value.values())),
    ),
)
