"""UTD-MHAD's depth videos as pictures with true 2D poses, clean and degraded, and simulated experts on them.

The 3D joints are in the depth camera's own frame, so that its focal length projects them into the pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mmactrep.datasets.keypoints.coco_file import annotate, coco_content, grown_box, write_coco
from mmactrep.pose.experts.simulated_clips import beside
from mmactrep.pose.experts.simulation import EXPERTS, Poses
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.video.frames import VideoFrames
from mmactrep.video.writing import write_video

from .degradation import cover, draw_obstacle, lower_resolution, propose_behind

#: Kinect v1's depth camera: focal length as a share of the picture's width (285 pixels at 320 x 240).
FOCAL = 285 / 320
#: Fewer pixels a side in degraded videos.
FACTOR = 4
CONDITIONS = ('clean', 'degraded')
#: Subjects that train, that choose rates and lengths, and that test.
SUBJECTS = dict(train=(1, 3, 5), val=(7,), test=(2, 4, 6, 8))
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
        size: (H, W) of its pictures.
    """

    name: str
    video: Path
    part: str
    keypoint: np.ndarray
    score: np.ndarray
    size: tuple[int, int]


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
        clips.append(DepthClip(name, video, part, keypoint, score, size))
    return clips


class DepthPictures:
    """Writes the pictures, the true poses and the experts' poses of a list of clips.

    ``OUT/annotations/CONDITION_PART.json`` are COCO files of the pictures in ``OUT/pictures``;
    ``OUT/experts/CONDITION/EXPERT/CLIP.npz`` have the poses of whole clips, as ``--experts`` reads them;
    ``OUT/degraded/CLIP.mp4`` are the videos for pseudo truth, without truth.

    Args:
        root: OUT.
        clips: The clips; each is the wrong person of the one before it.
        layout: Layout of the joints.
        every: Every how many frames there is a picture, by part.
        seed: Seed of obstacles and experts; every clip has its own.
    """

    def __init__(
        self,
        root: Path,
        clips: Sequence[DepthClip],
        layout: str | SkeletonLayout = 'lcrnet13',
        every: dict[str, int] | None = None,
        seed: int = 0,
    ) -> None:
        self.root, self.clips, self.layout, self.seed = root, clips, get_layout(layout), seed
        self.every = every or dict(train=8, val=10, test=20)

    def write(self) -> Iterator[str]:
        """Write everything; gives the name of every clip that is done."""
        pictures = {(condition, part): [] for condition in CONDITIONS for part in SUBJECTS}
        for number, clip in enumerate(self.clips):
            rng = np.random.default_rng((self.seed, number))
            box, shade = draw_obstacle(clip.keypoint, clip.score, rng), int(rng.integers(60, 200))
            frames = VideoFrames(clip.video).pick(range(len(clip.keypoint)))
            bad = [cover(lower_resolution(frame, FACTOR), box, shade) for frame in frames]
            other = self.clips[(number + 1) % len(self.clips)]
            wrong = beside(clip.keypoint, clip.score, other.keypoint, other.score)
            if clip.part == 'train':
                write_video(self.root / 'degraded' / f'{clip.name}.mp4', (f[..., ::-1] for f in bad), 30.0)
            for condition, images in zip(CONDITIONS, (frames, bad)):
                self._write_experts(clip, wrong, condition, box, rng)
                # a training on degraded pictures has pseudo truth alone
                if condition == 'clean' or clip.part != 'train':
                    pictures[condition, clip.part] += self._write_pictures(clip, images, condition)
            yield clip.name
        for (condition, part), found in pictures.items():
            if found:
                content = coco_content(self.layout, found, dict(condition=condition, part=part))
                write_coco(self.root / 'annotations' / f'{condition}_{part}.json', content)

    def _write_pictures(self, clip: DepthClip, images: Sequence[np.ndarray], condition: str) -> list:
        step = self.every[clip.part]
        folder = self.root / 'pictures' / condition
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for frame in range(step // 2, len(images), step):
            name = f'{clip.name}_{frame:04d}.png'
            cv2.imwrite(str(folder / name), images[frame][..., ::-1])
            height, width = clip.size
            picture = dict(file_name=f'{condition}/{name}', width=width, height=height)
            keypoint, score = clip.keypoint[frame], clip.score[frame]
            inside = ((keypoint >= 0) & (keypoint < (width, height))).all(axis=-1)
            score = np.where(inside, score, 0)
            person = annotate(keypoint, score, grown_box(keypoint, score, clip.size))
            written.append((dict(picture, clip=clip.name, frame=frame), [person]))
        return written

    def _write_experts(
        self, clip: DepthClip, wrong: Poses, condition: str, box: np.ndarray, rng: np.random.Generator
    ) -> None:
        for name, expert in EXPERTS.items():
            poses = expert.propose(clip.keypoint, clip.score, self.layout, rng, wrong)
            if condition == 'degraded':
                poses = propose_behind(expert, poses, clip.keypoint, clip.score, box, self.layout, rng)
            path = self.root / 'experts' / condition / folder_of(name) / f'{clip.name}.npz'
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(path, keypoint=poses[0][None], keypoint_score=poses[1][None], layout=self.layout.name)


def folder_of(expert: str) -> str:
    """Name of an expert's folder."""
    return expert.replace(', ', '_').replace('-', '_')
