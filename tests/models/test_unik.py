"""UNIK against the plain transcription of Eq. 3.8 to 3.12 in ``unik_oracle.py``."""

from __future__ import annotations

import math
import re

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from torch import nn

from mmactrep.models import UNIK, pool_frames, pool_sequences
from mmactrep.models.layers import fold_for_inference
from mmactrep.registry import MODELS
from tests.helpers.unik_oracle import OracleUNIK, randomize

SMALL = dict(channels=(8, 8, 12), strides=(1, 2, 1), dilations=(1, 3, 1))


def by_our_names(values, heads=3):
    """Parameters (or their gradients) of the oracle under our names; biases before a batch norm left out."""
    ours = {}
    for name, value in values.items():
        block, _, rest = name.partition('.')
        target = f'blocks.{int(block[1:]) - 1}' if block[1:].isdigit() else block
        if rest == 's_unit.DepM':
            ours[f'{target}.spatial.dependency'] = value
        elif rest == 's_unit.conv_d.0.weight':
            convs = [values[f'{block}.s_unit.conv_d.{i}.weight'] for i in range(heads)]
            ours[f'{target}.spatial.embedding'] = (
                torch.stack(convs).flatten(2).squeeze(-1).view(heads, *convs[0].shape[:2])
            )
        elif rest.startswith('s_unit.conv_a.0.'):
            entry = rest.rsplit('.', 1)[1]
            convs = [values[f'{block}.s_unit.conv_{c}.{i}.{entry}'] for c in 'ab' for i in range(heads)]
            ours[f'{target}.spatial.attention_embed.{entry}'] = torch.cat(convs)
        elif rest.startswith(('s_unit.bn', 's_unit.down.1')):
            ours[f'{target}.{rest.replace("s_unit", "spatial")}'] = value
        elif rest.startswith('s_unit.out_bn'):
            ours[f'{target}.{rest.replace("s_unit.out_bn", "spatial.fold_bn")}'] = value
        elif rest in ('s_unit.down.0.weight', 's_unit.out_conv.weight'):
            rest = rest.replace('s_unit.down', 'spatial.down').replace('s_unit.out_conv', 'spatial.fold')
            ours[f'{target}.{rest}'] = value
        elif rest.startswith(('t_unit', 'residual')) and not rest.endswith('conv.bias'):
            ours[f'{target}.{rest.replace("t_unit", "temporal")}'] = value
        elif block == 'data_bn':
            ours[name] = value
    return ours


def twins(dtype=torch.float64, **kwargs):
    """The oracle with random weights and our backbone with the same ones."""
    oracle, ours = OracleUNIK(**kwargs), UNIK(**kwargs)
    randomize(oracle)
    for name, value in oracle.named_parameters():
        if re.search(r'(conv|down\.0|conv_d\.\d)\.bias$', name):  # takes no part: a batch norm follows
            nn.init.zeros_(value)
    ours.load_state_dict(by_our_names(oracle.state_dict(), oracle.l1.s_unit.heads))
    return oracle.to(dtype), ours.to(dtype)


CASES = {
    'one person': dict(),
    'window 3': dict(window_size=3),
    'window 2': dict(window_size=2),
    'two persons, 3D, 25 joints': dict(num_person=2, in_channels=3, num_joints=25),
    'window 3, two persons, 5 joints': dict(window_size=3, num_person=2, num_joints=5),
    'no attention': dict(attention=False),
    'no attention, window 3': dict(attention=False, window_size=3),
    'one head': dict(num_heads=1),
    'five heads': dict(num_heads=5),
    'narrowing': dict(channels=(12, 8, 4)),
    'one joint': dict(num_joints=1),
}


