"""UTD-MHAD's depth videos as pictures with true 2D poses, clean and degraded, and simulated experts on them.

The 3D joints are in the depth camera's own frame, so that its focal length projects them into the pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.pose.experts.simulated_clips import beside
from mmactrep.pose.experts.simulation import EXPERTS, Poses
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import SkeletonLayout
from mmactrep.video.frames import VideoFrames

from .degradation import propose_behind
from .true_pictures import PictureWriter, Recording, Shot

#: Kinect v1's depth camera: focal length as a share of the picture's width (285 pixels at 320 x 240).
FOCAL = 285 / 320
#: Subjects that train, that choose rates and lengths, and that test.
SUBJECTS = dict(train=(1, 3, 5), val=(7,), test=(2, 4, 6, 8))
#: Every how many frames there is a picture.
EVERY = dict(train=8, val=10, test=20)
_FPS = 30.0
_SUBJECT = re.compile(r'_s(\d+)_')


def project_depth(keypoint: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels (..., 2) in a picture (H, W) of 3D joints (..., 3), meters in the depth camera's frame, y up."""
    height, width = size
    x, y, z = np.moveaxis(np.asarray(keypoint, np.float64), -1, 0)
    focal = FOCAL * width
    return np.stack([width / 2 + focal * x / z, height / 2 - focal * y / z], axis=-1)


@dataclass(frozen=True, eq=False)
class DepthClip:
    """A depth video with its true poses.

    Args:
        name: Name of the clip.
        video: Its file.
        part: 'train', 'val' or 'test'.
        keypoint: (T, V, 2) true joints in pixels.
        score: (T, V).
    """

    name: str
    video: Path
    part: str
    keypoint: np.ndarray
    score: np.ndarray

    def record(self) -> Recording:
        frames = VideoFrames(self.video).pick(range(len(self.keypoint)))
        return Recording(frames, self.keypoint, self.score, _FPS)


def read_clips(
    store: SkeletonStore, videos: Path, layout: SkeletonLayout, size: tuple[int, int]
) -> list[DepthClip]:
    """The clips of a store of UTD-MHAD's 3D skeletons, with their videos.

    Raises:
        BadClipError: If a clip has no video, or its name no subject.
    """
    mapping = store.layout.mapping_to(layout)
    clips = []
    for row in range(len(store)):
        clip = store[row]
        name, video = clip['frame_dir'], videos / f'{clip["frame_dir"]}.mp4'
        found = _SUBJECT.search(name)
        part = next((part for part, all_ in SUBJECTS.items() if found and int(found[1]) in all_), None)
        if part is None:
            raise BadClipError(f'{name}: expected a name like a1_s1_t1 with a subject from 1 to 8')
        if not video.is_file():
            raise BadClipError(f'{name}: there is no video {video}')
        score = np.ones(clip['keypoint'].shape[1:3], np.float32)
        keypoint, score = mapping(project_depth(clip['keypoint'][0], size), score)
        clips.append(DepthClip(name, video, part, keypoint, score))
    return clips


class SimulatedProposals:
    """Simulated experts, behind the obstacle too; see :class:`~.true_pictures.Proposals`.

    Args:
        clips: The clips; each is the wrong person of the one before it.
        layout: Layout of the joints.
    """

    def __init__(self, clips: Sequence[DepthClip], layout: SkeletonLayout) -> None:
        self.clips, self.layout = clips, layout

    def __call__(self, shot: Shot) -> dict[str, Poses]:
        truth, other = shot.recording[1:3], self.clips[(shot.number + 1) % len(self.clips)]
        wrong = beside(*truth, other.keypoint, other.score)
        found = {}
        for name, expert in EXPERTS.items():
            poses = expert.propose(*truth, self.layout, shot.rng, wrong)
            if shot.condition == 'degraded':
                poses = propose_behind(expert, poses, *truth, shot.obstacle, self.layout, shot.rng)
            found[folder_of(name)] = poses
        return found


def depth_pictures(
    root: Path,
    clips: Sequence[DepthClip],
    layout: SkeletonLayout,
    every: Mapping[str, int] = EVERY,
    seed: int = 0,
) -> PictureWriter:
    """What writes the pictures of clips, see :class:`~.true_pictures.PictureWriter`."""
    return PictureWriter(root, clips, SimulatedProposals(clips, layout), layout, every, {}, seed)


def folder_of(expert: str) -> str:
    """Name of an expert's folder."""
    return expert.replace(', ', '_').replace('-', '_')
