"""The list of what was skipped when a store was written, kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def skipped_file(root: Path) -> Path:
    """Path of the list: ``ROOT.skipped.txt``."""
    return root.with_name(root.name + '.skipped.txt')


def write_skipped(root: Path, skipped: Mapping[str, str]) -> None:
    """Write the list, one line ``name, tab, reason`` each; if it is empty, remove an earlier attempt's list.

    Args:
        root: The store.
        skipped: What was skipped, with a one-line reason.
    """
    if skipped:
        lines = [f'{name}\t{reason}\n' for name, reason in skipped.items()]
        # file names may contain bytes that are not text
        skipped_file(root).write_text(''.join(lines), encoding='utf-8', errors='backslashreplace')
    else:
        # it would be mistaken for this attempt's
        skipped_file(root).unlink(missing_ok=True)


def read_skipped(root: Path) -> dict[str, str]:
    """The list that :func:`write_skipped` wrote, name to reason; empty if there is none."""
    path = skipped_file(root)
    if not path.is_file():
        return {}
    lines = path.read_text(encoding='utf-8', errors='backslashreplace').splitlines()
    return dict(line.split('\t', 1) for line in lines if '\t' in line)
