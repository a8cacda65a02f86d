"""From a list of videos to a skeleton store."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from mmactrep.files import BadFileError
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.shards import Shard, finished_clips, note_empty
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.video.frames import VideoError, VideoFrames

from .clips import extract_clips
from .progress import ExtractionProgress, FinishedVideos
from .report import ExtractionReport, VideoEntry, read_log, read_skipped
from .settings import ExtractionSettings, Lifter, VideoSource
from .video_list import VideoJob, fingerprint


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
    open_video: Callable[[Path], VideoSource] | None = None,
    batch_size: int = 16,
    dtype: str = 'float32',
    overwrite: bool = False,
    progress: bool = True,
) -> ExtractionReport:
    """Extract the poses of many videos, resuming an unfinished attempt where it stopped.

    Clips are in the order of the list. A video counts as done when all its clips are written; after a kill
    the current one is done again, and nothing is written twice. Videos that cannot be read, and those in
    which nobody was found, are skipped and listed; they are tried again when an attempt is resumed (and are
    at the end if they can be used then). What is known about the others, above all how many experts saw each
    person, is in a file of the store, see :func:`~mmactrep.pose.extraction.report.read_log`.

    Args:
        jobs: The whole list, even if this process has only a part of it.
        root: Folder of the store; a shard's store is next to it, see :meth:`Shard.root`.
        estimator: Experts and aggregation. Its options should be those of ``settings.estimator``.
        settings: How the tracks become clips.
        shard: The part of this process. Default: all.
        classes: Class names.
        attributes: What the store records about its origin, besides settings and list.
        lifter: Lifts the poses to 3D.
        open_video: Opens a file; raises :class:`VideoError` if it cannot. Default: ``VideoFrames``.
        batch_size: Frames per batch for the experts.
        dtype: ``'float32'`` or ``'float16'``.
        overwrite: Replace a finished store once the new one is complete.
        progress: Show a progress bar.

    Raises:
        FileExistsError: If there is a finished store made with other settings, and ``overwrite`` is off.
        BadClipError: If an expert has the poses of one video, but there are several.
        StoreError: If another process is writing it, an unfinished attempt was begun with other settings, or
            no video had a person in it.
    """
    settings, shard = settings or ExtractionSettings(), shard or Shard()
    check_experts(estimator.experts, len(jobs))
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
        report.take(read_log(report.root))
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
        open_video = open_video or functools.partial(VideoFrames, allow_damaged=settings.keep_damaged)
        worker = _Worker(writer, estimator, settings, lifter, open_video, batch_size)
        worker.run(mine, report, progress)
        report.write_skipped()
        report.clips = len(writer)
        if report.clips:
            writer.finish()
        elif shard.count == 1:
            writer.discard()  # other settings may be tried
            raise StoreError(
                f'{report.root}: none of the {len(mine)} videos gave a clip, see {report.skipped_file}'
            )
        else:
            note_empty(report.root, origin)
            writer.discard()
    return report


def check_experts(experts: Sequence[PoseExpert], videos: int) -> None:
    """Refuse an expert that has the poses of one video if there are several videos.

    Raises:
        BadClipError: If there is one; the message says what to do.
    """
    for expert in experts:
        if videos > 1 and not getattr(expert, 'per_video', True):
            raise BadClipError(
                f"expert '{expert.name}' is a file with the poses of one video, "
                f'and there are {videos} videos: '
                'give a path with {stem} in it, which stands for the name of each'
            )


class _Worker:
    """Extracts one video after another into a writer."""

    def __init__(
        self,
        writer: SkeletonStoreWriter,
        estimator: PoseEstimator,
        settings: ExtractionSettings,
        lifter: Lifter | None,
        open_video: Callable[[Path], VideoSource],
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
                entry, reason = self._try(job, report, bar)
                if entry is not None:
                    done.add(entry)
                else:
                    report.skipped[job.clip_id] = reason
                bar.next_video(len(report.skipped))
        for job in jobs:
            if job.split:
                self.writer.add_split(job.split, done.clips(job.clip_id))
        report.take(done.entries())

    def _try(
        self, job: VideoJob, report: ExtractionReport, bar: ExtractionProgress
    ) -> tuple[VideoEntry | None, str]:
        """The entry of a video, or the reason why it is skipped."""
        try:
            entry = self._extract(job, report, bar)
        except (VideoError, BadFileError) as error:
            return None, str(error)
        except FileNotFoundError as error:  # an expert's file of this video
            return None, f'{job.path}: {error}'
        least = self.settings.min_length
        return (
            (entry, '') if entry.clips else (None, f'{job.path}: nobody was found in {least} frames or more')
        )

    def _extract(self, job: VideoJob, report: ExtractionReport, bar: ExtractionProgress) -> VideoEntry:
        video = self.open_video(job.path)
        bar.begin_video(job.clip_id, video.num_frames)
        length = self.settings.clip_length
        entry = VideoEntry(job.clip_id, [])
        clips = extract_clips(
            self.estimator, video, self.settings, self.lifter, str(job.path), self.batch_size, bar.add_frames
        )
        for clip in clips:
            name = f'{job.clip_id}_{clip.start // length:05d}' if length else job.clip_id
            if name not in self.writer:
                poses = (clip.keypoint, clip.score) if clip.lifted is None else clip.lifted
                self.writer.add(name, *poses, job.label, video.size, video.fps)
            entry.clips.append(name)
            entry.votes[name] = clip.votes.tolist()
        entry.notes.extend([*video.notes(), *self.estimator.notes()])
        report.frames += video.num_frames
        for stage, seconds in dict(decode=video.seconds, **self.estimator.timings).items():
            report.seconds[stage] = report.seconds.get(stage, 0.0) + seconds
        return entry
