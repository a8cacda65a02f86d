from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmactrep.models.generators import (
    MotionAutoencoder,
    MotionDecoder,
    MotionEncoder,
    TwoEncoderAutoencoder,
)
from mmactrep.models.generators.motion_networks import ResidualBlocks
from mmactrep.models.layers import MotionCode
from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import MotionStatistics

GENERATORS = ('MotionAutoencoder', 'TwoEncoderAutoencoder')


def build(name: str, **kwargs):
    return MODELS.build(dict(type=name, **kwargs)).eval()


def test_encoder_by_plain_functions():
    encoder = MotionEncoder(5, (6, 7, 8))
    x = torch.randn(2, 5, 32)
    expected = x
    for weight, bias in zip(list(encoder.parameters())[::2], list(encoder.parameters())[1::2]):
        padded = torch.cat([expected[..., 1:4].flip(-1), expected, expected[..., -4:-1].flip(-1)], dim=-1)
        assert weight.shape[2] == 8
        expected = F.leaky_relu(F.conv1d(padded, weight, bias, stride=2), 0.2)
    torch.testing.assert_close(encoder(x), expected)
    assert expected.shape == (2, 8, 4)


def test_decoder_by_plain_functions():
    decoder = MotionDecoder(8, (7, 6, 5)).eval()
    x = torch.randn(2, 8, 4)
    expected = x
    parameters = list(decoder.parameters())
    for k in range(3):
        wide = expected.repeat_interleave(2, dim=-1)
        padded = torch.cat([wide[..., 1:4].flip(-1), wide, wide[..., -4:-1].flip(-1)], dim=-1)
        assert parameters[2 * k].shape[2] == 7
        expected = F.conv1d(padded, parameters[2 * k], parameters[2 * k + 1])
        expected = F.leaky_relu(expected, 0.2) if k < 2 else expected
    torch.testing.assert_close(decoder(x), expected)
    assert expected.shape == (2, 5, 32)


def test_widths_of_the_thesis():
    generator = MotionAutoencoder()
    shapes = [tuple(p.shape) for name, p in generator.named_parameters() if name.endswith('weight')]
    assert shapes == [
        *((64, 30, 8), (96, 64, 8), (160, 96, 8)),
        (160, 160),
        *((128, 160, 7), (64, 128, 7), (30, 64, 7)),
    ]


