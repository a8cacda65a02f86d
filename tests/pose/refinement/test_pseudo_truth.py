"""Pseudo truth: frames, confidence, boxes, resuming, and what is refused."""

from __future__ import annotations

import json
import math

import cv2
import numpy as np
import pytest

from mmactrep.datasets.keypoints.coco_file import read_coco
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.experts import PrecomputedExpert
from mmactrep.pose.extraction.video_list import list_videos
from mmactrep.pose.refinement.pseudo_truth import (
    PseudoTruthError,
    PseudoTruthMaker,
    PseudoTruthSettings,
    annotate_frame,
    choose_frames,
    is_confident,
)
from mmactrep.structures import get_layout
from mmactrep.structures.poses import TrackedPose
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.videos import make_video

LAYOUT = get_layout('lcrnet13')
FRAMES = 40


def standing(frames: int = FRAMES) -> np.ndarray:
    """One body (T, 13, 2), head 12 pixels above the shoulders, a pixel to the right every frame."""
    parts = dict(head=10, shoulder=22, elbow=34, wrist=44, hip=46, knee=60, ankle=76)
    pose = [(30 + 6 * ('left' in j) - 6 * ('right' in j), parts[j.split('_')[-1]]) for j in LAYOUT.joints]
    shift = np.stack([np.arange(frames), np.zeros(frames)], axis=1)
    return np.array(pose, float)[None] + shift[:, None]


def write_experts(folder, name: str, apart: np.ndarray | float = 0.0) -> list[str]:
    """Three experts of one video; the second and third are displaced by ``apart`` pixels (T,)."""
    apart = np.broadcast_to(apart, FRAMES)
    specs = []
    for number in range(3):
        pose = standing()
        pose[..., 1] += (number * apart)[:, None]
        path = folder / f'e{number}' / f'{name}.npz'
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, keypoint=pose[None], keypoint_score=np.ones((1, FRAMES, 13)), layout='lcrnet13')
        specs.append(str(folder / f'e{number}' / '{stem}.npz'))
    return specs


