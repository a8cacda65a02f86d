"""Detections in JSON: AlphaPose, COCO results and annotations, mmpose's inferencer and demos."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from mmactrep.files import BadFileError, reading, shown
from mmactrep.structures import SkeletonLayout, get_layout

from .mmpose_layout import layout_from_meta
from .picture_names import number_pictures
from .pose_formats import PoseFile, Row, collect, layout_of, read_numbers, summarize, triples

# Layouts by joints per person.
_LAYOUTS = {17: get_layout('coco17'), 26: get_layout('halpe26')}
# Number of leading joints that are read of whole bodies, COCO-WholeBody's and Halpe's.
_BODY_OF = {133: 17, 136: 26}
# Names that data sets of videos have for the video of a picture.
_VIDEO_KEYS = ('video_id', 'vid_id')


def parse_detections(
    content: Sequence[dict], layout: SkeletonLayout | None = None, path: str | os.PathLike = ''
) -> PoseFile:
    """AlphaPose and COCO results: a list of ``{"image_id", "keypoints": [x, y, score, ...], "score"}``.

    The frame is ``image_id``, see :func:`~.picture_names.number_pictures`. Joints are COCO's 17 or Halpe's
    26; of whole bodies, 133 and 136, the first 17 and 26 are read. Persons of a frame are ordered by score,
    best first.

    Args:
        content: Content of the JSON file.
        layout: Layout of the joints. Default: from their number.
        path: For messages.

    Raises:
        BadFileError: See :func:`read_poses`.
    """
    scores, persons = [], []
    for number, entry in enumerate(content):
        where = f'{path}: entry {number}'
        if not isinstance(entry, dict) or 'image_id' not in entry:
            raise BadFileError(f"{where}: expected 'image_id' and 'keypoints', found {summarize(entry)}")
        scores.append(_score(entry, 'score', where))
        persons.append(_body(triples(entry, 'keypoints', where)))
    frames = number_pictures([entry['image_id'] for entry in content], path)
    rows = _best_first(frames, scores, persons)
    return collect(rows, _layout(rows, layout, path), path)


def parse_annotations(
    content: Mapping, layout: SkeletonLayout | None = None, path: str | os.PathLike = ''
) -> PoseFile:
    """COCO annotations: ``{"images": [...], "annotations": [...], "categories": [...]}`` of one video.

    The frame is the picture's ``frame_id`` if it has one, else the number in its ``file_name``, else its
    ``id``. The layout follows from the joint names of the categories, or from the number of joints. A labeled
    joint has score 1, visible or not.

    Args:
        content: Content of the JSON file.
        layout: Layout of the joints. Default: see above.
        path: For messages.

    Raises:
        BadFileError: See :func:`read_poses`; also if the pictures are of several sizes or videos.
    """
    images = _entries(content, 'images', path)
    frames = _frames_of(images, path)
    rows, categories = [], set()
    for number, entry in enumerate(_entries(content, 'annotations', path)):
        where = f'{path}: annotation {number}'
        if 'keypoints' not in entry:  # a box without joints
            continue
        if not isinstance(entry.get('image_id'), (int, str)) or entry['image_id'] not in frames:
            raise BadFileError(f'{where}: no such picture: {shown(entry.get("image_id"))}')
        joints = triples(entry, 'keypoints', where)
        visibility = joints[:, 2]  # 0 not labeled, 1 hidden, 2 visible
        rows.append((frames[entry['image_id']], np.c_[joints[:, :2], np.minimum(visibility, 1)]))
        categories.add(shown(entry.get('category_id')))
    if images and not rows and content.get('annotations'):
        raise BadFileError(f"{path}: none of its annotations has 'keypoints'")
    if layout is None:
        meta = _category_meta(content.get('categories'), categories)
        layout, rows = _layout_from_names(meta, rows, path)
    rows = [(frame, _body(joints)) for frame, joints in rows]
    return collect(rows, _layout(rows, layout, path), path, _size_of(images, path))


def parse_mmpose(
    content: Sequence | Mapping, layout: SkeletonLayout | None = None, path: str | os.PathLike = ''
) -> PoseFile:
    """mmpose's predictions: a list of ``{"frame_id", "instances": [{"keypoints", "keypoint_scores"}]}``.

    This is what ``MMPoseInferencer`` writes for a video. mmpose's demos write the same under
    ``instance_info``, with the names of the joints in ``meta_info``, and count frames from 1. For a single
    picture there is only the list of instances, which becomes frame 0.

    Args:
        content: Content of the JSON file.
        layout: Layout of the joints. Default: from their names, else from their number.
        path: For messages.

    Raises:
        BadFileError: See :func:`read_poses`.
    """
    meta = content.get('meta_info') if isinstance(content, Mapping) else None
    if isinstance(content, Mapping):
        content = _entries(content, 'instance_info', path)
    if content and isinstance(content[0], dict) and 'instances' not in content[0]:
        content = [dict(frame_id=0, instances=content)]
    for number, entry in enumerate(content):
        if not isinstance(entry, dict) or not isinstance(entry.get('instances'), list):
            raise BadFileError(
                f"{path}: entry {number}: expected 'frame_id' and 'instances', found {summarize(entry)}"
            )
    frames = number_pictures([entry.get('frame_id') for entry in content], path, 'frame_id')
    if len(set(frames)) < len(frames):
        twice = Counter(frames).most_common(1)[0][0]
        raise BadFileError(f'{path}: expected the frames of one video, found frame {twice} twice')
    numbers, scores, persons = [], [], []
    for frame, entry in zip(frames, content):
        for instance in entry['instances']:
            where = f'{path}: frame {frame}'
            persons.append(_instance(instance, where))
            scores.append(_score(instance, 'bbox_score', where))
            numbers.append(frame)
    rows = _best_first(numbers, scores, persons)
    if layout is None and isinstance(meta, Mapping) and isinstance(meta.get('keypoint_id2name'), Mapping):
        with reading(path, "names of joints in 'meta_info'"):
            named = {int(number): str(name) for number, name in meta['keypoint_id2name'].items()}
            links = list(meta.get('skeleton_links') or ())
            meta = dict(keypoint_id2name=named, skeleton_links=links, dataset_name=meta.get('dataset_name'))
            layout, rows = _layout_from_names(meta, rows, path)
    rows = [(frame, _body(joints)) for frame, joints in rows]
    return collect(rows, _layout(rows, layout, path), path)


def _instance(instance: object, where: str) -> np.ndarray:
    """(V, 3) of an instance, whose joints are separate lists."""
    joints = read_numbers(instance, 'keypoints', where)
    scores = read_numbers(instance, 'keypoint_scores', where)
    dims = len(joints) / max(len(scores), 1)
    if dims == 3:
        raise BadFileError(f"{where}: expected 2D poses, found 'keypoints' in 3D")
    if not len(joints) or dims != 2:
        raise BadFileError(
            f"{where}: expected x, y of each joint in 'keypoints' and as many 'keypoint_scores', "
            f'found {len(joints)} and {len(scores)} numbers'
        )
    return np.c_[joints.reshape(-1, 2), scores]


def _score(entry: Mapping, key: str, where: str) -> float:
    """A person's score; 0 if there is none."""
    score = entry.get(key, 0)
    if isinstance(score, list) and len(score) == 1:
        score = score[0]
    if type(score) not in (int, float) or not -1e300 < score < 1e300:
        raise BadFileError(f"{where}: expected a number as '{key}', found {shown(score)}")
    return float(score)


