"""Classes as mean vectors of their texts in templates."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.models.teachers import TEMPLATES, TemplateError, encode_classes
from mmactrep.structures.class_texts import ClassText, LabelTextError

CLASSES = [
    ClassText('wave', ('a person waves', 'one hand is moved {from} side to side')),
    ClassText('baseball_pitch'),
    ClassText('kick', ('the right leg is thrown forward',)),
]


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.sqrt((vector**2).sum())


def test_vectors_are_mean_directions_scaled_to_one(text_teacher):
    templates = ('{}', 'a video: {}.')
    texts = [
        ['a person waves', 'a video: a person waves.']
        + ['one hand is moved {from} side to side', 'a video: one hand is moved {from} side to side.'],
        ['baseball pitch', 'a video: baseball pitch.'],
        ['the right leg is thrown forward', 'a video: the right leg is thrown forward.'],
    ]
    expected = [
        unit(np.mean([unit(text_teacher.feature(text).double().numpy()) for text in group], axis=0))
        for group in texts
    ]
    found = encode_classes(text_teacher, CLASSES, templates)
    np.testing.assert_allclose(found.numpy(), np.stack(expected), atol=1e-6)


def test_without_templates_a_class_with_one_text_is_that_text(text_teacher):
    found = encode_classes(text_teacher, CLASSES)[1]
    torch.testing.assert_close(found, torch.from_numpy(unit(text_teacher.feature('baseball pitch').numpy())))


@pytest.mark.parametrize('name', TEMPLATES)
def test_lists_have_names(text_teacher, name):
    found = encode_classes(text_teacher, CLASSES, name)
    torch.testing.assert_close(found, encode_classes(text_teacher, CLASSES, TEMPLATES[name]))
    assert len(set(TEMPLATES[name])) == len(TEMPLATES[name])


def test_one_template_need_not_be_a_list(text_teacher):
    found = encode_classes(text_teacher, CLASSES, 'somebody: {}')
    torch.testing.assert_close(found, encode_classes(text_teacher, CLASSES, ['somebody: {}']))


@pytest.mark.parametrize(
    ('templates', 'told'),
    [
        ('nmae', "unknown templates 'nmae'; known lists are plain, name, sentence"),
        ((), 'expected at least one template'),
        (('{}', 'a person'), "found 'a person'"),
        (('{} and {}',), "found '{} and {}'"),
    ],
)
def test_templates_that_cannot_be_used_are_told(text_teacher, templates, told):
    with pytest.raises(TemplateError, match=told):
        encode_classes(text_teacher, CLASSES, templates)


def test_no_class_and_equal_classes_are_refused(text_teacher):
    with pytest.raises(LabelTextError, match='at least one label'):
        encode_classes(text_teacher, [])
    with pytest.raises(LabelTextError, match='two labels are equal'):
        encode_classes(text_teacher, [*CLASSES, ClassText('Baseball pitch')])
