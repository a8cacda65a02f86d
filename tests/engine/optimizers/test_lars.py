"""LARS from a config: the update of its paper written out; plain SGD where there is no weight decay."""

from __future__ import annotations

import sys

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn

from mmactrep.engine.optimizers.lars import OptionalPackageError
from mmactrep.engine.runner import building
from mmactrep.registry import OPTIMIZERS

CONFIG = dict(
    type='OptimWrapper',
    optimizer=dict(type='LARS', lr=0.5, momentum=0.9, weight_decay=0.01, trust_coeff=0.02),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
)


def test_the_update_is_that_of_the_paper():
    """v = 0.9 v + trust · (g + wd · w), trust = η ‖w‖ / (‖g‖ + wd ‖w‖); biases and norms: v = 0.9 v + g."""
    pytest.importorskip('timm', reason='LARS is that of timm, an optional package')
    init_default_scope('mmactrep')
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    optimizer = build_optim_wrapper(model, CONFIG).optimizer
    expected = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    speed = {name: torch.zeros_like(value) for name, value in expected.items()}
    for _ in range(3):
        optimizer.zero_grad()
        (model(torch.randn(5, 4)) * torch.randn(5, 3)).sum().backward()
        for name, parameter in model.named_parameters():
            gradient, weight = parameter.grad, expected[name]
            if name == '0.weight':
                trust = 0.02 * weight.norm() / (gradient.norm() + 0.01 * weight.norm())
                gradient = trust * (gradient + 0.01 * weight)
            speed[name] = 0.9 * speed[name] + gradient
            expected[name] = weight - 0.5 * speed[name]
        optimizer.step()
        for name, parameter in model.named_parameters():
            torch.testing.assert_close(parameter.detach(), expected[name], msg=name)


def test_without_timm_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'timm.optim', None)
    with pytest.raises(OptionalPackageError, match=r'-r requirements/byol\.txt'), building('optim_wrapper'):
        OPTIMIZERS.build(dict(type='LARS', params=[nn.Parameter(torch.zeros(1))], lr=0.1))
