"""The queue against a plain list that forgets its oldest entries."""

from __future__ import annotations

from collections import deque

import pytest
import torch

from mmactrep.models.contrast.queue import FeatureQueue


@pytest.mark.parametrize('shape', [(3,), (4, 3)])
def test_it_holds_the_newest_keys(shape):
    """Batches that do not divide the size, and one that is larger than the queue."""
    queue = FeatureQueue(7, shape, num_instances=2)
    newest = deque([(row.clone(), (-1, -1)) for row in queue.features], maxlen=7)
    count = 0
    for size in (3, 3, 5, 7, 16, 1):
        keys = torch.randn(size, *shape)
        instances = torch.stack([torch.arange(count, count + size), torch.arange(size)], dim=1)
        count += size
        queue.enqueue(keys, instances)
        newest.extend((key, tuple(pair.tolist())) for key, pair in zip(keys, instances))
        # the oldest entry lies where the pointer stands
        order = (int(queue.pointer) + torch.arange(7)) % 7
        assert torch.equal(queue.features[order], torch.stack([key for key, _ in newest]))
        assert [tuple(map(int, pair)) for pair in queue.instances[order]] == [pair for _, pair in newest]


def test_it_begins_with_unit_vectors_of_no_instance():
    queue = FeatureQueue(5, (2, 3))
    torch.testing.assert_close(queue.features.norm(dim=-1), torch.ones(5, 2))
    assert (queue.instances == -1).all()


def test_state_is_kept():
    first, second = FeatureQueue(5, (3,)), FeatureQueue(5, (3,))
    first.enqueue(torch.randn(3, 3), torch.tensor([[10**9 + 1], [2], [3]]))
    second.load_state_dict(first.state_dict())
    keys = torch.randn(4, 3)
    for queue in (first, second):
        queue.enqueue(keys)
    assert all(torch.equal(a, b) for a, b in zip(first.buffers(), second.buffers()))
    assert int(first.pointer) == 2


def test_wrong_keys():
    with pytest.raises(ValueError, match=r'keys of shape \(4, 3\), found keys \(2, 5, 3\)'):
        FeatureQueue(6, (4, 3)).enqueue(torch.randn(2, 5, 3))
    with pytest.raises(ValueError, match='at least one key, got size 0'):
        FeatureQueue(0, (3,))
