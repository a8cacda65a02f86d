"""The base class of pre-trainers."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.model import BaseModel
from torch import Tensor, nn

from mmactrep.models.backbones.encoder import check_encoder
from mmactrep.registry import MODELS


class BasePretrainer(BaseModel):
    """A model with a ``backbone`` that is trained for its features. Subclasses have a ``loss``.

    What depends on the modality of the clips are :meth:`check_backbone`, :meth:`frame_features` and
    :meth:`sequence_features`. Here they ask the encoder, which has the interface of
    :class:`~mmactrep.models.SkeletonEncoder`;
    :class:`~mmactrep.models.pretrainers.video.VideoFeatures` replaces them for the networks of videos.

    Args:
        backbone (dict): Encoder E_V.
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
        self.check_backbone()

    def check_backbone(self) -> None:
        """Refuse a backbone that the methods below cannot use.

        Raises:
            TypeError: With what it lacks.
        """
        check_encoder(self.backbone, type(self).__name__)

    def frame_features(self, backbone: nn.Module, clips: Tensor) -> Tensor:
        """E_Vf of clips (B, ...) by the backbone or a copy of it: (B, T', C')."""
        return backbone.frame_features(clips)

    def sequence_features(self, clips: Tensor) -> Tensor:
        """E_Vs of clips (B, ...): (B, C')."""
        return self.backbone.sequence_features(clips)

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """E_Vs of samples (N, num_clips, ...), averaged over their clips: (N, C')."""
        features = self.sequence_features(inputs.flatten(0, 1))
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
