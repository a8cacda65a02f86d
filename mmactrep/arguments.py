"""What the command lines share."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable

import torch.distributed as dist

from mmactrep.errors import UserError


def end_processes() -> None:
    """Leave the process group, if there is one: its threads abort a process that ends with them alive."""
    if dist.is_available() and dist.is_initialized():
        # Rank 0 holds the store that the others still ask while they leave.
        dist.barrier()
        dist.destroy_process_group()


def plain_errors(main: Callable) -> Callable:
    """A user's mistake ends a tool with one message on the error stream and exit code 1, without a trace.

    Set ``MMACTREP_TRACEBACK=1`` to see where it was raised.
    """

    @functools.wraps(main)
    def run(*args, **kwargs):
        try:
            result = main(*args, **kwargs)
            end_processes()
            return result
        except (UserError, FileNotFoundError, FileExistsError) as error:
            if os.environ.get('MMACTREP_TRACEBACK') == '1':
                raise
            print(f'error: {error}', file=sys.stderr)
            return 1

    return run
