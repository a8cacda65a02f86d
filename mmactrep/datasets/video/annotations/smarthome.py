"""Toyota Smarthome's RGB videos: CS, CV1 and CV2 by the files' names."""

from __future__ import annotations

from mmactrep.datasets.converters.protocols import (
    SMARTHOME_CLASSES,
    SMARTHOME_CV_CLASSES,
    SMARTHOME_SPLITS,
    ForeignNameError,
    smarthome_fields,
    smarthome_splits,
)

from .annotation import Annotation, VideoFolder
from .annotator import Annotator


def annotate(folder: VideoFolder) -> Annotation:
    """Splits ``cs/train``, ``cs/test``, ``cv1/...`` and ``cv2/...``, each folder with its own classes."""
    splits: dict[str, list[tuple[str, str]]] = {_with_folder(name): [] for name in SMARTHOME_SPLITS}
    foreign = []
    for path in folder.paths:
        try:
            _, action, subject, camera = smarthome_fields(path.rpartition('/')[2])
        except ForeignNameError:
            foreign.append(path)
            continue
        if action not in SMARTHOME_CLASSES:
            foreign.append(path)
            continue
        for name in smarthome_splits(action, subject, camera):
            splits[_with_folder(name)].append((path, action))
    notes = []
    if foreign:
        notes.append(
            f'{len(foreign)} videos are not named like WatchTV_p02_r03_v05_c05.mp4 with one of the 31 '
            f'actions, and are left out, the first: {foreign[0]}'
        )
    classes = dict(cs=SMARTHOME_CLASSES, cv1=SMARTHOME_CV_CLASSES, cv2=SMARTHOME_CV_CLASSES)
    return Annotation(splits, classes, notes=notes)


def _with_folder(split: str) -> str:
    return split.replace('_', '/')


ANNOTATOR = Annotator(
    title='Toyota Smarthome: CS, CV1, CV2',
    description="""Lists of Toyota Smarthome's RGB videos: cs/train, cs/test, cv1/..., cv2/...

    mmactrep annotate smarthome --videos smarthome/mp4 --out data/smarthome_rgb

Videos are named Action_pXX_rXX_vXX_cXX.mp4. CS has 31 classes, CV1 and CV2 have 19.""",
    build=lambda folder, args: annotate(folder),
)
