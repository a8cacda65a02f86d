"""Converting captures whose hierarchy differs from what retargeting expects.

Retargeting takes the path of a motion from the root, and the axes of the body from the rest pose. Some
exports have a root that stays in place, with the hips moving below it, and a rest pose in which every bone
lies along its own joint axis. The functions here change how a capture is represented, never where its
joints are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .bvh import Capture, joint_transforms


def rooted_where_it_moves(capture: Capture) -> Capture:
    """The same motion with a root that carries the path.

    Joints at the top of the hierarchy that stay in place and have one child, which moves, are removed; their
    rotation is merged into the new root's.

    Args:
        capture: The motion.

    Returns:
        A capture with the same positions for the remaining joints; the given one if its root moves.
    """
    while len(capture.names) > 1:
        children = np.flatnonzero(capture.parents == 0)
        moves = np.ptp(capture.translations, axis=0).max(axis=-1) > 1e-6
        if moves[0] or len(children) != 1 or not moves[children[0]]:
            return capture
        child = int(children[0])
        rotations, translations = capture.rotations.copy(), capture.translations.copy()
        offset = np.einsum('tij,tj->ti', capture.rotations[:, 0], capture.translations[:, child])
        translations[:, child] = capture.translations[:, 0] + offset
        rotations[:, child] = capture.rotations[:, 0] @ capture.rotations[:, child]
        capture = replace(
            capture,
            names=capture.names[1:],
            parents=np.where(np.arange(len(capture.names)) == child, -1, capture.parents - 1)[1:],
            offsets=capture.offsets[1:],
            rotations=rotations[:, 1:],
            translations=translations[:, 1:],
        )
    return capture


def rested_in_first_frame(
    capture: Capture, offsets: np.ndarray, turn: np.ndarray | None = None
) -> tuple[Capture, np.ndarray]:
    """The same motion with its first frame as the rest pose.

    With G_j(t) the orientation of joint j in the world and Y the turn, the offset of a joint becomes
    Y G_parent(0) o_j and its orientation G_j(t) G_j(0)^-1 Y^-1; joint positions do not change.

    Args:
        capture: The motion.
        offsets: (J, 3) offsets of its joints from their parents, 0 for the root.
        turn: (3, 3) rotation Y of the whole rest pose, to align a body that faces any direction with the
            axes. Default: none.

    Returns:
        The capture and the offsets in the new rest pose.
    """
    turn = np.eye(3) if turn is None else turn
    is_root = capture.parents < 0
    above = np.where(is_root, 0, capture.parents)
    translations = np.broadcast_to(offsets, (len(capture), *offsets.shape))
    _, turned = joint_transforms(capture.rotations, translations, capture.parents)
    rest = turn @ turned[0]
    rested = np.where(is_root[:, None], offsets, np.einsum('jik,jk->ji', rest[above], offsets))
    orientations = turned @ np.swapaxes(rest, -1, -2)
    before = np.where(is_root[:, None, None], np.eye(3), orientations[:, above])
    rotations = np.swapaxes(before, -1, -2) @ orientations
    moved = np.where(is_root[:, None], capture.translations, rested)
    return replace(capture, offsets=rested, rotations=rotations, translations=moved), rested
