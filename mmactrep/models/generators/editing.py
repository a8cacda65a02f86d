"""Editing skeleton sequences in a motion generator's latent space: keypoints in, keypoints out.

Sequences are numpy arrays (T, V, C) of the generator's layout, in any unit, without missing joints
(fill them first: ``mmactrep.structures.motion_representation.fill_missing``). The thesis's section is 4.3.1,
'Inference'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from mmactrep.errors import InferenceError
from mmactrep.models.layers.orthogonal_dictionary import MotionCode
from mmactrep.structures.motion_representation import from_motion, motion_root, to_motion

from .motion_autoencoder import BaseMotionAutoencoder
from .motion_networks import STRIDE


@dataclass(frozen=True, eq=False)
class EncodedSequence:
    """A sequence in the latent space, with the length, scale and position that the code lacks.

    Args:
        code: Magnitudes (1, J, T') and (1, K).
        length: Frames T.
        scale: Units of the sequence's coordinates per unit of the generator's.
        start: (C,) position of the root in the first frame, in units of the sequence.
    """

    code: MotionCode
    length: int
    scale: float
    start: np.ndarray

    def motion_steps(self, stride: int) -> Tensor:
        """Motion magnitudes (J, S) of the steps that have a frame of the sequence, S = ceil(length / stride).

        Encoders complete short sequences by their last frame; the steps after those encode nobody's motion.

        Args:
            stride: Frames per step, of the generator that encoded the sequence.
        """
        return self.code.motion[0, :, : -(-self.length // stride)]


def body_size(motion: Tensor, in_channels: int) -> Tensor:
    """Root mean square of the joints' coordinates relative to the root, over a whole motion.

    Args:
        motion: (..., V·C, T), not standardized; the last C channels are the root's velocity.
        in_channels: C.
    """
    return motion[..., :-in_channels, :].square().mean(dim=(-2, -1)).sqrt()


def reference_size(generator: BaseMotionAutoencoder) -> float:
    """:func:`body_size` of the generator's training motions, from the statistics that it keeps."""
    joints = slice(0, -generator.in_channels)
    return float((generator.mean[joints].square() + generator.std[joints].square()).mean().sqrt())


@torch.no_grad()
def encode_sequence(
    generator: BaseMotionAutoencoder, keypoint: np.ndarray, match_size: bool = True
) -> EncodedSequence:
    """Encode a sequence.

    Args:
        generator: A trained generator, in evaluation mode.
        keypoint: (T, V, C) coordinates.
        match_size: Scale the person to the mean size of the training motions first, so that pixels, meters
            and screen coordinates all work. Sequences generated with this static are scaled back.

    Raises:
        ValueError: If the sequence does not fit the generator or is not finite, or the generator is not
            trained.
        InferenceError: If the sequence has no extent.
    """
    joints, channels = generator.layout.num_joints, generator.in_channels
    keypoint = np.asarray(keypoint, np.float32)
    if keypoint.ndim != 3 or keypoint.shape[1:] != (joints, channels) or not len(keypoint):
        raise ValueError(
            f"expected a sequence (T, {joints}, {channels}) of layout '{generator.layout.name}', found "
            f'{keypoint.shape}'
        )
    if not np.isfinite(keypoint).all():
        raise ValueError('the sequence has coordinates that are not finite')
    if not generator.has_statistics:
        raise ValueError('the generator has no statistics of its training motions: it is not trained')
    motion = torch.from_numpy(to_motion(keypoint, generator.layout)).to(generator.mean)
    size = float(body_size(motion, channels))
    if size == 0:
        raise InferenceError('all joints of the sequence lie in one place')
    scale = size / reference_size(generator) if match_size else 1.0
    code = generator.encode(generator.standardize(motion / scale)[None])
    return EncodedSequence(code, len(keypoint), scale, keypoint[0, motion_root(generator.layout)])


@torch.no_grad()
def decode_sequence(
    generator: BaseMotionAutoencoder, motion: Tensor, static: EncodedSequence, length: int | None = None
) -> np.ndarray:
    """Generate a sequence from motion magnitudes, with the static, size and first position of another.

    Args:
        generator: A trained generator, in evaluation mode.
        motion: (1, J, T') magnitudes.
        static: The sequence that gives the static.
        length: Frames to keep. Default: all.

    Returns:
        (T, V, C) float32, in the unit of the sequence that gave the static.
    """
    generated = generator.restore(generator.decode(MotionCode(motion, static.code.static), length))
    keypoint = from_motion(generated[0] * static.scale, generator.layout).cpu().numpy()
    return (keypoint + static.start).astype(np.float32)


@torch.no_grad()
def canonical(generator: BaseMotionAutoencoder, motion_of: np.ndarray, match_size: bool = True) -> np.ndarray:
    """A motion without a static, D(r_m): all static magnitudes are 0 (thesis, Fig. 4.6b).

    Args:
        generator: A trained generator, in evaluation mode.
        motion_of: p(m, c), (T, V, C).
        match_size: See :func:`encode_sequence`.

    Returns:
        (T, V, C), in the unit of ``motion_of`` and starting where it does.
    """
    sequence = encode_sequence(generator, motion_of, match_size)
    code = MotionCode(sequence.code.motion, torch.zeros_like(sequence.code.static))
    return decode_sequence(generator, code.motion, replace(sequence, code=code), sequence.length)


def retarget_all(
    generator: BaseMotionAutoencoder,
    motions_of: Sequence[np.ndarray],
    statics_of: Sequence[np.ndarray],
    match_size: bool = True,
) -> list[list[np.ndarray]]:
    """p(m, c') of every motion with every static (thesis, Fig. 4.6).

    Args:
        generator: A trained generator, in evaluation mode.
        motions_of: Sequences (T, V, C).
        statics_of: Sequences that give body and view.
        match_size: See :func:`encode_sequence`.

    Returns:
        A list per motion, with one sequence (T, V, C) per static, in the unit of the static's.
    """
    motions = [encode_sequence(generator, keypoint, match_size) for keypoint in motions_of]
    statics = [encode_sequence(generator, keypoint, match_size) for keypoint in statics_of]
    return [
        [decode_sequence(generator, motion.code.motion, static, motion.length) for static in statics]
        for motion in motions
    ]


def sequence_codes(
    generator: BaseMotionAutoencoder, keypoints: Sequence[np.ndarray], match_size: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Codes of sequences of any lengths as vectors, to compare them.

    Args:
        generator: A trained generator, in evaluation mode.
        keypoints: n sequences (T, V, C).
        match_size: See :func:`encode_sequence`.

    Returns:
        Motion (n, 2J): means and deviations of the magnitudes over the steps of the sequence, without those
        that only complete it. Static (n, K): its magnitudes.
    """
    sequences = [encode_sequence(generator, keypoint, match_size) for keypoint in keypoints]
    steps = [sequence.motion_steps(generator.stride) for sequence in sequences]
    motion = [torch.cat([each.mean(dim=1), each.std(dim=1, correction=0)]) for each in steps]
    static = [sequence.code.static for sequence in sequences]
    return torch.stack(motion).cpu().numpy(), torch.cat(static).cpu().numpy()


def retarget(
    generator: BaseMotionAutoencoder, motion_of: np.ndarray, static_of: np.ndarray, match_size: bool = True
) -> np.ndarray:
    """p(m, c') from p(m, c) and p(m', c'): a motion on another body, from another view.

    Args:
        generator: A trained generator, in evaluation mode.
        motion_of: p(m, c), (T, V, C).
        static_of: p(m', c'), (T', V, C), of any length and unit.
        match_size: See :func:`encode_sequence`.

    Returns:
        (T, V, C), in the unit of ``static_of`` and starting where it does.
    """
    return compose(generator, [motion_of], static_of, match_size=match_size)


def swap_static(
    generator: BaseMotionAutoencoder, first: np.ndarray, second: np.ndarray, match_size: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """p(m, c') and p(m', c) from p(m, c) and p(m', c')."""
    return retarget(generator, first, second, match_size), retarget(generator, second, first, match_size)


def compose(
    generator: BaseMotionAutoencoder,
    motions_of: Sequence[np.ndarray],
    static_of: np.ndarray | None = None,
    weights: Sequence[float] | None = None,
    match_size: bool = True,
) -> np.ndarray:
    """p(mm', c): the mean of several motions on one static (Eq. 4.5).

    Args:
        generator: A trained generator, in evaluation mode.
        motions_of: Sequences (T, V, C); if their lengths differ, all are cut to the shortest.
        static_of: The sequence that gives the static. Default: the first of the motions.
        weights: One factor per motion. Default: their mean.
        match_size: See :func:`encode_sequence`.

    Returns:
        (T, V, C), in the unit of the static's sequence and starting where it does.

    Raises:
        ValueError: If there is no motion or not one weight per motion; see also :func:`encode_sequence`.
    """
    encoded = [encode_sequence(generator, keypoint, match_size) for keypoint in motions_of]
    code = generator.compose([sequence.code for sequence in encoded], weights=weights)
    length = min(sequence.length for sequence in encoded)
    static = encoded[0] if static_of is None else encode_sequence(generator, static_of, match_size)
    return decode_sequence(generator, code.motion, static, length)


def walk_direction(
    generator: BaseMotionAutoencoder,
    static_of: np.ndarray,
    direction: int,
    magnitudes: Sequence[float],
    match_size: bool = True,
) -> np.ndarray:
    """Poses along one 'Motion' direction from the reference pose (thesis, Fig. 4.4).

    All magnitudes except the direction's are 0; magnitude 0 gives the reference pose of the static.

    Args:
        generator: A trained generator, in evaluation mode.
        static_of: The sequence that gives the static.
        direction: Index i of the direction d_mi, 0 to J - 1.
        magnitudes: S values of a_mi.
        match_size: See :func:`encode_sequence`.

    Returns:
        (S, V, C) poses, their roots at the start of the static's sequence.

    Raises:
        ValueError: If there is no such direction or no magnitude; see also :func:`encode_sequence`.
    """
    if not 0 <= direction < generator.num_motion or not len(magnitudes):
        raise ValueError(
            f'expected a direction of 0 to {generator.num_motion - 1} and one magnitude or more, found '
            f'{direction} and {len(magnitudes)} magnitudes'
        )
    static = encode_sequence(generator, static_of, match_size)
    root = motion_root(generator.layout)
    poses = []
    for magnitude in magnitudes:
        # All steps are the same: the middle is a pose at rest, out of reach of the padding at the ends.
        steps = 4 * STRIDE // generator.stride
        motion = static.code.motion.new_zeros(1, generator.num_motion, steps)
        motion[:, direction] = float(magnitude)
        pose = decode_sequence(generator, motion, static)[2 * STRIDE]
        poses.append(pose - pose[root] + static.start)
    return np.stack(poses)


@torch.no_grad()
def walk_static(
    generator: BaseMotionAutoencoder,
    keypoint: np.ndarray,
    magnitudes: Sequence[float],
    direction: int | None = None,
    match_size: bool = True,
) -> np.ndarray:
    """The motion of a sequence with static magnitudes that grow (thesis 4.6.4, Fig. 4.6 c).

    Args:
        generator: A trained generator, in evaluation mode.
        keypoint: (T, V, C), gives the motion and the other static magnitudes.
        magnitudes: S values of a_ci; without a direction, S factors on all static magnitudes A_c: 0 is the
            motion without a static, 1 the reconstruction of the sequence.
        direction: Index i of the direction d_ci, 0 to K - 1. Default: all.
        match_size: See :func:`encode_sequence`.

    Returns:
        (S, T, V, C) sequences, in the unit of the sequence and starting where it does.

    Raises:
        ValueError: If there is no such direction or no magnitude; see also :func:`encode_sequence`.
    """
    count = generator.num_static
    if not (direction is None or 0 <= direction < count) or not len(magnitudes):
        raise ValueError(
            f'expected a direction of 0 to {count - 1} and one magnitude or more, found {direction} and '
            f'{len(magnitudes)} magnitudes'
        )
    sequence = encode_sequence(generator, keypoint, match_size)
    results = []
    for magnitude in magnitudes:
        if direction is None:
            static = float(magnitude) * sequence.code.static
        else:
            static = sequence.code.static.clone()
            static[:, direction] = float(magnitude)
        changed = replace(sequence, code=sequence.code._replace(static=static))
        results.append(decode_sequence(generator, sequence.code.motion, changed, sequence.length))
    return np.stack(results)


@torch.no_grad()
def strongest_directions(
    generator: BaseMotionAutoencoder, keypoint: np.ndarray, count: int = 6, match_size: bool = True
) -> list[tuple[int, float]]:
    """The directions along which a sequence moves most.

    Returns:
        (direction, largest absolute magnitude), the direction with the largest deviation over time first.
    """
    motion = encode_sequence(generator, keypoint, match_size).motion_steps(generator.stride)
    order = motion.std(dim=1, correction=0).argsort(descending=True)[:count].tolist()
    return [(i, float(motion[i].abs().max())) for i in order]
