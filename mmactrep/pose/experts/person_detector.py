"""Boxes of persons from an mmdet detector, for top-down pose models."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope

from .base import ExpertUnavailableError, operators_lacking
from .mmpose_zoo import DEFAULT_DETECTOR, find_model, package_folder


class PersonDetector:
    """Any mmdet detector with a class for persons.

    Args:
        model: Short name or mmdet's model name; or give ``config`` and ``checkpoint``.
        config: Config file, or the config.
        checkpoint: Weights. Default: those of ``model``.
        device: Device of the model.
        batch_size: Frames per forward pass.
        min_score: Minimum score of a box.
        max_overlap: Of two boxes that overlap more (intersection over union), the better one is kept.
        max_persons: Maximum number of boxes per frame, the best ones. Default: all.

    Raises:
        ExpertUnavailableError: If mmdet or the weights are missing.
        ValueError: If the detector has no class for persons, or neither model nor config is given.
    """

    def __init__(
        self,
        model: str | None = DEFAULT_DETECTOR,
        config: str | Path | Config | None = None,
        checkpoint: str | Path | None = None,
        device: str = 'cpu',
        batch_size: int = 8,
        min_score: float = 0.3,
        max_overlap: float = 0.3,
        max_persons: int | None = None,
    ) -> None:
        config, checkpoint = resolve_model(model, config, checkpoint, 'mmdet')
        self.batch_size, self.min_score = batch_size, min_score
        self.max_overlap, self.max_persons = max_overlap, max_persons
        try:
            from mmdet.apis import init_detector
            from mmdet.utils import get_test_pipeline_cfg
        except ImportError as error:
            raise operators_lacking('the person detector', error) from error
        with openmmlab_scope('mmdet'):
            self._model = init_detector(config, checkpoint, device=device)
            pipeline = get_test_pipeline_cfg(self._model.cfg.copy())
            pipeline[0].type = 'mmdet.LoadImageFromNDArray'
            self._pipeline = Compose(pipeline)
        classes = [str(name).lower() for name in self._model.dataset_meta['classes']]
        if 'person' not in classes:
            raise ValueError(
                f"the detector {config} knows no class 'person', only {', '.join(classes[:8])} ..."
            )
        self._person = classes.index('person')
        self._last: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])

    def __call__(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes of the persons of frames (H, W, 3) in RGB: each (P, 5) float32, x1, y1, x2, y2, score.

        For the same frames again, as from a second expert that shares the detector, it returns the last
        result.
        """
        last, boxes = self._last
        if len(last) == len(frames) and all(old is new for old, new in zip(last, frames)):
            return boxes
        boxes = []
        for start in range(0, len(frames), self.batch_size):
            boxes += self._detect(frames[start : start + self.batch_size])
        self._last = (list(frames), boxes)
        return boxes

    def forget(self) -> None:
        """Release the last frames."""
        self._last = ([], [])

    def _detect(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        from mmpose.evaluation.functional import nms

        with openmmlab_scope('mmdet'), torch.no_grad():
            # mmdet's pictures are BGR
            pictures = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
            batch = pseudo_collate([self._pipeline(dict(img=picture, img_id=0)) for picture in pictures])
            results = self._model.test_step(batch)
        out = []
        for result in results:
            found = result.pred_instances.cpu().numpy()
            chosen = (found.labels == self._person) & (found.scores > self.min_score)
            boxes = np.column_stack([found.bboxes[chosen], found.scores[chosen]]).astype(np.float32)
            out.append(boxes[nms(boxes, self.max_overlap)][: self.max_persons])
        return out


def resolve_model(
    model: str | None, config: str | Path | Config | None, checkpoint: str | Path | None, package: str
) -> tuple[Config | str, str]:
    """Config and checkpoint from a name, or as given.

    Raises:
        ExpertUnavailableError: If a file is missing.
        ValueError: If there is neither a name nor a config with its checkpoint.
    """
    for needed in ('mmpose', 'mmdet')[: 2 if package == 'mmdet' else 1]:
        package_folder(needed)
    if config is None:
        if model is None:
            raise ValueError('give the name of a model, or config and checkpoint')
        found = find_model(model, package)
        config = str(found.config_path)
        checkpoint = str(checkpoint or found.weights_path)
    elif checkpoint is None:
        raise ValueError(f'config {config} needs a checkpoint')
    if not isinstance(config, Config) and not Path(config).is_file():
        raise ExpertUnavailableError(f'config {config} does not exist')
    if not Path(checkpoint).is_file():
        raise ExpertUnavailableError(f'weights {checkpoint} do not exist')
    return copy.deepcopy(config) if isinstance(config, Config) else str(config), str(checkpoint)


@contextmanager
def openmmlab_scope(package: str) -> Iterator[None]:
    """Run a block in the scope of an OpenMMLab package and restore the caller's scope."""
    with DefaultScope.overwrite_default_scope(package):
        yield
