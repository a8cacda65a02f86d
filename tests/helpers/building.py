"""A list of fake videos, of each kind that a build meets, and the build of it."""

from __future__ import annotations

import numpy as np

from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.extraction.building.plan import make_plan
from mmactrep.pose.extraction.building.run import run_build
from mmactrep.pose.extraction.building.settings import BuildSettings
from mmactrep.pose.extraction.settings import ExtractionSettings
from mmactrep.structures import get_layout
from mmactrep.video.frames import VideoError
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.fake_videos import FakeVideo

SETTINGS = ExtractionSettings(min_length=1, fill_gap=5)
VIDEOS = dict(
    a=FakeVideo(20, 50), b=FakeVideo(7, 80), black=FakeVideo(30, 0), c=FakeVideo(33, 120),
    broken=FakeVideo(40, 90, fails_at=16), drop=FakeVideo(9, 70),
    # a person in 5 of 11 frames, in 6 of 12
    few=FakeVideo(11, [90] * 5 + [0] * 6), half=FakeVideo(12, [0] * 6 + [90] * 6), d=FakeVideo(12, 200),
)  # fmt: skip
LABELS = dict(
    a='sit', b='run', black='sit', c='run', broken='sit', drop='noise', few='run', half='sit', d='run'
)
SPLITS = dict(a='train', c='train', few='train', half='val', d='val')


class Opener:
    """Opens the fake videos; may kill the run at one of them, or refuse it."""

    def __init__(self, kill_at=None, bad=()):
        self.opened, self.kill_at, self.bad = [], kill_at, bad

    def __call__(self, row):
        if row.clip_id == self.kill_at:
            raise KeyboardInterrupt
        if row.clip_id in self.bad:
            raise VideoError(f'{row.path}: no video')
        self.opened.append(row.clip_id)
        return VIDEOS[row.clip_id]


class DoublingLifter:
    """Lifts to 3D by a third coordinate, twice the first."""

    layout = get_layout('coco17')

    def __call__(self, keypoint, score, layout):
        return np.concatenate([keypoint, 2 * keypoint[..., :1]], axis=-1), score


def build(source, root, opener=None, shard=None, skip_bad=True, settings=SETTINGS, experts=None, **kwargs):
    plan = make_plan([source], shard, skip_bad=skip_bad)
    estimator = PoseEstimator(experts or [BrightnessExpert()], **settings.estimator)
    return run_build(
        plan, root, estimator, BuildSettings(settings, skip_bad=skip_bad), shard=shard,
        open_video=opener or Opener(), progress=False, **kwargs,
    )  # fmt: skip


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob('*'))
        if path.is_file()
    }
