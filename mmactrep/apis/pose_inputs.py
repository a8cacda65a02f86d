"""Tracks from any kind of input: a video, a stream, frames, a skeleton file, a stored clip."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.arguments import printable
from mmactrep.errors import InferenceError, NoPersonError
from mmactrep.pose.tracking.resampling import resample_tracks
from mmactrep.store.format import META_FILE, UnknownClipError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import SkeletonLayout, get_layout, joint_scores
from mmactrep.structures.poses import PoseTrack
from mmactrep.video.frame_sources import (
    STREAM_ADDRESS,
    StreamError,
    batches,
    capture_frames,
    check_frames,
)
from mmactrep.video.frames import VideoFrames
from mmactrep.video.reading_ahead import read_ahead

from .pose_clip import PoseClip, extent_of
from .skeleton_files import read_skeleton_file

#: Called with the number of frames done.
Progress = Callable[[int], None]
#: Frames in which a person must be seen; shorter tracks are mostly false detections.
MIN_LENGTH = 5
SKELETON_SUFFIXES = ('.npz', '.npy', '.json')


def kind_of_input(source: Any) -> str:
    """Kind of an input: 'clip', 'store', 'frames', 'stream', 'skeleton', 'video', or 'opened' (a video).

    Raises:
        InferenceError: If it is of no such kind, or a store without a clip.
    """
    if isinstance(source, dict) and 'keypoint' in source:
        return 'clip'
    if isinstance(source, tuple) and len(source) == 2 and isinstance(source[0], (SkeletonStore, str, Path)):
        return 'store'
    if isinstance(source, np.ndarray):
        return 'frames'
    if isinstance(source, VideoFrames):
        return 'opened'
    if isinstance(source, (int, np.integer)):
        return 'stream'
    if isinstance(source, (str, Path)):
        text = str(source)
        if STREAM_ADDRESS.match(text) or text.isdecimal():
            return 'stream'
        if '::' in text:
            return 'store'
        if Path(text, META_FILE).is_file():
            raise InferenceError(f'{text} is a store of many clips: name one of them, {text}::CLIP')
        if Path(text).suffix.lower() in SKELETON_SUFFIXES or Path(text).is_dir():
            return 'skeleton'
        return 'video'
    raise InferenceError(
        'expected a video, a camera number or address, an array (T, H, W, 3) of frames, a skeleton file, '
        f"STORE::CLIP, (store, clip) or a dictionary with 'keypoint', found {type(source).__name__}"
    )


def clip_to_tracks(clip: dict, layout: str | SkeletonLayout | None = None) -> PoseClip:
    """An annotation dictionary, with mmaction2's keys, as tracks: one per person.

    Args:
        clip: ``keypoint`` (M, T, V, C), optional ``keypoint_score`` (M, T, V), ``img_shape``, ``fps``,
            ``layout``, ``frame_dir``.
        layout: Layout if the clip names none.

    Raises:
        InferenceError: If coordinates and scores do not fit each other or the layout, are not finite, or the
            layout is unknown.
    """
    name = printable(str(clip.get('frame_dir') or 'clip'))
    layout = clip.get('layout') or layout
    if layout is None:
        raise InferenceError(f'{name}: the layout of the joints is not known: pass it')
    layout = get_layout(layout)
    keypoint, score = _numbers(clip['keypoint'], name), clip.get('keypoint_score')
    score = joint_scores(keypoint) if score is None else _numbers(score, name)
    if keypoint.ndim != 4 or keypoint.shape[2] != layout.num_joints or score.shape != keypoint.shape[:-1]:
        raise InferenceError(
            f'{name}: expected keypoint (persons, frames, {layout.num_joints}, channels) of layout '
            f"'{layout.name}' and scores to fit, found {keypoint.shape} and {score.shape}"
        )
    if np.isinf(keypoint).any() or not np.isfinite(score).all() or score.min(initial=0) < 0:
        raise InferenceError(f'{name}: expected finite coordinates and scores of at least 0')
    score = joint_scores(keypoint, score)
    keypoint = np.where(score[..., None] > 0, keypoint, 0)
    seen = np.any(score > 0, axis=-1)
    # these poses were not aggregated, so the agreement of experts is unknown
    confidence = np.where(seen, np.nan, 0).astype(np.float32)
    tracks = [
        PoseTrack(person, 0, keypoint[person], score[person], confidence[person])
        for person in range(len(keypoint))
        if seen[person].any()
    ]
    if not tracks:
        raise NoPersonError(f'{name}: nobody in it')
    known = clip.get('img_shape')
    shape = tuple(known) if known is not None and min(known) > 0 else extent_of(keypoint, score)
    fps = float(clip.get('fps') or 0)
    annotation = dict(clip, layout=layout, keypoint=keypoint, keypoint_score=score, img_shape=shape)
    return PoseClip(name, tracks, layout, shape, keypoint.shape[1], fps, annotation=annotation)


def _numbers(values: Any, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in 'iuf':
        raise InferenceError(f'{name}: expected numbers as coordinates and scores, found {array.dtype}')
    return array.astype(np.float32)


def read_store_clip(source: str | Path | tuple) -> PoseClip:
    """A clip of a store: ``'STORE::CLIP'``, or (store or its folder, clip id or row).

    Raises:
        StoreError: If there is no such store.
        InferenceError: If the store has no such clip.
    """
    root, clip = source if isinstance(source, tuple) else str(source).rsplit('::', 1)
    store = root if isinstance(root, SkeletonStore) else SkeletonStore(root)
    try:
        row = int(clip) if isinstance(clip, (int, np.integer)) else store.find(clip)
    except UnknownClipError as error:
        raise InferenceError(str(error)) from error
    if not 0 <= row < len(store):
        raise InferenceError(f'{store.root} has {len(store)} clips, there is no clip {row}')
    return clip_to_tracks(store[row])


def track_frames(
    estimator: Any,
    frames: Iterable[np.ndarray],
    name: str,
    source: str | None = None,
    fps: float = 0.0,
    batch_size: int = 16,
    progress: Progress | None = None,
) -> PoseClip:
    """Run a pose estimator over frames.

    Args:
        estimator: A ``PoseEstimator``.
        frames: Pictures (H, W, 3) uint8, RGB.
        name: Name of the input.
        source: Path of the input, if it has one; for experts that read a file beside it.
        fps: Frames per second.
        batch_size: Frames per call of the experts.
        progress: Called after every batch with the number of frames so far.

    Raises:
        InferenceError: If there is no frame.
        NoPersonError: If nobody was found in any.
    """
    seconds: dict[str, float] = {}
    estimator.start(source)
    shape, count, working = None, 0, 0.0
    for first, batch in batches(frames, batch_size, seconds):
        shape = shape or batch[0].shape[:2]
        begin = time.perf_counter()
        estimator.update(batch, first)
        working += time.perf_counter() - begin
        count = first + len(batch)
        if progress is not None:
            progress(count)
    if shape is None:
        raise InferenceError(f'{name}: no frame in it')
    tracks = list(estimator.finish())
    if not tracks:
        raise NoPersonError(
            f'{name}: nobody was found in its {count} frames: try other experts (mmactrep experts lists '
            'them), or a video that shows whole bodies, larger than a tenth of the picture and for '
            f'{MIN_LENGTH} frames or more'
        )
    experts = dict(estimator.timings)
    aggregation = experts.pop('aggregation', 0.0)
    # experts that work side by side take less than the sum of their times
    seconds.update(experts=working - aggregation, aggregation=aggregation)
    return PoseClip(
        name,
        tracks,
        get_layout(estimator.layout),
        tuple(shape),
        count,
        fps,
        len(experts),
        seconds,
        experts,
        list(estimator.notes()),
    )


def build_estimator(
    experts: Any, layout: str | SkeletonLayout = 'coco17', device: str | None = None, **options: Any
) -> Any:
    """A ``PoseEstimator`` of these experts (see ``build_experts``).

    Args:
        experts: As for ``build_experts``.
        layout: Layout of the tracks.
        device: Device of the experts that take one.
        options: Further arguments of ``PoseEstimator``; ``min_length`` is 5 by default, except for streams
            (``online_only``).

    Raises:
        UnknownExpertError, ExpertUnavailableError: As ``build_experts``.
    """
    from mmactrep.pose.estimator import PoseEstimator
    from mmactrep.pose.experts.builder import build_experts

    if not options.get('online_only'):
        options.setdefault('min_length', MIN_LENGTH)
    wanted = {} if device is None else dict(device=device)
    return PoseEstimator(build_experts(experts, **wanted), layout=layout, **options)


def track_video(
    video: str | Path | VideoFrames,
    estimator: Callable[[], Any],
    batch_size: int = 8,
    progress: Progress | None = None,
) -> PoseClip:
    """The persons of a video, resampled to a constant rate, so that windows span equal times.

    Args:
        video: Path of the video, or the opened video.
        estimator: Returns the ``PoseEstimator``. It is called once the file is known to be a video, so that a
            missing file is reported before experts are loaded.
        batch_size: Frames per call of the experts.
        progress: As for :func:`track_frames`.

    Raises:
        FileNotFoundError: If there is no such file.
        VideoError: If it cannot be read.
        InferenceError: As :func:`track_frames`.
    """
    video = video if isinstance(video, VideoFrames) else VideoFrames(video, allow_damaged=True)
    name = printable(video.path.name)
    tracker = estimator()
    with contextlib.closing(read_ahead(video, 2 * batch_size)) as frames:
        clip = track_frames(tracker, frames, name, str(video.path), video.fps, batch_size, progress)
    # the times of the frames are certain only once all have been read
    return replace(
        clip,
        tracks=list(resample_tracks(clip.tracks, video.times)),
        num_frames=video.times.num_steady,
        fps=video.fps,
        notes=[*video.notes(), *clip.notes],
    )


def read_input(
    source: Any,
    estimator: Callable[[], Any],
    batch_size: int = 8,
    max_frames: int | None = None,
    img_shape: tuple[int, int] | None = None,
    file_layout: str | SkeletonLayout | None = None,
    file_options: Mapping | None = None,
    progress: Progress | None = None,
) -> PoseClip:
    """The persons of any kind of input, see :func:`kind_of_input`.

    Args:
        source: A video file, or a ``VideoFrames``; a camera or a stream's address; frames; a skeleton file or
            folder; a clip of a store; an annotation dictionary.
        estimator: Returns the ``PoseEstimator``; called for pictures only.
        batch_size: Frames per call of the experts.
        max_frames: Most frames read from a camera or stream.
        img_shape: (H, W) of the picture that a skeleton file belongs to. Default: the extent of its joints.
        file_layout: Layout of the joints of a file or dictionary that does not name it.
        file_options: Further arguments of the estimator that links the persons of a skeleton file.
        progress: For pictures: called after every batch of frames with the number of frames so far.

    Raises:
        FileNotFoundError: If a file is absent.
        InferenceError: If the input cannot be used; ``NoPersonError`` if nobody is found in it.
    """
    kind = kind_of_input(source)
    begin = time.perf_counter()
    if kind == 'clip':
        clip = clip_to_tracks(source, file_layout)
    elif kind == 'store':
        clip = read_store_clip(source)
    elif kind == 'skeleton':
        clip = read_skeleton_file(source, file_layout, img_shape, file_options)
    elif kind == 'frames':
        clip = track_frames(
            estimator(), check_frames(source), 'frames', batch_size=batch_size, progress=progress
        )
    elif kind == 'stream':
        broken: list[str] = []
        frames = _until_broken(capture_frames(source, max_frames), broken)
        clip = track_frames(estimator(), frames, str(source), batch_size=batch_size, progress=progress)
        clip.notes[:0] = broken
    else:
        clip = track_video(source, estimator, batch_size, progress)
    clip.seconds = clip.seconds or dict(decode=time.perf_counter() - begin)
    return clip


def _until_broken(frames: Iterator[np.ndarray], broken: list[str]) -> Iterator[np.ndarray]:
    """Frames of a stream; if it breaks off after the first, this is noted and the frames so far count."""
    count = 0
    try:
        for frame in frames:
            count += 1
            yield frame
    except StreamError as error:
        if not count:
            raise
        broken.append(f'the stream broke off after {count} frames: {error}')
