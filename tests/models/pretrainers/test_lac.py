"""LAC: instances of composed sequences, the supervised form."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from mmactrep.models import pool_sequences
from mmactrep.models.pretrainers.supervised_lac import ClipLabelError, union_of_labels
from mmactrep.registry import MODELS
from tests.helpers.pretraining import BACKBONE, GENERATOR, build, make_batch, train_statistics


def test_composed_sequences_carry_all_their_instances():
    model = build('LAC', composer=dict(generator=GENERATOR, num_motions=3))
    inputs, samples = make_batch()
    torch.manual_seed(4)
    views = model.make_views(inputs, samples)
    torch.manual_seed(4)
    partners = model.composer(inputs[:, 0], 2).partners
    assert torch.equal(views.extras['instances'], torch.cat([torch.arange(6)[:, None], partners], dim=1))
    model(inputs, samples, mode='loss')
    assert model.queue.instances.shape[1] == 3 and (model.queue.instances[:12] >= 0).all()


def test_every_view_is_augmented_by_itself():
    model = build('LAC', augmentation=dict(type='SkeletonAugmentation'))
    inputs, samples = make_batch(count=4)
    torch.manual_seed(4)
    views = model.make_views(inputs, samples)
    torch.manual_seed(4)
    plain = model.composer(inputs[:, 0], 2)
    assert views.keys.shape == plain.keys.shape
    assert not torch.isclose(views.query, plain.query).all()
    assert not torch.isclose(views.keys, plain.keys).all()


def test_lac_trains_with_several_persons():
    model = build('LAC', backbone=BACKBONE | dict(num_person=2))
    losses = model(*make_batch(persons=2), mode='loss')
    assert set(losses) == {'loss_sequence', 'acc_sequence', 'loss_frame', 'acc_frame'}
    assert all(torch.isfinite(value) for value in losses.values())


def test_one_clip_a_sample():
    with pytest.raises(ValueError, match='samples of one clip'):
        build('LAC')(*make_batch(clips=2), mode='loss')


def supervised(**kwargs):
    model = MODELS.build(
        dict(
            type='SupervisedLAC',
            backbone=BACKBONE,
            composer=dict(generator=GENERATOR),
            num_classes=3,
            in_channels=12,
            **kwargs,
        )
    )
    train_statistics(model.composer.generator)
    return model


def test_supervised_loss_is_binary_cross_entropy_on_the_union():
    model = supervised().eval()
    inputs, samples = make_batch()
    torch.manual_seed(2)
    loss = model(inputs, samples, mode='loss')['loss_cls']
    torch.manual_seed(2)
    composed = model.composer(inputs[:, 0], 1)
    probability = torch.sigmoid(model.classifier(pool_sequences(model.backbone(composed.query))))
    total = 0.0
    for n in range(6):
        present = {n % 3, int(composed.partners[n, 0]) % 3}
        for c in range(3):
            p = probability[n, c]
            total = total - torch.log(p if c in present else 1 - p)
    torch.testing.assert_close(loss, total / 18)


def test_supervised_with_other_statics():
    model = supervised(num_views=3)
    loss = model(*make_batch(), mode='loss')['loss_cls']
    loss.backward()
    assert model.backbone.blocks[0].temporal.conv.weight.grad is not None
    assert model(make_batch()[0]).shape == (6, 12)


def test_union_of_labels():
    labels = torch.tensor([[0, 2], [1, 1]])
    assert union_of_labels(labels, 4).tolist() == [[1, 0, 1, 0], [0, 1, 0, 0]]
    expected = (F.one_hot(labels, 4).sum(1) > 0).float()
    assert torch.equal(union_of_labels(labels, 4), expected)


@pytest.mark.parametrize('label', [-1, 3])
def test_supervised_training_names_a_clip_without_a_class(label):
    inputs, samples = make_batch()
    samples[2].set_gt_label(label)
    with pytest.raises(ClipLabelError, match=f"clip 'clip_2' has label {label}, expected one of 3 classes"):
        supervised()(inputs, samples, mode='loss')
