"""From one's own videos to a tested recognizer: the stages, in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmactrep.locks import FileLock
from mmactrep.structures import get_layout

from .cache import content_of, key_of, remembered, write_json
from .calibration import calibrate
from .clip_splits import planned_clips, split_clips, unused_clips
from .clip_store import TeachClip, clips_of_store, clips_of_videos, write_clip_store
from .inputs import is_store, read_plan
from .model_folder import write_model_folder
from .page import write_report_page
from .pictures import Animator
from .poses import described_expert, expert_name, extract_poses, fastest_experts, left_out
from .report_data import PartResult, TeachReport, wrong_clips
from .settings import LAYOUT, TeachSettings
from .starts import SCRATCH, encoder_features, start_path
from .training import CHECKPOINT, TrainingJob
from .training_plan import Trained, length_parts, train_all

_START_NAMES = {SCRATCH: 'random weights'}


def teach(settings: TeachSettings, say: Callable[[str], None] = print) -> TeachReport:
    """Videos, or a store, to skeletons, splits, trainings, a test, a report and a recognizer.

    Interrupted at any point, the same call goes on there: poses are kept by clip, trainings by their last
    checkpoint. With further videos, only they are extracted.

    Args:
        settings: What is asked for.
        say: Takes what is done, a line at a time.

    Returns:
        What is in ``report.json`` and on the page.

    Raises:
        TeachError: If no model can be trained on the clips as they are; before the first training.
        UserError: If an input cannot be read.
        LockedError: If another process works in the same folder.
    """
    settings.out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.out / 'teach.lock')
    try:
        return _teach(settings, say)
    finally:
        lock.release()


def _teach(settings: TeachSettings, say: Callable[[str], None]) -> TeachReport:
    seconds: dict[str, float] = {}
    clips, classes, layout, without, experts, extraction = _read(settings, say)
    seconds['poses'] = extraction
    if without:  # before too few clips are refused
        more = f' and {len(without) - 1} more' if len(without) > 1 else ''
        say(f'left out: {without[0][1]}{more}')
    begin = time.perf_counter()
    parts, groups = split_clips(settings, clips, classes)
    labels = np.array([clip.label for clip in clips])
    folds = f'{len(parts)} folds' if len(parts) > 1 else f'{len(parts[0].test)} test clips'
    say(f'{len(clips)} clips of {len(classes)} classes, {len(without)} without a body; {folds}')
    unused = unused_clips(parts, clips)
    notes = []
    if unused:
        notes.append(
            f'{len(unused)} of {len(clips)} clips are in neither part of the given split and were left out: '
            f'{", ".join(unused[:3])}{" ..." if len(unused) > 3 else ""} (--folds divides all clips)'
        )
        say(f'warning: {notes[0]}')
    lengths = length_parts(settings, parts, labels, groups)
    store = write_clip_store(settings.store, clips, classes, layout, [*parts, *lengths.values()])
    fits = layout.name == LAYOUT and not settings.overlays
    names = [name for name in settings.starts if fits] or [SCRATCH]
    features = _features(settings, store, names)
    seconds['choice of the weights'] = time.perf_counter() - begin
    begin = time.perf_counter()
    trained = train_all(settings, parts, labels, groups, features, lengths)
    seconds['trainings'] = time.perf_counter() - begin
    begin = time.perf_counter()
    job, final = trained.final
    folder = settings.runs / job.name
    rejection = calibrate(
        folder / CHECKPOINT, final, [result for _, result in trained.parts], settings.noun, settings.seed
    )
    seconds['calibration'] = time.perf_counter() - begin
    begin = time.perf_counter()
    together = max(len(clip.keypoint) for clip in clips) > 1
    report = _report(settings, clips, classes, trained, without)
    report.rejection = dict(rejection.figures)
    report.verdict = rejection.verdict(len(classes))
    report.notes = notes
    report.settings = _told(settings, job, experts)
    write_model_folder(
        settings.model, folder / CHECKPOINT, folder / 'config.py', layout, classes, rejection, together,
        dict(experts=experts, accuracy=report.accuracy, interval=report.interval, start=_named(job)),
    )  # fmt: skip
    seconds['report'] = time.perf_counter() - begin
    report.seconds = seconds
    animate = Animator(clips, layout, settings)
    write_report_page(settings.page, report, animate, str(settings.model))
    write_json(settings.out / 'report.json', report.to_dict())
    return report


def _read(
    settings: TeachSettings, say: Callable[[str], None]
) -> tuple[list[TeachClip], list[str], object, list[tuple[str, str]], list[str], float]:
    """Clips, classes, layout, the clips without a body, the experts, and the seconds of extraction."""
    if is_store(settings.source):
        clips, classes, layout = clips_of_store(Path(settings.source))
        return clips, classes, layout, [], [], 0.0
    plan = read_plan(settings)
    split_clips(settings, *planned_clips(plan))  # what cannot be divided is told before the poses
    experts = list(settings.experts or fastest_experts())
    settings = replace(settings, experts=experts)
    named = ', '.join(map(expert_name, experts))
    say(f'{len(plan.rows)} clips of {len(plan.classes)} classes; poses: {named}')
    found, times = extract_poses(settings, plan)
    if times.known and times.clips:
        say(f'poses of {times.known} clips were there, those of {times.clips} are new')
    classes = sorted({row.label for row in plan.rows if row.label and not row.dropped})
    without = [(each.name, each.why) for each in left_out(found)]
    without += [(row.where, row.problem) for row in plan.rows if row.problem]
    clips = clips_of_videos(found, classes)
    return clips, classes, get_layout(LAYOUT), without, [expert_name(each) for each in experts], times.seconds


def _features(settings: TeachSettings, store: Path, names: list[str]) -> dict[str, np.ndarray]:
    """Features of the starts; with one start there is nothing to choose."""
    if len(names) == 1:
        from mmactrep.store.reader import SkeletonStore

        return {names[0]: np.zeros((len(SkeletonStore(store)), 1))}
    from mmactrep.store.format import META_FILE

    weights = [content_of(start_path(name)) for name in names]
    key = key_of([(store / META_FILE).read_text(encoding='utf-8'), names, weights])
    found = remembered(
        settings.out / 'data' / 'features.json',
        key,
        lambda: {name: value.tolist() for name, value in encoder_features(store, names).items()},
    )
    return {name: np.array(value, np.float32) for name, value in found.items()}


def _named(job: TrainingJob) -> str:
    return Path(job.start).stem if job.start else _START_NAMES[SCRATCH]


def _report(
    settings: TeachSettings,
    clips: list[TeachClip],
    classes: list[str],
    trained: Trained,
    without: list[tuple[str, str]],
) -> TeachReport:
    results = [result for _, result in trained.parts]
    labels = np.concatenate([each.labels for each in results])
    probabilities = np.concatenate([each.probabilities for each in results])
    names = [str(name) for each in results for name in each.ids]
    rows = {clip.name: row for row, clip in enumerate(clips)}
    return TeachReport(
        title=settings.title or f'{settings.out.resolve().name}: report of the training',
        classes=classes,
        counts=np.bincount([clip.label for clip in clips], minlength=len(classes)).tolist(),
        parts=[
            PartResult(
                job.name, len(each.train_labels), len(each.labels),
                int((each.probabilities.argmax(axis=1) == each.labels).sum()), _named(job),
                job.steps, each.seconds,
            )
            for job, each in trained.parts
        ],
        labels=labels.tolist(),
        predictions=probabilities.argmax(axis=1).tolist(),
        wrong=wrong_clips(names, labels, probabilities, classes, rows),
        without_body=without,
        curve=trained.curve,
        starts=trained.starts,
        lengths=trained.lengths,
    )  # fmt: skip


def _told(settings: TeachSettings, job: TrainingJob, experts: list[str]) -> dict[str, str]:
    """Settings for the last table of the page."""
    return dict(
        source=settings.source,
        experts=', '.join(map(described_expert, experts)) or 'none: the skeletons of a store',
        split='as given, else by the number of clips' if settings.folds is None else str(settings.folds),
        seed=str(settings.seed),
        rate=f'{settings.rate:g}',
        overlays=' '.join(settings.overlays) or 'none',
        model=f'from {_named(job)}, {job.steps} steps',
    )
