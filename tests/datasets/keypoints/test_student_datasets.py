"""What mmdet's and mmpose's students get from a COCO file of poses."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

import mmactrep.registry  # noqa: F401  what mmdet and mmpose need to be imported
from mmactrep.datasets.keypoints.coco_file import annotate, coco_content, write_coco
from mmactrep.files import BadFileError
from mmactrep.structures import get_layout

pytest.importorskip('mmdet')
pytest.importorskip('mmpose')

from mmengine.dataset import Compose
from mmengine.registry import DefaultScope

from mmactrep.datasets.keypoints.detection import PoseDetectionDataset
from mmactrep.datasets.keypoints.topdown import TopdownPoseDataset, WeightByConfidence

COCO, LCRNET = get_layout('coco17'), get_layout('lcrnet13')
POSE = np.random.default_rng(0).uniform(10, 50, (17, 2)).round(1)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A picture with a person, one without an ear, an ignored one, and one without any joint."""
    root = tmp_path_factory.mktemp('coco')
    cv2.imwrite(str(root / 'a.png'), np.full((60, 80, 3), 90, np.uint8))
    score = np.ones(17)
    score[COCO.indices(['left_ear'])] = 0
    people = [
        annotate(POSE, np.ones(17), [10, 5, 50, 55], confidence=0.5),
        annotate(POSE + 3, score, [5, 5, 60, 55]),
        annotate(POSE, np.ones(17), [20, 5, 60, 55], ignored=True),
        annotate(POSE, np.zeros(17), [30, 5, 60, 55]),
    ]
    picture = dict(file_name='a.png', width=80, height=60)
    write_coco(root / 'a.json', coco_content(COCO, [(picture, people)]))
    return root


def detection(folder, layout='lcrnet13', source='coco17', steps=()):
    with DefaultScope.overwrite_default_scope('mmdet'):
        pipeline = Compose([dict(type='LoadImageFromFile'), dict(type='LoadPoses'), *steps])
        dataset = PoseDetectionDataset(
            layout=layout, source=source, ann_file=str(folder / 'a.json'), data_prefix=dict(img=str(folder))
        )
        return pipeline(dataset.get_data_info(0))


def test_joints_are_mapped_and_who_has_none_is_ignored(folder):
    sample = detection(folder)
    assert sample['gt_keypoints'].shape == (4, 13, 3)
    assert sample['gt_ignore_flags'].tolist() == [False, False, True, True]
    for joint in ('right_ankle', 'left_wrist', 'right_shoulder'):
        np.testing.assert_allclose(
            sample['gt_keypoints'][0, LCRNET.index(joint)], [*POSE[COCO.index(joint)], 1], atol=1e-4
        )
    keypoint, _ = COCO.mapping_to(LCRNET)(POSE[None].astype(np.float32), np.ones((1, 17), np.float32))
    np.testing.assert_allclose(
        sample['gt_keypoints'][0, LCRNET.index('head'), :2], keypoint[0, -1], atol=1e-4
    )


def test_resizing_and_flipping_move_joints_and_boxes_together(folder):
    resize = dict(type='ResizePoses', scale=(160, 120), keep_ratio=True)
    plain = detection(folder, steps=[resize])
    np.testing.assert_allclose(
        plain['gt_keypoints'][..., :2], 2 * detection(folder)['gt_keypoints'][..., :2], atol=1e-3
    )
    flip = dict(type='FlipPoses', layout='lcrnet13', prob=1.0)
    flipped = detection(folder, steps=[resize, flip])
    for left, right in LCRNET.side_pairs:
        expected = plain['gt_keypoints'][:2, left] * (-1, 1, 1) + (160, 0, 0)
        np.testing.assert_allclose(flipped['gt_keypoints'][:2, right], expected, atol=1e-3)
    x1, y1, x2, y2 = plain['gt_bboxes'][0]
    np.testing.assert_allclose(flipped['gt_bboxes'][0], [160 - x2, y1, 160 - x1, y2], atol=1e-3)


