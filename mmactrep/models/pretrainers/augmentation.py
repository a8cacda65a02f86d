"""Augmentation of batches of skeletons, for sequences that exist only inside a model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmactrep.registry import MODELS
from mmactrep.structures import SkeletonLayout, get_layout


def random_rotations(count: int, channels: int, max_angle: float, like: Tensor) -> Tensor:
    """Rotations (count, C, C) by up to ``max_angle`` radians: in the plane, or about all axes in 3D."""
    upper = torch.rand(count, channels, channels, device=like.device) * 2 - 1
    skew = torch.triu(upper * max_angle, diagonal=1)
    return torch.matrix_exp(skew - skew.transpose(1, 2)).to(like)


@MODELS.register_module()
class SkeletonAugmentation(nn.Module):
    """Random changes of coordinates that preserve the motion, drawn independently for every sequence.

    It does what ``RandomRotate``, ``RandomScale``, ``RandomShift``, ``RandomMirror`` and ``JointJitter`` do
    in a pipeline. All frames of a sequence are changed the same way, so that frame t of two views shows the
    same moment. A missing joint (all coordinates 0) stays missing. The origin of rotation, scaling and
    mirroring is 0, so coordinates should be normalized.

    Args:
        max_angle (float): Limit of the rotation in radians. Defaults to 0.3.
        scale (tuple[float, float]): Range of the factor of each axis. Defaults to (0.8, 1.2).
        max_shift (float): Limit of the shift of each axis, in units of the coordinates. Defaults to 0.1.
        jitter (float): Standard deviation of noise on every joint of every frame. Defaults to 0.
        mirror (float): Probability of a mirror image, left and right joints swapped. Defaults to 0.
        joint_dropout (float): Probability that a joint is missing in the whole sequence. Defaults to 0.
        layout (str, optional): Layout of the skeletons; ``mirror`` needs it.

    Raises:
        ValueError: If ``mirror`` is set without a layout, or a limit is out of its range.
    """

    def __init__(
        self,
        max_angle: float = 0.3,
        scale: tuple[float, float] = (0.8, 1.2),
        max_shift: float = 0.1,
        jitter: float = 0.0,
        mirror: float = 0.0,
        joint_dropout: float = 0.0,
        layout: str | dict | SkeletonLayout | None = None,
    ) -> None:
        super().__init__()
        if not 0 < scale[0] <= scale[1]:
            raise ValueError(f'scale must be (low, high) with 0 < low <= high, got {scale}')
        if not (0 <= mirror <= 1 and 0 <= joint_dropout <= 1):
            raise ValueError(f'mirror and joint_dropout are probabilities, got {mirror} and {joint_dropout}')
        if mirror > 0 and layout is None:
            raise ValueError('mirror images swap left and right joints: name the layout')
        self.max_angle = max_angle
        self.scale = tuple(scale)
        self.max_shift = max_shift
        self.jitter = jitter
        self.mirror = mirror
        self.joint_dropout = joint_dropout
        self.flip_order = None if layout is None else list(get_layout(layout).flip_order)

    @torch.no_grad()
    def forward(self, clips: Tensor) -> Tensor:
        """Change each of the clips (N, M, T, V, C) independently, but all persons of a clip the same way."""
        count, _, _, joints, channels = clips.shape
        one = (count, 1, 1, 1)
        seen = (clips != 0).any(dim=-1, keepdim=True)
        if self.mirror:
            flipped = clips[..., self.flip_order, :] * torch.tensor(
                [-1.0] + [1.0] * (channels - 1), device=clips.device
            ).to(clips)
            chosen = torch.rand(*one, 1, device=clips.device) < self.mirror
            clips = torch.where(chosen, flipped, clips)
            seen = torch.where(chosen, seen[..., self.flip_order, :], seen)
        rotation = random_rotations(count, channels, self.max_angle, clips)
        low, high = self.scale
        factor = low + (high - low) * torch.rand(count, 1, channels, device=clips.device).to(clips)
        shift = self.max_shift * (torch.rand(*one, channels, device=clips.device).to(clips) * 2 - 1)
        clips = torch.einsum('nmtvc,ncd->nmtvd', clips, rotation * factor) + shift
        if self.jitter:
            clips = clips + self.jitter * torch.randn_like(clips)
        if self.joint_dropout:
            kept = torch.rand(count, 1, 1, joints, 1, device=clips.device) >= self.joint_dropout
            seen = seen & kept
        return clips * seen
