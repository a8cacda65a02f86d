"""The house keeps its order: a room imports only from rooms above it, and no two files import each other."""

from __future__ import annotations

import ast
from pathlib import Path

ROOMS = (
    'version',
    'errors',
    'packaged',
    'safe_checkpoints',
    'compat',
    'lazy_imports',
    'registry',
    'arguments',
    'files',
    'locks',
    'structures',
    'video',
    'store',
    'motion',
    'datasets',
    'engine',
    'models',
    'pose',
    'evaluation',
    'visualization',
    'apis',
    'commands',
    'cli',
    '__main__',
)


def imports_of(path: Path, repo: Path) -> list[tuple[str, int]]:
    """Modules of the package that a file imports, wherever in it, with the line."""
    found = []
    package = path.relative_to(repo).with_suffix('').parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = '.'.join((*base, *filter(None, [node.module])))
            names = [f'{module}.{alias.name}' for alias in node.names]
            found += [(name if exists(name, repo) else module, node.lineno) for name in names]
    return [(name, line) for name, line in found if name.split('.')[0] == 'mmactrep']


def exists(module: str, repo: Path) -> bool:
    path = repo.joinpath(*module.split('.'))
    return path.with_suffix('.py').is_file() or (path / '__init__.py').is_file()


def room(module: str) -> str | None:
    """First part below the package; None for the package itself, which holds no code."""
    parts = module.split('.')
    return parts[1] if len(parts) > 1 else None


def test_no_room_imports_from_one_below_it(repo):
    upward = []
    for path in sorted((repo / 'mmactrep').rglob('*.py')):
        own = room('.'.join(path.relative_to(repo).with_suffix('').parts))
        if own == '__init__':
            continue
        for module, line in imports_of(path, repo):
            other = room(module)
            if other and other != own and ROOMS.index(other) > ROOMS.index(own):
                upward.append(f'{path.relative_to(repo)}:{line} imports {module}')
    assert not upward, '\n'.join(upward)


def test_no_two_files_import_each_other(repo):
    edges = set()
    for path in (repo / 'mmactrep').rglob('*.py'):
        parts = path.relative_to(repo).with_suffix('').parts
        own = '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)
        # a package's __init__ and its modules meet by Python's own rules
        edges |= {(own, module) for module, _ in imports_of(path, repo) if not own.startswith(module + '.')}
    mutual = sorted(
        (one, other)
        for one, other in edges
        if one < other and (other, one) in edges and not other.startswith(one + '.')
    )
    assert not mutual, mutual
