"""A step of MoCo: what it compares, what it moves, what it refuses."""

from __future__ import annotations

import copy
import functools

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper

from mmactrep.models import pool_frames, pool_sequences
from mmactrep.models.losses import InfoNCE
from mmactrep.models.pretrainers.views import instance_overlap
from mmactrep.registry import MODELS
from tests.helpers.pretraining import (
    BACKBONE,
    HEAD,
    LENGTH,
    build,
    freeze_batch_norms,
    make_batch,
    train_and_resume,
    train_steps,
)


def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


def test_losses_are_those_of_the_views_written_out():
    """Query through the encoder, keys through its average, negatives from the queue, one head a level."""
    model = freeze_batch_norms(build())
    inputs, samples = make_batch(clips=3)
    model.queue.instances[:4] = torch.tensor([[0], [1], [-1], [9]])
    queue, frame_queue = model.queue.features.clone(), model.frame_queue.features.clone()
    losses = model(inputs, samples, mode='loss')

    feature_map = model.backbone(inputs[:, 0])
    query = unit(model.neck(pool_sequences(feature_map)))
    # 12 frames become 6: one in four of the input is one in two of these
    query_frames = unit(model.frame_neck(pool_frames(feature_map)[:, ::2]))
    positives, positive_frames = [], []
    for p in (1, 2):
        feature_map = model.backbone(inputs[:, p])  # the first update copied the encoder
        positives.append(unit(model.neck(pool_sequences(feature_map))))
        positive_frames.append(unit(model.frame_neck(pool_frames(feature_map)[:, ::2])))
    ignore = torch.zeros(6, 20, dtype=torch.bool)
    ignore[0, 0] = ignore[1, 1] = True
    loss = InfoNCE(temperature=0.1)
    expected = loss(query, torch.stack(positives, 1), queue, ignore)[0]
    expected_frames = loss(query_frames, torch.stack(positive_frames, 1), frame_queue, ignore)[0]
    torch.testing.assert_close(losses['loss_sequence'], expected)
    torch.testing.assert_close(losses['loss_frame'], expected_frames)

    # all keys are in the queue now, those of one query side by side
    torch.testing.assert_close(model.queue.features[:12], torch.stack(positives, 1).flatten(0, 1))
    torch.testing.assert_close(model.frame_queue.features[:12], torch.stack(positive_frames, 1).flatten(0, 1))
    assert model.queue.instances[:12, 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert torch.equal(model.queue.features[12:], queue[12:])


def test_gradient_goes_to_the_encoder_alone():
    model = build('LAC')
    losses = model(*make_batch(), mode='loss')
    (losses['loss_sequence'] + losses['loss_frame']).backward()
    for name, parameter in model.named_parameters():
        trained = not name.startswith(('momentum_encoder', 'composer'))
        assert (parameter.grad is not None) == trained == parameter.requires_grad, name
    assert model.backbone.blocks[0].temporal.conv.weight.grad.abs().max() > 0


def test_keys_come_from_the_momentum_encoder():
    model = freeze_batch_norms(build())
    inputs, samples = make_batch(clips=3)
    model(inputs, samples, mode='loss')
    with torch.no_grad():
        model.neck.layers[0].weight.add_(1)
    keys = model.embed_keys(inputs[:, 1:])['sequence']
    of_average = model.embed(model.momentum_encoder.module, inputs[:, 1])['sequence']
    of_encoder = model.embed(model._encoder(), inputs[:, 1])['sequence']
    torch.testing.assert_close(keys[:, 0], of_average)
    assert not torch.allclose(of_average, of_encoder, atol=1e-3)


def test_first_key_alone_is_enqueued_on_demand():
    model = freeze_batch_norms(build(enqueue_all=False))
    inputs, samples = make_batch(clips=3)
    model(inputs, samples, mode='loss')
    assert int(model.queue.pointer) == 6
    torch.testing.assert_close(model.queue.features[:6], model.embed_keys(inputs[:, 1:])['sequence'][:, 0])


def test_views_of_one_clip_by_augmentation():
    model = build(augmentation=dict(type='SkeletonAugmentation', max_angle=0.5))
    inputs, samples = make_batch()
    views = model.make_views(inputs, samples)
    assert views.query.shape == inputs[:, 0].shape and views.keys.shape == (6, 2, *inputs.shape[2:])
    together = torch.cat([views.query[:, None], views.keys], dim=1)
    assert len({tuple(view.flatten()[:4].tolist()) for view in together.flatten(0, 1)}) == 18


def test_without_frame_neck_there_is_no_frame_loss():
    model = build(frame_neck=None, clip_length=None)
    assert set(model(*make_batch(clips=3), mode='loss')) == {'loss_sequence', 'acc_sequence'}


@pytest.mark.parametrize('strides', [(1, 1), (1, 2), (2, 2)])
def test_sample_rate_counts_frames_of_the_input(strides):
    """Four input frames lie between sampled features, whatever the encoder's strides."""
    model = build(backbone=BACKBONE | dict(strides=strides))
    assert model.frame_queue.features.shape[1] == LENGTH // 4
    assert 'loss_frame' in model(*make_batch(clips=3), mode='loss')


def test_saved_and_resumed_goes_on_bit_by_bit(tmp_path):
    """Queue, pointer, momentum encoder and its count of steps are in the checkpoint."""
    whole, resumed = train_and_resume(
        functools.partial(build, queue_size=25), functools.partial(make_batch, clips=3), tmp_path / 'c.pth'
    )
    assert {'queue.features', 'frame_queue.pointer', 'momentum_encoder.steps'} <= set(whole)
    for name, value in resumed.items():
        assert torch.equal(value, whole[name]), name


def test_checkpoint_loads_into_a_recognizer(tmp_path):
    model = build()
    optimizer = OptimWrapper(torch.optim.SGD(model.backbone.parameters(), lr=0.1))
    train_steps(model, optimizer, functools.partial(make_batch, clips=3), range(2))
    recognizer = MODELS.build(
        dict(
            type='RecognizerGCN',
            backbone=BACKBONE,
            cls_head=dict(type='GCNHead', num_classes=3, in_channels=12),
        )
    )
    missing = recognizer.load_state_dict(model.state_dict(), strict=False).missing_keys
    assert sorted(missing) == ['cls_head.fc.bias', 'cls_head.fc.weight']
    clips = make_batch()[0]
    for network in (model, recognizer):
        network.eval()
    expected = pool_sequences(recognizer.backbone(clips[:, 0]))
    torch.testing.assert_close(model(clips), expected)


def test_features_are_averaged_over_clips():
    model = build().eval()
    clips = make_batch(clips=2)[0]
    torch.testing.assert_close(model(clips), (model(clips[:, :1]) + model(clips[:, 1:])) / 2)


def test_overfits_a_handful_of_clips():
    """Views of the same clip find each other: the loss falls below that of guessing."""
    model = build(augmentation=dict(type='SkeletonAugmentation', max_angle=0.2), momentum=0.9)
    optimizer = OptimWrapper(torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1))
    inputs, samples = make_batch(count=8)
    data = dict(inputs=list(inputs), data_samples=samples)
    history = [model.train_step(copy.copy(data), optimizer) for _ in range(60)]
    curve = torch.stack([log['loss_sequence'].detach() for log in history])
    first, last = curve[5:15].mean(), curve[-10:].mean()
    assert last < 0.6 * first and float(history[-1]['acc_sequence']) > 0.7


