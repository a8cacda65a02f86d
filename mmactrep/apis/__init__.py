"""What a Python user imports. Names are loaded when they are asked for: the tools need none of them."""

from __future__ import annotations

import importlib

_PLACES = dict(
    ActionRecognizer='recognizer',
    ActionSegmenter='action_segmenter',
    CheckpointError='errors',
    InferenceError='errors',
    NoPersonError='errors',
    SkeletonInferencer='skeleton_inferencer',
    SkeletonStream='streaming',
    StreamingSegmentor='streaming_segmentor',
)

__all__ = list(_PLACES)


def __getattr__(name: str):
    """Import a name of this package from where it is written."""
    if name not in _PLACES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(importlib.import_module(f'.{_PLACES[name]}', __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
