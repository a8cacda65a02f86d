from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.errors import InferenceError
from mmactrep.models.generators import (
    MotionAutoencoder,
    canonical,
    compose,
    encode_sequence,
    retarget,
    retarget_all,
    sequence_codes,
    strongest_directions,
    swap_static,
    walk_direction,
    walk_static,
)
from mmactrep.models.layers import MotionCode
from mmactrep.structures import get_layout
from mmactrep.structures.motion_representation import from_motion, to_motion

ROOT = get_layout('motion15').index('mid_hip')


@pytest.fixture
def generator(statistics):
    generator = MotionAutoencoder().eval()
    generator.set_statistics(statistics)
    return generator


@pytest.fixture
def clips(pairs):
    """Two sequences of 32 and 27 frames that start at (5, 7) and (-3, 0)."""
    own, other = (from_motion(pairs[key][3], 'motion15').numpy() for key in ('source', 'driver'))
    return own + np.float32([5, 7]), other[:27] + np.float32([-3, 0])


def generate(generator, motion_clips, static_clip):
    """The equations on motions in the library's unit, one step after the other."""
    codes = []
    for clip in (*motion_clips, static_clip):
        motion = torch.from_numpy(to_motion(clip, 'motion15'))
        standard = (motion - generator.mean[:, None]) / generator.std[:, None]
        codes.append(generator.encode(standard[None]))
    length = min(len(clip) for clip in motion_clips)
    steps = min(code.motion.shape[2] for code in codes[:-1])
    mean = sum(code.motion[..., :steps] for code in codes[:-1]) / len(motion_clips)
    decoded = generator.decode(MotionCode(mean, codes[-1].static))[0, :, :length]
    restored = decoded * generator.std[:, None] + generator.mean[:, None]
    return from_motion(restored, 'motion15').detach().numpy() + static_clip[0, ROOT]


def test_retargeting_in_the_unit_of_the_library(generator, clips):
    found = retarget(generator, *clips, match_size=False)
    assert found.shape == (32, 15, 2) and found.dtype == np.float32
    np.testing.assert_allclose(found, generate(generator, clips[:1], clips[1]), atol=1e-3)
    np.testing.assert_allclose(found[0, ROOT], clips[1][0, ROOT], atol=1e-5)


def test_every_motion_on_every_static(generator, clips):
    found = retarget_all(generator, clips, [clips[1], clips[0], clips[1]])
    assert [[len(motion) for motion in row] for row in found] == [[32] * 3, [27] * 3]
    for i, row in enumerate(found):
        for k, static in enumerate((1, 0, 1)):
            np.testing.assert_array_equal(row[k], retarget(generator, clips[i], clips[static]))


def test_a_motion_without_a_static_is_the_same_for_all_statics(generator, clips):
    """D(r_m): what is left of the decoder's input when the static magnitudes are 0."""
    found = canonical(generator, clips[0], match_size=False)
    code = encode_sequence(generator, clips[0], match_size=False).code
    decoded = generator.decode(MotionCode(code.motion, 0 * code.static))[0, :, :32]
    restored = decoded * generator.std[:, None] + generator.mean[:, None]
    expected = from_motion(restored, 'motion15').detach().numpy() + clips[0][0, ROOT]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.abs(found - retarget(generator, clips[0], clips[0], match_size=False)).max() > 1e-2


