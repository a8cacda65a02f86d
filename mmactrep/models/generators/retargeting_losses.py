"""Losses of motion retargeting besides Eq. 4.4 (thesis 4.3.1): two of the release, and three new ones, on the
path, the movement and the codes of generated sequences."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mmactrep.models.layers.orthogonal_dictionary import MotionCode
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.motion_representation import from_motion, motion_root

_LEAST_MOVEMENT = 0.02  # share of the body's size
_FOOT_PARTS = ('ankle', 'heel', 'foot', 'big_toe', 'small_toe')


def foot_joints(layout: SkeletonLayout) -> list[int]:
    """Joints of both feet, including the ankles.

    Raises:
        ValueError: If the layout has none.
    """
    joints = [i for i, name in enumerate(layout.joints) if name.split('_', 1)[-1] in _FOOT_PARTS]
    if not joints:
        raise ValueError(f"layout '{layout.name}' has no joint of a foot; it has {layout.joints}")
    return joints


def foot_velocity_loss(prediction: Tensor, target: Tensor, layout: SkeletonLayout) -> Tensor:
    """Mean squared difference of the feet's velocities, which keeps feet from sliding.

    Velocities are those of the coordinates, including the root's motion. The loss is relative to the
    power of the target's, so that its weight does not depend on the library's unit.

    Args:
        prediction: (N, V·C, T) motion in the library's unit, not standardized; T of 2 or more.
        target: The same.
        layout: Layout of the skeletons.
    """
    feet = foot_joints(layout)
    predicted, true = (
        from_motion(motion, layout)[..., feet, :].diff(dim=-3) for motion in (prediction, target)
    )
    return _share_of_power(predicted, true)


def path_loss(prediction: Tensor, target: Tensor, layout: SkeletonLayout) -> Tensor:
    """Mean squared distance between the roots' paths, each relative to its start.

    Eq. 4.4 compares the root's velocity frame by frame, where a small lasting error costs little but adds up
    to a large distance. The loss is relative to the power of the target's path, so that its weight does not
    depend on the library's unit.

    Args:
        prediction: (N, V·C, T) motion in the library's unit, not standardized; T of 2 or more.
        target: The same.
        layout: Layout of the skeletons.
    """
    root = motion_root(layout)
    predicted, true = (from_motion(motion, layout)[..., root, :] for motion in (prediction, target))
    return _share_of_power(predicted, true)


def movement_loss(prediction: Tensor, target: Tensor, layout: SkeletonLayout, dims: int) -> Tensor:
    """Mean squared error of the joints' movement about their means, relative to the movement of each target.

    Eq. 4.4 is a mean over all channels, to which a person who only moves a hand contributes next to nothing:
    the generator then reproduces the pose but not the movement. Here every sequence has the same weight.

    Args:
        prediction: (N, V·C, T) motion in the library's unit, not standardized.
        target: The same.
        layout: Layout of the skeletons.
        dims: C; the last C channels, the root's velocity, are ignored.
    """
    made, true = prediction[:, :-dims], target[:, :-dims]
    size = true.square().mean(dim=(1, 2))
    made, true = (x - x.mean(dim=2, keepdim=True) for x in (made, true))
    # for a person who hardly moves, the loss would ask for noise
    power = torch.maximum(true.square().mean(dim=(1, 2)), _LEAST_MOVEMENT * size)
    return ((made - true).square().mean(dim=(1, 2)) / power.clamp_min(1e-12)).mean()


def code_cycle_loss(
    source: MotionCode,
    driver: MotionCode,
    source_on_driver: MotionCode,
    driver_on_source: MotionCode,
) -> Tensor:
    """Distance between codes and the codes of the sequences generated from them.

    A sequence generated with the motion of one sequence and the static of another should have the first's
    motion code and the second's static code. Errors are relative to the squared distance between the two
    sequences' codes, so the weight does not depend on the scale of the codes.

    Args:
        source: Codes of p(m, c).
        driver: Codes of p(m', c').
        source_on_driver: Codes of the generated p(m, c').
        driver_on_source: Codes of the generated p(m', c).

    Returns:
        The sum of motion and static.
    """
    loss = torch.zeros((), device=source.motion.device)
    for part, (first, second) in dict(
        motion=(source_on_driver, driver_on_source), static=(driver_on_source, source_on_driver)
    ).items():
        before = torch.cat([getattr(source, part), getattr(driver, part)])
        again = torch.cat([getattr(first, part), getattr(second, part)])
        # not detached: with a constant scale all codes would shrink to zero
        apart = F.mse_loss(getattr(source, part), getattr(driver, part)).clamp_min(1e-12)
        loss = loss + F.mse_loss(again, before) / apart
    return loss


def code_triplet_loss(
    source: MotionCode,
    driver: MotionCode,
    source_on_driver: MotionCode,
    driver_on_source: MotionCode,
    margin: float = 1.0,
) -> Tensor:
    """Triplet loss on both codes, with the cross pairs as positives.

    p(m, c') shares its motion with p(m, c) and its static with p(m', c'). So its motion code should be nearer
    to the first's than to the second's, and its static code nearer to the second's:
    ``max(0, |A_m(m, c') - A_m(m, c)| - |A_m(m, c') - A_m(m', c')| + margin)`` and
    ``max(0, |A_c(m, c') - A_c(m', c')| - |A_c(m, c') - A_c(m, c)| + margin)``; and the same two for
    p(m', c). Distances are Euclidean, those of motion at every step.

    Args:
        source: Codes of p(m, c).
        driver: Codes of p(m', c').
        source_on_driver: Codes of p(m, c').
        driver_on_source: Codes of p(m', c).
        margin: Defaults to 1.

    Returns:
        The mean over sequences, steps and the two crossed sequences; the sum of motion and static.
    """
    loss = torch.zeros((), device=source.motion.device)
    crossed = ((source_on_driver, source, driver), (driver_on_source, driver, source))
    for anchor, same_motion, same_static in crossed:
        steps = (code.motion.transpose(1, 2) for code in (anchor, same_motion, same_static))
        loss = loss + F.triplet_margin_loss(*steps, margin=margin)
        statics = anchor.static, same_static.static, same_motion.static
        loss = loss + F.triplet_margin_loss(*statics, margin=margin)
    return loss / len(crossed)


def _share_of_power(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared error divided by the mean square of the target."""
    return F.mse_loss(prediction, target) / target.detach().square().mean().clamp_min(1e-12)
