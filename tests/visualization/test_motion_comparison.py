from __future__ import annotations

import numpy as np
import pytest

from mmactrep.structures import get_layout
from mmactrep.visualization.motion_comparison import compare_motions, draw_walk, motion_grid, motion_sheet
from mmactrep.visualization.skeleton_drawing import SIDE_COLORS

LAYOUT = get_layout('motion15')


def motion(rng, frames: int, size: float) -> np.ndarray:
    pose = rng.uniform(-1, 1, (1, 15, 2)) * size
    return pose + np.linspace(0, size / 10, frames)[:, None, None]


def extent(image: np.ndarray) -> int:
    """Height of what is drawn in color, below the title."""
    colored = np.ptp(image[28:].astype(int), axis=2) > 40
    rows = np.flatnonzero(colored.any(axis=1))
    return int(rows[-1] - rows[0])


def test_panels_lie_side_by_side_as_long_as_the_longest(rng):
    panels = dict(a=motion(rng, 4, 1.0), b=motion(rng, 6, 1.0), c=motion(rng, 2, 1.0))
    frames = list(compare_motions(panels, LAYOUT, size=(120, 100), columns=2))
    assert len(frames) == 6 and frames[0].shape == (240, 200, 3)
    assert (frames[4][120:, :100] == frames[1][120:, :100]).all()  # the third has ended
    assert (frames[4][:120, 100:] != frames[1][:120, 100:]).any()
    assert all(extent(frame[:120, :100]) > 40 for frame in frames)


def test_a_sheet_has_a_row_a_motion_behind_its_title(rng):
    panels = dict(a=motion(rng, 9, 1.0), b=motion(rng, 5, 1.0))
    sheet = motion_sheet(panels, LAYOUT, moments=3, size=(120, 100), inputs=['b'])
    assert sheet.shape == (240, 400, 3)
    moments = list(compare_motions(panels, LAYOUT, size=(120, 100), columns=1, titles=False))
    assert (sheet[:, 100:] == np.hstack([moments[0], moments[4], moments[8]])).all()
    written = [(sheet[top : top + 26, :100] > 200).all(axis=-1).sum() for top in (0, 120)]
    assert 0 < written[0] < written[1]  # the input is marked so


def test_a_followed_body_keeps_its_place_and_is_drawn_larger(rng):
    """A body that walks ten times its width: with its path it is small, followed it fills its panel."""
    pose = rng.uniform(-1, 1, (1, 15, 2))
    walk = pose + np.linspace(0, 20, 5)[:, None, None] * [1.0, 0.0]
    path = list(compare_motions(dict(walk=walk), LAYOUT, size=(200, 200)))
    followed = list(compare_motions(dict(walk=walk), LAYOUT, size=(200, 200), follow=True))
    assert extent(followed[0]) > 4 * extent(path[0])
    assert all((frame == followed[0]).all() for frame in followed)


def test_a_grid_shows_moments_of_every_motion_on_every_static(rng):
    pose = rng.uniform(-1, 1, (1, 15, 2))
    still, small = np.repeat(pose, 8, axis=0), np.repeat(pose / 2, 8, axis=0)
    grid = motion_grid(
        [[still, still], [small, still]], ['a', 'b'], {'input': None, 's': pose[0]}, LAYOUT, 3, (120, 200)
    )
    assert grid.shape == (3 * 120, 100 + 2 * 200, 3)
    cells = [[grid[120 * i : 120 * (i + 1), 100 + 200 * k :][:, :200] for k in range(2)] for i in range(3)]
    colored = np.ptp(cells[0][0][28:].astype(int), axis=2) > 40
    assert not colored.any()  # the input has no static of its own to show
    assert (cells[1][1] == cells[2][1]).all()
    # one scale within a column: the second row is half as large
    assert extent(cells[2][0]) / extent(cells[1][0]) == pytest.approx(0.5, abs=0.08)
    # three equal bodies side by side
    slot = 200 / 3.5
    columns = (np.ptp(cells[2][0].astype(int), axis=2) > 40).any(axis=0)
    middles = [100 + (i - 1) * slot for i in range(3)]
    assert all(columns[int(middle) - 8 : int(middle) + 8].any() for middle in middles)
    with pytest.raises(ValueError, match=r'1 rows of 2 motions, found \[1\]'):
        motion_grid([[still]], ['a'], {'input': None, 's': None}, LAYOUT)


def test_one_scale_shows_sizes_and_own_scales_fill_the_panels(rng):
    tall = motion(rng, 1, 1.0)
    panels = dict(tall=tall, short=tall / 2)
    (same,) = compare_motions(panels, LAYOUT, size=(240, 240))
    (own,) = compare_motions(panels, LAYOUT, size=(240, 240), common_scale=False)
    assert extent(same[:, 240:]) / extent(same[:, :240]) == pytest.approx(0.5, abs=0.06)
    assert extent(own[:, 240:]) == extent(own[:, :240])


def test_long_titles_fit_their_panel(rng):
    title = 'a motion whose name is longer than its panel is wide'
    panels = {title: motion(rng, 1, 1.0), 'b': motion(rng, 1, 1.0)}
    (frame,) = compare_motions(panels, LAYOUT, size=(120, 100))
    written = (frame[:26, :100] > 200).all(axis=-1).any(axis=0)
    assert written[:92].any() and not written[95:].any()


def test_walk_marks_the_reference_pose(rng):
    poses = motion(rng, 3, 1.0)
    image = draw_walk(dict(d_m1=poses, d_m2=poses), dict(d_m1=[-1, 0, 1], d_m2=[0, 1, 2]), LAYOUT, (120, 100))
    assert image.shape == (240, 300, 3)

    def has_sides(row, column):
        cell = image[row * 120 + 28 : (row + 1) * 120, column * 100 : (column + 1) * 100]
        return [bool((cell == color).all(axis=-1).any()) for color in SIDE_COLORS.values()]

    marked = [(row, column) for row in range(2) for column in range(3) if not any(has_sides(row, column))]
    assert marked == [(0, 1), (1, 0)]


def test_3d_is_projected(rng):
    flat = motion(rng, 1, 1.0)
    deep = np.concatenate([flat, rng.uniform(-1, 1, (1, 15, 1))], axis=-1)
    ours, projected = (next(compare_motions(dict(a=x), LAYOUT)) for x in (flat, deep))
    assert (ours == projected).all()


def test_bad_input_is_refused(rng):
    with pytest.raises(ValueError, match='one motion or more to draw, found none'):
        next(compare_motions({}, LAYOUT))
    with pytest.raises(ValueError, match="walk: layout 'motion15' has 15 joints"):
        next(compare_motions(dict(walk=np.zeros((2, 14, 2))), LAYOUT))
    with pytest.raises(ValueError, match='walk: expected finite coordinates'):
        next(compare_motions(dict(walk=np.full((2, 15, 2), np.nan)), LAYOUT))
    with pytest.raises(ValueError, match=r'a magnitude for every pose, found poses \[3\]'):
        draw_walk(dict(a=motion(rng, 3, 1.0)), dict(a=[0, 1]), LAYOUT)
