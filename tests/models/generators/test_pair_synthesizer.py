"""Pairs made on the fly: who shares what with whom, and that truths are clean."""

from __future__ import annotations

import pytest
import torch

from mmactrep.models.generators import MotionPairSynthesizer
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.structures.motion_representation import from_motion

NAMES = ('source', 'driver', 'source_on_driver', 'driver_on_source')


def windows(count: int, frames: int = 16) -> torch.Tensor:
    return torch.randn(count, frames, LIBRARY_LAYOUT.num_joints, 3)


@pytest.fixture
def synthesizer() -> MotionPairSynthesizer:
    return MotionPairSynthesizer('posetics17', swapped=0.0, noise=(0.0, 0.0))


def test_a_pair_has_the_shapes_of_the_data_set_and_sees_what_is_true(synthesizer):
    found = synthesizer(dict(inputs=list(windows(7))), training=True)['inputs']
    assert set(found) == {*NAMES, 'observed_source', 'observed_driver'}
    assert all(motion.shape == (3, 34, 16) for motion in found.values())
    for name in NAMES[:2]:
        torch.testing.assert_close(found[f'observed_{name}'], found[name])


def test_the_same_motion_on_the_same_static_is_the_same(synthesizer):
    one = windows(1).expand(2, -1, -1, -1)  # m = m'
    found = synthesizer.pairs(one)
    torch.testing.assert_close(found['source'], found['driver_on_source'])
    torch.testing.assert_close(found['driver'], found['source_on_driver'])
    assert not torch.allclose(found['source'], found['driver'])


def test_a_static_keeps_its_size_on_another_motion(synthesizer):
    # still motions of one pose: what differs between p(m, c) and p(m, c') is the static alone
    still = windows(2, 1).expand(-1, 16, -1, -1)
    found = synthesizer.pairs(still)
    for motion in found.values():
        poses = from_motion(motion, 'posetics17')
        torch.testing.assert_close(poses[:, 0], poses[:, -1], rtol=1e-4, atol=1e-2)


def test_noise_and_swaps_leave_the_truths_consistent():
    torch.manual_seed(1)
    noisy = MotionPairSynthesizer('posetics17', swapped=1.0, noise=(5.0, 5.0), missing=0.2)
    found = noisy.pairs(windows(8))
    assert not torch.allclose(found['source'], found['observed_source'])
    same = MotionPairSynthesizer('posetics17', swapped=1.0, noise=(0.0, 0.0))
    torch.manual_seed(1)
    clean = same.pairs(windows(8))
    torch.testing.assert_close(found['source'], clean['source'])


@pytest.mark.parametrize('option', ['damped', 'tumbled'])
def test_varied_motions_leave_the_truths_consistent(option):
    one = windows(1).expand(2, -1, -1, -1)
    found = []
    for share in (0.0, 1.0):
        torch.manual_seed(2)
        found.append(
            MotionPairSynthesizer('posetics17', swapped=0.0, noise=(0.0, 0.0), **{option: share}).pairs(one)
        )
    plain, varied = found
    assert not torch.allclose(plain['source'], varied['source'])
    for name in ('source', 'driver'):
        torch.testing.assert_close(varied[name], varied[f'observed_{name}'])


def test_pairs_are_passed_on_and_one_window_is_refused(synthesizer):
    pairs = dict(inputs=dict(source=[torch.zeros(3, 4)]), data_samples=[1])
    assert synthesizer(pairs)['inputs']['source'][0].shape == (3, 4)
    with pytest.raises(ValueError, match='batch size'):
        synthesizer(dict(inputs=[windows(1)[0]]))


def test_statistics_are_always_the_same(synthesizer):
    class Windows(torch.utils.data.Dataset):
        def __len__(self):
            return 10

        def __getitem__(self, i):
            return dict(inputs=torch.full((16, 17, 3), float(i)) + torch.arange(17)[:, None])

    state = torch.random.get_rng_state()
    first, second = (synthesizer.statistics(Windows(), 64) for _ in range(2))
    assert (first.mean == second.mean).all() and (first.std > 0).all()
    assert (torch.random.get_rng_state() == state).all()
