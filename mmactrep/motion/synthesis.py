"""Motions on other bodies and from other views, drawn anew for every batch: pure functions on tensors.

Libraries (:mod:`mmactrep.motion.library`) contain motions on a few bodies. Here one body is enough: another
body has the same bone directions with other lengths. Axes are those of libraries: meters, y up, and a body
facing +z has +x to its left.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from mmactrep.structures import SkeletonLayout

#: Joint to the spread of its bone's length, as a share; both sides of a body are the same.
_SPREADS = dict(
    hip=0.28,
    knee=0.12,
    ankle=0.1,
    shoulder=0.25,
    elbow=0.12,
    wrist=0.1,
    head=0.2,
    nose=0.2,
    chest=0.08,
    neck=0.08,
)
# a bone whose length follows the one above: long thighs come with long shins
_FOLLOWS = dict(ankle='knee', wrist='elbow', nose='head', neck='chest')
_SMALL_SHARE = 0.08  # of the bodies are those of children
_NEAREST = 0.25  # nothing comes nearer to a camera than this share of its distance


class Bodies(NamedTuple):
    """Bodies relative to the one on which motions are stored.

    Attributes:
        bones: (N, V) factors on the length of the bone from each joint to its parent.
        legs: (N,) factor on the path of the root.
    """

    bones: Tensor
    legs: Tensor


class CameraBatch(NamedTuple):
    """One camera per sequence.

    Attributes:
        axes: (N, 3, 3) right, down and forward of the image, as rows.
        distance: (N,) meters to the middle of the path; infinite for parallel projection.
        scale: (N,) factor on the size of the image.
    """

    axes: Tensor
    distance: Tensor
    scale: Tensor


@lru_cache
def _between(layout: SkeletonLayout) -> tuple[tuple[float, ...], ...]:
    """Which bones, by their lower joints, lie between each joint (row) and the root."""
    parents = layout.parent_indices
    rows = []
    for joint in range(layout.num_joints):
        row = [0.0] * layout.num_joints
        while parents[joint] != joint:
            row[joint] = 1.0
            joint = parents[joint]
        rows.append(tuple(row))
    return tuple(rows)


def bones_of(positions: Tensor, layout: SkeletonLayout) -> Tensor:
    """From every joint's parent to the joint, (..., V, C); 0 for the root."""
    return positions - positions[..., list(layout.parent_indices), :]


def joints_of(bones: Tensor, root: Tensor, layout: SkeletonLayout) -> Tensor:
    """Inverse of :func:`bones_of`, from the position of the root (..., C)."""
    between = bones.new_tensor(_between(layout))
    return torch.einsum('jb,...bc->...jc', between, bones) + root[..., None, :]


def draw_bodies(count: int, layout: SkeletonLayout, device: torch.device | None = None) -> Bodies:
    """Draw bodies: heights, and the proportions of limbs, trunk, head, shoulders and hips."""

    def spread(share: float) -> Tensor:
        # the mean of two uniform draws: most people are ordinary, nobody is absurd
        return 1 + share * (torch.rand(count, device=device) + torch.rand(count, device=device) - 1)

    small = torch.rand(count, device=device) < _SMALL_SHARE
    height = torch.where(small, 0.75 * spread(0.16), spread(0.16))
    own = {part: spread(share) for part, share in _SPREADS.items()}
    bones = torch.ones(count, layout.num_joints, device=device)
    for i, joint in enumerate(layout.joints):
        part = joint.split('_', 1)[-1]
        if part in own:
            above = own[_FOLLOWS[part]] if part in ('ankle', 'wrist') else 1.0
            same = own[_FOLLOWS[part]] if part in ('nose', 'neck') else own[part]
            bones[:, i] = above * same
    return Bodies(bones * height[:, None], height * own['knee'])


def embody(positions: Tensor, bodies: Bodies, layout: SkeletonLayout) -> Tensor:
    """Motions (N, T, V, 3) on other bodies: the same bone directions, other lengths."""
    root = positions[:, :, layout.root] * bodies.legs[:, None, None]
    bones = bones_of(positions, layout) * bodies.bones[:, None, :, None]
    return joints_of(bones, root, layout)


def swap_upper_bodies(positions: Tensor, others: Tensor, layout: SkeletonLayout) -> Tensor:
    """Trunk, head and arms of other motions on the legs and paths of these.

    Upper bodies are turned about the vertical with the hips that they sit on.

    Args:
        positions: (N, T, V, 3).
        others: The same shape, for instance ``positions`` in another order.
        layout: Layout of the joints, with hips.
    """
    legs = {'mid_hip', *(f'{side}_{part}' for side in ('left', 'right') for part in ('hip', 'knee', 'ankle'))}
    upper = [i for i, joint in enumerate(layout.joints) if joint not in legs]
    bones, lent = bones_of(positions, layout), bones_of(others, layout)
    turn = _heading(bones, layout) - _heading(lent, layout)
    cos, sin = turn.cos()[..., None], turn.sin()[..., None]
    x, y, z = lent[:, :, upper].unbind(-1)
    bones = bones.clone()
    bones[:, :, upper] = torch.stack([x * cos - z * sin, y, x * sin + z * cos], dim=-1)
    return joints_of(bones, positions[:, :, layout.root], layout)


