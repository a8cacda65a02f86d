"""Pictures of one person with true poses, clean and degraded, and what experts propose for them.

Callers know where the videos come from and who the experts are: :mod:`.depth_pictures` has depth videos and
simulated experts, :mod:`.rendered_pictures` rendered videos and real ones.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from mmactrep.datasets.keypoints.coco_file import annotate, coco_content, grown_box, write_coco
from mmactrep.errors import UserError
from mmactrep.files import keep_settings, read_json
from mmactrep.pose.experts.simulation import Poses
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.video.writing import write_video

from .degradation import cover, draw_obstacle, lower_resolution

#: Fewer pixels a side in degraded videos.
FACTOR = 4
CONDITIONS = ('clean', 'degraded')
PARTS = ('train', 'val', 'test')
# A picture in which less of a person is in view, as a share of the joints, is none of this person.
_LEAST_IN_VIEW = 0.5


class TruePicturesError(UserError, ValueError):
    """A folder that was begun with other settings."""


class Recording(NamedTuple):
    """A video of one person with the true poses.

    Args:
        frames: T pictures (H, W, 3) uint8, RGB.
        keypoint: (T, V, 2) true joints in pixels.
        score: (T, V), 0 where there is no joint. The obstacle is in front of those that there are.
        fps: Frames per second.
    """

    frames: Sequence[np.ndarray]
    keypoint: np.ndarray
    score: np.ndarray
    fps: float


class PosedClip(Protocol):
    """Interface of a clip: its name, the part that it belongs to, and its video."""

    name: str
    part: str

    def record(self) -> Recording:
        """The video with its true poses."""


class Shot(NamedTuple):
    """A clip in one condition, as experts are shown it.

    Args:
        number: Number of the clip.
        condition: One of :data:`CONDITIONS`.
        frames: Its pictures in this condition.
        recording: The clean video with the true poses.
        obstacle: (4,) what is in front of the person in degraded pictures, x1, y1, x2, y2.
        rng: Generator of the clip.
    """

    number: int
    condition: str
    frames: Sequence[np.ndarray]
    recording: Recording
    obstacle: np.ndarray
    rng: np.random.Generator


class Proposals(Protocol):
    """Interface of the experts."""

    def __call__(self, shot: Shot) -> Mapping[str, Poses]:
        """Poses (T, V, 2) and scores (T, V) that each expert proposes for a clip; empty if none is asked."""


class PictureWriter:
    """Writes the pictures, the true poses and the experts' poses of a list of clips.

    ``OUT/annotations/CONDITION_PART.json`` are COCO files of the pictures in ``OUT/pictures``;
    ``OUT/experts/CONDITION/EXPERT/CLIP.npz`` have the poses of whole clips, as ``--experts`` reads them;
    ``OUT/degraded/CLIP.mp4`` are the videos for pseudo truth, without truth. A clip is done when its part in
    ``OUT/parts`` is there; nothing is made twice.

    Args:
        root: OUT.
        clips: The clips.
        proposals: The experts.
        layout: Layout of the joints.
        every: Every how many frames there is a picture, by part.
        settings: What the clips and experts depend on, to tell whether a folder was begun the same way.
        seed: Seed of obstacles and experts; every clip has its own.
        suffix: Format of the pictures, ``'.png'`` or ``'.jpg'``.

    Raises:
        TruePicturesError: If the folder was begun with other settings.
    """

    def __init__(
        self,
        root: Path,
        clips: Sequence[PosedClip],
        proposals: Proposals,
        layout: str | SkeletonLayout,
        every: Mapping[str, int],
        settings: Mapping,
        seed: int = 0,
        suffix: str = '.png',
    ) -> None:
        self.root, self.clips, self.proposals = root, clips, proposals
        self.layout, self.every, self.seed, self.suffix = get_layout(layout), every, seed, suffix
        now = dict(settings, seed=seed, layout=self.layout.name, clips=len(clips), every=dict(every))
        keep_settings(root / 'settings.json', now, TruePicturesError)

    def write(self) -> Iterator[str]:
        """Write everything that is not there yet; gives the name of every clip that is done."""
        pictures = {f'{condition}_{part}': [] for condition in CONDITIONS for part in PARTS}
        for number, clip in enumerate(self.clips):
            path = self.root / 'parts' / f'{clip.name}.json'
            if not path.is_file():
                content = json.dumps(self._write_clip(number, clip))
                path.parent.mkdir(parents=True, exist_ok=True)
                partial = path.with_name(f'{path.name}.partial')
                partial.write_text(content, encoding='utf-8')
                os.replace(partial, path)
            for name, found in read_json(path).items():
                pictures[name] += found
            yield clip.name
        for name, found in pictures.items():
            if found:
                condition, part = name.split('_')
                content = coco_content(self.layout, found, dict(condition=condition, part=part))
                write_coco(self.root / 'annotations' / f'{name}.json', content)

    def _write_clip(self, number: int, clip: PosedClip) -> dict[str, list]:
        rng = np.random.default_rng((self.seed, number))
        recording = clip.record()
        size = recording.frames[0].shape[:2]
        seen = in_view(recording.keypoint, recording.score, size)
        box, shade = draw_obstacle(recording.keypoint, recording.score, rng), int(rng.integers(60, 200))
        bad = [cover(lower_resolution(frame, FACTOR), box, shade) for frame in recording.frames]
        if clip.part == 'train':
            path = self.root / 'degraded' / f'{clip.name}.mp4'
            write_video(path, (frame[..., ::-1] for frame in bad), recording.fps)
        pictures = {}
        for condition, frames in zip(CONDITIONS, (recording.frames, bad)):
            found = self.proposals(Shot(number, condition, frames, recording, box, rng))
            for name, (keypoint, score) in found.items():
                path = self.root / 'experts' / condition / name / f'{clip.name}.npz'
                path.parent.mkdir(parents=True, exist_ok=True)
                np.savez(path, keypoint=keypoint[None], keypoint_score=score[None], layout=self.layout.name)
            # a training on degraded pictures has pseudo truth alone
            if condition == 'clean' or clip.part != 'train':
                name = f'{condition}_{clip.part}'
                pictures[name] = self._write_pictures(clip, frames, recording.keypoint, seen, condition)
        return pictures

    def _write_pictures(
        self,
        clip: PosedClip,
        frames: Sequence[np.ndarray],
        keypoint: np.ndarray,
        seen: np.ndarray,
        condition: str,
    ) -> list:
        step = self.every[clip.part]
        folder = self.root / 'pictures' / condition
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for frame in range(step // 2, len(frames), step):
            pose, score = keypoint[frame], seen[frame]
            if (score > 0).mean() < _LEAST_IN_VIEW:
                continue
            name = f'{clip.name}_{frame:04d}{self.suffix}'
            if not cv2.imwrite(str(folder / name), frames[frame][..., ::-1]):
                raise OSError(f'{folder / name}: cannot be written')
            height, width = frames[frame].shape[:2]
            picture = dict(file_name=f'{condition}/{name}', width=width, height=height)
            person = annotate(pose, score, grown_box(pose, score, (height, width)))
            written.append((dict(picture, clip=clip.name, frame=frame), [person]))
        return written


def in_view(keypoint: np.ndarray, score: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scores (..., V) of joints (..., V, 2), 0 where they are outside the picture (H, W)."""
    inside = ((keypoint >= 0) & (keypoint < size[::-1])).all(axis=-1)
    return np.where(inside, score, 0).astype(np.float32)
