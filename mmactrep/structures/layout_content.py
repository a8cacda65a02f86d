"""What a dictionary that describes a skeleton layout may contain."""

from __future__ import annotations

from collections.abc import Mapping

from mmactrep.files import shown

#: Maximum number of joints in a layout file; whole bodies with face and fingers have fewer than 200.
MAX_JOINTS = 1000
_MAX_NAME, _MAX_MESSAGE = 100, 400


class LayoutError(ValueError):
    """A description that is not a valid layout. Whoever reads it from a file adds the file's name."""

    def __init__(self, message: str) -> None:
        super().__init__(message if len(message) <= _MAX_MESSAGE else f'{message[:_MAX_MESSAGE]} ...')


def check_layout_content(content: object) -> None:
    """Check the keys and types of a layout's dictionary before it is used.

    Raises:
        LayoutError: If something is wrong; the message says what.
    """
    if not isinstance(content, Mapping):
        raise LayoutError(f'a layout is a dictionary with {", ".join(_FIELDS)}, found {shown(content)}')
    where = f'layout {shown(content.get("name"))}'
    unknown = [key for key in content if key not in _FIELDS]
    lacking = [key for key in ('name', 'joints', 'parents') if key not in content]
    if unknown or lacking:
        what = f'lacks {", ".join(lacking)}' if lacking else f'has {shown(unknown[0])}'
        raise LayoutError(f'{where}: a layout is a dictionary with {", ".join(_FIELDS)}; this one {what}')
    for field_name, (is_right, expected) in _FIELDS.items():
        if field_name in content and not is_right(content[field_name]):
            raise LayoutError(f'{where}: {field_name} must be {expected}, found {shown(content[field_name])}')


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_NAME


def _is_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and len(value) <= MAX_JOINTS and all(map(_is_name, value))


def _is_pairs(value: object) -> bool:
    if value is None:
        return True
    is_list = isinstance(value, (list, tuple)) and len(value) <= MAX_JOINTS
    return is_list and all(_is_names(pair) and len(pair) == 2 for pair in value)


def _is_parents(value: object) -> bool:
    return isinstance(value, Mapping) and _is_names([*value]) and _is_names([*value.values()])


_FIELDS = dict(
    name=(_is_name, f'a text of at most {_MAX_NAME} characters'),
    joints=(_is_names, f'a list of at most {MAX_JOINTS} names'),
    parents=(_is_parents, 'a dictionary from joint to joint'),
    center=(lambda value: value is None or _is_name(value), 'the name of a joint'),
    pairs=(_is_pairs, 'a list of pairs of names'),
    interpolated=(_is_names, 'a list of names'),
)
