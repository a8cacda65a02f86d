"""Probabilities, logits and features of a recognizer in one forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn


class RecognizerOutputs(NamedTuple):
    """Of N clips.

    Attributes:
        probabilities: (N, K), as the recognizer predicts them: a mean over the samples of a clip.
        logits: (N, K), a mean over the samples.
        features: (N, C'), what the last layer of the head takes, a mean over the samples.
    """

    probabilities: Tensor
    logits: Tensor
    features: Tensor


@torch.no_grad()
def recognizer_outputs(model: nn.Module, batch: dict) -> RecognizerOutputs:
    """Run a recognizer of mmaction2's interface on a batch.

    Args:
        model: In evaluation mode, with a ``cls_head`` that ends in a linear layer.
        batch: ``inputs`` and ``data_samples``, as a data loader gives them.

    Raises:
        ValueError: If the head has no linear layer.
    """
    taken: list[tuple[Tensor, Tensor]] = []
    with watching(last_linear(model.cls_head), taken):
        samples = model.test_step(batch)
    count = len(samples)
    features, logits = (torch.cat(each).float().unflatten(0, (count, -1)).mean(dim=1) for each in zip(*taken))
    probabilities = torch.stack([sample.pred_score.float().reshape(-1) for sample in samples])
    return RecognizerOutputs(probabilities, logits, features)


def last_linear(head: nn.Module) -> nn.Linear:
    """The layer of a head that gives the logits."""
    found = [module for module in head.modules() if isinstance(module, nn.Linear)]
    if not found:
        raise ValueError(f'{type(head).__name__} has no linear layer')
    return found[-1]


@contextmanager
def watching(layer: nn.Linear, taken: list[tuple[Tensor, Tensor]]) -> Iterator[None]:
    """Collect what a layer takes and gives."""
    handle = layer.register_forward_hook(lambda _, given, made: taken.append((given[0], made)))
    try:
        yield
    finally:
        handle.remove()
