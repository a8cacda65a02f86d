import numpy as np
import pytest
from mmaction.datasets.transforms import PreNormalize2D, PreNormalize3D
from scipy.spatial.transform import Rotation

from mmactrep.datasets.transforms import AlignSkeleton3D, BoxNormalize, CenterSkeleton, ScreenNormalize
from mmactrep.datasets.transforms.normalization import (
    box_normalize,
    rotation_between,
    screen_normalize,
    track_joint,
)
from mmactrep.structures import get_layout


def clip(layout='ntu25', channels=3, persons=1, frames=6, seed=0):
    rng = np.random.default_rng(seed)
    layout = get_layout(layout)
    keypoint = rng.normal(size=(persons, frames, layout.num_joints, channels)).astype(np.float32)
    return dict(keypoint=keypoint, keypoint_score=np.ones(keypoint.shape[:3], np.float32), layout=layout)


def upright(frames=4, seed=0):
    """A random NTU clip whose first frame has its spine along z and its shoulders along x."""
    ann = clip(frames=frames, seed=seed)
    layout, first = ann['layout'], ann['keypoint'][0, 0]
    first[layout.index('chest')] = 0
    first[layout.index('mid_hip')] = [0, 0, -0.4]
    first[layout.index('left_shoulder')] = [-0.2, 0.1, 0.3]
    first[layout.index('right_shoulder')] = [0.25, 0.1, 0.3]
    return ann


# --- screen -----------------------------------------------------------------------------------------


def test_screen_corners_go_where_the_design_says():
    corners = np.array([[0, 0], [640, 480], [320, 240], [640, 0]], np.float32)
    expected = [[-1, -0.75], [1, 0.75], [0, 0], [1, -0.75]]
    np.testing.assert_allclose(screen_normalize(corners, (480, 640)), expected, atol=1e-6)


def test_screen_is_the_formula():
    rng = np.random.default_rng(0)
    points = rng.uniform(-50, 2000, (2, 3, 5, 2)).astype(np.float32)
    height, width = 1080, 1920
    out = screen_normalize(points, (height, width))
    for index in np.ndindex(2, 3, 5):
        x, y = points[index].astype(float)
        np.testing.assert_allclose(out[index], [x * 2 / width - 1, y * 2 / width - height / width], atol=1e-5)


def test_screen_agrees_with_mmaction_on_square_pictures():
    ann = clip(channels=2)
    ann['keypoint'] = ann['keypoint'] * 100 + 200
    expected = PreNormalize2D(img_shape=(500, 500))(dict(keypoint=ann['keypoint'].copy()))['keypoint']
    out = ScreenNormalize()(ann | dict(img_shape=(500, 500)))['keypoint']
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_screen_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match=r"clip 'a'.*3 channels"):
        ScreenNormalize()(clip(channels=3) | dict(img_shape=(480, 640), frame_dir='a'))
    for shape in (None, (0, 640), (480, 640, 3)):
        with pytest.raises(ValueError, match=r"clip 'a'.*img_shape"):
            ScreenNormalize()(clip(channels=2) | dict(img_shape=shape, frame_dir='a'))


# --- box --------------------------------------------------------------------------------------------


@pytest.mark.parametrize('channels', [2, 3])
def test_box_is_centered_and_its_longest_side_is_two(channels):
    ann = clip(channels=channels, persons=2)
    ann['keypoint'] = ann['keypoint'] * np.arange(1, channels + 1) + 50
    ann['keypoint_score'][0, 2, 3:9] = 0
    ann['keypoint'][0, 2, 3:9] = 0  # far outside the box: must not count
    seen = ann['keypoint'][ann['keypoint_score'] > 0].astype(np.float64)
    out = BoxNormalize()(dict(ann))['keypoint']
    shown = out[ann['keypoint_score'] > 0]
    np.testing.assert_allclose(shown.min(0) + shown.max(0), 0, atol=1e-5)
    assert np.ptp(shown, axis=0).max() == pytest.approx(2, abs=1e-5)
    # one factor for all axes
    factor = 2 / max(seen[:, c].max() - seen[:, c].min() for c in range(channels))
    for a, b in ((0, 1), (5, 77)):
        np.testing.assert_allclose(shown[a] - shown[b], (seen[a] - seen[b]) * factor, atol=1e-5)


def test_box_forgets_place_and_size():
    ann = clip(channels=2)
    moved = ann | dict(keypoint=ann['keypoint'] * np.float32(37) + np.float32([400, -90]))
    np.testing.assert_allclose(
        BoxNormalize()(dict(ann))['keypoint'], BoxNormalize()(moved)['keypoint'], atol=1e-4
    )
    again = BoxNormalize()(BoxNormalize()(dict(ann)))['keypoint']
    np.testing.assert_allclose(again, BoxNormalize()(dict(ann))['keypoint'], atol=1e-6)


