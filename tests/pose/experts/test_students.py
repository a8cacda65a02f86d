"""Students as experts: CONFIG.py:CHECKPOINT.pth, their boxes, and what is no student."""

from __future__ import annotations

import hashlib
import json
import shutil

import numpy as np
import pytest
import torch

from mmactrep.engine.config_files import CONFIG_FOLDER, read_config
from mmactrep.errors import CheckpointError
from mmactrep.pose.experts import ExpertUnavailableError, UnknownExpertError, build_expert
from mmactrep.pose.experts.base import origin_of
from mmactrep.pose.experts.expert_boxes import ExpertBoxes
from mmactrep.pose.experts.lcrnet_expert import LCRNetExpert
from mmactrep.pose.experts.mmpose_expert import MMPoseExpert
from mmactrep.pose.experts.precomputed import PrecomputedExpert
from mmactrep.structures import get_layout
from tests.helpers.training import restored_random_state

pytest.importorskip('mmpose')
pytest.importorskip('mmdet')
pytest.importorskip('efficientnet_lite_pytorch')
LCRNET = CONFIG_FOLDER / 'ssta_prs' / 'lcrnet-lite0_utd-mhad_2d_small.py'
RTMPOSE = CONFIG_FOLDER / 'ssta_prs' / 'rtmpose-lite0_utd-mhad_2d_small.py'
LAYOUT = get_layout('lcrnet13')
FRAMES = [np.full((120, 160, 3), 60 * i, np.uint8) for i in range(3)]


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    """Checkpoints of both students, random but for what the tests need."""
    import copy

    import mmdet.registry
    import mmpose.registry
    from mmengine.registry import DefaultScope
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    from mmactrep.datasets.keypoints.coco_file import mmpose_metainfo

    root, paths = tmp_path_factory.mktemp('students'), {}
    with restored_random_state():
        for config, package in ((LCRNET, mmdet), (RTMPOSE, mmpose)):
            scope = package.__name__
            model = copy.deepcopy(read_config(config).model)
            model.backbone.pretrained = False
            torch.manual_seed(0)
            with DefaultScope.overwrite_default_scope(scope):
                model = package.registry.MODELS.build(model)
                model.init_weights()
            meta = dict(classes=('person',))
            if scope == 'mmdet':
                head = model.roi_head.bbox_head
                head.anchors.copy_(torch.rand_like(head.anchors))
            else:
                meta = parse_pose_metainfo(mmpose_metainfo(LAYOUT))
            paths[scope] = root / f'{scope}.pth'
            torch.save(dict(state_dict=model.state_dict(), meta=dict(dataset_meta=meta)), paths[scope])
    return paths


def test_a_student_that_finds_persons_itself(weights):
    expert = build_expert(f'{LCRNET}:{weights["mmdet"]}', device='cpu')
    assert isinstance(expert, LCRNetExpert) and expert.layout == LAYOUT and expert.name == 'mmdet'
    expert.min_person_score = 0.0
    found = expert.predict(FRAMES)
    assert len(found) == 3 and all(len(poses) >= 1 for poses in found)
    pose = found[0]
    inside = ((pose.keypoint >= 0) & (pose.keypoint < (160, 120))).all(axis=-1)
    assert inside[pose.score > 0].all() and pose.keypoint.shape[1:] == (13, 2)
    expert.min_person_score = 1.1
    assert [len(poses) for poses in expert.predict(FRAMES)] == [0, 0, 0]
    expert.close()


def test_a_top_down_student_takes_the_boxes_of_any_expert(weights, tmp_path):
    poses = np.zeros((2, 3, 13, 2))
    poses[0] = np.linspace((40, 20), (70, 90), 13)
    np.savez(tmp_path / 'p.npz', keypoint=poses, layout='lcrnet13')
    expert = build_expert(
        f'{RTMPOSE}:{weights["mmpose"]}', device='cpu', detector=str(tmp_path / 'p.npz') + '@lcrnet13'
    )
    assert isinstance(expert, MMPoseExpert) and expert.layout == LAYOUT
    expert.start('video.mp4')
    found = expert.predict(FRAMES)
    assert [len(frame) for frame in found] == [1, 1, 1]
    # without a detector the whole frame is the box of one person
    alone = build_expert(f'{RTMPOSE}:{weights["mmpose"]}', device='cpu', detector=None)
    assert [len(frame) for frame in alone.predict(FRAMES)] == [1, 1, 1]


