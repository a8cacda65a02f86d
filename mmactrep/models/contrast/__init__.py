"""Contrastive learning on tensors of any modality: momentum encoder, queue, gathering between processes."""

from .momentum_encoder import MomentumEncoder
from .queue import FeatureQueue

__all__ = ['FeatureQueue', 'MomentumEncoder']
