"""tools/model_converters/extract_backbone.py: what is kept, and what it says when there is nothing."""

from __future__ import annotations

import pytest
import torch

from tests.helpers.training import load_tool


@pytest.fixture(scope='module')
def tool():
    return load_tool('model_converters/extract_backbone.py')


@pytest.fixture
def checkpoint(tmp_path):
    state = {
        'backbone.conv.weight': torch.tensor([1.0]),
        'neck.layers.0.weight': torch.tensor([2.0]),
        'momentum_encoder.module.backbone.conv.weight': torch.tensor([3.0]),
        'queue.features': torch.zeros(100, 8),
    }
    torch.save(dict(state_dict=state, optimizer=dict(state={})), tmp_path / 'epoch_1.pth')
    return tmp_path / 'epoch_1.pth'


@pytest.mark.parametrize(('arguments', 'value'), [((), 1.0), (('--from', 'momentum'), 3.0)])
def test_the_encoder_alone_is_kept(tool, checkpoint, tmp_path, arguments, value):
    out = tmp_path / 'new' / 'encoder.pth'
    assert tool.main([str(checkpoint), str(out), *arguments]) == 0
    written = torch.load(out, weights_only=True)
    assert written['state_dict'] == {'backbone.conv.weight': torch.tensor([value])}
    assert not list(out.parent.glob('*.partial'))


def test_the_encoder_of_vias_autoencoder(tool, tmp_path):
    state = {'generator.backbone.conv.weight': torch.ones(1), 'generator.decoder.weight': torch.zeros(1)}
    torch.save(dict(state_dict=state), tmp_path / 'via.pth')
    assert tool.main([str(tmp_path / 'via.pth'), str(tmp_path / 'encoder.pth')]) == 0
    written = torch.load(tmp_path / 'encoder.pth', weights_only=True)['state_dict']
    assert written == {'backbone.conv.weight': torch.ones(1)}


def test_a_checkpoint_without_encoder(tool, tmp_path, capsys):
    torch.save(dict(state_dict=dict(a=torch.zeros(1))), tmp_path / 'other.pth')
    assert tool.main([str(tmp_path / 'other.pth'), str(tmp_path / 'out.pth')]) == 1
    message = capsys.readouterr().err
    assert 'other.pth' in message and "begins with 'backbone.'" in message and 'there are a' in message
    assert tool.main([str(tmp_path / 'absent.pth'), str(tmp_path / 'out.pth')]) == 1
    assert not (tmp_path / 'out.pth').exists()
