import numpy as np
import pytest

from mmactrep.structures import SkeletonLayout, get_layout, list_layouts
from mmactrep.visualization import SIDE_COLORS, draw_persons, draw_skeleton, draw_text, joint_sides

CROSS = SkeletonLayout(
    'cross',
    ('neck', 'left_hand', 'right_hand', 'mid_hip'),
    dict(left_hand='neck', right_hand='neck', mid_hip='neck'),
)
# neck in the middle, left hand right, right hand left, hip below
POSE = np.array([[50, 40], [90, 40], [10, 40], [50, 80]], float)


def _blank() -> np.ndarray:
    return np.zeros((100, 100, 3), np.uint8)


def test_bones_lie_where_the_joints_are_in_the_color_of_their_side():
    image = draw_skeleton(_blank(), POSE, CROSS, thickness=3)
    assert tuple(image[40, 75]) == SIDE_COLORS['left']
    assert tuple(image[40, 25]) == SIDE_COLORS['right']
    assert tuple(image[60, 50]) == SIDE_COLORS['middle']
    assert not image[60:70, 10:40].any() and not image[5:30].any()


def test_the_given_image_is_left_alone():
    image = _blank()
    draw_skeleton(image, POSE, CROSS)
    draw_text(image, 'hello')
    assert not image.any()


@pytest.mark.parametrize('how', ['zero score', 'low score', 'zero coordinates', 'not a number'])
def test_missing_joints_and_their_bones_are_not_drawn(how):
    pose, score, least = POSE.copy(), np.ones(4), 0.0
    if how == 'zero score':
        score[1] = 0
    elif how == 'low score':
        score[1], least = 0.2, 0.3
    elif how == 'zero coordinates':
        pose[1], score = 0, None
    else:
        pose[1] = np.nan
    image = draw_skeleton(_blank(), pose, CROSS, score, min_score=least)
    assert not image[:, 56:].any() and not image[:20, :20].any()
    assert image[40, 25].any() and image[60, 50].any()


def test_a_missing_root_leaves_only_joints():
    image = draw_skeleton(_blank(), POSE, CROSS, np.array([0, 1, 1, 1]), thickness=2)
    assert not image[40, 75].any() and image[40, 90].any() and image[80, 50].any()


@pytest.mark.parametrize('name', list_layouts())
def test_every_layout_can_be_drawn(name):
    layout = get_layout(name)
    pose = np.random.default_rng(0).uniform(10, 90, (layout.num_joints, 2))
    assert draw_skeleton(_blank(), pose, layout).any()
    sides = joint_sides(layout)
    assert sides.count('left') == sides.count('right') == len(layout.pairs)


def test_persons_differ_in_brightness_and_scores_are_per_person():
    both = np.stack([POSE, POSE + [0, 15]])
    image = draw_persons(_blank(), both, CROSS, np.ones((2, 4)), thickness=3)
    assert image[40, 75].sum() > image[55, 75].sum() > 0
    one = draw_persons(_blank(), both, CROSS, np.stack([np.ones(4), np.zeros(4)]), thickness=3)
    np.testing.assert_array_equal(one, draw_skeleton(_blank(), POSE, CROSS, thickness=3))


def test_coordinates_far_outside_do_not_wrap_around():
    pose = POSE.copy()
    pose[1] = [1e9, 40]
    image = draw_skeleton(_blank(), pose, CROSS, thickness=3)
    assert image[40, 98].any() and not image[:30].any()


def test_a_foreign_joint_count_is_refused():
    with pytest.raises(ValueError, match='4 joints'):
        draw_skeleton(_blank(), np.zeros((5, 2)), CROSS)
