"""COCO's format of 2D poses in pictures, with the joints of any layout.

The file is what mmpose's and mmdet's COCO data sets read. Beside COCO's own keys, ``info`` names the layout,
and an annotation of pseudo truth has its ``confidence``, C of Eq. 3.4.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mmactrep.files import BadFileError, read_json, shown
from mmactrep.structures import JointMapping, SkeletonLayout, get_layout

#: Boxes exceed the joints by this share of their size (thesis 3.3.3).
GROWTH = 0.1
# Spread of a joint's annotations as a share of the body's size, for OKS; COCO's mean over the limbs.
_SIGMA = 0.08


def grown_box(
    keypoint: np.ndarray, score: np.ndarray, size: tuple[int, int], growth: float = GROWTH
) -> np.ndarray:
    """Pseudo-true box of a pose: the limits of its joints, expanded, cut at the picture (thesis 3.3.3).

    Args:
        keypoint: (V, 2) in pixels.
        score: (V,), 0 where a joint is missing.
        size: (H, W) of the picture.
        growth: By how much the box exceeds the joints' limits, as a share of its width and height.

    Returns:
        (4,) float64 x1, y1, x2, y2; zeros if no joint is seen or the box is outside the picture.
    """
    points = np.asarray(keypoint, np.float64)[np.asarray(score) > 0]
    if not len(points):
        return np.zeros(4)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = (high - low) * growth / 2
    limit = np.array(size[::-1], np.float64)
    low, high = np.clip(low - margin, 0, limit), np.clip(high + margin, 0, limit)
    return np.concatenate([low, high]) if (high > low).all() else np.zeros(4)


def annotate(
    keypoint: np.ndarray,
    score: np.ndarray,
    box: np.ndarray,
    confidence: float | None = None,
    ignored: bool = False,
) -> dict:
    """One person's annotation, without the numbers of the picture and of itself.

    Args:
        keypoint: (V, 2) in pixels.
        score: (V,), 0 where a joint is missing.
        box: (4,) x1, y1, x2, y2.
        confidence: C of Eq. 3.4, for pseudo truth.
        ignored: Whether training should leave this person out: neither truth nor background. COCO's key for
            it, ``iscrowd``, has that effect in mmdet and mmpose.
    """
    seen = np.asarray(score) > 0
    points = np.where(seen[:, None], np.asarray(keypoint, np.float64), 0)
    triples = np.concatenate([points.round(2), 2.0 * seen[:, None]], axis=1)
    x1, y1, x2, y2 = (round(float(value), 2) for value in box)
    found = dict(
        category_id=1,
        bbox=[x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
        area=round((x2 - x1) * (y2 - y1), 2),
        iscrowd=int(ignored),
        keypoints=triples.ravel().tolist(),
        num_keypoints=int(seen.sum()),
    )
    if confidence is not None:
        found['confidence'] = round(float(confidence), 4)
    return found


def coco_content(
    layout: SkeletonLayout,
    pictures: Sequence[tuple[Mapping, Sequence[Mapping]]],
    info: Mapping | None = None,
) -> dict:
    """Content of a file.

    Args:
        layout: Layout of the joints.
        pictures: For every picture its ``file_name``, ``width``, ``height`` and what else is known of it, and
            its persons by :func:`annotate`.
        info: What is known about the whole.

    Returns:
        Plain data; pictures and persons are numbered from 1.
    """
    images, annotations = [], []
    for number, (picture, persons) in enumerate(pictures, 1):
        images.append(dict(id=number, **picture))
        annotations += [dict(person, image_id=number) for person in persons]
    for number, annotation in enumerate(annotations, 1):
        annotation['id'] = number
    category = dict(
        id=1,
        name='person',
        keypoints=list(layout.joints),
        skeleton=[[child + 1, parent + 1] for child, parent in layout.bones],
    )
    return dict(
        info={**(info or {}), 'layout': layout.name},
        images=images,
        annotations=annotations,
        categories=[category],
    )


def write_coco(path: str | os.PathLike, content: Mapping) -> None:
    """Write a file; it is there only when it is complete."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'{path.name}.partial')
    partial.write_text(json.dumps(content), encoding='utf-8')
    os.replace(partial, path)


