"""ViA's autoencoder: a visual encoder whose features are split into motion and static (thesis 4.6)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mmactrep.models.backbones.encoder import check_encoder, count_feature_frames
from mmactrep.models.clip_normalization import box_normalize_batch
from mmactrep.models.layers.orthogonal_dictionary import MotionCode, OrthogonalDictionary
from mmactrep.registry import MODELS
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.motion_representation import from_motion

from .motion_autoencoder import BaseMotionAutoencoder
from .motion_networks import MIN_LENGTH, MotionDecoder


@MODELS.register_module()
class ViAAutoencoder(BaseMotionAutoencoder):
    """View-invariant action representation by motion retargeting (thesis 4.4 and 4.6).

    The encoder is the one used for recognition, here UNIK up to its frame features r_{m,c} (T', C'), pooled
    over joints alone. On a learnable orthonormal set of K directions, D_c, the mean of r_{m,c} over time has
    the magnitudes A_c, which describe body and viewpoint: r_c = D_c A_c. The rest, r_m = r_{m,c} - r_c, is
    the motion of a canonical body in a canonical view. A temporal decoder generates a sequence from r_m +
    r_c, whichever sequences the two come from.

    It has the interface of LAC's generator: the magnitudes of 'Motion' are r_m itself. The encoder sees each
    person normalized by a box of their own, as the transform ``BoxNormalize`` does it with
    ``per_person=True``: a recognizer that takes the encoder over needs this transform. The decoder generates
    root-centered motion.

    Args:
        backbone: Config of the encoder, for one person.
        layout: Layout of the skeletons. Defaults to 'posetics17'.
        in_channels: C, 2 or 3 coordinates. Defaults to 2.
        num_static: K directions of D_c. Defaults to 32.
        learnable: Whether D_c is learned; a fixed subspace is "w/o D_c" of Table 4.13. Defaults to True.
        decoder_channels: Widths of all but the last of the decoder's convolutions. Defaults to (128, 96, 64).
        dropout: Dropout rate in the decoder. Defaults to 0.
        init_cfg: MMEngine's initialization.

    Raises:
        ValueError: If the encoder's stride is not a power of 2 that the decoder can undo.
    """

    def __init__(
        self,
        backbone: dict,
        layout: str | dict | SkeletonLayout = 'posetics17',
        in_channels: int = 2,
        num_static: int = 32,
        learnable: bool = True,
        decoder_channels: Sequence[int] = (128, 96, 64),
        dropout: float = 0.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(layout, in_channels, init_cfg)
        self.backbone = MODELS.build(backbone)
        check_encoder(self.backbone, type(self).__name__)
        self.stride = self.backbone.temporal_stride
        doublings = self.stride.bit_length() - 1
        if 2**doublings != self.stride or self.stride > 8 or doublings > len(decoder_channels):
            raise ValueError(
                'the decoder undoes temporal strides of 1, 2, 4 or 8 with a convolution per doubling, found '
                f'a stride of {self.stride} and decoder_channels {tuple(decoder_channels)}'
            )
        self.num_motion, self.num_static = self.backbone.feature_channels, num_static
        self.dictionary = OrthogonalDictionary(self.num_motion, num_static, learnable)
        widths = (*decoder_channels, self.num_channels)
        self.decoder = MotionDecoder(self.num_motion, widths, dropout=dropout, doublings=doublings)

    def features(self, x: Tensor) -> Tensor:
        """r_{m,c} of standardized motion (N, V·C, T): (N, C', T'), as the encoder gives it for a clip.

        The poses of a motion shorter than the decoder's minimum are completed by the last one. They are not
        part of the box.
        """
        keypoint = box_normalize_batch(from_motion(self.restore(x.float()), self.layout)[:, None])
        missing = MIN_LENGTH - keypoint.shape[2]
        if missing > 0:
            held = keypoint[:, :, -1:].expand(-1, -1, missing, -1, -1)
            keypoint = torch.cat([keypoint, held], dim=2)
        return self.backbone.frame_features(keypoint).transpose(1, 2)

    @staticmethod
    def _pad(x: Tensor) -> Tensor:
        # Repeating a motion's last frame repeats its velocity too: the person would drift out of the box.
        return x

    def _encode(self, x: Tensor) -> MotionCode:
        features = self.features(x)
        with torch.autocast(x.device.type, enabled=False):
            directions, features = self.dictionary(), features.float()
            steps = count_feature_frames(self.backbone, x.shape[2])
            static = features[:, :, :steps].mean(dim=2) @ directions
            return MotionCode(features - (static @ directions.T)[:, :, None], static)

    def _decode(self, code: MotionCode) -> Tensor:
        with torch.autocast(code.motion.device.type, enabled=False):
            combined = code.motion.float() + (code.static.float() @ self.dictionary().T)[:, :, None]
        return self.decoder(combined)
