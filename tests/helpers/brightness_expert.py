"""A fast expert for end-to-end tests: a standing person whose position depends on the brightness."""

from __future__ import annotations

import os
import time

import numpy as np

from mmactrep.pose.experts import PoseExpert
from mmactrep.registry import POSE_EXPERTS
from mmactrep.structures import get_layout
from mmactrep.structures.poses import FramePoses


@POSE_EXPERTS.register_module()
class BrightnessExpert(PoseExpert):
    """Sees one person wherever the picture is not black.

    Args:
        seconds: Seconds per frame. Default: ``BRIGHTNESS_SECONDS`` of the environment, so that a process that
            is to be killed is slow with the config of a fast one.
        log: File to which one line per started video is written. Default: ``BRIGHTNESS_LOG``.
    """

    def __init__(self, seconds: float | None = None, log: str | None = None) -> None:
        self.name = 'brightness'
        self.layout = get_layout('coco17')
        self.seconds = float(os.environ.get('BRIGHTNESS_SECONDS') or 0) if seconds is None else seconds
        self.log = log or os.environ.get('BRIGHTNESS_LOG')

    def start(self, source=None):
        if self.log:
            with open(self.log, 'a', encoding='utf-8') as file:
                file.write(f'{os.path.basename(source)}\n')

    def predict(self, frames, first=0):
        time.sleep(self.seconds * len(frames))
        return [self._person(frame) for frame in frames]

    def _person(self, frame):
        brightness = float(frame.mean())
        if brightness < 5:
            return FramePoses.empty(17)
        joints = np.arange(17)
        pose = np.stack([10 + 3 * np.cos(joints), 10 + joints], axis=-1) + 0.1 * np.round(brightness)
        return FramePoses(pose[None], np.ones((1, 17)))
