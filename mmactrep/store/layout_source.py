"""A skeleton layout named on a command line: a built-in layout, a file, or a store."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from mmactrep.arguments import describe
from mmactrep.errors import UserError
from mmactrep.files import BadFileError, read_json, reading, shown
from mmactrep.structures import SkeletonLayout, UnknownLayoutError, get_layout, list_layouts

from .reader import SkeletonStore


def find_layout(source: str | os.PathLike | SkeletonLayout) -> SkeletonLayout:
    """The layout given by a name, a JSON file (``SkeletonLayout.to_dict``) or a store's folder.

    Args:
        source: ``'coco17'``, ``'layout.json'`` or ``'data/mine/2d'``; a layout is returned as it is.

    Raises:
        UnknownLayoutError: If it is neither a layout's name nor a path.
        BadFileError: If the file does not contain a layout.
        StoreError: If the folder is not a store.
    """
    if isinstance(source, SkeletonLayout):
        return source
    if str(source) in list_layouts():
        return get_layout(str(source))
    if Path(source).is_dir():
        return SkeletonStore(source).layout
    if not Path(source).is_file():
        raise UnknownLayoutError(
            f'unknown skeleton layout {shown(str(source))}, and no such file or store; known are '
            f'{", ".join(list_layouts())}'
        )
    content = read_json(source)
    if not isinstance(content, Mapping) or 'joints' not in content:
        raise BadFileError(
            f"{source}: expected a layout: a dictionary with 'name', 'joints' and 'parents', as "
            'SkeletonLayout.to_dict gives it'
        )
    with reading(source, 'a skeleton layout'):
        return SkeletonLayout.from_dict(content)


def layout_argument(text: str) -> SkeletonLayout:
    """Type of an argument that names a layout, see :func:`find_layout`."""
    try:
        return find_layout(text)
    except (UserError, OSError) as error:
        raise argparse.ArgumentTypeError(describe(error)) from error
