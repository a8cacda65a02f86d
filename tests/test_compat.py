"""The work-arounds: they do what they say, and admit no more than they must."""

from __future__ import annotations

import os
import sys

import pytest
import torch
from mmengine.logging import HistoryBuffer, MessageHub

from mmactrep import compat


@pytest.fixture(autouse=True)
def applied():
    compat.apply()


def test_checkpoints_of_other_mmengine_projects_load_with_weights_only(tmp_path):
    hub = MessageHub('other project')
    hub.update_scalar('train/loss', 0.5)
    hub.update_scalar('train/loss', 1.5)
    hub.update_info('epoch', 3)
    torch.save(dict(message_hub=hub.state_dict(), state_dict=dict(w=torch.ones(2))), tmp_path / 'c.pth')
    loaded = torch.load(tmp_path / 'c.pth', weights_only=True)
    assert loaded['message_hub']['log_scalars']['train/loss'].mean() == 1.0
    assert loaded['message_hub']['runtime_info']['epoch'] == 3


class Attack:
    """Unpickles to what ``getattr(os, 'system')`` gives."""

    def __init__(self, owner, name):
        self.owner, self.name = owner, name

    def __reduce__(self):
        return getattr, (self.owner, self.name)


@pytest.mark.parametrize('name', ['__reduce__', '__init__', 'update', '__class__'])
def test_getattr_gives_nothing_but_the_statistics_methods(tmp_path, name):
    torch.save(dict(x=Attack(HistoryBuffer, name)), tmp_path / 'c.pth')
    with pytest.raises(Exception, match='refused'):
        torch.load(tmp_path / 'c.pth', weights_only=True)


def test_getattr_of_anything_else_is_refused():
    with pytest.raises(ValueError, match='refused'):
        compat._history_buffer_method(os, 'system')
    with pytest.raises(ValueError, match='refused'):
        compat._history_buffer_method(HistoryBuffer, 'data')
    assert compat._history_buffer_method(HistoryBuffer, 'mean') is HistoryBuffer.mean


def test_a_pickle_that_runs_code_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.system, ('true',)

    torch.save(dict(x=Evil()), tmp_path / 'c.pth')
    with pytest.raises(Exception, match='system'):
        torch.load(tmp_path / 'c.pth', weights_only=True)


def test_mmaction2_imports_and_its_missing_model_says_so():
    import mmaction.models  # noqa: F401

    module = sys.modules['mmaction.models.localizers.drn.drn']
    if module.__spec__.origin is None:  # the stand-in, not the real module of a later release
        with pytest.raises(RuntimeError, match='does not contain DRN'):
            module.DRN()


def test_torchvision_imports_beside_a_cpu_torch():
    import torchvision

    assert torchvision.__version__


def test_applying_again_changes_nothing():
    before = set(sys.modules)
    compat.apply()
    assert set(sys.modules) == before
