"""Two processes with half of a batch each have the gradients of one process with the whole of it."""

from __future__ import annotations

import os
import socket

import torch
import torch.multiprocessing as mp
from mmaction.structures import ActionDataSample
from mmengine.registry import init_default_scope
from torch import nn

from mmactrep.engine import CPUDistributedDataParallel
from mmactrep.registry import MODELS

BATCH = 6


def build_model() -> nn.Module:
    """A small UNIK classifier, the same in every process, with its batch norms frozen."""
    init_default_scope('mmactrep')
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='RecognizerGCN',
            backbone=dict(type='UNIK', channels=(16, 32), strides=(1, 2), dilations=(1, 3), num_person=2),
            cls_head=dict(type='GCNHead', num_classes=4, in_channels=32),
        )
    )
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 0
            if module.weight.mean() < 0.5:
                nn.init.ones_(module.weight)
            module.eval()
    return model


def make_batch() -> tuple[torch.Tensor, list[ActionDataSample]]:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(BATCH, 1, 2, 20, 17, 2, generator=generator)
    return inputs, [ActionDataSample().set_gt_label(i % 4) for i in range(BATCH)]


def gradients(model: nn.Module, inputs: torch.Tensor, samples: list) -> dict[str, torch.Tensor]:
    losses = model(inputs, samples, mode='loss')
    losses['loss_cls'].backward()
    return {name.removeprefix('module.'): p.grad for name, p in model.named_parameters()}


def train_half(rank: int, port: int, queue) -> None:
    torch.set_num_threads(1)
    os.environ |= dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port))
    torch.distributed.init_process_group('gloo', rank=rank, world_size=2)
    inputs, samples = make_batch()
    model = CPUDistributedDataParallel(build_model(), device_ids=[rank])
    grads = gradients(model, inputs[rank::2], samples[rank::2])
    queue.put((rank, {name: grad.numpy() for name, grad in grads.items()}))
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


def test_averaged_gradients_are_those_of_the_global_batch():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    context = mp.get_context('fork')
    queue = context.Queue()
    processes = [context.Process(target=train_half, args=(rank, port, queue)) for rank in range(2)]
    for process in processes:
        process.start()
    halves = dict(queue.get(timeout=120) for _ in processes)
    for process in processes:
        process.join(60)
    expected = gradients(build_model(), *make_batch())
    assert halves[0].keys() == expected.keys()
    for name, gradient in expected.items():
        for rank in range(2):
            torch.testing.assert_close(torch.from_numpy(halves[rank][name]), gradient, rtol=1e-4, atol=1e-6)
    assert max(gradient.abs().max() for gradient in expected.values()) > 1e-3


def test_the_halves_differ():
    """The comparison above could not fail if both halves had the same gradients."""
    inputs, samples = make_batch()
    first = gradients(build_model(), inputs[::2], samples[::2])
    second = gradients(build_model(), inputs[1::2], samples[1::2])
    assert not torch.allclose(first['cls_head.fc.weight'], second['cls_head.fc.weight'], atol=1e-4)
