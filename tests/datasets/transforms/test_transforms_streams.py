import numpy as np
import pytest
from mmaction.datasets.transforms import JointToBone, ToMotion

from mmactrep.datasets.transforms import SkeletonStream
from mmactrep.datasets.transforms.streams import to_bones, to_differences
from mmactrep.structures import get_layout

# reference-facts, section 2: child-parent of Posetics17
POSETICS_BONES = '4-3 3-2 2-1 1-0 5-2 7-5 9-7 6-2 8-6 10-8 11-4 13-11 15-13 12-4 14-12 16-14'


def clip(layout, channels=2, persons=2, frames=5):
    layout = get_layout(layout)
    rng = np.random.default_rng(0)
    keypoint = rng.normal(size=(persons, frames, layout.num_joints, channels)).astype(np.float32)
    return dict(keypoint=keypoint, keypoint_score=np.ones(keypoint.shape[:3], np.float32), layout=layout)


def test_bones_of_the_released_data():
    ann = clip('posetics17')
    out = SkeletonStream('bone')(dict(ann))['keypoint']
    for bone in POSETICS_BONES.split():
        child, parent = map(int, bone.split('-'))
        expected = ann['keypoint'][:, :, child] - ann['keypoint'][:, :, parent]
        np.testing.assert_array_equal(out[:, :, child], expected)
    np.testing.assert_array_equal(out[:, :, 0], ann['keypoint'][:, :, 0])
    out = SkeletonStream('bone', root='zero')(dict(ann))
    np.testing.assert_array_equal(out['keypoint'][:, :, 0], 0)


@pytest.mark.parametrize('channels', [2, 3])
def test_bones_agree_with_mmaction_on_ntu(channels):
    ann = clip('ntu25', channels)
    expected = JointToBone('nturgb+d')(dict(keypoint=ann['keypoint']))['keypoint']
    out = SkeletonStream('bone', root='zero')(ann)['keypoint']
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_bones_agree_with_mmaction_on_coco_but_for_the_hips():
    # mmaction2 hangs the hips on the nose
    ann = clip('coco17')
    expected = JointToBone('coco')(dict(keypoint=ann['keypoint']))['keypoint']
    out = SkeletonStream('bone', root='zero')(dict(ann))['keypoint']
    others = [i for i, joint in enumerate(ann['layout'].joints) if not joint.endswith('hip')]
    np.testing.assert_allclose(out[:, :, others], expected[:, :, others], atol=1e-6)


def test_joints_come_back_from_their_bones():
    ann = clip('posetics17', 3)
    layout = ann['layout']
    bones, _ = to_bones(ann['keypoint'], ann['keypoint_score'], layout)
    joints = np.zeros_like(bones)
    for joint in range(layout.num_joints):
        at = joint
        while True:
            joints[:, :, joint] += bones[:, :, at]
            if at == layout.root:
                break
            at = layout.parent_indices[at]
    np.testing.assert_allclose(joints, ann['keypoint'], atol=1e-5)


def test_bone_with_a_missing_end_is_missing():
    ann = clip('penn13')
    layout = ann['layout']
    elbow, wrist = layout.indices(['left_elbow', 'left_wrist'])
    ann['keypoint_score'][0, 1, elbow] = 0
    ann['keypoint_score'][0, 2, wrist] = 0.25
    ann['keypoint'][0, 1, elbow] = 0
    out = SkeletonStream('bone')(dict(ann))
    missing = np.argwhere(out['keypoint_score'] == 0).tolist()
    assert missing == [[0, 1, elbow], [0, 1, wrist]]
    assert not out['keypoint'][0, 1, [elbow, wrist]].any()
    assert out['keypoint_score'][0, 2, wrist] == 0.25


def test_motion_agrees_with_mmaction():
    ann = clip('ntu25', 3)
    expected = ToMotion('nturgb+d', source='keypoint')(dict(keypoint=ann['keypoint']))['motion']
    out = SkeletonStream('motion')(ann)['keypoint']
    np.testing.assert_allclose(out, expected, atol=1e-6)
    assert not out[:, -1].any() and out[:, :-1].all()


def test_motion_from_or_to_a_missing_joint_is_missing():
    ann = clip('penn13', persons=1)
    ann['keypoint_score'][0, 2, 4] = 0
    ann['keypoint'][0, 2, 4] = 0
    motion, score = to_differences(ann['keypoint'], ann['keypoint_score'])
    assert np.argwhere(score[0, :-1] == 0).tolist() == [[1, 4], [2, 4]]
    assert not motion[0, 1:3, 4].any()
    np.testing.assert_array_equal(motion[0, 3, 4], ann['keypoint'][0, 4, 4] - ann['keypoint'][0, 3, 4])


def test_motion_of_bones_is_bones_of_motion():
    first = SkeletonStream('bone_motion')(clip('posetics17', 3))
    second = SkeletonStream('bone')(SkeletonStream('motion')(clip('posetics17', 3)))
    np.testing.assert_allclose(first['keypoint'], second['keypoint'], atol=1e-6)
    assert first['keypoint'][:, :-1].all()


def test_motion_does_not_cross_from_clip_to_clip():
    ann = clip('penn13', frames=6)
    out = SkeletonStream('motion')(ann | dict(num_clips=2))['keypoint']
    for part in (slice(0, 3), slice(3, 6)):
        alone = {key: ann[key][:, part] for key in ('keypoint', 'keypoint_score')}
        np.testing.assert_array_equal(out[:, part], SkeletonStream('motion')(alone)['keypoint'])


def test_data_set_names_the_stream_unless_the_pipeline_does():
    bones = SkeletonStream('bone')(clip('penn13'))['keypoint']
    joints = clip('penn13')['keypoint']
    asked = clip('penn13') | dict(stream='bone')
    np.testing.assert_array_equal(SkeletonStream()(dict(asked))['keypoint'], bones)
    np.testing.assert_array_equal(SkeletonStream('joint')(dict(asked))['keypoint'], joints)
    with pytest.raises(ValueError, match='limb'):
        SkeletonStream()(asked | dict(stream='limb'))


def test_joint_stream_is_the_identity():
    ann = clip('penn13')
    np.testing.assert_array_equal(SkeletonStream()(dict(ann))['keypoint'], ann['keypoint'])
