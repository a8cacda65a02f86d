"""LAC-sup: pre-training on composed sequences with the union of their labels (thesis, 4.5.2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmactrep.errors import UserError
from mmactrep.registry import MODELS

from .base import BasePretrainer
from .composition import MotionComposer


class ClipLabelError(UserError, ValueError):
    """A clip without a label, or with one outside the model's classes; the message names it."""


def clip_labels(data_samples: Sequence, num_classes: int) -> Tensor:
    """Labels (N,) int64 of clips.

    Raises:
        ClipLabelError: If one is outside the classes.
    """
    labels = torch.stack([sample.gt_label.flatten()[0] for sample in data_samples])
    outside = (labels < 0) | (labels >= num_classes)
    if outside.any():
        first = int(outside.nonzero()[0])
        name = data_samples[first].metainfo.get('frame_dir', f'{first} of the batch')
        raise ClipLabelError(
            f"clip '{name}' has label {int(labels[first])}, expected one of {num_classes} classes: training "
            'with labels needs one for every clip'
        )
    return labels


def union_of_labels(labels: Tensor, num_classes: int) -> Tensor:
    """Multi-hot vectors of sequences composed of several actions.

    Args:
        labels: (N, I) class indices.
        num_classes: Number of classes.

    Returns:
        (N, num_classes), 1 for every class among the I.
    """
    return F.one_hot(labels, num_classes).amax(dim=1).float()


@MODELS.register_module()
class SupervisedLAC(BasePretrainer):
    """The encoder learns to recognize every action in a composed sequence, by binary cross-entropy (Eq. 2.7).

    The upper bound of the self-supervised form, on the same generated data: query and positives of
    :class:`MotionComposer` are all training sequences. Every frame has the union of the labels, as the
    composed motions are there in all of them. The loss is summed over classes, as in ``FrameHead``, and
    averaged over sequences and frames.

    Args:
        backbone (dict): Encoder E_V.
        composer (dict): Arguments of :class:`MotionComposer`.
        num_classes (int): Number of classes.
        in_channels (int): C' of the encoder.
        augmentation (dict, optional): A module from clips to clips.
        num_views (int): Number of statics with which each composition is generated: the query's own and
            others. Defaults to 1, the query's own.
        frame_labels (bool): Whether frame features are classified, as the encoder will be used for
            segmentation, or else the features pooled over time. Defaults to True.
        data_preprocessor (dict, optional): Defaults to mmaction2's, which stacks.
        init_cfg (dict, optional): MMEngine's initialization.

    Raises:
        ValueError: If ``num_views`` is less than 1.
    """

    def __init__(
        self,
        backbone: dict,
        composer: dict,
        num_classes: int,
        in_channels: int,
        augmentation: dict | None = None,
        num_views: int = 1,
        frame_labels: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(backbone, data_preprocessor, init_cfg)
        if num_views < 1:
            raise ValueError(f'num_views must be at least 1, got {num_views}')
        self.num_classes = num_classes
        self.num_views = num_views
        self.frame_labels = frame_labels
        self.classifier = nn.Linear(in_channels, num_classes)
        self.augmentation = None if augmentation is None else MODELS.build(augmentation)
        self.composer = MotionComposer(**composer)

    def loss(self, inputs: Tensor, data_samples: Sequence) -> dict[str, Tensor]:
        """Binary cross-entropy of composed sequences against the union of their labels (Eq. 2.7).

        Raises:
            ValueError: If samples have more than one clip.
            ClipLabelError: If a label is outside the classes.
        """
        if inputs.shape[1] != 1:
            raise ValueError(f'LAC composes samples of one clip, found inputs {tuple(inputs.shape)}')
        own = clip_labels(data_samples, self.num_classes).to(inputs.device)
        composed = self.composer(inputs[:, 0], max(self.num_views - 1, 1))
        labels = torch.cat([own[:, None], own[composed.partners]], dim=1)
        target = union_of_labels(labels, self.num_classes)
        views = torch.cat([composed.query[:, None], composed.keys], dim=1)[:, : self.num_views].flatten(0, 1)
        if self.augmentation is not None:
            views = self.augmentation(views)
        target = target.repeat_interleave(self.num_views, dim=0)
        if self.frame_labels:
            scores = self.classifier(self.backbone.frame_features(views))  # (N, T', K)
            target = target[:, None].expand_as(scores)
        else:
            scores = self.classifier(self.backbone.sequence_features(views))
        loss = F.binary_cross_entropy_with_logits(scores.float(), target)
        return dict(loss_cls=loss * self.num_classes)
