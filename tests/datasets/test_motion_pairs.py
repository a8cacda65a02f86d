"""Pairs of motions: crossed truths against formulas, what shares a static, and reproducible draws."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from mmactrep.datasets.motion_pairs import MotionPairDataset, Static
from mmactrep.motion.library import MotionLibrary
from mmactrep.registry import DATASETS
from mmactrep.store.format import StoreError
from mmactrep.structures import get_layout
from mmactrep.structures.motion_representation import from_motion, motion_root

CONFIGS = Path(__file__).resolve().parents[2] / 'configs' / 'lac'
KEYS = ('source', 'driver', 'source_on_driver', 'driver_on_source')


def expected_motion(library, motion, first, frames, character, yaw, scale, layout):
    """p(m, c) written out: joints of the library, turned, projected, scaled, against the mid-hip."""
    split = MotionLibrary(library, 'test')
    positions = split.positions(split.motions.index(motion), split.characters.index(character))
    positions = positions[first : first + frames]
    x, y, z = np.moveaxis(positions.astype(np.float64), -1, 0)
    angle = math.radians(yaw)
    points = 128 * scale * np.stack([x * math.cos(angle) - z * math.sin(angle), -y], axis=-1)
    hip = points[:, split.layout.index('mid_hip')]
    rows = [points[:, split.layout.index(name)] - hip for name in layout.joints if name != 'mid_hip']
    steps = np.diff(hip, axis=0)
    rows.append(np.concatenate([steps[:1], steps]))
    return np.concatenate([row.T for row in rows])


def test_all_four_motions_are_what_they_say(library):
    """Motion15's joints are all joints of the library, so the truth needs no mapping."""
    dataset = MotionPairDataset(library, 'test', window=60, scale=(0.5, 1.5), test_mode=True)
    for idx in (0, 7, 30):
        sample = dataset[idx]
        made = sample['data_samples']
        assert set(sample['inputs']) == set(KEYS) and made['sample_idx'] == idx
        assert made['source']['motion'] != made['driver']['motion']
        assert made['source']['character'] != made['driver']['character']
        for key, (moving, still) in zip(
            KEYS, (('source', 'source'), ('driver', 'driver'), ('source', 'driver'), ('driver', 'source'))
        ):
            found = sample['inputs'][key]
            assert found.dtype == torch.float32 and found.shape == (30, 60)
            m, c = made[moving], made[still]
            if m['motion'].startswith('walk_4'):
                continue  # shorter than the window
            static = (c['character'], c['view'], c['scale'])
            expected = expected_motion(library, m['motion'], m['first_frame'], 60, *static, dataset.layout)
            np.testing.assert_allclose(found.numpy(), expected, atol=2e-3)


def test_observed_sequences_are_noisy_and_the_truths_are_clean(library):
    options = dict(split='test', window=60, scale=(0.5, 0.5), test_mode=True)
    clean = MotionPairDataset(library, **options)[7]['inputs']
    inputs = MotionPairDataset(library, noise=(6.0, 6.0), **options)[7]['inputs']
    assert set(inputs) == {*KEYS, 'observed_source', 'observed_driver'}
    for key in KEYS:
        torch.testing.assert_close(inputs[key], clean[key])
    for key in KEYS[:2]:
        difference = inputs[f'observed_{key}'] - clean[key]
        # at half the scale: 3 on every coordinate, and so twice its variance on one relative to the root
        assert difference[:-2].std().item() == pytest.approx(3 * 2**0.5, rel=0.1)
    again = MotionPairDataset(library, noise=(6.0, 6.0), **options)[7]['inputs']
    assert all(torch.equal(value, again[key]) for key, value in inputs.items())


