"""The loop that all converters share: read clips, write them in order, report what is left out."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tqdm import tqdm

from mmactrep.store.format import BadClipError
from mmactrep.store.writer import SkeletonStoreWriter

from .conversion import Clip, Conversion, Job

# Clips read ahead of the writer, for each worker: memory stays bounded however slow the disk is.
_READ_AHEAD = 8


@dataclass
class Report:
    """What a conversion did.

    Args:
        root: The store.
        written: Clips in the store.
        resumed: Clips among them that an earlier, unfinished attempt had written.
        bad: Clips left out, with the reason.
    """

    root: Path
    written: int = 0
    resumed: int = 0
    bad: dict[str, str] = field(default_factory=dict)

    @property
    def bad_file(self) -> Path:
        """Text file that lists the clips left out, beside the store."""
        return self.root.with_name(self.root.name + '.skipped.txt')


def run_conversion(
    conversion: Conversion,
    root: str | Path,
    workers: int = 0,
    skip_bad: bool = False,
    overwrite: bool = False,
    dtype: str = 'float32',
    progress: bool = True,
) -> Report:
    """Convert a data set into a store, taking up an unfinished attempt where it stopped.

    Clips are written in the order of ``conversion.jobs`` whatever the number of workers, so that two runs, or
    a run that was killed and taken up again, give the same files byte for byte.

    Args:
        conversion: What to convert.
        root: Folder of the store.
        workers: Processes that read; 0 reads in this one.
        skip_bad: Leave clips out that cannot be used, and list them, instead of stopping at the first.
        overwrite: Replace a finished store, once the new one is complete.
        dtype: ``'float32'`` or ``'float16'``.
        progress: Show a progress bar.

    Raises:
        BadClipError: At the first bad clip, if ``skip_bad`` is off. What was written stays, to be taken up.
        FileExistsError: If ``root`` holds a finished store and ``overwrite`` is off.
        ValueError: If two clips have the same id.
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
        pending = [job for job in conversion.jobs if job.clip_id not in writer]
        report.resumed = len(conversion.jobs) - len(pending)
        bar = tqdm(
            total=len(conversion.jobs),
            initial=report.resumed,
            desc=conversion.name,
            unit='clip',
            disable=not progress,
        )
        with bar:
            for job, clip, reason in _read_in_order(conversion.read, pending, workers):
                reason = reason or _add(writer, job, clip)
                if reason:
                    if not skip_bad:
                        raise BadClipError(f'{reason}\n(--skip-bad leaves such clips out and lists them)')
                    report.bad[job.clip_id] = reason
                bar.update()
        for name in conversion.splits:
            ids = [job.clip_id for job in conversion.jobs if name in job.splits and job.clip_id in writer]
            writer.add_split(name, ids)
        report.written = len(writer)
        writer.finish()
    _write_bad_file(report)
    return report


def _check_ids(conversion: Conversion) -> None:
    seen: dict[str, Job] = {}
    for job in conversion.jobs:
        if job.clip_id in seen:
            raise ValueError(
                f"{conversion.name}: two clips are named '{job.clip_id}': "
                f'{seen[job.clip_id].origin} and {job.origin}'
            )
        seen[job.clip_id] = job


def _add(writer: SkeletonStoreWriter, job: Job, clip: Clip) -> str | None:
    """Write a clip; the reason if it cannot be used."""
    try:
        writer.add(
            job.clip_id, clip.keypoint, clip.score, clip.label, clip.img_shape, clip.fps, clip.segments
        )
    except BadClipError as error:
        return f'{job.origin}: {error}'
    return None


def _read_one(read: Callable[..., Clip], job: Job) -> tuple[Job, Clip | None, str | None]:
    try:
        return job, read(job.source), None
    except BadClipError as error:
        return job, None, str(error)


def _read_in_order(
    read: Callable[..., Clip], jobs: Iterable[Job], workers: int
) -> Iterator[tuple[Job, Clip | None, str | None]]:
    """Clips in the order of the jobs, at most ``workers * _READ_AHEAD`` of them in memory."""
    read_one = partial(_read_one, read)
    if workers <= 0:
        yield from map(read_one, jobs)
        return
    # Forked workers start at once, where spawned ones import everything again.
    method = 'fork' if 'fork' in multiprocessing.get_all_start_methods() else 'spawn'
    with ProcessPoolExecutor(workers, multiprocessing.get_context(method)) as pool:
        waiting: deque = deque()
        try:
            for job in jobs:
                waiting.append(pool.submit(read_one, job))
                if len(waiting) >= workers * _READ_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _write_bad_file(report: Report) -> None:
    if report.bad:
        lines = [f'{clip_id}\t{reason}' for clip_id, reason in report.bad.items()]
        report.bad_file.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    else:
        # the list of an earlier attempt would be taken for this one's
        report.bad_file.unlink(missing_ok=True)
