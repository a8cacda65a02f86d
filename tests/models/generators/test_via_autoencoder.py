"""ViA's autoencoder: what it takes apart, puts together and shares with LAC's generator."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.datasets.transforms import BoxNormalize
from mmactrep.models.clip_normalization import box_normalize_batch
from mmactrep.models.generators import ViAAutoencoder, retarget, walk_direction, walk_static
from mmactrep.models.layers import MotionCode
from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import MotionStatistics, from_motion, to_motion

BACKBONE = dict(type='UNIK', num_joints=17, channels=(8, 16), strides=(2, 2), dilations=(1, 1), kernel_size=3)


def build(**options) -> ViAAutoencoder:
    channels = options.get('in_channels', 2)
    backbone = BACKBONE | dict(in_channels=channels) | options.pop('backbone', {})
    model = ViAAutoencoder(backbone=backbone, num_static=5, decoder_channels=(12, 10), **options)
    model.set_statistics(MotionStatistics(torch.zeros(17 * channels), torch.ones(17 * channels)))
    return model.eval()


def test_static_is_the_mean_on_the_directions_and_motion_is_what_is_left():
    model, x = build(), torch.randn(3, 34, 32)
    code = model.encode(x)
    assert code.motion.shape == (3, 16, 8) and code.static.shape == (3, 5)
    keypoint = from_motion(x, model.layout)
    features = model.backbone(box_normalize_batch(keypoint[:, None])).mean(dim=(1, 4))  # (N, C', T')
    directions = model.dictionary()
    torch.testing.assert_close(directions.T @ directions, torch.eye(5), atol=1e-5, rtol=0)
    magnitudes = torch.einsum('nct,ck->nk', features, directions) / features.shape[2]
    torch.testing.assert_close(code.static, magnitudes, atol=1e-5, rtol=1e-4)
    static = torch.einsum('ck,nk->nc', directions, code.static)
    torch.testing.assert_close(code.motion + static[:, :, None], features, atol=1e-5, rtol=1e-4)
    # the mean of what is left has nothing on the directions
    rest = torch.einsum('nct,ck->nk', code.motion, directions)
    torch.testing.assert_close(rest, torch.zeros_like(rest), atol=1e-4, rtol=0)


@pytest.mark.parametrize(('strides', 'frames'), [((1, 1), 24), ((1, 2), 30), ((2, 2), 64)])
def test_the_decoder_gives_back_the_length(strides, frames):
    model = build(backbone=dict(strides=strides))
    assert model(torch.randn(2, 34, frames)).shape == (2, 34, frames)


@pytest.mark.parametrize('frames', [150, 17, 5, 1])
def test_the_encoder_sees_a_clip_as_a_recognizer_does(frames, rng):
    """Of any length and in any place: nothing is added to a clip but, if it is very short, its last pose."""
    model = build()
    clip = rng.normal(size=(1, frames, 17, 2)).astype(np.float32).cumsum(axis=1) * 20 + 300
    boxed, _ = BoxNormalize(per_person=True).apply(clip, np.ones(clip.shape[:3]), {})
    motion = torch.from_numpy(to_motion(clip, model.layout))
    steps = -(-frames // 4)
    if frames >= 16:
        expected = model.backbone.frame_features(torch.from_numpy(boxed)[None])
    else:
        held = np.concatenate([boxed, boxed[:, -1:].repeat(16 - frames, axis=1)], axis=1)
        expected = model.backbone.frame_features(torch.from_numpy(held)[None])
    expected = expected[0].T
    code = model.encode(model.standardize(motion))
    static = model.dictionary() @ code.static[0]
    torch.testing.assert_close(code.motion[0] + static[:, None], expected, atol=1e-4, rtol=1e-3)
    mean = expected[:, :steps].mean(dim=1)
    torch.testing.assert_close(code.static[0], mean @ model.dictionary(), atol=1e-4, rtol=1e-3)
    assert model(motion).shape == motion.shape


def test_three_dimensions():
    model = build(in_channels=3)
    assert model(torch.randn(2, 51, 32)).shape == (2, 51, 32)


def test_a_fixed_subspace_has_no_gradient_and_a_learnt_one_has():
    for learnable in (True, False):
        model = build(learnable=learnable).train()
        model(torch.randn(2, 34, 32)).square().mean().backward()
        assert (model.dictionary.weight.grad is not None) is learnable


def test_strides_that_no_decoder_undoes_are_refused():
    with pytest.raises(ValueError, match='stride'):
        build(backbone=dict(strides=(3, 1)))
    with pytest.raises(ValueError, match='stride'):
        ViAAutoencoder(BACKBONE, num_static=5, decoder_channels=(12,))


def test_it_is_edited_like_lac_s_generator(rng):
    model = build()
    first, second = rng.normal(size=(2, 40, 17, 2)).astype(np.float32)
    found = retarget(model, first, second)
    assert found.shape == (40, 17, 2) and np.isfinite(found).all()
    # by hand: size matching off, the motion of one on the static of the other
    one, other = (model.encode(torch.from_numpy(to_motion(x, model.layout))[None]) for x in (first, second))
    expected = from_motion(model.decode(MotionCode(one.motion, other.static), 40)[0], model.layout)
    start = torch.from_numpy(second[0, model.layout.index('mid_hip')])
    found = retarget(model, first, second, match_size=False)
    np.testing.assert_allclose(found, (expected + start).detach(), atol=1e-3)
    assert walk_direction(model, first, 3, [-1.0, 0.0, 1.0]).shape == (3, 17, 2)


def test_a_walk_along_d_c_starts_from_the_canonical_motion(rng):
    model = build()
    clip = rng.normal(size=(40, 17, 2)).astype(np.float32)
    code = model.encode(torch.from_numpy(to_motion(clip, model.layout))[None])
    walked = walk_static(model, clip, [0.0, 1.0, 3.0], match_size=False)
    start = clip[0, model.layout.index('mid_hip')]
    for factor, found in zip((0.0, 1.0, 3.0), walked):
        latent = code.motion[0] + factor * (model.dictionary() @ code.static[0])[:, None]
        expected = from_motion(model.decoder(latent[None])[0, :, :40], model.layout).detach().numpy()
        np.testing.assert_allclose(found, expected + start, atol=1e-3)


def test_it_trains_by_retargeting():
    motions = {
        key: torch.randn(4, 34, 32) for key in ('source', 'driver', 'source_on_driver', 'driver_on_source')
    }
    generator = dict(type='ViAAutoencoder', backbone=BACKBONE, num_static=5, decoder_channels=(12, 10))
    model = MODELS.build(dict(type='MotionRetargeter', generator=generator, triplet_weight=1.0))
    model.generator.set_statistics(MotionStatistics(torch.zeros(34), torch.ones(34)))
    sum(model(motions, mode='loss').values()).backward()
    assert all(p.grad is not None for p in model.parameters())
