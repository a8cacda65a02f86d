"""A lock on something that only one process may write at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from pathlib import Path

from mmactrep.errors import UserError

_BUSY = (errno.EACCES, errno.EAGAIN)


class LockedError(UserError):
    """The lock is held by somebody else."""


class FileLock:
    """Holds a lock from construction to :meth:`release`; any other attempt to take it fails at once.

    The lock ends with the process, however it ends, and is not inherited by its children: workers that
    outlive a killed parent do not keep it. It also works between the threads and objects of one process.

    Args:
        path: The lock's own file, in an existing folder. It contains the process id, and is removed when the
            lock is released.

    Raises:
        LockedError: If the lock is held, or the file system cannot lock.
    """

    _held: set[Path] = set()
    _guard = threading.Lock()

    def __init__(self, path: str | os.PathLike) -> None:
        self._owner: int | None = None
        self.path = Path(path).absolute()
        with self._guard:
            if self.path in self._held:
                raise LockedError(f'another process is writing it, or this one already (lock {path})')
            self._file = self._locked_file()
            self._held.add(self.path)
            self._owner = os.getpid()

    def _locked_file(self) -> int:
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                # POSIX locks: unlike flock's, they are not inherited across a fork
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._is_the_file(file):
                    os.ftruncate(file, 0)
                    os.write(file, str(os.getpid()).encode())
                    return file
            except OSError as error:
                owner = os.read(file, 20).decode('ascii', 'replace').strip()
                os.close(file)
                if error.errno not in _BUSY:
                    raise LockedError(f'{self.path} cannot be locked: {error.strerror}') from error
                who = f'process {owner}, ' if owner else ''
                raise LockedError(f'another process is writing it ({who}lock {self.path})') from error
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def _is_the_file(self, file: int) -> bool:
        """False if the previous holder removed the file between our opening and locking it."""
        try:
            return os.path.samestat(os.fstat(file), os.stat(self.path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Release the lock; may be called again."""
        if self._owner != os.getpid():  # released, or the copy of a forked child
            return
        with self._guard:
            self._owner = None
            self._held.discard(self.path)
            self.path.unlink(missing_ok=True)
            os.close(self._file)

    def __del__(self) -> None:
        self.release()
