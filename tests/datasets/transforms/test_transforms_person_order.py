import numpy as np
import pytest
import torch

from mmactrep.datasets.transforms import EveryPersonOrder, FormatSkeleton, RelativeToPartner, ShufflePersons
from mmactrep.models.heads.statistics_head import PersonStatisticsHead, person_statistics


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


def test_each_is_seen_from_the_middle_of_the_other():
    keypoint = np.zeros((2, 3, 2, 2), np.float32)
    keypoint[0] = [[1, 1], [3, 1]]  # middle (2, 1)
    keypoint[1] = [[5, 1], [5, 3]]  # middle (5, 2)
    score = np.ones((2, 3, 2), np.float32)
    score[1, 2] = 0  # not seen in the last frame: the nearest frame tells where they are
    keypoint[1, 2] = 0
    out = RelativeToPartner()(dict(keypoint=keypoint, keypoint_score=score))['keypoint']
    np.testing.assert_allclose(out[0, 0], [[-4, -1], [-2, -1]])
    np.testing.assert_allclose(out[0, 2], out[0, 0])
    np.testing.assert_allclose(out[1, 0], [[3, 0], [3, 2]])
    assert (out[1, 2] == 0).all()


def test_whoever_is_alone_stays():
    given = clip(1)
    np.testing.assert_array_equal(RelativeToPartner()(dict(given))['keypoint'], given['keypoint'])
    given = clip(2)
    given['keypoint_score'][1] = 0
    given['keypoint'][1] = 0
    np.testing.assert_array_equal(RelativeToPartner()(dict(given))['keypoint'], given['keypoint'])


def test_the_head_does_not_know_an_order_of_persons():
    torch.manual_seed(0)
    head = PersonStatisticsHead(3, 4).eval()
    torch.nn.init.normal_(head.fc.weight)
    x = torch.randn(5, 2, 4, 6, 7)
    torch.testing.assert_close(head(x), head(x.flip(1)))
    found = person_statistics(x)
    a, b = x.mean(dim=4)[:, 0], x.mean(dim=4)[:, 1]
    torch.testing.assert_close(found[:, :4], (a.mean(2) + b.mean(2)) / 2)
    torch.testing.assert_close(found[:, 4:8], (a.amax(2) + b.amax(2)) / 2)
    torch.testing.assert_close(found[:, 8:12], (a.mean(2) - b.mean(2)).abs() / 2)
    # a single person has no spread
    assert (person_statistics(x[:, :1])[:, 8:] == 0).all()
