"""ViA without labels: every loss against its definition written out sample by sample."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.models.generators import reference_size
from mmactrep.models.layers import MotionCode
from mmactrep.models.pretrainers import ViA
from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import MotionStatistics, to_motion

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


def test_codes_of_what_is_generated(motion):
    """Motion n on the static of n - 1 must have those codes, relative to how far apart the codes are."""
    model = build(code_cycle_weight=2.0)
    losses = model.unsupervised_loss(motion)
    _, crossed = cycled(model, motion)
    codes, again = ([code_of(model, x) for x in each] for each in (motion, crossed))

    def distance(pairs):
        return torch.stack([(a - b).square().mean() for a, b in pairs]).mean()

    lost = distance([(again[n].motion, codes[n].motion) for n in range(3)]) / distance(
        [(codes[n].motion, codes[n - 1].motion) for n in range(3)]
    ) + distance([(again[n].static, codes[n - 1].static) for n in range(3)]) / distance(
        [(codes[n].static, codes[n - 1].static) for n in range(3)]
    )
    assert set(losses) == {'loss_code_cycle'}
    torch.testing.assert_close(losses['loss_code_cycle'], 2 * lost, atol=1e-5, rtol=1e-4)


def test_reconstruction_alone_exchanges_nothing(motion, monkeypatch):
    model, calls = build(self_weight=1.0), []
    encode = model.generator.encode
    monkeypatch.setattr(model.generator, 'encode', lambda x: calls.append(len(x)) or encode(x))
    assert set(model.unsupervised_loss(motion)) == {'loss_self'} and calls == [3]


def test_pairs_of_a_library_are_trained_on_without_their_ground_truth(motion):
    """And evaluated as by the supervised form, whose checkpoints are the same."""
    model = build(self_weight=1.0, cycle_weight=1.0)
    pairs = dict(source=motion, driver=motion.flip(0), source_on_driver=motion, driver_on_source=motion)
    losses = model(pairs, mode='loss')
    wrong = model(pairs | dict(source_on_driver=motion + 9, driver_on_source=motion - 9), mode='loss')
    expected = model.unsupervised_loss(torch.cat([motion, motion.flip(0)]))
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value)
        torch.testing.assert_close(wrong[name], value)
    supervised = MODELS.build(dict(type='MotionRetargeter', generator=GENERATOR)).eval()
    supervised.load_state_dict(model.state_dict(), strict=True)
    found, same = (each(pairs, mode='predict')[1] for each in (model, supervised))
    torch.testing.assert_close(found['pred_keypoint'], same['pred_keypoint'])


def test_statistics_of_clips_for_a_training_from_scratch():
    """Those of persons of size 1: then the size of the library is 1, and reconstruction starts near 1."""
    model = build()
    clips = [torch.randn(1, 2, 32, 17, 2) * scale for scale in (1, 30, 500)]
    clips[1][:, 1] = 0
    dataset = [dict(inputs=clip) for clip in clips]
    people = torch.cat([clip.flatten(0, 1) for clip in clips])
    people = people[people.flatten(1).any(dim=1)]
    motions = to_motion(people, 'posetics17')
    sizes = motions[:, :-2].square().mean(dim=(1, 2)).sqrt()
    scaled = (motions / sizes[:, None, None]).transpose(0, 1).flatten(1)
    found = model.statistics(dataset)
    torch.testing.assert_close(torch.as_tensor(found.mean), scaled.mean(dim=1), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(
        torch.as_tensor(found.std), scaled.std(dim=1, correction=0), atol=1e-4, rtol=1e-3
    )
    model.generator.set_statistics(found)
    assert reference_size(model.generator) == pytest.approx(1, abs=0.05)
    model.generator.has_statistics.fill_(False)
    with pytest.raises(ValueError, match='no statistics'):
        model(clips[0][None], mode='loss')


def test_statistics_of_a_large_data_set_are_of_all_of_it():
    """Stores have class after class: the first clips would be those of the first classes."""
    asked = []

    class Clips(list):
        def __getitem__(self, row):
            asked.append(row)
            return super().__getitem__(row)

    clip = torch.randn(1, 1, 8, 17, 2)
    build().statistics(Clips([dict(inputs=clip)] * 101), samples=5)
    assert asked == [0, 25, 50, 75, 100]


def test_features_of_clips_are_the_mean_over_those_present():
    model = build()
    clips = torch.randn(3, 2, 2, 32, 17, 2)
    clips[1, :, 1] = 0
    features = model(clips)
    encoder = model.generator.backbone
    for n, people in enumerate(clips.flatten(1, 2)):
        present = [person for person in people if person.any()]
        assert len(present) == (2 if n == 1 else 4)
        expected = torch.stack([encoder(person[None, None]).mean(dim=(0, 1, 3, 4)) for person in present])
        torch.testing.assert_close(features[n], expected.mean(dim=0), atol=1e-5, rtol=1e-4)


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
