"""What a data set's module declares for ``mmactrep convert``, and the list of those modules."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from mmactrep.arguments import PERSONS, PIXELS
from mmactrep.store.layout_source import layout_argument

from .conversion import Conversion

#: Modules of this package that define a ``CONVERTER``, in the order of the help. A new data set is a module,
#: a name here and, for its class list and subjects, a text file in ``mmactrep/datasets/protocols``.
DATASETS = (
    'posetics',
    'smarthome',
    'penn_action',
    'ntu',
    'uav_human',
    'utd_mhad',
    'utkinect',
    'kard',
    'nw_ucla',
    'tsu',
    'charades',
    'pku_mmd',
    'mmaction_pickle',
)


@dataclass(frozen=True)
class Converter:
    """A data set on the command line.

    Args:
        title: What is converted, in one line.
        description: What ``--src`` contains, which splits the store gets, and an example.
        build: Creates the conversion from the arguments.
        add_arguments: Adds this data set's arguments to those that all data sets share.
        many_sources: Let ``--src`` take several paths.
    """

    title: str
    description: str
    build: Callable[[argparse.Namespace], Conversion]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    many_sources: bool = False


def load_converter(name: str) -> Converter:
    """The converter of one of :data:`DATASETS`."""
    return importlib.import_module(f'.{name}', __package__).CONVERTER


def add_pose_arguments(
    parser: argparse.ArgumentParser, dims: str = '2d', layout: str = 'posetics17', max_persons: int = 2
) -> None:
    """Add the arguments that choose what is kept of a pose: ``--dims``, ``--layout``, ``--max-persons``."""
    parser.add_argument('--dims', choices=('2d', '3d'), default=dims, help='coordinates (%(default)s)')
    add_layout_argument(parser, layout)
    add_persons_argument(parser, max_persons)


def add_layout_argument(parser: argparse.ArgumentParser, layout: str = 'posetics17') -> None:
    """Add ``--layout``."""
    parser.add_argument(
        '--layout',
        type=layout_argument,
        default=layout,
        help=f'joint layout of the store: a name, a file or a store ({layout})',
    )


def add_persons_argument(parser: argparse.ArgumentParser, max_persons: int) -> None:
    """Add ``--max-persons``."""
    parser.add_argument(
        '--max-persons',
        type=PERSONS,
        default=max_persons,
        metavar='N',
        help='persons kept (%(default)s)',
    )


def add_classes_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--classes``, a file of class names."""
    parser.add_argument('--classes', metavar='FILE', help='text file with one class name per line')


def add_shape_argument(parser: argparse.ArgumentParser, shape: tuple[int, int]) -> None:
    """Add ``--img-shape``."""
    parser.add_argument(
        '--img-shape',
        type=PIXELS,
        nargs=2,
        default=shape,
        metavar=('H', 'W'),
        help=f'height and width of the videos (default: {shape[0]} {shape[1]})',
    )
