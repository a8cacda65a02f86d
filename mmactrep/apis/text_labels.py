"""Words instead of classes, for recognizers with a text head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import nn

from mmactrep.datasets.texts import load_class_texts, shipped_texts
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.models.heads import TextHead
from mmactrep.packaged import CHECKPOINT_FOLDER
from mmactrep.structures.class_texts import ClassText, check_distinct, split_labels

if TYPE_CHECKING:
    from mmactrep.models.teachers import TextTeacher

#: T-MOR, for labels without a checkpoint.
DEFAULT_TEXT_CHECKPOINT = CHECKPOINT_FOLDER / 'tmor_unik_2d.pth'

Labels = str | Sequence[str] | Sequence[ClassText]


def read_labels(labels: Labels) -> list[ClassText]:
    """Labels as users give them.

    Args:
        labels: ``'drinking, waving'``, a list of such names (see
            :func:`~mmactrep.structures.class_texts.split_labels`) or of ``ClassText``; a text file, or the
            name of a shipped list (see :func:`~mmactrep.datasets.texts.load_class_texts`).

    Raises:
        LabelTextError: If there is none, one is empty, or two are equal.
        UnknownTextsError: If there is no such file.
    """
    if isinstance(labels, str) and (labels in shipped_texts() or labels.endswith('.txt')):
        return load_class_texts(labels)
    if not isinstance(labels, str) and labels and all(isinstance(each, ClassText) for each in labels):
        return check_distinct(labels)
    return split_labels(labels)


def text_head_of(model: nn.Module, checkpoint: object) -> TextHead:
    """The text head of a recognizer.

    Raises:
        InferenceError: If it has another head.
    """
    head = getattr(model, 'cls_head', None)
    if not isinstance(head, TextHead):
        raise InferenceError(
            f'{checkpoint} recognizes the classes that it was trained on and takes no words: labels need a '
            f'checkpoint with a text head, such as {DEFAULT_TEXT_CHECKPOINT.name}'
        )
    return head


def teacher_of(
    head: TextHead, teacher: str | TextTeacher | None, checkpoint: object, device: object = 'cpu'
) -> TextTeacher:
    """The text teacher that a head was trained with.

    Args:
        head: The head.
        teacher: Its name, or the teacher itself. Default: the one of the checkpoint.
        checkpoint: Path of the checkpoint, for the message.
        device: Where it is built.

    Raises:
        CheckpointError: If another one is given, or there is none.
        UserError: If it cannot be built: an unknown name, or a package that is not installed.
    """
    wanted = head.text_teacher
    given = getattr(teacher, 'name', teacher)
    if wanted is None and given is None:
        raise CheckpointError(
            f'{checkpoint}: it does not say with which text teacher it was trained: name it'
        )
    if wanted is not None and given not in (None, wanted):
        raise CheckpointError(
            f"{checkpoint} was trained with texts of the teacher '{wanted}', not '{given}': words are "
            'compared with motions in the space of that one'
        )
    if teacher is not None and not isinstance(teacher, str):
        return teacher
    from mmactrep.models.teachers import build_text_teacher

    return build_text_teacher(given or wanted, device=device)


def set_labels(
    head: TextHead, labels: Labels, teacher: TextTeacher, templates: str | Sequence[str] = ('{}',)
) -> list[str]:
    """Let a head tell these labels apart; returns their names.

    Args:
        head: The head.
        labels: See :func:`read_labels`.
        teacher: See :func:`teacher_of`.
        templates: What the words are put into, see ``mmactrep.models.teachers``.

    Raises:
        LabelTextError: If there is no label, one is empty, or two are equal.
        TemplateError: If a template cannot be used.
    """
    from mmactrep.models.teachers.prompts import fill_templates

    classes = read_labels(labels)
    groups = [fill_templates(each.texts, templates) for each in classes]
    features = teacher.encode([text for group in groups for text in group])
    names = [each.name for each in classes]
    head.set_classes(names, features.split([len(group) for group in groups]))
    return names
