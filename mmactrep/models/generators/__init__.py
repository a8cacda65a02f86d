"""Motion generators: autoencoders that tell 'Motion' from 'Static', and what is done with them."""

from .motion_autoencoder import BaseMotionAutoencoder, MotionAutoencoder, TwoEncoderAutoencoder
from .motion_networks import MotionDecoder, MotionEncoder, StaticEncoder, pad_frames, pad_length
from .motion_retargeter import PAIR_KEYS, MotionRetargeter
from .retargeting_losses import code_triplet_loss, foot_joints, foot_velocity_loss

__all__ = [
    'PAIR_KEYS',
    'BaseMotionAutoencoder',
    'MotionAutoencoder',
    'MotionDecoder',
    'MotionEncoder',
    'MotionRetargeter',
    'StaticEncoder',
    'TwoEncoderAutoencoder',
    'code_triplet_loss',
    'foot_joints',
    'foot_velocity_loss',
    'pad_frames',
    'pad_length',
]
