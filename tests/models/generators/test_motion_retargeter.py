from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.models.generators import (
    PAIR_KEYS,
    code_cycle_loss,
    code_triplet_loss,
    foot_joints,
    foot_velocity_loss,
    movement_loss,
    path_loss,
)
from mmactrep.models.layers import MotionCode
from mmactrep.registry import METRICS, MODELS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.motion_representation import from_motion


def build(statistics=None, generator='MotionAutoencoder', **kwargs):
    model = MODELS.build(dict(type='MotionRetargeter', generator=dict(type=generator), **kwargs)).eval()
    if statistics is not None:
        model.generator.set_statistics(statistics)
    return model


def test_reconstruction_losses_are_those_of_eq_4_4(pairs, statistics):
    model = build(statistics, self_weight=2, target_weight=3)
    losses = model(pairs, mode='loss')
    generator = model.generator
    m = {key: generator.standardize(pairs[key]) for key in PAIR_KEYS}
    r = {key: generator.encode(m[key]) for key in ('source', 'driver')}

    def error(motion, static, truth):
        generated = generator.decode(MotionCode(r[motion].motion, r[static].static))
        return ((generated - m[truth]) ** 2).mean()

    own = error('source', 'source', 'source') + error('driver', 'driver', 'driver')
    crossed = error('source', 'driver', 'source_on_driver') + error('driver', 'source', 'driver_on_source')
    assert set(losses) == {'loss_self', 'loss_target'}
    torch.testing.assert_close(losses['loss_self'], 2 * own)
    torch.testing.assert_close(losses['loss_target'], 3 * crossed)


def test_observed_motions_are_encoded_and_the_clean_ones_wanted(pairs, statistics):
    model = build(statistics)
    generator = model.generator
    observed = {f'observed_{key}': pairs[key] + torch.randn_like(pairs[key]) for key in PAIR_KEYS[:2]}
    losses = model(pairs | observed, mode='loss')
    m = {key: generator.standardize(value) for key, value in (pairs | observed).items()}
    source, driver = (generator.encode(m[f'observed_{key}']) for key in PAIR_KEYS[:2])
    own = sum(
        ((generator.decode(code) - m[key]) ** 2).mean() for key, code in zip(PAIR_KEYS, (source, driver))
    )
    torch.testing.assert_close(losses['loss_self'], own)
    # a test takes what it is given
    assert all(
        torch.equal(a['pred_keypoint'], b['pred_keypoint'])
        for a, b in zip(model(pairs, mode='predict'), model(pairs | observed, mode='predict'))
    )


def test_optional_losses_join_with_their_weights(pairs, statistics):
    plain = build(statistics, triplet_weight=1, foot_velocity_weight=0.1, path_weight=1)
    heavy = build(statistics, triplet_weight=2, foot_velocity_weight=0.3, path_weight=5)
    heavy.load_state_dict(plain.state_dict())
    losses, heavier = plain(pairs, mode='loss'), heavy(pairs, mode='loss')
    assert all(losses[f'loss_{name}'] > 0 for name in ('triplet', 'foot_velocity', 'path'))
    torch.testing.assert_close(heavier['loss_triplet'], 2 * losses['loss_triplet'])
    torch.testing.assert_close(heavier['loss_foot_velocity'], 3 * losses['loss_foot_velocity'])
    torch.testing.assert_close(heavier['loss_path'], 5 * losses['loss_path'])


def test_triplet_loss_by_hand():
    def code(motion, static):
        return MotionCode(torch.tensor([[motion, [0.0, 0.0]]]), torch.tensor([[static]]))

    # two steps, motion along one direction; static one number
    source, driver = code([0.0, 0.0], 0.0), code([3.0, 0.5], 4.0)
    on_driver, on_source = code([1.0, 0.0], 3.5), code([3.0, 0.5], 0.0)
    # p(m, c'): motion 1 and 0 from its own, 2 and 0.5 from the other; p(m', c): 0 and 0, 3 and 0.5
    motion = (max(0, 1 - 2 + 1) + (0 - 0.5 + 1)) / 2 + (0 + (0 - 0.5 + 1)) / 2
    static = max(0, 0.5 - 3.5 + 1) + max(0, 0 - 4 + 1)
    loss = code_triplet_loss(source, driver, on_driver, on_source)
    assert loss.item() == pytest.approx((motion + static) / 2, abs=1e-4)


def test_triplet_loss_vanishes_where_codes_are_apart_and_crossed_ones_agree():
    a = MotionCode(torch.zeros(2, 3, 4), torch.zeros(2, 5))
    b = MotionCode(torch.ones(2, 3, 4), torch.ones(2, 5))
    apart = code_triplet_loss(a, b, MotionCode(a.motion, b.static), MotionCode(b.motion, a.static))
    mixed_up = code_triplet_loss(a, b, MotionCode(b.motion, a.static), MotionCode(a.motion, b.static))
    assert apart == 0 and mixed_up > 4


def test_feet_are_found_in_the_layout():
    names = [get_layout('body25').joints[i] for i in foot_joints(get_layout('body25'))]
    assert len(names) == 8 and {name.split('_', 1)[0] for name in names} == {'left', 'right'}
    assert not {'knee', 'hip'} & {name.split('_', 1)[-1] for name in names}
    arm = SkeletonLayout('arm', ('shoulder', 'wrist'), {'wrist': 'shoulder'})
    with pytest.raises(ValueError, match="layout 'arm' has no joint of a foot"):
        foot_joints(arm)


