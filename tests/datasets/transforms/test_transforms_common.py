"""What every registered transform must keep: missing joints, inputs, dtypes, reproducible draws."""

import warnings

import mmcv.transforms
import mmengine.registry
import numpy as np
import pytest
from mmaction.registry import TRANSFORMS as MMACTION_TRANSFORMS
from mmengine.dataset import Compose

import mmactrep.datasets.transforms as transforms
from mmactrep.datasets.transforms.base import pivot_of
from mmactrep.registry import TRANSFORMS
from mmactrep.structures import get_layout

REGISTERED = {
    name: cls
    for name, cls in TRANSFORMS.module_dict.items()
    if cls.__module__.startswith('mmactrep.datasets.transforms')
}


def same(missing, results):
    return missing


def frames(missing, results):
    return missing[:, results['frame_inds']]


def swapped(missing, results):
    return missing[..., list(get_layout('ntu25').flip_order)]


def child_or_parent(missing, results):
    return missing | missing[..., list(get_layout('ntu25').parent_indices)]


def either_frame(missing, results):
    later = np.concatenate([missing[:, 1:], np.ones_like(missing[:, :1])], axis=1)
    return missing | later


def either_frame_of_bones(missing, results):
    return either_frame(child_or_parent(missing, results), results)


def more(missing, results):
    return missing | (results['keypoint_score'] == 0)


def mapped(missing, results):
    """posetics17's interpolated joints: made of others, or else the source's own of that name."""
    ntu, wanted = get_layout('ntu25'), results['layout'].joints
    own = {joint: missing[..., ntu.index(joint)] for joint in ntu.joints}
    shoulders = own['left_shoulder'] | own['right_shoulder']
    hips = own['left_hip'] | own['right_hip']
    made = dict(
        nose=own['head'] | (shoulders & own['neck']),
        neck=shoulders & own['neck'],
        mid_hip=hips & own['mid_hip'],
        chest=(shoulders | hips) & (own['neck'] | own['mid_hip']) & own['chest'],
    )
    return np.stack([made.get(joint, own.get(joint)) for joint in wanted], axis=-1)


def formatted(missing, results):
    persons = results['keypoint'].shape[1] - len(missing)
    return np.concatenate([missing, np.ones((persons, *missing.shape[1:]), bool)])[None]


# (class, arguments, channels, which joints are missing afterwards)
CASES = [
    ('ScreenNormalize', {}, 2, same),
    ('BoxNormalize', {}, 2, same),
    ('BoxNormalize', dict(per_person=True, side='height'), 3, same),
    ('AlignSkeleton3D', {}, 3, same),
    ('CenterSkeleton', {}, 2, same),
    ('CenterSkeleton', dict(joint='mid_hip', per='frame'), 3, same),
    ('ReplayPad', dict(length=20), 2, frames),
    ('RandomTemporalCrop', dict(length=5), 2, frames),
    ('RandomTemporalCrop', dict(length=20, num_clips=2, test_mode=True), 3, frames),
    ('UniformTemporalSample', dict(length=5), 2, frames),
    ('UniformTemporalSample', dict(length=20, short='stretch', num_clips=3), 3, frames),
    ('RandomMove', {}, 2, same),
    ('RandomMove', dict(origin='box'), 3, same),
    ('RandomRotate', dict(origin='screen'), 2, same),
    ('RandomRotate', {}, 3, same),
    ('RandomScale', dict(origin='box'), 2, same),
    ('RandomScale', dict(anisotropic=False), 3, same),
    ('RandomShift', {}, 2, same),
    ('RandomMirror', dict(p=1.0, origin='screen'), 2, swapped),
    ('RandomMirror', dict(p=1.0, origin='box'), 3, swapped),
    ('JointDropout', dict(p=0.3), 2, more),
    ('JointDropout', dict(p=0.3, per='clip'), 3, more),
    ('JointJitter', {}, 3, same),
    ('SkeletonStream', dict(stream='joint'), 2, same),
    ('SkeletonStream', dict(stream='bone'), 2, child_or_parent),
    ('SkeletonStream', dict(stream='motion'), 3, either_frame),
    ('SkeletonStream', dict(stream='bone_motion', root='zero'), 3, either_frame_of_bones),
    ('SelectPersons', dict(num=2), 2, None),
    ('SelectPersons', dict(num=1, by='deviation'), 3, None),
    ('ShufflePersons', {}, 2, None),
    ('EveryPersonOrder', {}, 2, None),
    ('MapLayout', dict(target='posetics17'), 2, mapped),
    ('FormatSkeleton', dict(num_person=2), 2, formatted),
    ('FormatSkeleton', dict(num_person=3), 3, formatted),
]
IDS = [f'{name}-{channels}d-{i}' for i, (name, _, channels, _) in enumerate(CASES)]


