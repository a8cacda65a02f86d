"""Sources from a config with several of them, or from the arguments of a command with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmactrep.files import read_json, shown
from mmactrep.pose.extraction.video_list import read_classes

from .label_mapping import LabelMapping, read_label_mapping
from .listed import BuildError
from .sources import Source

CONFIG_SUFFIXES = ('.py', '.json')
_TEXTS = ('path', 'videos', 'mapping', 'captions', 'name', 'split')
_OBJECTS = ('splits', 'columns', 'options')
_KEYS = (*_TEXTS, *_OBJECTS, 'trimmed')


@dataclass(frozen=True)
class BuildConfig:
    """What a data set is built from.

    Args:
        sources: Where its clips come from.
        classes: Class names; None for those that occur.
    """

    sources: list[Source]
    classes: list[str] | None = None


def read_build_config(path: Path, videos: Path | None = None) -> BuildConfig:
    """Read a config.

    It is Python or JSON, with a list ``sources`` of dictionaries, whose keys are arguments of
    :class:`Source` (``mapping`` is the path of a file), and perhaps ``classes``, the path of a text file with
    one name a line.
    Paths are relative to the config, or to ``videos`` where there is no such file beside the config.

    Args:
        path: The config.
        videos: Folder that holds the videos.

    Raises:
        BuildError: If it has no sources, or a source has an unknown key, lacks its ``path``, or has a value
            of a wrong type; the message names the source by its number.
        UserError: If a file cannot be read.
    """
    content = _content(path)
    unknown = sorted(set(content) - {'sources', 'classes'})
    sources = content.get('sources')
    if unknown or not isinstance(sources, (list, tuple)) or not sources:
        found = f'unknown are {unknown}' if unknown else f'found {shown(sources, 60)}'
        raise BuildError(f"{path}: expected a list 'sources' and perhaps 'classes', {found}")
    classes = content.get('classes')
    if classes is not None and not isinstance(classes, str):
        raise BuildError(
            f"{path}: expected 'classes' to be the path of a text file, found {shown(classes, 60)}"
        )
    made = [_source(path, number, values, videos) for number, values in enumerate(sources)]
    return BuildConfig(made, None if classes is None else read_classes(_placed(classes, path, videos)))


def one_source(
    path: str,
    videos: Path | None = None,
    mapping: Path | None = None,
    captions: Path | None = None,
    split: str = '',
    trimmed: bool | None = None,
) -> Source:
    """The source that a command names; arguments as those of :class:`Source`."""
    return Source(path, videos, _mapping(mapping), captions, split=split, trimmed=trimmed)


def _content(path: Path) -> dict[str, Any]:
    if path.suffix == '.json':
        content = read_json(path)
        if not isinstance(content, dict):
            raise BuildError(f"{path}: expected an object with a list 'sources', found {shown(content, 60)}")
        return content
    from mmactrep.engine.config_files import read_config

    return read_config(path).to_dict()


def _source(path: Path, number: int, values: Any, videos: Path | None) -> Source:
    where = f'{path}: source {number}'
    if not isinstance(values, Mapping) or not isinstance(values.get('path'), str):
        raise BuildError(f"{where}: expected an object with a 'path', found {shown(values, 80)}")
    unknown = sorted(set(values) - set(_KEYS))
    if unknown:
        raise BuildError(f'{where}: unknown are {unknown}, expected {", ".join(_KEYS)}')
    kinds = dict.fromkeys(_TEXTS, str) | dict.fromkeys(_OBJECTS, Mapping) | dict(trimmed=bool)
    for key, value in values.items():
        if value is not None and not isinstance(value, kinds[key]):
            what = {str: 'text', Mapping: 'an object', bool: 'true or false'}[kinds[key]]
            raise BuildError(f"{where}: expected '{key}' to be {what}, found {shown(value, 60)}")
    given = {key: value for key, value in values.items() if value is not None}
    for key in ('path', 'videos', 'mapping', 'captions'):
        if key in given:
            given[key] = _placed(given[key], path, videos)
    if not given['path'].exists():  # perhaps a data set by its name
        given['path'] = values['path']
        given.setdefault('videos', videos)
    given['path'] = str(given['path'])
    given['mapping'] = _mapping(given.get('mapping'))
    return Source(**given, number=number)


def _placed(name: str, config: Path, videos: Path | None) -> Path:
    """A path of a config: beside it, or else below the folder of the videos."""
    beside = config.parent / name
    return beside if videos is None or beside.exists() else videos / name


def _mapping(path: Path | None) -> LabelMapping:
    return LabelMapping() if path is None else read_label_mapping(path)
