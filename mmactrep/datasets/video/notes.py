"""Notes on single videos in the log, of which the first few are enough."""

from __future__ import annotations

from mmengine.logging import print_log
from torch.utils.data import get_worker_info

_MOST = 3


class FirstNotes:
    """Logs the first notes of their kind, those of one loader process."""

    def __init__(self) -> None:
        self._said = 0

    def say(self, note: str) -> None:
        """Log a note, unless enough have been logged."""
        worker = get_worker_info()
        if self._said >= _MOST or (worker is not None and worker.id > 0):
            return
        self._said += 1
        last = '; further ones are not named' if self._said == _MOST else ''
        print_log(f'{note}{last}', logger='current')
