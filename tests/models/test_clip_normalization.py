"""Batches are normalized as the pipeline's transforms normalize each clip."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.datasets.transforms.normalization import AlignSkeleton3D, BoxNormalize, rotation_between
from mmactrep.models.clip_normalization import (
    batch_normalization_of,
    box_normalize_batch,
    from_camera_axes,
    rotations_between,
    to_camera_axes,
)
from mmactrep.motion.views import view
from mmactrep.structures import get_layout

LAYOUT = get_layout('posetics17')
BOXES = [dict(), dict(side='height'), dict(side='diagonal', per_person=True)]


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmactrep')


def clips_of(rng, channels):
    """Two persons each, at different places; some are absent."""
    clips = rng.normal(size=(5, 2, 9, 17, channels)) * 40 + rng.normal(size=(5, 2, 1, 1, channels)) * 200
    clips[1, 1] = 0
    clips[2, 0] = 0
    clips[4] = 0
    return clips.astype(np.float32)


def by_the_transform(transform, clips):
    scores = (clips != 0).any(-1).astype(np.float32)
    annotations = [
        dict(keypoint=clip, keypoint_score=score, layout='posetics17') for clip, score in zip(clips, scores)
    ]
    return np.stack([transform.transform(annotation)['keypoint'] for annotation in annotations])


def by_the_batch(config, clips):
    clips = torch.from_numpy(clips)
    present = (clips != 0).flatten(2).any(dim=2)
    return batch_normalization_of(config, LAYOUT)(clips, present).numpy()


@pytest.mark.parametrize('channels', [2, 3])
@pytest.mark.parametrize('options', BOXES, ids=str)
def test_boxes_are_those_of_the_pipeline(rng, channels, options):
    clips = clips_of(rng, channels)
    found = by_the_batch(dict(type='BoxNormalize', **options), clips)
    np.testing.assert_allclose(found, by_the_transform(BoxNormalize(**options), clips), atol=1e-5)
    assert not found[4].any() and not found[1, 1].any() and not found[2, 0].any()


def test_alignment_is_that_of_the_pipeline(rng):
    clips = clips_of(rng, 3)
    found = by_the_batch(dict(type='AlignSkeleton3D'), clips)
    np.testing.assert_allclose(found, by_the_transform(AlignSkeleton3D(), clips), atol=1e-2)
    assert np.abs(found[0]).max() > 100 and not found[4].any() and not found[1, 1].any()
    # the first who is there is the reference: chest at the origin, shoulders along x
    chest, left, right = found[2, 1, 0, LAYOUT.indices(('chest', 'left_shoulder', 'right_shoulder'))]
    np.testing.assert_allclose(chest, 0, atol=1e-3)
    np.testing.assert_allclose((right - left)[1:], 0, atol=1e-2)
    assert right[0] > left[0] + 1


def test_alignment_that_trusts_the_vertical_is_that_of_the_pipeline(rng):
    clips, options = clips_of(rng, 3), dict(center='mid_hip', spine=None)
    found = by_the_batch(dict(type='AlignSkeleton3D', **options), clips)
    np.testing.assert_allclose(found, by_the_transform(AlignSkeleton3D(**options), clips), atol=1e-2)
    heights = clips[0, 0, :, :, 1] - clips[0, 0, 0, LAYOUT.index('mid_hip'), 1]
    np.testing.assert_allclose(found[0, 0, :, :, 2], heights, atol=1e-2)


def test_aligned_skeletons_in_the_axes_of_motion_libraries_and_back(rng):
    """Against the library's own view of a body that faces +z, y up, +x to its left."""
    body = rng.normal(size=(1, 1, 3, 17, 3)).astype(np.float32)
    aligned = torch.from_numpy(np.stack([-body[..., 0], body[..., 2], body[..., 1]], axis=-1))
    seen = to_camera_axes(aligned)
    torch.testing.assert_close(seen, torch.from_numpy(view(body, yaw=0.0, dims=3)))
    sensor = from_camera_axes(seen)
    turned = sensor[..., 0], -sensor[..., 2], sensor[..., 1]  # y up becomes z up
    torch.testing.assert_close(torch.stack(turned, dim=-1), aligned)


def test_a_point_is_only_centered():
    clips = torch.full((1, 1, 4, 17, 2), 7.0)
    assert torch.equal(box_normalize_batch(clips), torch.zeros_like(clips))


def test_rotations_of_special_directions():
    """Nothing to turn, a half turn, no direction."""
    vectors = np.array([[0, 0, 2], [0, 0, -3], [0, 0, 0], [1, 2, 3], [-1e-3, 0, -1]], np.float64)
    found = rotations_between(torch.from_numpy(vectors), (0, 0, 1), (1, 0, 0)).numpy()
    expected = [rotation_between(vector, [0, 0, 1], [1, 0, 0]) for vector in vectors]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_gradient_passes_through_the_box_and_absent_persons_do_not_spoil_it():
    clips = torch.randn(2, 2, 4, 17, 2)
    clips[1] = 0
    clips.requires_grad_()
    present = torch.tensor([[True, True], [False, False]])
    box_normalize_batch(clips, present).square().sum().backward()
    assert torch.isfinite(clips.grad).all() and clips.grad[0].abs().sum() > 0


def test_a_transform_that_does_not_depend_on_the_clip_alone_is_refused():
    with pytest.raises(ValueError, match=r'BoxNormalize or AlignSkeleton3D.*found ScreenNormalize'):
        batch_normalization_of(dict(type='ScreenNormalize'), LAYOUT)
