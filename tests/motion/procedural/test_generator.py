import json
import time

import numpy as np
import pytest

from mmactrep.motion.body import BODY
from mmactrep.motion.cameras import Cameras
from mmactrep.motion.procedural.factors import motion_names
from mmactrep.motion.procedural.generator import CLEAN, MotionGenerator, to_layout
from mmactrep.motion.procedural.motions.base import MOTIONS
from mmactrep.structures import get_layout

SIDE = {name: BODY.index(name) for name in BODY.joints}


def test_shapes_types_and_missing_joints():
    batch = MotionGenerator(frames=20, seed=1, missing=1.0).generate(50)
    assert batch.keypoint.shape == (50, 1, 20, 17, 2) and batch.keypoint.dtype == np.float32
    assert batch.score.shape == (50, 1, 20, 17) and batch.score.dtype == np.float32
    assert np.isfinite(batch.keypoint).all()
    assert (batch.score == 0).any() and (batch.keypoint[batch.score == 0] == 0).all()
    assert batch.label.shape == (50,)


def test_same_seed_same_arrays_other_seed_others():
    first, again, other = (MotionGenerator(16, seed=s).generate(30) for s in (7, 7, 8))
    np.testing.assert_array_equal(first.keypoint, again.keypoint)
    np.testing.assert_array_equal(first.score, again.score)
    for name, values in first.factors.items():
        np.testing.assert_array_equal(values, again.factors[name])
    assert np.abs(first.keypoint - other.keypoint).max() > 1


def test_a_clip_does_not_depend_on_the_batch():
    generator = MotionGenerator(16, seed=2, compose=0.5)
    whole = generator.generate(40)
    parts = list(generator.batches(40, batch_size=7))
    for name in whole.factors:
        np.testing.assert_array_equal(np.concatenate([p.factors[name] for p in parts]), whole.factors[name])
    np.testing.assert_allclose(np.concatenate([p.keypoint for p in parts]), whole.keypoint, atol=2e-2)
    np.testing.assert_array_equal(
        generator.generate(1, start=23).factors['style'][0], whole.factors['style'][23]
    )


def test_classes_are_balanced_and_labelled():
    generator = MotionGenerator(8, classes=('walk', 'drink', 'sit_down'))
    batch = generator.generate(9)
    assert batch.label.tolist() == [0, 1, 2] * 3
    row = batch.factors.row(1)
    assert row['motion'] == 'drink' and json.loads(json.dumps(row)) == row
    assert set(MotionGenerator().classes) == set(MOTIONS) - {'stand'}


def test_every_factor_is_recorded_and_varied():
    factors = MotionGenerator(compose=0.3).sample_factors(400)
    varied = {
        'motion',
        'lower',
        'side',
        'seated',
        'speed',
        'amplitude',
        'phase',
        'onset',
        'style',
        'character',
    }
    varied |= {'yaw', 'pitch', 'distance', 'fill', 'follow', 'jitter', 'swap', 'missing', 'index', 'repeat'}
    assert varied <= set(factors)
    for name in varied:
        assert len(np.unique(factors[name])) > 1, name
    assert (factors['seed'] == 0).all()
    assert np.abs(factors['yaw']).max() <= 180


def test_recorded_factors_make_the_clip_again():
    generator = MotionGenerator(24, seed=3)
    batch = generator.generate(12)
    factors = batch.factors.take(np.array([5]))
    offsets = generator.offsets(factors)
    positions = generator.positions(generator.animate(factors), offsets)
    pixels = generator.project(positions, generator.cameras(factors, positions, offsets))
    layout = get_layout('posetics17')
    keypoint, score = generator.observe(to_layout(pixels, layout), factors, layout)
    np.testing.assert_allclose(keypoint, batch.keypoint[5], atol=2e-2)
    np.testing.assert_allclose(score, batch.score[5], atol=1e-3)


