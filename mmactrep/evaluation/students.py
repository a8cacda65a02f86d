"""Students against the experts that taught them, on pictures with true poses (thesis 3.6, Table 3.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mmactrep.datasets.keypoints.coco_file import read_coco
from mmactrep.files import BadFileError, read_arrays
from mmactrep.pose.aggregation.sst_a import aggregate
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.experts.simulation import EXPERTS
from mmactrep.pose.refinement.depth_pictures import folder_of
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.body_length import body_length

from .aggregation import combine
from .functional import mpjpe, normalized_errors, pckh
from .metrics.student_metric import best_match

_BATCH = 32


@dataclass(frozen=True, eq=False)
class TruePictures:
    """Pictures with one true person each.

    Args:
        layout: Layout of the joints.
        files: Their files.
        clips: Name of the clip of each.
        frames: Number of the frame in it.
        keypoint: (N, V, 2) true joints in pixels.
        score: (N, V).
        box: (N, 4) boxes, x1, y1, x2, y2.
    """

    layout: SkeletonLayout
    files: Sequence[Path]
    clips: Sequence[str]
    frames: np.ndarray
    keypoint: np.ndarray
    score: np.ndarray
    box: np.ndarray

    def __len__(self) -> int:
        return len(self.files)

    def errors(self, keypoint: np.ndarray, score: np.ndarray) -> np.ndarray:
        """Errors (N, V) in head lengths of estimated poses (N, V, 2), scores (N, V)."""
        length = body_length(self.keypoint, self.score, self.layout)
        return normalized_errors(keypoint, self.keypoint, score, self.score, length)

    def batches(self) -> Iterator[tuple[int, list[np.ndarray]]]:
        """Pictures (H, W, 3) uint8, RGB, and the number of the first."""
        for start in range(0, len(self), _BATCH):
            files = self.files[start : start + _BATCH]
            yield start, [_read_picture(file) for file in files]


def read_pictures(root: Path, condition: str, part: str, layout: str | SkeletonLayout) -> TruePictures:
    """Pictures that ``make_depth_pictures.py`` or ``make_rendered_pictures.py`` (``tools/data``) wrote.

    Raises:
        FileNotFoundError: If there are none.
        BadFileError: If a picture has not one person, or no clip and frame.
    """
    path, layout = root / 'annotations' / f'{condition}_{part}.json', get_layout(layout)
    content = read_coco(path, layout)
    people: dict[int, list[Mapping]] = {}
    for annotation in content['annotations']:
        people.setdefault(annotation['image_id'], []).append(annotation)
    rows = []
    for image in content['images']:
        found = people.get(image['id'], [])
        if len(found) != 1 or 'clip' not in image:
            raise BadFileError(
                f'{path}: {image["file_name"]}: expected one person and the clip, found {len(found)} persons'
            )
        rows.append((image, found[0]))
    joints = np.array([person['keypoints'] for _, person in rows]).reshape(len(rows), -1, 3)
    box = np.array([person['bbox'] for _, person in rows], np.float64)
    return TruePictures(
        layout,
        [root / 'pictures' / image['file_name'] for image, _ in rows],
        [image['clip'] for image, _ in rows],
        np.array([image['frame'] for image, _ in rows]),
        joints[..., :2],
        (joints[..., 2] > 0).astype(np.float32),
        np.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], axis=1),
    )


def expert_folders(root: Path, condition: str) -> dict[str, Path]:
    """The folder of every expert's poses, by the expert's name: simulated ones in their order, then others.

    Raises:
        FileNotFoundError: If there are none.
    """
    folder = root / 'experts' / condition
    # without the comma of 'top-down, coarse': tools/reproduce.py reads names of figures
    simulated = {folder_of(name): name.replace(',', '') for name in EXPERTS}
    there = sorted(path.name for path in folder.glob('*') if path.is_dir())
    if not there:
        raise FileNotFoundError(f'{folder}: there are no poses of experts')
    names = [name for name in simulated if name in there] + [name for name in there if name not in simulated]
    return {simulated.get(name, name): folder / name for name in names}


def expert_errors(
    pictures: TruePictures, folders: Mapping[str, Path]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Errors of experts, of the mean and median of their poses, and of SST-A on whole clips.

    Args:
        pictures: The pictures.
        folders: For every expert its folder of ``CLIP.npz``.

    Returns:
        Errors (N, V) by method, and C of SST-A (N,).
    """
    rows: dict[str, list[int]] = {}
    for row, clip in enumerate(pictures.clips):
        rows.setdefault(clip, []).append(row)
    shape = pictures.score.shape
    poses: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    confidence = np.full(len(pictures), np.nan)
    for clip, members in rows.items():
        found = [read_arrays(folder / f'{clip}.npz') for folder in folders.values()]
        votes = np.stack([each['keypoint'][0] for each in found])
        score = np.stack([each['keypoint_score'][0] for each in found])
        result = aggregate(votes, score, pictures.layout)
        methods = dict(zip(folders, zip(votes, score))) | {
            'mean': combine(votes, score),
            'median': combine(votes, score, median=True),
            'SST-A': (result.keypoint, result.score),
        }
        frames = pictures.frames[members]
        for name, (keypoint, seen) in methods.items():
            all_ = poses.setdefault(name, (np.zeros((*shape, 2)), np.zeros(shape)))
            all_[0][members], all_[1][members] = keypoint[frames], seen[frames]
        confidence[members] = result.confidence[frames]
    return {name: pictures.errors(*pose) for name, pose in poses.items()}, confidence


class TrueBoxes:
    """The true boxes of pictures, in order, in place of a detector for top-down students."""

    def __init__(self, box: np.ndarray) -> None:
        self.box, self._next = box, 0

    def __call__(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes (1, 5) of the next pictures."""
        boxes = self.box[self._next : self._next + len(frames)]
        self._next += len(frames)
        return [np.append(box, 1.0)[None].astype(np.float32) for box in boxes]

    def forget(self) -> None:
        """Nothing is kept."""


def student_errors(pictures: TruePictures, student: PoseExpert) -> np.ndarray:
    """Errors (N, V) of a student on single pictures, without any memory of others.

    Of the persons that it finds, the one counts that overlaps the true one most.
    """
    mapping = None
    if student.layout != pictures.layout:
        mapping = student.layout.mapping_to(pictures.layout, allow_missing=True)
    keypoint, score = np.zeros_like(pictures.keypoint), np.zeros_like(pictures.score)
    student.start(None)
    for first, frames in pictures.batches():
        for row, poses in enumerate(student.predict(frames, first), first):
            poses = poses if mapping is None else poses.mapped(mapping)
            match = best_match(pictures.keypoint[row], pictures.score[row], poses.keypoint, poses.score)
            if match is not None:
                keypoint[row], score[row] = poses.keypoint[match], poses.score[match]
    return pictures.errors(keypoint, score)


def figures(errors: np.ndarray, thresholds: Sequence[float]) -> dict[str, float]:
    """PCKh at every threshold, MPJPE and the share of joints that were missed."""
    found = {f'PCKh@{threshold:g}': float(pckh(errors, threshold)) for threshold in thresholds}
    counted = max(int((~np.isnan(errors)).sum()), 1)
    return found | dict(MPJPE=float(mpjpe(errors)), missed=float(np.isinf(errors).sum() / counted))


def _read_picture(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    if picture is None:
        raise BadFileError(f'{path}: cannot be read as a picture')
    return picture[..., ::-1]
