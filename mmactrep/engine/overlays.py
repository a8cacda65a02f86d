"""Overlays: small config files that each change one aspect of any suitable config, and can be combined.

``tools/train.py CONFIG --with bone linear`` trains a config on bones and with a frozen backbone. An overlay
is a file in ``configs/_overlays_`` with one dictionary, named ``KIND_overlay``::

    stream_overlay = dict(
        name='bone',
        needs=('train_dataloader.dataset.stream', ...),
        train_dataloader=dict(dataset=dict(stream='bone')),
        ...
    )

``name`` is its name for ``--with``, ``needs`` lists the keys (or ``'key=value'``) that a config must have to
take it; the rest is merged into the config as a child config would be. Two overlays of one kind exclude each
other. A config may list an overlay among its ``_base_``, which has the same effect as ``--with``: the overlay
takes precedence.

Further entries: a protocol that starts from weights has ``needs_weights=True``; ``for_model=dict(TYPE=...)``
is merged if the model has that type, ``for_store={'penn_action/2d': ...}`` if that is the training data
(``needs_store=True``: other data are refused); a dictionary with ``_delete_=True`` may keep some of what it
replaces, with ``_keep_=('layout', 'dropout')``.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from mmactrep.errors import UserError

from .config_files import CONFIG_FOLDER, read_config

if TYPE_CHECKING:
    from mmengine.config import Config

FOLDER = CONFIG_FOLDER / '_overlays_'
SUFFIX = '_overlay'
# the order in which overlays are merged and named
KINDS = (
    'recipe',
    'network',
    'generator',
    'loss',
    'time',
    'positives',
    'optimizer',
    'supervision',
    'encoder',
    'split',
    'labels',
    'view',
    'protocol',
    'stream',
)


class OverlayError(UserError, ValueError):
    """An overlay that does not exist, does not fit the config, or excludes another one."""


def overlay_names() -> list[str]:
    """Names that ``--with`` takes."""
    return sorted(path.stem for path in FOLDER.glob('[!_]*.py'))


def find_overlay(name: str) -> tuple[str, dict]:
    """Kind and content of an overlay.

    Args:
        name: One of :func:`overlay_names`.

    Raises:
        OverlayError: If there is no overlay of this name; the message suggests similar ones.
    """
    known = overlay_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known
        raise OverlayError(f"there is no overlay '{name[:80]}' for --with; near are: {', '.join(near)}")
    content = read_config(FOLDER / f'{name}.py').to_dict()
    ((key, overlay),) = content.items()
    return key.removesuffix(SUFFIX), overlay


def apply_overlays(cfg: Config, names: Iterable[str], source: str) -> None:
    """Merge overlays into a config, in place: those among its bases, and those given.

    The config's ``overlays`` then lists all their names, so that log and checkpoint record them.

    Args:
        cfg: The config.
        names: Names of further overlays.
        source: Name of the config for messages.

    Raises:
        OverlayError: If there is no such overlay, the config lacks what one needs, or two exclude each other.
    """
    applied: list[str] = list(cfg.get('overlays', []))
    chosen: dict[str, dict] = {}
    for key in [key for key in cfg if key.endswith(SUFFIX)]:
        chosen[key.removesuffix(SUFFIX)] = cfg._cfg_dict.pop(key).to_dict()
    # a config dumped by a run has its overlays merged already
    merged = {find_overlay(name)[0]: dict(name=name) for name in applied if name in overlay_names()}
    taken = merged | chosen
    for name in dict.fromkeys(names):
        kind, overlay = find_overlay(name)
        if kind in taken and taken[kind]['name'] == name:
            raise OverlayError(f"{source} has overlay '{name}' already: leave it out of --with")
        if kind in taken:
            raise OverlayError(
                f"overlays '{taken[kind]['name']}' and '{name}' exclude each other: both set the {kind}"
            )
        taken[kind] = chosen[kind] = overlay
    for kind in sorted(chosen, key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)):
        overlay = copy.deepcopy(chosen[kind])
        name = overlay.pop('name')
        for need in overlay.pop('needs', ()):
            if not _has(cfg, need):
                raise OverlayError(f"{source} cannot take overlay '{name}', which needs {need}")
        if overlay.pop('needs_weights', False):
            cfg.needs_weights = name
        of_model = overlay.pop('for_model', {}).get((cfg.get('model') or {}).get('type'), {})
        stores = overlay.pop('for_store', {})
        if overlay.pop('needs_store', False) and _store_of(cfg) not in stores:
            raise OverlayError(f"{source} cannot take overlay '{name}', which is for {', '.join(stores)}")
        of_store = stores.get(_store_of(cfg), {})
        for changes in (overlay, of_model, of_store):
            cfg.merge_from_dict(_keep(changes, cfg._cfg_dict.to_dict()))
        applied.append(name)
    if applied:
        cfg.overlays = applied


def _store_of(cfg: Config) -> str:
    """The last two folders of the training data: ``penn_action/2d``."""
    dataset = (cfg.get('train_dataloader') or {}).get('dataset') or {}
    return '/'.join(PurePath(str(dataset.get('ann_file', ''))).parts[-2:])


def _has(cfg: Config, need: str) -> bool:
    key, _, value = need.partition('=')
    node = cfg._cfg_dict
    for part in key.split('.'):
        if not isinstance(node, Mapping) or part not in node:
            return False
        node = node[part]
    # a number that is read from the data is None until then
    return str(node) == value if value else True


def _keep(overlay: dict, base: object) -> dict:
    """The overlay with the entries that ``_keep_`` names copied from the config."""
    base = base if isinstance(base, dict) else {}
    result = {key: value for key, value in overlay.items() if key != '_keep_'}
    for key, value in result.items():
        if isinstance(value, dict):
            result[key] = _keep(value, base.get(key))
    kept = {key: copy.deepcopy(base[key]) for key in overlay.get('_keep_', ()) if key in base}
    return kept | result
