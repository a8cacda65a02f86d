"""mmpose models behind the expert's interface, with small networks of random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import HistoryBuffer
from mmengine.registry import DefaultScope
from mmengine.runner import save_checkpoint
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from mmactrep.pose.experts import ExpertUnavailableError, MMPoseExpert, PersonDetector, build_experts
from mmactrep.pose.experts.mmpose_zoo import DETECTORS, POSE_MODELS, package_folder
from mmactrep.pose.experts.person_detector import openmmlab_scope
from mmactrep.registry import POSE_EXPERTS

pytest.importorskip('mmpose')
pytest.importorskip('mmdet')


@pytest.fixture(scope='module')
def frames() -> list[np.ndarray]:
    coarse = np.random.default_rng(1).integers(0, 255, (3, 12, 16, 3), dtype=np.uint8)
    return [np.kron(picture, np.ones((10, 10, 1), np.uint8)) for picture in coarse]


def save(config: Config, folder, package: str, gain: float = 1.0) -> dict:
    """The config's model with random weights, as a checkpoint beside its config: paths by argument.

    ``gain`` is chosen so that something is found, inside the picture.
    """
    torch.manual_seed(0)
    with openmmlab_scope(package):
        if package == 'mmpose':
            from mmpose.models import build_pose_estimator as build
        else:
            import mmdet.models  # noqa: F401
            from mmdet.registry import MODELS

            build = MODELS.build
        model = build(config.model)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
            parameter.data *= gain
        else:
            torch.nn.init.uniform_(parameter, 0.5 * gain, gain)
    config.dump(folder / 'model.py')
    # as official ones: with a message hub of HistoryBuffer and numpy scalars
    hub = dict(log_scalars=dict(loss=HistoryBuffer([np.float64(1.0)], [1])))
    state = dict(state_dict=model.state_dict(), meta={}, message_hub=hub)
    save_checkpoint(state, str(folder / 'model.pth'))
    return dict(config=folder / 'model.py', checkpoint=folder / 'model.pth', device='cpu')


@pytest.fixture(scope='module')
def simcc(tmp_path_factory) -> dict:
    """RTMPose, top-down, much narrower."""
    config = Config.fromfile(POSE_MODELS['rtmpose-t'].config_path)
    config.model.backbone.update(widen_factor=0.125, init_cfg=None)
    config.model.head.in_channels = 128
    config.model.head.gau_cfg.update(hidden_dims=32, s=16)
    return save(config, tmp_path_factory.mktemp('simcc'), 'mmpose')


@pytest.fixture(scope='module')
def heatmap(tmp_path_factory) -> dict:
    """Top-down with heat maps and flip test, as HRNet and ViTPose."""
    folder = package_folder('mmpose') / 'configs' / 'body_2d_keypoint' / 'topdown_heatmap' / 'coco'
    config = Config.fromfile(folder / 'td-hm_res50_8xb64-210e_coco-256x192.py')
    config.model.backbone.update(depth=18, base_channels=8, stem_channels=8, init_cfg=None)
    config.model.head.update(in_channels=64, deconv_out_channels=(16, 16, 16))
    return save(config, tmp_path_factory.mktemp('heatmap'), 'mmpose')


@pytest.fixture(scope='module')
def one_stage(tmp_path_factory) -> dict:
    """RTMO on small pictures."""
    config = Config.fromfile(POSE_MODELS['rtmo-s'].config_path)
    config.test_dataloader.dataset.pipeline[1].input_size = (160, 160)
    config.model.test_cfg.update(input_size=(160, 160), score_thr=0.5)
    return save(config, tmp_path_factory.mktemp('one_stage'), 'mmpose', gain=0.3)


@pytest.fixture(scope='module')
def regression(tmp_path_factory) -> dict:
    """DEKR, bottom-up, narrower and on small pictures; its head takes one picture at a time."""
    config = Config.fromfile(POSE_MODELS['dekr-w32'].config_path)
    extra, width = config.model.backbone.extra, (4, 8, 16, 32)
    for number, channels in (('2', width[:2]), ('3', width[:3]), ('4', width)):
        extra[f'stage{number}'].update(num_modules=1, num_channels=channels)
    config.model.head.update(in_channels=sum(width), rescore_cfg=None)
    config.test_dataloader.dataset.pipeline[1].input_size = (128, 128)
    config.model.head.decoder.update(input_size=(128, 128), heatmap_size=(32, 32))
    return save(config, tmp_path_factory.mktemp('regression'), 'mmpose', gain=0.5)


@pytest.fixture(scope='module')
def detector(tmp_path_factory) -> dict:
    """RTMDet, very narrow."""
    config = Config.fromfile(DETECTORS['rtmdet-tiny'].config_path)
    config.model.backbone.update(widen_factor=0.125, deepen_factor=0.1, init_cfg=None)
    config.model.neck.update(in_channels=[32, 64, 128], out_channels=16)
    config.model.bbox_head.update(in_channels=16, feat_channels=16, exp_on_reg=False, num_classes=1)
    return save(config, tmp_path_factory.mktemp('detector'), 'mmdet')


def keep_all(**files) -> MMPoseExpert:
    """An expert that holds nothing back, to compare with mmpose's own results."""
    return MMPoseExpert(**files, min_score=0.0, min_person_score=0.0)


