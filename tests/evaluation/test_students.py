"""Students against their experts: the metric of their loaders, and the command on depth videos."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from mmactrep.datasets.keypoints.coco_file import read_coco
from mmactrep.engine.run_figures import printed_figures
from mmactrep.evaluation import StudentMetric
from mmactrep.evaluation.metrics.student_metric import best_match
from mmactrep.evaluation.students import figures, read_pictures
from mmactrep.files import BadFileError
from mmactrep.pose.aggregation import aggregate
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.videos import make_video

KINECT, LCRNET = get_layout('kinect20'), get_layout('lcrnet13')
# head 20 above the shoulders: errors are in units of 20 pixels
BODY = np.array([(60.0, 150.0), (140.0, 150.0)] * 5 + [(95.0, 70.0), (105.0, 70.0), (100.0, 50.0)])


def test_of_several_persons_the_one_that_overlaps_most_counts():
    poses = np.stack([BODY + (200, 0), BODY + (2, 0), BODY + (4, 0)])
    assert best_match(BODY, np.ones(13), poses, np.ones((3, 13))) == 1
    assert best_match(BODY, np.ones(13), poses[:1], np.ones((1, 13))) is None
    assert best_match(BODY, np.ones(13), poses[:0], np.ones((0, 13))) is None


def test_the_metric_on_instances_of_both_packages():
    """Joints 8 and 12 pixels away are 0.4 and 0.6 heads away; a person who is not found misses all."""
    metric = StudentMetric(layout='lcrnet13', thresholds=(0.5, 2.0))
    near, far = BODY.copy(), BODY.copy()
    near[:, 0] += 8
    far[:, 0] += 12
    truth = torch.tensor(np.concatenate([BODY, np.ones((13, 1))], axis=1))[None]
    scores = torch.ones(2, 13)
    found = dict(keypoints=torch.tensor(np.stack([near, BODY + 500])), keypoint_scores=scores)
    mmdet = dict(gt_instances=dict(keypoints=truth), pred_instances=found)
    mmpose = dict(
        gt_instances=dict(keypoints=BODY[None], keypoints_visible=np.ones((1, 13))),
        pred_instances=dict(keypoints=far[None], keypoint_scores=np.ones((1, 13))),
    )
    nobody = dict(
        gt_instances=dict(keypoints=truth),
        pred_instances=dict(keypoints=np.zeros((0, 13, 2)), keypoint_scores=np.zeros((0, 13))),
    )
    metric.process(None, [mmdet, mmpose, nobody])
    values = metric.compute_metrics(metric.results)
    assert values == pytest.approx({'PCKh@0.5': 1 / 3, 'PCKh@2': 2 / 3, 'MPJPE': 0.5})


def test_figures_of_errors_by_hand():
    errors = np.array([[0.4, 0.6, np.inf, np.nan]])
    expected = {'PCKh@0.5': 1 / 3, 'MPJPE': 0.5, 'missed': 1 / 3}
    assert figures(errors, [0.5]) == pytest.approx(expected)


@pytest.fixture(scope='module')
def depth(tmp_path_factory):
    """Depth videos of four subjects and their skeletons, a store as of UTD-MHAD."""
    root, rng = tmp_path_factory.mktemp('utd'), np.random.default_rng(0)
    (root / 'videos').mkdir()
    with SkeletonStoreWriter(root / 'store', KINECT, num_channels=3, with_score=False) as writer:
        for subject in (1, 2, 5, 7):
            name = f'a1_s{subject}_t1'
            pose = rng.uniform(-0.3, 0.3, (1, 44, 20, 3)) + (0, 0, 3)
            pose[:, :, KINECT.index('head'), 1] = 0.8
            writer.add(name, pose)
            frames = [np.full((120, 160, 3), 4 * t, np.uint8) for t in range(44)]
            make_video(root / 'videos' / f'{name}.mp4', frames)
        writer.finish()
    return root


@pytest.fixture(scope='module')
def pictures(depth):
    from tests.helpers.training import load_tool

    code = load_tool('data/make_depth_pictures.py').main(
        [str(depth / 'store'), '--videos', str(depth / 'videos'), '--out', str(depth / 'out')]
    )
    assert code == 0
    return depth / 'out'


def test_pictures_have_the_projected_joints_of_their_frame(depth, pictures):
    found = read_coco(pictures / 'annotations' / 'clean_test.json', LCRNET)
    assert {image['clip'] for image in found['images']} == {'a1_s2_t1'}
    from mmactrep.store.reader import SkeletonStore

    store = SkeletonStore(depth / 'store')
    clip = next(store[i] for i in range(4) if store[i]['frame_dir'] == 'a1_s2_t1')['keypoint'][0]
    for image, person in zip(found['images'], found['annotations']):
        picture = cv2.imread(str(pictures / 'pictures' / image['file_name']))
        assert picture.mean() == pytest.approx(4 * image['frame'], abs=3)
        joints = np.array(person['keypoints']).reshape(13, 3)
        for joint in ('left_wrist', 'right_knee', 'head'):
            x, y, z = clip[image['frame'], KINECT.index(joint)]
            # 285 pixels at a width of 320, here 160
            expected = (80 + 142.5 * x / z, 60 - 142.5 * y / z)
            np.testing.assert_allclose(joints[LCRNET.index(joint), :2], expected, atol=0.01)
    # a training on degraded pictures has videos, but no truth
    assert not (pictures / 'annotations' / 'degraded_train.json').exists()
    assert {path.stem for path in (pictures / 'degraded').iterdir()} == {'a1_s1_t1', 'a1_s5_t1'}


def test_the_command_measures_experts_and_their_aggregate_on_the_frames_of_the_pictures(pictures, capsys):
    outcome = run_here(
        capsys,
        'analysis/evaluate_students.py',
        [pictures, '--condition', 'degraded', '--part', 'val', '--plot', pictures / 'plots'],
    )
    assert outcome.code == 0, outcome.err
    printed = printed_figures(outcome.out)
    methods = ('top-down', 'top-down coarse', 'bottom-up', 'mean', 'median', 'SST-A')
    assert {f'{method} PCKh@0.5' for method in methods} <= set(printed)
    truth = read_pictures(pictures, 'degraded', 'val', 'lcrnet13')
    arrays = [
        np.load(pictures / 'experts' / 'degraded' / name / 'a1_s7_t1.npz')
        for name in ('top_down', 'top_down_coarse', 'bottom_up')
    ]
    votes, score = (np.stack([a[key][0] for a in arrays]) for key in ('keypoint', 'keypoint_score'))
    whole = aggregate(votes, score, LCRNET)
    shoulders = LCRNET.indices(['left_shoulder', 'right_shoulder'])
    for name, pose, seen in (('top-down', votes[0], score[0]), ('SST-A', whole.keypoint, whole.score)):
        right = []
        for row, frame in enumerate(truth.frames):
            neck = truth.keypoint[row, shoulders].mean(axis=0)
            head = np.linalg.norm(truth.keypoint[row, LCRNET.index('head')] - neck)
            apart = np.linalg.norm(pose[frame] - truth.keypoint[row], axis=1) / head
            right += [seen[frame, v] > 0 and apart[v] <= 2 for v in range(13) if truth.score[row, v]]
        assert float(printed[f'{name} PCKh@2']) == pytest.approx(np.mean(right), abs=1e-4)
    assert {path.name for path in (pictures / 'plots').iterdir()} == {
        'confidence_error.png',
        'error_histogram.png',
    }


def test_bad_pictures_are_refused(pictures, depth, capsys, tmp_path):
    outcome = run_here(capsys, 'analysis/evaluate_students.py', [pictures, '--layout', 'penn13'])
    assert_refused(outcome, r"degraded_test\.json: expected poses of layout 'penn13'")
    arguments = [depth / 'store', '--videos', tmp_path, '--out', tmp_path / 'out']
    assert_refused(
        run_here(capsys, 'data/make_depth_pictures.py', arguments), r'a1_s\d_t1\.mp4: no such file'
    )
    content = read_coco(pictures / 'annotations' / 'clean_val.json', LCRNET)
    content['annotations'].append(dict(content['annotations'][0]))
    from mmactrep.datasets.keypoints.coco_file import write_coco

    write_coco(tmp_path / 'annotations' / 'clean_val.json', content)
    with pytest.raises(BadFileError, match=r'clean_val\.json: clean/.*png: expected one person .* found 2'):
        read_pictures(tmp_path, 'clean', 'val', 'lcrnet13')
