"""Any of mmpose's 2D pose models as an expert."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate

from mmactrep.registry import POSE_EXPERTS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses

from .base import PoseExpert, operators_lacking
from .expert_boxes import ExpertBoxes
from .mmpose_layout import layout_from_meta
from .mmpose_zoo import DEFAULT_DETECTOR
from .person_detector import PersonDetector, openmmlab_scope, resolve_model


@POSE_EXPERTS.register_module()
class MMPoseExpert(PoseExpert):
    """A 2D model of mmpose: top-down with a person detector, or bottom-up and one-stage.

    The model runs through mmpose's own pipeline and ``test_step``, in batches of persons or frames.

    Args:
        model: Short name (see ``mmpose_zoo.POSE_MODELS``) or mmpose's model name; or give ``config`` and
            ``checkpoint``.
        config: Config file of mmpose, or the config.
        checkpoint: Weights. Default: the official ones of ``model``, found in ``$MMACTREP_WEIGHTS`` or
            ``checkpoints/pose``. Nothing is downloaded.
        detector: For a top-down model: a detector's name, the arguments of :class:`PersonDetector`, or a
            detector that experts share; or another expert, by its name or as a student's
            ``CONFIG.py:CHECKPOINT``, around whose persons the boxes are. ``None`` takes the whole frame as
            the box of one person.
        device: Device of the model. Default: the first CUDA device, else the CPU.
        batch_size: Persons (top-down) or frames (bottom-up) per forward pass.
        min_score: A joint with a lower score is missing.
        min_person_score: A person of a bottom-up model with a lower score is skipped.
        max_persons: Maximum number of persons per frame, the best ones. Default: all.
        layout: Layout of the model's joints. Default: from the model's data set.
        cfg_options: Changes to the model's config.
        name: Name for tables and pictures. Default: ``model``, or the config's name.

    Raises:
        ExpertUnavailableError: If mmpose, mmdet or weights are missing.
        KeyError: If a name is unknown.
        ValueError: If the layout does not have the model's joints.
    """

    def __init__(
        self,
        model: str | None = None,
        config: str | Path | Config | None = None,
        checkpoint: str | Path | None = None,
        detector: str | dict | PersonDetector | ExpertBoxes | PoseExpert | None = DEFAULT_DETECTOR,
        device: str | None = None,
        batch_size: int = 16,
        min_score: float = 0.2,
        min_person_score: float = 0.3,
        max_persons: int | None = None,
        layout: str | SkeletonLayout | None = None,
        cfg_options: dict | None = None,
        name: str | None = None,
    ) -> None:
        device = device or ('cuda:0' if torch.cuda.is_available() else 'cpu')
        config, checkpoint = resolve_model(model, config, checkpoint, 'mmpose')
        self._model = _init_model(config, checkpoint, device, cfg_options)
        self.name = name or model or (Path(self._model.cfg.filename or 'mmpose').stem)
        self.top_down = self._model.cfg.get('data_mode', 'topdown') == 'topdown'
        self.layout, self._joints = self._find_layout(layout)
        self.batch_size = batch_size if self._batches else 1
        self.min_score, self.min_person_score, self.max_persons = min_score, min_person_score, max_persons
        self.detector = self._make_detector(detector, device) if self.top_down else None
        with openmmlab_scope('mmpose'):
            self._pipeline = Compose(self._model.cfg.test_dataloader.dataset.pipeline)

    def start(self, source: str | None = None) -> None:
        if isinstance(self.detector, ExpertBoxes):
            self.detector.start(source)
        elif self.detector is not None:
            self.detector.forget()

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        if not len(frames):
            return []
        boxes = self._boxes(frames) if self.top_down else None
        # mmpose's pictures are BGR
        pictures = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
        found: list[list] = [[] for _ in frames]
        with openmmlab_scope('mmpose'), torch.no_grad():
            for number, instances in self._infer(pictures, boxes):
                found[number].append(instances)
        return [self._poses(instances, frame.shape[:2]) for instances, frame in zip(found, frames)]

    def close(self) -> None:
        if isinstance(self.detector, ExpertBoxes):
            self.detector.close()
        elif self.detector is not None:
            self.detector.forget()
        self._model = self._model.cpu()

    @property
    def _batches(self) -> bool:
        # DEKR's head takes one picture at a time, which it asserts
        return type(getattr(self._model, 'head', None)).__name__ != 'DEKRHead'

    def _find_layout(self, layout: str | SkeletonLayout | None) -> tuple[SkeletonLayout, list[int]]:
        meta = self._model.dataset_meta
        if layout is None:
            return layout_from_meta(meta)
        layout, count = get_layout(layout), len(meta.get('keypoint_id2name') or {})
        if count and layout.num_joints != count:
            raise ValueError(f"layout '{layout.name}' has {layout.num_joints} joints, the model {count}")
        return layout, list(range(layout.num_joints))

    def _make_detector(
        self, detector: str | dict | PersonDetector | ExpertBoxes | PoseExpert | None, device: str
    ) -> PersonDetector | ExpertBoxes | None:
        if detector is None or isinstance(detector, (PersonDetector, ExpertBoxes)):
            return detector
        from .builder import build_expert, names_expert

        if isinstance(detector, PoseExpert) or names_expert(detector):
            return ExpertBoxes(build_expert(detector, device=device), max_persons=self.max_persons)
        options = dict(model=detector) if isinstance(detector, str) else dict(detector)
        return PersonDetector(**(dict(device=device, max_persons=self.max_persons) | options))

    def _boxes(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        if self.detector is not None:
            return self.detector(frames)
        return [np.array([[0, 0, *frame.shape[1::-1], 1]], np.float32) for frame in frames]

    def _infer(
        self, pictures: Sequence[np.ndarray], boxes: Sequence[np.ndarray] | None
    ) -> Iterator[tuple[int, object]]:
        """Frame number and mmpose's instances: of one person if top-down, else of all persons."""
        inputs = (
            [(number, box) for number, rows in enumerate(boxes) for box in rows]
            if boxes is not None
            else [(number, None) for number in range(len(pictures))]
        )
        # a batch has pictures of one size, on which the result of bottom-up pipelines depends
        for _, group in groupby(inputs, key=lambda pair: pictures[pair[0]].shape):
            group = list(group)
            for start in range(0, len(group), self.batch_size):
                batch = group[start : start + self.batch_size]
                data = pseudo_collate([self._pipeline(self._sample(pictures[n], box)) for n, box in batch])
                for (number, _), result in zip(batch, self._model.test_step(data)):
                    yield number, result.pred_instances

    def _sample(self, picture: np.ndarray, box: np.ndarray | None) -> dict:
        sample = dict(img=picture, **self._model.dataset_meta)
        if box is not None:
            sample.update(bbox=box[None, :4], bbox_score=box[4:5])
        return sample

    def _poses(self, instances: Sequence, size: tuple[int, int]) -> FramePoses:
        """Poses of one frame from instances: joints that are uncertain or outside the frame are missing."""
        rows = [_arrays(each) for each in instances if len(each)]
        if not rows:
            return FramePoses.empty(self.layout.num_joints)
        keypoint, score, box, person = (np.concatenate(parts) for parts in zip(*rows))
        keypoint, score = keypoint[:, self._joints], np.clip(score[:, self._joints], 0, 1)
        inside = ((keypoint >= 0) & (keypoint < size[::-1])).all(axis=-1)
        score = np.where(inside & (score >= self.min_score) & np.isfinite(keypoint).all(axis=-1), score, 0)
        order = np.argsort(-person, kind='stable')
        if not self.top_down:
            order = order[person[order] >= self.min_person_score]
        order = order[(score[order] > 0).any(axis=-1)][: self.max_persons]
        return FramePoses(np.nan_to_num(keypoint), score, box).take(order)


def _init_model(config: str | Config, checkpoint: str, device: str, cfg_options: dict | None):
    try:
        from mmpose.apis import init_model
    except ImportError as error:
        raise operators_lacking('the expert', error) from error
    with openmmlab_scope('mmpose'), warnings.catch_warnings():
        # the warning that it found the joints' names in its own package
        warnings.filterwarnings('ignore', 'The metainfo config file')
        return init_model(config, checkpoint, device=device, cfg_options=cfg_options)


def _arrays(instances) -> tuple[np.ndarray, ...]:
    """Key points (P, V, 2), scores (P, V), boxes (P, 4) and person scores (P,) of mmpose's instances."""

    def array(name: str) -> np.ndarray | None:
        value = instances.get(name)
        if value is None:
            return None
        return np.asarray(value.cpu() if isinstance(value, torch.Tensor) else value, np.float32)

    keypoint, score = array('keypoints')[..., :2], array('keypoint_scores')
    box, person = array('bboxes'), array('bbox_scores')
    if person is None:
        person = score.mean(axis=-1)
    if box is None:
        box = np.concatenate([keypoint.min(axis=1), keypoint.max(axis=1)], axis=-1)
    return keypoint, score, box, person.reshape(len(keypoint))