def annotation(channels=2, persons=2, num_frames=9, seed=0, missing=0.3):
    """A clip in pixels with missing joints, in memory that cannot be written."""
    rng = np.random.default_rng(seed)
    layout = get_layout('ntu25')
    shape = (persons, num_frames, layout.num_joints)
    score = rng.uniform(0.2, 1, shape).astype(np.float32)
    score[rng.random(shape) < missing] = 0
    keypoint = rng.uniform(100, 400, (*shape, channels)).astype(np.float32)
    keypoint[score == 0] = 0
    keypoint.setflags(write=False)
    score.setflags(write=False)
    return dict(
        keypoint=keypoint,
        keypoint_score=score,
        total_frames=num_frames,
        img_shape=(480, 640),
        label=1,
        frame_dir='clip7',
        layout=layout,
        rng=np.random.default_rng(seed + 1),
    )


def build(name, arguments):
    return TRANSFORMS.build(dict(type=name, **arguments))


def test_every_registered_transform_is_covered():
    # these give no annotation dictionary any more
    packing = {'FormatHeatmaps', 'PackSegmentationInputs', 'PackSkeletonInputs'}
    filling = {'FillMissingJoints'}  # its purpose
    projecting = {'ProjectToCamera', 'ProjectToSensor'}  # of recordings in 3D: test_transforms_projection.py
    loading = {'LoadTeacherFeatures'}  # of what is beside the skeleton: test_teacher_features.py
    covered = packing | filling | projecting | loading
    assert set(REGISTERED) == {name for name, *_ in CASES} | covered
    assert set(REGISTERED) <= set(transforms.__all__)


def test_no_name_hides_one_of_the_parents():
    assert len(mmcv.transforms.TRANSFORMS.module_dict) > 10
    parents = set(MMACTION_TRANSFORMS.module_dict) | set(mmengine.registry.TRANSFORMS.module_dict)
    assert not parents & set(REGISTERED)


@pytest.mark.parametrize('name, arguments, channels, trace', CASES, ids=IDS)
def test_missing_joints_stay_missing(name, arguments, channels, trace):
    ann = annotation(channels)
    keypoint, score = ann['keypoint'].copy(), ann['keypoint_score'].copy()
    given = ann['keypoint'], ann['keypoint_score']

    out = build(name, arguments)(dict(ann))

    missing = out['keypoint_score'] == 0
    assert missing.any() and not missing.all()
    assert out['keypoint'].shape[:-1] == out['keypoint_score'].shape
    assert np.all(out['keypoint'][missing] == 0)
    assert np.all(np.isfinite(out['keypoint']))
    assert out['keypoint'].dtype == out['keypoint_score'].dtype == np.float32
    if trace is not None:
        np.testing.assert_array_equal(missing, trace(score == 0, out))
    # what was given is as it was
    np.testing.assert_array_equal(given[0], keypoint)
    np.testing.assert_array_equal(given[1], score)


@pytest.mark.parametrize('name, arguments, channels, trace', CASES, ids=IDS)
def test_clip_without_any_joint_stays_empty(name, arguments, channels, trace):
    ann = annotation(channels, missing=1.1)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        out = build(name, arguments)(ann)
    assert out['keypoint'].size and not out['keypoint'].any() and not out['keypoint_score'].any()


