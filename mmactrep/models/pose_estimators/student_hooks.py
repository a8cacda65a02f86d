"""Hooks of students' trainings: anchor poses from the training data, and weights that must fit in full."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS

from mmactrep.engine.checkpoints import load_weights

from .anchor_poses import fit_anchor_poses


@HOOKS.register_module()
class AnchorPoseHook(Hook):
    """Gives an LCRNet without anchor poses those of its training data, before it begins.

    A student that starts from a checkpoint keeps that one's anchors: the classes must mean the same.

    Args:
        seed: Seed of K-means.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def before_train(self, runner) -> None:
        """Fit the anchors unless there are some."""
        head = _bare(runner.model).roi_head.bbox_head
        if head.has_anchors:
            return
        dataset = runner.train_dataloader.dataset
        people = [
            person
            for i in range(len(dataset))
            for person in dataset.get_data_info(i)['instances']
            if not person['ignore_flag']
        ]
        joints = np.array([person['keypoints'] for person in people], np.float64).reshape(len(people), -1, 3)
        boxes = np.array([person['bbox'] for person in people], np.float64).reshape(-1, 4)
        anchors = fit_anchor_poses(joints[..., :2], joints[..., 2], boxes, head.num_classes, self.seed)
        head.anchors.copy_(head.anchors.new_tensor(anchors))
        runner.logger.info(f'{len(anchors)} anchor poses of {len(people)} persons')


@HOOKS.register_module()
class WholeStudentHook(Hook):
    """Refuses to refine a student from a checkpoint of another one.

    A training that starts from weights of which only the trunk fits would seem to work.
    """

    def after_load_checkpoint(self, runner, checkpoint: Mapping) -> None:
        """Compare the weights with the model's.

        Raises:
            CheckpointError: If they do not fit in full.
        """
        path, name = str(runner.loaded_path), str(runner.cfg.filename or 'the config')
        load_weights(_bare(runner.model), checkpoint['state_dict'], path, name)


def _bare(model):
    return model.module if is_model_wrapper(model) else model
