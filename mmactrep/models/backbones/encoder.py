"""The encoder interface that pre-trainers, segmentors and heads require."""

from __future__ import annotations

from torch import Tensor, nn


def pool_frames(feature_map: Tensor) -> Tensor:
    """Pool a feature map (N, M, C', T', V') over persons and joints to E_Vf, (N, T', C')."""
    return feature_map.mean(dim=(1, 4)).transpose(1, 2)


def pool_sequences(feature_map: Tensor) -> Tensor:
    """Pool a feature map (N, M, C', T', V') over persons, frames and joints to E_Vs, (N, C')."""
    return feature_map.mean(dim=(1, 3, 4))


class SkeletonEncoder:
    """Interface of the encoders E_V: features of frames and of sequences, and their dimensions.

    A mixin for networks (N, M, T, V, C) -> (N, M, C', T', V') as used in mmaction2's recognizers. An encoder
    of another modality, or with another way of pooling, implements the same four names.

    Attributes:
        feature_channels (int): C'.
        temporal_stride (int): Frames of a clip per frame of the features: T' is T divided by it, rounded up.
    """

    feature_channels: int
    temporal_stride: int

    def frame_features(self, clips: Tensor) -> Tensor:
        """E_Vf of clips (N, M, T, V, C): (N, T', C')."""
        return pool_frames(self(clips))

    def sequence_features(self, clips: Tensor) -> Tensor:
        """E_Vs of clips (N, M, T, V, C): (N, C')."""
        return pool_sequences(self(clips))


_INTERFACE = ('feature_channels', 'temporal_stride', 'frame_features', 'sequence_features')


def check_encoder(model: nn.Module, user: str) -> None:
    """Refuse a network without the interface of :class:`SkeletonEncoder`.

    Args:
        model: The network.
        user: Name of the module that needs it, for the message.

    Raises:
        TypeError: If it lacks something; the message names it.
    """
    lacking = [name for name in _INTERFACE if not hasattr(model, name)]
    if lacking:
        raise TypeError(
            f'{user} needs an encoder with {", ".join(_INTERFACE)} (mmactrep.models.SkeletonEncoder), '
            f'{type(model).__name__} has no {", ".join(lacking)}'
        )


def count_feature_frames(encoder: SkeletonEncoder, frames: int) -> int:
    """Frames T' of the features of a clip of T frames."""
    return -(-frames // encoder.temporal_stride)
