"""Statistics of clips against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mmactrep.evaluation.functional import clip_statistics, median_statistics
from mmactrep.structures import SkeletonLayout

LAYOUT = SkeletonLayout('rod', ('mid_hip', 'head'), parents={'head': 'mid_hip'}, center='mid_hip')


def rod(*angles, root=(10.0, 10.0), steps=(0.0, 0.0)):
    """A head at distance 2 from a hip that moves on evenly; angles in degrees, (1, T, 2, 2)."""
    hips = np.array([np.add(root, np.multiply(steps, t)) for t in range(len(angles))])
    turned = np.radians(angles)
    heads = hips + 2 * np.stack([np.cos(turned), np.sin(turned)], axis=1)
    return np.stack([hips, heads], axis=1)[None]


def test_who_stands_still():
    found = clip_statistics(rod(90, 90, 90), LAYOUT)
    assert found.extent == 2.0 and found.movement == found.change == found.path == found.missing == 0
    assert math.isnan(found.roughness)


def test_a_head_that_swings_to_and_fro():
    """Relative to the hip: (2, 0), (0, 2), (2, 0), (0, 2): size sqrt(2), 1 from the mean, steps of 2."""
    found = clip_statistics(rod(0, 90, 0, 90), LAYOUT)
    size = math.sqrt(2)
    assert found.movement == pytest.approx(1 / size)
    assert found.change == pytest.approx(2 / size)
    assert found.roughness == pytest.approx(2), 'from +2 to -2'
    assert found.path == 0 and found.extent == pytest.approx(2)


def test_noise_and_smooth_curves(rng):
    noise = np.concatenate([np.zeros((1, 4000, 1, 2)), rng.normal(size=(1, 4000, 1, 2))], axis=2) + 50
    assert clip_statistics(noise, LAYOUT).roughness == pytest.approx(math.sqrt(3), rel=0.03)
    slow = clip_statistics(rod(*np.linspace(0, 90, 200)), LAYOUT)
    assert slow.roughness < 0.02 and slow.change < 0.01


def test_a_path_of_the_whole_body_is_no_movement_of_the_pose():
    found = clip_statistics(rod(90, 90, 90, 90, 90, steps=(3.0, 4.0)), LAYOUT)
    assert found.path == pytest.approx(4 * 5 / math.sqrt(2)) and found.movement == pytest.approx(0)
    assert found.extent == pytest.approx(18), '4 times 4 and the height'


def test_nothing_depends_on_the_unit_but_the_extent():
    clip = rod(0, 40, 20, 70, steps=(1.0, 0.0))
    one, other = clip_statistics(clip, LAYOUT), clip_statistics(7 * clip, LAYOUT)
    assert other.extent == pytest.approx(7 * one.extent) and other[1:] == pytest.approx(one[1:])


def test_missing_joints_and_persons():
    clip = rod(0, 90, 0, 90)
    clip[0, 3, 1] = 0
    found = clip_statistics(clip, LAYOUT)
    assert found.missing == pytest.approx(1 / 8)
    assert found.change == pytest.approx(2 / math.sqrt(2)), 'of the two steps that are seen'
    without_root = rod(0, 90, 0, steps=(2.0, 0.0))
    without_root[0, 1, 0] = 0
    assert clip_statistics(without_root, LAYOUT).path == pytest.approx(4 / math.sqrt(2))
    alone, both = rod(0, 90, 0, 90), np.concatenate([np.zeros((1, 4, 2, 2)), rod(0, 90, 0, 90)])
    assert clip_statistics(both, LAYOUT) == clip_statistics(alone, LAYOUT)


def test_persons_share_a_box_and_average_the_rest():
    clip = np.concatenate([rod(90, 90), rod(0, 90, root=(30.0, 10.0))])
    found = clip_statistics(clip, LAYOUT)
    assert found.extent == pytest.approx(22) and found.change == pytest.approx(2 / math.sqrt(2) / 2)


def test_medians_leave_out_what_is_not_defined():
    clips = [clip_statistics(rod(90, 90, 90), LAYOUT)] + [clip_statistics(rod(0, 90, 0, 90), LAYOUT)] * 2
    found = median_statistics(clips)
    assert found.movement == pytest.approx(1 / math.sqrt(2)) and found.roughness == pytest.approx(2)
    assert math.isnan(median_statistics(clips[:1]).roughness)


def test_what_is_no_clip_is_refused():
    with pytest.raises(ValueError, match='nobody'):
        clip_statistics(np.zeros((1, 3, 2, 2)), LAYOUT)
    with pytest.raises(ValueError, match=r'\(M, T, 2, C\)'):
        clip_statistics(np.ones((1, 3, 4, 2)), LAYOUT)
