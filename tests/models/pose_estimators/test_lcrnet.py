"""LCRNet++ in mmdet's terms: its losses against the equations, its branches, and training from data."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

import mmactrep.registry  # noqa: F401  what mmdet needs to be imported
from mmactrep.engine.config_files import CONFIG_FOLDER, read_config
from mmactrep.models.pose_estimators import AnchorPoseError, AnchorPoseHead
from mmactrep.structures import get_layout
from tests.helpers.training import restored_random_state

mmdet = pytest.importorskip('mmdet')
pytest.importorskip('efficientnet_lite_pytorch')
LAYOUT = get_layout('lcrnet13')
BEFORE = CONFIG_FOLDER / 'ssta_prs' / 'lcrnet-lite0_utd-mhad_2d_small.py'
REFINED = CONFIG_FOLDER / 'ssta_prs' / 'lcrnet-lite0_utd-mhad_2d_small_refined.py'


@pytest.fixture(scope='module', autouse=True)
def scope():
    from mmengine.registry import DefaultScope

    with DefaultScope.overwrite_default_scope('mmdet'), restored_random_state():
        yield


def make_head(**options) -> AnchorPoseHead:
    torch.manual_seed(0)
    head = AnchorPoseHead(in_channels=6, roi_feat_size=2, num_anchors=4, fc_channels=(8,), **options)
    head.init_weights()
    head.anchors.copy_(torch.rand(4, 13, 2))
    return head


def build(path, scale: float = 1.0):
    from mmdet.registry import MODELS

    torch.manual_seed(0)
    model = copy.deepcopy(read_config(path).model)
    model.backbone.pretrained = False
    model = MODELS.build(model)
    model.init_weights()
    head = model.roi_head.bbox_head
    head.anchors.copy_(torch.rand_like(head.anchors))
    return model


def sample(keypoint: torch.Tensor, box: torch.Tensor, ignored=()):
    from mmdet.structures import DetDataSample

    found = DetDataSample(metainfo=dict(img_shape=(96, 128), scale_factor=(2.0, 2.0), pad_shape=(96, 128)))
    found.set_metainfo(dict(ori_shape=(48, 64), batch_input_shape=(96, 128)))
    labels = torch.zeros(len(box), dtype=torch.long)
    found.gt_instances = InstanceData(bboxes=box, labels=labels, keypoints=keypoint)
    found.ignored_instances = InstanceData(
        bboxes=torch.tensor(ignored).reshape(-1, 4), labels=torch.zeros(len(ignored), dtype=torch.long)
    )
    return found


def person(x: float, y: float) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(int(x))
    pose = torch.rand(1, 13, 2, generator=rng) * torch.tensor([30.0, 60.0]) + torch.tensor([x, y])
    box = torch.cat([pose.amin(1), pose.amax(1)], dim=1)
    return torch.cat([pose, torch.full((1, 13, 1), 2.0)], dim=2), box


def test_the_losses_are_those_of_the_equations():
    """L_classif = -log u(Class_P), Eq. 3.7; smooth L1 of the offsets of that class, over the seen joints."""
    head = make_head()
    rng = torch.Generator().manual_seed(1)
    scores, offsets = torch.randn(5, 5, generator=rng), torch.randn(5, 4 * 26, generator=rng)
    labels = torch.tensor([2, 0, 4, 4, 4])
    keypoint = torch.rand(2, 13, 3, generator=rng) * 50
    keypoint[0, 4, 2] = 0
    box = torch.tensor([[0.0, 0.0, 40.0, 50.0], [5.0, 5.0, 60.0, 30.0]])
    losses = head.loss(scores, offsets, labels, keypoint, box)
    u = np.exp(scores.numpy()) / np.exp(scores.numpy()).sum(axis=1, keepdims=True)
    expected = np.mean([-np.log(u[i, labels[i]]) for i in range(5)])
    assert losses['loss_cls'].item() == pytest.approx(expected, rel=1e-5)
    total = 0.0
    for i in range(2):
        size, corner = box[i, 2:] - box[i, :2], box[i, :2]
        for v in range(13):
            if keypoint[i, v, 2] > 0:
                target = 5 * ((keypoint[i, v, :2] - corner) / size - head.anchors[labels[i], v])
                error = (offsets[i].reshape(4, 13, 2)[labels[i], v] - target).abs()
                total += torch.where(error < 1, error**2 / 2, error - 0.5).sum().item()
    assert losses['loss_reg'].item() == pytest.approx(total / (5 * 13 / 2), rel=1e-5)


def test_the_branches_share_layers_and_a_pose_is_its_anchor_plus_a_fifth_of_the_offset():
    head = make_head()
    scores, offsets = head(torch.rand(3, 6, 2, 2))
    assert scores.shape == (3, 5) and offsets.shape == (3, 104)
    box = torch.tensor([[0.0, 10.0, 100.0, 210.0]] * 3)
    probability, poses = head.poses(scores, offsets, box)
    torch.testing.assert_close(probability, scores.softmax(1)[:, :4])
    expected = (head.anchors[1] + offsets.reshape(3, 4, 13, 2)[2, 1] / 5) * torch.tensor([100.0, 200.0])
    torch.testing.assert_close(poses[2, 1], expected + torch.tensor([0.0, 10.0]))


def test_without_anchors_nothing_is_learnt():
    head = AnchorPoseHead(in_channels=6, roi_feat_size=2, num_anchors=4)
    keypoint, box = person(10, 10)
    with pytest.raises(AnchorPoseError, match='no anchor poses: start from a checkpoint'):
        head.classify(keypoint, box)


def test_refinement_trains_localization_and_classification_and_freezes_the_regression():
    """L = L_loc + L_classif, Eq. 3.5: the losses of the RPN and of the classes are all."""
    model = build(REFINED)
    keypoint, box = person(20, 20)
    pictures, samples = torch.rand(1, 3, 96, 128), [sample(keypoint, box)]
    losses = model.loss(pictures, samples)
    assert sorted(losses) == ['loss_cls', 'loss_rpn_bbox', 'loss_rpn_cls']
    total, _ = model.parse_losses(losses)
    total.backward()
    head = model.roi_head.bbox_head
    assert head.fc_reg.weight.grad is None and not head.fc_reg.weight.requires_grad
    for part in (head.fc_cls, model.rpn_head.rpn_cls, model.rpn_head.rpn_reg):
        assert any(weight.grad is not None and weight.grad.any() for weight in part.parameters())
    # the small student also keeps what its regression stands on
    assert not any(weight.requires_grad for weight in model.backbone.parameters())
    before = build(BEFORE).loss(pictures, [sample(keypoint, box)])
    assert set(before) - set(losses) == {'loss_reg'}


def test_regions_of_persons_have_their_poses_class_and_ignored_persons_are_no_background():
    """What reaches the head: its label, its true pose, its own box, person by person of two pictures."""
    model = build(BEFORE)
    head, seen = model.roi_head.bbox_head, {}
    head.loss = lambda scores, offsets, labels, keypoint, box: (
        seen.update(labels=labels, keypoint=keypoint, box=box) or dict(loss_cls=scores.sum() * 0)
    )
    people = [person(20, 20), person(60, 10)]
    proposals = []
    for _, box in people:
        near, far = box + 1.0, torch.tensor([[100.0, 70.0, 127.0, 95.0]])
        proposals.append(InstanceData(bboxes=torch.cat([near, far]), scores=torch.ones(2)))
    away = [[99.0, 69.0, 127.0, 95.0]]
    samples = [sample(*people[0], ignored=away), sample(*people[1])]
    features = model.extract_feat(torch.rand(2, 3, 96, 128))
    model.roi_head.loss(features, proposals, samples)
    classes = [head.classify(*each).item() for each in people]
    # of each picture the true box and the proposal on it, then one background region of the second picture
    background = head.num_classes
    assert seen['labels'].tolist() == [classes[0]] * 2 + [classes[1]] * 2 + [background]
    for row, (keypoint, box) in zip((0, 1, 2, 3), (people[0], people[0], people[1], people[1])):
        assert torch.equal(seen['keypoint'][row], keypoint[0])
        assert (seen['box'][row] - box[0]).abs().max() <= 1.0


def test_predictions_are_persons_in_the_original_picture():
    model = build(BEFORE).eval()
    keypoint, box = person(20, 20)
    box_in_it = InstanceData(bboxes=box, scores=torch.ones(1))
    features = model.extract_feat(torch.rand(1, 3, 96, 128))
    head = model.roi_head.bbox_head
    with torch.no_grad():
        head.fc_cls.weight.zero_()
        head.fc_reg.weight.zero_()
        head.fc_reg.bias.zero_()
        head.fc_cls.bias.copy_(torch.eye(head.num_classes + 1)[3] * 20)  # surely class 3
        found = model.roi_head.predict(features, [box_in_it], [sample(keypoint, box)], rescale=True)[0]
    size = box[0, 2:] - box[0, :2]
    expected = (head.anchors[3] * size + box[0, :2]) / 2  # a scale factor of 2
    torch.testing.assert_close(found.keypoints[0], expected, atol=1e-3, rtol=0)
    assert len(found) == 1 and found.scores[0] > 0.99 and found.keypoint_scores.shape == (1, 13)
    torch.testing.assert_close(
        found.bboxes[0], torch.cat([expected.amin(0), expected.amax(0)]), atol=1e-3, rtol=0
    )