def mmpose_results(expert: MMPoseExpert, frame: np.ndarray, boxes=None) -> tuple[np.ndarray, np.ndarray]:
    """Key points and scores by mmpose's own functions, on a BGR picture."""
    from mmpose.apis import inference_bottomup, inference_topdown

    picture = np.ascontiguousarray(frame[..., ::-1])
    with DefaultScope.overwrite_default_scope('mmpose'):
        if expert.top_down:
            results = inference_topdown(expert._model, picture, boxes)
        else:
            results = inference_bottomup(expert._model, picture)
    found = [result.pred_instances for result in results]
    return (
        np.concatenate([np.asarray(each.keypoints) for each in found]),
        np.concatenate([np.asarray(each.keypoint_scores) for each in found]),
    )


def assert_same_set(found: np.ndarray, expected: np.ndarray, atol: float = 1e-2) -> None:
    """Rows of one are rows of the other, in whatever order."""
    assert found.shape == expected.shape
    rows = (array.reshape(len(array), -1) for array in (found, expected))
    difference = cdist(*rows, 'chebyshev')
    assert difference[linear_sum_assignment(difference)].max(initial=0) < atol


def expected_poses(keypoint, score, frame):
    """What the interface promises of them: missing where outside the frame, scores up to 1."""
    height, width = frame.shape[:2]
    inside = (keypoint >= 0).all(-1) & (keypoint[..., 0] < width) & (keypoint[..., 1] < height)
    score = np.where(inside, np.clip(score, 0, 1), 0)
    return np.where(score[..., None] > 0, keypoint, 0), score


@pytest.mark.parametrize('kind', ['simcc', 'heatmap'])
def test_top_down_gives_what_mmpose_gives(kind, request, frames):
    expert = keep_all(**request.getfixturevalue(kind), detector=None)
    assert expert.layout.name == 'coco17' and expert.top_down
    for frame, poses in zip(frames, expert.predict(frames)):
        keypoint, score = expected_poses(*mmpose_results(expert, frame), frame)
        assert len(poses) == 1 and (poses.score > 0).sum() > 3
        np.testing.assert_allclose(poses.keypoint, keypoint, atol=1e-3)
        np.testing.assert_allclose(poses.score, score, atol=1e-5)
        np.testing.assert_array_equal(poses.box, [[0, 0, 160, 120]])


def test_one_stage_gives_what_mmpose_gives(one_stage, frames):
    expert = keep_all(**one_stage)
    assert not expert.top_down and expert.detector is None and expert.layout.name == 'coco17'
    total = 0
    for frame, poses in zip(frames, expert.predict(frames)):
        keypoint, score = expected_poses(*mmpose_results(expert, frame), frame)
        seen = (score > 0).any(-1)
        total += len(poses)
        assert len(poses) == seen.sum()
        assert_same_set(poses.keypoint, keypoint[seen])
    assert total > 0


def test_bottom_up_model_that_takes_one_picture_at_a_time(regression, frames):
    expert = keep_all(**regression)
    assert expert.batch_size == 1 and not expert.top_down
    out = expert.predict(frames)
    assert len(out) == 3 and sum(map(len, out)) > 0
    keypoint, score = expected_poses(*mmpose_results(expert, frames[0]), frames[0])
    assert_same_set(out[0].keypoint, keypoint[(score > 0).any(-1)])