def _best_first(frames: Sequence[int], scores: Sequence[float], persons: Sequence[np.ndarray]) -> list[Row]:
    order = sorted(range(len(frames)), key=lambda k: (frames[k], -scores[k]))
    return [(frames[k], persons[k]) for k in order]


def _body(joints: np.ndarray) -> np.ndarray:
    return joints[: _BODY_OF.get(len(joints))]


def _layout(rows: Sequence[Row], layout: SkeletonLayout | None, path: str | os.PathLike) -> SkeletonLayout:
    return layout_of(rows, layout, _LAYOUTS, path) if rows else layout or _LAYOUTS[17]


def _entries(content: Mapping, key: str, path: str | os.PathLike) -> list[dict]:
    entries = content.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadFileError(f"{path}: expected a list of dictionaries '{key}', found {summarize(entries)}")
    return entries


def _frames_of(images: Sequence[dict], path: str | os.PathLike) -> dict[int | str, int]:
    """Frame number of each picture by its id."""
    ids = [image.get('id') for image in images]
    if any(isinstance(each, bool) or not isinstance(each, (int, str)) for each in ids):
        raise BadFileError(f"{path}: expected a number or a text as the 'id' of every picture")
    if len(set(ids)) < len(ids):
        raise BadFileError(f"{path}: expected an 'id' of its own for every picture, found one twice")
    videos = {shown(image[key]) for image in images for key in _VIDEO_KEYS if key in image}
    if len(videos) > 1:
        raise BadFileError(
            f'{path}: expected the pictures of one video, found {len(videos)}. '
            'Give the file of a single video'
        )
    for key in ('frame_id', 'file_name', 'id'):
        if key == 'id' or all(key in image for image in images):
            numbers = number_pictures([image[key] for image in images], path, key)
            break
    if len(set(numbers)) < len(numbers):
        raise BadFileError(f"{path}: expected the pictures of one video, found a number of '{key}' twice")
    return dict(zip(ids, numbers))


