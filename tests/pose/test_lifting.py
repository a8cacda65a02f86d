"""3D lifting through mmpose's models, small and randomly initialized."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmactrep.pose.experts import ExpertUnavailableError
from mmactrep.pose.experts.mmpose_zoo import package_folder
from mmactrep.pose.lifting import LIFTERS, PoseLifter, bridge_gaps, build_lifter, window_rows
from mmactrep.structures import SkeletonLayout, get_layout
from tests.helpers.poses import standing

H36M, COCO17 = get_layout('h36m17'), get_layout('coco17')


def small_config(name='videopose3d-27'):
    """mmpose's own config with a narrow network."""
    config = Config.fromfile(LIFTERS[name].config_path)
    config.model.backbone.stem_channels = config.model.head.in_channels = 16
    return config


@pytest.fixture
def lifter():
    pytest.importorskip('mmpose')
    torch.manual_seed(0)
    lifter = PoseLifter(small_config(), batch_size=16)
    lifter._model.eval()
    return lifter


def walk(frames):
    rng = np.random.default_rng(0)
    return np.stack([standing(100 + 3 * t) + rng.normal(0, 2, (17, 2)) for t in range(frames)]).astype(
        np.float32
    )


def by_mmpose(lifter, keypoint):
    """Every frame by mmpose's inference function: windows as ``extract_pose_sequence`` cuts them."""
    from mmengine.structures import InstanceData
    from mmpose.apis import extract_pose_sequence, inference_pose_lifter_model
    from mmpose.structures import PoseDataSample

    frames = []
    for pose in keypoint:
        sample = PoseDataSample()
        low, high = pose.min(axis=0), pose.max(axis=0)
        sample.pred_instances = InstanceData(keypoints=pose[None], bboxes=np.concatenate([low, high])[None])
        sample.gt_instances = InstanceData()
        sample.track_id = 0
        frames.append([sample])
    poses = []
    for frame in range(len(frames)):
        window = extract_pose_sequence(frames, frame, causal=False, seq_len=27)
        (result,) = inference_pose_lifter_model(
            lifter._model, window, image_size=(1000, 1000), norm_pose_2d=True
        )
        poses.append(np.asarray(result.pred_instances.keypoints).reshape(17, 3))
    return np.stack(poses)


def test_equals_mmposes_own_inference(lifter):
    keypoint, score = COCO17.mapping_to(H36M)(walk(40), np.ones((40, 17), np.float32))
    lifted, lifted_score = lifter(keypoint, score, H36M)
    assert lifted.shape == (40, 17, 3) and (lifted_score == 1).all()
    assert lifter.window == 27 and np.ptp(lifted[:, 5], axis=0).max() > 1e-4
    np.testing.assert_allclose(lifted, by_mmpose(lifter, keypoint), atol=1e-4)


def test_other_layouts_are_mapped_first(lifter):
    keypoint = walk(5)
    score = np.full((5, 17), 0.7, np.float32)
    direct = lifter(*COCO17.mapping_to(H36M)(keypoint, score), H36M)
    for found, expected in zip(lifter(keypoint, score, 'coco17'), direct, strict=True):
        np.testing.assert_array_equal(found, expected)
    arm = SkeletonLayout('arm', ('left_shoulder', 'left_elbow'), {'left_elbow': 'left_shoulder'})
    with pytest.raises(ValueError, match='nothing to derive'):
        lifter(np.zeros((3, 2, 2)), np.zeros((3, 2)), arm)


def test_size_and_place_in_the_picture_do_not_matter(lifter):
    keypoint, score = walk(9), np.ones((9, 17), np.float32)
    a, _ = lifter(keypoint, score, 'coco17')
    b, _ = lifter(keypoint * 3 + 50, score, 'coco17')
    np.testing.assert_allclose(a, b, atol=1e-4)


