"""tools/analysis/evaluate_features.py: figures of frozen features, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.apis.frozen_features import FrozenEncoder, frozen_features, load_encoder
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.run_figures import printed_figures
from mmactrep.evaluation.functional import linear_probe
from tests.helpers.training import load_tool, restored_random_state, write_config, write_store


@pytest.fixture(scope='module')
def tool():
    return load_tool('analysis/evaluate_features.py')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A tiny config with its store, and one encoder in checkpoints of three kinds."""
    folder = tmp_path_factory.mktemp('features')
    config = write_config(folder, write_store(folder / 'store'))
    init_default_scope('mmactrep')
    encoder = load_encoder(compose_config(config), 'none', seed=7)
    weights = encoder.backbone.state_dict()
    for name, prefix in dict(lac='backbone.', via='generator.backbone.', other='neck.').items():
        state = {prefix + key: value for key, value in weights.items()} | {'head.weight': torch.zeros(1)}
        torch.save(dict(state_dict=state), folder / f'{name}.pth')
    torch.save(
        dict(state_dict={f'backbone.{key}': value[..., :1] for key, value in weights.items() if value.dim()}),
        folder / 'misfit.pth',
    )
    return folder


def figures(tool, capsys, *arguments) -> dict[str, float]:
    with restored_random_state():
        assert tool.main([str(argument) for argument in arguments]) == 0
    return printed_figures(capsys.readouterr().out)


def test_every_kind_of_checkpoint_gives_the_figures_of_its_encoder(tool, folder, capsys):
    config = folder / 'tiny.py'
    expected = figures(tool, capsys, config, 'none', '--seed', 7)
    assert set(expected) == {'nearest neighbors', 'linear', 'linear mean of classes', 'regularization C'}
    assert 0 <= expected['linear'] <= 1
    for name in ('lac', 'via'):
        assert figures(tool, capsys, config, folder / f'{name}.pth') == expected


def test_shares_of_the_labels_have_figures_of_their_own(tool, folder, capsys):
    found = figures(tool, capsys, folder / 'tiny.py', 'none', '--labels', 1, 0.5, '--label-seeds', 0, 1)
    assert {'linear', 'linear 50%', 'nearest neighbors 50%'} <= set(found)


def test_pairs_of_classes_are_told_apart_by_the_scores_of_the_linear_classifier(tool, folder, capsys):
    found = figures(
        tool, capsys, folder / 'tiny.py', folder / 'lac.pth', '--pairs', 'left:right', '2:0', '--labels', 1
    )
    init_default_scope('mmactrep')
    cfg = compose_config(folder / 'tiny.py')
    with restored_random_state():
        train, test = frozen_features(cfg, load_encoder(cfg, folder / 'lac.pth'), folder / 'lac.pth')
    scores = linear_probe(train.features, train.labels, test.features, test.labels).scores
    expected = {}
    for name, (one, other) in {'left/right': (0, 1), 'up/left': (2, 0)}.items():
        right = [scores[i, one] > scores[i, other] for i in np.flatnonzero(test.labels == one)]
        right += [scores[i, other] > scores[i, one] for i in np.flatnonzero(test.labels == other)]
        expected[name] = np.mean(right)
    expected['within pairs'] = np.mean(list(expected.values()))
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-4), name
    assert 'outside pairs' not in found  # there is no other class
    alone = figures(tool, capsys, folder / 'tiny.py', folder / 'lac.pth', '--pairs', 'left:right')
    assert alone['outside pairs'] == pytest.approx(np.mean(scores[test.labels == 2].argmax(1) == 2), abs=1e-4)


def test_features_are_those_of_the_encoder_in_evaluation_mode(folder):
    init_default_scope('mmactrep')
    cfg = compose_config(folder / 'tiny.py')
    encoder = load_encoder(cfg, folder / 'lac.pth')
    train, test = frozen_features(cfg, encoder, folder / 'lac.pth', batch_size=5)
    assert isinstance(encoder, FrozenEncoder) and not encoder.training
    assert train.features.shape == (18, 8) and test.features.shape == (9, 8)
    assert test.labels.tolist() == [i % 3 for i in range(18, 27)]
    # the same clip, one at a time, in single precision, through the pipeline of the test
    dataset = cfg.test_dataloader.dataset | dict(split='train')
    from mmactrep.registry import DATASETS

    sample = DATASETS.build(dataset)[3]
    inputs = sample['inputs'].float()
    with torch.no_grad():
        expected = encoder.backbone(inputs).mean(dim=(0, 1, 3, 4))
    assert torch.allclose(torch.from_numpy(train.features[3]), expected, rtol=0.03, atol=0.01)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['other.pth'], "no entry begins with 'backbone.' or 'generator.backbone.'; there are head, neck"),
        (['absent.pth'], 'no such checkpoint'),
        (['misfit.pth'], 'does not fit'),
        (['none', '--cfg-options', 'train_dataloader.dataset.labelled_fraction=0.1'], 'a part of the labels'),
        (['none', '--cfg-options', 'model.type=SkeletonSegmentor'], 'expected a config of a recognizer'),
        (['none', '--pairs', 'left:rihgt'], "no class 'rihgt' among 3; near are: right"),
        (['none', '--pairs', 'left'], "two classes as 'A:B'"),
    ],
)
def test_what_cannot_be_evaluated_is_one_line(tool, folder, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(folder)
    with restored_random_state():
        assert tool.main(['tiny.py', *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count('\n') == 1
