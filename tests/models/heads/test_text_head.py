"""Classes that are named in words: scores against Eq. 6.5 written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.registry import init_default_scope

from mmactrep.datasets.texts import texts_of_classes
from mmactrep.registry import MODELS
from tests.helpers.text_models import LettersTeacher, teach_letters

CHANNELS, TEXT, WIDTH = 12, 5, 6
NECK = dict(type='ProjectionHead', in_channels=CHANNELS, out_channels=WIDTH)
TEXT_NECK = dict(type='ProjectionHead', in_channels=TEXT, out_channels=WIDTH)


def head_of(**kwargs):
    init_default_scope('mmactrep')
    torch.manual_seed(1)
    settings = dict(in_channels=CHANNELS, neck=NECK, text_neck=TEXT_NECK, temperature=0.2) | kwargs
    return MODELS.build(dict(type='TextHead', **settings))


def unit(vector):
    return vector / np.linalg.norm(vector)


def test_scores_are_cosines_of_projections_divided_by_the_temperature():
    head = head_of()
    features, texts = torch.randn(3, 2, CHANNELS, 4, 7), torch.randn(4, TEXT) * 9
    head.set_classes(['a', 'b', 'c', 'd'], texts)
    found = head(features).detach().numpy()
    for n in range(3):
        pooled = features[n].mean(dim=(0, 2, 3))
        motion = unit(head.neck(pooled[None])[0].detach().numpy())
        for k in range(4):
            text = unit(head.text_neck(texts[k : k + 1])[0].detach().numpy())
            np.testing.assert_allclose(found[n, k], motion @ text / 0.2, rtol=1e-4, atol=1e-5)
    assert np.ptp(found) > 0.5, 'equal scores would pass for anything'


def test_sentences_of_a_class_are_averaged_in_the_common_space():
    head = head_of()
    one, other = torch.randn(2, TEXT), torch.randn(1, TEXT)
    head.set_classes(['several', 'one'], [one, other])
    first, second = (unit(head.text_neck(each[None])[0].detach().numpy()) for each in one)
    np.testing.assert_allclose(head.class_embeddings[0], unit(first + second), atol=1e-6)
    np.testing.assert_allclose(head.class_embeddings[1], unit(head.text_neck(other)[0].detach()), atol=1e-6)


def test_without_a_text_neck_texts_are_taken_as_they_are():
    head = head_of(text_neck=None)
    texts = torch.randn(3, WIDTH) * 4
    head.set_classes('abc', texts)
    expected = texts / texts.norm(dim=1, keepdim=True)
    np.testing.assert_allclose(head.class_embeddings, expected, atol=1e-6)


def test_other_classes_take_the_place_of_the_first_ones():
    head = head_of()
    head.set_classes(['a', 'b'], torch.randn(2, TEXT))
    head.set_classes(['c', 'd', 'e'], torch.randn(3, TEXT))
    assert head.num_classes == 3 and head.classes == ('c', 'd', 'e')
    assert head(torch.randn(2, 1, CHANNELS, 4, 7)).shape == (2, 3)


def test_in_a_recognizer_it_predicts_probabilities_and_trains_the_encoder_alone():
    init_default_scope('mmactrep')
    backbone = dict(type='UNIK', channels=(8, 12), strides=(1, 2), dilations=(1, 1), kernel_size=3)
    head = dict(type='TextHead', in_channels=CHANNELS, neck=NECK, text_neck=TEXT_NECK)
    model = MODELS.build(dict(type='RecognizerGCN', backbone=backbone, cls_head=head))
    model.cls_head.set_classes(['a', 'b', 'c'], torch.randn(3, TEXT))
    inputs, samples = (
        torch.randn(2, 2, 1, 8, 17, 2),
        [ActionDataSample().set_gt_label(k) for k in range(2)],
    )
    model.eval()
    scores = torch.stack([each.pred_score for each in model(inputs, samples, mode='predict')])
    singles = model.cls_head(model.backbone(inputs.flatten(0, 1))).softmax(dim=1)
    np.testing.assert_allclose(scores.detach(), singles.unflatten(0, (2, 2)).mean(1).detach(), atol=1e-6)

    model.train()
    loss = model(inputs[:, :1], samples, mode='loss')['loss_cls']
    loss.backward()
    # cross-entropy with the embedded texts as weights of the classifier
    logits = model.cls_head(model.backbone(inputs[:, 0]))
    expected = -logits.log_softmax(dim=1)[[0, 1], [0, 1]].mean()
    torch.testing.assert_close(loss, expected)
    assert model.cls_head.neck.layers[0].weight.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in model.cls_head.text_neck.parameters())


@pytest.mark.parametrize(
    ('names', 'features', 'message'),
    [
        ([], torch.zeros(0, TEXT), 'found 0 names'),
        (['a'], torch.ones(2, TEXT), '1 names and 2 features'),
        (['a'], torch.ones(1, TEXT + 1), rf'{TEXT} channels, found \(1, {TEXT + 1}\)'),
        (['a'], torch.full((1, TEXT), float('nan')), 'finite'),
    ],
)
def test_features_that_do_not_fit_are_refused(names, features, message):
    with pytest.raises(ValueError, match=message):
        head_of().set_classes(names, features)


def test_what_cannot_be_built_or_scored_is_refused():
    with pytest.raises(ValueError, match='text_neck has 3 channels, neck has 6'):
        head_of(text_neck=dict(TEXT_NECK, out_channels=3))
    with pytest.raises(ValueError, match='temperature'):
        head_of(temperature=0)
    with pytest.raises(ValueError, match='no classes'):
        head_of()(torch.randn(2, 1, CHANNELS, 4, 7))


def test_classes_of_a_config_are_embedded_when_a_training_begins(monkeypatch):
    teach_letters(monkeypatch)
    head = head_of(classes='penn_action/seen 1', texts='penn_action', text_teacher='letters')
    assert head.num_classes == 10 and head.class_embeddings.abs().sum() == 0
    head.init_weights()
    expected = head_of()
    expected.load_state_dict({k: v for k, v in head.state_dict().items() if 'class' not in k}, strict=False)
    texts = texts_of_classes(list(head.classes), 'penn_action')
    expected.set_classes(head.classes, [LettersTeacher().encode(each.texts) for each in texts])
    torch.testing.assert_close(head.class_embeddings, expected.class_embeddings)
    # a checkpoint of it needs no teacher
    again = head_of(classes=head.classes, text_teacher='none such')
    again.load_state_dict(head.state_dict())
    torch.testing.assert_close(again.class_embeddings, head.class_embeddings)
