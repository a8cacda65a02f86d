"""Classification of every frame."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmactrep.models.layers.dependency_unit import is_exporting
from mmactrep.registry import MODELS


def upsample_frames(values: Tensor, length: int, stride: int) -> Tensor:
    """Interpolate values at every ``stride``-th frame linearly to all frames.

    Strided convolutions with symmetric padding center their i-th output on frame ``i * stride``; frames
    after the last center keep its value.

    Args:
        values: (N, T', K).
        length: T, the number of frames in the result.
        stride: Frames from one value to the next; T' must be ceil(T / stride).

    Returns:
        (N, T, K).

    Raises:
        ValueError: If the lengths do not fit the stride.
    """
    # while exporting, the lengths are symbols whose two formulas cannot be compared
    if stride < 1 or (not is_exporting() and values.shape[1] != -(-length // stride)):
        raise ValueError(
            f'{length} frames at a temporal stride of {stride} give {-(-length // max(stride, 1))} feature '
            f"frames, found {values.shape[1]}: set the head's stride to the encoder's temporal stride"
        )
    if stride == 1:
        return values
    place = torch.arange(length, device=values.device) / stride
    before = place.long()
    after = (before + 1).clamp(max=values.shape[1] - 1)
    share = (place - before).to(values.dtype)[:, None]
    return torch.lerp(values[:, before], values[:, after], share)


@MODELS.register_module()
class FrameHead(BaseModule):
    """A fully connected layer on frame features E_Vf, one sigmoid per class (Table 4.1, stage 5; Eq. 2.7).

    Actions may co-occur, so classes are independent: binary cross-entropy, averaged over the valid frames of
    the batch and summed over classes. (Eq. 2.7 as printed has the term of the positive labels alone; a model
    that always says yes would then be perfect, so the term of the negatives is included.)

    Args:
        num_classes (int): K.
        in_channels (int): C' of the features. Defaults to 256.
        stride (int): Input frames per feature frame, the encoder's ``temporal_stride``. Logits are
            interpolated linearly to all frames. Defaults to 1.
        dropout (float): Dropout rate on the features. Defaults to 0.
        class_reduction (str): ``'sum'`` over classes as in Eq. 2.7, or ``'mean'``.
        pos_weight (float): Weight of positive labels, to offset their rarity. Defaults to 1.
        prior (float): Probability that the initial bias gives to every class; with rare labels, starting at
            0.5 wastes the first steps. Defaults to 0.5, a bias of 0.
        standardize (bool): Standardize every feature to mean 0 and deviation 1 by training statistics (a
            batch norm without weights). For linear evaluation: one learning rate then suits frozen encoders
            of any scale, including random ones. Defaults to False.
        init_cfg (dict, optional): MMEngine's initialization. Default: normal, deviation 0.01.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int = 256,
        stride: int = 1,
        dropout: float = 0.0,
        class_reduction: str = 'sum',
        pos_weight: float = 1.0,
        prior: float = 0.5,
        standardize: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg or dict(type='Normal', layer='Linear', std=0.01, bias=0.0))
        if not 0 < prior < 1 or pos_weight <= 0:
            raise ValueError(f'expected prior in (0, 1) and pos_weight positive, found {prior}, {pos_weight}')
        if class_reduction not in ('sum', 'mean'):
            raise ValueError(f"class_reduction must be 'sum' or 'mean', found {class_reduction!r}")
        self.num_classes = num_classes
        self.class_reduction = class_reduction
        self.in_channels = in_channels
        self.stride = stride
        self.pos_weight = pos_weight
        self.prior = prior
        self.norm = nn.BatchNorm1d(in_channels, affine=False) if standardize else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(in_channels, num_classes)

    def init_weights(self) -> None:
        """Initialize, and set the bias to the prior."""
        super().init_weights()
        nn.init.constant_(self.fc.bias, float(torch.logit(torch.tensor(self.prior))))

    def forward(self, features: Tensor, length: int) -> Tensor:
        """Logits of every frame.

        Args:
            features (Tensor): E_Vf, (N, T', C').
            length (int): Frames T of the input.

        Returns:
            Tensor: (N, T, K).
        """
        features = self.norm(features.transpose(1, 2))  # the norm expects channels second
        logits = self.fc(self.dropout(features.transpose(1, 2)))
        return upsample_frames(logits, length, self.stride)

    def loss(self, features: Tensor, data_samples: list, **kwargs) -> dict[str, Tensor]:
        """Binary cross-entropy (Eq. 2.7) over the valid frames.

        Args:
            features (Tensor): E_Vf, (N, T', C').
            data_samples (list): N samples with ``gt_frames`` (T, K) and ``valid_frames``.

        Returns:
            dict: ``loss_cls``.
        """
        labels = torch.stack([sample.gt_frames for sample in data_samples]).to(features.device)
        length = labels.shape[1]
        valid = torch.tensor([sample.get('valid_frames', length) for sample in data_samples])
        valid = torch.arange(length)[None] < valid[:, None]
        logits = self(features, length)[valid.to(features.device)].float()
        weight = torch.full((self.num_classes,), float(self.pos_weight), device=logits.device)
        targets = labels[valid.to(labels.device)]
        loss = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=weight)
        return dict(loss_cls=loss * self.num_classes if self.class_reduction == 'sum' else loss)

    def predict(self, features: Tensor, data_samples: list, length: int, **kwargs) -> list:
        """Give every data sample ``pred_frames`` (T, K), probabilities in float32."""
        scores = self(features, length).float().sigmoid()
        for sample, frames in zip(data_samples, scores):
            sample.pred_frames = frames
        return data_samples
