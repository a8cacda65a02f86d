"""Input streams derived from joints: bones, and the motion of either."""

from __future__ import annotations

import numpy as np

from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout

from .base import SkeletonTransform, check_choice, mask_missing, read_layout

STREAMS = ('joint', 'bone', 'motion', 'bone_motion')


def to_bones(
    keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout, root: str = 'coordinate'
) -> tuple[np.ndarray, np.ndarray]:
    """Vectors from parent to child, each stored at the child's index.

    Args:
        keypoint: (..., V, C) coordinates.
        score: (..., V), 0 where a joint is missing.
        layout: Names the parents.
        root: What is stored for the joint that is not a child: its own ``'coordinate'`` (as in the
            authors' bone data) or ``'zero'``.

    Returns:
        Bones (..., V, C) and their scores (..., V), the lesser of the two ends': a bone with a missing end is
        missing.
    """
    check_choice('root', root, ('coordinate', 'zero'))
    parents = list(layout.parent_indices)
    score_of_bones = np.minimum(score, score[..., parents])
    bones = keypoint - keypoint[..., parents, :]
    if root == 'coordinate':
        bones[..., layout.root, :] = keypoint[..., layout.root, :]
    return mask_missing(bones, score_of_bones), score_of_bones


def to_differences(keypoint: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences from each frame to the next, x[t + 1] - x[t]; 0 in the last frame.

    Args:
        keypoint: (..., T, V, C) coordinates.
        score: (..., T, V), 0 where a joint is missing.

    Returns:
        Motion (..., T, V, C) and its scores (..., T, V), the lesser of the two frames' and 0 in the last one.
    """
    motion = np.zeros_like(keypoint)
    score_of_motion = np.zeros_like(score)
    motion[..., :-1, :, :] = keypoint[..., 1:, :, :] - keypoint[..., :-1, :, :]
    score_of_motion[..., :-1, :] = np.minimum(score[..., 1:, :], score[..., :-1, :])
    return mask_missing(motion, score_of_motion), score_of_motion


@TRANSFORMS.register_module()
class SkeletonStream(SkeletonTransform):
    """Joints, bones (child minus parent, from the layout), or the motion of either, x[t + 1] - x[t].

    Apply it after the frames are selected, so that motion is that of the frames seen. With ``num_clips`` in
    the dictionary motion does not cross from one clip into the next.

    Args:
        stream: ``'joint'``, ``'bone'``, ``'motion'`` or ``'bone_motion'``. Default: what the data set asks
            for (``results['stream']``), else the joints.
        root: What the bone stream has for the joint that is not a child: its ``'coordinate'`` or ``'zero'``.
        layout: Layout where the clip names none.
    """

    def __init__(
        self,
        stream: str | None = None,
        root: str = 'coordinate',
        layout: str | SkeletonLayout | None = None,
    ) -> None:
        if stream is not None:
            check_choice('stream', stream, STREAMS)
        check_choice('root', root, ('coordinate', 'zero'))
        self.stream = stream
        self.root = root
        self.layout = layout

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`to_bones` and :func:`to_differences`."""
        stream = self.stream or results.get('stream', 'joint')
        check_choice('stream', stream, STREAMS)
        if stream.startswith('bone'):
            keypoint, score = to_bones(keypoint, score, read_layout(results, self.layout), self.root)
        if stream.endswith('motion'):
            persons, frames, joints, channels = keypoint.shape
            clips = results.get('num_clips', 1)
            motion, score = to_differences(
                keypoint.reshape(persons, clips, frames // clips, joints, channels),
                score.reshape(persons, clips, frames // clips, joints),
            )
            keypoint, score = (
                motion.reshape(persons, frames, joints, channels),
                score.reshape(persons, frames, joints),
            )
        return keypoint, score