@pytest.mark.parametrize('name, arguments, channels, trace', CASES, ids=IDS)
@pytest.mark.parametrize('persons', [1, 3])
def test_one_frame_and_any_number_of_persons(name, arguments, channels, trace, persons):
    out = build(name, arguments)(annotation(channels, persons=persons, num_frames=1))
    assert np.all(np.isfinite(out['keypoint']))


@pytest.mark.parametrize('name, arguments, channels, trace', CASES, ids=IDS)
def test_draws_come_from_the_clips_generator(name, arguments, channels, trace):
    transform = build(name, arguments)
    first, second = transform(annotation(channels)), transform(annotation(channels))
    np.testing.assert_array_equal(first['keypoint'], second['keypoint'])

    # without one, from numpy's global state, as MMEngine's workers seed it
    drawn = []
    for _ in range(2):
        np.random.seed(3)
        ann = annotation(channels)
        del ann['rng']
        drawn.append(transform(ann)['keypoint'])
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize('name', ['RandomMove', 'RandomRotate', 'RandomScale', 'RandomShift', 'JointJitter'])
def test_random_transforms_differ_from_draw_to_draw(name):
    transform = build(name, {})
    ann = annotation()
    first, second = transform(dict(ann)), transform(dict(ann))  # one generator, moved on
    assert not np.array_equal(first['keypoint'], second['keypoint'])
    np.random.seed(0)
    del ann['rng']
    third, fourth = transform(dict(ann)), transform(dict(ann))
    assert not np.array_equal(third['keypoint'], fourth['keypoint'])


@pytest.mark.parametrize('name, arguments, channels, trace', CASES, ids=IDS)
def test_scores_are_made_where_there_are_none(name, arguments, channels, trace):
    ann = annotation(channels)
    made = (ann['keypoint_score'] > 0).astype(np.float32)
    expected = build(name, arguments)(annotation(channels) | dict(keypoint_score=made))
    del ann['keypoint_score']
    out = build(name, arguments)(ann)
    np.testing.assert_array_equal(out['keypoint'], expected['keypoint'])
    np.testing.assert_array_equal(out['keypoint_score'], expected['keypoint_score'])


def test_joint_moved_to_the_origin_is_not_missing():
    keypoint = np.array([[[[2.0, 0.0], [-2.0, 0.0], [0.0, 0.0], [4.0, 0.0]]]], np.float32)
    out = build('BoxNormalize', {})(dict(keypoint=keypoint))  # box from -2 to 4, its middle at 1
    moved = build('RandomScale', {})(dict(keypoint=keypoint - [1, 0], rng=np.random.default_rng(0)))
    np.testing.assert_array_equal(out['keypoint_score'], [[[1, 1, 0, 1]]])
    assert moved['keypoint_score'].all()
    # the first joint comes to lie on the origin, and a later shift still takes it along
    centered = Compose([build('RandomShift', {})])(
        dict(keypoint=np.zeros_like(keypoint), keypoint_score=out['keypoint_score'])
    )
    assert np.array_equal(centered['keypoint'][0, 0].any(-1), [True, True, False, True])


def test_half_precision_and_double_come_out_single():
    for dtype in (np.float16, np.float64):
        ann = annotation()
        ann['keypoint'] = ann['keypoint'].astype(dtype)
        ann['keypoint_score'] = ann['keypoint_score'].astype(dtype)
        out = build('BoxNormalize', {})(ann)
        assert out['keypoint'].dtype == out['keypoint_score'].dtype == np.float32


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(keypoint=np.zeros((3, 25, 2))), r"clip 'clip7'.*\(3, 25, 2\)"),
        (dict(keypoint=np.zeros((1, 0, 25, 2))), r"clip 'clip7'.*\(1, 0, 25, 2\)"),
        (dict(keypoint_score=np.zeros((1, 2, 3))), r"clip 'clip7'.*keypoint_score.*\(1, 2, 3\)"),
    ],
)
@pytest.mark.parametrize('name, arguments', [('BoxNormalize', {}), ('ReplayPad', dict(length=3))])
def test_wrong_shapes_are_refused(change, message, name, arguments):
    with pytest.raises(ValueError, match=message):
        build(name, arguments)(annotation() | change)