def test_retargeting_keeps_the_motion_and_takes_the_bones():
    generator = MotionGenerator(32, seed=4)
    f, g = generator.sample_factors(20), generator.sample_factors(20, start=20)
    animation = generator.animate(f)
    own, other = generator.offsets(f), generator.offsets(g)
    crossed = generator.positions(animation, other)
    lengths = np.linalg.norm(other, axis=-1)
    for child, parent in BODY.bones:
        measured = np.linalg.norm(crossed[:, :, child] - crossed[:, :, parent], axis=-1)
        np.testing.assert_allclose(measured, np.repeat(lengths[:, child, None], 32, axis=1), atol=3e-6)
    # bones point the same way on both characters: chest to neck is one bone of one part
    original = generator.positions(animation, own)
    for child in ('neck', 'left_wrist', 'right_ankle'):
        parent = BODY.parents[child]
        a, b = (p[:, :, SIDE[child]] - p[:, :, SIDE[parent]] for p in (original, crossed))
        cosine = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
        assert cosine.min() > 1 - 1e-5
    # the factors say the same: exchanging the character alone
    swapped = f.exchange(g, ('character',))
    np.testing.assert_array_equal(generator.offsets(swapped), other)
    np.testing.assert_array_equal(generator.animate(swapped).angles, animation.angles)


def test_one_animation_from_several_views():
    generator = MotionGenerator(16, **CLEAN)
    factors = generator.sample_factors(4)
    positions = generator.positions(generator.animate(factors), generator.offsets(factors))
    views = [generator.project(positions, Cameras(yaw=yaw, orthographic=True)) for yaw in (-90, 0, 90, 180)]
    # opposite orthographic views at the horizon are mirror images
    np.testing.assert_allclose(views[1][..., 0] - 320, 320 - views[3][..., 0], atol=1e-2)
    np.testing.assert_allclose(views[1][..., 1], views[3][..., 1], atol=1e-2)
    assert np.abs(views[0] - views[1]).max() > 5


def test_left_handers_mirror_right_handers():
    generator = MotionGenerator(30, classes=('drink', 'kick', 'throw'), seed=6)
    factors = generator.sample_factors(12)
    offsets = generator.offsets(factors)
    right, left = (generator.positions(generator.animate(factors.replace(side=s)), offsets) for s in (0, 1))
    np.testing.assert_allclose(left, right[:, :, list(BODY.flip_order)] * [-1, 1, 1], atol=1e-4)


def test_composition_waves_while_walking():
    generator = MotionGenerator(60, classes=('wave',), compose=1.0, left_handed=0.0)
    factors = generator.sample_factors(16).replace(speed=1.0, onset=-2.0, end=99.0)
    offsets = generator.offsets(factors)
    both = generator.positions(generator.animate(factors), offsets)
    alone = generator.positions(generator.animate(factors.replace(lower=-1)), offsets)
    hand = both[:, :, SIDE['right_wrist'], 1] - both[:, :, SIDE['right_shoulder'], 1]
    assert (hand[:, 15:] > -0.05).all()
    feet = [both[:, :, SIDE[f'{s}_ankle'], 1] for s in ('left', 'right')]
    assert (np.ptp(feet[0], axis=1) > 0.08).all() and (np.ptp(feet[1], axis=1) > 0.08).all()
    assert (np.ptp(alone[:, :, SIDE['left_ankle'], 1], axis=1) < 0.03).all()


@pytest.mark.parametrize(
    'layout, joints', [('posetics17', 17), ('ntu25', 25), ('motion15', 15), ('h36m17', 17), ('lcrnet13', 13)]
)
@pytest.mark.parametrize('dims', [2, 3])
def test_layouts_and_dimensions(layout, joints, dims):
    batch = MotionGenerator(10, classes=('walk', 'wave'), **CLEAN).generate(4, layout=layout, dims=dims)
    assert batch.keypoint.shape == (4, 1, 10, joints, dims)
    spec = get_layout(layout)
    ankles = batch.keypoint[:, 0, :, spec.indices(('left_ankle', 'right_ankle')), 1].mean()
    head = batch.keypoint[:, 0, :, spec.index('head' if 'head' in spec else 'nose'), 1].mean()
    assert ankles > head  # y points down in both
    if dims == 3:
        assert 0.8 < ankles - head < 2.0  # meters


