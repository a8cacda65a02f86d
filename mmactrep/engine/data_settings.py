"""Settings that a config has in one place, and settings that are read from the data.

A config may have ``num_person`` and ``layout`` at its top level: the first applies to all its data sets and
its model, so that one option changes it, the second to a network that takes a layout. ``video_cache`` is the
cache from which all data sets of videos are read, see :func:`use_video_cache`. Values that are None,
there or among the model's ``num_joints``, ``layout`` and ``num_classes``, are read from the training data.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import PurePath

import numpy as np
from mmengine.config import Config, ConfigDict

from mmactrep.datasets.protocols import class_list
from mmactrep.errors import UserError
from mmactrep.structures import SkeletonLayout, get_layout

# top-level keys that something reads, besides those of MMEngine's Runner
SETTINGS = ('num_person', 'layout', 'pretrained', 'default_scope', 'custom_imports', 'sync_bn', 'video_cache')
#: Data sets that read lists of videos, which have no store.
VIDEO_DATASETS = ('CachedVideoDataset', 'VideoClipDataset')
# a third person is rarely more than a passer-by, and every person costs the same
MAX_PERSON = 2
OWN_STORE = (
    'ann_file in the config names the store; one of your own skeletons is written with '
    'SkeletonStoreWriter or mmactrep extract (docs/tutorials/own-skeletons.md)'
)


class DataSettingsError(UserError, ValueError):
    """A config and data that do not fit together."""


def share_settings(cfg: Config) -> None:
    """Copy the config's ``num_person`` and ``layout`` to its data sets and its model, in place."""
    persons = cfg.get('num_person')
    backbone = (cfg.get('model') or {}).get('backbone') or {}
    if cfg.get('layout') is not None and backbone.get('layout', '') is None:
        backbone.layout = cfg.layout
    if persons is None:
        return
    if 'num_person' in backbone:
        backbone.num_person = persons
    for dataset in _with_key(cfg._cfg_dict, 'pipeline'):
        if isinstance(dataset.pipeline, ConfigDict) and dataset.pipeline.get('format'):
            dataset.pipeline.format.num_person = persons


def use_video_cache(cfg: Config) -> None:
    """Let data sets of videos read a cache of them, in place.

    That is ``video_cache`` of the config; without it the folder ``cache`` in that of the videos, or beside it
    if its name is ``videos``, if there is one. ``video_cache=False`` reads the videos themselves.
    """
    chosen, told = cfg.get('video_cache'), []
    for dataset in _with_key(cfg._cfg_dict, 'ann_file'):
        if dataset.get('type') != 'VideoClipDataset' or chosen is False:
            continue
        videos = PurePath((dataset.get('data_prefix') or {}).get('video') or '')
        cache = chosen or (videos.parent if videos.name == 'videos' else videos) / 'cache'
        if chosen or (videos.name and os.path.isdir(cache)):
            dataset.type, dataset.cache = 'CachedVideoDataset', str(cache)
            told.append(f'{cache} is read in place of the videos')
    if os.environ.get('RANK', '0') == '0':
        for line in dict.fromkeys(told):
            print(line, file=sys.stderr)


def _with_key(node: object, key: str) -> Iterator[ConfigDict]:
    """Dictionaries that have a key, anywhere in a config."""
    if isinstance(node, ConfigDict):
        if key in node:
            yield node
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        for child in node:
            yield from _with_key(child, key)


def drop_foreign_hints(cfg: Config, stores: Mapping) -> None:
    """Drop the hint on how to make an inherited store from a config that reads another store.

    Args:
        cfg: The config, changed in place.
        stores: ``ann_file`` and ``absent_hint`` of the known data sets (``_base_/datasets/stores.py``).
    """
    hints = {store['absent_hint']: store['ann_file'] for store in stores.values()}
    for dataset in _with_key(cfg._cfg_dict, 'absent_hint'):
        if hints.get(dataset.absent_hint, dataset.ann_file) != dataset.ann_file:
            dataset.absent_hint = OWN_STORE


def fill_from_data(cfg: Config) -> None:
    """Fill values of a config that are None from its training data, in place, and report them.

    Raises:
        StoreError: If there is no training data.
        DataSettingsError: If the data do not have the dimensions that the model takes.
    """
    model = cfg.get('model') or {}
    backbone, head = model.get('backbone') or {}, model.get('cls_head') or {}
    places = [(cfg, 'num_person'), (backbone, 'num_joints'), (backbone, 'layout'), (head, 'num_classes')]
    places = [(where, key) for where, key in places if key in where and where[key] is None]
    if not places:
        return
    dataset = cfg.train_dataloader.dataset
    found = _facts(dataset)
    if backbone.get('in_channels') not in (None, found.get('dims')):
        raise DataSettingsError(
            f'{cfg.filename} takes {backbone.in_channels}D skeletons, {dataset.ann_file} has '
            f'{found["dims"]}D ones'
        )
    for where, key in places:
        where[key] = found[key]
    share_settings(cfg)
    if os.environ.get('RANK', '0') == '0':
        told = ', '.join(f'{key} = {found[key]}' for _, key in places)
        print(f'{dataset.ann_file} tells: {told}', file=sys.stderr)


def _plain_layout(layout: SkeletonLayout) -> str | dict:
    """A built-in layout by its name, a user's own layout in full."""
    try:
        return layout.name if get_layout(layout.name) == layout else layout.to_dict()
    except KeyError:
        return layout.to_dict()


def _facts(dataset: ConfigDict) -> dict:
    if dataset.get('type') in VIDEO_DATASETS:
        from mmactrep.datasets.video.class_names import count_classes

        hint = dataset.get('absent_hint', '')
        return dict(num_classes=count_classes(dataset.get('classes'), dataset.ann_file, hint))
    from mmactrep.store.format import StoreError
    from mmactrep.store.reader import SkeletonStore

    try:
        store = SkeletonStore(dataset.ann_file)
    except StoreError as error:
        hint = dataset.get('absent_hint')
        raise StoreError(f'{error}\n{hint}' if hint else str(error)) from error
    rows = np.arange(len(store)) if dataset.get('split') is None else np.asarray(store.split(dataset.split))
    if not len(rows):
        raise StoreError(f'{store.root}: no clip is in split {dataset.split!r}')
    pipeline = dataset.pipeline if isinstance(dataset.pipeline, ConfigDict) else {}
    mapped = pipeline.get('layout')
    layout = get_layout(mapped.target) if mapped else store.layout
    return dict(
        num_person=int(min(store.index['persons'][rows].max(), MAX_PERSON)),
        num_joints=layout.num_joints,
        layout=_plain_layout(layout),
        num_classes=len(class_list(dataset.get('classes') or store.classes)),
        dims=2 if pipeline.get('project') else store.num_channels,
    )
