"""UNIK as a plain transcription of Eq. 3.8 to 3.12, head by head, with the released parameter names.

The oracle of the tests and of ``tools/analysis/benchmark_unik.py``: written for reading, not for speed, and
without any code of the package. Its state dictionary has the names and shapes of the released weights.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def bn(channels: int, scale: float = 1.0) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels)
    nn.init.constant_(norm.weight, scale)
    nn.init.constant_(norm.bias, 0)
    return norm


def conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    layer = nn.Conv2d(in_channels, out_channels, 1)
    nn.init.kaiming_normal_(layer.weight, mode='fan_out')
    nn.init.constant_(layer.bias, 0)
    return layer


class OracleSLSU(nn.Module):
    def __init__(self, in_channels, out_channels, joints, heads, tau, attention):
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.joints, self.heads, self.tau, self.attention = joints, heads, tau, attention
        self.embed = out_channels // 4
        nodes = tau * joints
        self.DepM = nn.Parameter(torch.empty(heads, nodes, nodes))
        bound = math.sqrt(6 / ((1 + math.sqrt(5) ** 2) * nodes))  # Eq. 3.10
        nn.init.uniform_(self.DepM, -bound, bound)
        self.bias = nn.Parameter(torch.zeros(nodes))  # in the released files, never used
        self.conv_d = nn.ModuleList(conv(in_channels, out_channels) for _ in range(heads))
        for layer in self.conv_d:
            nn.init.normal_(layer.weight, 0, math.sqrt(2 / (out_channels * in_channels * heads)))
        if attention:
            self.conv_a = nn.ModuleList(conv(in_channels, self.embed) for _ in range(heads))
            self.conv_b = nn.ModuleList(conv(in_channels, self.embed) for _ in range(heads))
        self.down = None
        if in_channels != out_channels:
            self.down = nn.Sequential(conv(in_channels, out_channels), bn(out_channels))
        self.bn = bn(out_channels, 1e-6)
        if tau > 1:
            self.out_conv = nn.Conv3d(out_channels, out_channels, (1, tau, 1))
            nn.init.kaiming_normal_(self.out_conv.weight, mode='fan_out')
            nn.init.constant_(self.out_conv.bias, 0)
            self.out_bn = bn(out_channels)

    def windows(self, x: Tensor) -> Tensor:
        """(N, C, T, V) to (N, C, T, τV): for every frame t the τ frames from t - (τ-1)//2 on, or zeros."""
        n, c, length, joints = x.shape
        out = x.new_zeros(n, c, length, self.tau, joints)
        for k in range(self.tau):
            for t in range(length):
                source = t + k - (self.tau - 1) // 2
                if 0 <= source < length:
                    out[:, :, t, k] = x[:, :, source]
        return out.reshape(n, c, length, self.tau * joints)

    def attention_map(self, x: Tensor, head: int) -> Tensor:
        n, _, length, nodes = x.shape
        theta = self.conv_a[head](x).permute(0, 3, 1, 2).contiguous().view(n, nodes, self.embed * length)
        phi = self.conv_b[head](x).view(n, self.embed * length, nodes)
        return torch.softmax(torch.matmul(theta, phi) / (self.embed * length), dim=-2)  # Eq. 3.11

    def forward(self, x: Tensor) -> Tensor:
        if self.tau > 1:
            x = self.windows(x)
        n, c, length, nodes = x.shape
        out = None
        for head in range(self.heads):  # Eq. 3.9
            weight = self.DepM[head]
            if self.attention:
                weight = self.attention_map(x, head) + weight
            mixed = torch.matmul(x.view(n, c * length, nodes), weight).view(n, c, length, nodes)
            embedded = self.conv_d[head](mixed)
            out = embedded if out is None else out + embedded
        out = self.bn(out)
        out = torch.relu(out + (x if self.down is None else self.down(x)))
        if self.tau > 1:
            out = out.view(n, self.out_channels, length, self.tau, self.joints)
            out = self.out_bn(self.out_conv(out).squeeze(3))
        return out


class OracleTLSU(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, dilation):
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            (kernel, 1),
            stride=(stride, 1),
            padding=((kernel - 1) * dilation // 2, 0),
            dilation=(dilation, 1),
        )
        nn.init.kaiming_normal_(self.conv.weight, mode='fan_out')
        nn.init.constant_(self.conv.bias, 0)
        self.bn = bn(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))  # Eq. 3.12


class OracleBlock(nn.Module):
    def __init__(self, in_channels, out_channels, joints, heads, tau, attention, stride, dilation, first):
        super().__init__()
        self.s_unit = OracleSLSU(in_channels, out_channels, joints, heads, tau, attention)
        self.t_unit = OracleTLSU(out_channels, out_channels, 9, stride, dilation)
        self.first = first
        self.residual = None
        if not first and (in_channels != out_channels or stride != 1):
            self.residual = OracleTLSU(in_channels, out_channels, 1, stride, 1)

    def forward(self, x: Tensor) -> Tensor:
        out = self.t_unit(self.s_unit(x))  # Eq. 3.8
        if not self.first:
            out = out + (x if self.residual is None else self.residual(x))
        return torch.relu(out)


class OracleUNIK(nn.Module):
    """Clips (N, M, T, V, C) to scores (N, classes)."""

    def __init__(
        self,
        num_classes=5,
        in_channels=2,
        num_joints=17,
        num_person=1,
        num_heads=3,
        window_size=1,
        channels=(64, 64, 64, 64, 128, 128, 128, 256, 256, 256),
        strides=(1, 1, 1, 1, 2, 1, 1, 2, 1, 1),
        dilations=(1, 3, 3, 3, 3, 1, 1, 1, 1, 1),
        attention=True,
    ):
        super().__init__()
        self.data_bn = nn.BatchNorm1d(num_person * num_joints * in_channels)
        self.num_blocks = len(channels)
        widths = [in_channels, *channels]
        for k in range(self.num_blocks):
            block = OracleBlock(
                widths[k],
                widths[k + 1],
                num_joints,
                num_heads,
                window_size,
                attention,
                strides[k],
                dilations[k],
                first=k == 0,
            )
            setattr(self, f'l{k + 1}', block)
        self.fc = nn.Linear(channels[-1], num_classes)
        nn.init.normal_(self.fc.weight, 0, math.sqrt(2 / num_classes))

    def features(self, x: Tensor) -> Tensor:
        """Clips (N, M, T, V, C) to the feature map (N, M, C', T', V)."""
        n, m, length, joints, channels = x.shape
        x = x.permute(0, 1, 3, 4, 2).contiguous().view(n, m * joints * channels, length)
        x = self.data_bn(x)
        x = x.view(n, m, joints, channels, length).permute(0, 1, 3, 4, 2).contiguous()
        x = x.view(n * m, channels, length, joints)
        for k in range(self.num_blocks):
            x = getattr(self, f'l{k + 1}')(x)
        return x.view(n, m, *x.shape[1:])

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.features(x).mean(dim=(3, 4)).mean(dim=1))


def randomize(model: nn.Module, seed: int = 0) -> None:
    """Set every parameter and statistic as after training, without scales of 1e-6 or zero biases."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in model.state_dict().items():
        if not value.is_floating_point():
            continue
        noise = torch.randn(value.shape, generator=generator)
        if name.endswith('running_var'):
            value.copy_(noise.abs() + 0.5)
        elif value.dim() > 1:
            value.add_(0.02 * noise)
        else:
            value.add_(0.2 * noise)
            if name.endswith('bn.weight') and 's_unit' in name:
                value.add_(0.5)