def test_what_shares_the_static_has_the_same_bones(library):
    dataset = MotionPairDataset(library, dims=3, window=32, pitch=(-10, 20), roll=(-5, 5))
    layout = dataset.layout
    dataset.set_seed_and_epoch(3, 0)
    inputs = dataset[11]['inputs']
    assert inputs['source'].shape == (45, 32)

    def limbs(key):
        keypoint = from_motion(inputs[key].numpy(), layout)
        joints = [
            keypoint[:, layout.indices((f'{s}_hip', f'{s}_knee', f'{s}_ankle'))] for s in ('left', 'right')
        ]
        return np.linalg.norm(np.diff(np.concatenate(joints, axis=1), axis=1), axis=-1)[:, [0, 1, 3, 4]]

    np.testing.assert_allclose(limbs('source'), limbs('driver_on_source'), rtol=2e-3)
    np.testing.assert_allclose(limbs('driver'), limbs('source_on_driver'), rtol=2e-3)
    assert np.abs(limbs('source') / limbs('driver') - 1).max() > 0.01


def test_windows_cover_the_motions_with_half_overlap(library):
    train = MotionPairDataset(library, window=30, samples_per_window=2)
    frames = train.library.frames
    windows = sum(1 + max(0, int(n) - 30) // 15 for n in frames)
    assert len(train) == 2 * windows
    starts = [train[i]['data_samples']['source']['first_frame'] for i in range(6)]
    assert starts == [0, 15, 30, 0, 15, 30]
    again = [train[windows + i]['data_samples']['source'] for i in range(6)]
    assert [made['first_frame'] for made in again] == starts
    with pytest.raises(IndexError):
        train[2 * windows]


def test_short_motions_are_folded(library):
    dataset = MotionPairDataset(library, window=64)
    window = len(dataset) - 1
    keypoint = dataset.keypoint(window, Static(0, 0.0))
    assert dataset.library.frames[-1] == 40 and keypoint.shape == (64, 15, 2)
    np.testing.assert_allclose(keypoint[40:], keypoint[38:14:-1], atol=1e-4)
    np.testing.assert_array_equal(keypoint[0, motion_root(dataset.layout)], 0)


def test_draws_depend_on_seed_epoch_and_position_alone(library):
    def samples(seed, epoch, workers):
        dataset = MotionPairDataset(library, window=16)
        dataset.set_seed_and_epoch(seed, epoch)
        loader = DataLoader(torch.utils.data.Subset(dataset, range(6)), 2, num_workers=workers)
        return torch.cat([batch['inputs']['source_on_driver'] for batch in loader])

    first = samples(1, 0, 0)
    assert first.shape == (6, 30, 16)
    assert torch.equal(first, samples(1, 0, 2))
    assert not torch.equal(first, samples(1, 1, 0)) and not torch.equal(first, samples(2, 0, 0))
    loose = MotionPairDataset(library, window=16)
    assert loose[0]['data_samples'] != loose[0]['data_samples']  # numpy's global state moves on
    tests = [MotionPairDataset(library, 'test', window=16, test_mode=True) for _ in range(2)]
    tests[1].set_seed_and_epoch(5, 5)
    assert [tests[0][i]['data_samples'] for i in range(9)] == [tests[1][i]['data_samples'] for i in range(9)]


def test_all_that_can_be_drawn_is_drawn(library):
    dataset = MotionPairDataset(library, window=70, views=(0, 45), scale=(0.8, 1.2), pitch=(-9, -3))
    dataset.set_seed_and_epoch(0, 0)
    made = [dataset[i]['data_samples'] for i in range(len(dataset))]
    drivers = [m['driver'] for m in made]
    assert {d['view'] for d in drivers} == {0.0, 45.0}
    assert {d['character'] for d in drivers} == set(dataset.library.characters)
    assert len({d['motion'] for d in drivers}) > len(dataset) / 3
    scales = np.array([d['scale'] for d in drivers])
    assert 0.8 <= scales.min() < 0.9 and 1.1 < scales.max() <= 1.2
    assert all(-9 <= d['pitch'] <= -3 and d['roll'] == 0 for d in drivers)
    assert [m['source']['motion'] for m in made] == dataset.library.motions


def test_statistics_are_those_of_the_training_motions(library):
    dataset = MotionPairDataset(library, window=32)
    statistics = dataset.statistics(300)
    again = MotionPairDataset(library, window=32).statistics(300)
    np.testing.assert_array_equal(statistics.mean, again.mean)
    together = np.concatenate(list(dataset.motions(300)), axis=1)
    np.testing.assert_allclose(statistics.mean, together.mean(axis=1), atol=1e-3)
    dataset.set_seed_and_epoch(7, 0)
    drawn = torch.stack([dataset[i]['inputs']['source'] for i in range(len(dataset))]).numpy()
    mean, std = drawn.mean(axis=(0, 2)), drawn.std(axis=(0, 2))
    assert np.abs(mean - statistics.mean).max() < 0.25 * np.sqrt((std**2).mean())
    wide = std > 0.1 * np.sqrt((std**2).mean())
    np.testing.assert_allclose(statistics.std[wide], std[wide], rtol=0.3)
    # a head is above the mid-hip: down is positive
    nose = 2 * dataset.layout.index('nose') + 1
    assert -110 < statistics.mean[nose] < -50


@pytest.mark.parametrize('name', ['motion15', 'posetics17', 'coco17', 'lcrnet13'])
def test_other_layouts(name, library):
    dataset = MotionPairDataset(library, layout=name, window=16, test_mode=True)
    layout = get_layout(name)
    motion = dataset[2]['inputs']['driver'].numpy()
    assert motion.shape == (2 * layout.num_joints, 16) and dataset.metainfo['layout'] == name
    keypoint = from_motion(motion, layout)
    above = keypoint[:, layout.index('left_shoulder'), 1] - keypoint[:, layout.index('left_hip'), 1]
    assert (above < 0).all()


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(dims=4), 'dims 2 or 3'),
        (dict(window=1), 'window'),
        (dict(stride=0), 'stride'),
        (dict(views=()), 'views'),
        (dict(scale=(0, 1)), 'scales'),
        (dict(scale=(1.5, 0.5)), 'scales'),
        (dict(pitch=(20, -20)), 'pitch'),
        (dict(noise=(-1, 2)), 'noise'),
        (dict(unit=0), 'unit'),
    ],
)
def test_arguments_that_make_no_sense(change, message, library):
    with pytest.raises(ValueError, match=message):
        MotionPairDataset(library, **change)


