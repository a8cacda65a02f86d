"""Poses are kept by clip: what a kill, a changed video or another class does to them."""

import dataclasses

import numpy as np
import pytest

from mmactrep.apis.teach import poses
from mmactrep.apis.teach.inputs import read_plan
from mmactrep.errors import UserError
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.videos import make_video


def extract(settings, **changes):
    made = settings(**changes)
    return poses.extract_poses(made, read_plan(made))


def write_poses(path, keypoint):
    """A file of one person in 20 frames."""
    keypoint = np.broadcast_to(np.float32(keypoint), (1, 20, 17, 2))
    np.savez(path, keypoint=keypoint, score=np.ones((1, 20, 17), np.float32))


def test_a_kill_loses_one_clip_and_a_damaged_file_is_made_again(settings, monkeypatch):
    done = []
    original = poses._OneClip.add_outcome

    def killed(self, outcome):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(outcome.name)
        original(self, outcome)

    monkeypatch.setattr(poses._OneClip, 'add_outcome', killed)
    with pytest.raises(KeyboardInterrupt):
        extract(settings)
    monkeypatch.setattr(poses._OneClip, 'add_outcome', original)
    _, times = extract(settings)
    assert (times.known, times.clips) == (4, 2)
    file = sorted(settings().poses.rglob('*.npz'))[0]
    file.write_bytes(file.read_bytes()[:100])
    clips, times = extract(settings)
    assert (times.known, times.clips) == (5, 1) and all(clip.outcome.kept for clip in clips)


def test_a_changed_video_is_extracted_again_and_a_moved_label_is_not(settings, videos):
    before, _ = extract(settings)
    make_video(videos / 'rising' / 'clip1.mp4', [np.full((48, 64, 3), 200, np.uint8)] * 12)
    after, times = extract(settings)
    assert (times.known, times.clips) == (5, 1)
    assert [clip.keypoint.shape[1] for clip in before].count(20) == 6
    assert sorted(clip.keypoint.shape[1] for clip in after) == [12, 20, 20, 20, 20, 20]

    rows = [
        'path,label',
        *(f'rising/clip{k}.mp4,{"a" if k else "b"}' for k in range(3)),
        'falling/clip0.mp4,b',
    ]
    (videos / 'list.csv').write_text('\n'.join(rows))
    clips, times = extract(settings, source=str(videos / 'list.csv'))
    assert times.clips == 0 and [clip.outcome.label for clip in clips] == ['b', 'a', 'a', 'b']


def test_other_experts_have_other_poses(settings):
    extract(settings)
    other = dataclasses.replace(settings(), experts=(BrightnessExpert(), BrightnessExpert()))
    _, times = poses.extract_poses(other, read_plan(other))
    assert times.known == 0


def test_a_broken_video_is_told_or_listed(settings, videos):
    (videos / 'rising' / 'clip2.mp4').write_bytes(b'no video')
    with pytest.raises(UserError, match=r'rising/clip2\.mp4'):
        extract(settings)
    clips, _ = extract(settings, skip_bad=True)
    (outcome,) = poses.left_out(clips)
    assert outcome.reason == 'bad' and outcome.why.count('clip2.mp4') == 1


def test_two_processes_find_what_one_finds(settings, videos, tmp_path):
    """Poses of files, as experts cannot be sent to another process."""
    for path in sorted(videos.rglob('*.mp4')):  # a file of poses for each name
        path.rename(path.with_name(f'{path.parent.name}{path.name}'))
    rng = np.random.default_rng(0)
    for path in videos.rglob('*.mp4'):
        write_poses(
            tmp_path / f'{path.stem}.npz', rng.uniform(5, 40, (17, 2)) + rng.uniform(-1, 1, (20, 1, 2))
        )
    experts = (dict(type='PrecomputedExpert', path=f'{tmp_path}/{{stem}}.npz', layout='coco17'),)
    one, _ = extract(settings, experts=experts)
    two, times = extract(settings, experts=experts, processes=2, out=tmp_path / 'two')
    assert times.clips == 6
    for a, b in zip(one, two):
        assert a.outcome.kept and a.outcome.name == b.outcome.name
        np.testing.assert_array_equal(a.keypoint, b.keypoint)


def test_poses_of_a_file_that_changed_are_read_again(settings, videos, tmp_path):
    body = np.random.default_rng(0).uniform(5, 30, (17, 2))
    for path in sorted(videos.rglob('*.mp4')):
        path.rename(path.with_name(f'{path.parent.name}{path.name}'))
    for path in videos.rglob('*.mp4'):
        write_poses(tmp_path / f'{path.stem}.npz', body)
    experts = (f'{tmp_path}/{{stem}}.npz@coco17',)
    before, _ = extract(settings, experts=experts)
    write_poses(tmp_path / 'risingclip1.npz', body + 9)
    after, times = extract(settings, experts=experts)
    assert (times.known, times.clips) == (5, 1)
    for old, new in zip(before, after):
        moved = 9 if new.outcome.name.endswith('risingclip1') else 0
        np.testing.assert_allclose(new.keypoint - old.keypoint, moved, atol=1e-4)


def test_another_least_share_needs_no_extraction(settings, videos):
    half = [np.full((48, 64, 3), 90 if t < 9 else 0, np.uint8) for t in range(20)]
    make_video(videos / 'rising' / 'clip0.mp4', half)
    clips, _ = extract(settings)
    (few,) = poses.left_out(clips)
    path = videos / 'rising' / 'clip0.mp4'
    assert few.reason == 'few' and few.why == f'{path}: a body in 45% of 20 frames'
    clips, times = extract(settings, min_share=0.4)
    assert times.clips == 0 and not list(poses.left_out(clips))


def test_the_fastest_expert_is_small_multipose_and_the_report_tells_its_options(monkeypatch):
    monkeypatch.setattr(poses, 'available_experts', lambda: dict.fromkeys(poses.EXPERTS, ''))
    assert poses.fastest_experts() == ['movenet-multipose-320']
    assert poses.described_expert('movenet-multipose-320') == (
        'movenet-multipose-320 (size=320, min_score=0.1)'
    )
    assert poses.described_expert('rtmo-s') == 'rtmo-s'
    lacks = {name: 'no file' if 'movenet' in name else '' for name in poses.EXPERTS}
    monkeypatch.setattr(poses, 'available_experts', lambda: lacks)
    assert poses.fastest_experts() == ['mediapipe']