@pytest.mark.parametrize('name', GENERATORS)
@pytest.mark.parametrize(('layout', 'dims'), [('motion15', 2), ('ntu25', 3)])
@pytest.mark.parametrize('length', [1, 8, 15, 64, 67])
def test_any_layout_and_any_length(name, layout, dims, length):
    generator = build(name, layout=layout, in_channels=dims)
    channels = {'motion15': 15, 'ntu25': 25}[layout] * dims
    x = torch.randn(2, channels, length)
    code = generator.encode(x)
    steps = max(2, -(-length // 8))
    assert code.motion.shape == (2, 128, steps) and code.static.shape == (2, 32)
    assert generator(x).shape == x.shape
    assert generator.decode(code).shape == (2, channels, 8 * steps)


@pytest.mark.parametrize('name', GENERATORS)
def test_padding_repeats_the_last_frame_and_is_cut_back(name):
    generator = build(name)
    x = torch.randn(1, 30, 21)
    padded = torch.cat([x, x[..., -1:].repeat(1, 1, 3)], dim=2)
    torch.testing.assert_close(generator(x), generator(padded)[..., :21])


def test_decoder_gets_motion_and_static_of_the_latent():
    generator = build('MotionAutoencoder')
    x, other = torch.randn(2, 1, 30, 64)
    latent, latent_other = generator.encoder(x), generator.encoder(other)
    basis = generator.decomposition.dictionary()
    motion, static = basis[:, :128], basis[:, 128:]
    r_m = motion @ motion.T @ latent
    r_c = static @ static.T @ latent_other.mean(dim=2, keepdim=True)
    crossed = MotionCode(generator.encode(x).motion, generator.encode(other).static)
    torch.testing.assert_close(generator.decode(crossed), generator.decoder(r_m + r_c), atol=1e-5, rtol=1e-4)


def test_two_encoders_keep_motion_and_static_apart():
    generator = build('TwoEncoderAutoencoder', num_motion=6, num_static=3)
    x = torch.randn(2, 30, 64)
    code = generator.encode(x)
    latent = torch.cat([generator.motion_encoder(x), code.static[:, :, None].repeat(1, 1, 8)], dim=1)
    torch.testing.assert_close(generator.decode(code), generator.decoder(latent))
    mean = build('TwoEncoderAutoencoder', pooling='mean').static_encoder
    features = mean.project(mean.layers(x))
    torch.testing.assert_close(mean(x), features.mean(dim=2))
    largest = generator.static_encoder
    torch.testing.assert_close(largest(x), largest.project(largest.layers(x)).max(dim=2).values)


@pytest.mark.parametrize('name', GENERATORS)
def test_statistics_travel_with_the_weights(name, rng):
    generator, copy = build(name), build(name)
    mean, std = rng.normal(size=30), rng.uniform(0.5, 2, 30)
    assert not generator.has_statistics
    generator.set_statistics(MotionStatistics(mean, std))
    copy.load_state_dict(generator.state_dict())
    assert copy.has_statistics
    motion = rng.normal(size=(4, 30, 9)).astype(np.float32)
    standardized = copy.standardize(torch.from_numpy(motion))
    np.testing.assert_allclose(standardized, (motion - mean[:, None]) / std[:, None], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(copy.restore(standardized), torch.from_numpy(motion))


def test_bad_input_is_refused():
    generator = build('MotionAutoencoder')
    with pytest.raises(ValueError, match=r"layout 'motion15' expects \(N, 30, T\), found .* \(1, 28, 64\)"):
        generator.encode(torch.zeros(1, 28, 64))
    with pytest.raises(ValueError, match=r'found a tensor of \(1, 30, 0\)'):
        generator.encode(torch.zeros(1, 30, 0))
    code = generator.encode(torch.zeros(1, 30, 64))
    with pytest.raises(ValueError, match=r'found \(1, 127, 8\) and \(1, 32\)'):
        generator.decode(MotionCode(code.motion[:, 1:], code.static))
    with pytest.raises(ValueError, match='8 steps decodes to 64 frames, 16 at least; 65'):
        generator.decode(code, 65)
    with pytest.raises(ValueError, match='1 steps decodes to 8 frames'):
        generator.decode(MotionCode(code.motion[:, :, :1], code.static))
    with pytest.raises(ValueError, match='in_channels must be 2 or 3, found 1'):
        MotionAutoencoder(in_channels=1)
    with pytest.raises(ValueError, match="pooling must be 'max' or 'mean', found 'sum'"):
        TwoEncoderAutoencoder(pooling='sum')
    with pytest.raises(ValueError, match=r'widths of three convolutions, found \(64, 160\)'):
        MotionAutoencoder(encoder_channels=(64,))
    with pytest.raises(ValueError, match='expected statistics of 30 channels, found 2'):
        generator.set_statistics(MotionStatistics(np.zeros(2), np.ones(2)))
    with pytest.raises(ValueError, match='deviations above 0'):
        generator.set_statistics(MotionStatistics(np.zeros(30), np.zeros(30)))


@pytest.mark.parametrize('name', GENERATORS)
@pytest.mark.parametrize('stride', [2, 4])
def test_other_strides(name, stride):
    generator = build(name, stride=stride, residual=(1, 1, 12))
    x = torch.randn(2, 30, 67)
    code = generator.encode(x)
    assert code.motion.shape == (2, 128, 72 // stride) and code.static.shape == (2, 32)
    assert generator(x).shape == x.shape


@pytest.mark.parametrize('name', GENERATORS)
def test_a_stride_that_convolutions_cannot_make_is_refused(name):
    with pytest.raises(ValueError, match='2, 4 or 8, found 16'):
        build(name, stride=16)


def test_residual_blocks_are_the_identity_at_first():
    x = torch.randn(2, 4, 6)
    torch.testing.assert_close(ResidualBlocks(4, 2, 3)(x), x)


def test_residual_block_by_plain_functions():
    block = ResidualBlocks(4, 1, 3)
    first, second = [layer for layer in block[0].layers if hasattr(layer, 'weight')]
    torch.nn.init.normal_(second.weight)
    x = torch.randn(2, 4, 6)
    hidden = F.conv1d(F.pad(F.leaky_relu(x, 0.2), (1, 1), mode='replicate'), first.weight, first.bias)
    hidden = F.pad(F.leaky_relu(hidden, 0.2), (1, 1), mode='replicate')
    torch.testing.assert_close(block(x), x + F.conv1d(hidden, second.weight, second.bias))
