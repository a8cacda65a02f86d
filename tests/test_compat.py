"""The work-arounds: they do what they say, and admit no more than they must."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
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


class Evil:
    """Unpickles to whatever ``os.mkdir`` does to a path."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def evil_file(folder, where):
    path = folder / 'evil.pth'
    torch.save(dict(state_dict=dict(weight=torch.zeros(2, 2)), meta=Evil(where)), path)
    return path


def test_mmengine_never_runs_a_pickle_whatever_it_passes(tmp_path, monkeypatch):
    """As its next release calls torch, on a torch told by the environment to load anything."""
    from mmengine.runner import load_checkpoint
    from mmengine.runner.checkpoint import CheckpointLoader

    source = (
        'def load_from_local(filename, map_location):\n'
        '    return torch.load(filename, map_location=map_location, weights_only=False)\n'
    )
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    module = sys.modules['mmengine.runner.checkpoint']
    namespace = dict(vars(module))
    exec(source, namespace)
    path, trace = evil_file(tmp_path, tmp_path / 'it_ran'), tmp_path / 'it_ran'
    for loader in (module.load_from_local, namespace['load_from_local']):
        monkeypatch.setitem(CheckpointLoader._schemes, '', loader)
        with pytest.raises(Exception, match=r'posix|mkdir'):
            load_checkpoint(torch.nn.Linear(2, 2), str(path))
        assert not trace.exists()
    torch.load(path, weights_only=False)
    assert trace.exists(), 'the file must be one that runs, or nothing is tested'


def test_addresses_are_guarded_like_files(tmp_path):
    """torch's own ``load_url`` runs pickles unless told otherwise, and MMEngine does not tell it."""
    from mmengine.runner import checkpoint

    path = evil_file(tmp_path, tmp_path / 'it_ran')
    with pytest.raises(Exception, match=r'posix|mkdir'):
        checkpoint.load_url(path.as_uri(), model_dir=str(tmp_path / 'hub'))
    assert not (tmp_path / 'it_ran').exists()


def test_the_guard_stands_before_and_after_mmengine_is_imported():
    for first, second in [('mmactrep.registry', 'mmengine.runner'), ('mmengine.runner', 'mmactrep.registry')]:
        code = (
            f'import {first}, {second}, sys; '
            "print(type(sys.modules['mmengine.runner.checkpoint'].torch).__name__)"
        )
        done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == '_DataTorch'


def test_mmengine_does_not_run_the_config_text_of_a_checkpoint(tmp_path):
    from mmengine.runner.checkpoint import _load_checkpoint

    meta = dict(config=f'import os\nos.mkdir({str(tmp_path / "it_ran")!r})', epoch=1)
    torch.save(dict(state_dict={}, meta=meta), tmp_path / 'c.pth')
    assert _load_checkpoint(str(tmp_path / 'c.pth'))['meta'] == dict(epoch=1)


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


@pytest.mark.parametrize(('version', 'left_out'), [('5.24.0', True), ('4.57.1', False), (None, False)])
def test_vindlu_is_left_out_where_transformers_is_too_new_for_it(monkeypatch, version, left_out):
    def installed(package: str) -> str:
        if version is None:
            raise importlib.metadata.PackageNotFoundError(package)
        return version

    monkeypatch.setattr(importlib.metadata, 'version', installed)
    monkeypatch.setattr('mmaction.utils.dependency.WITH_MULTIMODAL', True)
    assert compat.leave_out_vindlu() == left_out
    from mmaction.utils import dependency

    assert (not left_out) == dependency.WITH_MULTIMODAL
