"""Keypoint similarity against COCO's own evaluation code."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.tracking.similarity import body_area, box_iou, joint_sigmas, keypoint_similarity
from mmactrep.structures import get_layout, list_layouts
from tests.helpers.poses import standing

COCO17 = get_layout('coco17')


def test_equals_the_oks_of_xtcocotools(rng):
    coco = pytest.importorskip('xtcocotools.coco')
    cocoeval = pytest.importorskip('xtcocotools.cocoeval')
    truth = np.stack([standing(x) + rng.normal(0, 5, (17, 2)) for x in (50, 150, 300)])
    seen = (rng.random((3, 17)) > 0.2).astype(float)
    found = truth[:, None] + rng.normal(0, 8, (3, 2, 17, 2))  # two detections near each person
    found = found.reshape(6, 17, 2)
    areas = np.array([9000.0, 12000.0, 15000.0])
    annotations = [
        dict(
            id=i + 1, image_id=1, category_id=1, area=areas[i], iscrowd=0, bbox=[0, 0, 100, 200],
            num_keypoints=int(seen[i].sum()),
            keypoints=np.concatenate([truth[i], 2 * seen[i][:, None]], 1).ravel().tolist(),
        )
        for i in range(3)
    ]  # fmt: skip
    results = [
        dict(
            image_id=1, category_id=1, score=1 - 0.1 * i,
            keypoints=np.concatenate([pose, np.ones((17, 1))], 1).ravel().tolist(),
        )
        for i, pose in enumerate(found)
    ]  # fmt: skip
    dataset = coco.COCO()
    categories = [dict(id=1, name='person', keypoints=list(COCO17.joints))]
    dataset.dataset = dict(images=[dict(id=1)], annotations=annotations, categories=categories, info={})
    dataset.createIndex()
    evaluation = cocoeval.COCOeval(dataset, dataset.loadRes(results), 'keypoints', None, use_area=True)
    evaluation.params.imgIds = [1]
    evaluation.evaluate()
    expected = np.array(evaluation.ious[1, 1])  # detections by falling score, annotations
    ours = keypoint_similarity(found, np.ones((6, 17)), truth, seen, joint_sigmas(COCO17), areas[None])
    assert expected.shape == (6, 3) and expected.max() > 0.5 and expected.min() < 0.1
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_sigmas_go_by_name_in_any_layout():
    coco = dict(zip(COCO17.joints, joint_sigmas(COCO17)))
    assert coco['nose'] == np.float32(0.026) and coco['left_hip'] == coco['right_hip'] == np.float32(0.107)
    for name in list_layouts():
        layout = get_layout(name)
        sigmas = dict(zip(layout.joints, joint_sigmas(layout)))
        assert all(sigmas[joint] == coco[joint] for joint in layout.joints if joint in coco)
        assert min(sigmas.values()) > 0


def test_only_joints_that_both_see_count():
    a, b = standing(), standing()
    b[5:8] += 1000  # far off, but not seen
    score_a, score_b = np.ones(17), np.ones(17)
    score_b[5:8] = 0
    sigmas = joint_sigmas(COCO17)
    one = keypoint_similarity(a[None], score_a[None], b[None], score_b[None], sigmas)
    assert one == pytest.approx(1.0)


def test_too_few_common_joints_are_no_evidence():
    a = standing()
    few, other = np.zeros(17), np.zeros(17)
    few[[5, 6]] = other[[5, 6, 7]] = 1
    sigmas = joint_sigmas(COCO17)
    assert keypoint_similarity(a[None], few[None], a[None], other[None], sigmas) == 0
    assert keypoint_similarity(a[None], few[None], a[None], other[None], sigmas, min_common=2) == 1
    assert keypoint_similarity(a[None], few[None], a[None], 1 - few[None], sigmas, min_common=0) == 0


def test_does_not_depend_on_the_scale():
    sigmas, ones = joint_sigmas(COCO17), np.ones((1, 17))
    small = keypoint_similarity(standing(0, 0, 10)[None], ones, standing(1, 0, 10)[None], ones, sigmas)
    large = keypoint_similarity(standing(0, 0, 400)[None], ones, standing(40, 0, 400)[None], ones, sigmas)
    assert 0.1 < small.item() < 0.9
    np.testing.assert_allclose(small, large, rtol=1e-5)


def test_shapes_of_empty_sets():
    nobody, ones = np.zeros((0, 17, 2)), np.zeros((0, 17))
    found = keypoint_similarity(nobody, ones, standing()[None], np.ones((1, 17)), joint_sigmas(COCO17))
    assert found.shape == (0, 1)


def test_area_of_a_thin_body_does_not_vanish():
    line = np.float32([[5, 0], [5, 40]])
    assert body_area(line, np.ones(2)) == 40**2 / 4
    assert body_area(line, np.zeros(2)) == 0


def test_box_iou_by_hand():
    a = np.float32([[0, 0, 2, 2], [10, 10, 10, 10]])
    b = np.float32([[1, 0, 3, 2], [0, 0, 2, 2]])
    np.testing.assert_allclose(box_iou(a, b), [[2 / 6, 1], [0, 0]])
