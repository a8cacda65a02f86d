"""What pre-trainings with a momentum encoder share: views of a clip, and their embeddings."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmactrep.models.backbones.encoder import count_feature_frames
from mmactrep.models.contrast.gathering import Batch, check_equal_batches, map_batch
from mmactrep.models.contrast.momentum_encoder import MomentumEncoder
from mmactrep.registry import MODELS

from .base import BasePretrainer
from .views import Views, clip_times, sample_instances


class MomentumPretrainer(BasePretrainer):
    """Views of a clip are embedded by an encoder and by its moving average. Subclasses compare them.

    The encoder is backbone, pooling, time module if there is one, and projection head. Nothing here depends
    on what a clip is: see :class:`BasePretrainer` for that.

    Args:
        backbone (dict): Encoder E_V.
        neck (dict): Projection head φ of sequence features E_Vs.
        frame_neck (dict, optional): Projection head of frame features E_Vf. Without it there are no frame
            embeddings.
        augmentation (dict, optional): A module from clips to clips, applied to every view.
        time (dict, optional): Module from sequence features and times to time-aware ones, between pooling
            and projection head (:class:`~mmactrep.models.necks.LatentTimeNavigation`). Samples then need
            ``clip_times`` in their metadata.
        num_positives (int): P, views of a clip besides the query. Defaults to 1.
        temporal_sample_rate (int): Input frames per frame embedding. Defaults to 4.
        mask_same_instance (bool): Whether views are traced to their clips, which needs ``sample_idx`` in the
            data samples. Defaults to True.
        data_preprocessor (dict, optional): Defaults to mmaction2's, which stacks.
        init_cfg (dict, optional): MMEngine's initialization.

    Raises:
        ValueError: If ``num_positives`` or ``temporal_sample_rate`` is less than 1.
    """

    momentum_encoder: MomentumEncoder

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        frame_neck: dict | None = None,
        augmentation: dict | None = None,
        time: dict | None = None,
        num_positives: int = 1,
        temporal_sample_rate: int = 4,
        mask_same_instance: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(backbone, data_preprocessor, init_cfg)
        if num_positives < 1 or temporal_sample_rate < 1:
            raise ValueError(
                'num_positives and temporal_sample_rate must be at least 1, got '
                f'{num_positives} and {temporal_sample_rate}'
            )
        self.num_positives = num_positives
        self.temporal_sample_rate = temporal_sample_rate
        self.mask_same_instance = mask_same_instance
        self.time = None if time is None else MODELS.build(time)
        self.neck = MODELS.build(neck)
        self.frame_neck = None if frame_neck is None else MODELS.build(frame_neck)
        self.augmentation = None if augmentation is None else MODELS.build(augmentation)

    def _encoder(self) -> nn.ModuleDict:
        """The modules that the momentum encoder averages."""
        parts = dict(backbone=self.backbone, time=self.time, neck=self.neck, frame_neck=self.frame_neck)
        return nn.ModuleDict({name: part for name, part in parts.items() if part is not None})

    def _frame_step(self, features: int, length: int) -> int:
        return max(1, self.temporal_sample_rate * features // length)

    def _sampled_frames(self, length: int) -> int:
        features = count_feature_frames(self.backbone, length)
        return len(range(0, features, self._frame_step(features, length)))

    def project(self, encoder: nn.ModuleDict, views: Batch) -> dict[str, Tensor]:
        """φ(E_Vs) and φ(E_Vf) of Eq. 4.8; with a time module φ(f*) of Eq. 5.7.

        Args:
            encoder: Modules ``backbone``, ``neck`` and optionally ``time`` and ``frame_neck``.
            views: Clips (B, ...), for example (B, M, T, V, C); with a time module by name, ``clips`` and
                ``times`` (B, 3).

        Returns:
            ``sequence`` (B, D) and, with a frame neck, ``frame`` (B, F, D) of every sampled frame.

        Raises:
            ValueError: If a time module gets no times.
        """
        clips = views if isinstance(views, Tensor) else views['clips']
        frames = self.frame_features(encoder['backbone'], clips)
        features = frames.mean(dim=1)
        if 'time' in encoder:
            if isinstance(views, Tensor):
                raise ValueError(f'views of {type(self).__name__} have no times, its time module needs them')
            features = encoder['time'](features, views['times'])
        projected = dict(sequence=encoder['neck'](features))
        if 'frame_neck' in encoder:
            step = self._frame_step(frames.shape[1], clips.shape[2])
            projected['frame'] = encoder['frame_neck'](frames[:, ::step])
        return projected

    def embed(self, encoder: nn.ModuleDict, views: Batch) -> dict[str, Tensor]:
        """Unit vectors of :meth:`project`, float32."""
        return map_batch(lambda x: F.normalize(x.float(), dim=-1), self.project(encoder, views))

    def make_views(self, inputs: Tensor, data_samples: Sequence | None) -> Views:
        """Query and keys of a batch: the clips of a sample, or augmentations of its single one.

        Args:
            inputs: (N, num_clips, ...), for example (N, num_clips, M, T, V, C).
            data_samples: mmaction2's data samples, with ``sample_idx`` in their metadata.

        Raises:
            ValueError: If the number of clips does not fit, or metadata that are needed are absent.
        """
        instances = sample_instances(data_samples, inputs, self.mask_same_instance)[:, None]
        times = None if self.time is None else clip_times(data_samples, inputs)
        number = inputs.shape[1]
        if number == 1 and self.augmentation is not None:
            inputs = inputs.expand(-1, 1 + self.num_positives, *[-1] * (inputs.dim() - 2))
            times = times if times is None else times.expand(-1, 1 + self.num_positives, -1)
        elif number != 1 + self.num_positives:
            raise ValueError(
                f'{self.num_positives} positives need samples of {1 + self.num_positives} clips, or of one '
                f'and an augmentation; found {number} clips'
            )
        if self.augmentation is not None:
            inputs = self.augmentation(inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])
        views = inputs if times is None else dict(clips=inputs, times=times)
        query, keys = map_batch(lambda x: x[:, 0], views), map_batch(lambda x: x[:, 1:], views)
        return Views(query, keys, dict(instances=instances))

    def prepare(self, inputs: Tensor, data_samples: Sequence | None) -> Views:
        """:meth:`make_views` of a batch as large as that of every other process, without gradient."""
        check_equal_batches(len(inputs), inputs.device)
        with torch.no_grad():
            return self.make_views(inputs, data_samples)
