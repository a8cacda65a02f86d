"""Contrastive pre-training with a momentum encoder and a queue (MoCo), at sequence and frame level."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mmactrep.models.contrast.gathering import (
    Batch,
    batch_size,
    gather,
    map_batch,
    own_share,
    shuffle_batch,
    unshuffle_batch,
)
from mmactrep.models.contrast.momentum_encoder import MomentumEncoder
from mmactrep.models.contrast.queue import FeatureQueue
from mmactrep.registry import MODELS

from .momentum import MomentumPretrainer
from .views import Views, instance_overlap


@MODELS.register_module()
class ContrastivePretrainer(MomentumPretrainer):
    """MoCo with several positives and, optionally, a frame loss (thesis, 4.3.2).

    A query is encoded by the encoder, its positives by the momentum encoder, and all keys go into the queue.
    By itself this is plain contrastive learning (L0 of Table 4.7): query and keys are views of one clip,
    either the clips of a sample (the first is the query, the others its keys) or, if the pipeline gives a
    single one, augmentations of it. Subclasses make other views: see :meth:`make_views`.

    A checkpoint loads into a recognizer unchanged (``load_from``): the encoder is ``backbone``.
    ``tools/model_converters/extract_backbone.py`` removes the rest.

    Args:
        backbone (dict): Encoder E_V.
        neck (dict): Projection head φ of sequence features E_Vs.
        frame_neck (dict, optional): Projection head of frame features E_Vf. Without it there is no frame
            loss (Eq. 4.7).
        augmentation (dict, optional): A module from clips to clips, applied to every view.
        loss (dict): Arguments of ``InfoNCE``. Defaults to a temperature of 0.1.
        frame_loss (dict, optional): The same for frames. Defaults to ``loss``.
        queue_size (int): K. Defaults to 8192.
        momentum (float): m_base; ``MomentumScheduleHook`` moves it to 1. Defaults to 0.994.
        clip_length (int): T of the clips, for the size of the frame queue. Needed with ``frame_neck``.
        enqueue_all (bool): Whether all P keys go into the queue, or only the first. Defaults to True.
        **kwargs: ``num_positives`` P, ``temporal_sample_rate`` and further arguments of
            :class:`~mmactrep.models.pretrainers.momentum.MomentumPretrainer`. With ``mask_same_instance``
            (the default), keys in the queue that share a clip with the query are no negatives of it.

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
        queue_size: int = 8192,
        momentum: float = 0.994,
        clip_length: int | None = None,
        enqueue_all: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(backbone, neck, frame_neck, augmentation, **kwargs)
        if frame_neck is not None and clip_length is None:
            raise ValueError('the frame loss needs clip_length, the frames of a clip')
        self.enqueue_all = enqueue_all

        loss = dict(type='InfoNCE', temperature=0.1) | dict(loss or {})
        self.sequence_loss = MODELS.build(loss)
        self.frame_loss = MODELS.build(loss | dict(frame_loss or {}))

        self.momentum_encoder = MomentumEncoder(self._encoder(), momentum)
        self.queue = FeatureQueue(queue_size, (self.neck.out_channels,), **self.empty_extras())
        self.frame_queue = None
        if self.frame_neck is not None:
            shape = (self._sampled_frames(clip_length), self.frame_neck.out_channels)
            self.frame_queue = FeatureQueue(queue_size, shape, **self.empty_extras())

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
        views = self.prepare(inputs, data_samples)
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
