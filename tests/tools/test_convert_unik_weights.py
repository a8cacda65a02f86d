"""Released UNIK weights: a random oracle stands for the release, our model must give its scores."""

from __future__ import annotations

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.models.released_architecture import read_architecture
from mmactrep.models.released_weights import (
    WeightsMismatchError,
    convert_released_weights,
    read_released_weights,
    resize_persons,
    strip_prefixes,
)
from mmactrep.registry import MODELS
from tests.helpers.training import load_tool
from tests.helpers.unik_oracle import OracleUNIK, randomize

SMALL = dict(channels=(8, 8, 12), strides=(1, 2, 1), dilations=(1, 1, 1))


def release(**kwargs):
    """A released model and its state dictionary."""
    oracle = OracleUNIK(**(SMALL | kwargs))
    randomize(oracle)
    return oracle.eval(), oracle.state_dict()


def model_config(num_classes=5, **kwargs):
    return Config(
        dict(
            default_scope='mmactrep',
            model=dict(
                type='RecognizerGCN',
                backbone=dict(type='UNIK', **(SMALL | kwargs)),
                cls_head=dict(type='GCNHead', num_classes=num_classes, in_channels=12),
            ),
        )
    )


def build(cfg):
    init_default_scope('mmactrep')
    return MODELS.build(cfg.model)


@pytest.fixture
def tool():
    return load_tool('model_converters/convert_unik_weights.py')


@pytest.fixture
def files(tmp_path):
    """A released file, a config, and where the checkpoint shall go."""
    oracle, state = release(num_person=2)
    torch.save({f'module.model_action.{k}': v for k, v in state.items()}, tmp_path / 'weights.pt')
    model_config(num_person=2).dump(tmp_path / 'config.py')
    return oracle, tmp_path / 'weights.pt', tmp_path / 'config.py', tmp_path / 'out' / 'unik.pth'


@pytest.mark.parametrize('train', [False, True], ids=['eval', 'train'])
@pytest.mark.parametrize(
    'kwargs',
    [
        dict(),
        dict(num_person=2, in_channels=3, num_joints=25),
        dict(window_size=3, num_joints=5),
        dict(attention=False),
        dict(num_heads=2),
    ],
    ids=['default', '3D, two persons', 'window 3', 'no attention', 'two heads'],
)
def test_same_scores(kwargs, train):
    oracle, state = release(**kwargs)
    model = build(model_config(**kwargs))
    model.load_state_dict(convert_released_weights(state, model.backbone, num_classes=5))
    oracle.train(train), model.train(train)
    unit = model.backbone
    x = torch.randn(4, 1, unit.num_person, 9, unit.num_joints, unit.in_channels)
    with torch.no_grad():
        for _ in range(2):  # the second time with the statistics that the first left behind
            expected = oracle(x[:, 0])
            found = model.extract_feat(x, stage='head')[0]
            assert (found - expected).abs().max() < 1e-5 * max(1, expected.abs().max())
        oracle.eval(), model.eval()
        expected, found = oracle(x[:, 0]), model.extract_feat(x, stage='head')[0]
        assert (found - expected).abs().max() < 1e-5 * max(1, expected.abs().max())


def test_the_command(files, tool, capsys):
    oracle, source, config, target = files
    assert tool.main([str(source), str(target), '--config', str(config)]) == 0
    out = capsys.readouterr().out
    assert str(target) in out and '--cfg-options' not in out
    checkpoint = torch.load(target, weights_only=True)
    model = build(Config.fromfile(config))
    model.load_state_dict(checkpoint['state_dict'])
    x = torch.randn(2, 1, 2, 9, 17, 2)
    with torch.no_grad():
        found = model.eval().extract_feat(x, stage='head')[0]
        torch.testing.assert_close(found, oracle(x[:, 0]), rtol=1e-5, atol=1e-5)


def test_dilations_of_the_thesis_are_pointed_out(files, tool, tmp_path, capsys):
    _, source, _, target = files
    model_config(num_person=2, dilations=(1, 3, 1)).dump(tmp_path / 'dilated.py')
    command = [str(source), str(target), '--config', str(tmp_path / 'dilated.py')]
    assert tool.main(command) == 0
    assert 'model.backbone.dilations="(1,1,1)"' in capsys.readouterr().out
    assert tool.main([*command, '--cfg-options', 'model.backbone.dilations=(1,1,1)']) == 0
    assert '--cfg-options' not in capsys.readouterr().out


def test_another_number_of_classes_needs_drop_head(files, tool, tmp_path, capsys):
    _, source, _, target = files
    model_config(num_classes=7, num_person=2).dump(tmp_path / 'finetune.py')
    command = [str(source), str(target), '--config', str(tmp_path / 'finetune.py')]
    assert tool.main(command) == 1
    error = capsys.readouterr().err
    assert 'fc.weight, expected (7, 12), found (5, 12)' in error and '--drop-head' in error
    assert not target.exists()

    assert tool.main([*command, '--drop-head']) == 0
    state = torch.load(target, weights_only=True)['state_dict']
    assert not any(key.startswith('cls_head') for key in state)
    model = build(Config.fromfile(tmp_path / 'finetune.py'))
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and {*missing} == {'cls_head.fc.weight', 'cls_head.fc.bias'}


