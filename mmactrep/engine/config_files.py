"""Reading and writing configs: only Python files that the user names."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING

from mmactrep.errors import UserError
from mmactrep.files import reason
from mmactrep.packaged import CONFIG_FOLDER

if TYPE_CHECKING:
    from mmengine.config import Config


class ConfigError(UserError, ValueError):
    """A config that cannot be read or built; the message names it."""


class ConfigNotFoundError(ConfigError, FileNotFoundError):
    """There is no such config."""


def read_config(path: str | Path) -> Config:
    """Read a config file; every command that takes a config uses this function.

    A config is Python and is executed, so it must be one that the user trusts and names. YAML and JSON are
    refused because neither is the plain data that it looks like: MMEngine's YAML loader can run code, and
    both may name a class by any import path.

    Args:
        path: A ``.py`` file.

    Raises:
        ConfigNotFoundError: If it, or one that it inherits, is absent.
        ConfigError: If it is not a Python file, has a syntax error, inherits itself, or raises when it is
            executed; the message gives the line.
    """
    from mmengine.config import Config

    path = Path(path)
    files = _check_bases(path, ())
    try:
        return Config.fromfile(str(path))
    except Exception as error:  # a config is a program: it may raise anything
        said = f'{error.args[0]!s:.200}' if isinstance(error, KeyError) and error.args else reason(error)
        raise ConfigError(f'{path}: {_line(error, path, files)}{type(error).__name__}: {said}') from error


def packaged_config(name: object) -> Path | None:
    """The packaged config that a checkpoint names, or None.

    A checkpoint is foreign data and a config is executed: only files inside the package's own ``configs`` can
    be named.

    Args:
        name: For example ``configs/unik/unik_penn_2d.py``; anything but such a string gives None.
    """
    if not isinstance(name, str) or '\0' in name or not name.endswith('.py'):
        return None
    relative = Path(name)
    if relative.is_absolute() or '..' in relative.parts or relative.parts[:1] != ('configs',):
        return None
    path = CONFIG_FOLDER.parent / relative
    try:
        inside = path.resolve().is_relative_to(CONFIG_FOLDER) and path.is_file()
    except OSError:  # a name longer than the system allows
        return None
    return path if inside else None


def config_files(path: str | Path) -> set[str]:
    """Paths of a config and of all configs that it inherits.

    Raises:
        ConfigError: If one is absent, no Python, or inherits itself.
    """
    return _check_bases(Path(path), ())


def _check_bases(path: Path, heirs: tuple[Path, ...]) -> set[str]:
    """Follow ``_base_`` before anything is executed: each must exist, be Python, and not inherit an heir.

    Returns:
        The files, named as MMEngine names them.
    """
    from mmengine.config import Config

    said = f', the base of {heirs[-1]},' if heirs else ''
    if path.is_dir():
        raise ConfigError(f'{path}{said} is a folder, expected a config file (.py)')
    if not path.is_file():
        if not heirs:
            raise ConfigNotFoundError(f'{path}: no such config')
        raise ConfigNotFoundError(f'{path}{said} is absent{_packaged_hint(path)}')
    if path.suffix != '.py':
        raise ConfigError(f'{path}{said} is no Python file: configs are .py (YAML and JSON are not read)')
    own = path.resolve()
    if own in heirs:
        circle = ' -> '.join(each.name for each in (*heirs[heirs.index(own) :], own))
        raise ConfigError(f'{path}: the config inherits itself: {circle}')
    try:
        bases = Config._get_base_files(str(path))
    except SyntaxError as error:
        cause = error.__cause__ or error.__context__
        cause = cause if isinstance(cause, SyntaxError) else error
        line = f'line {cause.lineno}: ' if cause.lineno else ''
        raise ConfigError(f'{path}: {line}syntax error: {cause.msg}') from error
    except Exception as error:  # not text, NUL bytes, a _base_ that is computed
        raise ConfigError(f'{path}: cannot be read as a config: {reason(error)}') from error
    files = {os.path.abspath(path)}
    for base in bases:
        if not isinstance(base, str):
            raise ConfigError(f'{path}: _base_ must be a path or a list of paths, found {base!r:.80}')
        # 'mmaction::...' names a config of an installed package, '{{...}}' is filled in later
        if '::' not in base and '{{' not in base:
            files |= _check_bases(path.parent / base, (*heirs, own))
    return files


def _packaged_hint(path: Path) -> str:
    """Where the package has a config that was looked for elsewhere, as ``./configs/_base_/...``."""
    parts = path.parts
    if 'configs' not in parts:
        return ''
    found = packaged_config('/'.join(parts[parts.index('configs') :]))
    return '' if found is None else f"; the package has it: _base_ = '{found}'"


def _line(error: Exception, path: Path, files: set[str]) -> str:
    """File and line where the error was raised, if it is in one of ``files``."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in files:
            named = '' if frame.filename == os.path.abspath(path) else f'{frame.filename}, '
            return f'{named}line {frame.lineno}: '
    return ''


def write_config(cfg: Config, path: str | Path) -> None:
    """Write a config with all that it inherits as one Python file, its entries in their order.

    Transforms of a pipeline have names, and their order counts; ``Config.dump`` sorts names by the alphabet.

    Args:
        cfg: A config of plain data.
        path: Target; missing folders are created.
    """
    entries = (
        f'{name} = {pformat(value, width=110, sort_dicts=False)}' for name, value in cfg.to_dict().items()
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(entries) + '\n', encoding='utf-8')
