"""LAC: instances of composed sequences, the supervised form."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from mmactrep.models import pool_frames, pool_sequences
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


def test_a_real_query_has_the_real_clip_itself_as_its_first_key():
    """Augmented by itself; the other keys, and those of composed queries, are generated."""
    composer = dict(generator=GENERATOR, original_fraction=0.5)
    plain = build('LAC', composer=composer, augmentation=dict(type='SkeletonAugmentation'))
    model = build('LAC', composer=composer, real_key=True, augmentation=dict(type='SkeletonAugmentation'))
    inputs, samples = make_batch(count=12)
    views = []
    for each in (plain, model):
        torch.manual_seed(4)
        views.append(each.make_views(inputs, samples))
        each.augmentation = torch.nn.Identity()
        torch.manual_seed(4)
        views.append(each.make_views(inputs, samples))
    torch.manual_seed(4)
    original = model.composer(inputs[:, 0], 2).original
    assert 2 < original.sum() < 10
    augmented, real = views[2], views[3]
    assert torch.equal(real.query[original], inputs[original, 0])
    assert torch.equal(real.keys[original, 0], inputs[original, 0])
    assert torch.equal(real.keys[:, 1], views[1].keys[:, 1]), 'the second key is generated'
    assert torch.equal(real.keys[~original], views[1].keys[~original]), 'and those of composed queries are'
    assert not torch.isclose(augmented.query[original], augmented.keys[original, 0]).all()
    assert torch.equal(augmented.extras['instances'], views[0].extras['instances'])


def test_a_real_key_without_augmentation_is_refused():
    with pytest.raises(ValueError, match='real_key needs an augmentation'):
        build('LAC', real_key=True)


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


@pytest.mark.parametrize('frame_labels', [True, False])
def test_supervised_loss_is_binary_cross_entropy_on_the_union(frame_labels):
    """Summed over classes, averaged over sequences, and over frames, which all have the union."""
    model = supervised(frame_labels=frame_labels).eval()
    inputs, samples = make_batch()
    torch.manual_seed(2)
    loss = model(inputs, samples, mode='loss')['loss_cls']
    torch.manual_seed(2)
    composed = model.composer(inputs[:, 0], 1)
    feature_map = model.backbone(composed.query)
    features = pool_frames(feature_map) if frame_labels else pool_sequences(feature_map)[:, None]
    probability = torch.sigmoid(model.classifier(features))
    assert probability.shape == (6, 6 if frame_labels else 1, 3)
    total = 0.0
    for n in range(6):
        present = {n % 3, int(composed.partners[n, 0]) % 3}
        for frame in probability[n]:
            for c in range(3):
                total = total - torch.log(frame[c] if c in present else 1 - frame[c])
    torch.testing.assert_close(loss, total / (6 * probability.shape[1]))


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
