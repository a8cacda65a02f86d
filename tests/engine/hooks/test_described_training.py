"""What a checkpoint says about the joints of its training."""

from __future__ import annotations

from types import SimpleNamespace

from mmengine.config import Config

from mmactrep.engine.hooks.checkpoint_state_hooks import describe_training
from mmactrep.models.pretrainers import MotionViewSynthesizer
from mmactrep.structures import get_layout


def described(**parts) -> dict:
    dataset = SimpleNamespace(**({'layout': parts.pop('stored')} if 'stored' in parts else {}))
    return describe_training(
        SimpleNamespace(
            model=SimpleNamespace(**parts),
            cfg=Config(dict(model=dict(type='ContrastivePretrainer'))),
            train_dataloader=SimpleNamespace(dataset=dataset),
        )
    )


def test_skeletons_that_the_model_makes_of_windows_have_a_layout():
    made = MotionViewSynthesizer(layout='posetics17')
    assert described(data_preprocessor=made)['layout'] == get_layout('posetics17').to_dict()


def test_the_layout_of_a_store_comes_first():
    found = described(
        data_preprocessor=MotionViewSynthesizer(layout='posetics17'), stored=get_layout('ntu25')
    )
    assert found['layout'] == get_layout('ntu25').to_dict()


def test_without_any_there_is_none():
    assert 'layout' not in described(data_preprocessor=SimpleNamespace())
