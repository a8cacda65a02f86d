"""COCO files of poses: boxes, content as mmpose's and mmdet's own readers see it, and refusals."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import mmactrep.registry  # noqa: F401  what the OpenMMLab packages need to be imported
from mmactrep.datasets.keypoints.coco_file import (
    annotate,
    coco_content,
    grown_box,
    mmpose_metainfo,
    read_coco,
    write_coco,
)
from mmactrep.files import BadFileError
from mmactrep.structures import get_layout

LAYOUT = get_layout('lcrnet13')
RNG = np.random.default_rng(0)
POSE = RNG.uniform(20, 60, (13, 2))


@pytest.fixture
def content():
    score = np.ones(13)
    score[2] = 0
    people = [
        annotate(POSE, score, grown_box(POSE, score, (90, 100)), confidence=0.625),
        annotate(POSE + 5, np.ones(13), np.array([10, 10, 40, 70]), confidence=0.1, ignored=True),
    ]
    picture = dict(file_name='a/000003.jpg', width=100, height=90)
    return coco_content(LAYOUT, [(picture, people)], dict(source='test', layout='not this'))


def test_a_box_exceeds_the_seen_joints_by_a_tenth_and_ends_at_the_picture():
    keypoint, score = np.array([[10.0, 20.0], [30.0, 60.0], [500.0, 500.0]]), np.array([1, 1, 0])
    np.testing.assert_allclose(grown_box(keypoint, score, (100, 100)), [9, 18, 31, 62])
    np.testing.assert_allclose(grown_box(keypoint, score, (61, 100)), [9, 18, 31, 61])
    assert not grown_box(keypoint, np.zeros(3), (100, 100)).any()
    assert not grown_box(keypoint, np.array([0, 0, 1]), (100, 100)).any()


def test_the_content_is_coco(content, tmp_path):
    write_coco(tmp_path / 'deep' / 'a.json', content)
    from xtcocotools.coco import COCO

    coco = COCO(str(tmp_path / 'deep' / 'a.json'))
    assert coco.getImgIds() == [1] and len(coco.getAnnIds(imgIds=[1])) == 2
    person = coco.loadAnns(coco.getAnnIds(iscrowd=False))[0]
    x, y, w, h = person['bbox']
    seen = np.delete(POSE, 2, axis=0)
    middle, span = (seen.min(axis=0) + seen.max(axis=0)) / 2, np.ptp(seen, axis=0)
    np.testing.assert_allclose([x + w / 2, y + h / 2], middle, atol=0.02)
    np.testing.assert_allclose([w, h], 1.1 * span, atol=0.02)
    assert person['num_keypoints'] == 12 and person['keypoints'][6:9] == [0, 0, 0]
    assert person['confidence'] == 0.625 and content['info']['layout'] == 'lcrnet13'
    assert coco.loadCats(1)[0]['keypoints'] == list(LAYOUT.joints)


def test_another_layout_is_refused_with_both(content, tmp_path):
    write_coco(tmp_path / 'a.json', content)
    read_coco(tmp_path / 'a.json', 'lcrnet13')
    with pytest.raises(BadFileError, match=r"a\.json: expected poses of layout 'coco17' \(nose.*found 13"):
        read_coco(tmp_path / 'a.json', 'coco17')
    # as many joints in another order
    with pytest.raises(BadFileError, match=r"layout 'penn13' \(head, .*found 13 joints \(right_ankle"):
        read_coco(tmp_path / 'a.json', 'penn13')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda c: c['annotations'][1]['keypoints'].pop(),
            r'annotation 1 \(picture 1\): .* found 38 numbers',
        ),
        (lambda c: c['annotations'][0].pop('keypoints'), r"annotation 0 \(picture 1\): .* no 'keypoints'"),
        (lambda c: c['annotations'].clear(), 'there are no persons'),
        (lambda c: c.pop('images'), "expected a COCO file with 'images'"),
        (lambda c: c['categories'][0].pop('keypoints'), 'these are no annotations of poses'),
    ],
)
def test_what_is_no_file_of_poses_is_refused(content, change, message, tmp_path):
    content = copy.deepcopy(content)
    change(content)
    write_coco(tmp_path / 'a.json', content)
    with pytest.raises(BadFileError, match=message):
        read_coco(tmp_path / 'a.json', 'lcrnet13')


def test_mmpose_and_mmdet_read_it(content, tmp_path):
    write_coco(tmp_path / 'a.json', content)
    from mmdet.datasets import CocoDataset as DetectionCoco
    from mmpose.datasets import CocoDataset as PoseCoco

    class Poses(PoseCoco):
        METAINFO = mmpose_metainfo(LAYOUT)

        @classmethod
        def _load_metainfo(cls, metainfo=None):
            from mmpose.datasets.datasets.utils import parse_pose_metainfo

            return parse_pose_metainfo(metainfo or cls.METAINFO)

    poses = Poses(ann_file=str(tmp_path / 'a.json'), data_prefix=dict(img='pictures/'))
    assert len(poses) == 1  # the ignored person is no sample
    info = poses.get_data_info(0)
    assert info['img_path'] == 'pictures/a/000003.jpg'
    np.testing.assert_allclose(info['keypoints'][0, 3], POSE[3], atol=0.01)
    assert info['flip_indices'] == list(LAYOUT.flip_order)
    options = dict(metainfo=dict(classes=('person',)), data_prefix=dict(img=''))
    boxes = DetectionCoco(ann_file=str(tmp_path / 'a.json'), **options)
    flags = [instance['ignore_flag'] for instance in boxes.get_data_info(0)['instances']]
    assert flags == [0, 1]
