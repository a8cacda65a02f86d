"""Pseudo truth: confident aggregates of SST-A on a share of the frames of videos (thesis 3.3.3)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

from mmactrep.datasets.keypoints.coco_file import GROWTH, annotate, coco_content, grown_box, write_coco
from mmactrep.errors import UserError
from mmactrep.files import keep_settings, read_json
from mmactrep.locks import FileLock
from mmactrep.pose.aggregation.sst_a import THRESHOLD
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.experts.base import origin_of
from mmactrep.pose.extraction.video_list import VideoJob
from mmactrep.structures.poses import TrackedPose
from mmactrep.video.frames import VideoFrames

_BATCH = 16
_QUALITY = 95


class PseudoTruthError(UserError, ValueError):
    """Videos of which no pseudo truth can be made, or a folder that holds another one."""


@dataclass(frozen=True)
class PseudoTruthSettings:
    """What counts as pseudo truth.

    Args:
        min_confidence: γ: only aggregates with C >= γ (Eq. 3.4) are truth. Poses that a single expert saw
            have no C and are not.
        share: Share of the frames of each video, sampled uniformly (10 % in the thesis, 3.6.2).
        growth: By how much boxes exceed the joints, 10 %.
        val_share: Share of the pictures for validation, 20 % in the thesis.
        seed: Seed of the first sampled frame of each video and of the validation pictures.
    """

    min_confidence: float = THRESHOLD
    share: float = 0.1
    growth: float = GROWTH
    val_share: float = 0.2
    seed: int = 0


@dataclass
class PseudoTruthReport:
    """What became of the videos.

    Args:
        pictures: Pictures with a confident person.
        persons: Confident persons in them.
        sampled: Sampled frames.
        doubtful: Persons of the sampled frames with C < γ or a single vote.
        best: The largest C found.
        failed: Videos that could not be used, as ``row N: reason``.
        silent: Names of videos without any confident frame.
    """

    pictures: int = 0
    persons: int = 0
    sampled: int = 0
    doubtful: int = 0
    best: float = 0.0
    failed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def choose_frames(num_frames: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Numbers of uniformly spaced frames, ``share`` of all and at least one, from a random first one on."""
    step = 1 / share
    phase = rng.random() * min(step, num_frames)
    return np.unique(np.floor(np.arange(phase, num_frames, step)).astype(int))


def is_confident(pose: TrackedPose, min_confidence: float) -> bool:
    """Whether an aggregate is pseudo truth: C >= γ. NaN, the C of a single vote, is not."""
    return bool(pose.confidence >= min_confidence)


def annotate_frame(
    poses: Sequence[TrackedPose], size: tuple[int, int], settings: PseudoTruthSettings
) -> list[dict]:
    """Annotations of one frame: confident persons as truth, the others as ignored regions.

    A person about whom the experts disagree must not become background for the student.

    Returns:
        Plain dictionaries; empty if no person is confident.
    """
    persons = []
    for pose in poses:
        box = grown_box(pose.keypoint, pose.score, size, settings.growth)
        if box.any():
            sure = is_confident(pose, settings.min_confidence)
            confidence = pose.confidence if np.isfinite(pose.confidence) else 0.0
            persons.append(annotate(pose.keypoint, pose.score, box, confidence, ignored=not sure))
    return persons if any(not person['iscrowd'] for person in persons) else []


