"""Storing the poses of tracks over a video of any length."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from mmactrep.structures.poses import PoseTrack, TrackedPose

from .tracks import TrackStatistics

# Poses of one track that are kept in memory before they are written to disk: a quarter of a minute.
_BLOCK = 512


class TrackRecorder:
    """Collects poses frame by frame; all but the newest of each track are kept in a temporary file.

    Memory does not grow with the length of the video, but by a few numbers per track.

    Args:
        num_joints: Number of joints V.
        block: Poses per track that are kept in memory.
    """

    def __init__(self, num_joints: int, block: int = _BLOCK) -> None:
        self._dtype = np.dtype(
            [
                ('frame', '<i8'),
                ('confidence', '<f4'),
                ('votes', '<i2'),
                ('keypoint', '<f4', (num_joints, 2)),
                ('score', '<f4', (num_joints,)),
            ]
        )
        self._block = block
        self._records: dict[int, _Record] = {}
        self._file: BinaryIO | None = None

    def __len__(self) -> int:
        return len(self._records)

    def add(self, key: int, pose: TrackedPose) -> None:
        """Add a pose of the track ``key``; frames of a track must ascend."""
        record = self._records.setdefault(key, _Record(key))
        record.rows.append((pose.frame, pose.confidence, pose.votes, pose.keypoint, pose.score))
        if len(record.rows) >= self._block:
            self._write(record)

    def end(self, key: int, number: int | None) -> None:
        """End a track, which gets no more poses. ``number`` is its final number, None to drop it."""
        if number is None:
            self._records.pop(key, None)
        elif key in self._records:
            self._records[key].number = number
            self._write(self._records[key])
            self._records[key].rank = self._records[key].statistics.rank

    def tracks(self, start: int = 0, end: int | None = None, min_length: int = 1) -> Iterator[PoseTrack]:
        """The ended tracks, by decreasing rank of the whole track, one at a time in memory.

        Args:
            start: First frame.
            end: Frame after the last one; None for all. Only frames in this range are read.
            min_length: Tracks of fewer poses are skipped.
        """
        for record in self._ranked():
            low, high = max(record.first, start), record.last + 1
            high = high if end is None else min(high, end)
            if low < high and record.statistics.frames >= min_length:
                track = self._read(record, low, high)
                if track is not None:
                    yield track

    def close(self) -> None:
        """Forget everything; the temporary file is removed."""
        self._records.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _ranked(self) -> list[_Record]:
        ended = [record for record in self._records.values() if record.number is not None]
        return sorted(ended, key=lambda record: (-record.rank, record.number))

    def _write(self, record: _Record) -> None:
        if not record.rows:
            return
        rows = np.array(record.rows, self._dtype)
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix='mmactrep-tracks-')  # noqa: SIM115
        place = self._file.seek(0, 2)
        self._file.write(rows.data)
        record.blocks.append((place, len(rows), int(rows['frame'][0]), int(rows['frame'][-1])))
        found = TrackStatistics.of(rows['keypoint'], rows['score'])
        record.statistics = found if record.statistics is None else record.statistics + found
        record.first = int(rows['frame'][0]) if record.first is None else record.first
        record.last = int(rows['frame'][-1])
        record.rows = []

    def _read(self, record: _Record, start: int, end: int) -> PoseTrack | None:
        """The part of a track between two frames, without empty ends; None if nothing is there."""
        parts = []
        for place, count, first, last in record.blocks:
            if first < end and last >= start:
                self._file.seek(place)
                rows = np.frombuffer(self._file.read(count * self._dtype.itemsize), self._dtype)
                parts.append(rows[(rows['frame'] >= start) & (rows['frame'] < end)])
        rows = np.concatenate(parts) if parts else np.empty(0, self._dtype)
        if not len(rows):
            return None
        first = int(rows['frame'][0])
        length = int(rows['frame'][-1]) + 1 - first
        joints = self._dtype['score'].shape
        keypoint = np.zeros((length, *joints, 2), np.float32)
        score = np.zeros((length, *joints), np.float32)
        confidence = np.zeros(length, np.float32)
        votes = np.zeros(length, np.int16)
        at = rows['frame'] - first
        keypoint[at], score[at] = rows['keypoint'], rows['score']
        confidence[at], votes[at] = rows['confidence'], rows['votes']
        return PoseTrack(record.number, first, keypoint, score, confidence, votes)


class _Record:
    """Where the poses of one track are."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.number: int | None = None
        self.rows: list[tuple] = []
        self.blocks: list[tuple[int, int, int, int]] = []  # place, poses, first and last frame
        self.statistics: TrackStatistics | None = None
        self.rank = 0.0
        self.first: int | None = None
        self.last: int | None = None
