"""Teaching from a page: uploaded examples by class, and a training on them."""

from __future__ import annotations

import contextlib
import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mmactrep.errors import UserError

from .settings import ServeSettings, UploadError

#: Longest name of a class, and most examples of one session.
MOST_LETTERS, MOST_VIDEOS = 60, 500


class TeachSession:
    """Examples of one session, a folder a class.

    Args:
        folder: Folder of the examples and results; made when the first example is added.
        settings: Limits of uploads.
    """

    def __init__(self, folder: Path, settings: ServeSettings) -> None:
        self.folder, self.settings = folder, settings

    @property
    def videos(self) -> Path:
        """Folder of the class folders."""
        return self.folder / 'videos'

    def add(self, name: str, uploads: Sequence[str | Path]) -> None:
        """Move examples of a class into the session.

        Raises:
            UploadError: If the name is empty, too long or no name of a folder, there are no or too many
                examples, or one is larger or longer than the page takes.
        """
        name = ' '.join((name or '').split())
        plain = all(letter.isalnum() or letter in ' _-' for letter in name)
        if not name or not plain or not name[0].isalnum() or len(name) > MOST_LETTERS:
            raise UploadError(
                f'a class needs a name of letters, digits, spaces, _ and -, at most {MOST_LETTERS}; '
                f'found {name[:80]!r}'
            )
        if not uploads:
            raise UploadError(f'{name}: choose videos that show it')
        if len(uploads) + sum(self.counts().values()) > MOST_VIDEOS:
            raise UploadError(f'a session takes at most {MOST_VIDEOS} videos')
        for upload in uploads:
            self.settings.check_video(upload)
        target = self.videos / name
        target.mkdir(parents=True, exist_ok=True)
        for upload in uploads:
            number = len(list(target.iterdir()))
            shutil.move(str(upload), target / f'{number:04}{Path(upload).suffix.lower()}')

    def counts(self) -> dict[str, int]:
        """Number of examples by class."""
        folders = sorted(self.videos.iterdir()) if self.videos.is_dir() else []
        return {folder.name: len(list(folder.iterdir())) for folder in folders}

    def forget(self) -> None:
        """Remove the examples, and the folder if nothing was made of them."""
        shutil.rmtree(self.videos, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def teach(self, experts: Sequence[Any] = (), **options: Any) -> Iterator[str]:
        """Train on the examples and yield its lines; the last two say accuracy and folder.

        Args:
            experts: Pose experts. Default: the fastest that are installed.
            options: Further fields of ``TeachSettings``.

        Raises:
            UserError: If the examples do not do; the message says what is missing.
        """
        from mmactrep.apis.teach.pipeline import teach
        from mmactrep.apis.teach.settings import TeachSettings

        settings = TeachSettings(
            str(self.videos), self.folder / 'results', experts=tuple(experts), progress=False, **options
        )
        lines: queue.Queue[Any] = queue.Queue()

        def run() -> None:
            try:
                lines.put(teach(settings, lines.put))
            except BaseException as error:  # handed to the caller, who waits
                lines.put(error)

        threading.Thread(target=run, daemon=True).start()
        while isinstance(line := lines.get(), str):
            yield line
        if isinstance(line, (UserError, OSError)):
            raise line
        if isinstance(line, BaseException):
            raise RuntimeError(f'teaching failed: {line!r:.300}') from line
        low, high = line.interval
        yield f'Recognized {line.right} of {len(line.labels)} test clips ({low:.0%} to {high:.0%}).'
        yield str(settings.model)
