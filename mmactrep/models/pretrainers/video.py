"""Pre-training on videos: the contrast of skeletons, with 3D networks (thesis, chapter 5)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmactrep.registry import MODELS

from .byol import BYOL
from .moco import ContrastivePretrainer


def pool_video(feature_map: Tensor) -> Tensor:
    """Pool a feature map (B, C', T', H', W') over the picture: (B, T', C') float32.

    Raises:
        TypeError: If it is something else; networks with several outputs are not supported.
    """
    if not isinstance(feature_map, Tensor) or feature_map.dim() != 5:
        found = type(feature_map).__name__
        found = f'{found} {tuple(feature_map.shape)}' if isinstance(feature_map, Tensor) else found
        raise TypeError(f"expected a 3D network with one feature map (B, C', T', H', W'), found {found}")
    # rounded to bfloat16, a mean that is large against its deviation would lose most of the difference
    return feature_map.mean(dim=(3, 4), dtype=torch.float32).transpose(1, 2)


class VideoFeatures:
    """Mixin for :class:`~mmactrep.models.pretrainers.base.BasePretrainer`: clips are videos (B, 3, T, H, W).

    The backbone is one of mmaction2's 3D networks, for example ``ResNet3dSlowOnly``; features are its feature
    map, pooled.
    """

    def check_backbone(self) -> None:
        """Any network may be used; what it gives is checked where it is pooled."""

    def frame_features(self, backbone: nn.Module, clips: Tensor) -> Tensor:
        """E_Vf of clips (B, 3, T, H, W): (B, T', C')."""
        return pool_video(backbone(clips))

    def sequence_features(self, clips: Tensor) -> Tensor:
        """f of clips (B, 3, T, H, W): (B, C')."""
        return self.frame_features(self.backbone, clips).mean(dim=1)


@MODELS.register_module()
class VideoPretrainer(VideoFeatures, ContrastivePretrainer):
    """MoCo on clips of videos: a query and P positives from one video, all keys enqueued (Eq. 5.6, 5.7).

    With ``time``, a ``LatentTimeNavigation``, this is LTN; without, the baseline of Tables 5.1 and 5.2. The
    samples have 1 + P clips, inputs (1 + P, 3, T, H, W), and in their metadata ``clip_times`` (1 + P, 3):
    start, end and length of each in seconds; with ``mask_same_instance`` also ``sample_idx``. The first clip
    is the query. A checkpoint loads into ``Recognizer3D`` (``load_from``): f alone is used, the time module
    is left out.

    Args:
        backbone (dict): Visual encoder f, a 3D network of mmaction2.
        neck (dict): Projection head φ of Eq. 5.7.
        time (dict, optional): Time module.
        **kwargs: Arguments of :class:`ContrastivePretrainer`.
    """


@MODELS.register_module()
class VideoBYOL(VideoFeatures, BYOL):
    """BYOL on clips of videos, as :class:`VideoPretrainer` otherwise (Table 5.2).

    Args:
        backbone (dict): Visual encoder f, a 3D network of mmaction2.
        neck (dict): Projection head.
        predictor (dict): Predictor.
        **kwargs: Arguments of :class:`BYOL`.
    """
