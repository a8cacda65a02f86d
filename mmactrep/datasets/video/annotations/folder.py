"""A folder of class folders, divided already or at random."""

from __future__ import annotations

import argparse
import re

import numpy as np

from mmactrep.arguments import SEED, number
from mmactrep.datasets.selection import hold_out

from .annotation import Annotation, AnnotationError, VideoFolder
from .annotator import Annotator

#: Folders of splits, and what their lists are called.
SPLITS = dict(
    train='train', training='train', val='val', valid='val', validation='val', test='test', testing='test'
)


def annotate(
    folder: VideoFolder, test_share: float | None = None, seed: int = 0, groups: str | None = None
) -> Annotation:
    """The splits that the folders give, or ``train`` and ``test`` drawn at random, or ``all``.

    Args:
        folder: Videos ``CLASS/...`` or ``train/CLASS/...``, ``test/CLASS/...``.
        test_share: Share of the videos of each class that are tested, where the folders give no splits;
            None for a single list.
        seed: Seed of that draw.
        groups: Regular expression on the paths; videos with the same match stay on one side.

    Raises:
        AnnotationError: If a video is in no class folder, or there is one class only.
    """
    tops = {path.split('/')[0] for path in folder.paths}
    divided = tops <= set(SPLITS)
    depth = 2 if divided else 1
    splits: dict[str, list[tuple[str, str]]] = {}
    for path in folder.paths:
        parts = path.split('/')
        if len(parts) <= depth:
            expected = 'train/CLASS/VIDEO' if divided else 'CLASS/VIDEO'
            raise AnnotationError(f'{folder.root / path}: expected {expected} below {folder.root}')
        split = SPLITS[parts[0]] if divided else 'all'
        splits.setdefault(split, []).append((path, parts[depth - 1]))
    classes = sorted({name for videos in splits.values() for _, name in videos})
    if divided and test_share is not None:
        raise AnnotationError(f'{folder.root}: its folders {sorted(tops)} are the splits; drop --test-share')
    if test_share is not None:
        splits = _draw(splits['all'], classes, test_share, seed, groups)
    return Annotation(splits, {'': classes})


def _draw(
    videos: list[tuple[str, str]], classes: list[str], share: float, seed: int, groups: str | None
) -> dict[str, list[tuple[str, str]]]:
    labels = np.array([classes.index(name) for _, name in videos])
    names = None
    if groups is not None:
        found = [re.search(groups, path) for path, _ in videos]
        if not all(found):
            raise AnnotationError(f'--groups: {videos[found.index(None)][0]} does not match {groups!r}')
        names = [match[0] for match in found]
    try:
        held = hold_out(labels, share, seed, names)
    except ValueError as error:
        raise AnnotationError(str(error)) from error
    return dict(
        train=[video for video, tested in zip(videos, held) if not tested],
        test=[video for video, tested in zip(videos, held) if tested],
    )


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--test-share', type=number(0, 0.9, above=True), help='test this share of the videos of each class'
    )
    parser.add_argument('--seed', type=SEED, default=0, help='of that draw (%(default)s)')
    parser.add_argument(
        '--groups', metavar='REGEX', help='videos whose paths have the same match stay on one side'
    )


ANNOTATOR = Annotator(
    title='any videos in folders of classes',
    description="""Lists of videos in folders of classes.

    mmactrep annotate folder --videos my_videos --test-share 0.3 --out data/mine

Folders train, val and test above those of the classes are the splits. Otherwise --test-share divides at
random, and without it there is one list, all.txt.""",
    build=lambda folder, args: annotate(folder, args.test_share, args.seed, args.groups),
    add_arguments=_add_arguments,
)
