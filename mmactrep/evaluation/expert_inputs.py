"""What experts are compared on: videos, files of poses of one video, or the clips that stores share."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import printable
from mmactrep.errors import InferenceError
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.experts.builder import build_expert, build_experts
from mmactrep.pose.experts.precomputed import PrecomputedExpert
from mmactrep.pose.experts.stored import StoredExpert
from mmactrep.pose.experts.survey import read_batches
from mmactrep.store.format import META_FILE

Batches = Iterator[Sequence[np.ndarray]]
_BATCH = 256
_NAMED = re.compile(r'[^/\\=@{}]+=.')


def build_inputs(specs: Sequence[str], device: str | None = None) -> list[PoseExpert]:
    """Experts of :func:`build_experts`, and stores by their folders, each with a name of its own if wanted.

    Args:
        specs: ``SPEC`` or ``NAME=SPEC``, unless a file has that name; NAME is no path.
        device: For experts that can use one.

    Raises:
        As ``build_experts`` and :class:`StoredExpert`.
    """
    options = {} if device is None else dict(device=device)
    built = [_named(spec, options) if _is_named(spec) else _store_or(spec) for spec in specs]
    return build_experts(built, **options)


def _is_named(spec: str) -> bool:
    files = spec, spec.rpartition('@')[0] or spec
    return bool(_NAMED.match(spec)) and not any(Path(file).exists() for file in files)


def _named(spec: str, options: dict) -> PoseExpert:
    name, _, rest = spec.partition('=')
    expert = build_expert(_store_or(rest), **options)
    expert.name = name
    return expert


def _store_or(spec: str) -> str | StoredExpert:
    return StoredExpert(spec) if Path(spec, META_FILE).is_file() else spec


def open_videos(
    videos: Sequence[str], experts: Sequence[PoseExpert], frames: int | None = None
) -> list[tuple[str | None, Batches]]:
    """Name and frames of each video; without videos, of what all the experts have poses of.

    Args:
        videos: Video files; or none, if the experts are all files of poses, or all stores.
        experts: The experts.
        frames: Most frames of each, from the first.

    Raises:
        FileNotFoundError: If there is no such video; before any is opened.
        InferenceError: If the experts need videos, a file or store lacks the poses of one, or the stores have
            no clip in common.
    """
    if videos:
        for video in videos:
            if not Path(video).is_file():
                raise FileNotFoundError(f'{printable(video)}: no such video')
        for expert in experts:
            if isinstance(expert, (PrecomputedExpert, StoredExpert)):
                _check_poses(expert, videos)
        return [(video, read_batches(video, frames or sys.maxsize)) for video in videos]
    if all(isinstance(expert, StoredExpert) for expert in experts):
        return _shared_clips(experts, frames)
    for expert in experts:
        if not isinstance(expert, PrecomputedExpert) or expert.per_video:
            raise InferenceError(
                f'{expert.name} needs videos, found none: only files of poses of one video, or stores alone, '
                'are compared without'
            )
    count = max(expert.num_frames for expert in experts)
    return [(None, _blank(min(count, frames or count)))]


def _check_poses(expert: PrecomputedExpert | StoredExpert, videos: Sequence[str]) -> None:
    """Raise before the long work if an expert lacks the poses of a video."""
    if isinstance(expert, PrecomputedExpert) and not expert.per_video:
        if len(videos) > 1:
            raise InferenceError(
                f'{expert.name}: holds the poses of one video, found {len(videos)} videos; a path with '
                '{stem} in it stands for one file each'
            )
        return
    for video in videos:
        expert.start(video)


def _shared_clips(experts: Sequence[StoredExpert], frames: int | None) -> list[tuple[str | None, Batches]]:
    first, *others = experts
    shared = set(map(str, first.store.ids)).intersection(*(map(str, each.store.ids) for each in others))
    if not shared:
        raise InferenceError(f'{", ".join(each.name for each in experts)}: no clip in common')
    found = []
    for clip in sorted(shared):
        counts = [int(each.store.index[each.store.find(clip)]['frames']) for each in experts]
        found.append((clip, _blank(min(max(counts), frames or max(counts)))))
    return found


def _blank(count: int) -> Batches:
    """Pictures for experts that look at none."""
    picture = np.zeros((1, 1, 3), np.uint8)
    for start in range(0, count, _BATCH):
        yield [picture] * min(_BATCH, count - start)
