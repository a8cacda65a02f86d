"""Results that are kept on disk, by a key of what they were computed from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def key_of(content: Any) -> str:
    """A short name of plain data; equal data have equal names."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def content_of(path: str | Path | None) -> str:
    """A short name of a file's content, wherever it lies; empty without a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16] if path else ''


def write_json(path: Path, content: Any) -> None:
    """Write plain data; a kill leaves the file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'{path.name}.partial')
    partial.write_text(json.dumps(content, indent=1), encoding='utf-8')
    os.replace(partial, path)


def remembered(path: Path, key: str, compute: Callable[[], Any]) -> Any:
    """The plain data of a file if they were computed for the same key, else compute and write them."""
    if path.is_file():
        try:
            found = json.loads(path.read_text(encoding='utf-8'))
            if found['key'] == key:
                return found['content']
        except (ValueError, KeyError, TypeError):
            pass  # of a kill, or not ours: computed again
    content = compute()
    write_json(path, dict(key=key, content=content))
    return content