def _size_of(images: Sequence[dict], path: str | os.PathLike) -> tuple[int, int] | None:
    """(H, W) of all pictures, if the file has it."""
    sizes = {(image.get('height'), image.get('width')) for image in images if _is_size(image)}
    if len(sizes) > 1:
        one, other = sorted(sizes)[:2]
        raise BadFileError(
            f'{path}: expected the pictures of one video, found sizes {one[1]} x {one[0]} and '
            f'{other[1]} x {other[0]}'
        )
    return next(iter(sizes)) if sizes and all(map(_is_size, images)) else None


def _is_size(image: Mapping) -> bool:
    return all(type(image.get(key)) is int and 0 < image[key] < 10**6 for key in ('height', 'width'))


def _category_meta(categories: object, used: set[str]) -> dict | None:
    """Names and links of the joints of the used category, in mmpose's form; None without names."""
    found = [
        category
        for category in (categories if isinstance(categories, list) else ())
        if isinstance(category, dict) and category.get('keypoints') and shown(category.get('id')) in used
    ]
    if not found:
        return None
    names, links = found[0]['keypoints'], found[0].get('skeleton') or ()
    return dict(
        keypoint_id2name=dict(enumerate(names)),
        # COCO counts joints from 1 there
        skeleton_links=[(int(a) - 1, int(b) - 1) for a, b in links],
        dataset_name='categories',
    )


def _layout_from_names(
    meta: Mapping | None, rows: list[Row], path: str | os.PathLike
) -> tuple[SkeletonLayout | None, list[Row]]:
    """Layout from the joint names, and the persons reduced to its joints; None without names."""
    if meta is None or len(meta['keypoint_id2name']) in _BODY_OF:
        return None, rows
    with reading(path, 'joints with names and links; name the layout'):
        layout, kept = layout_from_meta(meta)
    count = len(meta['keypoint_id2name'])
    for frame, joints in rows:
        if len(joints) != count:
            raise BadFileError(f'{path}: frame {frame}: {count} joints have names, found {len(joints)}')
    return layout, [(frame, joints[kept]) for frame, joints in rows]