def test_posetics_joints_are_derived_as_the_data_set_does():
    keypoint = MotionGenerator(10, **CLEAN).generate(45, layout='posetics17').keypoint
    layout = get_layout('posetics17')
    at = {name: keypoint[..., layout.index(name), :] for name in layout.joints}
    np.testing.assert_allclose(at['nose'], (at['head'] + at['neck']) / 2, atol=1e-2)
    np.testing.assert_allclose(at['neck'], (at['left_shoulder'] + at['right_shoulder']) / 2, atol=1e-2)


def test_people_are_mostly_in_the_picture():
    keypoint = MotionGenerator(close_up=0.0).generate(180).keypoint
    batch = MotionGenerator(**CLEAN).generate(180)
    assert (batch.score > 0).mean() > 0.9
    assert np.isfinite(keypoint).all()
    height = np.ptp(batch.keypoint[:, 0, :, :, 1], axis=(1, 2))
    assert 100 < np.median(height) < 480


def test_unknown_classes_options_and_factors_are_refused():
    with pytest.raises(ValueError, match=r"unknown motions \['fly'\]"):
        MotionGenerator(classes=('walk', 'fly'))
    with pytest.raises(ValueError, match=r"unknown options \['jiter'\]"):
        MotionGenerator(jiter=0.1)
    with pytest.raises(ValueError, match='frames must be'):
        MotionGenerator(frames=0)
    with pytest.raises(ValueError, match='dims must be'):
        MotionGenerator(4).generate(2, dims=4)
    with pytest.raises(ValueError, match='expected one class or more, found none'):
        MotionGenerator(classes=())
    with pytest.raises(ValueError, match=r"unknown companions \['run'\]; known are \['walk', 'march'\]"):
        MotionGenerator(companions=['walk', 'run'])
    with pytest.raises(KeyError, match='no such factors'):
        MotionGenerator(4).sample_factors(2).replace(hight=2.0)
    with pytest.raises(ValueError, match=r'expected whole numbers as side, found 0\.5'):
        MotionGenerator(4).sample_factors(2).replace(side=0.5)
    assert MotionGenerator(4).sample_factors(2).replace(side=True, speed=0.3)['side'].tolist() == [1, 1]


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        (dict(speed=1.0), 'speed: expected the lowest and the highest value above 0, found 1.0'),
        (dict(speed=(0, 1.0)), 'speed: expected the lowest and the highest value above 0'),
        (dict(pitch=(10, -10)), r'pitch: expected the lowest and the highest value, found \(10, -10\)'),
        (dict(yaw=(0, float('nan'))), 'yaw: expected'),
        (dict(jitter=-0.1), 'jitter: expected a number of 0 or more, found -0.1'),
        (dict(seated=(0.0, 0.3)), 'seated: expected a number'),
    ],
)
def test_options_that_are_no_ranges_or_numbers_are_refused(option, message):
    with pytest.raises(ValueError, match=message):
        MotionGenerator(**option)


def test_legs_do_no_more_than_the_companions_given():
    names = motion_names()
    for companions in ((), ('march',), ('walk',), ('walk', 'march')):
        generator = MotionGenerator(8, classes=('wave', 'squat'), companions=companions, compose=1.0)
        factors = generator.sample_factors(80)
        assert {names[k] for k in factors['lower'] if k >= 0} == set(companions)
        assert (factors['lower'][1::2] == -1).all()  # squatting takes the legs
    # the others are what they were
    some = MotionGenerator(8, companions=('walk',)).sample_factors(300)
    both = MotionGenerator(8).sample_factors(300)
    walking = both['lower'] == names.index('walk')
    np.testing.assert_array_equal(some['lower'][walking], both['lower'][walking])
    assert ((some['lower'] >= 0) == (both['lower'] >= 0)).all()


def test_speed():
    """10,000 clips of 64 frames take well under a minute: 1,000 take 12 s of a core on a busy machine."""
    generator = MotionGenerator(64)
    generator.generate(64)
    start = time.process_time()
    for _ in generator.batches(1000, batch_size=500):
        pass
    assert time.process_time() - start < 12
