"""Argument types and error handling shared by the command-line tools."""

from __future__ import annotations

import argparse
import functools
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from mmactrep.errors import UserError
from mmactrep.packaged import CONFIG_FOLDER


def whole_number(low: int = 1, high: int = 2**31 - 1) -> Callable[[str], int]:
    """Type of an argument that is a whole number from ``low`` to ``high``, both included."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f'expected a whole number, found {_shown(text)}') from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f'expected a whole number {_range(low, high)}, found {_shown(text)}'
            )
        return value

    return read


def number(low: float = -math.inf, high: float = math.inf, above: bool = False) -> Callable[[str], float]:
    """Type of an argument that is a finite number from ``low`` to ``high``, both included.

    Args:
        low: Least value.
        high: Largest value.
        above: Whether ``low`` itself is excluded.
    """

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f'expected a number, found {_shown(text)}') from None
        if not math.isfinite(value):
            raise argparse.ArgumentTypeError(f'expected a finite number, found {_shown(text)}')
        if not low <= value <= high or (above and value == low):
            limits = _range(low, high, above)
            raise argparse.ArgumentTypeError(f'expected a number {limits}, found {_shown(text)}')
        return value

    return read


def _range(low: float, high: float, above: bool = False) -> str:
    if above:
        return f'above {low}' if high == math.inf else f'above {low} and at most {high}'
    if high == math.inf:
        return f'of at least {low}'
    return f'of at most {high}' if low == -math.inf else f'from {low} to {high}'


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + '...')


#: Types that several tools use. Their upper bounds lie far beyond any use.
INDEX = whole_number(0)
COUNT = whole_number(1, 10**7)
BATCH = whole_number(1, 2**16)
PERSONS = whole_number(1, 1000)
PIXELS = whole_number(1, 2**16)
SEED = whole_number(0, 2**32 - 1)
THREADS = whole_number(1, 1024)
WORKERS = whole_number(0, 256)
FRAME_RATE = number(0, 1000, above=True)
SHARE = number(0, 1)
ANGLE = number(-360, 360)


class ConfigOptions(argparse.Action):
    """``KEY=VALUE`` pairs that change a config, read by MMEngine's ``DictAction``, which is imported then."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        """Add the pairs to the existing ones."""
        from mmengine.config import DictAction

        try:
            DictAction(self.option_strings, self.dest, self.nargs)(parser, namespace, values, option_string)
        except (ValueError, AssertionError):
            raise argparse.ArgumentError(
                self, f'expected KEY=VALUE pairs, found {_shown(" ".join(values))}'
            ) from None


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """The argument ``--cfg-options``."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=ConfigOptions,
        default={},
        metavar='KEY=VALUE',
        help='change the config: model.cls_head.num_classes=15',
    )


def add_overlay_argument(parser: argparse.ArgumentParser) -> None:
    """The argument ``--with``, which every command that takes a config has."""
    names = ', '.join(sorted(path.stem for path in (CONFIG_FOLDER / '_overlays_').glob('[!_]*.py')))
    parser.add_argument(
        '--with',
        dest='overlays',
        nargs='+',
        default=[],
        metavar='OVERLAY',
        help=f'change the config by overlays of configs/_overlays_: {names}',
    )


def add_holdout_arguments(parser: argparse.ArgumentParser, default: float | None = None) -> None:
    """The arguments ``--holdout``, ``--holdout-seed``, ``--holdout-groups`` and ``--holdout-cameras``.

    Args:
        parser: Parser of the command.
        default: Share that is held out by default; None for none.
    """
    parser.add_argument(
        '--holdout',
        type=number(0, 0.9, above=True),
        default=default,
        metavar='SHARE',
        help='train without this share of the training split and validate on it; the test split is not read'
        + (f' (default: {default})' if default else ''),
    )
    parser.add_argument('--holdout-seed', type=SEED, default=0, help='seed of its draw (%(default)s)')
    parser.add_argument(
        '--holdout-groups',
        type=pattern,
        metavar='REGEX',
        help='clips whose ids have the same match stay together, for example subjects: s[0-9]+',
    )
    parser.add_argument(
        '--holdout-cameras',
        type=COUNT,
        default=0,
        metavar='N',
        help='N of the cameras of the training see the part that is held out, and no other clip',
    )


def pattern(text: str) -> str:
    """A regular expression, as an argument type."""
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f'{_shown(text)} is no regular expression: {error}') from None
    return text


def data_set_parser(
    prog: str,
    description: str,
    names: Sequence[str],
    load: Callable[[str], Any],
    add_common_arguments: Callable[[argparse.ArgumentParser, Any], None],
) -> argparse.ArgumentParser:
    """Parser of a command with a subcommand per data set.

    Args:
        prog: Name of the command.
        description: What it does.
        names: Names of the data sets.
        load: Gives for a name what declares the data set: its ``title``, ``description`` and
            ``add_arguments(parser)``.
        add_common_arguments: Adds the arguments that all data sets share.
    """
    parser = argparse.ArgumentParser(
        prog=prog,
        description=f'{description} "{prog} DATASET --help" shows the options of each one.',
    )
    datasets = parser.add_subparsers(dest='dataset', required=True, metavar='DATASET')
    for name in names:
        declared = load(name)
        command = datasets.add_parser(
            name,
            help=declared.title,
            description=declared.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_common_arguments(command, declared)
        declared.add_arguments(command)
    return parser


def end_processes() -> None:
    """Leave the process group, if any: a process that exits while the group's threads run is aborted."""
    if 'torch.distributed' not in sys.modules:
        return
    import torch.distributed as dist

    if dist.is_available() and dist.is_initialized():
        # Rank 0 hosts the store that the other ranks still query while they leave.
        dist.barrier()
        dist.destroy_process_group()


