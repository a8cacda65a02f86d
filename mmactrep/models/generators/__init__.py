"""Motion generators: autoencoders that separate 'Motion' from 'Static', with training and editing."""

from .editing import (
    EncodedSequence,
    body_size,
    canonical,
    compose,
    decode_sequence,
    encode_sequence,
    reference_size,
    retarget,
    retarget_all,
    sequence_codes,
    strongest_directions,
    swap_static,
    walk_direction,
    walk_static,
)
from .loading import GENERATOR_PREFIX, load_generator, trained_generator
from .motion_autoencoder import BaseMotionAutoencoder, MotionAutoencoder, TwoEncoderAutoencoder
from .motion_networks import MotionDecoder, MotionEncoder, StaticEncoder, pad_frames, pad_length
from .motion_retargeter import PAIR_KEYS, MotionRetargeter
from .pair_synthesizer import MotionPairSynthesizer
from .retargeting_losses import (
    code_cycle_loss,
    code_triplet_loss,
    foot_joints,
    foot_velocity_loss,
    movement_loss,
    path_loss,
)
from .via_autoencoder import ViAAutoencoder

__all__ = [
    'BaseMotionAutoencoder',
    'EncodedSequence',
    'GENERATOR_PREFIX',
    'MotionAutoencoder',
    'MotionDecoder',
    'MotionEncoder',
    'MotionPairSynthesizer',
    'MotionRetargeter',
    'PAIR_KEYS',
    'StaticEncoder',
    'TwoEncoderAutoencoder',
    'ViAAutoencoder',
    'body_size',
    'canonical',
    'code_cycle_loss',
    'code_triplet_loss',
    'compose',
    'decode_sequence',
    'encode_sequence',
    'foot_joints',
    'foot_velocity_loss',
    'load_generator',
    'movement_loss',
    'pad_frames',
    'pad_length',
    'path_loss',
    'reference_size',
    'retarget',
    'retarget_all',
    'sequence_codes',
    'strongest_directions',
    'swap_static',
    'trained_generator',
    'walk_direction',
    'walk_static',
]
