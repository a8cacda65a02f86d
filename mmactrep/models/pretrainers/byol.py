"""Pre-training with a momentum encoder and without negatives (BYOL)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mmactrep.models.contrast.gathering import map_batch
from mmactrep.models.contrast.momentum_encoder import MomentumEncoder
from mmactrep.registry import MODELS

from .momentum import MomentumPretrainer
from .views import Views


@MODELS.register_module()
class BYOL(MomentumPretrainer):
    """From a view's embedding a predictor tells the embeddings of the other views of the same clip.

    Predictions come from the encoder, what they should be from its moving average, without gradient. There is
    no queue and there are no negatives. In the symmetric form every one of the 1 + P views is predicted from
    every other one, which needs the gradients of all of them; otherwise all are predicted from the query.

    Args:
        backbone (dict): Encoder E_V.
        neck (dict): Projection head φ.
        predictor (dict): Head from projections to predictions of them.
        loss (dict): Arguments of ``CosineRegression``. Defaults to a temperature of 0.5: 2 - 2 cos.
        momentum (float): m_base; ``MomentumScheduleHook`` moves it to 1. Defaults to 0.996.
        symmetric (bool): Whether all views are predicted from each other. Defaults to True.
        **kwargs: ``num_positives`` P and further arguments of
            :class:`~mmactrep.models.pretrainers.momentum.MomentumPretrainer`.

    Raises:
        ValueError: If the predictor does not map projections to projections, or there is a frame neck.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        predictor: dict,
        loss: dict | None = None,
        momentum: float = 0.996,
        symmetric: bool = True,
        **kwargs,
    ) -> None:
        # negatives of the same clip are no concern where there are none
        super().__init__(backbone, neck, **{'mask_same_instance': False} | kwargs)
        if self.frame_neck is not None:
            raise ValueError('BYOL compares sequences alone: it has no frame_neck')
        self.predictor = MODELS.build(predictor)
        width = self.neck.out_channels
        if (self.predictor.in_channels, self.predictor.out_channels) != (width, width):
            raise ValueError(
                f'the predictor maps {self.predictor.in_channels} to {self.predictor.out_channels} channels, '
                f'the neck has {width}: it must map projections to projections'
            )
        self.symmetric = symmetric
        self.criterion = MODELS.build(dict(type='CosineRegression') | dict(loss or {}))
        self.momentum_encoder = MomentumEncoder(self._encoder(), momentum)

    def loss(self, inputs: Tensor, data_samples: Sequence | None = None) -> dict[str, Tensor]:
        """One step; moves the momentum encoder.

        Returns:
            ``loss_sequence`` and, for the log, ``spread``: the deviation of the embeddings' coordinates
            relative to that of random directions. It is 0 when all clips have become one point.
        """
        views = self.prepare(inputs, data_samples)
        self.momentum_encoder.update_parameters(self._encoder())
        every = join_views(views)
        predicted = every if self.symmetric else map_batch(lambda x: x[:, :1], every)
        with torch.no_grad():
            targets = self._each(lambda x: self.embed(self.momentum_encoder.module, x)['sequence'], every)
        predictions = self._each(
            lambda x: self.predictor(self.project(self._encoder(), x)['sequence']), predicted
        )
        spread = targets.flatten(0, 1).std(dim=0).mean() * targets.shape[-1] ** 0.5
        return dict(loss_sequence=self.criterion(predictions, targets), spread=spread)

    @staticmethod
    def _each(function, batch):
        """A function of views (B, ...) applied to batches (N, V, ...): (N, V, D)."""
        first = batch if isinstance(batch, Tensor) else next(iter(batch.values()))
        return function(map_batch(lambda x: x.flatten(0, 1), batch)).unflatten(0, first.shape[:2])


def join_views(views: Views):
    """Query and keys as one batch (N, 1 + P, ...), the query first."""
    query, keys, _ = views
    if isinstance(query, Tensor):
        return torch.cat([query[:, None], keys], dim=1)
    return {name: torch.cat([query[name][:, None], keys[name]], dim=1) for name in query}
