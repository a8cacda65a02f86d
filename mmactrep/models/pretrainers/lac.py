"""LAC: contrastive pre-training on latent action composition (thesis, 4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mmactrep.registry import MODELS

from .composition import MotionComposer
from .moco import ContrastivePretrainer
from .views import Views, sample_instances


@MODELS.register_module()
class LAC(ContrastivePretrainer):
    """Queries are composed sequences; positives have the same motion and other statics.

    The rows of Table 4.7: L0 is :class:`ContrastivePretrainer` with an augmentation; L1 is this class with
    ``num_motions`` 2 or 3 and no ``frame_neck``; L2 has one. ``num_motions=1`` only exchanges statics.

    A composed sequence is made of several clips: keys in the queue that share any of them with the query
    are not negatives of it.

    With the composer's ``original_fraction``, some queries are real clips. The keys of such a query are
    generated, and a generator loses detail; with ``real_key`` the first of them is the real clip, augmented
    by itself, as in plain contrastive learning.

    Args:
        composer (dict): Arguments of :class:`MotionComposer`.
        num_positives (int): P. Defaults to 4.
        real_key (bool): Whether the first key of a query that is a real clip is that clip. Needs an
            ``augmentation``, without which the two would be the same. Defaults to False.
        **kwargs: Arguments of :class:`ContrastivePretrainer`.

    Raises:
        ValueError: If ``real_key`` is set without an augmentation.
    """

    def __init__(self, composer: dict, num_positives: int = 4, real_key: bool = False, **kwargs) -> None:
        if real_key and kwargs.get('augmentation') is None:
            raise ValueError('real_key needs an augmentation: query and key would be the same clip')
        self.num_instances = composer.get('num_motions', 2)
        super().__init__(num_positives=num_positives, **kwargs)
        self.composer = MotionComposer(**composer)
        self.real_key = real_key

    def make_views(self, inputs: Tensor, data_samples: Sequence | None) -> Views:
        """Compose within the batch of this process, then augment every view independently.

        Raises:
            ValueError: If samples have more than one clip.
        """
        if inputs.shape[1] != 1:
            raise ValueError(f'LAC composes samples of one clip, found inputs {tuple(inputs.shape)}')
        own = sample_instances(data_samples, inputs, self.mask_same_instance)
        clips = inputs[:, 0]
        query, keys, partners, original = self.composer(clips, self.num_positives)
        if self.real_key:
            keys[original, 0] = clips[original]
        instances = torch.cat([own[:, None], own[partners]], dim=1)
        views = torch.cat([query[:, None], keys], dim=1)
        if self.augmentation is not None:
            views = self.augmentation(views.flatten(0, 1)).unflatten(0, views.shape[:2])
        return Views(views[:, 0], views[:, 1:], dict(instances=instances))
