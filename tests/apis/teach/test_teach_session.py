"""Training on examples that came from a page."""

from __future__ import annotations

import pytest

from mmactrep.apis import ActionRecognizer
from mmactrep.apis.serve.settings import ServeSettings
from mmactrep.apis.serve.teach_session import TeachSession
from mmactrep.errors import UserError
from tests.helpers.brightness_expert import BrightnessExpert

OPTIONS = dict(experts=(BrightnessExpert(),), starts=('none',), steps=(2,), processes=1, curve=())


def test_examples_become_a_model(videos, tiny_recipe, tmp_path):
    session = TeachSession(tmp_path / 'session', ServeSettings())
    for folder in sorted(videos.iterdir()):
        session.add(folder.name, sorted(folder.iterdir()))
    *lines, model = session.teach(**OPTIONS)
    assert lines[-1].startswith('Recognized ') and ' of 6 test clips' in lines[-1]
    assert ActionRecognizer(model, device='cpu').classes == ['falling', 'rising']
    session.forget()
    assert not session.videos.exists() and (session.folder / 'results' / 'report.html').is_file()


def test_examples_that_do_not_do_are_told_and_kept(videos, tiny_recipe, tmp_path):
    session = TeachSession(tmp_path / 'session', ServeSettings())
    session.add('rising', sorted((videos / 'rising').iterdir()))
    session.add('falling', sorted((videos / 'falling').iterdir())[:1])
    with pytest.raises(UserError, match='falling'):
        list(session.teach(**OPTIONS))
    assert session.counts() == {'falling': 1, 'rising': 3}
    session.forget()
    assert not session.videos.exists()
