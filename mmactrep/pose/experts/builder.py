"""Building experts from a name, a file or a config."""

from __future__ import annotations

import difflib
import inspect
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmactrep.errors import UserError
from mmactrep.store.format import sha256
from mmactrep.store.layout_source import find_layout
from mmactrep.structures import list_layouts

from .base import ExpertUnavailableError, PoseExpert, UnknownExpertError
from .mmpose_zoo import BOTTOM_UP, DEFAULT_DETECTOR, DETECTORS, POSE_MODELS
from .movenet_model import MODELS
from .pose_files import PLACEHOLDERS, path_of_video
from .students import check_student, is_student, parts_of_student, student_config

#: Configs of experts by their names.
EXPERTS: dict[str, dict] = {
    'mediapipe': dict(type='MediaPipeExpert', mode='tracking'),
    'mediapipe-single-frame': dict(type='MediaPipeExpert', mode='single_frame'),
    'mediapipe-mirrored': dict(type='MediaPipeExpert', mode='mirrored'),
    'mediapipe-crops': dict(type='MediaPipeExpert', mode='tracking', finder='multipose'),
    **{f'movenet-{name}': dict(type='MoveNetExpert', model=name) for name in MODELS},
    # small pictures of whole persons; joints that are unsure are kept, with their scores
    'movenet-multipose-320': dict(
        type='MoveNetExpert', model='multipose', size=320, min_score=0.1, name='movenet-multipose-320'
    ),
    **{name: dict(type='MMPoseExpert', model=name) for name in POSE_MODELS},
}

#: Experts that work together. The thesis uses both families: two top-down, one bottom-up (3.3.2).
GROUPS: dict[str, tuple[str, ...]] = {
    'mediapipe-trio': ('mediapipe', 'mediapipe-single-frame', 'mediapipe-mirrored'),
    'mixed-trio': ('mediapipe-crops', 'movenet-thunder', 'movenet-multipose'),
    'mmpose-trio': ('rtmpose-m', 'hrnet-w32', 'rtmo-m'),
}

#: Stands for the best group that can be run here, see :func:`default_group`.
DEFAULT_EXPERTS = 'default'
# Two families, as in the thesis; and what needs no file beyond its Python package.
_PREFERRED, _FALLBACK = 'mixed-trio', 'mediapipe-trio'

# Arguments of experts that make a part which several can share, with their defaults.
_SHARED: dict[str | type, dict[str, Any]] = {
    'MMPoseExpert': dict(detector=DEFAULT_DETECTOR),
    'MoveNetExpert': dict(finder='multipose'),
    'MediaPipeExpert': dict(finder=None),
}

# Experts for streams, from the best to the fastest, if these are those of the default group. Two that share a
# finder of persons keep both families of the thesis.
_FOR_STREAMS: dict[str, tuple[tuple[str, ...], ...]] = {
    _PREFERRED: ((_PREFERRED,), ('mediapipe-crops', 'movenet-multipose'), ('movenet-lightning',)),
    _FALLBACK: ((_FALLBACK,), ('mediapipe', 'mediapipe-mirrored'), ('mediapipe',)),
}

# digits of a digest in an origin
_DIGITS = 16

ExpertSpec = str | os.PathLike | dict | PoseExpert


class ExpertSpecError(UserError, ValueError):
    """The description of an expert is incomplete."""


def build_expert(spec: ExpertSpec, **options) -> PoseExpert:
    """Build one expert.

    Args:
        spec: A name of :data:`EXPERTS`; the path of a file or folder with poses, see
            :class:`PrecomputedExpert`, followed by ``@LAYOUT`` if the file does not name its layout
            (``poses.npz@coco17``, ``poses.npz@layout.json``, see :func:`find_layout`); a trained student,
            ``CONFIG.py:CHECKPOINT.pth``; a config with ``type``; or an expert, which is returned.
        options: Arguments for the expert's class if it takes them and the spec does not set them; others are
            ignored, so that ``device`` can be passed to experts of all kinds.

    Raises:
        UnknownExpertError: If the name is unknown; the message lists the known ones.
        ExpertUnavailableError: If it lacks a package or weights.
        ExpertSpecError: If a config has no ``type``.
        ValueError: If a file is not what an expert reads.
    """
    from mmactrep.registry import POSE_EXPERTS

    if isinstance(spec, PoseExpert):
        return spec
    config = expert_config(spec)
    taken = _parameters(config['type'])
    if is_student(spec):
        check_student(config['config'], config['checkpoint'])
    expert = POSE_EXPERTS.build({key: value for key, value in options.items() if key in taken} | config)
    expert.origin = _origin(spec)
    return expert


