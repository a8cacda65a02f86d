"""Other ways to write a capture down: joints stay where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mmactrep.motion.bvh import Capture, read_bvh
from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.rest_pose import rested_in_first_frame, rooted_where_it_moves
from mmactrep.motion.retargeting import CaptureRetargeter
from tests.helpers.humanoid_bvh import humanoid_bvh


@pytest.fixture
def capture(tmp_path) -> Capture:
    path = tmp_path / 'clip.bvh'
    path.write_text(humanoid_bvh())
    return read_bvh(path)


def along_own_axes(capture: Capture, rng: np.random.Generator) -> Capture:
    """The same motion with a rest pose turned at random, joint by joint, as bones along their own axes."""
    turns = Rotation.random(len(capture.names), random_state=0).as_matrix()
    above = np.where(capture.parents < 0, 0, capture.parents)
    root = (capture.parents < 0)[:, None]
    offsets = np.where(root, capture.offsets, np.einsum('jki,jk->ji', turns[above], capture.offsets))
    before = np.where(root[..., None], np.eye(3), turns[above])
    rotations = np.swapaxes(before, -1, -2) @ capture.rotations @ turns
    translations = np.where(root, capture.translations, offsets)
    return replace(capture, offsets=offsets, rotations=rotations, translations=translations)


def under_a_still_root(capture: Capture) -> Capture:
    """The same motion below a root that stays at the origin, turned by 90 degrees."""
    turn = Rotation.from_euler('y', 90, degrees=True).as_matrix()
    frames = len(capture)
    rotations = np.concatenate([np.broadcast_to(turn, (frames, 1, 3, 3)), capture.rotations], axis=1)
    translations = np.concatenate([np.zeros((frames, 1, 3)), capture.translations], axis=1)
    rotations[:, 1] = turn.T @ rotations[:, 1]
    translations[:, 1] = translations[:, 1] @ turn
    return replace(
        capture,
        names=('World', *capture.names),
        parents=np.concatenate([[-1], capture.parents + 1]),
        offsets=np.concatenate([np.zeros((1, 3)), capture.offsets]),
        rotations=rotations,
        translations=translations,
    )


def test_the_inputs_of_these_tests_are_the_same_motion(capture, rng):
    expected = capture.positions()
    np.testing.assert_allclose(along_own_axes(capture, rng).positions(), expected, atol=1e-9)
    np.testing.assert_allclose(under_a_still_root(capture).positions()[:, 1:], expected, atol=1e-9)


def test_a_root_that_stays_is_taken_out(capture):
    found = rooted_where_it_moves(under_a_still_root(capture))
    assert found.names == capture.names
    assert found.parents.tolist() == capture.parents.tolist()
    np.testing.assert_allclose(found.positions(), capture.positions(), atol=1e-9)
    assert rooted_where_it_moves(capture) is capture


def test_the_first_frame_becomes_the_rest_pose(capture, rng):
    moved = along_own_axes(capture, rng)
    turn = Rotation.from_euler('y', 25, degrees=True).as_matrix()
    offsets = np.where((moved.parents < 0)[:, None], 0, moved.offsets)
    found, rested = rested_in_first_frame(moved, offsets, turn)
    np.testing.assert_allclose(found.positions(), moved.positions(), atol=1e-9)
    unit = replace(
        found,
        rotations=np.broadcast_to(np.eye(3), found.rotations.shape),
        translations=np.where((found.parents < 0)[:, None], 0, rested)[None].repeat(len(found), 0),
    )
    first = moved.positions()[0]
    np.testing.assert_allclose(unit.positions()[0], (first - first[0]) @ turn.T, atol=1e-9)


def test_retargeting_does_not_depend_on_how_the_capture_is_written(capture, rng):
    character = character_offsets(sample_characters(np.array([3])))[0]
    expected = CaptureRetargeter(capture)(character)
    np.testing.assert_allclose(CaptureRetargeter(under_a_still_root(capture))(character), expected, atol=1e-5)
    found = CaptureRetargeter(along_own_axes(capture, rng))(character)
    # widths of hips and shoulders, and the trunk, are fitted along other directions: a few centimeters
    limbs = np.linalg.norm(found - expected, axis=-1)
    assert limbs.max() < 0.1, limbs.max(axis=0)


@pytest.mark.parametrize('degrees', [-30, 40, 130])
def test_bones_along_their_own_axes_are_understood_in_any_heading(capture, rng, degrees):
    """The first frame, which is the rest pose then, need not face along an axis of the file."""
    turn = Rotation.from_euler('y', degrees, degrees=True).as_matrix()
    root = capture.parents < 0
    turned = replace(
        capture,
        rotations=np.where(root[:, None, None], turn @ capture.rotations, capture.rotations),
        translations=np.where(root[:, None], capture.translations @ turn.T, capture.translations),
    )
    character = character_offsets(sample_characters(np.array([3])))[0]
    expected, found = (CaptureRetargeter(along_own_axes(each, rng))(character) for each in (capture, turned))
    np.testing.assert_allclose(found, expected, atol=1e-4)