def test_boxes_of_an_expert_exceed_its_joints_by_a_tenth_and_follow_the_video(tmp_path):
    rows = [
        dict(image_id=t, keypoints=[10 + t, 20, 1] * 16 + [50 + t, 80, 1], score=1, category_id=1)
        for t in range(4)
    ]
    (tmp_path / 'p.json').write_text(json.dumps(rows))
    boxes = ExpertBoxes(build_expert(tmp_path / 'p.json'))
    boxes.start('video.mp4')
    frames = [np.zeros((100, 100, 3), np.uint8) for _ in range(4)]
    for first in (0, 2):
        batch = frames[first : first + 2]
        for _ in range(2):  # of two students that share the boxes, the second asks again
            for t, box in enumerate(boxes(batch), first):
                np.testing.assert_allclose(box[:, :4], [[10 + t - 2, 17, 50 + t + 2, 83]])
    boxes.start('video.mp4')
    assert boxes(batch)[0][0, 0] == 8


def test_a_named_detector_behind_the_checkpoint(weights):
    spec = f'{RTMPOSE}:{weights["mmpose"]}:{LCRNET}:{weights["mmdet"]}'
    expert = build_expert(spec, device='cpu')
    assert isinstance(expert.detector, ExpertBoxes) and isinstance(expert.detector.expert, LCRNetExpert)
    with pytest.raises(ExpertUnavailableError, match='finds persons itself and takes no detector'):
        build_expert(f'{LCRNET}:{weights["mmdet"]}:mediapipe')


def test_a_checkpoint_of_another_student_is_refused(weights):
    for config, other in ((LCRNET, 'mmpose'), (RTMPOSE, 'mmdet')):
        with pytest.raises(CheckpointError, match=rf'{other}\.pth does not fit .*{config.name}: Missing key'):
            build_expert(f'{config}:{weights[other]}', device='cpu', detector=None)


def test_what_is_missing_or_no_student_is_named(weights, tmp_path):
    with pytest.raises(
        ExpertUnavailableError, match=r'needs its checkpoint .*absent.pth, which does not exist'
    ):
        build_expert(f'{LCRNET}:{tmp_path}/absent.pth')
    with pytest.raises(ExpertUnavailableError, match=r'needs its config .*absent.py, which does not exist'):
        build_expert(f'{tmp_path}/absent.py:{weights["mmdet"]}')
    other = CONFIG_FOLDER / 'unik' / 'unik_penn_2d_small.py'
    with pytest.raises(
        UnknownExpertError, match=r'expected a student.* found RecognizerGCN in the scope mmactrep'
    ):
        build_expert(f'{other}:{weights["mmdet"]}')


def test_a_student_trained_anew_at_the_same_path_is_another_one(weights, tmp_path):
    checkpoint = tmp_path / 'student.pth'
    shutil.copy(weights['mmdet'], checkpoint)
    specs = [
        f'{LCRNET}:{checkpoint}',
        dict(type='LCRNetExpert', config=str(LCRNET), checkpoint=str(checkpoint)),
        f'{RTMPOSE}:{weights["mmpose"]}:{LCRNET}:{checkpoint}',
    ]
    before = [origin_of(build_expert(spec, device='cpu')) for spec in specs]
    assert before == [origin_of(build_expert(spec, device='cpu')) for spec in specs]
    assert before[0].startswith(f'{specs[0]} sha256:')
    assert hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:16] in before[0]
    found = torch.load(checkpoint, weights_only=True)
    next(iter(found['state_dict'].values())).add_(1)
    torch.save(found, checkpoint)
    after = [origin_of(build_expert(spec, device='cpu')) for spec in specs]
    assert all(old != new for old, new in zip(before, after))


def test_the_expert_of_shared_boxes_is_closed_once(weights, tmp_path):
    closed = []

    class Closing(PrecomputedExpert):
        def close(self):
            closed.append(self.name)

    poses = np.ones((1, 3, 13, 2))
    np.savez(tmp_path / 'p.npz', keypoint=poses, layout='lcrnet13')
    boxes = ExpertBoxes(Closing(tmp_path / 'p.npz', layout='lcrnet13'))
    students = [
        build_expert(f'{RTMPOSE}:{weights["mmpose"]}', device='cpu', detector=boxes) for _ in range(2)
    ]
    for student in students:
        student.close()
    assert closed == ['p']
