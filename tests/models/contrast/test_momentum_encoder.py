"""The momentum encoder against its formula."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from mmactrep.models.contrast.momentum_encoder import MomentumEncoder


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def test_average_is_m_times_old_plus_rest_times_new():
    model = network()
    average = MomentumEncoder(model, momentum=0.9)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    average.update_parameters(model)
    for name, value in average.module.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), 'the first update copies'
    expected = copy.deepcopy(model.state_dict())
    for _ in range(3):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter))
        model(torch.randn(8, 3))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                expected[name] = 0.9 * expected[name] + 0.1 * value
            else:
                expected[name] = value.clone()
        average.update_parameters(model)
    for name, value in average.module.state_dict().items():
        torch.testing.assert_close(value, expected[name], msg=name)
    assert float(average.module[1].running_mean.abs().max()) > 0, 'buffers are averaged too'


def test_it_takes_no_gradient_and_leaves_the_model_alone():
    model = network()
    before = copy.deepcopy(model.state_dict())
    average = MomentumEncoder(model, momentum=0.5)
    average.update_parameters(model)
    assert not any(p.requires_grad for p in average.parameters())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_update_reaches_buffers_after_a_move():
    """``Module.to`` replaces buffers; those of the average must follow."""
    model = network()
    average = MomentumEncoder(model, momentum=0.0).double()
    model.double()
    model(torch.randn(8, 3, dtype=torch.float64))
    average.update_parameters(model)
    assert torch.equal(average.module[1].running_mean, model[1].running_mean)


def test_wrong_momentum():
    with pytest.raises(ValueError, match=r'momentum must be in \[0, 1\], got 1.5'):
        MomentumEncoder(network(), 1.5)
