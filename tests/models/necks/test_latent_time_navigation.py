"""Latent time navigation: Eq. 5.1 to 5.5 written out row by row, in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from mmactrep.models.necks import LatentTimeNavigation, TimeEncoder
from mmactrep.registry import MODELS

CHANNELS, DIRECTIONS = 12, 5


def build(seed=0, **kwargs):
    torch.manual_seed(seed)
    settings = dict(channels=CHANNELS, num_directions=DIRECTIONS, hidden_channels=7) | kwargs
    return MODELS.build(dict(type='LatentTimeNavigation', **settings))


def make_input(count=6, seed=3):
    generator = torch.Generator().manual_seed(seed)
    start = 20 * torch.rand(count, generator=generator)
    length = 1 + torch.rand(count, generator=generator)
    times = torch.stack([start, start + length, length], dim=1)
    return torch.randn(count, CHANNELS, generator=generator), times


def gram_schmidt(matrix: np.ndarray) -> np.ndarray:
    """By numpy's QR, whose R gets a positive diagonal."""
    q, r = np.linalg.qr(matrix.astype(np.float64))
    return q * np.sign(np.diag(r))


def linear(layer: nn.Linear, x: np.ndarray) -> np.ndarray:
    return x @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()


def encode(module: LatentTimeNavigation, features: np.ndarray, times: np.ndarray) -> np.ndarray:
    """ε of Eq. 5.2 with two layers: batch norm of the batch's own times, then the two MLPs."""
    inner = [layer for layer in module.encoder.of_time if isinstance(layer, nn.Linear)]
    outer = [layer for layer in module.encoder.of_both if isinstance(layer, nn.Linear)]
    normalized = (times - times.mean(0)) / np.sqrt(times.var(0) + 1e-5)
    of_time = linear(inner[1], np.maximum(linear(inner[0], normalized), 0))
    return linear(outer[1], np.maximum(linear(outer[0], np.hstack([of_time, features])), 0))


@pytest.mark.parametrize('kind', ['start', 'start-end-length'])
@pytest.mark.parametrize('orthogonal', [True, False])
@pytest.mark.parametrize('variant', [1, 2, 3])
def test_variants_are_their_equations(variant, orthogonal, kind):
    module = build(variant=variant, orthogonal=orthogonal, times=kind)
    if variant != 1:
        with torch.no_grad():  # as after some training: far from orthogonal
            module.directions.weight.add_(0.5 * torch.randn(CHANNELS, DIRECTIONS))
    features, times = make_input()
    found = module(features, times).detach().numpy()
    f, seen = features.numpy(), times.numpy()[:, :1] if kind == 'start' else times.numpy()
    encoded = encode(module, f, seen)
    if variant == 1:
        expected = f + encoded
    else:
        d = module.directions.weight.detach().numpy()
        d = gram_schmidt(d) if orthogonal else d
        expected = np.empty_like(f)
        for n in range(len(f)):
            if variant == 2:
                weights = np.exp(encoded[n]) / np.exp(encoded[n]).sum()
                expected[n] = f[n] * sum(weights[i] * d[:, i] for i in range(DIRECTIONS))
            else:
                expected[n] = f[n] + sum(encoded[n, i] * d[:, i] for i in range(DIRECTIONS))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert np.abs(found - f).max() > 1e-2


def test_variant_3_moves_features_within_the_span_of_directions_alone():
    """What is orthogonal to D_t is the same for every time (the time-invariant component)."""
    module = build().eval()
    features, times = make_input()
    moved = module(features, times) - module(features, times + 5)
    directions = module.directions()
    rest = moved - moved @ directions @ directions.T
    assert moved.abs().max() > 1e-3 and rest.abs().max() < 1e-5
    torch.testing.assert_close(directions.T @ directions, torch.eye(DIRECTIONS), rtol=0, atol=1e-5)


def test_the_encoding_depends_on_time_and_on_the_video():
    module = build().eval()
    features, times = make_input()
    one = module(features, times) - features
    assert (module(features, times * 2) - features - one).abs().max() > 1e-3
    assert (module(features * 2, times) - 2 * features - one).abs().max() > 1e-3


@pytest.mark.parametrize('kind', ['start', 'start-end-length'])
def test_which_numbers_of_a_time_are_seen(kind):
    module = build(times=kind).eval()
    features, times = make_input()
    longer = times + torch.tensor([0.0, 3.0, 3.0])
    differs = (module(features, longer) - module(features, times)).abs().max() > 1e-4
    assert differs == (kind == 'start-end-length')


@pytest.mark.parametrize(('layers', 'widths'), [(1, [7]), (2, [7, DIRECTIONS]), (3, [7, 7, DIRECTIONS])])
def test_layers_and_widths_of_table_5_3(layers, widths):
    encoder = build(num_layers=layers).encoder
    assert isinstance(encoder.of_time[0], nn.BatchNorm1d)
    found = [layer.out_features for layer in encoder.of_time if isinstance(layer, nn.Linear)]
    assert found == widths
    joint = widths[-1] + CHANNELS
    outer = [(each.in_features, each.out_features) for each in encoder.of_both if hasattr(each, 'bias')]
    assert outer == [(joint, joint), (joint, DIRECTIONS)]


@pytest.mark.parametrize('variant', [1, 2, 3])
def test_gradient_reaches_every_weight_and_the_features(variant):
    module = build(variant=variant)
    features, times = make_input()
    features.requires_grad_(True)
    (module(features, times) * torch.randn(6, CHANNELS)).sum().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, name
    assert features.grad.abs().max() > 0
    assert any('directions' in name for name, _ in module.named_parameters()) == (variant != 1)


def test_directions_keep_their_digits_in_bfloat16():
    module = build().eval()
    features, times = make_input()
    with torch.autocast('cpu', torch.bfloat16):
        found = module(features.bfloat16(), times + 1000)
    assert found.dtype == torch.float32
    moved = found - features.bfloat16().float()
    directions = module.directions()
    assert (moved - moved @ directions @ directions.T).abs().max() < 1e-5


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(variant=4), 'variant must be one of'),
        (dict(times='end'), 'times must be one of'),
        (dict(num_directions=13), 'expected 1 to 12 directions'),
        (dict(num_layers=0), 'at least one layer'),
    ],
)
def test_wrong_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        build(**change)


def test_times_of_other_clips_are_refused():
    features, times = make_input()
    with pytest.raises(ValueError, match=r'times \(N, 3\), found \(6, 12\) and \(5, 3\)'):
        build()(features, times[:5])


def test_time_encoder_of_the_release():
    """Norm, Linear(3, 2048), ReLU, Linear(2048, 64); Linear(2112, 2112), ReLU, Linear(2112, 64)."""
    encoder = TimeEncoder(2048, 64, num_times=3)
    kinds = [type(layer).__name__ for layer in (*encoder.of_time, *encoder.of_both)]
    assert kinds == ['BatchNorm1d', 'Linear', 'ReLU', 'Linear', 'Linear', 'ReLU', 'Linear']
    count = sum(parameter.numel() for parameter in encoder.parameters())
    assert count == 6 + (4 * 2048) + (2049 * 64) + 2113 * 2112 + 2113 * 64