def plain_errors(main: Callable) -> Callable:
    """Wrap a tool's main function: a user's mistake prints one message to stderr and exits with 1, no trace.

    A user's mistake is a :class:`~mmactrep.errors.UserError` or an ``OSError`` (file absent, not readable,
    disk full). Everything else is a bug and keeps its trace. Set ``MMACTREP_TRACEBACK=1`` to see where an
    error was raised.
    """

    @functools.wraps(main)
    def run(*args, **kwargs):
        try:
            result = main(*args, **kwargs)
            end_processes()
            return result
        except (UserError, OSError) as error:
            if os.environ.get('MMACTREP_TRACEBACK') == '1':
                raise
            print(f'error: {describe(error)}', file=sys.stderr)
            return 1

    return run


def work_on_each(items: Sequence, work: Callable, fatal: tuple[type[Exception], ...] = ()) -> int:
    """Process several inputs; one that cannot be used is reported, and the rest are still processed.

    Args:
        items: The inputs. If there is only one, its error is raised.
        work: Called with each input.
        fatal: Errors that every input would run into; they are raised at once.

    Returns:
        Exit code: 0, or 1 if an input could not be used.
    """
    failed = 0
    for item in items:
        try:
            work(item)
        except (UserError, OSError) as error:  # noqa: PERF203  the next input may work
            if len(items) == 1 or isinstance(error, fatal) or os.environ.get('MMACTREP_TRACEBACK') == '1':
                raise
            failed += 1
            print(f'error: {describe(error)}', file=sys.stderr)
    if failed:
        print(f'{failed} of {len(items)} inputs could not be used', file=sys.stderr)
    return int(failed > 0)


def describe(error: BaseException) -> str:
    """The message of an error for a user, on one line that any terminal can print."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        text = f'{error.filename}: {error.strerror}'
    else:
        text = str(error)
    # torch re-raises an error of a worker process with the worker's whole trace as the message
    if re.match(r'Caught \w+ in DataLoader worker process', text):
        text = re.split(rf'^[\w.]*{type(error).__name__}: ', text, flags=re.MULTILINE)[-1]
    return printable(text)


def printable(text: str) -> str:
    """A text on one line, without the bytes and control characters that file names may contain."""
    text = ' '.join(text.split())
    return ''.join(char if char.isprintable() else repr(char)[1:-1] for char in text)
