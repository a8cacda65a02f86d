"""BYOL: what is predicted from what, with and without times, on videos and on skeletons."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.engine.hooks import MomentumScheduleHook
from mmactrep.registry import MODELS
from tests.helpers.pretraining import BACKBONE, HEAD, build_video, freeze_batch_norms, make_batch, make_videos


def build_byol(seed=0, **kwargs):
    return build_video('VideoBYOL', seed=seed, **kwargs)


@pytest.mark.parametrize('symmetric', [True, False])
def test_the_loss_is_2_minus_2_cos_of_the_other_views_written_out(symmetric):
    model = freeze_batch_norms(build_byol(symmetric=symmetric))
    inputs, samples = make_videos()
    found = model(inputs, samples, mode='loss')['loss_sequence']
    times = torch.stack([torch.as_tensor(sample.clip_times) for sample in samples])
    projections = []
    for view in range(3):
        features = model.backbone(inputs[:, view]).mean(dim=(2, 3, 4))
        projections.append(model.neck(model.time(features, times[:, view])))
    terms = []
    for i in range(3 if symmetric else 1):
        prediction = model.predictor(projections[i])
        for j in range(3):
            if i != j:  # the first update copied the encoder: targets are the projections themselves
                cosine = torch.nn.functional.cosine_similarity(prediction, projections[j])
                terms.append((2 - 2 * cosine).mean())
    torch.testing.assert_close(found, torch.stack(terms).mean())


def test_gradient_passes_the_predictor_and_not_the_targets():
    model = build_byol()
    model(*make_videos(), mode='loss')['loss_sequence'].backward()
    for name, parameter in model.named_parameters():
        trained = not name.startswith('momentum_encoder')
        assert (parameter.grad is not None) == trained == parameter.requires_grad, name
    assert model.backbone.conv1.conv.weight.grad.abs().max() > 0
    assert not any('predictor' in name for name in model.momentum_encoder.state_dict())
    assert not hasattr(model, 'queue')


def test_targets_come_from_the_momentum_encoder():
    model = freeze_batch_norms(build_byol(momentum=1.0))
    inputs, samples = make_videos()
    model(inputs, samples, mode='loss')
    before = model(inputs, samples, mode='loss')['spread']
    with torch.no_grad():
        for parameter in model.neck.parameters():
            parameter.mul_(-3).add_(1)
    # the encoder has changed, its average with momentum 1 has not
    torch.testing.assert_close(model(inputs, samples, mode='loss')['spread'], before)


def test_spread_tells_a_collapse():
    model = freeze_batch_norms(build_byol())
    inputs, samples = make_videos()
    spread = float(model(inputs, samples, mode='loss')['spread'])
    with torch.no_grad():
        last = model.momentum_encoder.module['neck'].layers[-1]
        last.weight.zero_()
        last.bias.fill_(1)
    model.momentum_encoder.momentum = 1.0
    assert spread > 1e-3
    assert float(model(inputs, samples, mode='loss')['spread']) == pytest.approx(0, abs=1e-6)


def test_skeletons_have_it_too():
    predictor = dict(type='ProjectionHead', in_channels=6, out_channels=6)
    init_default_scope('mmactrep')
    config = dict(type='BYOL', backbone=BACKBONE, neck=HEAD, predictor=predictor, num_positives=2)
    model = MODELS.build(config)
    inputs, samples = make_batch(clips=3)
    loss = model(inputs, samples, mode='loss')['loss_sequence']
    loss.backward()
    assert 0 < loss.item() < 4


def test_the_momentum_rises_by_the_same_hook():
    model = build_byol()
    assert MomentumScheduleHook().read(model) == 0.996


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match='the predictor maps 6 to 5 channels, the neck has 6'):
        build_byol(predictor=dict(type='ProjectionHead', in_channels=6, out_channels=5))
    with pytest.raises(ValueError, match='no frame_neck'):
        build_byol(frame_neck=HEAD)
