"""The poses of each clip, extracted once: a file a clip, so that added videos alone cost time."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mmactrep.files import BadFileError, read_arrays
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.experts.builder import (
    EXPERTS,
    available_experts,
    build_experts,
    expand_groups,
    files_of_expert,
)
from mmactrep.pose.extraction.building.outcomes import Outcome
from mmactrep.pose.extraction.building.plan import Plan
from mmactrep.pose.extraction.building.settings import FLAT, BuildReport, BuildSettings
from mmactrep.pose.extraction.building.sources import Row
from mmactrep.pose.extraction.building.worker import BuildWorker
from mmactrep.pose.extraction.settings import ExtractionSettings
from mmactrep.structures import get_layout

from .cache import key_of, write_json
from .processes import in_processes
from .settings import LAYOUT, TeachError, TeachSettings

#: Experts by speed on a CPU, the fastest first.
BY_SPEED = (
    *('movenet-multipose-320', 'movenet-multipose', 'mediapipe', 'rtmo-s', 'rtmpose-t'),
    *('rtmpose-s', 'rtmo-m', 'rtmpose-m'),
)
LOG_FILE = 'timings.json'


@dataclass(frozen=True, eq=False)
class ClipPoses:
    """What was found in a clip.

    Args:
        outcome: What became of it, as the log of a build has it.
        keypoint: (M, T, V, 2) pixels; None if nobody was found.
        score: (M, T, V).
        img_shape: (H, W).
        fps: Frames per second.
    """

    outcome: Outcome
    keypoint: np.ndarray | None = None
    score: np.ndarray | None = None
    img_shape: tuple[int, int] = (0, 0)
    fps: float = 0.0


@dataclass
class ExtractionTimes:
    """What an extraction cost.

    Args:
        clips: Clips that were extracted now.
        known: Clips whose poses were there.
        frames: Frames that were processed now.
        seconds: Time from the first to the last of them.
        stages: Seconds of each stage, over all processes.
    """

    clips: int = 0
    known: int = 0
    frames: int = 0
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)


def fastest_experts() -> list[str]:
    """The fastest installed experts.

    Raises:
        TeachError: If none is installed.
    """
    lacks = available_experts()
    chosen = next((name for name in (*BY_SPEED, *EXPERTS) if lacks.get(name) == ''), None)
    if chosen is None:
        raise TeachError(
            f'no pose expert is installed; {lacks.get("mediapipe") or next(iter(lacks.values()))}'
        )
    return [chosen]


def expert_name(expert: Any) -> str:
    """What an expert is called: its name, or the text or config that it is built from."""
    return expert.name if isinstance(expert, PoseExpert) else str(expert)


def described_expert(name: str) -> str:
    """A named expert with its options, as the report tells it: ``NAME (option=value)``."""
    shown = {
        key: value for key, value in EXPERTS.get(name, {}).items() if key not in ('type', 'name', 'model')
    }
    options = ', '.join(f'{key}={value}' for key, value in shown.items())
    return f'{name} ({options})' if options else name


def extract_poses(settings: TeachSettings, plan: Plan) -> tuple[list[ClipPoses], ExtractionTimes]:
    """The poses of all clips by the settings' experts; known ones are read, unless their video changed, or a
    file that they come from.

    Raises:
        UserError: If an expert cannot be built, or a video cannot be read and ``skip_bad`` is off.
    """
    experts = list(settings.experts)
    extraction = ExtractionSettings()
    names = [each if isinstance(each, (str, dict)) else each.name for each in experts]
    folder = settings.poses / key_of(dict(experts=names, extraction=asdict(extraction), layout=LAYOUT))
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for row in plan.rows if not row.problem and not row.dropped]
    files = [folder / f'{row_key(row, experts)}.npz' for row in rows]
    waiting = [(row, file) for row, file in zip(rows, files) if read_clip(file, row) is None]
    times = ExtractionTimes(clips=len(waiting), known=len(rows) - len(waiting))
    if waiting:
        begin = time.perf_counter()
        # the share is judged when the poses are read, so that another one needs no extraction
        build = BuildSettings(extraction, min_share=0.0, skip_bad=settings.skip_bad)
        work = partial(_extract_row, experts=experts, plan=_without_rows(plan), settings=build)
        jobs = in_processes(work, waiting, settings.processes, settings.out / 'poses.log')
        shown = tqdm(jobs, 'poses', len(waiting), unit='clip', disable=not settings.progress)
        for _, (frames, stages) in shown:
            times.frames += frames
            for stage, seconds in stages.items():
                times.stages[stage] = times.stages.get(stage, 0.0) + seconds
        times.seconds = time.perf_counter() - begin
        write_json(folder / LOG_FILE, asdict(times) | dict(experts=list(map(str, names))))
    elif (folder / LOG_FILE).is_file():
        told = json.loads((folder / LOG_FILE).read_text(encoding='utf-8'))
        times = ExtractionTimes(0, len(rows), told['frames'], told['seconds'], told['stages'])
    clips = [read_clip(file, row) for row, file in zip(rows, files)]
    return [without_few(clip, settings.min_share) for clip in clips], times


def row_key(row: Row, experts: Sequence[Any] = ()) -> str:
    """Name of a clip's file: changes with the part of the video, with the size and time of the video, and
    with those of the files that the experts' poses of it come from."""
    content = [row.clip_id, *_state(row.path), row.start, row.end]
    files = [file for spec in expand_groups(experts) for file in files_of_expert(spec, row.path)]
    return key_of(content + [_state(file) for file in files])


