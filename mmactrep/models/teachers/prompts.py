"""Classes as vectors: their words in templates, encoded and averaged as CLIP does."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmactrep.errors import UserError
from mmactrep.structures.class_texts import ClassText, check_distinct

from .base import TextTeacher

_PLACE = '{}'

#: Lists of templates by name. ``name`` is for what an action is called ("drinking", "baseball pitch"),
#: ``sentence`` for whole sentences ("a person lifts a cup to the mouth").
TEMPLATES: dict[str, tuple[str, ...]] = dict(
    plain=(_PLACE,),
    name=(
        '{}',
        'the action: {}',
        'a person doing the action {}',
        'a video of a person doing {}',
        'somebody performs the movement {}',
        'a human skeleton that moves as in {}',
    ),
    sentence=(
        '{}',
        'in this video, {}',
        'what happens: {}',
        'the body moves as follows: {}',
    ),
)


class TemplateError(UserError, ValueError):
    """A template without exactly one place for the words, or an unknown list of templates."""


def read_templates(templates: str | Sequence[str]) -> tuple[str, ...]:
    """Templates by the name of a list in :data:`TEMPLATES`, or as they are.

    Raises:
        TemplateError: If there is none, or one has not exactly one ``{}``.
    """
    if isinstance(templates, str) and templates not in TEMPLATES and _PLACE not in templates:
        raise TemplateError(
            f'unknown templates {templates!r}; known lists are {", ".join(TEMPLATES)}, and a template '
            f'of your own has {_PLACE} where the words go'
        )
    if isinstance(templates, str):
        templates = TEMPLATES.get(templates, (templates,))
    if not templates:
        raise TemplateError('expected at least one template, found none')
    for template in templates:
        if not isinstance(template, str) or template.count(_PLACE) != 1:
            raise TemplateError(f'a template has one {_PLACE} where the words go, found {template!r}')
    return tuple(templates)


def fill_templates(texts: Sequence[str], templates: str | Sequence[str] = (_PLACE,)) -> list[str]:
    """Every text in every template; see :func:`read_templates`."""
    templates = read_templates(templates)
    return [template.replace(_PLACE, text) for text in texts for template in templates]


def encode_classes(
    teacher: TextTeacher, classes: Sequence[ClassText], templates: str | Sequence[str] = (_PLACE,)
) -> Tensor:
    """A vector for each class, averaged over its texts in all templates.

    Every text of a class in every template is encoded and scaled to length 1; the class's vector is their
    mean, scaled to length 1 again (Radford et al. 2021, 3.1.4).

    Args:
        teacher: The encoder.
        classes: K classes.
        templates: See :func:`read_templates`.

    Returns:
        (K, D) unit vectors on the teacher's device.

    Raises:
        LabelTextError: If there is no class, or two have the same name.
        TemplateError: If a template cannot be used.
    """
    texts = [fill_templates(each.texts, templates) for each in check_distinct(classes)]
    vectors = F.normalize(teacher.encode([text for group in texts for text in group]), dim=-1)
    means = [group.mean(0) for group in vectors.split([len(group) for group in texts])]
    return F.normalize(torch.stack(means), dim=-1)
