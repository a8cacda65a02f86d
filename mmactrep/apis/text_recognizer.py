"""Recognizers of actions that are named in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .recognizer import ActionRecognizer
from .text_labels import Labels

if TYPE_CHECKING:
    from mmactrep.models.teachers import TextTeacher


def load_text_recognizer(
    checkpoint: str | Path,
    classes: Labels,
    text_teacher: str | TextTeacher | None = None,
    device: str | None = None,
    templates: str | Sequence[str] = ('{}',),
) -> ActionRecognizer:
    """A recognizer of actions that are named in words.

    Args:
        checkpoint: Of ``TMOR``, of a recognizer with a ``TextHead``, or what ``publish_model.py`` made of
            one.
        classes: See :func:`read_labels`.
        text_teacher: The teacher, or its name. Default: the one of the checkpoint.
        device: For example 'cpu'. Default: an accelerator if there is one.
        templates: See :func:`set_labels`.

    Raises:
        CheckpointError: If the checkpoint cannot be read, or was trained with another teacher.
        InferenceError: If it has no text head.
        LabelTextError: If a class is empty, or two are equal.
    """
    return ActionRecognizer(
        weights=checkpoint, device=device, labels=classes, text_teacher=text_teacher, templates=templates
    )
