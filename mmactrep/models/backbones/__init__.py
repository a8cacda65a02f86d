"""Backbones: (N, M, T, V, C) to feature maps (N, M, C', T', V')."""

from .unik import UNIK, frame_features, sequence_features

__all__ = ['UNIK', 'frame_features', 'sequence_features']
