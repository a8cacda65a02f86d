"""A pose in front of a Kinect."""

from __future__ import annotations

import numpy as np

from mmactrep.structures import get_layout

KINECT = get_layout('kinect20')

#: Somebody who faces a Kinect (x to its left, y up, z away from it): the left side at -x. The right arm
#: points at the sensor, the left one to the side, and the right knee is up.
POSE = dict(
    mid_hip=(0, 0.95, 2.5),
    spine=(0, 1.0, 2.5),
    neck=(0, 1.5, 2.5),
    head=(0, 1.72, 2.48),
    left_shoulder=(-0.18, 1.42, 2.5),
    left_elbow=(-0.45, 1.42, 2.5),
    left_wrist=(-0.7, 1.42, 2.5),
    left_hand=(-0.78, 1.42, 2.5),
    right_shoulder=(0.18, 1.42, 2.5),
    right_elbow=(0.18, 1.42, 2.23),
    right_wrist=(0.18, 1.42, 1.98),
    right_hand=(0.18, 1.42, 1.9),
    left_hip=(-0.1, 0.9, 2.5),
    left_knee=(-0.1, 0.48, 2.5),
    left_ankle=(-0.1, 0.08, 2.5),
    left_foot=(-0.1, 0.02, 2.38),
    right_hip=(0.1, 0.9, 2.5),
    right_knee=(0.1, 0.8, 2.1),
    right_ankle=(0.1, 0.4, 2.1),
    right_foot=(0.1, 0.35, 1.98),
)


def recorded_pose(frames: int = 1) -> np.ndarray:
    """(T, 20, 3): the pose, standing still."""
    return np.repeat(np.array([[POSE[joint] for joint in KINECT.joints]], np.float64), frames, axis=0)
