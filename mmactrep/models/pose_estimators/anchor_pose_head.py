"""The classification and regression branches of LCRNet++ (thesis 3.3.3)."""

from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

import mmactrep.registry  # noqa: F401  what mmdet needs to be imported
from mmactrep.structures import SkeletonLayout, get_layout

# isort: split
from mmdet.registry import MODELS

from .anchor_poses import (
    AnchorPoseError,
    closest_anchors,
    decode_offsets,
    encode_offsets,
    leg_joints,
    normalize_poses,
    place_poses,
    upper_body_anchors,
)


@MODELS.register_module()
class AnchorPoseHead(BaseModule):
    """Class of a region among K anchor poses and background, and a pose for each class.

    The classification loss is L_classif (Eq. 3.7): the cross-entropy of the softmax u over K + 1 classes.
    Regression is class-specific: each anchor pose, placed into the region, is deformed by its own offsets.

    Args:
        in_channels: Channels C of a region's features.
        roi_feat_size: Their width and height S.
        layout: Layout of the V joints, or its name.
        num_anchors: K.
        with_avg_pool: Whether features are averaged over the region, as behind a shared conv5.
        fc_channels: Width of each fully connected layer that both branches share.
        regression: Whether the regression branch is trained. Off in SSTA-PRS: pseudo truth is accurate enough
            for localization and classification, but not for regression; the branch is frozen.
        loss_cls: Loss of classification.
        loss_reg: Loss of the offsets.
        init_cfg: See MMEngine.
    """

    def __init__(
        self,
        in_channels: int,
        roi_feat_size: int = 7,
        layout: str | SkeletonLayout = 'lcrnet13',
        num_anchors: int = 20,
        with_avg_pool: bool = False,
        fc_channels: tuple[int, ...] = (),
        regression: bool = True,
        loss_cls: dict | None = None,
        loss_reg: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            init_cfg
            or [
                dict(type='Normal', std=0.01, override=dict(name='fc_cls')),
                dict(type='Normal', std=0.001, override=dict(name='fc_reg')),
            ]
        )
        self.layout, self.num_classes = get_layout(layout), num_anchors
        self.regression, self.with_avg_pool = regression, with_avg_pool
        self.loss_cls = MODELS.build(loss_cls or dict(type='CrossEntropyLoss', use_sigmoid=False))
        self.loss_reg = MODELS.build(loss_reg or dict(type='SmoothL1Loss', beta=1.0))
        width = in_channels if with_avg_pool else in_channels * roi_feat_size**2
        layers = []
        for channels in fc_channels:
            layers += [nn.Linear(width, channels), nn.ReLU(inplace=True)]
            width = channels
        self.fcs = nn.Sequential(*layers)
        self.fc_cls = nn.Linear(width, num_anchors + 1)
        self.fc_reg = nn.Linear(width, num_anchors * self.layout.num_joints * 2)
        # part of the weights: a student is of no use without the anchors that it was trained with
        self.register_buffer('anchors', torch.zeros(num_anchors, self.layout.num_joints, 2))
        if not regression:
            self.fc_reg.requires_grad_(False)

    @property
    def has_anchors(self) -> bool:
        """Whether the anchor poses are set, by a checkpoint or by :class:`AnchorPoseHook`."""
        return bool(self.anchors.any())

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (N, K + 1), the background last, and offsets (N, K * V * 2) of features (N, C, S, S)."""
        x = features.mean((2, 3)) if self.with_avg_pool else features.flatten(1)
        x = self.fcs(x)
        return self.fc_cls(x), self.fc_reg(x)

    def classify(self, keypoint: Tensor, box: Tensor) -> Tensor:
        """Class_P of true poses (N, V, 3: x, y, seen) in boxes (N, 4): (N,) int64.

        Raises:
            AnchorPoseError: If the head has no anchors yet.
        """
        if not self.has_anchors:
            raise AnchorPoseError(
                'the student has no anchor poses: start from a checkpoint that has them (--load-from), or '
                "add dict(type='AnchorPoseHook') to custom_hooks"
            )
        pose = normalize_poses(keypoint[..., :2], box)
        return closest_anchors(pose, keypoint[..., 2] > 0, self.anchors)

    def loss(
        self, cls_score: Tensor, offsets: Tensor, labels: Tensor, keypoint: Tensor, box: Tensor
    ) -> dict[str, Tensor]:
        """Losses of regions.

        Args:
            cls_score: (N, K + 1).
            offsets: (N, K * V * 2).
            labels: (N,) class of each region; those of persons come first, K is background.
            keypoint: (P, V, 3) true poses of the first P regions.
            box: (P, 4) these regions.
        """
        losses = dict(loss_cls=self.loss_cls(cls_score.float(), labels))
        if not self.regression:
            return losses
        persons, joints = len(keypoint), self.layout.num_joints
        rows = torch.arange(persons, device=labels.device)
        offsets = offsets.float().reshape(-1, self.num_classes, joints, 2)[rows, labels[:persons]]
        target = encode_offsets(normalize_poses(keypoint[..., :2], box), self.anchors[labels[:persons]])
        weight = (keypoint[..., 2:] > 0).to(target).expand_as(target)
        # as mmdet's box heads: the mean over all regions, so that pictures without persons weigh less
        losses['loss_reg'] = self.loss_reg(
            offsets, target, weight, avg_factor=max(len(labels) * joints / 2, 1)
        )
        return losses

    def poses(self, cls_score: Tensor, offsets: Tensor, box: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities (N, K) of the anchor poses, and the pose of each (N, K, V, 2) in pixels."""
        probability = cls_score.float().softmax(-1)[:, :-1]
        offsets = offsets.float().reshape(len(box), self.num_classes, -1, 2)
        return probability, place_poses(decode_offsets(offsets, self.anchors), box)

    def upper_body(self) -> tuple[Tensor, list[int]]:
        """Which anchors (K,) know the upper body alone, and the joints that they do not know."""
        return upper_body_anchors(self.anchors, self.layout), list(leg_joints(self.layout))
