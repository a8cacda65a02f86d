"""The arguments by which commands name a model, and how its inputs are read."""

from __future__ import annotations

import argparse

from mmactrep.store.layout_source import layout_argument


def add_model_arguments(parser: argparse.ArgumentParser, default: str | None = 'UNIK on Penn Action') -> None:
    """Add ``--config``, ``--checkpoint``, ``--model-layout`` and ``--device``.

    Args:
        parser: Of the command.
        default: What serves without a checkpoint; None if there must be one.
    """
    parser.add_argument('--config', help='of the model (default: the one that its checkpoint holds or names)')
    parser.add_argument(
        '--checkpoint',
        required=default is None,
        help='of the model' + (f' (default: {default})' if default else ''),
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
    """Add how motions are read that are no captures: ``--layout`` (as ``file_layout``) and ``--experts``."""
    parser.add_argument(
        '--layout',
        dest='file_layout',
        type=layout_argument,
        help='joints of skeleton files that leave them open: a layout, its JSON file, or a store',
    )
    parser.add_argument('--experts', default='mediapipe', help='pose experts for videos (%(default)s)')
