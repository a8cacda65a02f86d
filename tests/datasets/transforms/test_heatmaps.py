import numpy as np
import pytest

from mmactrep.datasets.transforms import FormatHeatmaps
from mmactrep.structures import get_layout

LAYOUT = get_layout('coco17')


def clip(num_clips=1, stream='joint'):
    """Two persons for whom joint j lies at (j / 8 - 1, 0), the second one lower, over three frames."""
    x = np.linspace(-1, 1, 17, dtype=np.float32)
    keypoint = np.zeros((2, 3 * num_clips, 17, 2), np.float32)
    keypoint[..., 0] = x
    keypoint[1, ..., 1] = 0.5
    score = np.ones(keypoint.shape[:-1], np.float32)
    score[0, :, 3] = 0
    return dict(keypoint=keypoint, keypoint_score=score, num_clips=num_clips, layout=LAYOUT, stream=stream)


def test_joints_lie_where_they_were_and_missing_ones_nowhere():
    out = FormatHeatmaps(size=41, margin=0.0)(clip())
    assert out['imgs'].shape == (1, 17, 3, 41, 41) and 'keypoint' not in out
    picture = out['imgs'][0, :, 0]
    for joint in (0, 8, 16):
        row, column = np.unravel_index(picture[joint].argmax(), (41, 41))
        assert (row, column) in ((20, round(2.5 * joint)), (30, round(2.5 * joint)))
    # both persons are in the same picture, without an order
    assert picture[8, 20, 20] == pytest.approx(1, abs=0.01) and picture[8, 30, 20] == pytest.approx(
        1, abs=0.01
    )
    assert picture[3, 20].max() == 0 and picture[3, 30].max() > 0.5
    swapped = clip()
    swapped['keypoint'], swapped['keypoint_score'] = (
        swapped['keypoint'][::-1],
        swapped['keypoint_score'][::-1],
    )
    np.testing.assert_allclose(FormatHeatmaps(size=41, margin=0.0)(swapped)['imgs'], out['imgs'])


def test_limbs_have_a_channel_for_each_joint():
    given = clip(stream='bone')
    given['keypoint'][..., 1] += np.linspace(-0.5, 0.5, 17)  # limbs are not on one line
    picture = FormatHeatmaps(size=57)(dict(given))['imgs'][0, :, 0]
    assert picture.shape == (17, 57, 57)
    child = LAYOUT.index('left_wrist')
    parent = LAYOUT.parent_indices[child]
    middle = (given['keypoint'][0, 0, child] + given['keypoint'][0, 0, parent]) / 2
    x, y = np.round(((middle + 1) / 2 * 0.8 + 0.1) * 56).astype(int)
    assert picture[child, y, x] > 0.5


def test_samples_stay_apart():
    given = clip(num_clips=2)
    given['keypoint'][:, 3:, :, 1] -= 0.8
    out = FormatHeatmaps(size=20)(given)
    assert out['imgs'].shape == (2, 17, 3, 20, 20)
    assert not np.allclose(out['imgs'][0], out['imgs'][1])
    np.testing.assert_array_equal(out['imgs'][0, :, 0], out['imgs'][0, :, 2])


def test_motion_cannot_be_drawn():
    with pytest.raises(ValueError, match='stream of heatmaps'):
        FormatHeatmaps()(clip(stream='motion'))
