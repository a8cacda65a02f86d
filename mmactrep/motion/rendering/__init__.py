"""Rendered video of procedural motion: people with bodies, rooms, objects that are taken and put.

Names are imported on first use.
"""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    CLASSES='scenes',
    TIME_PAIRS='actions',
    RenderSettings='scenes',
    RenderedClip='scenes',
    render_clip='scenes',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