def test_box_sides():
    points = np.array([[0, 0], [8, 6]], np.float32)
    seen = np.ones(2, np.float32)
    np.testing.assert_allclose(np.ptp(box_normalize(points, seen, 'max'), axis=0), [2, 1.5], atol=1e-6)
    np.testing.assert_allclose(np.ptp(box_normalize(points, seen, 'height'), axis=0), [8 / 3, 2], atol=1e-6)
    np.testing.assert_allclose(np.ptp(box_normalize(points, seen, 'diagonal'), axis=0), [1.6, 1.2], atol=1e-6)


def test_box_of_one_point_is_only_centered():
    points = np.tile(np.float32([300.1, 200.7]), (1, 4, 3, 1))
    score = np.ones((1, 4, 3), np.float32)
    np.testing.assert_allclose(box_normalize(points, score), 0, atol=1e-4)
    points[0, 2] = np.nextafter(points[0, 2], np.float32(1e9))  # rounding, not movement
    np.testing.assert_allclose(box_normalize(points, score), 0, atol=1e-4)
    score[:, 1:] = 0
    score[:, :, 1:] = 0
    np.testing.assert_allclose(box_normalize(points, score)[score > 0], 0, atol=1e-4)


def test_box_per_person():
    ann = clip(channels=2, persons=2)
    ann['keypoint'][1] = ann['keypoint'][1] * 3 + 1000
    out = BoxNormalize(per_person=True)(dict(ann))['keypoint']
    for person in range(2):
        alone = {key: ann[key][person : person + 1] for key in ('keypoint', 'keypoint_score')}
        np.testing.assert_array_equal(out[person], BoxNormalize()(alone)['keypoint'][0])
    assert np.abs(BoxNormalize()(dict(ann))['keypoint'][0]).min() > 0.5  # together they share one


# --- 3D alignment -----------------------------------------------------------------------------------


@pytest.mark.parametrize('persons', [1, 2])
@pytest.mark.parametrize('seed', range(5))
def test_alignment_agrees_with_mmaction_on_complete_skeletons(persons, seed):
    ann = clip(persons=persons, seed=seed)
    expected = PreNormalize3D()(dict(keypoint=ann['keypoint'].astype(np.float64)))['keypoint']
    np.testing.assert_allclose(AlignSkeleton3D()(ann)['keypoint'], expected, atol=1e-5)


def test_alignment_undoes_any_rigid_motion():
    ann = upright()
    for seed in range(5):
        rotation = Rotation.random(random_state=seed).as_matrix()
        moved = (ann['keypoint'] @ rotation.T + [3, -2, 5]).astype(np.float32)
        out = AlignSkeleton3D()(ann | dict(keypoint=moved))['keypoint']
        np.testing.assert_allclose(out, ann['keypoint'], atol=1e-5)


@pytest.mark.parametrize('turn', [[180, 0, 0], [0, 180, 0], [0, 0, 180]])
def test_alignment_turns_a_body_that_stands_on_its_head_or_faces_away(turn):
    ann = upright()
    rotation = Rotation.from_euler('xyz', turn, degrees=True).as_matrix()
    out = AlignSkeleton3D()(ann | dict(keypoint=(ann['keypoint'] @ rotation.T).astype(np.float32)))
    np.testing.assert_allclose(out['keypoint'], ann['keypoint'], atol=1e-5)


def test_alignment_takes_the_first_frame_that_shows_the_joints():
    ann = upright(frames=5)
    later = np.concatenate([clip(frames=2, seed=9)['keypoint'], ann['keypoint']], axis=1)
    score = np.ones(later.shape[:3], np.float32)
    score[:, 0] = 0
    score[:, 1, ann['layout'].index('left_shoulder')] = 0
    later[score == 0] = 0
    rotation = Rotation.random(random_state=1).as_matrix()
    moved = (later @ rotation.T + 7).astype(np.float32) * (score[..., None] > 0)
    out = AlignSkeleton3D()(ann | dict(keypoint=moved, keypoint_score=score))['keypoint']
    np.testing.assert_allclose(out, later, atol=1e-5)
    assert not out[:, 0].any()


