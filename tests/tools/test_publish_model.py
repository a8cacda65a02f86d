"""publish_model.py: weights alone, in half precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.apis.text_recognizer import load_text_recognizer
from tests.apis.test_recognizer import clip_of
from tests.helpers.inference_fakes import write_tiny_model
from tests.helpers.text_models import LettersTeacher, tmor_config, write_tmor
from tests.helpers.training import load_tool

publish = load_tool('model_converters/publish_model.py')


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp('tiny'))


def checkpoint(value=0.5):
    state = dict(weight=torch.full((3,), value), count=torch.tensor(7))
    return dict(state_dict=state, optimizer=dict(a=1), message_hub={}, meta=dict(epoch=3, cfg='long', seed=0))


def test_keeps_weights_and_facts_alone(tmp_path):
    torch.save(checkpoint(), tmp_path / 'in.pth')
    assert publish.main([str(tmp_path / 'in.pth'), str(tmp_path / 'out.pth'), '--note', 'accuracy=98 %']) == 0
    out = torch.load(tmp_path / 'out.pth', weights_only=True)
    assert out.keys() == {'state_dict', 'meta'}
    assert out['meta'] == dict(epoch=3, seed=0, accuracy='98 %')
    assert (
        out['state_dict']['weight'].dtype == torch.float16
        and out['state_dict']['weight'].tolist() == [0.5] * 3
    )
    assert out['state_dict']['count'].item() == 7


def test_what_half_precision_cannot_hold_is_refused():
    with pytest.raises(ValueError, match='weight is not finite in half precision'):
        publish.publishable(checkpoint(1e6), {})
    assert publish.publishable(checkpoint(1e6), {}, half=False)['state_dict']['weight'][0] == 1e6


def test_foreign_file(tmp_path, capsys):
    torch.save(dict(a=1), tmp_path / 'in.pth')
    assert publish.main([str(tmp_path / 'in.pth'), str(tmp_path / 'out.pth')]) == 1
    assert 'in.pth' in capsys.readouterr().err and not (tmp_path / 'out.pth').exists()


def test_a_training_with_texts_becomes_a_recognizer_of_words(tmp_path, capsys):
    path, out = write_tmor(tmp_path / 'tmor.pth'), tmp_path / 'out.pth'
    assert publish.main([str(path), str(out), '--text-recognizer', '--full-precision']) == 0
    content = torch.load(out, weights_only=True)
    assert {name.split('.')[0] for name in content['state_dict']} == {'backbone', 'cls_head'}
    assert content['meta']['seen_classes'] == ['bend', 'wave']
    assert content['meta']['inference']['model']['cls_head']['text_teacher'] == 'letters'
    assert 'frames' not in str(content['meta']), 'videos are left out with their projection'
    clip = clip_of(20)
    before, after = (
        load_text_recognizer(each, ['drink', 'sit'], LettersTeacher(), 'cpu')([clip]) for each in (path, out)
    )
    np.testing.assert_array_equal(before, after)
    # published once more, and in half precision
    assert publish.main([str(out), str(tmp_path / 'half.pth')]) == 0
    half = load_text_recognizer(tmp_path / 'half.pth', ['drink', 'sit'], LettersTeacher(), 'cpu')
    np.testing.assert_allclose(half([clip]), before, atol=0.02)
    assert half.seen_classes == ['bend', 'wave']


def test_the_config_of_an_older_training_with_texts_is_given(tmp_path, capsys):
    path = write_tmor(tmp_path / 'tmor.pth')
    content = torch.load(path, weights_only=True)
    del content['meta']['inference']
    torch.save(content, path)
    assert publish.main([str(path), str(tmp_path / 'out.pth'), '--text-recognizer']) == 1
    assert 'holds no config' in capsys.readouterr().err
    (tmp_path / 'tmor.py').write_text(tmor_config().dump())
    config = str(tmp_path / 'tmor.py')
    assert publish.main([str(path), str(tmp_path / 'out.pth'), '--text-recognizer', config]) == 0
    load_text_recognizer(tmp_path / 'out.pth', ['drink', 'sit'], LettersTeacher(), 'cpu')


def test_a_training_without_texts_makes_no_recognizer_of_words(tmp_path, capsys, tiny):
    config, path = tiny
    assert publish.main([str(path), str(tmp_path / 'out.pth'), '--text-recognizer', str(config)]) == 1
    assert 'expected a training with texts, found a recognizer with GCNHead' in capsys.readouterr().err
