"""The two units of a UNIK block: S-LSU (Eq. 3.9 to 3.11) and T-LSU (Eq. 3.12).

Feature maps are (B, C, V, T), joints before frames, and channels-last in memory. Then Eq. 3.9 is one large
product per clip, Eq. 3.12 runs along the innermost axis of a convolution, and nothing is copied between the
two. Every unit here also takes any other memory layout, at the price of copies.
"""

from __future__ import annotations

import copy
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval


def is_exporting() -> bool:
    """Whether ``torch.export`` is tracing; always false in versions of torch that cannot tell."""
    told = getattr(torch.compiler, 'is_exporting', None)
    return told is not None and told()


def plain_when_exporting(x: Tensor) -> Tensor:
    """An operand of a convolution or product, contiguous while a model is exported.

    Of any other memory layout the exporter asks questions whose answers depend on whether a dimension is 1:
    the graph would be valid for longer clips and larger batches alone. A copy asks nothing.
    """
    return x.clone(memory_format=torch.contiguous_format) if is_exporting() else x


def channels_last(x: Tensor) -> Tensor:
    """A feature map (B, C, V, T) with its channels innermost in memory; see :func:`plain_when_exporting`."""
    return plain_when_exporting(x) if is_exporting() else x.contiguous(memory_format=torch.channels_last)


def unfold_windows(x: Tensor, window_size: int) -> Tensor:
    """Concatenate the τ frames of the window around every frame.

    Frames beyond the clip's ends are zeros. An even window reaches one frame further into the future.

    Args:
        x (Tensor): Features, (B, C, V, T).
        window_size (int): τ, in frames.

    Returns:
        Tensor: (B, C, τ·V, T); joint ``v`` of the window's frame ``k`` is at ``k * V + v``.
    """
    if window_size == 1:
        return x
    before = (window_size - 1) // 2
    x = F.pad(x.permute(0, 2, 3, 1), (0, 0, before, window_size - 1 - before))
    windows = x.unfold(2, window_size, 1)  # (B, V, T, C, τ)
    return windows.permute(0, 4, 1, 2, 3).flatten(1, 2).permute(0, 3, 1, 2)


def skip_frames(x: Tensor, stride: int) -> Tensor:
    """Every ``stride``-th frame of (B, C, V, T), from the first; channels-last, and so is the gradient."""
    if stride == 1:
        return x
    if is_exporting():  # the same frames, counted by the formula of a convolution's
        return F.max_pool2d(x, 1, (1, stride))
    # The gradient of a slice has the memory layout of the sliced view's shape.
    return channels_last(x.permute(0, 2, 3, 1)[:, :, ::stride].permute(0, 3, 1, 2))


class FrameConv2d(nn.Conv2d):
    """A convolution over the frames of (B, C, V, T).

    Its weight, stride, padding and dilation are those of the (t x 1) convolution of Eq. 3.12 on (B, C, T, V),
    as in the released weights.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C_in, V, T) to (B, C_out, V, T')."""
        geometry = (self.stride[::-1], self.padding[::-1], self.dilation[::-1])
        return F.conv2d(plain_when_exporting(x), self.weight.transpose(2, 3), self.bias, *geometry)


