"""The list of what was left out of a store, beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def skipped_file(root: Path) -> Path:
    """Where the list lies: ``ROOT.skipped.txt``."""
    return root.with_name(root.name + '.skipped.txt')


def write_skipped(root: Path, skipped: Mapping[str, str]) -> None:
    """Write the list, a line ``name, tab, reason`` each; without any, remove that of an earlier attempt.

    Args:
        root: The store.
        skipped: What was left out, with the reason in one line.
    """
    if skipped:
        lines = [f'{name}\t{reason}\n' for name, reason in skipped.items()]
        # names of files may hold bytes that are no text
        skipped_file(root).write_text(''.join(lines), encoding='utf-8', errors='backslashreplace')
    else:
        # it would be taken for this attempt's
        skipped_file(root).unlink(missing_ok=True)