def test_another_number_of_persons():
    oracle, state = release(num_person=2)
    one, three = (build(model_config(num_person=m)).backbone for m in (1, 3))
    one.load_state_dict(_backbone(convert_released_weights(state, one)))
    three.load_state_dict(_backbone(convert_released_weights(state, three)))
    x = torch.randn(2, 3, 6, 17, 2)
    x[:, 2] = x[:, 0]
    with torch.no_grad():
        expected = oracle.features(x[:, :2])
        torch.testing.assert_close(one.eval()(x[:, :1]), expected[:, :1], rtol=1e-5, atol=1e-5)
        # The third person has the first one's statistics.
        found = three.eval()(x)
        torch.testing.assert_close(found[:, :2], expected, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(found[:, 2], expected[:, 0], rtol=1e-5, atol=1e-5)


def test_half_precision_is_folded_in_single(tmp_path):
    """The oracle runs the half-precision weights in single precision; only the file is in half."""
    oracle, state = release(window_size=3, num_joints=5)
    state = {key: value.half() if value.is_floating_point() else value for key, value in state.items()}
    oracle.load_state_dict(state)
    torch.save(state, tmp_path / 'half.pt')
    model = build(model_config(window_size=3, num_joints=5)).eval()
    converted = convert_released_weights(read_released_weights(tmp_path / 'half.pt'), model.backbone, 5)
    assert {value.dtype for value in converted.values()} == {torch.float32, torch.int64}
    model.load_state_dict(converted)
    x = torch.randn(4, 1, 1, 9, 5, 2)
    with torch.no_grad():
        found, expected = model.extract_feat(x, stage='head')[0], oracle.eval()(x[:, 0])
    assert (found - expected).abs().max() < 1e-5 * max(1, expected.abs().max())


ARCHITECTURES = [
    dict(),
    dict(num_heads=12, num_joints=25, in_channels=3, num_person=2),
    dict(window_size=3, num_joints=5),
    dict(attention=False, channels=(8, 12), strides=(1, 2), dilations=(1, 1)),
]


@pytest.mark.parametrize('kwargs', ARCHITECTURES, ids=str)
def test_the_network_is_read_from_the_shapes(kwargs):
    _, state = release(**kwargs)
    expected = dict(
        in_channels=2, num_joints=17, num_person=1, num_heads=3, window_size=1, kernel_size=9, attention=True
    )
    # the width of SMALL's last block changes, which is where the release skips frames
    expected |= SMALL | dict(strides=(1, 2, 2)) | kwargs | dict(embed_ratio=4, num_classes=5)
    assert read_architecture(state) == expected


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda s: [s.pop(key) for key in list(s) if key.startswith('l1.')], 'no blocks'),
        (lambda s: s.pop('data_bn.weight'), r'data_bn\.weight is missing'),
        (lambda s: s.update({'data_bn.weight': torch.zeros(35)}), 'data_bn has 35 inputs'),
        (lambda s: s.update({'l1.s_unit.DepM': torch.zeros(3)}), r'l1\.s_unit\.DepM has shape'),
        (lambda s: s.update({'l2.t_unit.conv.weight': torch.zeros(0, 1, 1, 1)}), 'has shape'),
    ],
)
def test_no_network_is_read_from_other_weights(change, message):
    state = dict(release()[1])
    change(state)
    with pytest.raises(ValueError, match=message):
        read_architecture(state)


def test_another_network_is_named_by_its_settings(tmp_path):
    """Not by a hundred keys of other shapes."""
    _, state = release(window_size=3, num_heads=4)
    with pytest.raises(WeightsMismatchError) as error:
        convert_released_weights(state, build(model_config()).backbone, num_classes=5)
    said = 'the weights are those of another UNIK: '
    assert str(error.value) == said + 'num_heads=4 (the model has 3), window_size=3 (the model has 1)'


