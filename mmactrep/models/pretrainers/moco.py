"""Contrastive pre-training with a momentum encoder and a queue (MoCo), at sequence and frame level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmactrep.models.backbones.encoder import count_feature_frames
from mmactrep.models.contrast.gathering import (
    Batch,
    batch_size,
    check_equal_batches,
    gather,
    map_batch,
    own_share,
    shuffle_batch,
    unshuffle_batch,
)
from mmactrep.models.contrast.momentum_encoder import MomentumEncoder
from mmactrep.models.contrast.queue import FeatureQueue
from mmactrep.registry import MODELS

from .base import BasePretrainer


class Views(NamedTuple):
    """What the loss compares. Both are batches for :meth:`ContrastivePretrainer.embed`.

    Attributes:
        query: (N, ...), for example clips (N, M, T, V, C).
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
            'negatives of the same instance cannot be told without sample_idx: the pipeline needs '
            "PackSkeletonInputs(meta_keys=('frame_dir', 'sample_idx')), or the model mask_same_instance=False"
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


@MODELS.register_module()
class ContrastivePretrainer(BasePretrainer):
    """MoCo on skeleton sequences with several positives and, optionally, a frame loss (thesis, 4.3.2).

    A query is encoded by the encoder, its positives by the momentum encoder, and all keys go into the queue.
    By itself this is plain contrastive learning (L0 of Table 4.7): query and keys are views of one clip,
    either the clips of a sample (the first is the query, the others its keys) or, if the pipeline gives a
    single one, augmentations of it. Subclasses make other views: see :meth:`make_views`.

    A checkpoint loads into ``RecognizerGCN`` unchanged (``load_from``): the encoder is ``backbone``.
    ``tools/model_converters/extract_backbone.py`` removes the rest.

    Args:
        backbone (dict): Encoder E_V, see :class:`~mmactrep.models.SkeletonEncoder`.
        neck (dict): Projection head φ of sequence features E_Vs.
        frame_neck (dict, optional): Projection head of frame features E_Vf. Without it there is no frame
            loss (Eq. 4.7).
        augmentation (dict, optional): A module from clips to clips, applied to every view.
        loss (dict): Arguments of ``InfoNCE``. Defaults to a temperature of 0.1.
        frame_loss (dict, optional): The same for frames. Defaults to ``loss``.
        num_positives (int): P. Defaults to 1.
        queue_size (int): K. Defaults to 8192.
        momentum (float): m_base; ``MomentumScheduleHook`` moves it to 1. Defaults to 0.994.
        clip_length (int): T of the clips, for the size of the frame queue. Needed with ``frame_neck``.
        temporal_sample_rate (int): Input frames per frame of the frame loss; the feature map of a strided
            encoder is sampled accordingly more densely. Defaults to 4.
        mask_same_instance (bool): Whether keys in the queue that share a clip with the query are excluded
            from the negatives. Needs ``sample_idx`` in the data samples. Defaults to True.
        enqueue_all (bool): Whether all P keys go into the queue, or only the first. Defaults to True.
        data_preprocessor (dict, optional): Defaults to mmaction2's, which stacks.
        init_cfg (dict, optional): MMEngine's initialization.

    Raises:
        ValueError: If an argument or the encoder's output does not fit the others.
    """

    #: Number of clips from which a sequence is made.
    num_instances = 1

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        frame_neck: dict | None = None,
        augmentation: dict | None = None,
        loss: dict | None = None,
        frame_loss: dict | None = None,
        num_positives: int = 1,
        queue_size: int = 8192,
        momentum: float = 0.994,
        clip_length: int | None = None,
        temporal_sample_rate: int = 4,
        mask_same_instance: bool = True,
        enqueue_all: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(backbone, data_preprocessor, init_cfg)
        if num_positives < 1 or temporal_sample_rate < 1:
            raise ValueError(
                'num_positives and temporal_sample_rate must be at least 1, got '
                f'{num_positives} and {temporal_sample_rate}'
            )
        if frame_neck is not None and clip_length is None:
            raise ValueError('the frame loss needs clip_length, the frames of a clip')
        self.num_positives = num_positives
        self.temporal_sample_rate = temporal_sample_rate
        self.mask_same_instance = mask_same_instance
        self.enqueue_all = enqueue_all

        self.neck = MODELS.build(neck)
        self.frame_neck = None if frame_neck is None else MODELS.build(frame_neck)
        self.augmentation = None if augmentation is None else MODELS.build(augmentation)
        loss = dict(type='InfoNCE', temperature=0.1) | dict(loss or {})
        self.sequence_loss = MODELS.build(loss)
        self.frame_loss = MODELS.build(loss | dict(frame_loss or {}))

        self.momentum_encoder = MomentumEncoder(self._encoder(), momentum)
        self.queue = FeatureQueue(queue_size, (self.neck.out_channels,), **self.empty_extras())
        self.frame_queue = None
        if self.frame_neck is not None:
            shape = (self._sampled_frames(clip_length), self.frame_neck.out_channels)
            self.frame_queue = FeatureQueue(queue_size, shape, **self.empty_extras())

    def _encoder(self) -> nn.ModuleDict:
        """The modules that the momentum encoder averages."""
        parts = dict(backbone=self.backbone, neck=self.neck, frame_neck=self.frame_neck)
        return nn.ModuleDict({name: part for name, part in parts.items() if part is not None})

    def empty_extras(self) -> dict[str, Tensor]:
        """The values stored with the keys (``Views.extras``), as in an empty slot of the queue.

        Here ``instances`` (I,): positions in the data set of the clips from which a sequence is made, -1 if
        unknown.
        """
        return dict(instances=torch.full((self.num_instances,), -1))

    def ignored_keys(self, extras: dict[str, Tensor], queue: FeatureQueue) -> Tensor | None:
        """(N, K), which keys of the queue are not negatives of a query; None if all of them are negatives."""
        if not self.mask_same_instance:
            return None
        return instance_overlap(extras['instances'], queue.extras['instances'])

    def _frame_step(self, features: int, length: int) -> int:
        return max(1, self.temporal_sample_rate * features // length)

    def _sampled_frames(self, length: int) -> int:
        features = count_feature_frames(self.backbone, length)
        return len(range(0, features, self._frame_step(features, length)))

    def embed(self, encoder: nn.ModuleDict, clips: Tensor) -> dict[str, Tensor]:
        """Unit vectors φ(E_Vs) and φ(E_Vf) of Eq. 4.8.

        Args:
            encoder: Modules ``backbone``, ``neck`` and optionally ``frame_neck``.
            clips: (B, M, T, V, C).

        Returns:
            ``sequence`` (B, D) and, with a frame neck, ``frame`` (B, F, D) of every sampled frame; float32.
        """
        frames = encoder['backbone'].frame_features(clips)
        embedded = dict(sequence=encoder['neck'](frames.mean(dim=1)))
        if 'frame_neck' in encoder:
            step = self._frame_step(frames.shape[1], clips.shape[2])
            embedded['frame'] = encoder['frame_neck'](frames[:, ::step])
        return {name: F.normalize(value.float(), dim=-1) for name, value in embedded.items()}

    def make_views(self, inputs: Tensor, data_samples: Sequence | None) -> Views:
        """Query and keys of a batch.

        Args:
            inputs: (N, num_clips, M, T, V, C).
            data_samples: mmaction2's data samples, with ``sample_idx`` in their metadata.
        """
        instances = sample_instances(data_samples, inputs, self.mask_same_instance)[:, None]
        views = inputs.shape[1]
        if views == 1 and self.augmentation is not None:
            inputs = inputs.expand(-1, 1 + self.num_positives, *[-1] * (inputs.dim() - 2))
        elif views != 1 + self.num_positives:
            raise ValueError(
                f'{self.num_positives} positives need samples of {1 + self.num_positives} clips, or of one '
                f'and an augmentation; found {views} clips'
            )
        if self.augmentation is not None:
            inputs = self.augmentation(inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])
        return Views(inputs[:, 0], inputs[:, 1:], dict(instances=instances))

    @torch.no_grad()
    def embed_keys(self, keys: Batch) -> dict[str, Tensor]:
        """Embeddings of the keys (N, P, ...) of all processes by the momentum encoder: (W·N, P, ...) each."""
        first = keys if isinstance(keys, Tensor) else next(iter(keys.values()))
        batch, order = shuffle_batch(map_batch(lambda x: x.flatten(0, 1), keys))
        embedded = unshuffle_batch(self.embed(self.momentum_encoder.module, batch), order)
        return map_batch(lambda x: x.unflatten(0, (-1, first.shape[1])), embedded)

    def loss(self, inputs: Tensor, data_samples: Sequence | None = None) -> dict[str, Tensor]:
        """One step: L_q = L_q-s + L_q-f (Eq. 4.6, 4.7); moves the momentum encoder and the queues.

        Returns:
            ``loss_sequence``, ``loss_frame`` and, for the log, the share of queries with a positive nearest.
        """
        check_equal_batches(len(inputs), inputs.device)
        with torch.no_grad():
            views = self.make_views(inputs, data_samples)
        return self.contrast(self.embed(self._encoder(), views.query), views)

    def contrast(self, embedded: dict[str, Tensor], views: Views) -> dict[str, Tensor]:
        """Losses of embedded queries against the keys of their views; moves momentum encoder and queues."""
        query, keys, extras = views
        self.momentum_encoder.update_parameters(self._encoder())
        all_keys, all_extras = self.embed_keys(keys), gather(extras)
        positives = own_share(all_keys, batch_size(query))

        losses = {}
        for name, queue, criterion in (
            ('sequence', self.queue, self.sequence_loss),
            ('frame', self.frame_queue, self.frame_loss),
        ):
            if queue is not None:
                ignore = self.ignored_keys(extras, queue)
                loss, accuracy = criterion(embedded[name], positives[name], queue.features.clone(), ignore)
                losses |= {f'loss_{name}': loss, f'acc_{name}': accuracy}
                kept = all_keys[name] if self.enqueue_all else all_keys[name][:, :1]
                repeated = map_batch(lambda x, times=kept.shape[1]: x.repeat_interleave(times, 0), all_extras)
                queue.enqueue(kept.flatten(0, 1), **repeated)
        return losses