def test_codes_as_vectors(generator, clips):
    motion, static = sequence_codes(generator, clips)
    assert motion.shape == (2, 2 * 128) and static.shape == (2, 32)
    code = encode_sequence(generator, clips[1]).code
    magnitudes = code.motion[0].numpy()
    np.testing.assert_allclose(motion[1, :128], magnitudes.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(motion[1, 128:], magnitudes.std(axis=1), atol=1e-5)
    np.testing.assert_allclose(static[1], code.static[0].numpy(), atol=1e-5)


@pytest.mark.parametrize(('stride', 'length', 'steps'), [(8, 5, 1), (8, 9, 2), (4, 17, 5), (2, 17, 9)])
def test_steps_that_only_complete_a_short_sequence_do_not_count(statistics, clips, stride, length, steps):
    """17 frames are encoded as 24, and 5 as 16: the last step, or two, or three, see the last frame alone."""
    generator = MotionAutoencoder(stride=stride).eval()
    generator.set_statistics(statistics)
    clip = clips[0][:length]
    motion = torch.from_numpy(to_motion(clip, 'motion15'))
    motion = (motion - generator.mean[:, None]) / generator.std[:, None]
    whole = torch.cat([motion, *[motion[:, -1:]] * (max(16, -(-length // 8) * 8) - length)], dim=1)
    code = generator.encode(whole[None]).motion[0].detach().numpy()
    assert code.shape[1] > steps or length == 9
    vector = np.concatenate([code[:, :steps].mean(axis=1), code[:, :steps].std(axis=1)])
    found, _ = sequence_codes(generator, [clip], match_size=False)
    np.testing.assert_allclose(found[0], vector, atol=1e-5)
    ((direction, highest),) = strongest_directions(generator, clip, count=1, match_size=False)
    if steps > 1:
        assert direction == np.argmax(code[:, :steps].std(axis=1))
    assert highest == pytest.approx(np.abs(code[direction, :steps]).max(), rel=1e-4)


def test_composition_of_unequal_lengths(generator, clips):
    found = compose(generator, clips, match_size=False)
    np.testing.assert_allclose(found, generate(generator, clips, clips[0]), atol=1e-3)
    found = compose(generator, clips, static_of=clips[1], match_size=False)
    np.testing.assert_allclose(found, generate(generator, clips, clips[1]), atol=1e-3)
    same = compose(generator, [clips[0], clips[0]], clips[1], weights=(0.25, 0.75))
    np.testing.assert_allclose(same, retarget(generator, *clips), atol=1e-3)


def test_swap_is_two_retargetings(generator, clips):
    first, second = swap_static(generator, *clips)
    np.testing.assert_array_equal(first, retarget(generator, clips[0], clips[1]))
    np.testing.assert_array_equal(second, retarget(generator, clips[1], clips[0]))


def test_units_of_the_sequences_do_not_matter(generator, clips):
    found = retarget(generator, clips[0], clips[1])
    # the motion's giver in another unit changes nothing, the static's giver sets the unit of the result
    np.testing.assert_allclose(retarget(generator, clips[0] / 300, clips[1]), found, atol=1e-2)
    np.testing.assert_allclose(retarget(generator, clips[0], clips[1] / 300) * 300, found, atol=1e-2)


def test_walk_changes_one_magnitude_from_the_reference_pose(generator, clips):
    magnitudes = np.linspace(-4, 4, 5)
    poses = walk_direction(generator, clips[1], 9, magnitudes, match_size=False)
    assert poses.shape == (5, 15, 2)
    np.testing.assert_allclose(poses[:, ROOT], np.tile(clips[1][0, ROOT], (5, 1)), atol=1e-4)
    code = encode_sequence(generator, clips[1], match_size=False).code
    basis = generator.decomposition.dictionary()
    latent = basis[:, 9] * magnitudes[4] + basis[:, 128:] @ code.static[0]
    decoded = generator.decoder(latent.float()[None, :, None].repeat(1, 1, 8))[0]
    expected = decoded * generator.std[:, None] + generator.mean[:, None]
    np.testing.assert_allclose(
        poses[4] - poses[4, ROOT],
        from_motion(expected[:, 32:33], 'motion15')[0].detach().numpy(),
        atol=1e-3,
    )
    other = walk_direction(generator, clips[1], 10, magnitudes, match_size=False)
    np.testing.assert_allclose(poses[2], other[2])
    assert np.abs(poses[4] - other[4]).max() > 1e-3


def test_a_static_walk_changes_static_magnitudes_alone(generator, clips):
    """Against the decoder on latents written out by hand: r_m + D_c A_c with one magnitude or all changed."""
    code = encode_sequence(generator, clips[0], match_size=False).code
    basis = generator.decomposition.dictionary().detach()
    for direction in (None, 5):
        walked = walk_static(generator, clips[0], [0.0, -2.5], direction, match_size=False)
        assert walked.shape == (2, *clips[0].shape)
        for magnitude, found in zip((0.0, -2.5), walked):
            static = code.static[0].clone()
            if direction is None:
                static *= magnitude
            else:
                static[direction] = magnitude
            latent = basis[:, :128] @ code.motion[0] + (basis[:, 128:] @ static)[:, None]
            made = generator.restore(generator.decoder(latent[None])[0]).detach()
            expected = from_motion(made, 'motion15').numpy() + clips[0][0, ROOT]
            np.testing.assert_allclose(found, expected[: len(found)], atol=1e-2)
    np.testing.assert_array_equal(
        walk_static(generator, clips[0], [1.0])[0], retarget(generator, clips[0], clips[0])
    )
    with pytest.raises(ValueError, match='direction of 0 to 31'):
        walk_static(generator, clips[0], [1.0], 32)


def test_strongest_directions_move_most(generator, clips):
    found = strongest_directions(generator, clips[0], count=3)
    motion = encode_sequence(generator, clips[0]).code.motion[0].detach().numpy()
    assert [i for i, _ in found] == np.argsort(-motion.std(axis=1))[:3].tolist()
    assert found[0][1] == pytest.approx(np.abs(motion[found[0][0]]).max())


def test_bad_input_is_refused(generator, clips):
    with pytest.raises(ValueError, match=r"\(T, 15, 2\) of layout 'motion15', found \(32, 15, 3\)"):
        retarget(generator, np.zeros((32, 15, 3)), clips[1])
    with pytest.raises(ValueError, match='not finite'):
        retarget(generator, np.full((32, 15, 2), np.nan), clips[1])
    with pytest.raises(InferenceError, match='lie in one place'):
        retarget(generator, clips[0], np.ones((32, 15, 2)))
    with pytest.raises(ValueError, match='it is not trained'):
        retarget(MotionAutoencoder(), *clips)
    with pytest.raises(ValueError, match='direction of 0 to 127 and one magnitude or more, found 128'):
        walk_direction(generator, clips[0], 128, [0])
