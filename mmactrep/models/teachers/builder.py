"""Building teachers by name."""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from .base import TextTeacher, UnknownTeacherError, VideoTeacher


@dataclass(frozen=True)
class _Entry:
    """A teacher that can be built.

    Args:
        place: Its module in this package and its class, ``'module.Class'``.
        variant: What stands behind a colon in its name; None if nothing can.
        required: Whether the variant must be given.
        options: Arguments of its class that the name stands for.
    """

    place: str
    variant: str | None = None
    required: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def written(self, name: str) -> str:
        if self.variant is None:
            return name
        return f'{name}:{self.variant}' if self.required else f'{name}[:{self.variant}]'

    def load(self) -> type:
        module, cls = self.place.split('.')
        return getattr(importlib.import_module(f'.{module}', __package__), cls)


#: Text teachers by name.
TEXT_TEACHERS: dict[str, _Entry] = {
    'minilm': _Entry('minilm.MiniLM'),
    'viclip-b16': _Entry('viclip.ViCLIPText', variant='WEIGHTS', options=dict(size='b16')),
    'viclip-l14': _Entry('viclip.ViCLIPText', variant='WEIGHTS', options=dict(size='l14')),
    'open_clip': _Entry('open_clip_towers.OpenCLIPText', variant='MODEL/TAG', required=True),
}

#: Video teachers by name.
VIDEO_TEACHERS: dict[str, _Entry] = {
    'efficientnet-lite0': _Entry('frame_encoders.EfficientNetLite0'),
    'viclip-b16': _Entry('viclip.ViCLIPVideo', variant='WEIGHTS', options=dict(size='b16')),
    'viclip-l14': _Entry('viclip.ViCLIPVideo', variant='WEIGHTS', options=dict(size='l14')),
    'open_clip': _Entry('open_clip_towers.OpenCLIPVideo', variant='MODEL/TAG', required=True),
    'timm': _Entry('frame_encoders.TimmEncoder', variant='NAME', required=True),
}


def build_text_teacher(spec: str | Mapping[str, Any], device: str | torch.device = 'cpu') -> TextTeacher:
    """Build a text teacher.

    Args:
        spec: A name of :data:`TEXT_TEACHERS`, in some cases with a variant behind a colon (``'minilm'``,
            ``'viclip-b16'``, ``'open_clip:ViT-B-32/laion2b_s34b_b79k'``); or a dictionary with the name as
            ``type`` and options of the teacher's class: ``dict(type='minilm', precision='bf16')``.
        device: For example 'cpu' or 'cuda:0'.

    Raises:
        UnknownTeacherError: If the name or an option is unknown; the message lists the known ones.
        TeacherUnavailableError: If the teacher lacks a package or weights.
    """
    return _build(spec, device, TEXT_TEACHERS, 'text')


def build_video_teacher(spec: str | Mapping[str, Any], device: str | torch.device = 'cpu') -> VideoTeacher:
    """Build a video teacher of :data:`VIDEO_TEACHERS`; see :func:`build_text_teacher`."""
    return _build(spec, device, VIDEO_TEACHERS, 'video')


def _build(spec: Any, device: str | torch.device, entries: Mapping[str, _Entry], kind: str) -> Any:
    options = dict(type=spec) if isinstance(spec, str) else dict(spec)
    name = options.pop('type', None)
    if not isinstance(name, str):
        raise UnknownTeacherError(
            f"a {kind} teacher is a name, or a dictionary with a name as 'type', found {spec}"
        )
    entry, variant = _find(name, entries, kind)
    cls = entry.load()
    given = dict(entry.options) | (dict(variant=variant) if variant else {})
    known = [key for key in inspect.signature(cls).parameters if key not in (*given, 'device', 'variant')]
    unknown = [key for key in options if key not in known]
    if unknown:
        raise UnknownTeacherError(
            f'the {kind} teacher {name} has no option {unknown[0]!r}; it has {", ".join(known)}'
        )
    return cls(**given, **options, device=device)


def _find(name: str, entries: Mapping[str, _Entry], kind: str) -> tuple[_Entry, str]:
    base, colon, variant = name.partition(':')
    if base not in entries:
        known = ', '.join(entry.written(each) for each, entry in entries.items())
        near = difflib.get_close_matches(base, entries, n=1)
        hint = f' (did you mean {near[0]}?)' if near else ''
        raise UnknownTeacherError(f'unknown {kind} teacher {name!r}{hint}; known are: {known}')
    entry = entries[base]
    if (colon and not variant) or (variant and entry.variant is None) or (entry.required and not variant):
        raise UnknownTeacherError(f'expected the {kind} teacher as {entry.written(base)}, found {name!r}')
    return entry, variant