def test_missing_joints_stay_missing(lifter):
    keypoint, score = walk(12), np.ones((12, 17), np.float32)
    wrist = COCO17.index('left_wrist')
    score[4:6, wrist] = 0
    score[8] = 0
    keypoint[score == 0] = 0
    lifted, lifted_score = lifter(keypoint, score, 'coco17')
    assert np.isfinite(lifted).all()
    target = H36M.index('left_wrist')
    assert not lifted_score[4:6, target].any() and not lifted[4:6, target].any()
    assert not lifted_score[8].any() and not lifted[8].any()
    assert lifted_score[[0, 3, 6, 11]].all()
    # the model saw a whole person: other joints of those frames differ little from those without a gap
    whole, _ = lifter(walk(12), np.ones((12, 17), np.float32), 'coco17')
    assert np.abs(lifted[4, H36M.index('right_knee')] - whole[4, H36M.index('right_knee')]).max() < 0.05
    nothing, none = lifter(np.zeros((3, 17, 2)), np.zeros((3, 17)), 'coco17')
    assert not nothing.any() and not none.any()


def test_gaps_are_bridged_by_hand():
    keypoint, score = np.zeros((5, 17, 2), np.float32), np.zeros((5, 17), np.float32)
    hip, knee, ankle = H36M.indices(['right_hip', 'right_knee', 'right_ankle'])
    keypoint[[1, 3], hip] = [[2, 4], [6, 8]]
    score[[1, 3], hip] = 1
    whole = bridge_gaps(keypoint, score, H36M)
    expected = np.float32([[2, 4], [2, 4], [4, 6], [6, 8], [6, 8]])
    for joint in (
        hip,
        knee,
        ankle,
        H36M.index('head'),
    ):  # the leg hangs from the hip, the rest from the middle
        np.testing.assert_allclose(whole[:, joint], expected)


def test_windows_by_hand():
    assert window_rows(4, 3).tolist() == [[0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 3]]
    assert window_rows(3, 3, causal=True).tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 2]]
    assert window_rows(2, 1).tolist() == [[0], [1]]


def test_the_named_configs_are_installed():
    pytest.importorskip('mmpose')
    for name, model in LIFTERS.items():
        config = Config.fromfile(model.config_path)
        assert config.model.type == 'PoseLifter'
        assert name.split('-')[1] == str(config.test_dataloader.dataset.seq_len)
    listed = (
        package_folder('mmpose') / 'configs/body_3d_keypoint/video_pose_lift/h36m/videopose3d_h36m.yml'
    ).read_text()
    for model in LIFTERS.values():
        assert model.config in listed and model.url in listed


def test_absent_weights_are_told(tmp_path, monkeypatch):
    pytest.importorskip('mmpose')
    monkeypatch.setenv('MMACTREP_WEIGHTS', str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExpertUnavailableError) as error:
        build_lifter('videopose3d-243')
    for part in (LIFTERS['videopose3d-243'].url, str(tmp_path), 'MMACTREP_WEIGHTS'):
        assert part in str(error.value)
    with pytest.raises(KeyError, match=r'unknown lifting model.*videopose3d-27'):
        build_lifter('nothing')
    with pytest.raises(ExpertUnavailableError, match=r'config a\.py does not exist'):
        build_lifter('a.py,b.pth')


def test_by_config_and_checkpoint(tmp_path, lifter):
    config = small_config()
    config.dump(tmp_path / 'small.py')
    torch.save(dict(state_dict=lifter._model.state_dict()), tmp_path / 'small.pth')
    again = build_lifter(f'{tmp_path / "small.py"},{tmp_path / "small.pth"}')
    keypoint, score = walk(6), np.ones((6, 17), np.float32)
    np.testing.assert_allclose(
        again(keypoint, score, COCO17)[0], lifter(keypoint, score, COCO17)[0], atol=1e-6
    )
    with pytest.raises(ExpertUnavailableError, match=r'weights .* do not exist'):
        build_lifter(f'{tmp_path / "small.py"},{tmp_path / "absent.pth"}')