def test_a_packed_sample_has_joints_beside_boxes(folder):
    packed = detection(folder, steps=[dict(type='PackPoses', meta_keys=('img_shape',))])['data_samples']
    assert packed.gt_instances.keypoints.shape == (2, 13, 3) and packed.gt_instances.bboxes.shape == (2, 4)
    assert packed.ignored_instances.bboxes.shape == (2, 4)


def test_a_frame_without_annotations_passes():
    with DefaultScope.overwrite_default_scope('mmdet'):
        sample = Compose([dict(type='LoadPoses'), dict(type='PackPoses', meta_keys=())])(
            dict(img=np.zeros((4, 5, 3), np.uint8))
        )
    assert sample['inputs'].shape == (3, 4, 5)


def test_top_down_samples_have_the_confidence_which_weighs_the_loss(folder):
    dataset = TopdownPoseDataset(layout='lcrnet13', source='coco17', ann_file=str(folder / 'a.json'))
    assert len(dataset) == 2  # the ignored person and the one without joints are none
    infos = [dataset.get_data_info(i) for i in range(2)]
    assert [info['pose_confidence'] for info in infos] == [0.5, 1.0]
    assert infos[0]['keypoints'].shape == (1, 13, 2) and infos[0]['flip_indices'] == list(LCRNET.flip_order)
    weights = np.array([[1, 0, 1.0]])
    weighed = WeightByConfidence().transform(dict(keypoint_weights=weights, pose_confidence=np.float32(0.5)))
    assert weighed['keypoint_weights'].tolist() == [[0.5, 0, 0.5]]


@pytest.mark.parametrize('cls', [PoseDetectionDataset, TopdownPoseDataset])
def test_an_annotation_of_another_layout_is_refused(folder, cls):
    with pytest.raises(
        BadFileError, match=r"a\.json: expected poses of layout 'lcrnet13' .* found 17 joints"
    ):
        cls(layout='lcrnet13', ann_file=str(folder / 'a.json'))


def test_boxes_that_are_none_are_left_out(folder):
    content = json.loads((folder / 'a.json').read_text())
    outside, thin, empty = (dict(content['annotations'][0], id=id_) for id_ in (7, 8, 9))
    outside['bbox'], thin['bbox'], empty['area'] = [90, 5, 10, 10], [5, 5, 0.4, 30], 0
    content['annotations'] = [outside, thin, content['annotations'][1], empty]
    (folder / 'b.json').write_text(json.dumps(content))
    dataset = PoseDetectionDataset(
        source='coco17', ann_file=str(folder / 'b.json'), data_prefix=dict(img=str(folder))
    )
    (instance,) = dataset.get_data_info(0)['instances']
    right_ankle = instance['keypoints'][LCRNET.index('right_ankle')]
    np.testing.assert_allclose(right_ankle, [*(POSE[COCO.index('right_ankle')] + 3), 1], atol=0.01)


@pytest.mark.parametrize(
    ('place', 'change', 'said'),
    [
        ('annotations', dict(bbox=None), "annotation 1: expected 'bbox' as x, y, width, height, found None"),
        ('annotations', dict(image_id=5), 'annotation 1: there is no picture 5'),
        ('annotations', 'area', "annotation 1: it has no 'area'"),
        ('images', 'width', "picture 0 has no 'width'"),
    ],
)
@pytest.mark.parametrize('cls', [PoseDetectionDataset, TopdownPoseDataset])
def test_what_the_data_sets_read_must_be_there(folder, cls, place, change, said):
    content = json.loads((folder / 'a.json').read_text())
    entry = content[place][-1 if place == 'images' else 1]
    entry.update(change) if isinstance(change, dict) else entry.pop(change)
    (folder / 'c.json').write_text(json.dumps(content))
    with pytest.raises(BadFileError, match=rf'c\.json: {said}'):
        cls(source='coco17', ann_file=str(folder / 'c.json'))
