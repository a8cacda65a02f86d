"""Finding the checkpoint to resume from."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path


def find_last_whole_checkpoint(folder: Path) -> Path | None:
    """The newest ``epoch_N.pth`` or ``iter_N.pth`` that was written to its end, or None.

    A training killed while it saved leaves a truncated file behind; a whole checkpoint is a zip
    archive with its directory at the end.

    Args:
        folder: Work folder of a training.
    """
    numbered = [
        (int(match[1]), path)
        for path in Path(folder).glob('*.pth')
        if (match := re.fullmatch(r'(?:epoch|iter)_(\d+)\.pth', path.name))
    ]
    for _, path in sorted(numbered, reverse=True):
        if zipfile.is_zipfile(path):
            return path
    return None
