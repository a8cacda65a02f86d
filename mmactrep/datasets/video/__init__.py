"""Videos: data sets of files or of a cache of them, and transforms of their clips.

A sample is the dictionary of mmaction2's ``VideoDataset`` with ``rng``, from which every random transform
draws. The modules contain pure functions on uint8 frames (T, H, W, 3), and registered classes on top. Names
are imported on first use.
"""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    CachedVideoDataset='cached_dataset',
    ClipBlur='transforms',
    ClipColorJitter='transforms',
    ClipFlip='transforms',
    ClipGray='transforms',
    ClipResizedCrop='transforms',
    OpenVideo='loading',
    PackVideoClips='loading',
    ReadClipFrames='loading',
    SampleVideoClips='clip_sampling',
    VideoClipDataset='dataset',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
