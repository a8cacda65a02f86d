"""The loop that all converters share: read clips, write them in order, report what was skipped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmactrep.arguments import describe
from mmactrep.datasets.workers import map_in_order
from mmactrep.errors import UserError
from mmactrep.store.format import UNLABELLED, BadClipError
from mmactrep.store.skipped import skipped_file, write_skipped
from mmactrep.store.writer import SkeletonStoreWriter

from .conversion import MAX_FRAMES, MAX_PERSONS, Clip, Conversion, ConversionError, Job

# No camera sees a person beyond this, in pixels or meters.
_FARTHEST = 1e6
_HINT = '(--skip-bad skips such clips and lists them)'


@dataclass
class Report:
    """What a conversion did.

    Args:
        root: The store.
        written: Clips in the store.
        resumed: Clips among them that an earlier, unfinished attempt had written.
        bad: Clips skipped, with the reason.
        notes: What the user should know about clips that this attempt wrote, one line each.
    """

    root: Path
    written: int = 0
    resumed: int = 0
    bad: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def bad_file(self) -> Path:
        """Text file beside the store that lists the skipped clips."""
        return skipped_file(self.root)


def run_conversion(
    conversion: Conversion,
    root: str | Path,
    workers: int = 0,
    skip_bad: bool = False,
    overwrite: bool = False,
    dtype: str = 'float32',
    progress: bool = True,
) -> Report:
    """Convert a data set into a store, resuming an unfinished attempt where it stopped.

    Clips are written in the order of ``conversion.jobs`` whatever the number of workers, so that two runs, or
    a run that was killed and resumed, give the same files byte for byte.

    Args:
        conversion: What to convert.
        root: Folder of the store.
        workers: Reader processes; 0 reads in this one.
        skip_bad: Skip clips that cannot be used, and list them, instead of stopping at the first.
        overwrite: Replace a finished store, once the new one is complete.
        dtype: ``'float32'`` or ``'float16'``.
        progress: Show a progress bar.

    Raises:
        BadClipError: At the first bad clip, if ``skip_bad`` is off. What was written can be resumed.
        FileExistsError: If ``root`` is a finished store and ``overwrite`` is off.
        ConversionError: If two clips have the same id, or there are no clips.
    """
    _check_ids(conversion)
    report = Report(Path(root))
    with SkeletonStoreWriter(
        root,
        conversion.layout,
        classes=list(conversion.classes),
        num_channels=conversion.num_channels,
        with_score=conversion.with_score,
        dtype=dtype,
        attributes=dict(conversion.attributes),
        overwrite=overwrite,
    ) as writer:
        # what is known to be bad is reported before hours of reading
        problem = next((job.problem for job in conversion.jobs if job.problem), None)
        if problem and not skip_bad:
            raise BadClipError(f'{problem} {_HINT}')
        pending = [job for job in conversion.jobs if job.clip_id not in writer]
        report.resumed = len(conversion.jobs) - len(pending)
        bar = tqdm(
            total=len(conversion.jobs),
            initial=report.resumed,
            desc=conversion.name,
            unit='clip',
            disable=not progress,
        )
        clips = map_in_order(partial(_read_one, conversion.read), pending, workers)
        with bar, closing(clips):
            for job, clip, reason in clips:
                reason = reason or _add(writer, job, clip)
                if reason:
                    if not skip_bad:
                        raise BadClipError(f'{reason} {_HINT}')
                    report.bad[job.clip_id] = reason
                elif clip.note:
                    report.notes.append(f'{job.clip_id}: {clip.note}')
                bar.update()
        for name in conversion.splits:
            ids = [job.clip_id for job in conversion.jobs if name in job.splits and job.clip_id in writer]
            writer.add_split(name, ids)
        report.written = len(writer)
        writer.finish()
    write_skipped(report.root, report.bad)
    return report


def _check_ids(conversion: Conversion) -> None:
    if not conversion.jobs:
        raise ConversionError(f'{conversion.name}: there is no clip to convert')
    seen: dict[str, Job] = {}
    for job in conversion.jobs:
        if job.clip_id in seen:
            raise ConversionError(
                f"{conversion.name}: two clips are named '{job.clip_id}': "
                f'{seen[job.clip_id].origin} and {job.origin}'
            )
        seen[job.clip_id] = job


def _read_one(read: Callable[..., Clip], job: Job) -> tuple[Job, Clip | None, str]:
    """A clip, or why it cannot be used: an unreadable file, or values that no recording has."""
    if job.problem:
        return job, None, job.problem
    try:
        clip = read(job.source)
    except (UserError, OSError) as error:
        return job, None, describe(error)
    try:
        _check_values(clip)
    except BadClipError as error:
        return job, None, f"{job.origin}: clip '{job.clip_id}': {error}"
    return job, clip, ''


def _check_values(clip: Clip) -> None:
    """Refuse values that a store could keep but no recording has.

    Raises:
        BadClipError: Naming the value and its place.
    """
    persons, frames = clip.keypoint.shape[:2]
    if persons > MAX_PERSONS or frames > MAX_FRAMES:
        raise BadClipError(
            f'expected at most {MAX_PERSONS} persons and {MAX_FRAMES} frames, found {persons} and {frames}'
        )
    if clip.label is not None and clip.label < 0:
        raise BadClipError(f'label {clip.label} is outside the classes')
    beyond = np.abs(clip.keypoint) > _FARTHEST
    if beyond.any():
        place = tuple(int(index) for index in np.argwhere(beyond)[0])
        raise BadClipError(
            f'coordinates must be finite and at most {_FARTHEST:g}, found {clip.keypoint[place]} '
            f'at (person, frame, joint, axis) {place}'
        )


def _add(writer: SkeletonStoreWriter, job: Job, clip: Clip) -> str:
    """Write a clip; returns the reason if it cannot be used."""
    try:
        label = UNLABELLED if clip.label is None else clip.label
        writer.add(job.clip_id, clip.keypoint, clip.score, label, clip.img_shape, clip.fps, clip.segments)
    except BadClipError as error:
        return f'{job.origin}: {describe(error)}'
    return ''