def test_an_absent_library_says_how_to_make_it(tmp_path):
    with pytest.raises(StoreError, match=r'no skeleton store at .*absent(.|\n)*Make it with: x'):
        MotionPairDataset(tmp_path / 'absent', absent_hint='Make it with: x')


@pytest.mark.parametrize('config', ['synthetic_2d', 'mixamo_2d'])
def test_the_base_configs_build_and_keep_training_and_test_apart(config, library, tmp_path, monkeypatch):
    folder = tmp_path / 'motion'
    folder.mkdir()
    (folder / config[:-3]).symlink_to(library)
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))
    init_default_scope('mmactrep')
    cfg = Config.fromfile(CONFIGS / f'lac_generator_{config}.py')
    train, test = (DATASETS.build(getattr(cfg, f'{name}_dataloader').dataset) for name in ('train', 'test'))
    assert train.layout.name == ('motion15' if 'mixamo' in config else 'posetics17')
    channels = train.layout.num_joints * int(config[-2])
    assert train[0]['inputs']['source'].shape == (channels, 64) and train.scale == (0.5, 1.5)
    assert test[0]['inputs']['source'].shape == (channels, 120) and test.scale == (1, 1) and test.test_mode
    assert (train.library.split, test.library.split) == ('train', 'test')
    assert bool(set(train.views) & set(test.views)) == ('mixamo' in config)
