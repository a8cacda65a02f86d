"""Animations of clips: on their video if the clip is the whole of it."""

import numpy as np
import pytest

from mmactrep.apis.teach import pictures
from mmactrep.apis.teach.clip_store import TeachClip
from mmactrep.apis.teach.report_data import WrongClip
from mmactrep.apis.teach.settings import TeachSettings
from mmactrep.structures import get_layout
from tests.helpers.videos import make_video

LAYOUT = get_layout('coco17')


def clip(frames: int) -> TeachClip:
    pose = np.linspace((10, 5), (50, 40), 17)
    keypoint = np.tile(pose, (1, frames, 1, 1))
    return TeachClip('a', 0, keypoint, np.ones((1, frames, 17)), (48, 64), 10.0, 'a', path='a.mp4')


@pytest.mark.parametrize(('frames', 'decoded'), [(20, 20), (12, 0)])
def test_a_video_is_decoded_only_if_the_clip_is_the_whole_of_it(tmp_path, monkeypatch, frames, decoded):
    make_video(tmp_path / 'a.mp4')  # 20 frames
    counted = []

    class Counted(pictures.VideoFrames):
        def batches(self, size):
            for first, batch in super().batches(size):
                counted.extend(batch)
                yield first, batch

    monkeypatch.setattr(pictures, 'VideoFrames', Counted)
    settings = TeachSettings(str(tmp_path), tmp_path / 'out')
    animate = pictures.Animator([clip(frames)], LAYOUT, settings)
    assert animate(WrongClip('a', 'x', 'y', 0.9, 0))[:4] == b'RIFF'
    assert len(counted) == decoded
