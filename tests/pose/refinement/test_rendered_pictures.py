"""Rendered people as pictures with true poses, and what experts see of them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from mmactrep.datasets.keypoints.coco_file import read_coco
from mmactrep.motion.body import BODY
from mmactrep.motion.rendering.scenes import render_clip
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.refinement import rendered_pictures as module
from mmactrep.pose.refinement.true_pictures import TruePicturesError
from mmactrep.structures import get_layout
from mmactrep.structures.poses import FramePoses
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import load_tool

LCRNET, COCO = get_layout('lcrnet13'), get_layout('coco17')
SETTINGS = replace(module.SETTINGS, size=(72, 96), seconds=(1.0, 1.2))
COUNTS = dict(train=1, val=1, test=1)


class Watcher(PoseExpert):
    """Sees nobody at first, then one body at a place that tells how bright the picture is, and another."""

    layout = COCO

    def __init__(self):
        self.name, self.seen = 'watcher', []

    def start(self, source=None):
        self.seen.append(0)

    def predict(self, frames, first=0):
        self.seen[-1] += len(frames)
        poses = [np.full((2, 17, 2), frame.mean()) + [[[0]], [[1]]] for frame in frames]
        found = [FramePoses(pose, np.ones((2, 17))) for pose in poses]
        return [FramePoses.empty(17), *found[1:]]


@pytest.fixture
def actions(monkeypatch):
    monkeypatch.setattr(module, 'ACTIONS', dict(train=('wave',), val=('wave',), test=('clap',)))


def writer(root, expert, **options):
    return module.rendered_pictures(root, LCRNET, COUNTS, [expert], **dict(settings=SETTINGS) | options)


def test_truth_is_the_pinhole_image_of_the_joints_that_experts_mean(tmp_path, actions):
    assert len(list(writer(tmp_path, Watcher()).write())) == 3
    clip = render_clip('clap', (0, 2, 0), replace(SETTINGS, characters=module.PEOPLE['test']))
    found = read_coco(tmp_path / 'annotations' / 'clean_test.json', LCRNET)
    assert [image['frame'] for image in found['images']] == list(range(1, len(clip.frames), 2))
    for image, person in zip(found['images'], found['annotations']):
        frame = image['frame']
        picture = cv2.imread(str(tmp_path / 'pictures' / image['file_name']))[..., ::-1]
        assert np.abs(picture.astype(int) - clip.frames[frame]).mean() < 8  # JPEG
        camera, joints = clip.cameras[frame], dict(zip(BODY.joints, clip.joints[frame].astype(float)))

        def pixel(point, camera=camera):
            x, y, z = camera.axes @ (point - camera.aim)
            return np.array([48, 36]) + camera.focal * np.array([x, y]) / (z + camera.distance)

        triples = np.array(person['keypoints']).reshape(13, 3)
        for name in ('left_wrist', 'right_knee', 'left_shoulder'):
            row = triples[LCRNET.index(name)]
            assert row[2] and row[:2] == pytest.approx(pixel(joints[name]), abs=0.01)
        # COCO has no head: experts' heads are between the ears
        ears = (pixel(joints['left_ear']) + pixel(joints['right_ear'])) / 2
        assert triples[LCRNET.index('head'), :2] == pytest.approx(ears, abs=0.01)


def test_experts_see_what_teaches_and_what_tests(tmp_path, actions):
    expert = Watcher()
    list(writer(tmp_path, expert).write())
    poses = sorted(str(path.relative_to(tmp_path / 'experts')) for path in tmp_path.rglob('*.npz'))
    assert poses == [
        'clean/watcher/test_clap_000.npz',
        'degraded/watcher/test_clap_000.npz',
        'degraded/watcher/train_wave_000.npz',
    ]
    assert [path.name for path in (tmp_path / 'degraded').iterdir()] == ['train_wave_000.mp4']
    names = {path.stem for path in (tmp_path / 'annotations').iterdir()}
    assert names == {'clean_train', 'clean_val', 'degraded_val', 'clean_test', 'degraded_test'}
    arrays = np.load(tmp_path / 'experts' / 'clean' / 'watcher' / 'test_clap_000.npz')
    clip = module.RenderedVideo('test', 'clap', 0, LCRNET, SETTINGS).record()
    assert str(arrays['layout']) == 'lcrnet13' and not arrays['keypoint_score'][0, 0].any()
    for frame in range(1, len(clip.frames)):  # the first of the two persons
        np.testing.assert_allclose(arrays['keypoint'][0, frame], clip.frames[frame].mean(), rtol=1e-5)
    assert (arrays['keypoint_score'][0, 1:] > 0).all()


def test_a_run_that_was_killed_goes_on_and_other_settings_are_refused(tmp_path, actions):
    whole, expert = tmp_path / 'whole', Watcher()
    list(writer(whole, Watcher()).write())
    next(writer(tmp_path / 'out', expert).write())  # killed behind the first video
    assert len(expert.seen) == 1 and not (tmp_path / 'out' / 'annotations').exists()
    list(writer(tmp_path / 'out', expert).write())
    assert len(expert.seen) == 3  # the first is not seen again
    for path in (whole / 'annotations').iterdir():
        assert (tmp_path / 'out' / 'annotations' / path.name).read_text() == path.read_text()
    with pytest.raises(TruePicturesError, match=r'out: was begun with seed 0, now it is 1: give the same'):
        writer(tmp_path / 'out', expert, seed=1)


def test_those_who_test_are_others_and_do_other_things():
    people = [set(range(*module.PEOPLE[part])) for part in ('train', 'val', 'test')]
    assert len(set.union(*people)) == sum(map(len, people))
    assert not set(module.ACTIONS['train']) & set(module.ACTIONS['test'])


def test_an_expert_that_cannot_be_used_is_refused_before_anything_is_rendered(tmp_path, capsys):
    arguments = ['--out', tmp_path / 'out', '--experts', 'movenet-thunderr']
    outcome = run_here(capsys, 'data/make_rendered_pictures.py', arguments)
    assert_refused(outcome, r"unknown pose expert 'movenet-thunderr'.* did you mean movenet-thunder")
    assert not (tmp_path / 'out').exists()


def test_the_command_shows_the_defaults_that_the_module_has():
    tool = load_tool('data/make_rendered_pictures.py')
    args = tool.parse_args(['--out', 'x'])
    assert (args.experts, args.size) == (module.EXPERTS, module.SETTINGS.size)
    assert {part: getattr(args, part) for part in module.COUNTS} == module.COUNTS
