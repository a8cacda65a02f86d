"""Windows of a motion library: places, speeds, sides and shares, against rows of the library."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mmactrep.datasets.motion_windows import MotionWindowDataset
from mmactrep.motion.library import MotionLibrary
from mmactrep.store.format import StoreError

PLAIN = dict(speed=(1.0, 1.0), mirrored=0.0, backwards=0.0)


def seeded(library, **options) -> MotionWindowDataset:
    dataset = MotionWindowDataset(str(library), **options)
    dataset.set_seed_and_epoch(3, 0)
    return dataset


def truth(library, sample, frames):
    """Positions of fractional frames of a sample's motion, by interpolation joint by joint."""
    split = MotionLibrary(library, 'train')
    row = split.motions.index(sample['data_samples']['motion'])
    positions = split.positions(row, 0).astype(np.float64)
    flat = positions.reshape(len(positions), -1)
    columns = [np.interp(frames, np.arange(len(flat)), column) for column in flat.T]
    return np.stack(columns, axis=1).reshape(len(frames), *positions.shape[1:])


@pytest.mark.parametrize('speed', [0.5, 1.0, 1.7])
def test_a_window_is_the_motion_at_that_speed(library, speed):
    dataset = seeded(library, window=20, samples=8, **(PLAIN | dict(speed=(speed, speed))))
    for sample in map(dataset.__getitem__, range(8)):
        first = sample['data_samples']['first_frame']
        expected = truth(library, sample, first + speed * np.arange(20))
        np.testing.assert_allclose(sample['inputs'], expected, atol=1e-4)


def test_mirrored_and_backwards(library):
    plain = seeded(library, window=20, samples=8, **PLAIN)
    turned = seeded(library, window=20, samples=8, **(PLAIN | dict(mirrored=1.0, backwards=1.0)))
    layout = plain.library.layout
    left, right = layout.index('left_wrist'), layout.index('right_wrist')
    for i in range(8):
        one, other = plain[i]['inputs'], turned[i]['inputs']
        np.testing.assert_allclose(other[:, left, 1:], one.flip(0)[:, right, 1:])
        np.testing.assert_allclose(other[:, left, 0], -one.flip(0)[:, right, 0])


def test_short_motions_go_back_and_forth(library):
    dataset = seeded(library, window=100, samples=30, **PLAIN)
    sample = next(
        s for s in map(dataset.__getitem__, range(30)) if s['data_samples']['motion'].startswith('walk_0')
    )
    window = sample['inputs']
    frames = int(dataset.library.frames[dataset.library.motions.index(sample['data_samples']['motion'])])
    assert frames < 100
    np.testing.assert_allclose(window[frames], window[frames - 2])


def test_classes_get_their_shares_and_no_epoch_repeats_another(library):
    dataset = seeded(library, window=20, samples=600, shares=dict(capture=0.5))
    labels = Counter(dataset[i]['data_samples']['label'] for i in range(600))
    capture = dataset.library.classes.index('capture')
    assert 0.43 < labels[capture] / 600 < 0.57
    before = dataset[5]['inputs']
    np.testing.assert_array_equal(before, dataset[5]['inputs'])
    dataset.set_seed_and_epoch(3, 1)
    assert not np.allclose(before, dataset[5]['inputs'])


def test_what_a_checkpoint_keeps_has_no_layout_that_the_model_does_not_have(library):
    meta = MotionWindowDataset(str(library)).metainfo
    assert 'layout' not in meta and 'capture' in meta['classes'] and meta['fps'] == 30.0


def test_nonsense_is_refused(library, tmp_path):
    for options in (dict(window=1), dict(samples=0), dict(speed=(2.0, 1.0)), dict(shares=dict(capture=1.5))):
        with pytest.raises(ValueError):
            MotionWindowDataset(str(library), **options)
    with pytest.raises(ValueError, match='unknown'):
        MotionWindowDataset(str(library), shares=dict(flying=0.1))
    with pytest.raises(StoreError, match='make one'):
        MotionWindowDataset(str(tmp_path / 'absent'), absent_hint='make one')


def drawn(dataset) -> Counter:
    return Counter(dataset[i]['data_samples']['motion'] for i in range(len(dataset)))


def test_a_fraction_of_the_motions(library):
    whole = seeded(library, window=4, samples=500)
    half, quarter = (seeded(library, window=4, samples=500, fraction=share) for share in (0.5, 0.25))
    names = [set(drawn(dataset)) for dataset in (whole, half, quarter)]
    assert names[2] <= names[1] <= names[0] == set(whole.library.motions)
    captures = [{name for name in found if name.startswith('walk_') and len(name) == 6} for found in names]
    assert [len(found) for found in captures] == [4, 2, 1]
    # a class of one motion keeps it
    assert len(names[2]) == len(whole.library) - 3
    other = seeded(library, window=4, samples=500, fraction=0.5, fraction_seed=5)
    assert set(drawn(other)) != names[1]
    with pytest.raises(ValueError, match='fraction'):
        MotionWindowDataset(str(library), fraction=0.0)


def test_patterns_share_among_the_motions_of_their_classes(library):
    shares = {'w*': 0.5, 'jump*': 0.2, 'recorded/*': 0.2}
    dataset = seeded(library, window=4, samples=2000, shares=shares)
    counts = drawn(dataset)
    names = [dataset.library.classes[label] for label in dataset.library.labels]

    def found(start):
        return np.array(
            [counts[m] for m, name in zip(dataset.library.motions, names) if name.startswith(start)]
        )

    # 0.2 of nobody is shared by all in proportion
    for start, share in (('w', 0.5 / 0.8), ('jump', 0.2 / 0.8)):
        members = found(start) / 2000
        assert len(members) > 1
        np.testing.assert_allclose(members, share / len(members), atol=0.04)
    with pytest.raises(ValueError, match='another share'):
        MotionWindowDataset(str(library), shares={'w*': 0.5, 'walk': 0.2})