def build_experts(specs: ExpertSpec | Sequence[ExpertSpec] = DEFAULT_EXPERTS, **options) -> list[PoseExpert]:
    """Build several experts.

    Experts that name the same detector, or the same finder of persons, share it, so that it processes each
    frame once.

    Args:
        specs: A group (:data:`GROUPS`), a spec of :func:`build_expert`, or a list of both.
        options: See :func:`build_expert`.

    Raises:
        As :func:`build_expert`; ExpertSpecError if no expert is named.
    """
    if isinstance(specs, (str, os.PathLike, dict, PoseExpert)):
        specs = [specs]
    single = expand_groups(specs)
    if not single:
        raise ExpertSpecError('no pose expert is named')
    experts: list[PoseExpert] = []
    shared: dict[tuple[str, str], Any] = {}
    for spec in single:
        wanted = _shareable(spec)
        known = {name: shared[name, key] for name, key in wanted.items() if (name, key) in shared}
        expert = build_expert(expert_config(spec) | known if known else spec, **options)
        if known:
            expert.origin = _origin(spec)
        for name, key in wanted.items():
            part = getattr(expert, name, None)
            if part is not None:
                shared.setdefault((name, key), part)
        experts.append(expert)
    return experts


def _origin(spec: str | os.PathLike | dict) -> str:
    """What :func:`~.base.origin_of` tells: the spec, with digests of its networks."""
    text = json.dumps(spec, sort_keys=True, default=str) if isinstance(spec, dict) else os.fspath(spec)
    digests = [sha256(path)[:_DIGITS] for path in map(Path, _networks(spec)) if path.is_file()]
    return ' '.join([text, *(f'sha256:{digest}' for digest in digests)])


def _networks(spec: Any) -> list[str]:
    """Paths of the configs and checkpoints that a spec names, also those of its detector."""
    if is_student(spec):
        config, checkpoint, detector = parts_of_student(spec)
        return [config, checkpoint, *_networks(detector)]
    if not isinstance(spec, dict):
        return []
    named = [spec.get(key) for key in ('config', 'checkpoint')]
    return [str(each) for each in named if isinstance(each, (str, os.PathLike))] + _networks(
        spec.get('detector')
    )


def default_group() -> str:
    """The group that :data:`DEFAULT_EXPERTS` stands for on this machine.

    Returns:
        ``mixed-trio``, MediaPipe and MoveNet, if nothing that it needs is lacking; else ``mediapipe-trio``.
    """
    return _FALLBACK if any(_lack(name) for name in GROUPS[_PREFERRED]) else _PREFERRED


def stream_candidates() -> tuple[tuple[str, ...], ...]:
    """Experts for streams on this machine, from the best, the default group, to the fastest."""
    return _FOR_STREAMS[default_group()]


def expand_groups(specs: Sequence[ExpertSpec]) -> list[ExpertSpec]:
    """Single experts in place of the groups among the specs."""

    def members(spec: ExpertSpec) -> Sequence[ExpertSpec]:
        if not isinstance(spec, str):
            return (spec,)
        return GROUPS.get(default_group() if spec == DEFAULT_EXPERTS else spec, (spec,))

    return [each for spec in specs for each in members(spec)]


