"""From one row of a list to its clip, or to the reason why it has none."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.files import BadFileError
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.extraction.clips import ExtractedClip, extract_clips
from mmactrep.pose.extraction.progress import ExtractionProgress
from mmactrep.pose.extraction.report import one_line
from mmactrep.pose.extraction.settings import VideoSource
from mmactrep.store.format import UNLABELLED, BadClipError
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.video.frames import VideoError, VideoFrames
from mmactrep.video.trimming import TrimmedVideo

from .lifting import LayoutLifter
from .listed import BuildError
from .outcomes import REASONS, Outcome, RowLog
from .plan import SKIP_HINT
from .settings import FLAT, SOLID, BuildReport, BuildSettings
from .sources import Row, Source


def open_row(row: Row, allow_damaged: bool = False) -> VideoSource:
    """The video of a row, or its part of it.

    Raises:
        VideoError: If it cannot be read, or ends before the part begins.
    """
    if row.start is None and row.end is None:
        return VideoFrames(row.path, allow_damaged)
    return TrimmedVideo(row.path, row.start or 0.0, row.end, allow_damaged)


class BuildWorker:
    """Makes the clips of one row after another.

    Args:
        sources: The sources of the rows.
        writers: Writers of the unfinished stores, by their names.
        estimator: Experts and aggregation.
        settings: How clips are made.
        lifter: Lifts to 3D, for the second of the stores.
        opener: Opens the video of a row. Default: :func:`open_row`.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        writers: Mapping[str, SkeletonStoreWriter],
        estimator: PoseEstimator,
        settings: BuildSettings,
        lifter: LayoutLifter | None = None,
        opener: Callable[[Row], VideoSource] | None = None,
    ) -> None:
        self.sources = sources
        self.writers = writers
        self.estimator = estimator
        self.settings = settings
        self.lifter = lifter
        self.open_video = opener or partial(open_row, allow_damaged=settings.extraction.keep_damaged)

    def run(self, rows: Sequence[Row], log: RowLog, report: BuildReport, progress: bool = True) -> None:
        """Do the rows that are not done yet, and note in the log what became of each.

        Raises:
            BuildError: At a row whose video cannot be used, unless the settings say to go on.
        """
        report.resumed, left_out = log.done, 0
        begin = time.process_time()
        with ExtractionProgress(len(rows), log.done, progress) as bar:
            for row in rows[log.done :]:
                outcome = self._do(row, report, bar)
                log.add(outcome)
                left_out += not outcome.kept
                bar.next_video(left_out)
        report.processor = time.process_time() - begin
        if self.lifter is not None:
            report.seconds['lifting'] = self.lifter.seconds

    def _do(self, row: Row, report: BuildReport, bar: ExtractionProgress) -> Outcome:
        if row.problem:
            return Outcome.of_row(row, reason='bad', why=one_line(row.problem))
        if row.dropped:
            return Outcome.of_row(row, reason='label', why=f'{row.where}: {REASONS["label"]}')
        try:
            return self._extract(row, report, bar)
        except (VideoError, BadFileError, BadClipError) as error:
            named = str(error).startswith(row.where)
            problem = str(error) if named else f'{row.where}: {error}'
        except FileNotFoundError as error:  # an expert's file of this video
            problem = f'{row.place}: {error}'
        if not self.settings.skip_bad:
            raise BuildError(f'{problem} ({SKIP_HINT})')
        return Outcome.of_row(row, reason='bad', why=one_line(problem), path=self._below_videos(row))

    def _extract(self, row: Row, report: BuildReport, bar: ExtractionProgress) -> Outcome:
        video = self.open_video(row)
        bar.begin_video(row.clip_id, video.num_frames)
        clip = next(
            extract_clips(
                self.estimator,
                video,
                self.settings.extraction,
                self.lifter,
                row.path,
                self.settings.batch_size,
                bar.add_frames,
            ),
            None,
        )
        report.frames += video.num_frames
        for stage, seconds in dict(decode=video.seconds, **self.estimator.timings).items():
            report.seconds[stage] = report.seconds.get(stage, 0.0) + seconds
        found: dict = dict(path=self._below_videos(row), frames=video.times.num_steady)
        found['notes'] = [one_line(note) for note in (*video.notes(), *self.estimator.notes())]
        if clip is None:
            return Outcome.of_row(
                row, reason='nobody', why=one_line(f'{row.place}: {REASONS["nobody"]}'), **found
            )
        found |= _measures(clip)
        if found['share'] < self.settings.min_share:
            why = f'{row.place}: a body in {found["share"]:.0%} of {found["frames"]} frames'
            return Outcome.of_row(row, reason='few', why=one_line(why), **found)
        # SST-A chose each joint on its own, the joints between others too; here these are between them again
        poses = {FLAT: self.estimator.layout.interpolate(clip.keypoint, clip.score), SOLID: clip.lifted}
        for name, writer in self.writers.items():
            if row.clip_id not in writer:  # written by an attempt that was killed before the log was
                writer.add(row.clip_id, *poses[name], row.label or UNLABELLED, video.size, video.fps)
        return Outcome.of_row(row, kept=True, **found)

    def _below_videos(self, row: Row) -> str:
        """The path of a row's video, below the folder of its source's videos if it is there."""
        root = self.sources[row.source].folder.root
        path = Path(row.path)
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _measures(clip: ExtractedClip) -> dict:
    """What the log tells of a clip."""
    seen = clip.score > 0
    return dict(
        frames=len(clip.bodies),
        bodies=tuple(np.bincount(clip.bodies).tolist()),
        share=round(float(clip.present.mean()), 4),
        confidence=None if np.isnan(clip.confidence) else round(clip.confidence, 4),
        score=round(float(clip.score[seen].mean(dtype=np.float64)), 4) if seen.any() else None,
        votes=clip.votes.tolist(),
    )