@pytest.mark.parametrize(
    ('change', 'clips', 'message'),
    [
        (dict(), 1, '2 positives need samples of 3 clips, or of one and an augmentation; found 1'),
        (dict(), 2, 'found 2 clips'),
        (dict(clip_length=40), 3, 'queries have 3 frames, positives 3 and negatives 10'),
    ],
)
def test_samples_that_do_not_fit(change, clips, message):
    with pytest.raises(ValueError, match=message):
        build(**change)(*make_batch(clips=clips), mode='loss')


def test_positions_of_the_samples_are_needed_to_mask():
    inputs, samples = make_batch(clips=3)
    for sample in samples:
        sample.pop('sample_idx')
    with pytest.raises(ValueError, match='sample_idx'):
        build()(inputs, samples, mode='loss')
    losses = build(mask_same_instance=False)(inputs, samples, mode='loss')
    assert torch.isfinite(losses['loss_sequence'])


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(num_positives=0), 'num_positives'),
        (dict(clip_length=None), 'the frame loss needs clip_length'),
    ],
)
def test_wrong_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        build(**change)


def test_modes():
    assert isinstance(build(), BaseModel)
    with pytest.raises(ValueError, match="modes 'loss' and 'tensor', got 'predict'"):
        build()(*make_batch(), mode='predict')
    assert HEAD['out_channels'] == build().queue.features.shape[1]


def test_instance_overlap():
    first = torch.tensor([[0, 3], [-1, 2]])
    second = torch.tensor([[3, 5], [2, 0], [-1, -1]])
    assert instance_overlap(first, second).tolist() == [[True, True, False], [False, True, False]]
