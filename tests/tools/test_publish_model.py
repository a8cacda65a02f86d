"""publish_model.py: weights alone, in half precision."""

from __future__ import annotations

import pytest
import torch

from tests.helpers.training import load_tool

publish = load_tool('model_converters/publish_model.py')


def checkpoint(value=0.5):
    state = dict(weight=torch.full((3,), value), count=torch.tensor(7))
    return dict(state_dict=state, optimizer=dict(a=1), message_hub={}, meta=dict(epoch=3, cfg='long', seed=0))


def test_keeps_weights_and_facts_alone(tmp_path):
    torch.save(checkpoint(), tmp_path / 'in.pth')
    assert publish.main([str(tmp_path / 'in.pth'), str(tmp_path / 'out.pth'), '--note', 'accuracy=98 %']) == 0
    out = torch.load(tmp_path / 'out.pth', weights_only=True)
    assert out.keys() == {'state_dict', 'meta'}
    assert out['meta'] == dict(epoch=3, seed=0, accuracy='98 %')
    assert (
        out['state_dict']['weight'].dtype == torch.float16
        and out['state_dict']['weight'].tolist() == [0.5] * 3
    )
    assert out['state_dict']['count'].item() == 7


def test_what_half_precision_cannot_hold_is_refused():
    with pytest.raises(ValueError, match='weight is not finite in half precision'):
        publish.publishable(checkpoint(1e6), {})
    assert publish.publishable(checkpoint(1e6), {}, half=False)['state_dict']['weight'][0] == 1e6


def test_foreign_file(tmp_path, capsys):
    torch.save(dict(a=1), tmp_path / 'in.pth')
    assert publish.main([str(tmp_path / 'in.pth'), str(tmp_path / 'out.pth')]) == 1
    assert 'in.pth' in capsys.readouterr().err and not (tmp_path / 'out.pth').exists()