def test_a_config_that_fits_is_written(tool, tmp_path, capsys):
    """Windows, heads, persons and classes come from the file; the scores are those of the release."""
    oracle, state = release(window_size=3, num_heads=2, num_person=2)
    torch.save(state, tmp_path / 'weights.pt')
    config = model_config(num_classes=9, dilations=(1, 3, 1))
    pipeline = [dict(type='FormatSkeleton', num_person=1), dict(type='PackSkeletonInputs')]
    config.test_dataloader = dict(dataset=dict(type='SkeletonDataset', pipeline=pipeline))
    config.dump(tmp_path / 'config.py')
    command = [
        str(tmp_path / 'weights.pt'),
        str(tmp_path / 'out.pth'),
        '--config',
        str(tmp_path / 'config.py'),
    ]
    assert tool.main(command) == 1
    assert 'window_size=3' in (said := capsys.readouterr().err) and '--write-config' in said
    assert tool.main([*command, '--write-config', str(tmp_path / 'new' / 'fitting.py')]) == 0
    assert '--cfg-options' not in capsys.readouterr().out
    cfg = Config.fromfile(tmp_path / 'new' / 'fitting.py')
    assert cfg.test_dataloader.dataset.pipeline[0].num_person == 2
    model = build(cfg).eval()
    model.load_state_dict(torch.load(tmp_path / 'out.pth', weights_only=True)['state_dict'])
    x = torch.randn(2, 1, 2, 9, 17, 2)
    with torch.no_grad():
        torch.testing.assert_close(
            model.extract_feat(x, stage='head')[0], oracle(x[:, 0]), rtol=1e-5, atol=1e-5
        )


def test_no_config_makes_up_for_other_joints(tool, tmp_path, capsys):
    torch.save(release(num_joints=25)[1], tmp_path / 'weights.pt')
    model_config().dump(tmp_path / 'config.py')
    command = [
        str(tmp_path / 'weights.pt'),
        str(tmp_path / 'out.pth'),
        '--config',
        str(tmp_path / 'config.py'),
    ]
    assert tool.main([*command, '--write-config', str(tmp_path / 'fitting.py')]) == 1
    assert 'has num_joints=25' in capsys.readouterr().err and not (tmp_path / 'fitting.py').exists()


def test_resize_persons_keeps_the_order():
    values = torch.tensor([1, 2, 3, 10, 20, 30])
    assert resize_persons(values, 1, 3).tolist() == [1, 2, 3]
    assert resize_persons(values, 3, 3).tolist() == [1, 2, 3, 10, 20, 30, 1, 2, 3]


def _backbone(state):
    return {key.removeprefix('backbone.'): value for key, value in state.items()}


@pytest.mark.parametrize(
    'change, messages',
    [
        (lambda s: s.pop('l2.s_unit.conv_d.1.bias'), ['missing: l2.s_unit.conv_d.1.bias']),
        (lambda s: s.update(extra=torch.zeros(1)), ['unexpected: extra']),
        (
            lambda s: s.update({'l1.s_unit.DepM': torch.zeros(3, 25, 25)}),
            ['wrong shape: l1.s_unit.DepM, expected (3, 17, 17), found (3, 25, 25)'],
        ),
        (
            lambda s: s.update({'data_bn.weight': torch.zeros(35)}),
            ['wrong shape: data_bn.weight, expected (34,), found (35,)'],
        ),
        (
            lambda s: (s.pop('data_bn.bias'), s.update({'l9.fc': torch.zeros(1)})),
            ['missing: data_bn.bias', 'unexpected: l9.fc'],
        ),
    ],
    ids=['missing', 'unexpected', 'joints', 'persons', 'several'],
)
def test_what_does_not_fit_is_named(change, messages):
    _, state = release()
    state = dict(state)
    change(state)
    with pytest.raises(WeightsMismatchError) as error:
        convert_released_weights(state, build(model_config()).backbone, num_classes=5)
    for message in messages:
        assert message in str(error.value)


def test_old_files_without_batch_counts():
    """Files of PyTorch before 0.4.1 have no ``num_batches_tracked``."""
    _, state = release()
    old = {key: value for key, value in state.items() if not key.endswith('num_batches_tracked')}
    model = build(model_config())
    model.load_state_dict(convert_released_weights(old, model.backbone, num_classes=5))


class Foreign:
    """Something that only an unrestricted unpickler would build."""


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / 'weights.pt'
    with pytest.raises(FileNotFoundError, match=r'weights\.pt'):
        read_released_weights(path)
    path.write_bytes(b'no weights')
    with pytest.raises(WeightsMismatchError, match='no file of PyTorch weights'):
        read_released_weights(path)
    torch.save(Foreign(), path)
    with pytest.raises(WeightsMismatchError, match='no file of PyTorch weights'):
        read_released_weights(path)
    torch.save([torch.zeros(1)], path)
    with pytest.raises(WeightsMismatchError, match='no state dictionary'):
        read_released_weights(path)
    torch.save(dict(epoch=3, state_dict={'module.fc.weight': torch.ones(2)}), path)
    assert [*read_released_weights(path)] == ['fc.weight']
    assert [*strip_prefixes({'model_action.module.a.module.b': torch.ones(1)})] == ['a.module.b']


def test_another_backbone_is_refused(files, tool, tmp_path, capsys):
    _, source, _, target = files
    cfg = model_config()
    cfg.model.backbone = dict(type='STGCN', graph_cfg=dict(layout='coco', mode='stgcn_spatial'))
    cfg.dump(tmp_path / 'stgcn.py')
    assert tool.main([str(source), str(target), '--config', str(tmp_path / 'stgcn.py')]) == 1
    assert 'STGCN' in capsys.readouterr().err