def test_foot_velocity_loss_counts_the_feet_and_the_root_alone(rng):
    layout = get_layout('motion15')
    target = torch.from_numpy(rng.normal(size=(1, 30, 6)))
    coordinates = from_motion(target, layout)[0].numpy()
    power = np.square(np.diff(coordinates[:, [11, 14]], axis=0)).mean()  # of the ankles
    moved = target.clone()
    moved[:, :2] += torch.linspace(0, 9, 6)  # the nose
    assert foot_velocity_loss(moved, target, layout) == 0
    moved = target.clone()
    moved[:, -2] += 3.0  # the root's velocity in x: both feet are 3 a frame faster in one of two coordinates
    assert foot_velocity_loss(moved, target, layout).item() == pytest.approx(3**2 / 2 / power)


def test_path_loss_counts_the_way_of_the_root_alone(rng):
    layout = get_layout('motion15')
    target = torch.from_numpy(rng.normal(size=(1, 30, 4)))
    path = np.cumsum(target[0, -2:, 1:].numpy(), axis=1)  # the first frame is the start
    power = np.square(path).sum() / (4 * 2)
    moved = target.clone()
    moved[:, :-2] += 7.0  # every joint but the root
    moved[:, -2:, 0] += 7.0  # a velocity that leads nowhere
    assert path_loss(moved, target, layout) == 0
    moved[:, -2, 1:] += 2.0  # 2, 4 and 6 ahead in x
    assert path_loss(moved, target, layout).item() == pytest.approx((4 + 16 + 36) / 8 / power)


def test_movement_loss_counts_every_sequence_alike(rng):
    layout = get_layout('motion15')
    large = torch.from_numpy(rng.normal(size=(1, 30, 50)))
    # the same movement a hundredth as large about one pose, which is no movement to ask for
    target = torch.cat([large, 5 * large, 100 + large / 100])
    standing = target.mean(dim=2, keepdim=True).expand_as(target).clone()
    standing[:, -2:] += 9.0  # the root's velocity does not count
    moved = large[:, :-2] - large[:, :-2].mean(dim=2, keepdim=True)
    hardly = float((moved**2).mean()) / 1e4 / (0.02 * float((target[2, :-2] ** 2).mean()))
    expected = (1 + 1 + hardly) / 3
    assert movement_loss(standing, target, layout, 2).item() == pytest.approx(expected, rel=1e-4)
    assert movement_loss(target + 3.0, target, layout, 2).item() == pytest.approx(0, abs=1e-9)


def test_code_cycle_loss_by_hand():
    def code(motion, static):
        return MotionCode(torch.full((1, 2, 3), float(motion)), torch.full((1, 4), float(static)))

    source, driver = code(1, 10), code(3, 20)  # squared distances 4 and 100
    right = dict(source_on_driver=code(1, 20), driver_on_source=code(3, 10))
    assert code_cycle_loss(source, driver, **right) == 0
    # motion off by 1 in one of two sequences, static by 5 in the other
    wrong = dict(source_on_driver=code(2, 20), driver_on_source=code(3, 15))
    assert code_cycle_loss(source, driver, **wrong).item() == pytest.approx(0.5 / 4 + 12.5 / 100)


def test_gradients_reach_every_parameter(pairs, statistics):
    for generator in ('MotionAutoencoder', 'TwoEncoderAutoencoder'):
        model = build(
            statistics,
            generator,
            triplet_weight=1,
            foot_velocity_weight=0.1,
            movement_weight=1,
            code_cycle_weight=1,
        )
        sum(model(pairs, mode='loss').values()).backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_predictions_are_the_crossed_sequences(pairs, statistics):
    model = build(statistics)
    generated = model(pairs, mode='tensor')
    as_lists = {key: list(motions) for key, motions in pairs.items()}  # as MMEngine collates by default
    predictions = model(as_lists, mode='predict')
    assert len(predictions) == 48
    pair = predictions[7]
    layout = get_layout('motion15')
    for row, key in enumerate(('source_on_driver', 'driver_on_source')):
        torch.testing.assert_close(pair['pred_keypoint'][row], from_motion(generated[key][7], layout))
        torch.testing.assert_close(pair['gt_keypoint'][row], from_motion(pairs[key][7], layout))
    torch.testing.assert_close(pair['motion_keypoint'][0], pair['static_keypoint'][1])
    again = model.generator.encode(model.generator.standardize(generated['source_on_driver']))
    torch.testing.assert_close(pair['recovered_motion_code'][0], again.motion[7], atol=1e-4, rtol=1e-4)
    driver = model.generator.encode(model.generator.standardize(pairs['driver']))
    torch.testing.assert_close(pair['static_code'][0], driver.static[7])


def test_training_makes_retargeting_better_than_copying(pairs, statistics):
    model = build(statistics, triplet_weight=1, foot_velocity_weight=0.1).train()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    few = {key: motion[:16] for key, motion in pairs.items()}
    for _ in range(40):
        optimizer.zero_grad()
        sum(model(few, mode='loss').values()).backward()
        optimizer.step()
    metric = METRICS.build(dict(type='RetargetingMetric'))
    with torch.no_grad():
        metric.process(None, model.eval()(few, mode='predict'))
    result = metric.evaluate(16)
    assert result['retargeting/mse_pose'] < 0.5 * result['retargeting/copy_source_pose']
    assert result['retargeting/mse_pose'] < 0.5 * result['retargeting/copy_static_pose']
    assert result['retargeting/motion_code_change'] < 0.7


def test_bad_input_is_refused(pairs, statistics):
    model = build()
    with pytest.raises(ValueError, match='has no statistics of its training motions'):
        model(pairs, mode='loss')
    model.generator.set_statistics(statistics)
    with pytest.raises(ValueError, match=r"lacking \['driver_on_source'\]"):
        model({key: pairs[key] for key in PAIR_KEYS[:3]}, mode='loss')
    with pytest.raises(ValueError, match="or 'predict', found 'losses'"):
        model(pairs, mode='losses')
