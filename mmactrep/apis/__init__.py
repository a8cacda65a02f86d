"""What a Python user imports. Names are loaded when they are asked for: the tools need none of them."""

from __future__ import annotations

from mmactrep.errors import CheckpointError, InferenceError, NoPersonError
from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    ActionRecognizer='recognizer',
    ActionSegmenter='action_segmenter',
    SkeletonInferencer='skeleton_inferencer',
    SkeletonStream='streaming',
    StreamingSegmentor='streaming_segmentor',
)

__all__ = ['CheckpointError', 'InferenceError', 'NoPersonError', *_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
