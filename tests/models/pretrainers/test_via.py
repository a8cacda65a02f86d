"""ViA without labels: every loss against its definition written out sample by sample."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.models.layers import MotionCode
from mmactrep.models.pretrainers import ViA
from mmactrep.structures.motion_representation import MotionStatistics

GENERATOR = dict(
    type='ViAAutoencoder',
    backbone=dict(
        type='UNIK', num_joints=17, channels=(8, 16), strides=(2, 2), dilations=(1, 1), kernel_size=3
    ),
    num_static=5,
    decoder_channels=(12, 10),
)


def build(**weights) -> ViA:
    init_default_scope('mmactrep')
    off = dict(self_weight=0.0, cycle_weight=0.0, triplet_weight=0.0, velocity_weight=0.0)
    model = ViA(GENERATOR, **(off | weights)).eval()
    model.generator.set_statistics(MotionStatistics(torch.zeros(34), torch.ones(34)))
    return model


@pytest.fixture
def motion() -> torch.Tensor:
    return torch.randn(3, 34, 32)


def code_of(model, x):
    return model.generator.encode(x[None])


def retargeted(model, motion_of, static_of):
    code = MotionCode(code_of(model, motion_of).motion, code_of(model, static_of).static)
    return model.generator.decode(code, 32)[0]


def cycled(model, motion):
    """Sequence n goes to the static of n - 1 and comes back: its own comes back with n + 1."""
    crossed = [retargeted(model, motion[n], motion[n - 1]) for n in range(3)]
    return torch.stack([retargeted(model, crossed[n], crossed[(n + 1) % 3]) for n in range(3)]), crossed


def test_reconstruction_and_cycle(motion):
    model = build(self_weight=2.0, cycle_weight=3.0)
    losses = model.unsupervised_loss(motion)
    own = torch.stack([retargeted(model, x, x) for x in motion])
    assert set(losses) == {'loss_self', 'loss_cycle'}
    torch.testing.assert_close(losses['loss_self'], 2 * (own - motion).square().mean())
    back, _ = cycled(model, motion)
    torch.testing.assert_close(losses['loss_cycle'], 3 * (back - motion).square().mean())


def test_triplet_and_velocity(motion):
    model = build(triplet_weight=1.0, triplet_margin=0.5, velocity_weight=1.0)
    losses = model.unsupervised_loss(motion)
    back, crossed = cycled(model, motion)

    def pooled(x):
        return code_of(model, x).motion[0].mean(dim=1)

    terms = []
    for n in range(3):
        near = (pooled(motion[n]) - pooled(crossed[n]) + 1e-6).norm()
        far = (pooled(motion[n]) - pooled(motion[n - 1]) + 1e-6).norm()
        terms.append((near - far + 0.5).clamp_min(0))
    torch.testing.assert_close(losses['loss_triplet'], torch.stack(terms).mean(), atol=1e-5, rtol=1e-4)
    own = torch.stack([retargeted(model, x, x) for x in motion])
    expected = sum(
        ((made[:, :, 1:] - made[:, :, :-1]) - (motion[:, :, 1:] - motion[:, :, :-1])).square().mean()
        for made in (own, back)
    )
    torch.testing.assert_close(losses['loss_velocity'], expected)


def test_persons_who_are_there_train_and_their_size_does_not_matter():
    model = build(self_weight=1.0)
    clips = torch.randn(2, 1, 2, 32, 17, 2)
    clips[1, 0, 1] = 0  # nobody
    found = model.standardized(clips)
    assert found.shape == (3, 34, 32)
    torch.testing.assert_close(model.standardized(7 * clips), found, atol=1e-4, rtol=1e-4)
    with pytest.raises(ValueError, match='nobody'):
        model.standardized(torch.zeros(1, 1, 1, 32, 17, 2))
    with pytest.raises(ValueError, match='17'):
        model.standardized(torch.zeros(1, 1, 1, 32, 13, 2))


def test_features_are_those_of_the_backbone_and_every_part_learns():
    model = build(self_weight=1.0, cycle_weight=1.0, triplet_weight=1.0, velocity_weight=1.0)
    clips = torch.randn(2, 1, 1, 32, 17, 2)
    expected = model.generator.backbone(clips[:, 0]).mean(dim=(1, 3, 4))
    torch.testing.assert_close(model(clips), expected)
    sum(model(clips, mode='loss').values()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
    with pytest.raises(ValueError, match='modes'):
        model(clips, mode='predict')