@pytest.mark.parametrize('train', [False, True], ids=['eval', 'train'])
@pytest.mark.parametrize('length', [1, 10])
@pytest.mark.parametrize('case', CASES.values(), ids=CASES.keys())
def test_equals_the_equations(case, length, train):
    kwargs = SMALL | case
    oracle, ours = (model.train(train) for model in twins(**kwargs))
    shape = (3, ours.num_person, length, ours.num_joints, ours.in_channels)
    x = torch.randn(shape, dtype=torch.float64)
    x_oracle, x_ours = x.clone().requires_grad_(), x.clone().requires_grad_()
    expected, found = oracle.features(x_oracle), ours(x_ours)
    assert found.shape == (3, ours.num_person, kwargs['channels'][-1], math.ceil(length / 2), ours.num_joints)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)

    weight = torch.randn_like(expected)
    (expected * weight).sum().backward()
    (found * weight).sum().backward()
    torch.testing.assert_close(x_ours.grad, x_oracle.grad, rtol=1e-7, atol=1e-8)
    gradients = by_our_names(
        {name: value.grad for name, value in oracle.named_parameters()}, oracle.l1.s_unit.heads
    )
    parameters = dict(ours.named_parameters())
    assert parameters.keys() == gradients.keys()
    for name, gradient in gradients.items():
        assert torch.allclose(parameters[name].grad, gradient, rtol=1e-7, atol=1e-8), name
    statistics = by_our_names(oracle.state_dict(), oracle.l1.s_unit.heads)
    for name, value in ours.state_dict().items():
        torch.testing.assert_close(value, statistics[name], rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize('train', [False, True], ids=['eval', 'train'])
def test_the_thesis_network_in_single_precision(train):
    oracle, ours = (model.train(train) for model in twins(torch.float32, num_person=2))
    x = torch.randn(2, 2, 20, 17, 2)
    with torch.no_grad():
        expected, found = oracle.features(x), ours(x)
    assert found.shape == (2, 2, 256, 5, 17)
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()


def test_size_and_initial_values():
    model = UNIK()
    oracle = OracleUNIK()
    count = sum(p.numel() for n, p in oracle.named_parameters() if not n.startswith('fc'))
    assert count == pytest.approx(3.45e6, rel=0.005)  # the release
    # Ours lacks the biases that a batch norm takes out again.
    assert count - sum(p.numel() for p in model.parameters()) == pytest.approx(9e3, rel=0.3)
    for block, width in zip(model.blocks, (2, *[64] * 4, *[128] * 3, *[256] * 2)):
        unit, out = block.spatial, block.temporal.conv.out_channels
        bound = math.sqrt(6 / (6 * 17))  # Eq. 3.10, a = √5
        assert bound * 0.98 < unit.dependency.abs().max() <= bound
        assert unit.embedding.std().item() == pytest.approx(math.sqrt(2 / (out * width * 3)), rel=0.15)
        assert unit.attention_embed.weight.std().item() == pytest.approx(math.sqrt(2 / (out // 4)), rel=0.15)
        assert block.temporal.conv.weight.std().item() == pytest.approx(math.sqrt(2 / (out * 9)), rel=0.05)
        assert (unit.bn.weight == 1e-6).all()
        assert (block.temporal.bn.weight == 1).all()
    assert [b.temporal.conv.dilation[0] for b in model.blocks] == [1, 3, 3, 3, 3, 1, 1, 1, 1, 1]
    assert model.blocks[0].residual is None
    assert isinstance(model.blocks[1].residual, nn.Identity)
    assert isinstance(model.blocks[4].residual, nn.Sequential)


def test_one_number_sets_the_width_of_all_blocks():
    model = UNIK(base_channels=16)
    widths = [block.temporal.conv.out_channels for block in model.blocks]
    assert widths == [16] * 4 + [32] * 3 + [64] * 3 and model.feature_channels == 64
    named = UNIK(base_channels=16, channels=(8, 8), strides=(1, 2), dilations=(1, 1))
    assert named.feature_channels == 8


def test_any_layout_reaches_every_joint():
    """A change at one joint of one frame changes every joint of that frame: no graph, no lost joint."""
    _, model = twins(num_joints=7, **SMALL)
    model.eval()
    x = torch.randn(1, 1, 4, 7, 2, dtype=torch.float64)
    changed = x.clone()
    changed[0, 0, 2, 3] += 1
    difference = (model(x) - model(changed)).abs().amax((0, 1, 2, 3))
    assert (difference > 1e-6).all()


def test_attention_maps_and_dependency_matrices():
    oracle, ours = twins(window_size=3, num_person=2, **SMALL)
    oracle.eval(), ours.eval()
    x = torch.randn(2, 2, 6, 17, 2, dtype=torch.float64)
    maps = ours.attention_maps(x)
    assert [tuple(m.shape) for m in maps] == [(4, 3, 51, 51)] * 3
    for attention in maps:
        torch.testing.assert_close(attention.sum(2), torch.ones_like(attention.sum(2)))
    # The first block of the oracle sees the normalized input.
    first = oracle.data_bn(x.permute(0, 1, 3, 4, 2).reshape(2, -1, 6)).view(4, 17, 2, 6).permute(0, 2, 3, 1)
    unit = oracle.l1.s_unit
    for head in range(3):
        torch.testing.assert_close(maps[0][:, head], unit.attention_map(unit.windows(first), head))
    for k, matrix in enumerate(ours.dependency_matrices):
        torch.testing.assert_close(matrix, getattr(oracle, f'l{k + 1}').s_unit.DepM.detach())
        assert not matrix.requires_grad

    without = UNIK(attention=False, **SMALL)
    with pytest.raises(ValueError, match='attention=False'):
        without.attention_maps(torch.zeros(1, 1, 4, 17, 2))


@pytest.mark.parametrize('window', [1, 3])
def test_the_memory_layout_holds_through_the_blocks(window):
    """Channels last, features and gradients: a block that broke it would copy."""
    model = UNIK(window_size=window, **SMALL)
    seen = []

    def look(x):
        seen.append(x.is_contiguous(memory_format=torch.channels_last))

    for block in model.blocks:
        for module in (block, block.spatial, block.temporal):
            module.register_forward_hook(lambda _, inputs, out: [look(x) for x in (*inputs, out)] and None)
    for block in model.blocks[1:]:
        block.register_full_backward_hook(lambda _, grads, __: [look(x) for x in grads] and None)
    model(torch.randn(2, 1, 9, 17, 2)).square().sum().backward()
    assert len(seen) == 20 and all(seen)


def test_pooled_features():
    feature_map = torch.randn(2, 3, 4, 5, 6)
    frames, sequences = pool_frames(feature_map), pool_sequences(feature_map)
    assert frames.shape == (2, 5, 4) and sequences.shape == (2, 4)
    assert frames[1, 3, 2] == pytest.approx(feature_map[1, :, 2, 3, :].mean().item(), abs=1e-6)
    assert sequences[1, 2] == pytest.approx(feature_map[1, :, 2].mean().item(), abs=1e-6)


@pytest.mark.parametrize(
    'shape, message',
    [
        ((2, 2, 9, 17, 2), r'1 persons \(found 2\)'),
        ((2, 1, 9, 13, 2), r'17 joints \(found 13\)'),
        ((2, 1, 9, 17, 3), r'2 channels \(found 3\)'),
        ((2, 1, 9, 25, 3), r'17 joints \(found 25\), 2 channels \(found 3\)'),
        ((2, 1, 0, 17, 2), 'one frame or more'),
        ((2, 9, 17, 2), r'\(N, M, T, V, C\)'),
    ],
)
def test_a_wrong_input_is_named(shape, message):
    with pytest.raises(ValueError, match=message):
        UNIK(**SMALL)(torch.zeros(shape))


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match='3, 2 and 3'):
        UNIK(channels=(8, 8, 8), strides=(1, 1), dilations=(1, 1, 1))
    with pytest.raises(ValueError, match='odd kernel_size'):
        UNIK(kernel_size=8)


@pytest.mark.parametrize('case', CASES.values(), ids=CASES.keys())
def test_folded_for_inference(case):
    _, model = twins(torch.float32, **(SMALL | case))
    model.eval()
    x = torch.randn(2, model.num_person, 7, model.num_joints, model.in_channels)
    folded = fold_for_inference(model.train())
    model.eval()
    assert not folded.training
    assert not any(isinstance(m, nn.BatchNorm2d) for m in folded.modules())
    assert any(isinstance(m, nn.BatchNorm2d) for m in model.modules()), 'the model itself was changed'
    with torch.no_grad():
        expected, found = model(x), folded(x)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(fold_for_inference(folded)(x), found)


def toy_task(count=48):
    """Two classes of clips that differ in the direction in which one joint moves."""
    labels = torch.arange(count) % 2
    x = 0.1 * torch.randn(count, 1, 12, 5, 2)
    x[:, 0, :, 2, 0] += torch.linspace(-1, 1, 12) * (2 * labels - 1)[:, None]
    return x, labels


@pytest.mark.parametrize('autocast', [False, True], ids=['fp32', 'bf16'])
def test_it_learns(autocast):
    x, labels = toy_task()
    model = nn.ModuleList([UNIK(num_joints=5, **SMALL), nn.Linear(12, 2)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(40):
        with torch.autocast('cpu', torch.bfloat16, enabled=autocast):
            features = model[0](x)
            scores = model[1](pool_sequences(features))
        assert features.dtype == (torch.bfloat16 if autocast else torch.float32)
        loss = F.cross_entropy(scores.float(), labels)
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad.isfinite().all() for p in model.parameters())
        optimizer.step()
    assert loss < 0.1
    moved = model[0].blocks[1].spatial.bn.weight
    assert (moved - 1e-6).abs().max() > 1e-4, 'the S-LSU must open up from its scale of 1e-6'


def test_bfloat16_is_near_single_precision():
    _, model = twins(torch.float32, **SMALL)
    model.eval()
    x = torch.randn(2, 1, 9, 17, 2)
    with torch.no_grad():
        expected = model(x)
        with torch.autocast('cpu', torch.bfloat16):
            found, maps = model(x), model.attention_maps(x)
    assert (found.float() - expected).norm() < 0.03 * expected.norm()
    for attention in maps:
        assert attention.dtype == torch.float32
        torch.testing.assert_close(attention.sum(2), torch.ones_like(attention.sum(2)))


def test_large_features_do_not_overflow_the_attention():
    """Scores are sums over C_e·T products: scaled before, not after, they fit half precision."""
    unit = UNIK(num_joints=5, **SMALL).blocks[1].spatial.half()
    x = torch.full((1, 8, 400, 5), 30.0, dtype=torch.half)
    with torch.no_grad():
        unit.attention_embed.weight.fill_(0.5)
        assert unit.attention_maps(x).isfinite().all()


def test_plugs_into_recognizer_gcn():
    from mmaction.structures import ActionDataSample

    init_default_scope('mmactrep')
    cfg = ConfigDict(
        type='RecognizerGCN',
        backbone=dict(type='UNIK', num_person=2, **SMALL),
        cls_head=dict(type='GCNHead', num_classes=5, in_channels=12),
    )
    model = MODELS.build(cfg)
    oracle, ours = twins(torch.float32, num_person=2, **SMALL)
    model.backbone.load_state_dict(ours.state_dict())
    model.cls_head.fc.load_state_dict(oracle.fc.state_dict())
    clips = torch.randn(3, 1, 2, 9, 17, 2)  # (B, clips, M, T, V, C)
    samples = [ActionDataSample().set_gt_label(i) for i in range(3)]
    loss = model.train()(clips, samples, mode='loss')
    expected = F.cross_entropy(oracle.train()(clips[:, 0]), torch.arange(3))
    torch.testing.assert_close(loss['loss_cls'], expected, rtol=1e-4, atol=1e-5)
    loss['loss_cls'].backward()
    model.eval(), oracle.eval()
    with torch.no_grad():
        found = torch.stack([s.pred_score for s in model(clips, samples, mode='predict')])
        torch.testing.assert_close(found, oracle(clips[:, 0]).softmax(1), rtol=1e-4, atol=1e-5)


def compiled_and_eager(model, **options):
    """Outputs and gradients of a model, eager and compiled."""
    torch._dynamo.reset()
    x = torch.randn(2, 1, 6, model.num_joints, 2)
    weight = torch.randn_like(model(x))
    results = []
    for network in (model, torch.compile(model, **options)):
        model.zero_grad()
        out = network(x)
        (out * weight).sum().backward()
        results.append([out.detach(), *(p.grad.clone() for p in model.parameters())])
    return results


def test_is_one_graph():
    """Dynamo captures the network whole, without a break."""
    _, model = twins(torch.float32, num_joints=5, window_size=3, **SMALL)
    eager, compiled = compiled_and_eager(model, fullgraph=True, backend='aot_eager')
    for found, expected in zip(compiled, eager):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_compiles():
    """Inductor's code gives the same; one block, because it compiles with g++ for a while."""
    _, model = twins(torch.float32, num_joints=5, channels=(4,), strides=(2,), dilations=(2,))
    eager, compiled = compiled_and_eager(model)
    for found, expected in zip(compiled, eager):
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(('before', 'after'), [(2, 1), (1, 2), (2, 3)])
def test_weights_for_another_number_of_persons_load(before, after):
    small = dict(channels=(8,), strides=(1,), dilations=(1,))
    source, target = UNIK(num_person=before, **small), UNIK(num_person=after, **small)
    with torch.no_grad():
        source.data_bn.running_mean.copy_(torch.randn(before * 17 * 2))
        source.data_bn.weight.copy_(torch.rand(before * 17 * 2))
    target.load_state_dict(source.state_dict())
    person = torch.randn(3, 1, 20, 17, 2)
    with torch.no_grad():
        expected = source.eval()(person.expand(-1, before, -1, -1, -1))[:, 0]
        found = target.eval()(person.expand(-1, after, -1, -1, -1))[:, 0]
    torch.testing.assert_close(found, expected)


def test_weights_for_another_number_of_joints_are_refused():
    small = dict(channels=(8,), strides=(1,), dilations=(1,))
    with pytest.raises(RuntimeError, match='size mismatch for data_bn'):
        UNIK(num_joints=25, **small).load_state_dict(UNIK(num_joints=17, **small).state_dict())