def _heading(bones: Tensor, layout: SkeletonLayout) -> Tensor:
    """Angle (N, T) of the line from right to left hip about the vertical."""
    across = bones[:, :, layout.index('left_hip')] - bones[:, :, layout.index('right_hip')]
    return torch.atan2(across[..., 2], across[..., 0])


class Tumbles(NamedTuple):
    """Rotations of whole bodies about a horizontal axis, one per sequence.

    Attributes:
        axis: (N,) angle about the vertical from the line of the hips in the first frame to the axis, radians.
        angle: (N, T) rotation about the axis, radians.
    """

    axis: Tensor
    angle: Tensor


def draw_tumbles(count: int, frames: int, share: float, device: torch.device | None = None) -> Tumbles:
    """Draw rotations like those of people who lie, sit up, hang, rock or turn somersaults.

    Half of the bodies turn steadily, by up to one turn; the others rock by up to 60 degrees, up to three
    times. The axis is the line of the hips for six in ten, and any for the others.

    The mean angle over time is 0. A body that is upside down all the time, and a camera that is, look alike:
    if both could be, nothing would tell which belongs to the motion and which to the static.

    Args:
        count: N.
        frames: T.
        share: Share of bodies that are rotated; the angles of the others are 0.
        device: Device of the result.
    """

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, device=device)

    time = torch.linspace(0, 1, frames, device=device)
    sweep = uniform(-2 * math.pi, 2 * math.pi)
    phase = 2 * math.pi * (uniform(0, 3) * time + uniform(0, 1))
    rocking = uniform(0, math.pi / 3) * phase.sin()
    angle = torch.where(uniform(0, 1) < 0.5, sweep * time, rocking)
    angle = angle - angle.mean(dim=1, keepdim=True)
    angle = torch.where(uniform(0, 1) < share, angle, torch.zeros_like(angle))
    axis = torch.where(uniform(0, 1) < 0.6, torch.zeros_like(sweep), uniform(-math.pi, math.pi))
    return Tumbles(axis[:, 0], angle)


def tumble(positions: Tensor, tumbles: Tumbles, layout: SkeletonLayout) -> Tensor:
    """Motions (N, T, V, 3) with the whole body rotated about its root, which keeps its path.

    With u the unit axis and v a joint relative to the root, v becomes v cos a + (u x v) sin a +
    u (u . v) (1 - cos a).
    """
    root = positions[:, :, layout.root : layout.root + 1]
    body = positions - root
    heading = _heading(bones_of(positions[:, :1], layout), layout)[:, 0] + tumbles.axis
    axis = torch.stack([heading.cos(), torch.zeros_like(heading), heading.sin()], dim=-1)
    axis = axis[:, None, None].expand_as(body)
    cos, sin = (turn[..., None, None] for turn in (tumbles.angle.cos(), tumbles.angle.sin()))
    along = (axis * body).sum(dim=-1, keepdim=True)
    return root + body * cos + torch.linalg.cross(axis, body) * sin + axis * along * (1 - cos)


def dampen(positions: Tensor, factors: Tensor, layout: SkeletonLayout) -> Tensor:
    """The same motions, smaller: bones turn and the root moves by a share of their way from the mean pose.

    Each bone points to b_mean + f (b - b_mean) and keeps its length.

    Args:
        positions: (N, T, V, 3).
        factors: (N,) share f; 1 changes nothing, 0 leaves a still mean pose.
        layout: Layout of the joints.
    """
    factors = factors[:, None, None, None]
    bones, root = bones_of(positions, layout), positions[:, :, layout.root]
    damped = bones.mean(dim=1, keepdim=True).lerp(bones, factors)
    length = bones.norm(dim=-1, keepdim=True)
    damped = damped * (length / damped.norm(dim=-1, keepdim=True).clamp_min(1e-6))
    return joints_of(damped, root.mean(dim=1, keepdim=True).lerp(root, factors[..., 0]), layout)


def mirror_motions(positions: Tensor, layout: SkeletonLayout) -> Tensor:
    """Motions (..., V, 3) with left and right exchanged."""
    return positions[..., list(layout.flip_order), :] * positions.new_tensor([-1.0, 1.0, 1.0])


