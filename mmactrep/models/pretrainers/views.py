"""Views that a pre-training compares, and what is known about the clips that they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mmactrep.models.contrast.gathering import Batch


class Views(NamedTuple):
    """What the loss compares. Both are batches for :meth:`MomentumPretrainer.embed`.

    Attributes:
        query: (N, ...), for example clips (N, M, T, V, C), or clips and their times by name.
        keys: (N, P, ...), the positives of each query.
        extras: (N, ...) by name, values of each query and its keys that are stored with the keys in the
            queue.
    """

    query: Batch
    keys: Batch
    extras: dict[str, Tensor]


def sample_instances(data_samples: Sequence | None, like: Tensor, required: bool) -> Tensor:
    """``sample_idx`` of every data sample, (N,) int64; -1 if it has none.

    Raises:
        ValueError: If they are required and absent.
    """
    found = [sample.metainfo.get('sample_idx', -1) for sample in data_samples or []]
    if required and (not found or min(found) < 0):
        raise ValueError(
            'negatives of the same instance cannot be told without sample_idx: the last step of the pipeline '
            "needs meta_keys=('frame_dir', 'sample_idx'), or the model mask_same_instance=False"
        )
    return torch.tensor(found or [-1] * len(like), dtype=torch.int64, device=like.device)


def instance_overlap(first: Tensor, second: Tensor) -> Tensor:
    """Which sequences have a motion of the same instance.

    Args:
        first: (N, I) instances from which each sequence is made; negative numbers mean none.
        second: (K, I') likewise.

    Returns:
        (N, K) booleans.
    """
    same = first[:, None, :, None] == second[None, :, None, :]
    return (same & (first[:, None, :, None] >= 0)).flatten(2).any(dim=2)


def clip_times(data_samples: Sequence | None, like: Tensor) -> Tensor:
    """``clip_times`` of every data sample: start, end and length of its clips in seconds.

    Args:
        data_samples: With ``clip_times`` (V, 3) in their metadata.
        like: Inputs (N, V, ...), on the device where the times go.

    Returns:
        (N, V, 3) float32.

    Raises:
        ValueError: If there are none, or not one for each clip, or one is not finite.
    """
    rows = []
    for number, sample in enumerate(data_samples or [None]):
        found = None if sample is None else sample.metainfo.get('clip_times')
        name = f'sample {number}' if sample is None else sample.metainfo.get('frame_dir', f'sample {number}')
        times = np.asarray([] if found is None else found, np.float32)
        if times.shape != (like.shape[1], 3) or not np.isfinite(times).all():
            raise ValueError(
                f"'{name}': expected clip_times of {like.shape[1]} clips, start, end and length in seconds, "
                f'found {"none" if found is None else f"{times.shape}: {times.tolist()}"}: a pipeline that '
                "samples several clips of a video gives them (meta_keys=(..., 'clip_times'))"
            )
        rows.append(torch.from_numpy(times))
    return torch.stack(rows).to(like.device)
