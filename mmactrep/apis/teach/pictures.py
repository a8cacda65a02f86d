"""Animations of clips for the report, on their video where it is still there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmactrep.structures import SkeletonLayout
from mmactrep.video.frames import VideoError, VideoFrames
from mmactrep.visualization.clip_animation import animate_clip

from .clip_store import TeachClip
from .report_data import WrongClip
from .settings import TeachSettings

#: Longest video that is decoded for an animation, in frames: longer ones are cut, their place is not known.
_LONGEST = 600


class Animator:
    """Draws clips that went wrong.

    Args:
        clips: All clips.
        layout: Layout of their joints.
        settings: Where the videos are.
    """

    def __init__(self, clips: Sequence[TeachClip], layout: SkeletonLayout, settings: TeachSettings) -> None:
        self.clips = clips
        self.layout = layout
        source = Path(settings.source)
        self.root = settings.videos or (source if source.is_dir() else source.parent)

    def __call__(self, wrong: WrongClip) -> bytes:
        """Animated WebP of a clip."""
        clip = self.clips[wrong.row]
        frames = self._frames(clip)
        return animate_clip(clip.keypoint, clip.score, self.layout, clip.img_shape, frames)

    def _frames(self, clip: TeachClip) -> list[np.ndarray] | None:
        """The pictures of a whole video of as many frames as the clip; None if there are none."""
        path = Path(self.root, clip.path)
        total = clip.keypoint.shape[1]
        if not clip.path or not path.is_file() or total > _LONGEST:
            return None
        try:
            video = VideoFrames(str(path), allow_damaged=True)
            if video.num_frames != total:  # the clip is a part of it, which may be one of hours
                return None
            frames = [frame for _, batch in video.batches(16) for frame in batch]
        except VideoError:
            return None
        return frames if len(frames) == total else None
