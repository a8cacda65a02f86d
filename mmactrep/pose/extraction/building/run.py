"""From the rows of lists to stores of skeletons."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.extraction.extraction import check_experts
from mmactrep.pose.extraction.report import LOG_FILE, log_beside, log_of
from mmactrep.pose.extraction.settings import Lifter, VideoSource
from mmactrep.store.format import StoreError
from mmactrep.store.shards import Shard, finished_clips, forget_empty, note_empty
from mmactrep.store.skipped import skipped_file, write_skipped
from mmactrep.store.writer import SkeletonStoreWriter

from .lifting import LayoutLifter
from .outcomes import RowLog, count_outcomes, read_outcomes
from .plan import Plan
from .settings import FLAT, SOLID, BuildReport, BuildSettings
from .sources import Row
from .worker import BuildWorker


def run_build(
    plan: Plan,
    root: Path,
    estimator: PoseEstimator,
    settings: BuildSettings | None = None,
    *,
    shard: Shard | None = None,
    attributes: Mapping | None = None,
    lifter: Lifter | None = None,
    open_video: Callable[[Row], VideoSource] | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> BuildReport:
    """Extract the poses of the rows of a plan, resuming an unfinished attempt where it stopped.

    Writes ``root/2d``, and with a lifter ``root/3d``, whose clips are those of the first. Clips are in the
    order of the rows, and the log of each store has a line a row, so that a build that was killed and resumed
    ends with the same bytes as one that was not. A shard's stores are next to them, see :meth:`Shard.root`.

    Args:
        plan: The rows of this process.
        root: Folder of the data set.
        estimator: Experts and aggregation. Its options should be those of ``settings.extraction.estimator``.
        settings: How clips are made.
        shard: The part of this process, that of the plan.
        attributes: What the stores record about their origin, besides settings and list.
        lifter: Lifts the poses to 3D, into the estimator's layout where its joints can be derived.
        open_video: Opens the video of a row. Default: :func:`~.worker.open_row`.
        overwrite: Replace finished stores once the new ones are complete.
        progress: Show a progress bar.

    Raises:
        BuildError: At the first row whose video cannot be used, unless ``skip_bad``. What is done is kept,
            and the same call goes on there.
        FileExistsError: If there is a finished store made with other settings, and ``overwrite`` is off.
        StoreError: If another process is writing it, an unfinished attempt was begun with other settings, or
            no row gave a clip.
    """
    settings, shard = settings or BuildSettings(), shard or Shard()
    check_experts(estimator.experts, len(plan.rows))
    solid = None if lifter is None else LayoutLifter(lifter, estimator.layout)
    layouts = {FLAT: estimator.layout} | ({} if solid is None else {SOLID: solid.layout})
    roots = {name: shard.root(root / name) for name in layouts}
    report = BuildReport(root, len(plan.rows), skipped_file=skipped_file(roots[FLAT]))
    origin = _origin(plan, settings, shard, attributes or {})
    root.mkdir(parents=True, exist_ok=True)
    done = {name for name, at in roots.items() if not overwrite and finished_clips(at, origin) is not None}
    if done == set(roots):
        report.resumed = len(plan.rows)
        report.counts = count_outcomes(read_outcomes(log_of(roots[FLAT])))
        return report
    if FLAT in done:
        raise StoreError(f'{roots[FLAT]} is finished and {roots[SOLID]} is not; --overwrite makes both anew')
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                SkeletonStoreWriter(
                    roots[name],
                    layout,
                    classes=plan.classes,
                    num_channels=2 if name == FLAT else 3,
                    dtype=settings.dtype,
                    attributes=origin,
                    overwrite=overwrite,
                )
            )
            for name, layout in layouts.items()
            if name not in done
        }
        worker = BuildWorker(plan.sources, writers, estimator, settings, solid, open_video)
        with RowLog(writers[FLAT].partial / LOG_FILE, plan.rows, list(writers.values())) as log:
            worker.run(plan.rows, log, report, progress)
        _finish(plan, writers, report, None if shard.count == 1 else origin)
    if shard.count == 1 and not report.counts['']:
        raise StoreError(
            f'{roots[FLAT]}: none of the {len(plan.rows)} rows gave a clip, see {report.skipped_file} and '
            f'{log_of(roots[FLAT])}'
        )
    return report


def _origin(plan: Plan, settings: BuildSettings, shard: Shard, attributes: Mapping) -> dict:
    origin = dict(
        attributes,
        settings=asdict(settings.extraction) | dict(min_share=settings.min_share),
        list=dict(rows=plan.total, sha256=plan.sha256),
    )
    if shard.count > 1:
        origin['shard'] = [shard.index, shard.count]
    return json.loads(json.dumps(origin))


def _finish(
    plan: Plan, writers: Mapping[str, SkeletonStoreWriter], report: BuildReport, shard_origin: Mapping | None
) -> None:
    """Write splits, logs and the list of what is left out, and move the stores into place."""
    log = writers[FLAT].partial / LOG_FILE
    members: dict[str, list[str]] = {name: [] for name in plan.splits}
    skipped: dict[str, str] = {}
    report.counts = count_outcomes(())
    for outcome in read_outcomes(log):
        report.counts[outcome.reason] += 1
        if outcome.kept:
            for split in outcome.splits:
                members[split].append(outcome.name)
        elif outcome.reason != 'label':
            skipped[outcome.name] = outcome.why
    write_skipped(writers[FLAT].root, skipped)
    # the store with the log last: if a kill comes between, the other is done
    for writer in (writers[name] for name in (SOLID, FLAT) if name in writers):
        if len(writer) != report.counts['']:
            raise StoreError(
                f'{writer.partial}: the log tells of {report.counts[""]} clips, the store has {len(writer)}: '
                'did the experts find other poses when it was resumed? Remove the folder and start again'
            )
        if len(writer):
            _put_in_place(writer, log, members)
        else:
            shutil.copyfile(log, log_beside(writer.root))
            if shard_origin is not None:
                note_empty(writer.root, shard_origin)
            writer.discard()


def _put_in_place(writer: SkeletonStoreWriter, log: Path, members: Mapping[str, list[str]]) -> None:
    for split, ids in members.items():
        writer.add_split(split, ids)
    own = writer.partial / LOG_FILE
    if own != log:
        shutil.copyfile(log, own)
    writer.finish()
    log_beside(writer.root).unlink(missing_ok=True)
    forget_empty(writer.root)
