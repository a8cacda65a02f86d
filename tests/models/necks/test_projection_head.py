"""Projection heads: the layers written out, frame by frame."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mmactrep.models.necks import ProjectionHead


def test_two_layers_are_linear_relu_linear():
    head = ProjectionHead(6, 8, 3)
    first, second = (layer for layer in head.layers if isinstance(layer, nn.Linear))
    x = torch.randn(4, 6)
    hidden = (x @ first.weight.T + first.bias).clamp(min=0)
    torch.testing.assert_close(head(x), hidden @ second.weight.T + second.bias)


def test_frames_are_projected_one_by_one():
    head = ProjectionHead(6, 8, 3, num_layers=3)
    x = torch.randn(2, 5, 6)
    expected = torch.stack([torch.stack([head(frame) for frame in sequence]) for sequence in x])
    torch.testing.assert_close(head(x), expected)


def test_layers_and_widths():
    head = ProjectionHead(6, out_channels=3, num_layers=3, with_norm=True)
    shapes = [(m.in_features, m.out_features) for m in head.layers if isinstance(m, nn.Linear)]
    assert shapes == [(6, 6), (6, 6), (6, 3)]
    # a batch norm takes the bias before it out again
    biases = [m.bias is not None for m in head.layers if isinstance(m, nn.Linear)]
    assert biases == [False, False, True]
    assert sum(isinstance(m, nn.BatchNorm1d) for m in head.layers) == 2


def test_wrong_input_and_arguments():
    with pytest.raises(ValueError, match=r'built for 6 channels, found features \(2, 5\)'):
        ProjectionHead(6)(torch.randn(2, 5))
    with pytest.raises(ValueError, match='num_layers must be at least 1, got 0'):
        ProjectionHead(6, num_layers=0)
