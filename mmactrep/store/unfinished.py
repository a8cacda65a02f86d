"""The folder of an unfinished store: how it is created, and how it becomes the store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from mmactrep.files import read_json

from .format import META_FILE, StoreError

SETTINGS_FILE = 'writer.json'
JOURNAL_FILE = 'journal.jsonl'


def begin(partial: Path, settings: Mapping) -> None:
    """Create the folder, or make sure that it was begun with the same settings.

    Args:
        partial: The folder.
        settings: The store's settings, JSON values.

    Raises:
        StoreError: If it was begun with other settings, or contains clips of unknown settings.
    """
    partial.mkdir(exist_ok=True)
    path = partial / SETTINGS_FILE
    if not path.exists():
        if (partial / JOURNAL_FILE).exists():
            raise StoreError(f'{partial}: {SETTINGS_FILE} is missing; remove the folder')
        complete = path.with_suffix('.new')
        complete.write_text(json.dumps(settings), encoding='utf-8')
        complete.rename(path)
        return
    begun = read_json(path)
    begun = begun if isinstance(begun, dict) else {}
    # format versions differ only in what is written last
    differing = sorted(key for key in settings if key != 'version' and settings[key] != begun.get(key))
    if differing:
        raise StoreError(
            f'{partial} was begun with other settings ({", ".join(differing)}); '
            'finish it with those, or remove the folder'
        )


def put_in_place(partial: Path, root: Path) -> None:
    """Rename the finished folder to ``root``; an existing store is removed afterwards.

    If it is killed at any point, one of the two is complete, and calling it again finishes the job.

    Raises:
        StoreError: If ``root`` contains anything but a finished store.
    """
    # a name used for nothing else: an existing folder is a replaced store that a killed process left
    old = root.with_name(f'.{root.name}.replaced')
    if root.exists():
        # a folder that contains anything but a finished store is not ours to remove
        if (root / META_FILE).exists():
            shutil.rmtree(old, ignore_errors=True)
            root.rename(old)
        elif root.is_dir() and not any(root.iterdir()):
            root.rmdir()
        else:
            raise StoreError(f'{root} contains other files; the finished store is at {partial}')
    partial.rename(root)
    shutil.rmtree(old, ignore_errors=True)
    for name in (SETTINGS_FILE, JOURNAL_FILE):
        (root / name).unlink()
