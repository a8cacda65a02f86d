"""What a training or test prints: its epochs and results. Everything else is in its log file."""

from __future__ import annotations

import logging
import os
import re

#: Set to 1 to print everything that the log file holds.
FULL_LOG = 'MMACTREP_FULL_LOG'
# What MMEngine reports at the start of every run, hundreds of lines, and after every epoch.
_DETAILS = re.compile(
    r'\s*-+\s*System environment:'
    r'|Config:\n'
    r'|Hooks will be executed in the following order'
    r'|Distributed training is not used, all SyncBatchNorm'
    r'|"FileClient" will be deprecated|"HardDiskBackend" is the alias'
    r'|Exp name: '
)


class EssentialFilter(logging.Filter):
    """Drops MMEngine's reports of environment, config and hooks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is printed."""
        return not _DETAILS.match(record.getMessage())


def print_essentials(logger: logging.Logger) -> None:
    """Let a logger print the essentials only; its log files get everything.

    Args:
        logger: MMEngine's logger of a run.
    """
    if os.environ.get(FULL_LOG) == '1':
        return
    files = [handler for handler in logger.handlers if isinstance(handler, logging.FileHandler)]
    for handler in logger.handlers:
        if handler not in files and not any(isinstance(each, EssentialFilter) for each in handler.filters):
            handler.addFilter(EssentialFilter())
    if files:
        logger.info(f'Config, environment and hooks are in the log: {files[0].baseFilename}')
