"""Motion generators: autoencoders that tell 'Motion' from 'Static', and what is done with them."""

from .motion_autoencoder import BaseMotionAutoencoder, MotionAutoencoder, TwoEncoderAutoencoder
from .motion_networks import MotionDecoder, MotionEncoder, StaticEncoder, pad_frames, pad_length

__all__ = [
    'BaseMotionAutoencoder',
    'MotionAutoencoder',
    'MotionDecoder',
    'MotionEncoder',
    'StaticEncoder',
    'TwoEncoderAutoencoder',
    'pad_frames',
    'pad_length',
]
