"""The skeleton layout of an mmpose model, read from the metadata of its data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmactrep.structures import SkeletonLayout, get_layout, list_layouts

# Data sets' names of joints that have another name in the layouts of mmactrep.
_SYNONYMS = dict(
    root='mid_hip',
    pelvis='mid_hip',
    hip='mid_hip',
    spine='chest',
    belly='chest',
    thorax='neck',
    head_top='head',
    top_head='head',
    head_bottom='upper_neck',
)
# All of Human3.6M's joints have other names.
_BY_DATASET = {'h36m': 'h36m17'}
_ROOTS = ('mid_hip', 'neck', 'nose', 'head')


def layout_from_meta(meta: Mapping) -> tuple[SkeletonLayout, list[int]]:
    """Layout of a model's joints.

    It is a built-in layout if the names and their order match. Otherwise a layout is made from the names and
    the model's skeleton links, as a tree from the middle of the body outwards. Joints without a link to the
    body (face and fingers of whole-body models) are skipped.

    Args:
        meta: mmpose's ``dataset_meta``: ``keypoint_id2name``, ``skeleton_links`` (pairs of numbers),
            ``dataset_name``.

    Returns:
        The layout, and the indices of its joints among the model's, in the layout's order.

    Raises:
        ValueError: If the metadata name no joints, or fewer than two of them are linked.
    """
    names = _joint_names(meta)
    built_in = _BY_DATASET.get(meta.get('dataset_name'))
    if built_in:
        return get_layout(built_in), list(range(len(names)))
    for name in list_layouts():
        if get_layout(name).joints == names:
            return get_layout(name), list(range(len(names)))
    tree = _tree(names, [(int(a), int(b)) for a, b in meta.get('skeleton_links') or ()])
    if len(tree) < 2:
        raise ValueError(
            f"the model's data set '{meta.get('dataset_name')}' has {len(names)} joints and no links between "
            f'them; give the expert a layout'
        )
    keep = sorted(tree)
    parents = {names[child]: names[parent] for child, parent in tree.items() if child != parent}
    name = f'mmpose-{meta.get("dataset_name", "model")}-{len(keep)}'
    return SkeletonLayout(name, tuple(names[joint] for joint in keep), parents), keep


def _joint_names(meta: Mapping) -> tuple[str, ...]:
    by_number = meta.get('keypoint_id2name') or {}
    if not by_number:
        raise ValueError(
            'the model names no joints (dataset_meta has no keypoint_id2name); give the expert a layout'
        )
    given = [by_number[number] for number in sorted(by_number)]
    return tuple(
        _SYNONYMS[name] if name in _SYNONYMS and _SYNONYMS[name] not in given else name for name in given
    )


def _tree(names: Sequence[str], links: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Parent of every joint that the links reach from the middle of the body; the root is its own parent."""
    neighbors: dict[int, list[int]] = {joint: [] for joint in range(len(names))}
    for first, second in links:
        neighbors[first].append(second)
        neighbors[second].append(first)
    root = next((names.index(name) for name in _ROOTS if name in names and neighbors[names.index(name)]), 0)
    parents, queue = {root: root}, [root]
    for joint in queue:  # breadth first: the queue grows during iteration
        for other in neighbors[joint]:
            if other not in parents:
                parents[other] = joint
                queue.append(other)
    return parents
