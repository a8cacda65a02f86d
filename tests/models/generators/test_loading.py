"""Checkpoints of generators: what they hold, and which are refused."""

from __future__ import annotations

import pytest
import torch
from mmengine.config import Config

from mmactrep.apis.recognizer import DEFAULT_CHECKPOINT
from mmactrep.engine.trained_on import GENERATOR, LAYOUT, generator_config
from mmactrep.errors import CheckpointError
from mmactrep.models.generators import BaseMotionAutoencoder, load_generator
from mmactrep.models.pretrainers.composition import MotionComposer
from mmactrep.registry import MODELS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.motion_representation import MotionStatistics
from tests.helpers.training import load_tool

OWN = SkeletonLayout(
    'own',
    ('hip', 'left_knee', 'right_knee', 'left_foot'),
    parents={'left_knee': 'hip', 'right_knee': 'hip', 'left_foot': 'left_knee'},
)
LAC = dict(
    type='MotionAutoencoder',
    layout=OWN,
    code_channels=8,
    num_motion=5,
    encoder_channels=(4, 6),
    decoder_channels=(6, 4),
)
VIA = dict(
    type='ViAAutoencoder',
    layout='posetics17',
    in_channels=2,
    num_static=4,
    decoder_channels=(8, 8, 8),
    backbone=dict(
        type='UNIK',
        in_channels=2,
        num_joints=17,
        num_person=1,
        channels=(8, 8),
        strides=(1, 2),
        dilations=(1, 1),
    ),
)


def checkpoint_of(description: dict) -> dict:
    """What a training of ``MotionRetargeter`` or ``ViA`` saves."""
    torch.manual_seed(0)
    generator = MODELS.build(description)
    channels = generator.num_channels
    generator.set_statistics(MotionStatistics(torch.randn(channels), torch.rand(channels) + 0.5))
    cfg = Config(dict(model=dict(generator=description | dict(layout=generator.layout.name))))
    return dict(
        state_dict={f'generator.{name}': value for name, value in generator.state_dict().items()},
        optimizer=dict(state={0: torch.zeros(100_000)}),
        meta={
            'epoch': 3,
            GENERATOR: generator_config(cfg, generator.layout),
            LAYOUT: generator.layout.to_dict(),
        },
    )


@pytest.fixture(params=[LAC, VIA], ids=['LAC', 'ViA'])
def saved(request, tmp_path):
    content = checkpoint_of(request.param)
    torch.save(content, tmp_path / 'g.pth')
    return tmp_path / 'g.pth', content


def outputs(generator: BaseMotionAutoencoder) -> torch.Tensor:
    torch.manual_seed(1)
    with torch.no_grad():
        return generator(torch.randn(2, generator.num_channels, 20))


def test_a_checkpoint_needs_nothing_beside_it(saved):
    path, content = saved
    generator = load_generator(path)
    assert not generator.training and bool(generator.has_statistics)
    assert generator.layout == get_layout(content['meta'][LAYOUT])
    for name, value in generator.state_dict().items():
        assert torch.equal(value, content['state_dict'][f'generator.{name}']), name


def test_published_generators_are_small_and_the_same_within_half_precision(saved, tmp_path):
    path, content = saved
    content['state_dict'] |= {'head.weight': torch.zeros(1000, 1000)}
    torch.save(content, path)
    publish = load_tool('model_converters/publish_model.py')
    target = tmp_path / 'small.pth'
    assert publish.main([str(path), str(target), '--generator', '--note', 'source=a test']) == 0
    small = torch.load(target, weights_only=True)
    assert set(small) == {'state_dict', 'meta'}
    assert set(small['meta']) == {'epoch', 'source', GENERATOR, LAYOUT}
    assert all(name.startswith('generator.') for name in small['state_dict'])
    assert {value.dtype for value in small['state_dict'].values() if value.is_floating_point()} == {
        torch.half
    }
    before, after = load_generator(path), load_generator(target)
    assert {value.dtype for value in after.parameters()} == {torch.float32}
    found, expected = outputs(after), outputs(before)
    assert not torch.equal(found, expected)
    torch.testing.assert_close(found, expected, atol=1e-2, rtol=1e-2)


def test_a_composer_takes_a_trained_generator_as_it_is(saved):
    path, _ = saved
    generator = MotionComposer(dict(type='TrainedGenerator', checkpoint=str(path))).generator
    layout = generator.layout
    composer = MotionComposer(dict(type='TrainedGenerator', checkpoint=str(path)), num_motions=2)
    composer.init_weights()
    assert torch.equal(outputs(composer.generator), outputs(load_generator(path)))
    found = composer(torch.randn(3, 1, 16, layout.num_joints, 2), 2)
    assert found.keys.shape == (3, 2, 1, 16, layout.num_joints, 2)
    assert not any(parameter.requires_grad for parameter in composer.parameters())