def draw_cameras(
    count: int,
    pitch: tuple[float, float] = (-15.0, 30.0),
    roll: tuple[float, float] = (-15.0, 15.0),
    scale: tuple[float, float] = (0.5, 1.5),
    distance: tuple[float, float] = (2.5, 10.0),
    perspective: float = 0.5,
    turned: float = 0.0,
    device: torch.device | None = None,
) -> CameraBatch:
    """Draw cameras all round the person.

    Args:
        count: N.
        pitch: Lowest and highest camera, degrees above the horizon.
        roll: Lowest and highest rotation of the image, degrees.
        scale: Lowest and highest size of the image.
        distance: Nearest and farthest camera with perspective, meters.
        perspective: Share of cameras with perspective; the others project in parallel.
        turned: Share of cameras with any rotation of the image and any height: people who lie, or hang
            upside down.
        device: Device of the result.
    """

    def uniform(span: tuple[float, float]) -> Tensor:
        return span[0] + (span[1] - span[0]) * torch.rand(count, device=device)

    yaw, pitch_, roll_ = (torch.deg2rad(uniform(span)) for span in ((-180.0, 180.0), pitch, roll))
    if turned > 0:
        free = torch.rand(count, device=device) < turned
        steep, over = (torch.deg2rad(uniform(span)) for span in ((-80.0, 80.0), (-180.0, 180.0)))
        pitch_, roll_ = torch.where(free, steep, pitch_), torch.where(free, over, roll_)
    zero = torch.zeros_like(yaw)
    right = torch.stack([yaw.cos(), zero, -yaw.sin()], dim=-1)
    forward = -torch.stack([yaw.sin() * pitch_.cos(), pitch_.sin(), yaw.cos() * pitch_.cos()], dim=-1)
    down = torch.cross(forward, right, dim=-1)
    cos, sin = roll_.cos()[:, None], roll_.sin()[:, None]
    axes = torch.stack([cos * right + sin * down, cos * down - sin * right, forward], dim=1)
    near, far = distance
    # most are near, where perspective shows
    away = near + (far - near) * torch.rand(count, device=device) ** 1.5
    parallel = torch.rand(count, device=device) >= perspective
    return CameraBatch(axes, torch.where(parallel, torch.inf, away), uniform(scale))


def project_batch(positions: Tensor, cameras: CameraBatch, layout: SkeletonLayout, dims: int = 2) -> Tensor:
    """What cameras aimed at the middle of the path see.

    Args:
        positions: (N, T, V, 3) meters.
        cameras: One per sequence.
        layout: Layout of the joints.
        dims: 2 for the image, right and down; 3 adds the depth behind the aim, without perspective.

    Returns:
        (N, T, V, dims) meters at the distance of the aim, times the camera's scale.
    """
    aim = positions[:, :, layout.root].mean(dim=1)[:, None, None]
    seen = torch.einsum('ntvc,nac->ntva', positions - aim, cameras.axes)
    scale = cameras.scale[:, None, None, None]
    if dims == 3:
        return seen * scale
    distance = cameras.distance[:, None, None]
    depth = torch.maximum(seen[..., 2], (_NEAREST - 1) * distance)
    nearness = torch.where(distance.isinf(), torch.ones_like(depth), distance / (distance + depth))
    return seen[..., :2] * nearness.nan_to_num(1.0)[..., None] * scale


def observe(keypoint: Tensor, jitter: Tensor, missing: float = 0.0, longest: int = 24) -> Tensor:
    """Sequences as a pose estimator might have seen them, missing joints filled in.

    Args:
        keypoint: (N, T, V, C).
        jitter: (N,) standard deviation of the noise on every coordinate.
        missing: Probability that a joint is missing for a while; it is then interpolated linearly, as by
            :func:`~mmactrep.structures.motion_representation.fill_missing`.
        longest: Frames of the longest spell.
    """
    seen = keypoint + jitter[:, None, None, None] * torch.randn_like(keypoint)
    if missing <= 0:
        return seen
    count, frames, joints = keypoint.shape[:3]
    shape, device = (count, joints), keypoint.device
    start = torch.randint(frames, shape, device=device)
    end = start + torch.randint(3, longest + 1, shape, device=device)
    gone = torch.rand(shape, device=device) < missing
    before, after = start - 1, end
    # a spell at the border keeps the nearest position that was seen
    before, after = torch.where(before < 0, after, before), torch.where(after >= frames, before, after)
    before, after = before.clamp(0, frames - 1), after.clamp(0, frames - 1)
    rows, columns = torch.arange(count, device=device)[:, None], torch.arange(joints, device=device)
    first, last = seen[rows, before, columns], seen[rows, after, columns]
    time = torch.arange(frames, device=device)[None, :, None]
    share = (time - before[:, None]) / (after - before).clamp_min(1)[:, None]
    straight = first[:, None] + (last - first)[:, None] * share.clamp(0, 1)[..., None]
    during = gone[:, None] & (time >= start[:, None]) & (time < end[:, None])
    return torch.where(during[..., None], straight, seen)
