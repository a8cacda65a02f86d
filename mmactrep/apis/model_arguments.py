"""Command-line arguments for a model and its inputs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mmactrep.errors import InferenceError
from mmactrep.store.layout_source import layout_argument


def add_model_arguments(parser: argparse.ArgumentParser, default: str | None = 'UNIK on Penn Action') -> None:
    """Add ``--config``, ``--checkpoint``, ``--model-layout`` and ``--device``.

    Args:
        parser: Parser of the command.
        default: The model used without a checkpoint; None if a checkpoint is required.
    """
    parser.add_argument(
        '--config',
        '--model',
        dest='config',
        help='config of the model, or the folder MODEL of mmactrep teach (default: the config in its '
        'checkpoint, or named by it)',
    )
    parser.add_argument(
        '--checkpoint',
        required=default is None,
        help='checkpoint of the model' + (f' (default: {default})' if default else ''),
    )
    parser.add_argument(
        '--model-layout',
        type=layout_argument,
        help='joints of the model, if its checkpoint does not say: a layout, its JSON file, or a store',
    )
    parser.add_argument(
        '--device', help='for example cpu or cuda:0 (default: an accelerator if there is one)'
    )


def add_labels_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--labels``, the actions in words."""
    parser.add_argument(
        '--labels',
        metavar='LIST|FILE',
        help="the actions in words, 'drinking, waving', or a text file with one a line, instead of the "
        'classes of the training; the checkpoint needs a text head (default then: T-MOR)',
    )


def add_generator_arguments(
    parser: argparse.ArgumentParser, then: Sequence[str] = (), help: str | None = None
) -> None:
    """Add ``[[CONFIG] CHECKPOINT]`` of a motion generator and what follows it, and ``--device``.

    Parse with ``parse_intermixed_args``, and pass ``args.words`` to :func:`split_generator`.

    Args:
        parser: Parser of the command.
        then: Names of the positional arguments that follow.
        help: What they are.
    """
    parser.add_argument(
        'words',
        nargs='*',
        metavar='ARGUMENT',
        help=f'[[CONFIG] CHECKPOINT] {" ".join(then)}'.rstrip()
        + '. Generator: its checkpoint (*.pth; default: the one in demo/checkpoints), and before it the '
        'config (*.py) if the checkpoint is an older one' + (f'. {help}' if help else ''),
    )
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')


def split_generator(words: Sequence[str]) -> tuple[str | None, str | None, list[str]]:
    """Split ``[[CONFIG] CHECKPOINT] ...`` into config, checkpoint and the rest.

    A config is known by the suffix ``.py``, a checkpoint by that and by ``.pth`` or ``.pt``; None stands for
    those that are not given.

    Raises:
        InferenceError: If a config stands without a checkpoint.
    """
    words = list(words)
    if words and words[0].endswith('.py'):
        if len(words) == 1:
            raise InferenceError(f'{words[0]}: a config needs its checkpoint beside it')
        return words[0], words[1], words[2:]
    if words and words[0].endswith(('.pth', '.pt')):
        return None, words[0], words[1:]
    return None, None, words


def add_motion_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--layout`` (as ``file_layout``) and ``--experts``, for motions that are not captures."""
    parser.add_argument(
        '--layout',
        dest='file_layout',
        type=layout_argument,
        help='joints of skeleton files that do not name them: a layout, its JSON file, or a store',
    )
    parser.add_argument('--experts', default='mediapipe', help='pose experts for videos (%(default)s)')
