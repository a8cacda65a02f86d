"""A config as it is run: the file, its overlays, command-line options, and settings read from the data."""

from __future__ import annotations

import difflib
import inspect
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config

from mmactrep.errors import UserError
from mmactrep.packaged import CONFIG_FOLDER, config_places, find_checkpoint, packaged_configs

from .config_files import ConfigNotFoundError, read_config
from .data_settings import SETTINGS, drop_foreign_hints, fill_from_data, share_settings, use_video_cache
from .overlays import OverlayError, apply_overlays, find_overlay, overlay_names
from .run_length import resolve_clip_length


class ConfigKeyError(UserError, KeyError):
    """A ``--cfg-options`` key that the config does not have."""


def compose_config(
    path: str | Path,
    overlays: Sequence[str] = (),
    options: Mapping | None = None,
    clip_length: bool = True,
) -> Config:
    """Read a config with its overlays, its options, and the settings from its data (``data_settings``).

    Args:
        path: Config file, or the name of one of the package. A name that stands for another config with
            overlays is resolved and reported (``unik_ntu60-xsub_3d_bone.py`` is ``unik_ntu60-xsub_3d.py``
            with ``bone``).
        overlays: Names of overlays, as for ``--with``.
        options: As for ``--cfg-options``.
        clip_length: Also replace the clip length ``'auto'``; False if an option or a checkpoint will set it.

    Returns:
        The config. With overlays its ``filename`` contains their names, ``unik_penn_2d+bone.py``, as do the
        work folder, the dumped config and the log.

    Raises:
        ConfigError: If there is no such config (the message suggests similar ones), or it cannot be read.
        OverlayError: If an overlay does not exist, does not fit, or excludes another one.
        ConfigKeyError: If an option names a key that does not exist, or that nothing reads.
    """
    file, named = resolve_config(path)
    if named and os.environ.get('RANK', '0') == '0':
        print(f'{path}: read as {_shown(file)} --with {" ".join(named)}', file=sys.stderr)
    cfg = read_config(file)
    # folders of all data sets; its own are in its loaders
    stores = cfg._cfg_dict.pop('stores', {})
    cfg._cfg_dict.pop('video_sets', None)
    apply_overlays(cfg, [*named, *overlays], str(path))
    options = dict(options or {})
    check_option_keys(cfg, options)
    cfg.merge_from_dict(options)
    share_settings(cfg)
    use_video_cache(cfg)
    drop_foreign_hints(cfg, stores)
    fill_from_data(cfg)
    if clip_length:
        resolve_clip_length(cfg)
    if named or overlays:
        added = [name for name in cfg.overlays if name in overlays]
        # setting an attribute of Config in the usual way would add a key to the config
        super(Config, cfg).__setattr__(
            '_filename', str(Path(path).with_name(config_name(path, added) + '.py'))
        )
    return cfg


def config_name(path: str | Path, overlays: Sequence[str] = ()) -> str:
    """Name of a run of a config with overlays, for example ``unik_penn_2d+bone``."""
    return '+'.join([Path(path).stem, *overlays])


def resolve_config(path: str | Path) -> tuple[Path, list[str]]:
    """The file of a config, and the overlays in its name if there is no file of that name.

    Args:
        path: Path as the user gives it, or the name of a config that comes with the package, with or without
            its folder and its suffix (``unik_penn_2d``, ``configs/unik/unik_penn_2d.py`` from any folder).

    Raises:
        ConfigNotFoundError: If there is neither; the message suggests similar configs.
    """
    path = Path(path)
    if path.exists():
        return path, []
    for place in [path, *config_places(path)]:
        if (found := _resolve_place(place)) is not None:
            return found
    if path.suffix and path.suffix != '.py':
        return path, []
    known = packaged_configs()
    near = [_shown(known[name]) for name in difflib.get_close_matches(path.stem, known, n=3, cutoff=0.7)]
    local = path.with_name(f'{path.name}.py')
    near = [str(local)] * local.is_file() + near
    raise ConfigNotFoundError(f'{path}: no such config' + (f'; near are: {", ".join(near)}' if near else ''))


