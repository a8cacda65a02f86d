"""The segmentor and its head."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.registry import init_default_scope
from torch import nn

from mmactrep.engine.hooks import FreezeHook
from mmactrep.models.heads import FrameHead, upsample_frames
from mmactrep.registry import MODELS


def build(strides=(1, 1), stride=1, **head):
    init_default_scope('mmactrep')
    backbone = dict(type='UNIK', channels=(8, 8), strides=strides, dilations=(1, 1), kernel_size=3)
    head = dict(type='FrameHead', num_classes=3, in_channels=8, stride=stride, **head)
    model = MODELS.build(dict(type='SkeletonSegmentor', backbone=backbone, cls_head=head))
    model.init_weights()
    return model


def samples(labels, valid):
    found = []
    for frames, count in zip(labels, valid):
        sample = ActionDataSample(metainfo=dict(valid_frames=count))
        sample.gt_frames = frames
        found.append(sample)
    return found


@pytest.mark.parametrize('strides', [(1, 1), (2, 1), (2, 2)])
def test_scores_for_every_frame_and_gradients_for_every_weight(strides):
    model = build(strides, math.prod(strides))
    inputs = torch.randn(2, 1, 1, 21, 17, 2)
    labels = (torch.rand(2, 21, 3) > 0.5).float()
    losses = model(inputs, samples(labels, (21, 9)), mode='loss')
    losses['loss_cls'].backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in model.parameters())
    scores = [sample.pred_frames for sample in model(inputs, samples(labels, (21, 9)), mode='predict')]
    assert all(frames.shape == (21, 3) and ((frames > 0) & (frames < 1)).all() for frames in scores)
    torch.testing.assert_close(torch.stack(scores), model.frame_logits(inputs[:, 0]).sigmoid())


def test_loss_is_the_cross_entropy_of_valid_frames_written_out():
    head = FrameHead(3, 4, pos_weight=2.0)
    features = torch.randn(2, 5, 4)
    labels = (torch.rand(2, 5, 3) > 0.5).float()
    probability = head(features, 5).sigmoid().detach()
    valid, total = (5, 2), 0.0
    for n, count in enumerate(valid):
        for t in range(count):
            for k in range(3):
                p, y = float(probability[n, t, k]), float(labels[n, t, k])
                total -= 2 * y * math.log(p) + (1 - y) * math.log(1 - p)
    found = head.loss(features, samples(labels, valid))['loss_cls']
    assert found.item() == pytest.approx(total / sum(valid), rel=1e-5)
    head.class_reduction = 'mean'
    assert head.loss(features, samples(labels, valid))['loss_cls'].item() == pytest.approx(
        total / sum(valid) / 3, rel=1e-5
    )


def test_prior_is_the_probability_before_training():
    head = FrameHead(3, 4, prior=0.02)
    head.init_weights()
    scores = head(torch.zeros(1, 5, 4), 5).sigmoid()
    torch.testing.assert_close(scores, torch.full((1, 5, 3), 0.02))


def test_standardized_features_make_the_scale_of_an_encoder_irrelevant():
    head = FrameHead(3, 4, standardize=True).train()
    features = torch.randn(2, 5, 4) * torch.tensor([1.0, 1e3, 0.5, 7.0]) + 3.0
    rows = features.reshape(10, 4)
    scaled = (rows - rows.mean(0)) / rows.std(0, correction=0)
    expected = scaled @ head.fc.weight.T + head.fc.bias
    torch.testing.assert_close(head(features, 5), expected.view(2, 5, 3), rtol=1e-2, atol=1e-2)
    # the statistics are kept, and no weights are added to the linear layer's
    for _ in range(100):
        head(features, 5)
    torch.testing.assert_close(head.norm.running_mean, rows.mean(0), rtol=1e-3, atol=1e-3)
    assert {name for name, _ in head.named_parameters()} == {'fc.weight', 'fc.bias'}
    assert not list(FrameHead(3, 4).norm.buffers())


@pytest.mark.parametrize('length', [1, 5, 12, 21])
@pytest.mark.parametrize('stride', [1, 2, 4])
def test_upsampling_is_linear_interpolation(length, stride):
    values = torch.randn(2, -(-length // stride), 3, dtype=torch.float64)
    found = upsample_frames(values, length, stride)
    places = np.arange(values.shape[1]) * stride
    for n in range(2):
        for k in range(3):
            expected = np.interp(np.arange(length), places, values[n, :, k])
            np.testing.assert_allclose(found[n, :, k], expected, atol=1e-12)


def test_the_i_th_feature_of_a_strided_encoder_belongs_to_frame_i_times_stride():
    # a lone impulse: the encoder's response is strongest at its own frame
    conv = nn.Conv1d(1, 1, 9, stride=4, padding=4, bias=False)
    nn.init.constant_(conv.weight, 1.0)
    conv.weight.data[0, 0, 4] = 5.0
    x = torch.zeros(1, 1, 40)
    x[..., 16] = 1
    response = upsample_frames(conv(x).transpose(1, 2), 40, 4)[0, :, 0]
    assert int(response.argmax()) == 16


def test_strides_that_disagree_are_refused():
    with pytest.raises(ValueError, match=r'a feature for every 2 frames, cls_head\.stride is 1'):
        build((2, 1), 1)
    with pytest.raises(ValueError, match=r'21 frames at a temporal stride of 2 give 11'):
        upsample_frames(torch.zeros(1, 21, 3), 21, 2)
    with pytest.raises(ValueError, match=r'one window per sample'):
        build()(torch.zeros(1, 2, 1, 21, 17, 2), [], mode='predict')


def test_a_frozen_encoder_stays_as_it_is():
    model = build()
    runner = type('Runner', (), dict(model=model))
    hook = FreezeHook(['backbone'])
    hook.before_train(runner)
    model.train()
    hook.before_train_iter(runner, 0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    labels = torch.ones(2, 21, 3)
    model(torch.randn(2, 1, 1, 21, 17, 2), samples(labels, (21, 21)), mode='loss')['loss_cls'].backward()
    optimizer.step()
    changed = {n for n, value in model.state_dict().items() if not torch.equal(value, before[n])}
    assert changed == {'cls_head.fc.weight', 'cls_head.fc.bias'}