def test_alignment_only_centers_where_no_frame_shows_all_joints():
    ann = clip()
    layout = ann['layout']
    ann['keypoint_score'][..., layout.index('right_shoulder')] = 0
    ann['keypoint'][ann['keypoint_score'] == 0] = 0
    out = AlignSkeleton3D()(dict(ann))['keypoint']
    expected = ann['keypoint'] - ann['keypoint'][0, 0, layout.index('chest')]
    expected[ann['keypoint_score'] == 0] = 0
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_alignment_names_the_joints_that_a_layout_lacks():
    with pytest.raises(ValueError, match=r"\['chest', 'mid_hip', 'chest'\].*'coco17'"):
        AlignSkeleton3D()(clip('coco17'))
    with pytest.raises(ValueError, match='2 channels'):
        AlignSkeleton3D()(clip(channels=2))
    out = AlignSkeleton3D(center='neck', spine=('mid_hip', 'neck'))(clip('motion15'))['keypoint']
    np.testing.assert_array_equal(out[0, 0, get_layout('motion15').index('neck')], 0)


def test_alignment_without_a_spine_turns_about_the_vertical_alone():
    """A person who bends forward and faces anywhere: bent as before, and facing +y."""
    layout = get_layout('kinect20')
    ann = clip('kinect20', frames=3)
    first = ann['keypoint'][0, 0]
    first[layout.index('mid_hip')] = 0
    first[layout.index('neck')] = [0, 0.3, 0.3]  # forward and up
    first[layout.index('left_shoulder')] = [-0.2, 0.25, 0.3]
    first[layout.index('right_shoulder')] = [0.2, 0.25, 0.4]
    expected = ann['keypoint']
    # the sensor's frame: x to its left, y up, z away from it; a turn about y, and a place in the room
    sensor = np.stack([expected[..., 0], expected[..., 2], -expected[..., 1]], axis=-1)
    align = AlignSkeleton3D(center='mid_hip', spine=None)
    for degrees in (0, 40, 180, -110):
        turn = Rotation.from_euler('y', degrees, degrees=True).as_matrix()
        moved = (sensor @ turn.T + [1, 0.2, 3]).astype(np.float32)
        np.testing.assert_allclose(align(ann | dict(keypoint=moved))['keypoint'], expected, atol=1e-5)
    unseen = ann['keypoint_score'].copy()
    unseen[..., layout.index('left_shoulder')] = 0
    out = align(ann | dict(keypoint=sensor.astype(np.float32), keypoint_score=unseen))['keypoint']
    np.testing.assert_allclose(out[0, 1, 3], (expected - expected[0, 0, 0])[0, 1, 3], atol=1e-5)  # upright


def test_rotation_between_takes_the_shortest_way():
    turn = rotation_between([0, 2, 0], [0, 0, 5], [1, 0, 0])
    np.testing.assert_allclose(turn @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(turn @ [1, 0, 0], [1, 0, 0], atol=1e-12)
    np.testing.assert_array_equal(rotation_between([0, 0, 0], [0, 0, 1], [1, 0, 0]), np.eye(3))


# --- centering ---------------------------------------------------------------------------------------


def test_center_of_a_clip_is_its_first_sight_of_the_joint():
    ann = clip('posetics17', channels=2, persons=2)
    joint = ann['layout'].index('neck')  # the layout's center
    ann['keypoint_score'][0, :2, joint] = 0
    ann['keypoint'][0, :2, joint] = 0
    out = CenterSkeleton()(dict(ann))['keypoint']
    expected = ann['keypoint'] - ann['keypoint'][0, 2, joint]
    expected[0, :2, joint] = 0
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_centering_by_frame_takes_every_persons_movement_away():
    ann = clip('posetics17', channels=2, persons=2)
    joint = ann['layout'].index('mid_hip')
    moved = ann['keypoint'] + np.random.default_rng(5).normal(size=(2, 6, 1, 2)).astype(np.float32)
    first = CenterSkeleton('mid_hip', per='frame')(dict(ann))['keypoint']
    second = CenterSkeleton('mid_hip', per='frame')(ann | dict(keypoint=moved))['keypoint']
    np.testing.assert_allclose(first, second, atol=1e-5)
    np.testing.assert_array_equal(first[:, :, joint], 0)


def test_track_is_interpolated_where_the_joint_is_missing():
    keypoint = np.zeros((3, 5, 2, 1), np.float32)
    score = np.zeros((3, 5, 2), np.float32)
    keypoint[0, [1, 3], 0, 0] = 10, 20
    score[0, [1, 3], 0] = 1
    keypoint[1, :2, 1, 0] = 4, 8  # its joint 0 is never seen
    score[1, :2, 1] = 1
    track = track_joint(keypoint, score, 0)
    np.testing.assert_allclose(track[..., 0], [[10, 10, 15, 20, 20], [6] * 5, [0] * 5])