def _resolve_place(path: Path) -> tuple[Path, list[str]] | None:
    """A config's file and the overlays in its name; None if it is not in this place."""
    if path.suffix != '.py':
        return None
    if path.is_file():
        return path, []
    rest, named = path.stem, []
    while (last := next((name for name in overlay_names() if rest.endswith(f'_{name}')), None)) is not None:
        rest = rest.removesuffix(f'_{last}')
        named.insert(0, last)
        file = _after_pretraining(path, rest) if find_overlay(named[0])[0] == 'protocol' else None
        file = file or path.with_name(f'{rest}.py')
        if file.is_file():
            return file, named
    network, _, data = rest.partition('_')
    file = path.parent.parent / 'unik' / f'unik_{data}.py'
    if network in overlay_names() and file.is_file():
        return file, [network, *named]
    return None


def _after_pretraining(path: Path, stem: str) -> Path | None:
    """``lac_unik_tsu-cs_2d`` with a protocol means ``unik_tsu-cs_2d``, if that starts from LAC's weights."""
    pretraining, _, task = stem.partition('_')
    file = path.parent.parent / task.partition('_')[0] / f'{task}.py'
    if not task or not file.is_file():
        return None
    weights = Path(str(read_config(file).get('pretrained')))
    return file if weights.name.startswith(f'{pretraining}_') else None


def _shown(file: Path) -> str:
    """A path as a user of the repository writes it."""
    file = file.resolve()
    return str(file.relative_to(CONFIG_FOLDER.parent)) if file.is_relative_to(CONFIG_FOLDER) else str(file)


def choose_weights(cfg: Config, given: str | None = None, resumes: bool = False) -> None:
    """Set ``load_from`` for a protocol that starts from weights, in place.

    Args:
        cfg: A config; ``needs_weights`` holds the name of its protocol (``linear``, ``finetune``).
        given: Weights named by the user.
        resumes: Whether the run resumes from a checkpoint of its own.

    Raises:
        OverlayError: If there are no weights to start from.
    """
    protocol = cfg._cfg_dict.pop('needs_weights', None)
    weights = given or cfg.get('load_from') or cfg.get('pretrained')
    if protocol is None or resumes:
        return
    if weights is None:
        raise OverlayError(
            f"{cfg.filename}: '{protocol}' starts from the weights of a pre-training: --load-from CHECKPOINT"
        )
    if '://' not in str(weights) and not find_checkpoint(weights).is_file():
        raise OverlayError(
            f"{cfg.filename}: '{protocol}' starts from {weights}, which is not there: put it there, or name "
            'another with --load-from CHECKPOINT'
        )
    cfg.load_from = str(weights)


def check_option_keys(cfg: Config, options: Mapping) -> None:
    """Refuse options whose key the config does not have; a typo would otherwise have no effect.

    A new key is allowed where something takes it: inside a dictionary with a ``type`` (whose constructor
    refuses unknown arguments), at the top level if the ``Runner`` takes it, in a data loader if torch's
    does. A variable that a config only used to build the rest is refused as well: changing it after the
    rest is built has no effect.

    Raises:
        ConfigKeyError: With the key and the most similar existing ones.
    """
    for key in options:
        node, parts = cfg._cfg_dict, key.split('.')
        for depth, part in enumerate(parts):
            if isinstance(node, (list, tuple)):
                known = [str(i) for i in range(len(node))]
                found = part in known
            elif isinstance(node, dict):
                known = [*node, *_arguments_of(parts[:depth])]
                takes_any = depth > 0 and depth == len(parts) - 1 and 'type' in node
                found = part in known or takes_any
            else:
                known, found = [], False
            if not found:
                near = difflib.get_close_matches(part, known, n=3, cutoff=0.4) or known[:8]
                place = '.'.join(parts[:depth]) or 'the config'
                raise ConfigKeyError(
                    f"--cfg-options {key}: there is no '{part}' in {place}; near are: {', '.join(near)}"
                )
            node = node[int(part)] if isinstance(node, (list, tuple)) else node.get(part, {})
        if parts[0] not in (*_arguments_of(()), *SETTINGS):
            raise ConfigKeyError(
                f"--cfg-options {key}: '{parts[0]}' only helped to build the config, changing it now changes "
                'nothing: name the place where it is used, for example '
                'train_dataloader.dataset.pipeline.sample.length'
            )


def _arguments_of(place: Sequence[str]) -> list[str]:
    """Names that a place in the config takes besides its own: the runner's, or the data loader's."""
    if not place:
        from mmengine.runner import Runner  # takes a second

        return list(inspect.signature(Runner).parameters)
    if len(place) == 1 and place[0].endswith('_dataloader'):
        from torch.utils.data import DataLoader

        return list(inspect.signature(DataLoader).parameters)
    return []
