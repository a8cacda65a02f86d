import numpy as np
import pytest
import torch
from mmaction.datasets.transforms import FormatGCNInput
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope

from mmactrep.datasets.transforms import FormatSkeleton
from mmactrep.registry import TRANSFORMS
from mmactrep.structures import get_layout


def clip(persons=1, frames=6, joints=13, channels=2, **others):
    rng = np.random.default_rng(0)
    keypoint = rng.normal(size=(persons, frames, joints, channels)).astype(np.float32)
    score = rng.uniform(0.1, 1, keypoint.shape[:3]).astype(np.float32)
    return dict(keypoint=keypoint, keypoint_score=score, **others)


@pytest.mark.parametrize('persons', [1, 2, 4])
@pytest.mark.parametrize('num_clips', [1, 3])
def test_format_agrees_with_mmaction(persons, num_clips):
    ann = clip(persons, num_clips=num_clips)
    expected = FormatGCNInput(num_person=2)(dict(ann))['keypoint']
    with_score = FormatSkeleton(num_person=2, with_score=True)(dict(ann))
    np.testing.assert_array_equal(with_score['keypoint'], expected)
    out = FormatSkeleton(num_person=2)(dict(ann))
    np.testing.assert_array_equal(out['keypoint'], expected[..., :2])
    np.testing.assert_array_equal(out['keypoint_score'], expected[..., 2])
    assert out['keypoint'].flags.c_contiguous and out['keypoint'].dtype == np.float32


def test_format_places_clips_and_persons():
    ann = clip(persons=2, frames=6, num_clips=3)
    out = FormatSkeleton(num_person=3)(dict(ann))['keypoint']
    assert out.shape == (3, 3, 2, 13, 2)
    for n, m, t in np.ndindex(3, 2, 2):
        np.testing.assert_array_equal(out[n, m, t], ann['keypoint'][m, 2 * n + t])
    assert not out[:, 2].any()


@pytest.fixture
def scope():
    with DefaultScope.overwrite_default_scope('mmactrep'):
        yield


RECOMMENDED = [
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=64, short='stretch'),
    dict(type='RandomMirror'),
    dict(type='RandomRotate', max_angle=0.3),
    dict(type='RandomScale', scale=(0.8, 1.2)),
]
THESIS = [
    dict(type='ScreenNormalize'),
    dict(type='RandomTemporalCrop', length=150),
    dict(type='RandomMove'),
]
NTU = [
    dict(type='SelectPersons', by='deviation'),
    dict(type='AlignSkeleton3D'),
    dict(type='ReplayPad', length=300),
]


@pytest.mark.parametrize('stream', ['joint', 'bone', 'motion', 'bone_motion'])
@pytest.mark.parametrize(
    'steps, layout, channels, persons, length',
    [
        (RECOMMENDED, 'penn13', 2, 1, 64),
        (RECOMMENDED, 'h36m17', 3, 2, 64),
        (THESIS, 'posetics17', 2, 2, 150),
        (NTU, 'ntu25', 3, 2, 300),
    ],
)
def test_recipes_give_what_models_take(scope, steps, stream, layout, channels, persons, length):
    layout = get_layout(layout)
    pipeline = Compose(
        [
            *steps,
            dict(type='SkeletonStream', stream=stream),
            dict(type='FormatSkeleton', num_person=persons),
            dict(type='PackActionInputs', meta_keys=('frame_dir', 'img_shape')),
        ]
    )
    batch = []
    for frames in (1, 37, 200):
        ann = clip(3, frames, layout.num_joints, channels)
        ann |= dict(layout=layout, img_shape=(480, 640), frame_dir=f'clip{frames}', label=4)
        batch.append(pipeline(ann | dict(total_frames=frames)))
    batch = pseudo_collate(batch)
    inputs = torch.stack(batch['inputs'])
    assert inputs.shape == (3, 1, persons, length, layout.num_joints, channels)
    assert inputs.dtype == torch.float32 and inputs.isfinite().all() and inputs[1:].any()
    sample = batch['data_samples'][1]
    assert sample.gt_label.item() == 4
    assert sample.metainfo['frame_dir'] == 'clip37'


def test_views_reach_the_model_as_clips(scope):
    pipeline = Compose(
        [
            dict(type='UniformTemporalSample', length=8, jitter=False, num_clips=4),
            dict(type='FormatSkeleton', num_person=1),
            dict(type='PackActionInputs'),
        ]
    )
    ann = clip(frames=64, label=0)
    inputs = pipeline(dict(ann))['inputs'].numpy()
    assert inputs.shape == (4, 1, 8, 13, 2)
    # views 1, 3, 5, 7 eighths into segments of 8 frames
    np.testing.assert_array_equal(inputs[2, 0], ann['keypoint'][0, 5::8])


def test_packing_keeps_the_id_of_the_clip():
    packed = TRANSFORMS.build(dict(type='PackSkeletonInputs')).transform(
        dict(keypoint=np.ones((1, 1, 4, 17, 2), np.float32), label=3, frame_dir='clip_7', total_frames=4)
    )
    assert packed['data_samples'].frame_dir == 'clip_7' and packed['data_samples'].total_frames == 4
    assert packed['data_samples'].gt_label.tolist() == [3] and packed['inputs'].shape == (1, 1, 4, 17, 2)
