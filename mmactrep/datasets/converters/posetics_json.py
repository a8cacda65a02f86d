"""Writing stores as Posetics's files, which its readers, this package's converter among them, read back."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import JointMapping, SkeletonLayout, get_layout

from .conversion import ConversionError
from .lcrnet_json import SCORE_KEY
from .posetics import CLIP_FILE, FOLDERS, LABEL_FILES, to_frame, video_id

#: Splits of a store that become each folder.
SPLITS = {'train': ('train',), 'val': ('val', 'test')}
_NAME = re.compile(r'.{11}_\d{6}_\d{6}', re.DOTALL)
_DIGITS = {2: 2, 3: 4}  # hundredths of a pixel, tenths of a millimeter
_LAYOUT = 'lcrnet13'


@dataclass
class JsonReport:
    """What was written.

    Args:
        root: Folder of the files.
        clips: Clips of each folder.
        renamed: Clips that have a made-up video id, as their name has none of its own.
        without: Clips left out, in no split that has a folder or without a label.
    """

    root: Path
    clips: dict[str, int] = field(default_factory=dict)
    renamed: int = 0
    without: int = 0


def check_posetics_json(root: Path, splits: Collection[str], layout: SkeletonLayout) -> None:
    """Refuse what :func:`write_posetics_json` cannot write, before there is a data set.

    Args:
        root: Folder of the files.
        splits: Names of the splits that the data set will have.
        layout: Layout of its joints.

    Raises:
        ConversionError: If the folder is not empty, the layout lacks joints, or there is no split train, or
            neither val nor test.
    """
    if root.exists() and any(root.iterdir()):
        raise ConversionError(f"{root} is not empty; Posetics's files need another folder")
    _mapping(layout, root)
    for wanted in SPLITS.values():
        if not set(wanted) & set(splits):
            raise ConversionError(
                f"{root}: Posetics's files need clips of {' or '.join(wanted)}, "
                f'the splits are {sorted(splits)}'
            )


def write_posetics_json(flat: SkeletonStore, root: Path, solid: SkeletonStore | None = None) -> JsonReport:
    """Write a data set in the files of Posetics.

    ``train/*.json`` and ``val/*.json`` have the 13 joints of LCRNet++, in pixels of frames of 640 x 480:
    pictures are scaled to this width and centered vertically, so that screen coordinates stay as they are.
    Persons keep their places; one who is absent before one who is there is a pose of zeros. Scores stand
    beside the poses. Beside the label files there are ``classes.txt`` and ``clips.json``, with the name,
    picture and rate of each clip, from which ``convert.py posetics`` makes the store again; other readers
    need neither.

    Args:
        flat: Store of 2D poses.
        root: Folder, absent or empty.
        solid: Store of 3D poses of the same clips.

    Raises:
        ConversionError: If the folder is not empty, a store has no layout from which the 13 joints follow, no
            labeled clips of train, or none of val or test, or a clip of one store is not in the other.
    """
    check_posetics_json(root, flat.split_names, flat.layout)
    mappings = {
        store.root: _mapping(store.layout, store.root) for store in (flat, solid) if store is not None
    }
    members = _members(flat)
    report = JsonReport(root, without=len(flat) - sum(map(len, members.values())))
    names = _file_names(flat, members, report)
    for folder, label_file in zip(FOLDERS, LABEL_FILES):
        (root / folder).mkdir(parents=True, exist_ok=True)
        labels = {}
        for row in members[folder]:
            stem, clip = names[row], flat[row]
            lifted = None if solid is None else _same_clip(solid, clip)
            content = dict(
                frames=[*_frames(clip, lifted, mappings[flat.root], solid and mappings[solid.root])]
            )
            _write(root / folder / f'{stem}.json', content)
            labels[video_id(f'{stem}.json')] = dict(label_index=clip['label'], has_skeleton=True)
        _write(root / label_file, labels)
        report.clips[folder] = len(labels)
    (root / 'classes.txt').write_text(''.join(f'{name}\n' for name in flat.classes), encoding='utf-8')
    index = flat.index
    clips = {
        stem: [flat.ids[row], int(index['height'][row]), int(index['width'][row]), float(index['fps'][row])]
        for row, stem in names.items()
    }
    _write(root / CLIP_FILE, clips)
    return report


def _mapping(layout: SkeletonLayout, where: Path) -> JointMapping:
    try:
        return layout.mapping_to(get_layout(_LAYOUT))
    except ValueError as error:
        raise ConversionError(f'{where}: expected joints that give those of Posetics: {error}') from error


def _members(store: SkeletonStore) -> dict[str, list[int]]:
    """Rows of each folder; a clip of several splits is in the first of them."""
    taken: set[int] = set()
    members: dict[str, list[int]] = {}
    for folder, splits in SPLITS.items():
        rows = np.unique(
            np.concatenate(
                [np.empty(0, np.int64), *(store.split(name) for name in splits if name in store.split_names)]
            )
        )
        members[folder] = [row for row in rows.tolist() if row not in taken and store.labels[row] >= 0]
        taken.update(members[folder])
        if not members[folder]:
            raise ConversionError(
                f'{store.root}: expected labeled clips of {" or ".join(splits)}, its splits are '
                f'{store.split_names}'
            )
    return members


def _file_names(store: SkeletonStore, members: Mapping[str, list[int]], report: JsonReport) -> dict[int, str]:
    """Name of each clip's file without suffix: its own if it is like Kinetics's and no other has its id."""
    rows = [row for folder in members.values() for row in folder]
    stems = {row: store.ids[row].rpartition('/')[2] for row in rows}
    ids = Counter(stem[:11] for stem in stems.values())
    names = {}
    for row, stem in stems.items():
        if _NAME.fullmatch(stem) and ids[stem[:11]] == 1 and '\\' not in stem:
            names[row] = stem
        else:
            seconds = store.index['frames'][row] / (store.index['fps'][row] or 30.0)
            made = f'~{row:010d}'  # no id of YouTube has a tilde
            if made in ids:
                raise ConversionError(f"{store.root}: the id '{made}' is taken by a clip of that name")
            names[row] = f'{made}_000000_{min(round(float(seconds)), 999999):06d}'
            report.renamed += 1
    return names


def _same_clip(solid: SkeletonStore, clip: Mapping) -> dict:
    found = solid[solid.find(clip['frame_dir'])]
    if found['keypoint'].shape[:2] != clip['keypoint'].shape[:2]:
        raise ConversionError(
            f"{solid.root}: clip '{clip['frame_dir']}': expected persons and frames "
            f'{clip["keypoint"].shape[:2]}, found {found["keypoint"].shape[:2]}'
        )
    return found


def _frames(
    clip: Mapping, lifted: Mapping | None, mapping: JointMapping, solid_mapping: JointMapping | None
) -> Iterator[list[dict]]:
    """The persons of each frame."""
    keypoint, score = mapping(clip['keypoint'], clip['keypoint_score'])
    poses = {'pose2d': _numbers(to_frame(keypoint, clip['img_shape']), score)}
    scores = np.where(score > 0, np.maximum(np.round(score, 3), 0.001), 0)
    if lifted is not None and solid_mapping is not None:
        poses['pose3d'] = _numbers(*solid_mapping(lifted['keypoint'], lifted['keypoint_score']))
    there = (score > 0).any(axis=2)
    for frame in range(keypoint.shape[1]):
        last = np.flatnonzero(there[:, frame])
        yield [
            {key: values[person, frame].T.reshape(-1).tolist() for key, values in poses.items()}
            | {SCORE_KEY: np.round(scores[person, frame].astype(np.float64), 3).tolist()}
            for person in range(last[-1] + 1 if len(last) else 0)
        ]


def _numbers(keypoint: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Rounded coordinates, zeros for missing joints and for these alone."""
    digits = _DIGITS[keypoint.shape[-1]]
    rounded = np.round(keypoint.astype(np.float64), digits)
    seen = score > 0
    at_zero = seen & ~rounded.any(axis=-1)
    rounded[at_zero, 0] = 10.0**-digits
    return np.where(seen[..., None], rounded, 0.0)


def _write(path: Path, content: Mapping) -> None:
    partial = path.with_suffix('.partial')
    partial.write_text(json.dumps(content, separators=(',', ':')), encoding='utf-8')
    os.replace(partial, path)
