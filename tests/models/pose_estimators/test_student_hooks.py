"""Anchor poses from the training data, and weights that must fit in full."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import mmactrep.registry  # noqa: F401  what mmdet needs to be imported
from mmactrep.errors import CheckpointError

pytest.importorskip('mmdet')

from mmactrep.models.pose_estimators import AnchorPoseHead, AnchorPoseHook, WholeStudentHook
from mmactrep.models.pose_estimators.anchor_poses import fit_anchor_poses


def make_runner(people: list[dict], weights: dict | None = None) -> SimpleNamespace:
    from mmengine.registry import DefaultScope

    with DefaultScope.overwrite_default_scope('mmdet'):
        head = AnchorPoseHead(in_channels=4, roi_feat_size=1, num_anchors=2)
    model = torch.nn.Module()
    model.roi_head = torch.nn.Module()
    model.roi_head.bbox_head = head

    class Dataset(list):
        def get_data_info(self, i):
            return dict(instances=self[i])

    pictures = Dataset([people[:3], people[3:]])
    return SimpleNamespace(
        model=model,
        train_dataloader=SimpleNamespace(dataset=pictures),
        logger=logging.getLogger('test'),
        loaded_path='some.pth',
        cfg=SimpleNamespace(filename='student.py'),
    )


def person(rng, middle: float, ignored: int = 0) -> dict:
    joints = np.concatenate([middle + 5 * rng.random((13, 2)), np.ones((13, 1))], axis=1)
    return dict(keypoints=joints.ravel().tolist(), bbox=[0.0, 0.0, 100.0, 100.0], ignore_flag=ignored)


def test_anchors_are_fitted_once_and_to_persons_that_are_not_ignored(rng):
    people = [person(rng, 10), person(rng, 80), person(rng, 50, ignored=1), person(rng, 10), person(rng, 11)]
    runner = make_runner(people)
    AnchorPoseHook().before_train(runner)
    head = runner.model.roi_head.bbox_head
    joints = np.array([each['keypoints'] for each in people if not each['ignore_flag']]).reshape(-1, 13, 3)
    boxes = np.array([[0.0, 0.0, 100.0, 100.0]] * 4)
    expected = fit_anchor_poses(joints[..., :2], joints[..., 2], boxes, 2)
    np.testing.assert_allclose(head.anchors.numpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(head.anchors[1].numpy(), joints[1, :, :2] / 100, rtol=1e-5)
    # a student from a checkpoint keeps its own: the classes must mean the same
    again = make_runner(people[::-1])
    again.model.roi_head.bbox_head.anchors.fill_(0.3)
    AnchorPoseHook().before_train(again)
    assert (again.model.roi_head.bbox_head.anchors == 0.3).all()


def test_weights_of_another_student_are_refused(rng):
    runner = make_runner([person(rng, 10)] * 4)
    state = runner.model.state_dict()
    WholeStudentHook().after_load_checkpoint(runner, dict(state_dict=state))
    missing = {name: value for name, value in state.items() if 'fc_reg' not in name}
    with pytest.raises(CheckpointError, match=r'some\.pth does not fit student\.py: Missing key.*fc_reg'):
        WholeStudentHook().after_load_checkpoint(runner, dict(state_dict=missing))