@pytest.mark.parametrize('kind', ['simcc', 'one_stage'])
def test_a_batch_gives_what_single_frames_give(kind, request, frames):
    files = request.getfixturevalue(kind) | (dict(detector=None) if kind == 'simcc' else {})
    together = keep_all(**files).predict(frames)
    alone = keep_all(**files, batch_size=1)
    one_by_one = [alone.predict([frame], first=number)[0] for number, frame in enumerate(frames)]
    for a, b in zip(together, one_by_one, strict=True):
        # persons of nearly the same score may change places; scores to 1e-4
        found, expected = (
            np.concatenate([each.keypoint, 100 * each.score[..., None]], axis=-1) for each in (a, b)
        )
        assert_same_set(found, expected)


def test_frames_of_different_sizes_in_one_call(one_stage, frames):
    expert = keep_all(**one_stage)
    mixed = [frames[0], np.ascontiguousarray(frames[1][:100, :90]), frames[2]]
    for frame, poses in zip(mixed, expert.predict(mixed)):
        np.testing.assert_allclose(poses.keypoint, expert.predict([frame])[0].keypoint, atol=1e-2)


def test_the_detector_s_boxes_are_mmdet_s(detector, frames):
    from mmdet.apis import inference_detector

    boxes = PersonDetector(**detector, model=None, min_score=0.3, max_overlap=1.0)
    found = boxes(frames)
    assert sum(map(len, found)) > 0
    for frame, rows in zip(frames, found):
        with DefaultScope.overwrite_default_scope('mmdet'):
            result = inference_detector(boxes._model, np.ascontiguousarray(frame[..., ::-1])).pred_instances
        person = (result.labels == 0) & (result.scores > 0.3)
        expected = result.bboxes[person].numpy()
        assert_same_set(rows[:, :4], expected)


class FixedBoxes(PersonDetector):
    """Two boxes in the first frame, none in the second, one in the third."""

    def __init__(self) -> None:
        self.rows = [[[10, 5, 80, 100, 0.6], [70, 20, 150, 110, 0.9]], [], [[20, 10, 140, 115, 0.8]]]

    def __call__(self, frames):
        return [np.array(rows, np.float32).reshape(-1, 5) for rows in self.rows]

    def forget(self) -> None:
        pass


def test_each_box_is_a_person_of_its_frame_the_surest_first(simcc, frames):
    expert = keep_all(**simcc, detector=FixedBoxes())
    out = expert.predict(frames)
    assert [len(poses) for poses in out] == [2, 0, 1]
    np.testing.assert_array_equal(out[0].box, [[70, 20, 150, 110], [10, 5, 80, 100]])
    for frame, poses in ((frames[0], out[0]), (frames[2], out[2])):
        keypoint, score = expected_poses(*mmpose_results(expert, frame, poses.box), frame)
        np.testing.assert_allclose(poses.keypoint, keypoint, atol=1e-3)
        np.testing.assert_allclose(poses.score, score, atol=1e-5)


def test_top_down_with_a_detector(simcc, detector, frames):
    options = {key: value for key, value in detector.items() if key != 'device'}
    expert = keep_all(**simcc, detector=options | dict(max_persons=3))
    poses = expert.predict(frames[:1])[0]
    boxes = expert.detector(frames[:1])[0]
    assert 0 < len(boxes) <= 3
    _, score = expected_poses(*mmpose_results(expert, frames[0], boxes[:, :4]), frames[0])
    seen = (score > 0).any(-1)
    assert len(poses) == seen.sum()
    assert sorted(map(tuple, poses.box)) == sorted(map(tuple, boxes[seen, :4]))


def test_experts_share_a_detector_and_it_looks_once(simcc, heatmap, detector, frames):
    options = {key: value for key, value in detector.items() if key != 'device'}
    specs = [dict(type='MMPoseExpert', detector=options, **files) for files in (simcc, heatmap)]
    first, second = build_experts(specs)
    assert first.detector is second.detector
    assert first.detector(frames) is second.detector(frames)
    first.start()
    assert first.detector._last == ([], [])


