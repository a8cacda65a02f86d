"""From a list of videos to a skeleton store."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from mmactrep.pose.aggregation.sst_a import THRESHOLD
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.tracking.tracks import pack_tracks
from mmactrep.store.format import StoreError
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import PoseTrack
from mmactrep.video.frames import VideoError, VideoFrames

from .progress import DONE_FILE, ExtractionProgress, FinishedVideos, finished_clips
from .shards import Shard, note_empty
from .video_list import VideoJob, fingerprint


class FrameSource(Protocol):
    """What a video must offer; see :class:`~mmactrep.video.frames.VideoFrames`."""

    num_frames: int
    fps: float
    size: tuple[int, int]
    seconds: float

    def batches(self, batch_size: int) -> Iterator[tuple[int, Sequence[np.ndarray]]]:
        """Consecutive frames with the number of the first."""


class Lifter(Protocol):
    """Makes 3D poses of 2D ones; see :class:`~mmactrep.pose.lifting.PoseLifter`."""

    layout: SkeletonLayout

    def __call__(
        self, keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout
    ) -> tuple[np.ndarray, np.ndarray]:
        """(T, V, 2), (T, V) in ``layout`` to (T, V', 3), (T, V') in :attr:`layout`."""


@dataclass(frozen=True)
class ExtractionSettings:
    """What becomes of the tracks of a video.

    Args:
        max_persons: Persons M of a clip. Tracks that follow one another share one.
        min_length: Tracks of fewer frames are left out.
        clip_length: Cut videos into clips of so many frames, named ``ID_00000``, ``ID_00001``, ...; those in
            which nobody is seen are left out. 0 makes one clip a video. Memory grows with the length of a
            clip, not with that of a video.
        min_confidence: γ of Eq. 3.3.
        discard: Discard poses below γ, see :class:`~mmactrep.pose.estimator.PoseEstimator`.
        fill_gap: Longest gap of a joint that is interpolated, in frames.
    """

    max_persons: int = 2
    min_length: int = 5
    clip_length: int = 0
    min_confidence: float = THRESHOLD
    discard: bool = False
    fill_gap: int = 5

    @property
    def estimator(self) -> dict:
        """The arguments of a ``PoseEstimator`` among them."""
        names = ('min_length', 'min_confidence', 'discard', 'fill_gap')
        return {name: getattr(self, name) for name in names}


@dataclass
class ExtractionReport:
    """What an extraction did.

    Args:
        root: The store.
        videos: Videos of this shard.
        clips: Clips in the store.
        resumed: Videos that an earlier attempt had finished.
        frames: Frames looked at.
        seconds: Time of each stage: decoding, every expert, aggregation.
        skipped: Videos left out, with the reason.
    """

    root: Path
    videos: int = 0
    clips: int = 0
    resumed: int = 0
    frames: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def skipped_file(self) -> Path:
        """Lists the videos left out, beside the store: a line ``clip id, tab, reason`` each."""
        return self.root.with_name(self.root.name + '.skipped.txt')

    def write_skipped(self) -> None:
        """Write that file, or remove the one of an earlier attempt, which would be taken for this one's."""
        if self.skipped:
            lines = [f'{name}\t{reason}\n' for name, reason in self.skipped.items()]
            self.skipped_file.write_text(''.join(lines), encoding='utf-8')
        else:
            self.skipped_file.unlink(missing_ok=True)


