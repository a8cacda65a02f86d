"""Normalization of clips that exist only inside a model, as the pipeline does it for real clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from mmactrep.datasets.transforms.normalization import AlignSkeleton3D, BoxNormalize
from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout


def _everyone(clips: Tensor, present: Tensor | None) -> Tensor:
    """Who is in clips (N, M, T, V, C), (N, M): all, unless it is said."""
    return clips.new_ones(clips.shape[:2], dtype=torch.bool) if present is None else present


def box_normalize_batch(
    clips: Tensor, present: Tensor | None = None, side: str = 'max', per_person: bool = False
) -> Tensor:
    """Center and scale every clip by its own bounding box over persons and frames.

    The differentiable counterpart of :func:`~mmactrep.datasets.transforms.normalization.box_normalize` for
    batches without missing joints.

    Args:
        clips: (N, M, T, V, C).
        present: (N, M), False for absent persons, who have no part in the box and become 0. Default: all are
            present.
        side: What becomes 2 long: ``'max'`` side of the box, ``'height'`` or ``'diagonal'``.
        per_person: Give each person a separate box.

    Returns:
        (N, M, T, V, C).
    """
    present = _everyone(clips, present)[:, :, None, None, None]
    over = (2, 3) if per_person else (1, 2, 3)
    low = torch.where(present, clips, torch.inf).amin(dim=over, keepdim=True)
    high = torch.where(present, clips, -torch.inf).amax(dim=over, keepdim=True)
    nobody = low > high
    low, high = (bound.masked_fill(nobody, 0.0) for bound in (low, high))
    extent = high - low
    length = {
        'max': extent.amax(dim=-1, keepdim=True),
        'height': extent[..., 1:2],
        'diagonal': extent.norm(dim=-1, keepdim=True),
    }[side]
    # A point, or points that differ only by rounding, must not be blown up.
    largest = torch.maximum(low.abs(), high.abs()).amax(dim=-1, keepdim=True)
    length = torch.where(length <= 1e-6 * largest.clamp_min(1), 2.0, length)
    return torch.where(present, (clips - (low + high) / 2) * (2 / length), 0.0)


def rotations_between(source: Tensor, target: Sequence[float], half_turn_axis: Sequence[float]) -> Tensor:
    """Shortest rotations (N, 3, 3) that turn vectors (N, 3) into one direction.

    Args:
        source: (N, 3).
        target: (3,).
        half_turn_axis: Axis of the half turn of a vector that points in the opposite direction, where the
            shortest rotation is not unique. Orthogonal to the target.
    """
    direction = F.normalize(source, dim=-1, eps=1e-12)
    target = F.normalize(source.new_tensor(target), dim=-1).expand_as(direction)
    axis, cosine = torch.linalg.cross(direction, target), (direction * target).sum(dim=-1)
    sine = axis.norm(dim=-1)
    fallback = F.normalize(source.new_tensor(half_turn_axis), dim=-1).expand_as(axis)
    axis = torch.where((sine < 1e-7)[:, None], fallback, axis / sine.clamp_min(1e-7)[:, None])
    # a vector without length is not turned
    angle = torch.atan2(sine, cosine) * (source.norm(dim=-1) >= 1e-6)
    x, y, z = (axis * angle[:, None]).unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).view(-1, 3, 3)
    return torch.matrix_exp(skew)


def align_skeleton_batch(
    clips: Tensor,
    present: Tensor | None = None,
    *,
    center: int,
    spine: tuple[int, int] | None,
    shoulders: tuple[int, int],
) -> Tensor:
    """Center clips, turn their spines to z and their shoulders to x, by the first frame of the first person.

    The counterpart of :func:`~mmactrep.datasets.transforms.normalization.align_skeleton` for batches
    without missing joints.

    Args:
        clips: (N, M, T, V, 3).
        present: (N, M), False for absent persons, who stay 0. Default: all are present.
        center: Joint that becomes the origin.
        spine: (lower, upper) joint of the spine. None: y becomes z, and bodies are turned about it alone.
        shoulders: (left, right) shoulder.

    Returns:
        (N, M, T, V, 3).
    """
    present = _everyone(clips, present)
    first = present.int().argmax(dim=1)  # the first who is there; the first of all if nobody is
    reference = clips[torch.arange(len(clips), device=clips.device), first, 0]
    up = (
        reference[:, spine[1]] - reference[:, spine[0]]
        if spine
        else reference.new_tensor((0, 1, 0)).expand(len(clips), 3)
    )
    rotation = rotations_between(up, (0, 0, 1), (1, 0, 0))
    across = torch.einsum('nij,nj->ni', rotation, reference[:, shoulders[1]] - reference[:, shoulders[0]])
    if not spine:
        across = across * across.new_tensor((1, 1, 0))
    rotation = rotations_between(across, (1, 0, 0), (0, 0, 1)) @ rotation
    moved = clips - reference[:, center][:, None, None, None]
    return torch.einsum('nij,nmtvj->nmtvi', rotation, moved) * present[:, :, None, None, None]


def batch_normalization_of(transform: dict, layout: SkeletonLayout) -> Callable[[Tensor, Tensor], Tensor]:
    """What a transform of the pipeline does to a clip, for batches without missing joints.

    Args:
        transform: Config of ``BoxNormalize`` or ``AlignSkeleton3D``, whose result depends on the clip alone.
        layout: Layout of the clips.

    Returns:
        A function of clips (N, M, T, V, C) and who is present (N, M).

    Raises:
        ValueError: For another transform.
    """
    built = TRANSFORMS.build(transform)
    if isinstance(built, BoxNormalize):
        return partial(box_normalize_batch, side=built.side, per_person=built.per_person)
    if isinstance(built, AlignSkeleton3D):
        center = layout.index(built.center)
        spine, shoulders = (tuple(layout.indices(pair)) or None for pair in (built.spine, built.shoulders))
        return partial(align_skeleton_batch, center=center, spine=spine, shoulders=shoulders)
    raise ValueError(
        'generated clips are normalized by BoxNormalize or AlignSkeleton3D, as real ones in the pipeline, '
        f'found {type(built).__name__}'
    )


def to_camera_axes(clips: Tensor) -> Tensor:
    """Aligned 3D skeletons as a camera before the person sees them, the axes of motion libraries in 3D.

    Args:
        clips: (..., 3) as ``AlignSkeleton3D`` makes them: to the person's right, ahead, up.

    Returns:
        (..., 3): to the right in the image, down, away from the camera.
    """
    right, ahead, up = clips.unbind(-1)
    return torch.stack([-right, -up, -ahead], dim=-1)


def from_camera_axes(clips: Tensor) -> Tensor:
    """What a camera sees, (..., 3) right, down and away, in the axes of depth sensors: left, up and away.

    ``AlignSkeleton3D`` takes it from there, also where it trusts the +y of the coordinates.
    """
    return clips * clips.new_tensor((-1, -1, 1))