def expert_config(spec: str | os.PathLike | dict) -> dict:
    """The config that a spec stands for; see :func:`build_expert`."""
    if isinstance(spec, dict):
        if 'type' not in spec:
            raise ExpertSpecError(f"the config of an expert needs a 'type', found {spec}")
        return dict(spec)
    if isinstance(spec, str) and spec in EXPERTS:
        return dict(EXPERTS[spec])
    if is_student(spec):
        return student_config(spec)
    path, _, layout = str(spec).rpartition('@')
    # a file whose own name has an @ in it is that file
    apart = bool(path) and not Path(spec).exists() and not _for_each_video(layout)
    if apart and (_is_pose_file(path) or layout in list_layouts()):
        return dict(type='PrecomputedExpert', path=path, layout=find_layout(layout))
    if _is_pose_file(str(spec)):
        return dict(type='PrecomputedExpert', path=str(spec))
    if isinstance(spec, str) and (spec in GROUPS or spec == DEFAULT_EXPERTS):
        members = ', '.join(expand_groups([spec]))
        raise UnknownExpertError(f"'{spec}' is a group of experts ({members}), one is wanted")
    known = [*EXPERTS, *GROUPS]
    near = difflib.get_close_matches(str(spec), known, n=2)
    hint = f'; did you mean {" or ".join(near)}?' if near else ''
    raise UnknownExpertError(
        f"unknown pose expert '{spec}', and no such file{hint} Known are: {', '.join(known)}; "
        'or the path of a file with poses, a student as CONFIG.py:CHECKPOINT.pth, or a config with a type'
    )


def files_of_expert(spec: ExpertSpec, video: str | os.PathLike) -> list[Path]:
    """The files that an expert's poses of a video come from, beside the video: files of poses, a student's.

    A named expert's weights are not among them, nor those of an expert that is built already.
    """
    if isinstance(spec, PoseExpert) or (isinstance(spec, str) and spec in EXPERTS):
        return []
    if is_student(spec):
        config, checkpoint, detector = parts_of_student(spec)
        named = [config, checkpoint]
    else:
        config = expert_config(spec)
        named = [config.get(key) for key in ('config', 'checkpoint', 'path')]
        detector = config.get('detector')
    paths = [Path(path_of_video(each, video)) for each in named if isinstance(each, (str, os.PathLike))]
    inside = [sorted(path.rglob('*')) if path.is_dir() else [path] for path in paths]
    files = [path for each in inside for path in each if path.is_file()]
    return files + (files_of_expert(detector, video) if is_student(detector) else [])


def names_expert(spec: str | dict) -> bool:
    """Whether a text or config names an expert, not a detector of persons."""
    if isinstance(spec, dict):
        return 'type' in spec
    try:
        return bool(expert_config(spec))
    except UnknownExpertError:
        return False


def _is_pose_file(path: str) -> bool:
    return _for_each_video(path) or Path(path).exists()


def _for_each_video(path: str) -> bool:
    return any(place in path for place in PLACEHOLDERS)


def available_experts() -> dict[str, str]:
    """What each named expert lacks on this machine: an empty string if nothing. No model is loaded."""
    return {name: _lack(name) for name in EXPERTS}


def _lack(name: str) -> str:
    """What a named expert lacks."""
    from .mediapipe_expert import require_model
    from .movenet_model import require_model as require_movenet

    config = EXPERTS[name]
    try:
        if config['type'] == 'MediaPipeExpert':
            require_model(1)
            if config.get('finder') is not None:
                require_movenet('multipose')
        elif config['type'] == 'MoveNetExpert':
            for model in {config['model'], 'multipose'}:
                require_movenet(model)
        else:
            POSE_MODELS[config['model']].require()
            if config['model'] not in BOTTOM_UP:
                DETECTORS[DEFAULT_DETECTOR].require()
    except ExpertUnavailableError as error:
        return str(error)
    return ''


def _parameters(type_: str | type) -> set[str]:
    from mmactrep.registry import POSE_EXPERTS

    cls = POSE_EXPERTS.get(type_) if isinstance(type_, str) else type_
    if cls is None:
        raise UnknownExpertError(
            f"unknown type of pose expert '{type_}'; known are {', '.join(POSE_EXPERTS.module_dict)}"
        )
    return set(inspect.signature(cls).parameters)


def _shareable(spec: ExpertSpec) -> dict[str, str]:
    """The parts that a spec names and that experts can share: argument, and what tells parts apart."""
    if isinstance(spec, PoseExpert) or not (isinstance(spec, dict) or spec in EXPERTS):
        return {}
    config = expert_config(spec)
    if config.get('model') == 'multipose' and config.keys() & {'size', 'min_score'}:
        return {}  # they make its finder another one
    named = {
        argument: config.get(argument, default)
        for argument, default in _SHARED.get(config['type'], {}).items()
    }
    return {argument: repr(part) for argument, part in named.items() if part is not None}
