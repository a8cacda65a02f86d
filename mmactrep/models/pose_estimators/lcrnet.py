"""LCRNet++, the thesis's student, in mmdet's terms: localization, classification, regression (3.3.3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.structures import InstanceData
from torch import Tensor

import mmactrep.registry  # noqa: F401  what mmdet needs to be imported

# isort: split
from mmdet.models.detectors import TwoStageDetector
from mmdet.models.roi_heads import StandardRoIHead
from mmdet.models.task_modules.samplers import SamplingResult
from mmdet.models.utils import unpack_gt_instances
from mmdet.registry import MODELS
from mmdet.structures import DetDataSample
from mmdet.structures.bbox import bbox2roi

from .pose_integration import IntegrationSettings, integrate


@MODELS.register_module()
class LCRNet(TwoStageDetector):
    """Localization-Classification-Regression of persons' poses (Rogez, Weinzaepfel and Schmid).

    The region proposal network localizes (L_loc = L_RPN, Eq. 3.6); :class:`AnchorPoseRoIHead` classifies the
    regions and regresses poses. The sum of all losses is Eq. 3.5 where the head's regression is off, as in
    SSTA-PRS, and LCRNet++'s own where it is on. Predictions have ``keypoints`` and ``keypoint_scores`` beside
    ``bboxes``, ``scores`` and ``labels`` (0, person).

    Args:
        backbone: Trunk.
        neck: Neck, or None.
        rpn_head: Localization.
        roi_head: Classification and regression.
        train_cfg: As for Faster R-CNN.
        test_cfg: ``rpn`` as for Faster R-CNN; ``rcnn`` has ``score_thr``, the least probability of a pose
            proposal, ``max_per_img`` persons, and the arguments of :class:`IntegrationSettings`.
        data_preprocessor: See mmdet.
        init_cfg: See MMEngine.
    """

    def __init__(
        self,
        backbone: dict,
        rpn_head: dict,
        roi_head: dict,
        train_cfg: dict | None,
        test_cfg: dict,
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(backbone, neck, rpn_head, roi_head, train_cfg, test_cfg, data_preprocessor, init_cfg)


@MODELS.register_module()
class AnchorPoseRoIHead(StandardRoIHead):
    """Regions to poses: RoIAlign, a shared head if any, and :class:`AnchorPoseHead`."""

    def loss(
        self,
        x: tuple[Tensor, ...],
        rpn_results_list: list[InstanceData],
        batch_data_samples: list[DetDataSample],
    ) -> dict[str, Tensor]:
        """Losses of sampled regions; a region overlapping a person by ``pos_iou_thr`` has its pose's class.

        Args:
            x: Features of the trunk.
            rpn_results_list: Proposals of each picture.
            batch_data_samples: Their ``gt_instances`` have ``bboxes`` (P, 4) and ``keypoints`` (P, V, 3).
        """
        people, ignored, _ = unpack_gt_instances(batch_data_samples)
        samples = []
        for i, (proposals, persons) in enumerate(zip(rpn_results_list, people)):
            persons.labels = self.bbox_head.classify(persons.keypoints, persons.bboxes)
            proposals.priors = proposals.pop('bboxes')
            assigned = self.bbox_assigner.assign(proposals, persons, ignored[i])
            features = [level[i][None] for level in x]
            samples.append(self.bbox_sampler.sample(assigned, proposals, persons, feats=features))
        return self.pose_loss(x, samples, [persons.keypoints for persons in people])

    def pose_loss(
        self, x: tuple[Tensor, ...], samples: Sequence[SamplingResult], keypoints: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """Losses of the sampled regions of each picture, given its true poses (P, V, 3)."""
        found = self._bbox_forward(x, bbox2roi([sample.priors for sample in samples]))
        # the regions of a picture are its persons' and then background; over the batch, persons come first
        counts = [(len(sample.pos_priors), len(sample.neg_priors)) for sample in samples]
        order, start = [], 0
        for positive, negative in counts:
            order.append((torch.arange(start, start + positive), positive))
            start += positive + negative
        persons = torch.cat([rows for rows, _ in order])
        rest = torch.ones(start, dtype=torch.bool)
        rest[persons] = False
        rows = torch.cat([persons, rest.nonzero()[:, 0]]).to(found['cls_score'].device)
        background = found['cls_score'].new_full((int(rest.sum()),), self.bbox_head.num_classes)
        labels = torch.cat([*(sample.pos_gt_labels for sample in samples), background.long()])
        return self.bbox_head.loss(
            found['cls_score'][rows],
            found['bbox_pred'][rows],
            labels,
            torch.cat([pose[sample.pos_assigned_gt_inds] for sample, pose in zip(samples, keypoints)]),
            torch.cat([sample.pos_priors for sample in samples]),
        )

    def predict(
        self,
        x: tuple[Tensor, ...],
        rpn_results_list: list[InstanceData],
        batch_data_samples: list[DetDataSample],
        rescale: bool = False,
    ) -> list[InstanceData]:
        """Persons of each picture by pose proposal integration, in the original pictures if ``rescale``."""
        boxes = [result.bboxes for result in rpn_results_list]
        found = self._bbox_forward(x, bbox2roi(boxes))
        counts = [len(box) for box in boxes]
        parts = zip(boxes, found['cls_score'].split(counts), found['bbox_pred'].split(counts))
        return [
            self._persons(box, score, offsets, sample.metainfo, rescale)
            for (box, score, offsets), sample in zip(parts, batch_data_samples)
        ]

    def _persons(
        self, box: Tensor, cls_score: Tensor, offsets: Tensor, meta: dict, rescale: bool
    ) -> InstanceData:
        settings = dict(self.test_cfg)
        least, most = settings.pop('score_thr', 0.01), settings.pop('max_per_img', 100)
        probability, poses = self.bbox_head.poses(cls_score, offsets, box)
        rows, classes = (probability >= least).nonzero(as_tuple=True)
        if not len(rows) and probability.numel():
            # the best proposal has no rival below which it could be too weak
            best = probability.argmax()
            rows, classes = (best // probability.shape[1])[None], (best % probability.shape[1])[None]
        upper, legs = self.bbox_head.upper_body()
        persons, scores = integrate(
            poses[rows, classes].cpu().numpy(),
            probability[rows, classes].cpu().numpy(),
            meta['img_shape'][:2],
            IntegrationSettings(**settings),
            upper[classes].cpu().numpy(),
            legs,
        )
        persons, scores = persons[:most], np.minimum(scores[:most], 1.0)
        if rescale:
            persons = persons / np.array(meta['scale_factor'])
        keypoint = box.new_tensor(persons).reshape(-1, self.bbox_head.layout.num_joints, 2)
        score = box.new_tensor(scores)
        return InstanceData(
            bboxes=torch.cat([keypoint.amin(1), keypoint.amax(1)], dim=1)
            if len(keypoint)
            else box.new_zeros(0, 4),
            scores=score,
            labels=torch.zeros(len(score), dtype=torch.long, device=score.device),
            keypoints=keypoint,
            keypoint_scores=score[:, None].expand(keypoint.shape[:2]).clone(),
        )