def described(content: dict) -> dict:
    return content['meta'][GENERATOR]


# name: change of a good checkpoint, and what the error says
BAD = {
    'no config': (lambda c: c['meta'].pop(GENERATOR), "does not hold its generator's config"),
    'a list': (lambda c: c['meta'].update({GENERATOR: [1]}), 'cannot be used'),
    'no type': (lambda c: described(c).pop('type'), 'type'),
    'an import path': (lambda c: described(c).update(type='os.system'), "class 'os.system'"),
    'a function that opens files': (
        lambda c: c['meta'].update({GENERATOR: dict(type='TrainedGenerator', checkpoint='/etc/passwd')}),
        "class 'TrainedGenerator'",
    ),
    'a foreign class inside': (lambda c: described(c).update(a=dict(type='LoadImageFromFile')), 'LoadImage'),
    'a tensor': (lambda c: described(c).update(dropout=torch.zeros(1)), 'it holds'),
    'another size': (lambda c: described(c).update(code_channels=9), 'describes a model of'),
    'a huge size': (lambda c: described(c).update(code_channels=9999), 'describes a model of'),
    'a broken layout': (lambda c: described(c)['layout'].update(joints=['a', 'a']), 'unique'),
    'another argument': (lambda c: described(c).update(width=3), 'width'),
    'no generator': (
        lambda c: c.update(state_dict={'backbone.weight': torch.zeros(2), 'cls_head.bias': torch.zeros(2)}),
        'expected a motion generator, found weights of backbone, cls_head',
    ),
    'another class': (
        lambda c: (
            c['meta'].update(
                {GENERATOR: dict(type='ProjectionHead', in_channels=2, out_channels=2, num_layers=1)}
            ),
            c.update(
                state_dict={
                    f'generator.{name}': value
                    for name, value in MODELS.build(c['meta'][GENERATOR]).state_dict().items()
                }
            ),
        ),
        'is no motion generator',
    ),
    'not trained': (
        lambda c: c['state_dict'].update({'generator.has_statistics': torch.tensor(False)}),
        'it is not trained',
    ),
    'not finite': (lambda c: c['state_dict']['generator.std'].fill_(float('nan')), 'std is not finite'),
    'cut': (lambda c: c['state_dict'].pop('generator.std'), 'describes a model of'),
}


@pytest.mark.parametrize('name', BAD)
def test_bad_checkpoints_are_refused(tmp_path, name):
    change, message = BAD[name]
    content = checkpoint_of(LAC)
    change(content)
    torch.save(content, tmp_path / 'bad.pth')
    with pytest.raises(ValueError, match=message) as caught:
        load_generator(tmp_path / 'bad.pth')
    assert 'bad.pth' in str(caught.value) and '\n' not in str(caught.value)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(num_motion=4), 'trained with num_motion 5, not 4'),
        (dict(layout='motion15'), 'trained with layout own, not motion15'),
        (dict(code_channels=9), 'does not fit'),
    ],
)
def test_a_config_by_which_weights_mean_something_else_is_refused(tmp_path, change, message):
    """The directions of both parts are one matrix: the weights of other shares have the same shapes."""
    torch.save(checkpoint_of(LAC), tmp_path / 'g.pth')
    given = LAC | dict(layout=OWN.to_dict()) | change
    (tmp_path / 'c.py').write_text(f'model = dict(generator={given!r})')
    with pytest.raises(CheckpointError, match=message):
        load_generator(tmp_path / 'g.pth', tmp_path / 'c.py')
    (tmp_path / 'c.py').write_text(f'model = dict(generator={LAC | dict(layout=OWN.to_dict())!r})')
    assert load_generator(tmp_path / 'g.pth', tmp_path / 'c.py').num_motion == 5


def test_foreign_files_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match='no such checkpoint'):
        load_generator(tmp_path / 'absent.pth')
    (tmp_path / 'text.pth').write_text('not a checkpoint')
    with pytest.raises(CheckpointError, match=r'text\.pth: cannot be read'):
        load_generator(tmp_path / 'text.pth')
    with pytest.raises(CheckpointError, match='expected a motion generator, found weights of backbone'):
        load_generator(DEFAULT_CHECKPOINT)
