"""What comes with the package beside its code: configs and checkpoints, and their names.

A checkout has them in ``configs/`` and ``demo/checkpoints/``; an installed package has them in its folder
``.mim``, as OpenMMLab's packages do. From any folder, ``unik_penn_2d`` and ``configs/unik/unik_penn_2d.py``
name the same config, and ``unik_penn_2d_recommended`` and
``demo/checkpoints/unik_penn_2d_recommended.pth`` the same checkpoint. A file at the given path comes first.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mmactrep.errors import UserError

_PACKAGE = Path(__file__).resolve().parent


def _find_root() -> Path:
    installed = _PACKAGE / '.mim'
    return installed if (installed / 'configs').is_dir() else _PACKAGE.parent


#: The folder of ``configs/``, ``demo/`` and ``tools/``.
ROOT = _find_root()
#: The configs that come with the package.
CONFIG_FOLDER = ROOT / 'configs'
#: The checkpoints that come with the package.
CHECKPOINT_FOLDER = ROOT / 'demo' / 'checkpoints'


# a method's experiments, which are no config
_ROWS = 'rows.py'


class ModelNameError(UserError, LookupError):
    """No model with weights has this name; the message lists near ones."""


def packaged_configs() -> dict[str, Path]:
    """The configs of methods by their names, which are those of the files."""
    return {path.stem: path for path in sorted(CONFIG_FOLDER.glob('[!_]*/*.py')) if path.name != _ROWS}


def packaged_checkpoints() -> dict[str, Path]:
    """The checkpoints by their names."""
    return {path.stem: path for path in sorted(CHECKPOINT_FOLDER.glob('*.pth'))}


def config_places(path: str | Path) -> list[Path]:
    """Where in the package a config could be that is not at the path given, by its name or its place.

    Args:
        path: ``unik_penn_2d``, ``unik/unik_penn_2d`` or ``configs/unik/unik_penn_2d.py``.

    Returns:
        Paths, of which none needs to exist: a name may stand for a config with overlays. None for a path
        outside the package.
    """
    path = Path(path)
    parts = path.parts[1:] if path.parts[:1] == (CONFIG_FOLDER.name,) else path.parts
    if path.is_absolute() or not parts or len(parts) > 2 or not all(part.strip('.') for part in parts):
        return []
    name = parts[-1] if parts[-1].endswith('.py') else f'{parts[-1]}.py'
    if len(parts) == 2:
        return [CONFIG_FOLDER / parts[0] / name]
    if name == _ROWS:
        return []
    # the method that a name begins with comes first
    methods = [folder.name for folder in sorted(CONFIG_FOLDER.glob('[!_]*')) if folder.is_dir()]
    methods.sort(key=lambda method: not name.startswith(f'{method}_'))
    return [CONFIG_FOLDER / method / name for method in methods]


def find_checkpoint(path: str | Path) -> Path:
    """A checkpoint by its path, else that of the package with this name.

    Args:
        path: A path, or ``unik_penn_2d_recommended``, or ``demo/checkpoints/unik_penn_2d_recommended.pth``.

    Returns:
        The path; as it was given if neither exists.
    """
    given = Path(path)
    if given.exists() or given.is_absolute():
        return given
    named = given.parent in (Path('.'), Path('demo', 'checkpoints'))
    return packaged_checkpoints().get(given.name.removesuffix('.pth'), given) if named else given


def no_such_checkpoint(path: str | Path) -> str:
    """The message for a checkpoint that does not exist, with near names of the package's."""
    near = near_names(Path(path).name.removesuffix('.pth'), packaged_checkpoints())
    return f'{path}: no such checkpoint{near}'


def near_names(name: str, known: Iterable[str]) -> str:
    """``'; near are: ...'`` with the known names that are like a name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f'; near are: {", ".join(near)}' if near else ''


def model_index() -> list[dict[str, Any]]:
    """The models of ``model-index.yml`` and the metafiles that it names, as OpenMMLab's tools read them."""
    import yaml

    def read(path: Path) -> dict:
        return yaml.safe_load(path.read_text(encoding='utf-8'))

    files = read(ROOT / 'model-index.yml')['Import']
    return [model for file in files for model in read(ROOT / file)['Models']]


def find_model_weights(name: str) -> Path:
    """The checkpoint that comes with the package for a recognizer, by the model's name or alias.

    Raises:
        ModelNameError: If there is no such model, it has no weights here, or is no recognizer: an encoder to
            start from, or a generator, which have no results in the index.
    """
    names: dict[str, Path] = {}
    for model in model_index():
        if 'Weights' in model and model['Results']:
            also = model.get('Alias', [])
            for known in (model['Name'], *([also] if isinstance(also, str) else also)):
                names[known] = ROOT / model['Weights']
    stem = Path(name).name.removesuffix('.py')
    if stem in names and len(Path(name).parts) == 1:
        return names[stem]
    said = 'no weights come with the package for it: pass its checkpoint'
    if stem not in packaged_configs():
        said = 'there is no model of this name'
    raise ModelNameError(f'{name[:80]}: {said}; models with weights are: {", ".join(sorted(names))}')
