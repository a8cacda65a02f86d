"""The base class of pre-trainers."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.model import BaseModel
from torch import Tensor

from mmactrep.models.backbones.encoder import check_encoder
from mmactrep.registry import MODELS


class BasePretrainer(BaseModel):
    """A model with a ``backbone`` that is trained for its features. Subclasses have a ``loss``.

    Args:
        backbone (dict): Encoder E_V, see :class:`~mmactrep.models.SkeletonEncoder`.
        data_preprocessor (dict, optional): Defaults to mmaction2's, which stacks.
        init_cfg (dict, optional): MMEngine's initialization.

    Raises:
        TypeError: If the backbone is not such an encoder.
    """

    def __init__(
        self, backbone: dict, data_preprocessor: dict | None = None, init_cfg: dict | None = None
    ) -> None:
        super().__init__(
            data_preprocessor=data_preprocessor or dict(type='ActionDataPreprocessor'), init_cfg=init_cfg
        )
        self.backbone = MODELS.build(backbone)
        check_encoder(self.backbone, type(self).__name__)

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """E_Vs of clips (N, num_clips, M, T, V, C), averaged over the clips: (N, C')."""
        features = self.backbone.sequence_features(inputs.flatten(0, 1))
        return features.unflatten(0, inputs.shape[:2]).mean(dim=1)

    def forward(
        self, inputs: Tensor, data_samples: Sequence | None = None, mode: str = 'tensor'
    ) -> Tensor | dict[str, Tensor]:
        """MMEngine's entry: mode ``'loss'`` for training, ``'tensor'`` for features (N, C').

        Raises:
            ValueError: For another mode; a pre-trainer predicts nothing.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'tensor':
            return self.extract_feat(inputs)
        raise ValueError(f"a pre-trainer has the modes 'loss' and 'tensor', got {mode!r}")