def test_thresholds_leave_out_joints_and_persons(one_stage, frames):
    everyone = keep_all(**one_stage).predict(frames)
    least = float(np.median(np.concatenate([poses.score[poses.score > 0] for poses in everyone])))
    sure = MMPoseExpert(**one_stage, min_score=least, min_person_score=0.0, max_persons=2).predict(frames)
    scores = np.concatenate([poses.score.ravel() for poses in sure])
    assert (scores > 0).sum() > 0 and scores[scores > 0].min() >= least
    assert max(map(len, sure)) <= 2
    assert not any(map(len, MMPoseExpert(**one_stage, min_person_score=1.1).predict(frames)))


def test_the_caller_s_scope_stands_again(simcc, frames):
    with DefaultScope.overwrite_default_scope('mmactrep'):
        MMPoseExpert(**simcc, detector=None).predict(frames[:1])
        assert DefaultScope.get_current_instance().scope_name == 'mmactrep'


def test_builds_from_the_registry_and_no_frames_give_none(simcc):
    expert = POSE_EXPERTS.build(dict(type='MMPoseExpert', detector=None, name='mine', **simcc))
    assert isinstance(expert, MMPoseExpert) and expert.name == 'mine'
    assert expert.predict([]) == []
    assert MMPoseExpert(**simcc, detector=None).name == 'model'


def test_a_layout_given_must_have_the_model_s_joints(simcc):
    assert MMPoseExpert(**simcc, detector=None, layout='posetics17').layout.name == 'posetics17'
    with pytest.raises(ValueError, match=r"'body25' has 25 joints, the model 17"):
        MMPoseExpert(**simcc, detector=None, layout='body25')


def test_a_checkpoint_that_runs_code_is_refused(simcc, tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ('ran',))

    torch.save(dict(state_dict={}, meta=Evil()), tmp_path / 'evil.pth')
    with pytest.raises(Exception, match=r'[Ww]eights.only'):
        MMPoseExpert(config=simcc['config'], checkpoint=tmp_path / 'evil.pth', detector=None, device='cpu')


def test_without_weights_it_says_what_from_where_and_where_to(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('MMACTREP_WEIGHTS', str(tmp_path / 'mine'))
    with pytest.raises(ExpertUnavailableError) as error:
        MMPoseExpert('rtmo-m')
    message, url = str(error.value), POSE_MODELS['rtmo-m'].url
    assert url in message and url.rsplit('/', 1)[1] in message
    assert (
        str(tmp_path / 'mine') in message and 'checkpoints/pose' in message and 'MMACTREP_WEIGHTS' in message
    )


@pytest.mark.parametrize('folder', ['mine', 'checkpoints/pose'])
def test_weights_are_found_in_either_folder(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('MMACTREP_WEIGHTS', 'mine')
    path = tmp_path / folder / POSE_MODELS['rtmpose-m'].url.rsplit('/', 1)[1]
    path.parent.mkdir(parents=True)
    path.touch()
    assert POSE_MODELS['rtmpose-m'].weights_path.resolve() == path


def test_missing_files_and_arguments(simcc, tmp_path):
    with pytest.raises(ExpertUnavailableError, match=r'none\.pth do not exist'):
        MMPoseExpert(config=simcc['config'], checkpoint=tmp_path / 'none.pth')
    with pytest.raises(ExpertUnavailableError, match=r'config .*none\.py does not exist'):
        MMPoseExpert(config=tmp_path / 'none.py', checkpoint=simcc['checkpoint'])
    with pytest.raises(ValueError, match='needs a checkpoint'):
        MMPoseExpert(config=simcc['config'])
    with pytest.raises(ValueError, match='name of a model'):
        MMPoseExpert()
    with pytest.raises(KeyError, match=r"unknown model 'rtmpose-xxl'; short names are .*rtmpose-m"):
        MMPoseExpert('rtmpose-xxl')


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA device')
@pytest.mark.parametrize('kind', ['simcc', 'one_stage'])
def test_cuda_gives_what_the_cpu_gives(kind, request, frames):
    files = request.getfixturevalue(kind) | (dict(detector=None) if kind == 'simcc' else {})
    on_cpu = keep_all(**files).predict(frames)
    on_cuda = keep_all(**(files | dict(device='cuda:0'))).predict(frames)
    for a, b in zip(on_cpu, on_cuda):
        np.testing.assert_allclose(a.keypoint.mean(), b.keypoint.mean(), rtol=0.05)
