"""The queue against a plain list that forgets its oldest entries."""

from __future__ import annotations

from collections import deque

import pytest
import torch

from mmactrep.models.contrast.queue import FeatureQueue

NONE = torch.tensor([-1])


@pytest.mark.parametrize('shape', [(3,), (4, 3)])
def test_it_holds_the_newest_keys(shape):
    """Batches that do not divide the size, and one that is larger than the queue."""
    queue = FeatureQueue(7, shape, instances=NONE.expand(2))
    newest = deque([(row.clone(), (-1, -1)) for row in queue.features], maxlen=7)
    count = 0
    for size in (3, 3, 5, 7, 16, 1):
        keys = torch.randn(size, *shape)
        instances = torch.stack([torch.arange(count, count + size), torch.arange(size)], dim=1)
        count += size
        queue.enqueue(keys, instances=instances)
        newest.extend((key, tuple(pair.tolist())) for key, pair in zip(keys, instances))
        # the oldest entry lies where the pointer stands
        order = (int(queue.pointer) + torch.arange(7)) % 7
        assert torch.equal(queue.features[order], torch.stack([key for key, _ in newest]))
        assert [tuple(map(int, pair)) for pair in queue.instances[order]] == [pair for _, pair in newest]


def test_it_begins_with_unit_vectors_of_no_instance():
    queue = FeatureQueue(5, (2, 3), instances=NONE)
    torch.testing.assert_close(queue.features.norm(dim=-1), torch.ones(5, 2))
    assert (queue.instances == -1).all()


def test_state_is_kept():
    first, second = (FeatureQueue(5, (3,), instances=NONE) for _ in range(2))
    first.enqueue(torch.randn(3, 3), instances=torch.tensor([[10**9 + 1], [2], [3]]))
    second.load_state_dict(first.state_dict())
    keys = torch.randn(4, 3)
    for queue in (first, second):
        queue.enqueue(keys)
    assert all(torch.equal(a, b) for a, b in zip(first.buffers(), second.buffers()))
    assert int(first.pointer) == 2


def test_whatever_travels_along_keeps_its_place_shape_and_type():
    empty = dict(label=torch.tensor(-1), time=torch.full((3,), 0.5), seen=torch.tensor([False, False]))
    queue = FeatureQueue(6, (2,), **empty)
    assert set(queue.state_dict()) == {'features', 'label', 'time', 'seen', 'pointer'}
    assert queue.extras['label'].tolist() == [-1] * 6 and (queue.extras['time'] == 0.5).all()
    keys, label = torch.randn(4, 2), torch.tensor([7, 2**40 + 1, 9, 3])
    time, seen = torch.rand(4, 3), torch.tensor([[True, False]] * 4)
    queue.enqueue(keys, label=label, time=time, seen=seen)
    queue.enqueue(keys[:3], label=label[:3] + 10)  # its last key takes the place of the oldest
    found = queue.extras
    assert {name: value.dtype for name, value in found.items()} == {n: v.dtype for n, v in empty.items()}
    assert found['label'].tolist() == [19, 2**40 + 1, 9, 3, 17, 2**40 + 11]
    torch.testing.assert_close(found['time'][1:4], time[1:])
    assert (found['time'][[0, 4, 5]] == 0.5).all()
    assert found['seen'][:, 0].tolist() == [False, True, True, True, False, False]
    assert torch.equal(queue.features[0], keys[2])


def test_wrong_extras():
    queue = FeatureQueue(6, (2,), label=torch.tensor(-1))
    keys = torch.randn(4, 2)
    with pytest.raises(ValueError, match="the queue holds label, not 'time'"):
        queue.enqueue(keys, time=torch.zeros(4))
    with pytest.raises(ValueError, match=r"expected 'label' \(4,\), found \(3,\)"):
        queue.enqueue(keys, label=torch.zeros(3))
    assert int(queue.pointer) == 0
    with pytest.raises(ValueError, match="a queue has 'features' of its own"):
        FeatureQueue(6, (2,), features=torch.zeros(1))


def test_wrong_keys():
    with pytest.raises(ValueError, match=r'keys of shape \(4, 3\), found keys \(2, 5, 3\)'):
        FeatureQueue(6, (4, 3)).enqueue(torch.randn(2, 5, 3))
    with pytest.raises(ValueError, match='at least one key, got size 0'):
        FeatureQueue(0, (3,))
