"""Command-line arguments for a model and its inputs."""

from __future__ import annotations

import argparse

from mmactrep.store.layout_source import layout_argument


def add_model_arguments(parser: argparse.ArgumentParser, default: str | None = 'UNIK on Penn Action') -> None:
    """Add ``--config``, ``--checkpoint``, ``--model-layout`` and ``--device``.

    Args:
        parser: Parser of the command.
        default: The model used without a checkpoint; None if a checkpoint is required.
    """
    parser.add_argument(
        '--config', help='config of the model (default: the one in its checkpoint, or named by it)'
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


def add_generator_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the motion generator, ``config`` and ``checkpoint``, and ``--device``."""
    parser.add_argument('config', help='config of the generator')
    parser.add_argument('checkpoint', help='its checkpoint')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')


def add_motion_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--layout`` (as ``file_layout``) and ``--experts``, for motions that are not captures."""
    parser.add_argument(
        '--layout',
        dest='file_layout',
        type=layout_argument,
        help='joints of skeleton files that do not name them: a layout, its JSON file, or a store',
    )
    parser.add_argument('--experts', default='mediapipe', help='pose experts for videos (%(default)s)')
