"""From the videos of clips to a store of their features."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import torch

from mmactrep.pose.extraction.progress import ExtractionProgress
from mmactrep.store.feature_writer import FeatureStoreWriter
from mmactrep.store.shards import Shard
from mmactrep.video.frames import VideoError

from .frames import read_clips
from .video_clips import VideoClip, checksum
from .writing import FeatureReport, write_features

if TYPE_CHECKING:
    from mmactrep.models.teachers import VideoTeacher


def extract_video_features(
    clips: Sequence[VideoClip],
    teacher: VideoTeacher,
    root: str | os.PathLike,
    *,
    shard: Shard | None = None,
    attributes: Mapping | None = None,
    batch_size: int = 8,
    keep_damaged: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> FeatureReport:
    """Write the features of the video of each clip, resuming an unfinished attempt where it stopped.

    The teacher sees frames spread evenly over the clip. Clips without a video have no entry. Videos that
    cannot be decoded are skipped and listed in ``ROOT.skipped.txt``; they are tried again when an attempt is
    resumed. Clips are encoded in fixed batches, so that a resumed attempt ends with the same bytes.

    Args:
        clips: All clips, even if this process has only a part of them.
        teacher: Encoder of clips.
        root: Folder of the feature store; a shard's store is next to it, see :meth:`Shard.root`.
        shard: The part of this process. Default: all.
        attributes: What the store records about its origin, besides clips and settings.
        batch_size: Clips that are held in memory and encoded at once.
        keep_damaged: Use the readable part of damaged videos.
        overwrite: Replace a finished store once the new one is complete.
        progress: Show a progress bar.

    Raises:
        FileExistsError: If there is a finished store of other clips or settings, and ``overwrite`` is off.
        StoreError: See :func:`~mmactrep.apis.feature_extraction.writing.write_features`.
        BadClipError: If the teacher's features do not fit its dimension or half precision.
    """
    mine = (shard or Shard()).of(clips)
    origin = dict(
        attributes or {},
        clips=checksum(clips),
        num_frames=teacher.num_frames,
        batch_size=batch_size,
        keep_damaged=keep_damaged,
    )

    def fill(writer: FeatureStoreWriter, report: FeatureReport) -> None:
        worker = _Worker(writer, report, teacher, keep_damaged)
        videos = sum(clip.path is not None for clip in mine)
        with ExtractionProgress(videos, len(writer), progress) as bar:
            worker.run(mine, batch_size, bar)

    return write_features(root, teacher, 'video', origin, len(mine), fill, shard, overwrite)


class _Worker:
    """Encodes one batch of clips after another into a writer."""

    def __init__(
        self, writer: FeatureStoreWriter, report: FeatureReport, teacher: VideoTeacher, keep_damaged: bool
    ) -> None:
        self.writer = writer
        self.report = report
        self.teacher = teacher
        self.keep_damaged = keep_damaged
        report.seconds.update(decode=0.0, teacher=0.0)

    def run(self, clips: Sequence[VideoClip], batch_size: int, bar: ExtractionProgress) -> None:
        """Encode the batches of which a clip is lacking."""
        needed = []
        for start in range(0, len(clips), batch_size):
            batch = [clip for clip in clips[start : start + batch_size] if clip.path is not None]
            if any(clip.clip_id not in self.writer for clip in batch):
                needed += [(start, clip) for clip in batch]
        for _, decoded in groupby(self._decoded(needed, bar), key=lambda item: item[0]):
            self._encode([(clip, frames) for _, clip, frames in decoded], bar)

    def _decoded(
        self, needed: Sequence[tuple[int, VideoClip]], bar: ExtractionProgress
    ) -> Iterator[tuple[int, VideoClip, np.ndarray]]:
        """Batch, clip and frames (T, H, W, 3); clips that cannot be decoded are noted and left out."""
        for path, group in groupby(needed, key=lambda item: item[1].path):
            group = list(group)
            reader = read_clips(path, [clip for _, clip in group], self.teacher.num_frames, self.keep_damaged)
            for place, (batch, clip) in enumerate(group):
                bar.begin_video(clip.clip_id, self.teacher.num_frames)
                begin = time.perf_counter()
                try:
                    frames = next(reader)
                except VideoError as error:
                    for _, lost in group[place:]:
                        if lost.clip_id not in self.writer:
                            self.report.skipped[lost.clip_id] = str(error)
                            bar.next_video(len(self.report.skipped))
                    break
                finally:
                    self.report.seconds['decode'] += time.perf_counter() - begin
                yield batch, clip, frames

    def _encode(self, decoded: Sequence[tuple[VideoClip, np.ndarray]], bar: ExtractionProgress) -> None:
        """Write the features of a batch; frames of one size go through the teacher together."""
        begin = time.perf_counter()
        features: dict[str, np.ndarray] = {}
        for shape in dict.fromkeys(frames.shape for _, frames in decoded):
            alike = [(clip.clip_id, frames) for clip, frames in decoded if frames.shape == shape]
            encoded = self.teacher.encode(torch.from_numpy(np.stack([frames for _, frames in alike])))
            features.update(zip((name for name, _ in alike), encoded.detach().cpu().numpy()))
        self.report.seconds['teacher'] += time.perf_counter() - begin
        for clip, frames in decoded:
            self.report.frames += len(frames)
            bar.add_frames(len(frames))
            if clip.clip_id not in self.writer:
                self.writer.add(clip.clip_id, features[clip.clip_id])
                bar.next_video(len(self.report.skipped))
