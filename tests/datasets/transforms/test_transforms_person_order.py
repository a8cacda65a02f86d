import numpy as np
import pytest

from mmactrep.datasets.transforms import EveryPersonOrder, FormatSkeleton, ShufflePersons


def clip(persons=2, frames=4):
    """Persons whose coordinates are their numbers from 1 on, over time."""
    keypoint = np.arange(1, persons + 1, dtype=np.float32)[:, None, None, None]
    keypoint = keypoint + np.arange(frames)[None, :, None, None] / 10 + np.zeros((1, 1, 3, 2), np.float32)
    return dict(
        keypoint=keypoint.astype(np.float32), keypoint_score=np.ones((persons, frames, 3), np.float32)
    )


def first_frames(out):
    return out['keypoint'][:, 0, 0, 0].round(1).tolist()


def test_shuffled_persons_are_the_same_ones_in_either_order():
    orders = set()
    for seed in range(20):
        out = ShufflePersons()(dict(clip(3), rng=np.random.default_rng(seed)))
        orders.add(tuple(first_frames(out)))
        assert first_frames(out)[2] == 3  # behind the first two
    assert orders == {(1, 2, 3), (2, 1, 3)}


def test_every_order_becomes_a_sample():
    out = FormatSkeleton(num_person=2)(EveryPersonOrder()(dict(clip(), num_clips=1)))
    assert out['keypoint'].shape == (2, 2, 4, 3, 2)  # samples, persons, frames
    np.testing.assert_allclose(out['keypoint'][0], clip()['keypoint'])
    np.testing.assert_allclose(out['keypoint'][1], clip()['keypoint'][::-1])
    # of several samples in time each has both orders
    both = EveryPersonOrder()(dict(clip(frames=8), num_clips=2))
    assert both['num_clips'] == 4 and both['keypoint'].shape[1] == 16
    out = FormatSkeleton(num_person=2)(both)
    np.testing.assert_allclose(out['keypoint'][2:, 0], out['keypoint'][:2, 1])


def test_one_person_stays_in_the_first_place():
    for given in (clip(1), clip(2)):
        given['keypoint_score'][1:] = 0
        given['keypoint'][1:] = 0
        out = FormatSkeleton(num_person=2)(EveryPersonOrder()(dict(given, num_clips=1)))
        assert out['keypoint'].shape == (2, 2, 4, 3, 2)
        assert (out['keypoint'][:, 0, 0, 0, 0] == 1).all() and (out['keypoint'][:, 1] == 0).all()


def test_four_persons_have_too_many_orders():
    with pytest.raises(ValueError, match='4 persons have 4! orders'):
        EveryPersonOrder(4)
