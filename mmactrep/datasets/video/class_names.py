"""Class names of lists of videos."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from mmactrep.datasets.converters.conversion import read_class_file
from mmactrep.datasets.protocols import class_list
from mmactrep.errors import UserError

from .list_files import CLASS_FILE, read_list_file


class VideoListError(UserError, ValueError):
    """An annotation file from which no training or test can be made; the message names it."""


def class_names(classes: Sequence[str] | str | None, ann_file: str) -> list[str] | None:
    """Class names from whatever a config gives; None if nothing is known of them.

    Args:
        classes: Names, the name of a published list, a file with a name a line, or None for the file beside
            the list.
        ann_file: List of videos.
    """
    if classes is None:
        beside = os.path.join(os.path.dirname(ann_file), CLASS_FILE)
        return read_class_file(beside) if os.path.isfile(beside) else None
    # 'smarthome/cv' is the name of a published list
    if isinstance(classes, str) and (classes.endswith('.txt') or os.path.isfile(classes)):
        return read_class_file(classes)
    return class_list(classes)


def count_classes(classes: Sequence[str] | str | None, ann_file: str, absent_hint: str = '') -> int:
    """Number of classes of a list of videos, from its labels if there are no names.

    Args:
        classes: See :func:`class_names`.
        ann_file: List of videos.
        absent_hint: Hint shown to a user who does not have the list.

    Raises:
        VideoListError: If there is no such list, or it has no labels.
    """
    names = class_names(classes, ann_file)
    if names is not None:
        return len(names)
    if not os.path.isfile(ann_file):
        raise VideoListError(
            f'{ann_file}: no such list of videos' + (f'\n{absent_hint}' if absent_hint else '')
        )
    labels = {line.label for line in read_list_file(Path(ann_file)) if line.label}
    if not labels:
        raise VideoListError(f'{ann_file}: the videos have no labels, so there is nothing to recognize')
    if all(label.isdecimal() for label in labels):
        return max(map(int, labels)) + 1
    return len(labels)
