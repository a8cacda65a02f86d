"""Rendered videos as pictures with true 2D poses, clean and degraded, and what real experts find in them.

People, rooms and draws differ between the parts. Those of train and val (for choosing settings) do the
same things; those of test do others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from mmactrep.motion.body import BODY
from mmactrep.motion.rendering.scenes import RenderSettings, render_clip
from mmactrep.pose.experts.base import origin_of
from mmactrep.pose.experts.builder import ExpertSpec, build_experts
from mmactrep.pose.experts.simulation import Poses
from mmactrep.structures import JointMapping, SkeletonLayout, get_layout

from .true_pictures import PARTS, PictureWriter, Recording, Shot, in_view

_TRAINING = (
    'enter',
    'leave',
    'sit_down',
    'stand_up',
    'lie_down',
    'get_up',
    'wave',
    'jumping_jack',
    'march',
    'stir',
)
#: What people do in each part.
ACTIONS: dict[str, tuple[str, ...]] = dict(
    train=_TRAINING,
    val=_TRAINING,
    test=('pick_up', 'put_down', 'open', 'close', 'clap', 'squat', 'punch', 'drink'),
)
#: First and one past the last number of the characters of each part: nobody is in two.
PEOPLE = dict(train=(0, 500), val=(2000, 2300), test=(1000, 1300))
#: Every how many frames there is a picture.
EVERY = dict(train=2, val=4, test=2)
#: Videos of each action.
COUNTS = dict(train=8, val=2, test=4)
#: Pictures of a small camera, at a rate at which three experts are done with a video in seconds.
SETTINGS = RenderSettings(size=(360, 480), seconds=(2.8, 3.4), fps=(10,))
#: Two families, as in the thesis.
EXPERTS = ('mediapipe-crops', 'movenet-multipose', 'movenet-thunder')


@dataclass(frozen=True)
class RenderedVideo:
    """A rendered video with its true poses; see :class:`~.true_pictures.PosedClip`.

    Args:
        part: 'train', 'val' or 'test'.
        action: What the person does.
        number: Number of the video among those of the action and part.
        layout: Layout of the joints.
        settings: How it is rendered.
        seed: Seed of all videos.
    """

    part: str
    action: str
    number: int
    layout: SkeletonLayout
    settings: RenderSettings = SETTINGS
    seed: int = 0

    @property
    def name(self) -> str:
        """Name of the video."""
        return f'{self.part}_{self.action}_{self.number:03d}'

    def record(self) -> Recording:
        settings = replace(self.settings, characters=PEOPLE[self.part])
        clip = render_clip(self.action, (self.seed, PARTS.index(self.part), self.number), settings)
        joints = clip.joints.astype(np.float64)
        pixels = np.stack([camera.project(pose)[0] for camera, pose in zip(clip.cameras, joints)])
        body, own = _mappings(self.layout)
        keypoint, score = own(*body(pixels, np.ones(pixels.shape[:2], np.float32)))
        # some people walk in and out
        return Recording(clip.frames, keypoint, in_view(keypoint, score, settings.size), clip.fps)


@cache
def _mappings(layout: SkeletonLayout) -> tuple[JointMapping, JointMapping]:
    """From the rendered body to COCO's joints, and on to a layout: a joint is where experts put it."""
    coco = get_layout('coco17')
    return BODY.mapping_to(coco), coco.mapping_to(layout)


class RealProposals:
    """Experts on the pictures; each names one person, the first that it finds.

    They see the degraded videos that train and all that test; see :class:`~.true_pictures.Proposals`.

    Args:
        experts: As :func:`~mmactrep.pose.experts.builder.build_experts` takes them.
        clips: The videos.
        layout: Layout of the joints.

    Raises:
        UnknownExpertError, ExpertUnavailableError: As :func:`~mmactrep.pose.experts.builder.build_experts`.
    """

    def __init__(
        self, experts: Sequence[str], clips: Sequence[RenderedVideo], layout: SkeletonLayout
    ) -> None:
        self.clips, self.layout = clips, layout
        self.experts = build_experts(experts, max_persons=1)

    def __call__(self, shot: Shot) -> dict[str, Poses]:
        part = self.clips[shot.number].part
        if part == 'val' or (part == 'train' and shot.condition == 'clean'):
            return {}
        found = {}
        for expert in self.experts:
            mapping = expert.layout.mapping_to(self.layout, allow_missing=True)
            keypoint, score = (np.zeros_like(each, np.float32) for each in shot.recording[1:3])
            expert.start(None)
            for frame, poses in enumerate(expert.predict(shot.frames)):
                if len(poses):
                    keypoint[frame], score[frame] = (each[0] for each in mapping(poses.keypoint, poses.score))
            found[expert.name] = keypoint, score
        return found


def rendered_pictures(
    root: Path,
    layout: SkeletonLayout,
    counts: Mapping[str, int] = COUNTS,
    experts: Sequence[ExpertSpec] = EXPERTS,
    settings: RenderSettings = SETTINGS,
    every: Mapping[str, int] = EVERY,
    seed: int = 0,
) -> PictureWriter:
    """What renders the videos and writes the pictures, see :class:`~.true_pictures.PictureWriter`.

    Raises:
        TruePicturesError: If the folder was begun with other settings.
        ExpertUnavailableError: If an expert lacks a package or weights.
    """
    clips = [
        RenderedVideo(part, action, number, layout, settings, seed)
        for part in PARTS
        for action in ACTIONS[part]
        for number in range(counts[part])
    ]
    proposals = RealProposals(experts, clips, layout)
    origins = [origin_of(expert) for expert in proposals.experts]
    known = dict(rendering=asdict(settings), experts=origins, videos=dict(counts))
    return PictureWriter(root, clips, proposals, layout, every, known, seed, suffix='.jpg')