def read_coco(path: str | os.PathLike, layout: str | SkeletonLayout) -> dict:
    """Read a file and check that its poses are of a layout.

    Raises:
        FileNotFoundError: If there is none.
        BadFileError: If it is no COCO file with persons, or of another layout; the message names a picture
            whose annotation does not fit.
    """
    layout, content = get_layout(layout), read_json(path)
    parts = ('images', 'annotations', 'categories')
    if not isinstance(content, dict) or not all(isinstance(content.get(part), list) for part in parts):
        raise BadFileError(f"{path}: expected a COCO file with 'images', 'annotations' and 'categories'")
    people = [each for each in content['categories'] if isinstance(each, dict) and each.get('keypoints')]
    if not people:
        raise BadFileError(f"{path}: no category has 'keypoints': these are no annotations of poses")
    joints = tuple(map(str, people[0]['keypoints']))
    if joints != layout.joints:
        raise BadFileError(
            f"{path}: expected poses of layout '{layout.name}' ({_listed(layout.joints)}), "
            f'found {len(joints)} joints ({_listed(joints)})'
        )
    pictures = {_number_of(path, number, image) for number, image in enumerate(content['images'])}
    for number, annotation in enumerate(content['annotations']):
        found = annotation.get('keypoints') if isinstance(annotation, dict) else None
        if isinstance(annotation, dict) and (lacks := _lacks(annotation, pictures)):
            raise BadFileError(f'{path}: annotation {number}: {lacks}')
        if not isinstance(found, list) or len(found) != 3 * layout.num_joints:
            raise BadFileError(
                f'{path}: annotation {number} (picture {_of(annotation, "image_id")}): expected '
                f'{layout.num_joints} joints as x, y, v, found '
                + (f'{len(found)} numbers' if isinstance(found, list) else "no 'keypoints'")
            )
    if not content['annotations']:
        raise BadFileError(f'{path}: there are no persons in it')
    return content


def map_joints(triples: Sequence[float], mapping: JointMapping | None) -> np.ndarray:
    """Joints (V, 3) float32 x, y, seen (0 or 1) of an annotation, in the layout to which a mapping leads."""
    joints = np.array(triples, np.float32).reshape(-1, 3)
    keypoint, score = joints[:, :2], np.minimum(joints[:, 2], 1)
    if mapping is not None:
        keypoint, score = mapping(keypoint, score)
    keypoint = np.where((score > 0)[:, None], keypoint, 0)
    return np.concatenate([keypoint, (score > 0)[:, None]], axis=1, dtype=np.float32)


def mapping_from(
    source: str | SkeletonLayout | None, layout: SkeletonLayout
) -> tuple[SkeletonLayout, JointMapping | None]:
    """The layout of a file, and the mapping from it to that of a student, None where they are the same."""
    source = layout if source is None else get_layout(source)
    return source, None if source == layout else source.mapping_to(layout)


def mmpose_metainfo(layout: SkeletonLayout) -> dict:
    """What mmpose wants to know about the joints of a layout; see ``parse_pose_metainfo``."""
    flipped = layout.flip_order
    lower = ('hip', 'knee', 'ankle', 'foot', 'heel', 'toe')
    joints = {
        i: dict(
            name=joint,
            id=i,
            type='lower' if any(part in joint for part in lower) else 'upper',
            swap=layout.joints[flipped[i]] if flipped[i] != i else '',
        )
        for i, joint in enumerate(layout.joints)
    }
    links = {
        i: dict(id=i, link=(layout.joints[child], layout.joints[parent]))
        for i, (child, parent) in enumerate(layout.bones)
    }
    return dict(
        dataset_name=layout.name,
        keypoint_info=joints,
        skeleton_info=links,
        joint_weights=[1.0] * layout.num_joints,
        sigmas=[_SIGMA] * layout.num_joints,
    )


def _number_of(path: str | os.PathLike, number: int, image: object) -> object:
    """The ``id`` of a picture that has what the data sets read."""
    lacking = [key for key in ('id', 'file_name', 'width', 'height') if _of(image, key) == '?']
    if lacking:
        raise BadFileError(f"{path}: picture {number} has no '{lacking[0]}'")
    return image['id']


def _lacks(annotation: Mapping, pictures: set) -> str:
    """What an annotation lacks that the data sets read, as the end of a message; empty if nothing."""
    box = annotation.get('bbox')
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(each, (int, float)) for each in box):
        return f"expected 'bbox' as x, y, width, height, found {shown(box, 60)}"
    absent = [key for key in ('area', 'category_id') if key not in annotation]
    if absent:
        return f"it has no '{absent[0]}'"
    picture = annotation.get('image_id')
    return '' if picture in pictures else f'there is no picture {shown(picture, 60)}'


def _listed(joints: Sequence[str]) -> str:
    return ', '.join(joints[:4]) + (', ...' if len(joints) > 4 else '')


def _of(annotation: object, key: str) -> object:
    return annotation.get(key, '?') if isinstance(annotation, dict) else '?'


class LayoutCocoFile:
    """What data sets of COCO files share: two layouts, and a file that is checked before it is loaded."""

    def set_layouts(self, layout: str | SkeletonLayout, source: str | SkeletonLayout | None) -> None:
        """Note the student's layout, the file's, and how joints of the one are found in the other."""
        self.layout = get_layout(layout)
        self._source, self._mapping = mapping_from(source, self.layout)

    def load_data_list(self) -> list[dict]:
        """Load the file; it is checked first."""
        read_coco(self.ann_file, self._source)
        return super().load_data_list()
