"""One video: skeletons, classes over time and segments, as files and rows for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.structures.recognition import ActionWindow, RecognitionResult, Verdict

if TYPE_CHECKING:
    from mmactrep.apis.skeleton_inferencer import SkeletonInferencer
    from mmactrep.video.frames import VideoFrames

#: Columns of :attr:`PageResult.segments`.
COLUMNS = ('Person', 'From (s)', 'To (s)', 'Action', 'Probability')


@dataclass(frozen=True)
class PageResult:
    """What a page shows of a video.

    Args:
        video: File with the skeletons drawn in.
        timeline: Picture of the classes over time.
        labels: Probabilities by class, the most likely ones.
        verdict: What the motion is said to be if it is none of the classes, else empty.
        segments: Rows of :data:`COLUMNS`.
        notes: What a user should know, one sentence each.
    """

    video: str
    timeline: str
    labels: dict[str, float]
    verdict: str
    segments: list[tuple[str, str, str, str, str]]
    notes: list[str]


def analyse(infer: SkeletonInferencer, video: VideoFrames, folder: str | Path) -> PageResult:
    """Recognize a video and draw the result.

    Args:
        infer: The inferencer.
        video: The video.
        folder: Folder of the files that are written.

    Raises:
        NoPersonError: If nobody is found.
    """
    from mmactrep.visualization import PoseOverlay, draw_overview, render_run, write_video

    folder = Path(folder)
    result = infer(video)
    overlay = PoseOverlay(result.layout, num_experts=result.num_experts)
    write_video(
        folder / 'skeletons.mp4', render_run(result, video.at_constant_rate(), overlay), result.fps or 25.0
    )
    draw_overview(result, folder / 'timeline.png', title='')
    return PageResult(
        str(folder / 'skeletons.mp4'),
        str(folder / 'timeline.png'),
        {words(name): float(score) for name, score in zip(result.labels, result.scores)},
        result.verdict.text if result.verdict.unknown else '',
        segment_rows(result),
        list(result.notes),
    )


def words(name: str) -> str:
    """A class name as it is read: ``golf_swing`` is 'golf swing'."""
    return name.replace('_', ' ')


def segment_rows(result: RecognitionResult) -> list[tuple[str, str, str, str, str]]:
    """Stretches in which a person's most likely class is the same, in seconds.

    Args:
        result: Of a video; of frames without a rate, times are at 25 frames per second.
    """
    rate = result.fps or 25.0
    groups = [(str(person.track.track), person.verdict, person.windows) for person in result.persons]
    if result.windows:
        groups = [('all', result.verdict, result.windows)]
    return [
        (who, f'{start / rate:.1f}', f'{end / rate:.1f}', told(verdict, result.classes[best]), f'{score:.0%}')
        for who, verdict, windows in groups
        for start, end, best, score in merge_windows(windows)
    ]


def told(verdict: Verdict, name: str) -> str:
    """The action of a stretch; of a motion that is none of the classes, that, and the nearest one."""
    return f'{verdict.text}; nearest: {words(name)}' if verdict.unknown else words(name)


def merge_windows(windows: Sequence[ActionWindow]) -> list[tuple[int, int, int, float]]:
    """Windows that overlap, as stretches (start, end, class, mean probability) of one most likely class each.

    Between the centers of two windows, the nearer one holds; neighbors of one class become one stretch.
    """
    windows = sorted(windows, key=lambda window: window.start)
    found: list[tuple[int, int, int, list[float]]] = []
    for number, window in enumerate(windows):
        best = int(np.argmax(window.scores))
        start, end = window.start, window.end
        if number and windows[number - 1].end > start:
            start = (start + windows[number - 1].end) // 2
        if number + 1 < len(windows) and windows[number + 1].start < end:
            end = (windows[number + 1].start + end) // 2
        score = float(window.scores[best])
        if found and found[-1][2] == best and found[-1][1] >= start:
            found[-1] = (found[-1][0], end, best, [*found[-1][3], score])
        else:
            found.append((start, end, best, [score]))
    return [(start, end, best, float(np.mean(scores))) for start, end, best, scores in found]
