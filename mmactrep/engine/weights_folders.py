"""Where weights of others lie on this machine. Nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

#: Environment variable that names a folder with weights.
WEIGHTS_VARIABLE = 'MMACTREP_WEIGHTS'
_DEFAULT_FOLDER = Path('checkpoints')


def weights_folders(kind: str) -> list[Path]:
    """Folders searched for weights: ``$MMACTREP_WEIGHTS``, then ``checkpoints/KIND`` where one works."""
    named = os.environ.get(WEIGHTS_VARIABLE)
    return [*([Path(named).expanduser()] if named else []), _DEFAULT_FOLDER / kind]


def find_weights(names: Iterable[str], kind: str) -> Path | None:
    """The first file of one of the names in the folders of a kind of model, or None."""
    paths = (folder / name for name in names for folder in weights_folders(kind))
    return next((path for path in paths if path.is_file()), None)


def how_to_get(name: str, address: str, kind: str) -> str:
    """What a message says about weights that are absent: what to get, from where, where to put it."""
    places = ' or '.join(str(folder) for folder in weights_folders(kind))
    return (
        f'weights {name} are not on this machine; get them from {address} and put them into {places} '
        f'(or name another folder in the environment variable {WEIGHTS_VARIABLE})'
    )
