"""UT-Interaction: two sets of ten sequences, of which one is left out in turn."""

from __future__ import annotations

import argparse
import re

from mmactrep.datasets.protocols import protocol_classes

from .annotation import Annotation, AnnotationError, VideoFolder
from .annotator import Annotator

BACKGROUND = 'background'
_NAME = re.compile(r'(set(?P<set>[12])/)?\d+_(?P<sequence>\d+)_(?P<label>\d)\.\w+', re.ASCII)
_PER_SET = 10


def annotate(folder: VideoFolder, background: bool = False) -> Annotation:
    """Splits ``all``, ``set1``, ``set2``, and for each sequence ``setS_seqNN_train`` and ``_test``.

    A sequence is tested by a model that was trained on the nine others of its set.

    Args:
        folder: The videos, ``set1/CLIP_SEQUENCE_CLASS.avi``.
        background: Keep the clips in which nothing of the six classes happens, as a class of their own.

    Raises:
        AnnotationError: If no video has such a name.
    """
    names = protocol_classes('ut_interaction')
    classes = [*names, BACKGROUND] if background else names
    clips: dict[int, list[tuple[str, str]]] = {}
    foreign, dropped = [], 0
    for path in folder.paths:
        match = _NAME.search(path)
        label = int(match['label']) if match else len(names) + 1
        if match is None or match.end() != len(path) or label > len(names):
            foreign.append(path)
        elif label == len(names) and not background:
            dropped += 1
        else:
            clips.setdefault(int(match['sequence']), []).append((path, classes[label]))
    if not clips:
        raise AnnotationError(f'{folder.root}: no videos like set1/0_1_4.avi (clip, sequence, class)')
    splits: dict[str, list[tuple[str, str]]] = dict(all=[], set1=[], set2=[])
    for sequence in sorted(clips):
        number = 1 if sequence <= _PER_SET else 2
        own = range(1, _PER_SET + 1) if number == 1 else range(_PER_SET + 1, 2 * _PER_SET + 1)
        others = [clip for other in own if other != sequence for clip in clips.get(other, ())]
        splits['all'] += clips[sequence]
        splits[f'set{number}'] += clips[sequence]
        if others:
            splits[f'set{number}_seq{sequence:02d}_train'] = others
            splits[f'set{number}_seq{sequence:02d}_test'] = clips[sequence]
    splits = {name: videos for name, videos in splits.items() if videos}
    notes = [f'{dropped} background clips are left out (--background keeps them)'] if dropped else []
    if foreign:
        notes.append(f'{len(foreign)} videos are not named like set1/0_1_4.avi, the first: {foreign[0]}')
    return Annotation(splits, {'': classes}, notes=notes)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--background', action='store_true', help='keep the background clips as a seventh class'
    )


ANNOTATOR = Annotator(
    title='UT-Interaction: leave one sequence out, in each of two sets',
    description="""Lists of UT-Interaction's segmented clips, setS/CLIP_SEQUENCE_CLASS.avi.

    mmactrep annotate ut_interaction --videos ut_interaction --out data/ut_interaction

For each of the 20 sequences set1_seq01_train and set1_seq01_test: the other nine sequences of its set train.
Besides, all, set1 and set2.""",
    build=lambda folder, args: annotate(folder, args.background),
    add_arguments=_add_arguments,
)
