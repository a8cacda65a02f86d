"""UTD-MHAD's depth videos: odd subjects train, even ones test."""

from __future__ import annotations

import re

from mmactrep.datasets.protocols import protocol_classes, protocol_numbers

from .annotation import Annotation, VideoFolder
from .annotator import Annotator

_NAME = re.compile(r'a(?P<action>\d{1,2})_s(?P<subject>\d{1,2})_t\d{1,2}(_(depth|color))?', re.ASCII)


def annotate(folder: VideoFolder) -> Annotation:
    """Splits ``train`` and ``test``."""
    classes = protocol_classes('utd_mhad')
    subjects = protocol_numbers('utd_mhad', 'subjects xsub train')
    splits: dict[str, list[tuple[str, str]]] = dict(train=[], test=[])
    foreign = []
    for path in folder.paths:
        match = _NAME.fullmatch(path.rpartition('/')[2].partition('.')[0])
        if match is None or not 1 <= int(match['action']) <= len(classes):
            foreign.append(path)
            continue
        split = 'train' if int(match['subject']) in subjects else 'test'
        splits[split].append((path, classes[int(match['action']) - 1]))
    notes = []
    if foreign:
        notes.append(f'{len(foreign)} videos are not named like a1_s1_t1.mp4, the first: {foreign[0]}')
    return Annotation(splits, {'': classes}, notes=notes)


ANNOTATOR = Annotator(
    title='UTD-MHAD, depth or color videos: odd subjects against even',
    description="""Lists of UTD-MHAD's videos, aA_sS_tT.mp4: train (odd subjects) and test (even ones).

    mmactrep annotate utd_mhad --videos utd_mhad/depth_video --out data/utd_mhad_depth""",
    build=lambda folder, args: annotate(folder),
)