class SpatialLSU(nn.Module):
    """Spatial long-short dependency unit, S-LSU (Eq. 3.9).

    ``f_out = ReLU(BN(Σ_i E_i · (f_in × (W_i + A_i))) + down(f_in))``, where the attention map is
    ``A_i = softmax((E_θi f_in)ᵀ × (E_φi f_in) / (C_e T))``, normalized over the source joints (Eq. 3.11).
    All heads are computed in one pass: one product for every E_θi and E_φi, one with every ``W_i + A_i``, and
    one convolution across the heads for every E_i and their sum.

    The convolutions before a batch norm have no bias: the norm would cancel it.

    Args:
        in_channels (int): C_in.
        out_channels (int): C_out.
        num_joints (int): V, joints of one frame.
        num_heads (int): N, the number of dependency matrices. Defaults to 3.
        window_size (int): τ, frames of the sliding window. Defaults to 1.
        attention (bool): Whether A_i is added to W_i. Defaults to True.
        embed_ratio (int): The embeddings have ``C_e = C_out // embed_ratio`` channels. Defaults to 4.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        num_joints: int,
        num_heads: int = 3,
        window_size: int = 1,
        attention: bool = True,
        embed_ratio: int = 4,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.num_joints = num_joints
        self.num_heads = num_heads
        self.window_size = window_size
        nodes = num_joints * window_size

        #: W_i of Eq. 3.9, (N, τV, τV): row = source joint, column = target joint.
        self.dependency = nn.Parameter(torch.empty(num_heads, nodes, nodes))
        #: E_i of Eq. 3.9, (N, C_out, C_in).
        self.embedding = nn.Parameter(torch.empty(num_heads, out_channels, in_channels))
        #: Absent until :meth:`fuse` folds the batch norms.
        self.bias: nn.Parameter | None = None
        self.bn: nn.Module = nn.BatchNorm2d(out_channels)

        self.embed_channels = max(out_channels // embed_ratio, 1)
        #: Every E_θi, then every E_φi (Eq. 3.11).
        self.attention_embed = (
            nn.Conv2d(in_channels, 2 * num_heads * self.embed_channels, 1) if attention else None
        )
        self.down: nn.Module = nn.Identity()
        if in_channels != out_channels:
            conv = FrameConv2d(in_channels, out_channels, 1, bias=False)
            self.down = nn.Sequential(conv, nn.BatchNorm2d(out_channels))
        #: Folds a window of τ frames back into one.
        self.fold: nn.Conv3d | None = None
        self.fold_bn: nn.Module | None = None
        if window_size > 1:
            self.fold = nn.Conv3d(out_channels, out_channels, (1, window_size, 1), bias=False)
            self.fold_bn = nn.BatchNorm2d(out_channels)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial values: W_i by Eq. 3.10 with a = √5, the unit's batch norm near zero."""
        for dependency in self.dependency.data:
            nn.init.kaiming_uniform_(dependency, a=math.sqrt(5))
        fan = self.out_channels * self.in_channels * self.num_heads
        nn.init.normal_(self.embedding, 0, math.sqrt(2 / fan))
        if self.attention_embed is not None:
            # The fan of one head's embedding, as if every E_θi and E_φi were a separate convolution.
            nn.init.normal_(self.attention_embed.weight, 0, math.sqrt(2 / self.embed_channels))
            nn.init.zeros_(self.attention_embed.bias)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Conv3d)) and module is not self.attention_embed:
                nn.init.kaiming_normal_(module.weight, mode='fan_out')
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.constant_(self.bn.weight, 1e-6)

    def attention_maps(self, windows: Tensor) -> Tensor:
        """A_i of Eq. 3.11 for windows (B, C_in, τV, T): (B, N, τV, τV), columns sum to 1."""
        if self.attention_embed is None:
            raise ValueError('this S-LSU was built with attention=False, it has no attention maps')
        batch, _, nodes, length = windows.shape
        # The root of the scale on either factor: no pass over the maps, no overflow in half precision.
        scale = (self.embed_channels * length) ** -0.5
        weight, bias = self.attention_embed.weight[:, :, 0, 0] * scale, self.attention_embed.bias * scale
        embedded = F.linear(plain_when_exporting(windows.permute(0, 2, 3, 1)), weight, bias)
        embedded = embedded.view(batch, nodes, length, 2, self.num_heads, self.embed_channels)
        embedded = plain_when_exporting(embedded.permute(3, 0, 4, 1, 2, 5))
        theta, phi = embedded.reshape(2, batch * self.num_heads, nodes, -1).unbind(0)
        scores = torch.bmm(theta, phi.transpose(1, 2))
        # A sum of many weights: in single precision even under autocast.
        dtype = torch.promote_types(scores.dtype, torch.float32)
        return scores.softmax(1, dtype=dtype).view(batch, self.num_heads, nodes, nodes)

    def _aggregate(self, x: Tensor) -> Tensor:
        """``Σ_i E_i · (x × (W_i + A_i))`` for windows (B, C_in, τV, T)."""
        batch, channels, nodes, length = x.shape
        heads = self.num_heads
        weight = self.dependency
        if self.attention_embed is not None:
            weight = weight + self.attention_maps(x)
        weight = weight.expand(batch, -1, -1, -1)
        rows = plain_when_exporting(x.permute(0, 2, 3, 1))  # (B, V, T, C), as in memory
        if channels <= self.out_channels:
            # Joints first. Every target joint gets an image of N heads by T frames; a kernel as high as the
            # heads applies each E_i to its own and sums.
            weight = weight.permute(0, 3, 1, 2).reshape(batch, nodes * heads, nodes)
            mixed = torch.bmm(weight, rows.reshape(batch, nodes, -1))
            images = mixed.view(batch * nodes, heads, length, channels).permute(0, 3, 1, 2)
            kernel = self.embedding.permute(1, 2, 0).unsqueeze(3)
            out = F.conv2d(plain_when_exporting(images), kernel, self.bias)
            out = out.permute(0, 2, 3, 1)
        else:
            # Channels first, cheaper where the unit narrows: the product over the joints sums the heads.
            weight = weight.permute(0, 3, 1, 2).reshape(batch, nodes, heads * nodes)
            embedded = F.linear(rows, self.embedding.flatten(0, 1))
            embedded = embedded.view(batch, nodes, length, heads, -1)
            embedded = plain_when_exporting(embedded.permute(0, 3, 1, 2, 4))
            out = torch.bmm(weight, embedded.reshape(batch, heads * nodes, -1))
            if self.bias is not None:
                out = out.unflatten(2, (length, -1)) + self.bias
        return out.reshape(batch, nodes, length, -1).permute(0, 3, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C_in, V, T) to (B, C_out, V, T)."""
        x = unfold_windows(x, self.window_size)
        out = self.bn(self._aggregate(x))
        if isinstance(self.bn, nn.Identity):  # folded: a view, which an in-place operation would copy
            out = out + self.down(x)
        else:
            out += self.down(x)
        out = F.relu_(out)
        if self.fold is None:
            return out
        # A (1, τ, 1) kernel over (B, C, T, τ, V), as images of τ rows by V·T columns.
        images = plain_when_exporting(out.unflatten(2, (self.window_size, -1)).flatten(3))
        out = F.conv2d(images, self.fold.weight.squeeze(2), self.fold.bias)
        return self.fold_bn(out.unflatten(3, (self.num_joints, -1)).squeeze(2))

    def fuse(self) -> None:
        """Fold the batch norms, in evaluation mode, into E_i and the convolutions before them, in place."""
        if isinstance(self.bn, nn.Identity):
            return
        scale = self.bn.weight / torch.sqrt(self.bn.running_var + self.bn.eps)
        self.embedding = nn.Parameter((self.embedding * scale[:, None]).detach())
        self.bias = nn.Parameter((self.bn.bias - self.bn.running_mean * scale).detach())
        self.bn = nn.Identity()
        if isinstance(self.down, nn.Sequential):
            self.down = fuse_conv_bn_eval(*self.down)
        if self.fold is not None:
            self.fold, self.fold_bn = fuse_conv_bn_eval(self.fold, self.fold_bn), nn.Identity()


class TemporalLSU(nn.Sequential):
    """Temporal long-short dependency unit, T-LSU (Eq. 3.12), and its batch norm.

    A (t x 1) convolution over frames, dilated by d, padded to keep ``ceil(T / stride)`` frames.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        kernel_size (int): t, odd. Defaults to 9.
        stride (int): Temporal stride. Defaults to 1.
        dilation (int): d. Defaults to 1.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int = 9, stride: int = 1, dilation: int = 1
    ) -> None:
        if kernel_size % 2 == 0:
            raise ValueError(f'T-LSU needs an odd kernel_size to keep the length, got {kernel_size}')
        super().__init__()
        self.conv = FrameConv2d(
            in_channels,
            out_channels,
            (kernel_size, 1),
            stride=(stride, 1),
            padding=(kernel_size // 2 * dilation, 0),
            dilation=(dilation, 1),
            bias=False,
        )
        self.bn: nn.Module = nn.BatchNorm2d(out_channels)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Kaiming normal convolution (fan-out), unit batch norm."""
        nn.init.kaiming_normal_(self.conv.weight, mode='fan_out')
        nn.init.ones_(self.bn.weight)
        nn.init.zeros_(self.bn.bias)

    def fuse(self) -> None:
        """Fold the batch norm, in evaluation mode, into the convolution, in place."""
        if not isinstance(self.bn, nn.Identity):
            self.conv, self.bn = fuse_conv_bn_eval(self.conv, self.bn), nn.Identity()


def fold_for_inference(model: nn.Module) -> nn.Module:
    """Copy a model with the batch norms of all its dependency units folded into the weights before them.

    W_i is not folded into E_i: their product has C_in·V x C_out·V weights, V / N times the work of Eq. 3.9,
    and the attention A_i is between them.

    Args:
        model (nn.Module): Any model with :class:`SpatialLSU` and :class:`TemporalLSU` inside.

    Returns:
        nn.Module: A copy in evaluation mode with the same outputs, for inference only.
    """
    model = copy.deepcopy(model).eval()
    for module in list(model.modules()):
        if isinstance(module, (SpatialLSU, TemporalLSU)):
            module.fuse()
    return model.requires_grad_(False)