class PseudoTruthMaker:
    """Makes a data set of pseudo truth, one video after another, and resumes an interrupted one.

    ``ROOT/annotations/train.json`` and ``val.json`` are COCO files, ``ROOT/pictures`` has their pictures. A
    video is done when its part in ``ROOT/parts`` is there; nothing is made twice.

    Args:
        root: Folder.
        estimator: Experts and aggregation.
        settings: What counts as pseudo truth.
        keep_damaged: Use the readable part of damaged videos.

    Raises:
        PseudoTruthError: If the folder holds pseudo truth of other settings, experts or layout.
    """

    def __init__(
        self,
        root: str | os.PathLike,
        estimator: PoseEstimator,
        settings: PseudoTruthSettings | None = None,
        keep_damaged: bool = False,
    ) -> None:
        self.root, self.estimator, self.keep_damaged = Path(root), estimator, keep_damaged
        self.settings = settings or PseudoTruthSettings()
        keep_settings(self.root / 'settings.json', self._settings(), PseudoTruthError)

    def run(
        self, jobs: Sequence[VideoJob], tell: Callable[[str], None] = print, skip_bad: bool = False
    ) -> PseudoTruthReport:
        """Process the videos and write the annotations.

        Args:
            jobs: The videos.
            tell: Receives a line about every video.
            skip_bad: Write the annotations without videos that cannot be used.

        Raises:
            PseudoTruthError: If a video cannot be used, once all others are done, unless ``skip_bad``; or if
                no frame of any video is confident.
            LockedError: If another process works in the folder.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / 'lock')
        try:
            report, pictures = PseudoTruthReport(), []
            for row, job in enumerate(jobs, 1):
                try:
                    part = self._part(job)
                except (UserError, OSError) as error:
                    report.failed.append(f'row {row}: {_naming(error, job)}')
                    tell(f'{row}/{len(jobs)} {job.clip_id}: cannot be used: {error}')
                    continue
                _count(report, job, part)
                pictures += [(each['picture'], each['persons']) for each in part['pictures']]
                tell(f'{row}/{len(jobs)} {job.clip_id}: {len(part["pictures"])} of {part["sampled"]} frames')
            self._finish(report, pictures, skip_bad, len(jobs))
            return report
        finally:
            lock.release()

    def _finish(self, report: PseudoTruthReport, pictures: list, skip_bad: bool, videos: int) -> None:
        if report.failed and not skip_bad:
            more = f' (and {len(report.failed) - 1} more)' if len(report.failed) > 1 else ''
            raise PseudoTruthError(
                f'{len(report.failed)} of {videos} videos cannot be used: {report.failed[0]}{more}; the '
                'others are done and kept: mend the list, or leave such videos out with --skip-bad'
            )
        if not pictures:
            raise PseudoTruthError(
                f'no confident frame: of {report.sampled} sampled frames of {videos} videos, none has a '
                f'person with C >= {self.settings.min_confidence:g}; the largest C is {report.best:.3f}. '
                'Lower γ (--min-confidence), or use experts that agree better'
            )
        drawn = np.random.default_rng(self.settings.seed).permutation(len(pictures))
        held = set(drawn[: round(self.settings.val_share * len(pictures))].tolist())
        info = dict(self._settings(), videos=videos - len(report.failed))
        for name, wanted in (('train', False), ('val', True)):
            chosen = [picture for i, picture in enumerate(pictures) if (i in held) == wanted]
            content = coco_content(self.estimator.layout, chosen, info)
            write_coco(self.root / 'annotations' / f'{name}.json', content)

    def _part(self, job: VideoJob) -> dict:
        """What a video gives, made now or before."""
        path = self.root / 'parts' / f'{job.clip_id}.json'
        if path.is_file():
            return read_json(path)
        part = self._process(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f'{path.name}.partial')
        partial.write_text(json.dumps(part), encoding='utf-8')
        os.replace(partial, path)
        return part

    def _process(self, job: VideoJob) -> dict:
        video = VideoFrames(job.path, allow_damaged=self.keep_damaged)
        # what was sampled depends on the video alone, not on those before it
        rng = np.random.default_rng([self.settings.seed, *job.clip_id.encode()])
        chosen = set(choose_frames(video.num_frames, self.settings.share, rng).tolist())
        folder = self.root / 'pictures' / job.clip_id
        shutil.rmtree(folder, ignore_errors=True)  # of an attempt that was killed
        folder.mkdir(parents=True)
        self.estimator.start(str(job.path))
        for first, frames in video.batches(_BATCH):
            self.estimator.update(frames, first)
            for number in sorted(chosen & set(range(first, first + len(frames)))):
                _write_picture(folder / f'{number:06d}.jpg', frames[number - first])
        tracks = self.estimator.finish()
        height, width = video.size
        pictures, doubtful, best = [], 0, 0.0
        for number in sorted(chosen):
            poses = [pose for track in tracks if (pose := track.at(number)) is not None]
            sure = [is_confident(pose, self.settings.min_confidence) for pose in poses]
            best = max([best, *(pose.confidence for pose in poses if np.isfinite(pose.confidence))])
            doubtful += len(sure) - sum(sure)
            persons = annotate_frame(poses, video.size, self.settings)
            file = folder / f'{number:06d}.jpg'
            if persons and file.is_file():
                picture = dict(file_name=f'{job.clip_id}/{file.name}', width=width, height=height)
                pictures.append(dict(picture=dict(picture, clip=job.clip_id, frame=number), persons=persons))
            else:
                file.unlink(missing_ok=True)
        return dict(pictures=pictures, sampled=len(chosen), doubtful=doubtful, best=best)

    def _settings(self) -> dict:
        return dict(
            asdict(self.settings),
            experts=[origin_of(expert) for expert in self.estimator.experts],
            layout=self.estimator.layout.name,
        )


def _count(report: PseudoTruthReport, job: VideoJob, part: Mapping) -> None:
    report.pictures += len(part['pictures'])
    report.persons += sum(not p['iscrowd'] for each in part['pictures'] for p in each['persons'])
    report.sampled += part['sampled']
    report.doubtful += part['doubtful']
    report.best = max(report.best, part['best'])
    if not part['pictures']:
        report.silent.append(job.clip_id)


def _naming(error: Exception, job: VideoJob) -> str:
    """An error that names the video."""
    return str(error) if str(job.path) in str(error) else f'{job.path}: {error}'


def _write_picture(path: Path, frame: np.ndarray) -> None:
    if not cv2.imwrite(str(path), frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]):
        raise OSError(f'{path}: cannot be written')