def _state(path: str | Path) -> tuple[int, int]:
    stat = os.stat(path)
    return stat.st_size, stat.st_mtime_ns


def read_clip(path: Path, row: Row) -> ClipPoses | None:
    """The poses in a file, with the class and split that the row has now; None if there are none yet."""
    if not path.is_file():
        return None
    try:
        found = read_arrays(path)
        details = json.loads(bytes(found['outcome']).decode())
    except (BadFileError, KeyError, ValueError):
        return None  # cut off by a kill, or by a full disk: extracted again
    details.update(where=row.where, label=row.label, splits=row.splits)
    outcome = Outcome(**details)
    if not outcome.kept:
        return ClipPoses(outcome)
    height, width, fps = found['shape'].tolist()
    return ClipPoses(outcome, found['keypoint'], found['score'], (int(height), int(width)), fps)


def without_few(clip: ClipPoses, min_share: float) -> ClipPoses:
    """The clip, or why it is left out if a body is in too few of its frames."""
    found = clip.outcome
    if not found.kept or found.share >= min_share:
        return clip
    place = found.where if found.where.endswith(found.path) else f'{found.where}: {found.path}'
    why = f'{place}: a body in {found.share:.0%} of {found.frames} frames'
    return ClipPoses(replace(found, kept=False, reason='few', why=why))


class _OneClip:
    """Takes the clip that a worker makes of a row and writes it with the row's outcome: store and log."""

    done = 0

    def __init__(self, path: Path) -> None:
        self.path = path
        self.arrays: dict[str, np.ndarray] = {}

    def __contains__(self, clip_id: str) -> bool:
        return False

    def add_clip(self, clip_id: str, keypoint, score, label, img_shape, fps) -> None:
        self.arrays = dict(
            keypoint=np.asarray(keypoint, np.float32),
            score=np.asarray(score, np.float32),
            shape=np.array([*img_shape, fps or 0.0], np.float64),
        )

    def add_outcome(self, outcome: Outcome) -> None:
        text = json.dumps(asdict(outcome)).encode()
        partial_path = self.path.with_suffix(f'.{os.getpid()}.partial')
        with open(partial_path, 'wb') as file:
            np.savez_compressed(file, outcome=np.frombuffer(text, np.uint8), **self.arrays)
        os.replace(partial_path, self.path)


class _As:
    """An object under which a method of another is called ``add``."""

    done = 0

    def __init__(self, add, contains=()) -> None:
        self.add, self._contains = add, contains

    def __contains__(self, name: str) -> bool:
        return name in self._contains


_estimators: dict[str, PoseEstimator] = {}


def _estimator(experts: Sequence[Any], extraction: ExtractionSettings) -> PoseEstimator:
    """The estimator of this process, whose networks are loaded once."""
    key = key_of([list(map(str, experts)), asdict(extraction)])
    if key not in _estimators:
        _estimators[key] = PoseEstimator(build_experts(experts), get_layout(LAYOUT), **extraction.estimator)
    return _estimators[key]


def _extract_row(
    item: tuple[Row, Path], experts: Sequence[Any], plan: Plan, settings: BuildSettings
) -> tuple[int, Mapping[str, float]]:
    """Extract one row into its file; returns frames and seconds of each stage."""
    row, path = item
    clip, report = _OneClip(path), BuildReport(path.parent)
    estimator = _estimator(experts, settings.extraction)
    worker = BuildWorker(plan.sources, {FLAT: _As(clip.add_clip)}, estimator, settings)
    worker.run([row], _As(clip.add_outcome), report, progress=False)
    return report.frames, report.seconds


def _without_rows(plan: Plan) -> Plan:
    """The plan for a process: it gets its rows one by one."""
    return Plan(plan.sources, [], plan.total, plan.sha256, plan.classes, plan.splits)


def left_out(clips: Sequence[ClipPoses]) -> Iterator[Outcome]:
    """The outcomes of the clips that cannot be used."""
    return (clip.outcome for clip in clips if not clip.outcome.kept)
