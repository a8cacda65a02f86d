"""Linear action decomposition on an orthonormal dictionary (thesis 4.3.1, Eq. 4.1 to 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn


class MotionCode(NamedTuple):
    """A sequence in the latent space of a motion generator.

    Attributes:
        motion: A_m, magnitudes (N, J, T') of 'Motion' at every step of time.
        static: A_c, magnitudes (N, K) of 'Static', one set per sequence.
    """

    motion: Tensor
    static: Tensor


def orthonormal_basis(matrix: Tensor) -> Tensor:
    """Gram-Schmidt orthonormalization of the columns of a matrix, by QR.

    QR alone leaves the sign of every direction undetermined, and a sign that flips between training steps
    makes the basis jump. Here R has a positive diagonal, which gives the result of Gram-Schmidt: a smooth
    function of the matrix.

    Args:
        matrix: (C, D), D of C or less, of full rank.

    Returns:
        (C, D), its columns orthonormal (Eq. 4.1); column i lies in the span of the first i of the matrix.
    """
    q, r = torch.linalg.qr(matrix)
    sign = torch.where(r.diagonal(dim1=-2, dim2=-1) < 0, -1.0, 1.0).to(q)
    return q * sign.unsqueeze(-2)


class OrthogonalDictionary(nn.Module):
    """A learnable set of orthonormal directions: LAC's D_v (Eq. 4.1), ViA's D_c, LTN's D_t (Eq. 5.1).

    The parameter is any matrix; every forward pass orthonormalizes it.

    Args:
        channels: C_out, the length of the directions.
        directions: D, the number of directions. Defaults to ``channels``, a complete basis.
        learnable: Whether they are trained; otherwise they keep their initial random values.
        orthonormalize: Whether a forward pass orthonormalizes; otherwise the directions only start so ("w/o
            orthogonalization" of Table 5.1). Defaults to True.

    Raises:
        ValueError: If there are more directions than channels, or none.
    """

    def __init__(
        self,
        channels: int,
        directions: int | None = None,
        learnable: bool = True,
        orthonormalize: bool = True,
    ) -> None:
        super().__init__()
        directions = channels if directions is None else directions
        if not 1 <= directions <= channels:
            raise ValueError(f'expected 1 to {channels} directions, found {directions}')
        weight = nn.init.orthogonal_(torch.empty(channels, directions))
        self.weight = nn.Parameter(weight, requires_grad=learnable)
        self.orthonormalize = orthonormalize

    def forward(self) -> Tensor:
        """The directions, (C, D), as columns, float32."""
        # In bfloat16 the directions would be orthogonal to only two digits.
        weight = self.weight.float()
        return orthonormal_basis(weight) if self.orthonormalize else weight


class LinearActionDecomposition(nn.Module):
    """LAD: splits a latent sequence into magnitudes of 'Motion' and 'Static' and adds them up again.

    Args:
        channels: C_out, channels of the latent sequence. Defaults to 160.
        num_motion: J, the first J directions are 'Motion'; the other K = C_out - J are 'Static'.
            Defaults to 128.

    Raises:
        ValueError: If J is not in [1, C_out).
    """

    def __init__(self, channels: int = 160, num_motion: int = 128) -> None:
        super().__init__()
        if not 1 <= num_motion < channels:
            raise ValueError(f'num_motion must be in [1, {channels}), found {num_motion}')
        self.channels = channels
        self.num_motion = num_motion
        self.num_static = channels - num_motion
        self.dictionary = OrthogonalDictionary(channels)

    def decompose(self, latent: Tensor) -> MotionCode:
        """Project r on the directions (Eq. 4.3; their norm is 1).

        Args:
            latent: r_{m,c}, (N, C_out, T').

        Returns:
            Motion magnitudes of every step (N, J, T'), and static magnitudes (N, K) of r averaged over time.

        Raises:
            ValueError: If r does not have C_out channels.
        """
        if latent.dim() != 3 or latent.shape[1] != self.channels:
            raise ValueError(f'expected (N, {self.channels}, T), found a tensor of {tuple(latent.shape)}')
        with torch.autocast(latent.device.type, enabled=False):
            motion, static = self.dictionary().split((self.num_motion, self.num_static), dim=1)
            latent = latent.float()
            return MotionCode(motion.T @ latent, latent.mean(dim=2) @ static)

    def recompose(self, code: MotionCode) -> Tensor:
        """r_m + r_c from magnitudes (Eq. 4.2): (N, C_out, T').

        Raises:
            ValueError: If there are not J motion and K static magnitudes for the same number of sequences.
        """
        check_code(code, self.num_motion, self.num_static)
        with torch.autocast(code.motion.device.type, enabled=False):
            motion, static = self.dictionary().split((self.num_motion, self.num_static), dim=1)
            return motion @ code.motion.float() + (code.static.float() @ static.T).unsqueeze(2)


def check_code(code: MotionCode, num_motion: int, num_static: int) -> None:
    """Refuse a code that is not (N, J, T') and (N, K).

    Raises:
        ValueError: With the shapes expected and found.
    """
    motion, static = code
    fits = (
        motion.dim() == 3
        and motion.shape[1] == num_motion
        and tuple(static.shape) == (len(motion), num_static)
    )
    if not fits:
        raise ValueError(
            f"expected motion magnitudes (N, {num_motion}, T') and static magnitudes (N, {num_static}), "
            f'found {tuple(motion.shape)} and {tuple(static.shape)}'
        )


def compose_codes(
    codes: Sequence[MotionCode], static: Tensor | None = None, weights: Sequence[float] | None = None
) -> MotionCode:
    """Combine the motions of several sequences (Eq. 4.5): the mean of their magnitudes, one static.

    Motions of unequal lengths are cut to the shortest.

    Args:
        codes: Codes of N sequences each.
        static: (N, K) static magnitudes of the result. Default: those of the first code.
        weights: One factor per code. Default: 1 / number of codes, Eq. 4.5.

    Raises:
        ValueError: If there is no code, or not one weight per code.
    """
    if not codes:
        raise ValueError('expected one motion or more to compose, found none')
    weights = [1 / len(codes)] * len(codes) if weights is None else list(weights)
    if len(weights) != len(codes):
        raise ValueError(f'{len(codes)} motions, but {len(weights)} weights')
    length = min(code.motion.shape[2] for code in codes)
    motion = sum(weight * code.motion[:, :, :length] for weight, code in zip(weights, codes))
    return MotionCode(motion, codes[0].static if static is None else static)
