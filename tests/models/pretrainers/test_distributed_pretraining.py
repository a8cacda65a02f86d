"""Two processes with half of a batch each do what one process does with the whole of it."""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Callable

import pytest
import torch
import torch.multiprocessing as mp

from mmactrep.engine import CPUDistributedDataParallel
from mmactrep.models.contrast.gathering import (
    check_equal_batches,
    gather,
    shuffle_batch,
    unshuffle_batch,
)
from tests.helpers.pretraining import build, build_video, freeze_batch_norms, make_batch, make_videos

STEPS = 3


def build_skeletons():
    return build(queue_size=25)


def build_ltn():
    return build_video(queue_size=25)


def build_byol():
    return build_video('VideoBYOL')


#: What makes a model, and a batch of 6 for it.
KINDS = dict(
    skeletons=(build_skeletons, functools.partial(make_batch, clips=3)),
    ltn=(build_ltn, make_videos),
    byol=(build_byol, make_videos),
)


def step(model, inputs, samples):
    """One training step by hand: losses, gradients, and a move of the encoder along them."""
    model.zero_grad()
    losses = model(inputs, samples, mode='loss')
    sum(value for name, value in losses.items() if name.startswith('loss')).backward()
    trained = {n.removeprefix('module.'): p for n, p in model.named_parameters() if p.requires_grad}
    gradients = {name: parameter.grad.clone() for name, parameter in trained.items()}
    with torch.no_grad():
        for parameter in trained.values():
            parameter -= 0.1 * parameter.grad
    return {name: value.detach() for name, value in losses.items()}, gradients


def run_steps(model, batches, rank=0, world=1):
    results = []
    for seed in range(STEPS):
        inputs, samples = batches(count=6, seed=seed)
        share = slice(rank * 6 // world, (rank + 1) * 6 // world)
        results.append(step(model, inputs[share], samples[share]))
    state = {name.removeprefix('module.'): value for name, value in model.state_dict().items()}
    return results, state


def pretrain_half(rank, kind):
    torch.manual_seed(100 + rank)  # the processes draw different numbers, as with diff_rank_seed
    state = torch.get_rng_state()
    make, batches = KINDS[kind]
    model = freeze_batch_norms(make())
    torch.set_rng_state(state)
    return run_steps(CPUDistributedDataParallel(model), batches, rank, 2)


def exchange(rank):
    own = torch.arange(6.0).view(3, 2) + 10 * rank
    torch.manual_seed(rank)
    shuffled, order = shuffle_batch(own)
    restored = unshuffle_batch(shuffled, order)
    torch.manual_seed(rank)
    both, both_order = shuffle_batch(dict(clips=own, times=own[:, 0]))
    both = dict(shuffled=both, restored=unshuffle_batch(both, both_order))
    try:
        check_equal_batches(3 + rank, own.device)
        error = ''
    except ValueError as caught:
        error = str(caught)
    found = dict(shuffled=shuffled, order=order, restored=restored, gathered=gather(own), both=both)
    return found, error


def worker(function, rank, port, queue):
    torch.set_num_threads(1)
    os.environ |= dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port))
    torch.distributed.init_process_group('gloo', rank=rank, world_size=2)
    try:
        result = function(rank)
    finally:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
    queue.put((rank, to_numpy(result)))


def to_numpy(value):
    """Tensors as arrays: those of another process live no longer than it does."""
    if isinstance(value, torch.Tensor):
        return value.detach().numpy().copy()
    if isinstance(value, dict):
        return {key: to_numpy(item) for key, item in value.items()}
    return type(value)(map(to_numpy, value)) if isinstance(value, (list, tuple)) else value


def in_two_processes(function: Callable) -> list:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    context = mp.get_context('fork')
    queue = context.Queue()
    processes = [context.Process(target=worker, args=(function, rank, port, queue)) for rank in range(2)]
    for process in processes:
        process.start()
    results = dict(queue.get(timeout=120) for _ in processes)
    for process in processes:
        process.join(60)
    return [results[0], results[1]]


def close(found, expected, name):
    torch.testing.assert_close(
        torch.as_tensor(found), expected, rtol=1e-4, atol=2e-6, msg=lambda text: f'{name}: {text}'
    )


@pytest.mark.parametrize('kind', KINDS)
def test_queue_loss_and_gradients_are_those_of_the_global_batch(kind):
    halves = in_two_processes(functools.partial(pretrain_half, kind=kind))
    make, batches = KINDS[kind]
    results, state = run_steps(freeze_batch_norms(make()), batches)
    for number, (losses, gradients) in enumerate(results):
        for name, expected in losses.items():
            if name == 'spread':
                continue  # a deviation of half of the clips is not half of the deviation
            mean = sum(torch.as_tensor(half[0][number][0][name]) for half in halves) / 2
            close(mean, expected, f'{name} of step {number}')
        for half in halves:
            for name, expected in gradients.items():
                close(half[0][number][1][name], expected, f'gradient of {name} in step {number}')
    for half in halves:
        assert half[1].keys() == state.keys()
        for name, expected in state.items():
            close(half[1][name], expected, name)
    if kind != 'byol':
        assert int(state['queue.pointer']) == STEPS * 12 % 25
    assert max(gradient.abs().max() for gradient in results[-1][1].values()) > 1e-2


@pytest.mark.parametrize('kind', KINDS)
def test_the_halves_differ(kind):
    """The comparison above could not fail if both halves had the same losses and gradients."""
    make, batches = KINDS[kind]
    models = [freeze_batch_norms(make()) for _ in range(2)]
    first, second = (run_steps(model, batches, rank, 2) for rank, model in enumerate(models))
    (losses, gradients), (others, other_gradients) = first[0][0], second[0][0]
    assert abs(losses['loss_sequence'] / others['loss_sequence'] - 1) > 1e-3
    ours, theirs = (each['neck.layers.0.weight'] for each in (gradients, other_gradients))
    assert (ours - theirs).norm() > 0.1 * ours.norm()
    compared = 'neck.layers.0.weight' if kind == 'byol' else 'queue.features'
    assert not torch.allclose(first[1][compared], second[1][compared], atol=1e-3)


def test_exchange_between_processes():
    (first, first_error), (second, second_error) = in_two_processes(exchange)
    whole = torch.arange(6.0).view(3, 2)
    whole = torch.cat([whole, whole + 10])
    for result in (first, second):
        for name in ('restored', 'gathered'):
            assert torch.equal(torch.as_tensor(result[name]), whole)
    # one order for both, and with it the shares are a permutation of everything
    assert (first['order'] == second['order']).all() and sorted(first['order']) == list(range(6))
    shuffled = torch.cat([torch.as_tensor(r['shuffled']) for r in (first, second)])
    assert torch.equal(shuffled, whole[torch.as_tensor(first['order'])])
    for result in (first, second):  # what belongs together stays together
        both = result['both']
        assert (both['shuffled']['clips'] == result['shuffled']).all()
        assert (both['shuffled']['times'] == result['shuffled'][:, 0]).all()
        assert torch.equal(torch.as_tensor(both['restored']['times']), whole[:, 0])
    for error in (first_error, second_error):
        assert 'batches of [3, 4] samples' in error and 'drop_last' in error


def test_one_process_keeps_its_batch_and_draws_nothing():
    x, state = torch.randn(4, 3), torch.get_rng_state()
    shuffled, order = shuffle_batch(x)
    assert shuffled is x and order is None and unshuffle_batch(x, order) is x and gather(x) is x
    assert torch.equal(torch.get_rng_state(), state)
    check_equal_batches(4, x.device)
