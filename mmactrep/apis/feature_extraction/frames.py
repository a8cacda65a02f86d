"""Frames spread evenly over clips, every video being decoded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mmactrep.datasets.transforms.sampling import uniform_indices
from mmactrep.video.frame_times import FrameTimes
from mmactrep.video.frames import VideoError, VideoFrames
from mmactrep.video.trimming import TrimmedVideo

from .video_clips import VideoClip


def read_clips(
    path: Path, clips: Sequence[VideoClip], num_frames: int, allow_damaged: bool = False
) -> Iterator[np.ndarray]:
    """The frames of the clips of one video, in the order of the clips.

    The video is decoded up to the last frame that is needed, once for all clips; clips that are a ``part``
    given in seconds are each decoded on their own, from the key frame before them.

    Args:
        path: The video.
        clips: Its clips.
        num_frames: Frames T of each.
        allow_damaged: Use the readable part of a damaged video.

    Yields:
        (T, H, W, 3) uint8, RGB, for each clip.

    Raises:
        VideoError: If the video cannot be read, or has not the frames of a clip.
    """
    if any(clip.part is not None for clip in clips):
        for clip in clips:
            yield np.stack(_frames_of_part(path, clip, num_frames, allow_damaged))
        return
    video = VideoFrames(path, allow_damaged)
    done = 0
    # what a file says of its length may differ from what is in it, which is known after reading it
    for _ in range(2):
        for frames in _one_pass(video, clips[done:], num_frames):
            yield frames
            done += 1
        if done == len(clips):
            return
    raise VideoError(f"{path}: cannot read all frames of clip '{clips[done].clip_id}'")


def frame_numbers(times: FrameTimes, clip: VideoClip, num_frames: int) -> np.ndarray:
    """(T,) numbers of the frames in the middles of T equal parts of a clip; they repeat in a short one.

    Raises:
        VideoError: If the clip begins after the end of the video. The message does not name the video.
    """
    total = times.num_steady
    length = min(clip.length or total, total - clip.start)
    if length < 1:
        raise VideoError(f"clip '{clip.clip_id}' begins at frame {clip.start}, the video has {total} frames")
    slots = clip.start + uniform_indices(length, num_frames, short='stretch')[0]
    return slots if times.steady else np.searchsorted(times.slots, slots, side='right') - 1


def _frames_of_part(path: Path, clip: VideoClip, num_frames: int, allow_damaged: bool) -> list[np.ndarray]:
    video = TrimmedVideo(path, *(clip.part or (0.0, None)), allow_damaged)
    return video.pick(frame_numbers(video.times, VideoClip(clip.clip_id, path), num_frames))


def _one_pass(video: VideoFrames, clips: Sequence[VideoClip], num_frames: int) -> Iterator[np.ndarray]:
    try:
        wanted = [frame_numbers(video.times, clip, num_frames) for clip in clips]
    except VideoError as error:
        raise VideoError(f'{video.path}: {error}') from error
    last_clip = {int(number): place for place, numbers in enumerate(wanted) for number in numbers}
    kept: dict[int, np.ndarray] = {}
    place = 0
    for number, frame in enumerate(video):
        if number in last_clip:
            kept[number] = frame
        while number >= wanted[place].max():
            yield np.stack([kept[int(each)] for each in wanted[place]])
            for each in set(wanted[place].tolist()):
                if last_clip[each] == place:
                    del kept[each]
            place += 1
            if place == len(wanted):
                return
