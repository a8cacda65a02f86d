"""tools/analysis/evaluate_features.py: figures of frozen features, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.apis.feature_figures import feature_figures, played_both_ways
from mmactrep.apis.frozen_features import Features, FrozenEncoder, frozen_features, load_encoder
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.config_files import ConfigError
from mmactrep.engine.run_figures import printed_figures
from mmactrep.evaluation.functional import linear_probe
from mmactrep.registry import DATASETS, MODELS
from tests.helpers.training import REPO, load_tool, restored_random_state, write_config, write_store
from tests.helpers.video_sets import video_folder


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


def test_a_test_of_other_classes_is_refused(folder):
    cfg = compose_config(folder / 'tiny.py')
    init_default_scope('mmactrep')
    classes = list(DATASETS.build(cfg.test_dataloader.dataset).metainfo['classes'])
    cfg.test_dataloader.dataset.classes = classes[::-1]
    encoder = load_encoder(cfg, 'none')
    with pytest.raises(ConfigError, match='training and test have the same classes in another order'):
        frozen_features(cfg, encoder, 'none')


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


def test_every_group_of_the_test_split_is_left_out_once(tool, folder, capsys):
    """Groups by the last digit of the number: nine clips of one class each, three of them in every group."""
    arguments = (folder / 'tiny.py', folder / 'lac.pth', '--leave-out', '[0-9]$', '--neighbors', 1)
    config = '--cfg-options', 'test_dataloader.dataset.split=train'
    found = figures(tool, capsys, *arguments, *config)
    init_default_scope('mmactrep')
    cfg = compose_config(folder / 'tiny.py')
    with restored_random_state():
        train, _ = frozen_features(cfg, load_encoder(cfg, folder / 'lac.pth'), folder / 'lac.pth')
    digits = np.array([int(name[-1]) for name in train.names])
    right = near = 0
    for digit in range(10):
        held = digits == digit
        data = train.features[~held], train.labels[~held], train.features[held], train.labels[held]
        right += linear_probe(*data).accuracy * held.sum()
        unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (data[0], data[2])]
        near += (data[1][(unit[1] @ unit[0].T).argmax(1)] == data[3]).sum()
    assert found['linear'] == pytest.approx(right / 18, abs=1e-4)
    assert found['nearest neighbors'] == pytest.approx(near / 18, abs=1e-4)


def test_clips_are_told_from_the_same_played_backwards(tool, folder, capsys):
    """By a linear classifier on features of both, each clip with its own reverse on one side."""
    config = folder / 'tiny.py'
    found = figures(tool, capsys, config, folder / 'lac.pth', '--direction')
    init_default_scope('mmactrep')
    cfg = compose_config(config)
    with restored_random_state():
        encoder = load_encoder(cfg, folder / 'lac.pth')
        train, test = frozen_features(cfg, encoder, folder / 'lac.pth', batch_size=1)
        clip = DATASETS.build(cfg.test_dataloader.dataset)[4]['inputs'].float()
        encoder.backwards = True
        train_back, test_back = frozen_features(cfg, encoder, folder / 'lac.pth', batch_size=1)
    with torch.no_grad():
        expected = encoder.backbone(clip[:, :, torch.arange(clip.shape[2] - 1, -1, -1)]).mean(
            dim=(0, 1, 3, 4)
        )
    assert torch.allclose(torch.from_numpy(test_back.features[4]), expected, rtol=0.03, atol=0.01)
    both = np.concatenate([train.features, train_back.features])
    tested = np.concatenate([test.features, test_back.features])
    probe = linear_probe(
        both, np.repeat([0, 1], 18), tested, np.repeat([0, 1], 9), groups=np.tile(np.arange(18), 2)
    )
    assert found['direction of time'] == pytest.approx(probe.accuracy, abs=1e-4)
    arguments = (
        '--direction',
        '--leave-out',
        '[0-9]$',
        '--cfg-options',
        'test_dataloader.dataset.split=train',
    )
    left_out = figures(tool, capsys, config, folder / 'lac.pth', *arguments)
    assert 0 <= left_out['direction of time'] <= 1


def test_features_of_both_directions_are_two_classes_of_the_same_clips():
    """Steady features hide the direction, and features that turn round with it show it."""

    def features(values: np.ndarray) -> Features:
        numbers = np.arange(len(values))
        return Features(values, numbers % 3, numbers, tuple(map(str, numbers)))

    rng = np.random.default_rng(0)
    shown, hidden = (rng.normal(size=(40, 4)).astype(np.float32) for _ in range(2))
    shown[:, 0] = 3
    turned = played_both_ways(features(shown), features(-shown))
    same = played_both_ways(features(hidden), features(hidden))
    assert turned.labels.tolist() == [0] * 40 + [1] * 40 and turned.classes == ('forward', 'backward')
    assert turned.clips.tolist() == [*range(40)] * 2 and turned.names[41] == '1'
    assert feature_figures([(turned, turned)])['linear'] == 1
    assert feature_figures([(same, same)])['linear'] == 0.5


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
    sample = DATASETS.build(dataset)[3]
    inputs = sample['inputs'].float()
    with torch.no_grad():
        expected = encoder.backbone(inputs).mean(dim=(0, 1, 3, 4))
    assert torch.allclose(torch.from_numpy(train.features[3]), expected, rtol=0.03, atol=0.01)


def test_video_networks_are_evaluated_alike(tool, tmp_path, capsys, monkeypatch):
    """From a pre-training with latent time navigation f alone is taken, pooled and averaged over clips."""
    for split in ('train', 'test'):
        lines = video_folder(tmp_path / 'rendered' / 'videos').read_text()
        (tmp_path / 'rendered' / f'{split}.txt').write_text(lines)
    (tmp_path / 'rendered' / 'classes.txt').write_text('enter\nleave\nsit down')
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))
    init_default_scope('mmactrep')
    pretrainer = MODELS.build(compose_config(REPO / 'configs/ltn/ltn_rendered_rgb.py').model)
    torch.save(dict(state_dict=pretrainer.state_dict()), tmp_path / 'ltn.pth')
    config = REPO / 'configs/ltn/r3d_rendered_rgb.py'
    with restored_random_state():
        cfg = compose_config(config, options={'test_dataloader.num_workers': 0})
        encoder = load_encoder(cfg, tmp_path / 'ltn.pth')
        train, test = frozen_features(cfg, encoder, tmp_path / 'ltn.pth', batch_size=4)
        sample = DATASETS.build(cfg.test_dataloader.dataset)[2]
    clips = encoder.data_preprocessor(dict(inputs=[sample['inputs']], data_samples=[]), False)['inputs']
    with torch.no_grad():
        expected = pretrainer.eval().backbone(clips[0]).mean(dim=(0, 2, 3, 4))
    assert test.features.shape == (6, 128) and test.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert np.abs(test.features[2] - expected.numpy()).max() < 0.05 * np.abs(expected.numpy()).max()
    assert test.names[2] == 'sit down/clip 2' and (train.features == test.features).all()
    found = figures(tool, capsys, config, tmp_path / 'ltn.pth', '--pairs', 'enter:leave')
    probe = linear_probe(train.features, train.labels, test.features, test.labels)
    assert found['linear'] == pytest.approx(probe.accuracy, abs=1e-4)
    assert {'enter/leave', 'outside pairs'} <= set(found)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['other.pth'], "no entry begins with 'backbone.' or 'generator.backbone.'; there are head, neck"),
        (['absent.pth'], 'no such checkpoint'),
        (['misfit.pth'], 'does not fit'),
        (['none', '--cfg-options', 'train_dataloader.dataset.labelled_fraction=0.1'], 'a part of the labels'),
        (['none', '--cfg-options', 'model.type=SkeletonSegmentor'], 'expected a config of a recognizer'),
        (['none', '--pairs', 'left:rihgt'], "no class 'rihgt' among 3; near are: right"),
        (['none', '--leave-out', '('], 'is no regular expression'),
        (['none', '--leave-out', 'x'], "clip 'clip_018' does not match 'x'"),
        (['none', '--leave-out', 'clip'], 'nothing to leave out'),
        (['none', '--leave-out', '[0-9]+'], "in its own way, for example '018' and '019'"),
        (['none', '--pairs', 'left'], "two classes as 'A:B'"),
    ],
)
def test_what_cannot_be_evaluated_is_one_line(tool, folder, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(folder)
    with restored_random_state():
        assert tool.main(['tiny.py', *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count('\n') == 1