def test_annotation_without_skeleton_is_refused():
    with pytest.raises(ValueError, match="clip 'x': no 'keypoint'"):
        build('BoxNormalize', {})(dict(frame_dir='x', imgs=None))


LAYOUT_USERS = ['RandomMirror', 'CenterSkeleton', 'AlignSkeleton3D', 'MapLayout']


@pytest.mark.parametrize('name', LAYOUT_USERS)
def test_layout_must_be_there_and_fit(name):
    transform = build(name, {})
    ann = annotation(3)
    with pytest.raises(ValueError, match=r"'coco17' has 17 joints.*25"):
        transform(ann | dict(layout='coco17'))
    ann = annotation(3)
    del ann['layout']
    with pytest.raises(ValueError, match="clip 'clip7' has no 'layout'"):
        transform(ann)


@pytest.mark.parametrize('name', LAYOUT_USERS)
def test_layout_argument_serves_where_the_clip_names_none(name):
    expected = build(name, {})(annotation(3))
    ann = annotation(3)
    del ann['layout']
    out = build(name, dict(layout='ntu25'))(ann)
    np.testing.assert_array_equal(out['keypoint'], expected['keypoint'])


@pytest.mark.parametrize(
    'name, arguments',
    [
        ('BoxNormalize', dict(side='width')),
        ('CenterSkeleton', dict(per='joint')),
        ('ReplayPad', dict(length=0)),
        ('RandomTemporalCrop', dict(length=8, num_clips=0)),
        ('UniformTemporalSample', dict(length=8, short='loop')),
        ('RandomMove', dict(origin='body')),
        ('RandomRotate', dict(origin='body')),
        ('RandomScale', dict(scale=(0.0, 1.0))),
        ('RandomScale', dict(scale=(1.2, 0.8))),
        ('RandomMirror', dict(p=1.5)),
        ('JointDropout', dict(p=-0.1)),
        ('JointDropout', dict(per='person')),
        ('JointJitter', dict(std=-1)),
        ('SkeletonStream', dict(stream='limb')),
        ('SkeletonStream', dict(root='self')),
        ('SelectPersons', dict(num=0)),
        ('SelectPersons', dict(by='size')),
        ('FormatSkeleton', dict(num_person=0)),
    ],
)
def test_wrong_arguments_are_refused_when_built(name, arguments):
    with pytest.raises(ValueError, match=next(reversed(arguments))):
        build(name, arguments)


def test_generator_of_another_kind_is_refused():
    with pytest.raises(TypeError, match='RandomState'):
        build('RandomShift', {})(annotation() | dict(rng=np.random.RandomState(0)))


def test_pivot():
    keypoint = np.array([[1.0, 2.0, 3.0], [5.0, -2.0, 4.0], [99.0, 99.0, 99.0]], np.float32)
    score = np.array([1.0, 0.5, 0.0], np.float32)
    np.testing.assert_array_equal(pivot_of(keypoint, score, 'zero'), [0, 0, 0])
    np.testing.assert_array_equal(pivot_of(keypoint, score, 'box'), [3, 0, 3.5])
    np.testing.assert_array_equal(pivot_of(keypoint, score, 'screen', (480, 640)), [320, 240, 0])
    with pytest.raises(ValueError, match='img_shape'):
        pivot_of(keypoint, score, 'screen')


def test_repr_shows_the_arguments():
    assert repr(build('RandomTemporalCrop', dict(length=7))) == (
        'RandomTemporalCrop(length=7, num_clips=1, test_mode=False)'
    )
    assert repr(build('FormatSkeleton', dict(num_person=1))) == (
        'FormatSkeleton(num_person=1, mode=zero, with_score=False)'
    )
