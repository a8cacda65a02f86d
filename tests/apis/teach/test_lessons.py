"""A course on examples that came from a page."""

from __future__ import annotations

import pytest

from mmactrep.apis import ActionRecognizer
from mmactrep.apis.serve.lessons import Lesson
from mmactrep.apis.serve.settings import ServeSettings
from mmactrep.errors import UserError
from tests.helpers.brightness_expert import BrightnessExpert

OPTIONS = dict(experts=(BrightnessExpert(),), starts=('none',), steps=(2,), processes=1, curve=())


def test_examples_become_a_model(videos, tiny_recipe, tmp_path):
    lesson = Lesson(tmp_path / 'lesson', ServeSettings())
    for folder in sorted(videos.iterdir()):
        lesson.add(folder.name, sorted(folder.iterdir()))
    *lines, model = lesson.teach(**OPTIONS)
    assert lines[-1].startswith('Recognized ') and ' of 6 test clips' in lines[-1]
    assert ActionRecognizer(model, device='cpu').classes == ['falling', 'rising']
    lesson.forget()
    assert not lesson.videos.exists() and (lesson.folder / 'course' / 'report.html').is_file()


def test_examples_that_do_not_do_are_told_and_kept(videos, tiny_recipe, tmp_path):
    lesson = Lesson(tmp_path / 'lesson', ServeSettings())
    lesson.add('rising', sorted((videos / 'rising').iterdir()))
    lesson.add('falling', sorted((videos / 'falling').iterdir())[:1])
    with pytest.raises(UserError, match='falling'):
        list(lesson.teach(**OPTIONS))
    assert lesson.counts() == {'falling': 1, 'rising': 3}
    lesson.forget()
    assert not lesson.videos.exists()
