"""The file of each row, and whether it is to be cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mmactrep.datasets.video.annotations.kinetics import trimmed_stems

from .sources import Row, Source


def find_video(source: Source, row: Row) -> Row:
    """A row with the path of its video, or with a ``problem``.

    A file that is cut already, as its name ends with the row's times, is used as a whole: the row's ``start``
    and ``end`` become None, unless the source says otherwise.

    Args:
        source: The row's source.
        row: A row without problem.

    Raises:
        AnnotationError: If the source's folder of videos is absent or empty.
    """
    folder, cut = source.folder, not source.trimmed
    if row.path:
        path = folder.root / row.path
        found = row.path if path.is_file() else folder.find(row.path)
        if found is None:
            return replace(row, problem=f'no video {path}')
    else:
        stems = []
        if row.start is not None and row.end is not None:
            stems = trimmed_stems(row.video, row.start, row.end)
        found = folder.find_stem(*stems)
        if found is not None:
            cut = source.trimmed is False
        else:
            found = folder.find_stem(row.video) or folder.find(row.video)
        if found is None:
            sought = ' or '.join([*stems[:1], row.video])
            return replace(row, problem=f'no video, or several, named {sought} below {folder.root}')
    times = {} if cut else dict(start=None, end=None)
    return replace(row, path=str(Path(folder.root, found)), **times)