def extract_clips(
    estimator: PoseEstimator,
    video: FrameSource,
    settings: ExtractionSettings,
    lifter: Lifter | None = None,
    source: str | None = None,
    batch_size: int = 16,
    on_frames: Callable[[int], None] = lambda count: None,
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Find the persons of a video.

    Args:
        estimator: Experts and aggregation; it is started here.
        video: The frames.
        settings: What becomes of the tracks.
        lifter: Makes them 3D, each track on its own.
        source: The video's path, for experts that look up a file beside it.
        batch_size: Frames that the experts get at once.
        on_frames: Called with the number of frames after each batch.

    Yields:
        First frame of the clip, coordinates (M, T, V, C), scores (M, T, V). Nothing comes before the whole
        video was read, so that nothing is kept of a damaged one.

    Raises:
        VideoError: If a frame cannot be decoded.
    """
    estimator.start(source)
    frames = 0
    for first, batch in video.batches(batch_size):
        estimator.update(batch, first)
        frames = first + len(batch)
        on_frames(len(batch))
    length = settings.clip_length or max(frames, 1)
    for start in range(0, frames, length):
        end = min(start + length, frames)
        tracks = list(estimator.finished_tracks(start, end))
        if lifter is not None:
            tracks = [_lifted(track, lifter, estimator.layout) for track in tracks]
        packed = pack_tracks(tracks, start, end, settings.max_persons)
        if packed is not None:
            yield start, *packed


def _lifted(track: PoseTrack, lifter: Lifter, layout: SkeletonLayout) -> PoseTrack:
    keypoint, score = lifter(track.keypoint, track.score, layout)
    return replace(track, keypoint=keypoint, score=score)


def run_extraction(
    jobs: Sequence[VideoJob],
    root: str | os.PathLike,
    estimator: PoseEstimator,
    settings: ExtractionSettings | None = None,
    *,
    shard: Shard | None = None,
    classes: Sequence[str] = (),
    attributes: Mapping | None = None,
    lifter: Lifter | None = None,
    open_video: Callable[[Path], FrameSource] = VideoFrames,
    batch_size: int = 16,
    dtype: str = 'float32',
    overwrite: bool = False,
    progress: bool = True,
) -> ExtractionReport:
    """Extract the poses of many videos, taking up an unfinished attempt where it stopped.

    Clips stand in the order of the list. A video counts as done when all its clips are written; after a kill
    the one that was worked on is done again, and nothing is written twice. Videos that cannot be read, and
    those in which nobody was found, are left out and listed; they are tried again when an attempt is taken up
    (and stand at the end if they can be used then).

    Args:
        jobs: The whole list, also where this process has a part of it.
        root: Folder of the store; a shard's store lies beside it, see :meth:`Shard.root`.
        estimator: Experts and aggregation. Its options should be those of ``settings.estimator``.
        settings: What becomes of the tracks.
        shard: The part that is this process's. Default: all.
        classes: Class names.
        attributes: What the store says about its origin, beside settings and list.
        lifter: Makes the poses 3D.
        open_video: Opens a file; raises :class:`VideoError` if it cannot.
        batch_size: Frames that the experts get at once.
        dtype: ``'float32'`` or ``'float16'``.
        overwrite: Replace a finished store, once the new one is complete.
        progress: Show a progress bar.

    Raises:
        FileExistsError: If there is a finished store that was made otherwise, and ``overwrite`` is off.
        StoreError: If another process writes it, an unfinished attempt was begun with other settings, or no
            video had a person in it.
    """
    settings, shard = settings or ExtractionSettings(), shard or Shard()
    report = ExtractionReport(shard.root(Path(root)))
    mine = shard.of(jobs)
    report.videos = len(mine)
    layout = estimator.layout if lifter is None else lifter.layout
    origin = dict(
        attributes or {}, settings=asdict(settings), list=dict(videos=len(jobs), sha256=fingerprint(jobs))
    )
    if shard.count > 1:
        origin['shard'] = [shard.index, shard.count]
    origin = json.loads(json.dumps(origin))
    report.root.parent.mkdir(parents=True, exist_ok=True)
    finished = None if overwrite else finished_clips(report.root, origin)
    if finished is not None:
        report.clips, report.resumed = finished, len(mine)
        report.skipped = read_skipped(report.skipped_file)
        return report
    with SkeletonStoreWriter(
        report.root,
        layout,
        classes=list(classes),
        num_channels=2 if lifter is None else 3,
        dtype=dtype,
        attributes=origin,
        overwrite=overwrite,
    ) as writer:
        worker = _Worker(writer, estimator, settings, lifter, open_video, batch_size)
        worker.run(mine, report, progress)
        report.write_skipped()
        report.clips = len(writer)
        if report.clips:
            writer.finish()
            (report.root / DONE_FILE).unlink(missing_ok=True)
        elif shard.count == 1:
            raise StoreError(
                f'{report.root}: none of the {len(mine)} videos gave a clip, see {report.skipped_file}'
            )
        else:
            note_empty(report.root, origin)
            writer.discard()
    return report


class _Worker:
    """Extracts video after video into one writer."""

    def __init__(
        self,
        writer: SkeletonStoreWriter,
        estimator: PoseEstimator,
        settings: ExtractionSettings,
        lifter: Lifter | None,
        open_video: Callable[[Path], FrameSource],
        batch_size: int,
    ) -> None:
        self.writer = writer
        self.estimator = estimator
        self.settings = settings
        self.lifter = lifter
        self.open_video = open_video
        self.batch_size = batch_size

    def run(self, jobs: Sequence[VideoJob], report: ExtractionReport, progress: bool) -> None:
        """Extract the videos that are not done yet."""
        done = FinishedVideos(self.writer)
        report.resumed = sum(job.clip_id in done for job in jobs)
        with ExtractionProgress(len(jobs), report.resumed, progress) as bar:
            for job in jobs:
                if job.clip_id in done:
                    continue
                names, reason = self._try(job, report, bar)
                if reason is None:
                    done.add(job.clip_id, names)
                else:
                    report.skipped[job.clip_id] = reason
                bar.next_video(len(report.skipped))
        for job in jobs:
            if job.split:
                self.writer.add_split(job.split, done.clips(job.clip_id))

    def _try(
        self, job: VideoJob, report: ExtractionReport, bar: ExtractionProgress
    ) -> tuple[list[str], str | None]:
        """Names of the clips of a video, and the reason if it is left out."""
        try:
            names = self._extract(job, report, bar)
        except VideoError as error:
            return [], str(error)
        least = self.settings.min_length
        return names, None if names else f'{job.path}: nobody was found in {least} frames or more'

    def _extract(self, job: VideoJob, report: ExtractionReport, bar: ExtractionProgress) -> list[str]:
        video = self.open_video(job.path)
        bar.begin_video(job.clip_id, video.num_frames)
        length, names = self.settings.clip_length, []
        clips = extract_clips(
            self.estimator, video, self.settings, self.lifter, str(job.path), self.batch_size, bar.add_frames
        )
        for start, keypoint, score in clips:
            name = f'{job.clip_id}_{start // length:05d}' if length else job.clip_id
            if name not in self.writer:
                self.writer.add(name, keypoint, score, job.label, video.size, video.fps)
            names.append(name)
        report.frames += video.num_frames
        for stage, seconds in dict(decode=video.seconds, **self.estimator.timings).items():
            report.seconds[stage] = report.seconds.get(stage, 0.0) + seconds
        return names


def read_skipped(path: Path) -> dict[str, str]:
    """The videos that an extraction left out, with the reason; none if there is no such file."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding='utf-8').splitlines()
    return dict(line.split('\t', 1) for line in lines if '\t' in line)
