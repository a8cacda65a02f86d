"""Bodies, cameras and noise drawn on tensors, against formulas and the library's own functions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.motion.library_layout import LIBRARY_LAYOUT as LAYOUT
from mmactrep.motion.synthesis import (
    Bodies,
    CameraBatch,
    Tumbles,
    bones_of,
    dampen,
    draw_bodies,
    draw_cameras,
    draw_tumbles,
    embody,
    joints_of,
    mirror_motions,
    observe,
    project_batch,
    swap_upper_bodies,
    tumble,
)
from mmactrep.motion.views import view
from mmactrep.structures.motion_representation import fill_missing

FRAMES = 12


@pytest.fixture
def positions() -> torch.Tensor:
    """(5, 12, 17, 3): anything that moves."""
    return torch.randn(5, FRAMES, LAYOUT.num_joints, 3)


def bone_lengths(positions: torch.Tensor) -> torch.Tensor:
    child, parent = zip(*LAYOUT.bones)
    return (positions[..., child, :] - positions[..., parent, :]).norm(dim=-1)


def test_bones_and_joints_are_inverse(positions):
    root = positions[..., LAYOUT.root, :]
    torch.testing.assert_close(joints_of(bones_of(positions, LAYOUT), root, LAYOUT), positions)


def test_another_body_has_other_lengths_and_the_same_directions(positions):
    bodies = draw_bodies(5, LAYOUT)
    found = embody(positions, bodies, LAYOUT)
    child = [child for child, _ in LAYOUT.bones]
    expected = bone_lengths(positions) * bodies.bones[:, None, child]
    torch.testing.assert_close(bone_lengths(found), expected, rtol=1e-4, atol=1e-5)
    cosine = torch.nn.functional.cosine_similarity(
        bones_of(found, LAYOUT)[..., child, :], bones_of(positions, LAYOUT)[..., child, :], dim=-1
    )
    torch.testing.assert_close(cosine, torch.ones_like(cosine), rtol=0, atol=1e-4)
    path = positions[:, :, LAYOUT.root] * bodies.legs[:, None, None]
    torch.testing.assert_close(found[:, :, LAYOUT.root], path)


def test_the_sides_of_a_body_are_alike_and_bodies_differ():
    bodies = draw_bodies(500, LAYOUT)
    for left, right in LAYOUT.side_pairs:
        torch.testing.assert_close(bodies.bones[:, left], bodies.bones[:, right])
    knee = bodies.bones[:, LAYOUT.index('left_knee')]
    assert 0.6 < knee.min() < 0.8 and 1.1 < knee.max() < 1.4
    torch.testing.assert_close(bodies.legs, knee)
    # long thighs come with long shins, and long upper arms with long forearms
    for below, above in (('ankle', 'knee'), ('wrist', 'elbow')):
        lower, upper = (bodies.bones[:, LAYOUT.index(f'left_{joint}')] for joint in (below, above))
        assert ((lower / upper) - 1).abs().max() <= 0.1 + 1e-5


def test_the_mirror_exchanges_sides(positions):
    found = mirror_motions(positions, LAYOUT)
    left, right = LAYOUT.index('left_wrist'), LAYOUT.index('right_wrist')
    expected = positions[..., right, :] * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(found[..., left, :], expected)
    torch.testing.assert_close(mirror_motions(found, LAYOUT), positions)


def test_swapped_bodies_keep_their_legs_and_take_the_other_arms(positions):
    torch.testing.assert_close(swap_upper_bodies(positions, positions, LAYOUT), positions)
    others = positions.flip(0)
    found = swap_upper_bodies(positions, others, LAYOUT)
    legs = LAYOUT.indices(('mid_hip', 'left_hip', 'left_knee', 'left_ankle', 'right_ankle'))
    torch.testing.assert_close(found[:, :, legs], positions[:, :, legs])
    height = bones_of(found, LAYOUT)[..., LAYOUT.index('left_elbow'), 1]
    torch.testing.assert_close(height, bones_of(others, LAYOUT)[..., LAYOUT.index('left_elbow'), 1])

    # turned with the hips: the angle from the hips to the shoulders about the vertical is the other's
    def twist(x):
        hips = x[:, :, LAYOUT.index('left_hip')] - x[:, :, LAYOUT.index('right_hip')]
        shoulders = x[:, :, LAYOUT.index('left_shoulder')] - x[:, :, LAYOUT.index('right_shoulder')]
        turns = [torch.atan2(v[..., 2], v[..., 0]) for v in (hips, shoulders)]
        return torch.remainder(turns[1] - turns[0], 2 * torch.pi)

    difference = torch.remainder(twist(found) - twist(others) + 0.1, 2 * torch.pi) - 0.1
    torch.testing.assert_close(difference, torch.zeros_like(difference), rtol=0, atol=1e-4)


def test_parallel_cameras_see_what_views_of_libraries_show(positions):
    torch.manual_seed(3)
    cameras = draw_cameras(5, scale=(0.7, 1.3), perspective=0.0)
    torch.manual_seed(3)
    yaw, pitch, roll = (torch.rand(5) for _ in range(3))
    angles = -180 + 360 * yaw, -15 + 45 * pitch, -15 + 30 * roll
    for dims in (2, 3):
        found = project_batch(positions, cameras, LAYOUT, dims)
        for i in range(5):
            centered = positions[i] - positions[i, :, LAYOUT.root].mean(dim=0)
            expected = view(
                centered.numpy(), float(angles[0][i]), dims, float(angles[1][i]), float(angles[2][i])
            )
            np.testing.assert_allclose(found[i] / cameras.scale[i], expected, atol=1e-4)


def test_perspective_makes_the_near_large():
    still = torch.zeros(1, 2, LAYOUT.num_joints, 3)
    still[..., LAYOUT.index('left_wrist'), :] = torch.tensor([0.5, 0.2, 1.0])  # towards the camera
    front = torch.tensor([[[1.0, 0, 0], [0, -1, 0], [0, 0, -1]]])
    cameras = CameraBatch(front, torch.tensor([4.0]), torch.tensor([1.0]))
    found = project_batch(still, cameras, LAYOUT)[0, 0, LAYOUT.index('left_wrist')]
    torch.testing.assert_close(found, torch.tensor([0.5, -0.2]) * 4 / 3)


def test_what_is_missing_for_a_while_is_filled_as_in_real_clips(positions):
    jitter = torch.zeros(5)
    torch.testing.assert_close(observe(positions, jitter), positions)
    found = observe(positions, jitter, missing=0.5, longest=8)
    gone = (found != positions).any(dim=-1)
    assert 0.1 < gone.float().mean() < 0.5
    expected = fill_missing(positions.numpy(), (~gone).float().numpy(), LAYOUT)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_spells_are_as_long_as_they_are_drawn():
    """From three frames to the longest: here three, or what the border leaves of them."""
    moving = torch.randn(40, 30, LAYOUT.num_joints, 2)
    gone = (observe(moving, torch.zeros(40), missing=1.0, longest=3) != moving).any(dim=-1)
    inside = ~(gone[:, :2] | gone[:, -2:]).any(dim=1)
    assert inside.float().mean() > 0.7
    assert (gone.sum(dim=1)[inside] == 3).all()


def test_jitter_has_the_deviation_asked_for():
    still = torch.zeros(3, 200, LAYOUT.num_joints, 2)
    found = observe(still, torch.tensor([0.0, 1.0, 3.0])).flatten(1).std(dim=1)
    torch.testing.assert_close(found, torch.tensor([0.0, 1.0, 3.0]), rtol=0.05, atol=1e-6)


def test_a_body_is_a_body(positions):
    same = Bodies(torch.ones(5, LAYOUT.num_joints), torch.ones(5))
    torch.testing.assert_close(embody(positions, same, LAYOUT), positions)


def test_a_tumble_rotates_about_the_hips_and_leaves_the_path(positions):
    from scipy.spatial.transform import Rotation

    left, right, root = LAYOUT.index('left_hip'), LAYOUT.index('right_hip'), LAYOUT.root
    axis, angle = torch.linspace(-3, 3, 5), torch.randn(5, FRAMES)
    found = tumble(positions, Tumbles(axis, angle), LAYOUT)
    torch.testing.assert_close(found[:, :, root], positions[:, :, root])
    for i in range(5):
        across = (positions[i, 0, left] - positions[i, 0, right]).numpy()
        heading = np.arctan2(across[2], across[0]) + float(axis[i])
        line = np.array([np.cos(heading), 0, np.sin(heading)])
        for t in range(FRAMES):
            body = (positions[i, t] - positions[i, t, root]).numpy()
            expected = Rotation.from_rotvec(float(angle[i, t]) * line).apply(body)
            np.testing.assert_allclose(found[i, t] - positions[i, t, root], expected, atol=1e-4)


def test_the_tumbles_drawn_are_smooth_centered_and_as_many_as_asked_for():
    tumbles = draw_tumbles(2000, 64, 0.25)
    moved = (tumbles.angle != 0).any(dim=1)
    assert 0.21 < moved.float().mean() < 0.29
    assert tumbles.angle.diff(dim=1).abs().max() < 3 * 2 * np.pi * (np.pi / 3) / 63 + 0.01
    assert tumbles.angle[moved].diff(dim=1).abs().mean() > 0.01
    # where a body points all the time is the camera's affair
    torch.testing.assert_close(tumbles.angle.mean(dim=1), torch.zeros(2000), rtol=0, atol=1e-4)
    assert 0.55 < (tumbles.axis == 0).float().mean() < 0.65
    still = draw_tumbles(5, 8, 0.0)
    positions = torch.randn(5, 8, LAYOUT.num_joints, 3)
    torch.testing.assert_close(tumble(positions, still, LAYOUT), positions)


def test_a_damped_motion_is_smaller_and_has_the_same_bones():
    # forearms that swing in the plane of x and y by up to 0.4 from hanging down
    swing = 0.4 * torch.linspace(-1, 1, FRAMES)
    still = torch.zeros(3, FRAMES, LAYOUT.num_joints, 3)
    elbow, wrist = LAYOUT.index('left_elbow'), LAYOUT.index('left_wrist')
    moved = still.clone()
    moved[..., elbow, 0] += 0.3
    forearm = torch.stack([swing.sin(), -swing.cos(), 0 * swing], dim=-1)
    moved[..., wrist, :] = moved[..., elbow, :] + forearm
    path = torch.linspace(0, 2, FRAMES)[:, None, None] * torch.tensor([0, 0, 1.0])
    factors = torch.tensor([0.0, 0.25, 1.0])
    found = dampen(moved + path, factors, LAYOUT)
    torch.testing.assert_close(found[2], (moved + path)[2])
    bone = bones_of(found, LAYOUT)[..., wrist, :]
    torch.testing.assert_close(bone.norm(dim=-1), torch.ones(3, FRAMES))
    # b_mean = (0, -mean cos): tan of the new angle is f sin / (mean cos + f (cos - mean cos))
    mean = swing.cos().mean()
    for f, row in zip(factors, bone):
        expected = torch.atan2(f * swing.sin(), mean + f * (swing.cos() - mean))
        torch.testing.assert_close(torch.atan2(row[:, 0], -row[:, 1]), expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(found[:, -1, LAYOUT.root, 2], 1 + factors)