@pytest.fixture
def world(tmp_path):
    """Two videos whose experts agree in the first half; their specs."""
    frames = [np.full((96, 128, 3), 5 * t, np.uint8) for t in range(FRAMES)]
    apart = np.where(np.arange(FRAMES) < FRAMES // 2, 0.1, 60.0)
    for name in ('one', 'two'):
        (tmp_path / 'videos').mkdir(exist_ok=True)
        make_video(tmp_path / 'videos' / f'{name}.mp4', frames)
        specs = write_experts(tmp_path, name, apart)
    return tmp_path, specs


def make(root, specs, out='out', **settings):
    estimator = PoseEstimator([PrecomputedExpert(spec) for spec in specs], LAYOUT, fill_gap=0)
    return PseudoTruthMaker(root / out, estimator, PseudoTruthSettings(**settings))


def run(maker, root, **options):
    lines = []
    return maker.run(list_videos([root / 'videos']), lines.append, **options), lines


def test_frames_are_sampled_uniformly_from_a_random_first_one():
    for seed in range(20):
        frames = choose_frames(205, 0.1, np.random.default_rng(seed))
        assert len(frames) in (20, 21) and set(np.diff(frames)) == {10} and 0 <= frames[0] < 10
    firsts = {choose_frames(205, 0.1, np.random.default_rng(seed))[0] for seed in range(60)}
    assert firsts == set(range(10))
    assert choose_frames(3, 0.01, np.random.default_rng(0)).shape == (1,)
    assert choose_frames(7, 1.0, np.random.default_rng(0)).tolist() == list(range(7))
    assert len(np.diff(choose_frames(100, 0.3, np.random.default_rng(1)))) in (29, 30)


def pose_with(confidence: float, x: float = 0.0) -> TrackedPose:
    votes = 1 if math.isnan(confidence) else 3
    return TrackedPose(0, 0, standing(1)[0] + (x, 0), np.ones(13), confidence, votes)


def test_truth_is_c_of_at_least_gamma_and_others_are_ignored():
    assert is_confident(pose_with(0.18), 0.18) and not is_confident(pose_with(0.179), 0.18)
    assert not is_confident(pose_with(math.nan), 0.0)  # one expert alone agrees with nobody
    settings = PseudoTruthSettings(min_confidence=0.18)
    people = annotate_frame(
        [pose_with(0.9), pose_with(0.1, 50), pose_with(math.nan, 80)], (96, 200), settings
    )
    assert [person['iscrowd'] for person in people] == [0, 1, 1]
    assert [person['confidence'] for person in people] == [0.9, 0.1, 0.0]
    # 12 wide and 66 high, a tenth more
    assert people[0]['bbox'] == pytest.approx([24 - 0.6, 10 - 3.3, 13.2, 72.6])
    assert annotate_frame([pose_with(0.1)], (96, 200), settings) == []


def test_the_files_hold_what_the_experts_agree_on(world):
    root, specs = world
    report, _ = run(make(root, specs, share=0.5, val_share=0.25), root)
    assert report.sampled == 40 and report.pictures == report.persons == 20 and report.failed == []
    found = {
        name: read_coco(root / 'out' / 'annotations' / f'{name}.json', LAYOUT) for name in ('train', 'val')
    }
    assert [len(content['images']) for content in found.values()] == [15, 5]
    files = set()
    for content in found.values():
        assert content['info']['min_confidence'] == 0.18 and content['info']['experts'] == specs
        for image, person in zip(content['images'], content['annotations']):
            files.add(image['file_name'])
            frame = image['frame']
            assert frame < FRAMES // 2 and person['image_id'] == image['id']
            picture = cv2.imread(str(root / 'out' / 'pictures' / image['file_name']))
            assert picture.mean() == pytest.approx(5 * frame, abs=3)  # the frame of the video that it says
            joints = np.array(person['keypoints']).reshape(13, 3)
            np.testing.assert_allclose(joints[:, 0], standing()[frame, :, 0], atol=0.01)
            np.testing.assert_allclose(joints[:, 1], standing()[frame, :, 1], atol=0.21)
            assert person['confidence'] > 0.9
    assert len(files) == 20
    assert {path.name for path in (root / 'out' / 'pictures' / 'one').iterdir()} == {
        name.split('/')[1] for name in files if name.startswith('one/')
    }


def test_an_interrupted_run_is_resumed_and_gives_the_same(world, monkeypatch):
    root, specs = world
    run(make(root, specs, 'whole', share=0.3, seed=5), root)
    maker = make(root, specs, share=0.3, seed=5)
    process = maker._process

    def killed_at_two(job):
        if job.clip_id == 'two':
            raise KeyboardInterrupt
        return process(job)

    monkeypatch.setattr(maker, '_process', killed_at_two)
    with pytest.raises(KeyboardInterrupt):
        run(maker, root)
    assert not (root / 'out' / 'annotations').exists()
    maker = make(root, specs, share=0.3, seed=5)
    done = []
    process = maker._process
    monkeypatch.setattr(maker, '_process', lambda job: done.append(job.clip_id) or process(job))
    run(maker, root)
    assert done == ['two']
    for name in ('train', 'val'):
        texts = [(root / out / 'annotations' / f'{name}.json').read_text() for out in ('whole', 'out')]
        assert texts[0] == texts[1]


def test_other_settings_do_not_resume(world):
    root, specs = world
    make(root, specs, share=0.3)
    with pytest.raises(PseudoTruthError, match=r'out: was begun with share 0\.3, now it is 0\.2'):
        make(root, specs, share=0.2)
    # others of the same number and names
    write_experts(root / 'others', 'one')
    others = write_experts(root / 'others', 'two')
    for changed in (specs[:2], others):
        with pytest.raises(PseudoTruthError, match='was begun with experts'):
            make(root, changed, share=0.3)


def test_no_confident_frame_says_what_there_is(world):
    root, specs = world
    with pytest.raises(PseudoTruthError, match=r'no confident frame: of 8 .* 0\.999; the largest C is 0\.9'):
        run(make(root, specs, min_confidence=0.999), root)


def test_a_video_that_cannot_be_decoded_is_named_with_its_row_and_the_others_are_kept(world, capsys):
    root, specs = world
    whole = (root / 'videos' / 'two.mp4').read_bytes()
    (root / 'videos' / 'cut.mp4').write_bytes(whole[: len(whole) // 3])
    (root / 'list.csv').write_text('videos/one.mp4\nvideos/cut.mp4\nvideos/two.mp4\n')
    arguments = [root / 'list.csv', '--out', root / 'out', '--experts', *specs, '--quiet']
    outcome = run_here(capsys, 'make_pseudo_truth.py', arguments)
    assert_refused(outcome, r'1 of 3 videos cannot be used: row 2: .*cut\.mp4: .* --skip-bad')
    assert {path.stem for path in (root / 'out' / 'parts').iterdir()} == {'one', 'two'}
    assert not (root / 'out' / 'annotations').exists()
    outcome = run_here(capsys, 'make_pseudo_truth.py', [*arguments, '--skip-bad'])
    assert outcome.code == 0 and 'left out: row 2' in outcome.err and 'of 2 videos' in outcome.out
    content = json.loads((root / 'out' / 'annotations' / 'train.json').read_text())
    assert {image['clip'] for image in content['images']} == {'one', 'two'}


def test_one_expert_agrees_with_nobody(world, capsys):
    root, specs = world
    arguments = [root / 'videos', '--out', root / 'out', '--experts', specs[0]]
    assert_refused(
        run_here(capsys, 'make_pseudo_truth.py', arguments), 'agrees with nobody: name two or more'
    )
