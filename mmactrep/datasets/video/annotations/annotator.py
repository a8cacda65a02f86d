"""What a data set's module declares for ``tools/data/annotate_videos.py``, and the list of those modules."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from .annotation import Annotation, VideoFolder

#: Modules of this package that define an ``ANNOTATOR``, in the order of the help.
DATASETS = ('kinetics', 'ucf101', 'hmdb51', 'smarthome', 'utd_mhad', 'ut_interaction', 'folder')


@dataclass(frozen=True)
class Annotator:
    """A data set on the command line.

    Args:
        title: The data set and its splits, in one line.
        description: What the videos and annotation files are, which lists are made, and an example.
        build: Makes the splits from the videos and the arguments.
        add_arguments: Adds this data set's arguments to those that all data sets share.
    """

    title: str
    description: str
    build: Callable[[VideoFolder, argparse.Namespace], Annotation]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


def load_annotator(name: str) -> Annotator:
    """The annotator of one of :data:`DATASETS`."""
    return importlib.import_module(f'.{name}', __package__).ANNOTATOR
