"""A trained LCRNet++ as an expert: it finds persons itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate

from mmactrep.registry import POSE_EXPERTS
from mmactrep.structures.poses import FramePoses

from .base import PoseExpert
from .person_detector import openmmlab_scope, resolve_model


@POSE_EXPERTS.register_module()
class LCRNetExpert(PoseExpert):
    """The thesis's student, see :class:`~mmactrep.models.pose_estimators.LCRNet`.

    Poses are of whole bodies; a joint outside the frame is missing. All joints of a person have the person's
    score, the summed probability of the proposals.

    Args:
        config: Config file of a student, or the config.
        checkpoint: Its weights.
        device: Device of the model. Default: the first CUDA device, else the CPU.
        batch_size: Frames per forward pass.
        min_person_score: A person with a lower score is skipped.
        max_persons: Maximum number of persons per frame, the best ones. Default: all.
        name: Name for tables and pictures. Default: that of the checkpoint's file.

    Raises:
        ExpertUnavailableError: If mmdet or a file is missing.
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path,
        device: str | None = None,
        batch_size: int = 8,
        min_person_score: float = 0.3,
        max_persons: int | None = None,
        name: str | None = None,
    ) -> None:
        device = device or ('cuda:0' if torch.cuda.is_available() else 'cpu')
        config, checkpoint = resolve_model(None, config, checkpoint, 'mmdet')
        with openmmlab_scope('mmdet'):
            from mmdet.apis import init_detector
            from mmdet.utils import get_test_pipeline_cfg

            self._model = init_detector(config, checkpoint, device=device)
            pipeline = get_test_pipeline_cfg(self._model.cfg.copy())
            pipeline[0].type = 'mmdet.LoadImageFromNDArray'
            self._pipeline = Compose(pipeline)
        self.layout = self._model.roi_head.bbox_head.layout
        self.name = name or Path(checkpoint).stem
        self.batch_size, self.max_persons = batch_size, max_persons
        self.min_person_score = min_person_score

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        found = []
        for start in range(0, len(frames), self.batch_size):
            batch = frames[start : start + self.batch_size]
            with openmmlab_scope('mmdet'), torch.no_grad():
                # mmdet's pictures are BGR
                pictures = [np.ascontiguousarray(frame[..., ::-1]) for frame in batch]
                data = pseudo_collate([self._pipeline(dict(img=each, img_id=0)) for each in pictures])
                results = self._model.test_step(data)
            found += [self._poses(result, frame.shape[:2]) for result, frame in zip(results, batch)]
        return found

    def close(self) -> None:
        self._model = self._model.cpu()

    def _poses(self, result, size: tuple[int, int]) -> FramePoses:
        people = result.pred_instances.cpu().numpy()
        sure = np.flatnonzero(people.scores >= self.min_person_score)[: self.max_persons]
        keypoint, score = people.keypoints[sure], people.keypoint_scores[sure]
        inside = ((keypoint >= 0) & (keypoint < size[::-1])).all(axis=-1)
        score = np.where(inside, score, 0)
        return FramePoses(keypoint, score).take(np.flatnonzero((score > 0).any(axis=-1)))
