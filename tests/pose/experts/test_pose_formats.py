"""Files of other tools: small ones in their real form, and what is wrong with foreign ones."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.files import BadFileError
from mmactrep.pose.experts import read_poses
from mmactrep.structures import get_layout


def triples(joints: int, offset: float = 0) -> list[float]:
    """x = 10 j + 1, y = 10 j + 2, score 0.5 for joint j, as a flat list."""
    return [value for j in range(joints) for value in (10 * j + 1 + offset, 10 * j + 2 + offset, 0.5)]


def write(path, content):
    path.write_text(json.dumps(content), encoding='utf-8')
    return path


def openpose(folder, frames: dict[int, list[list[float]]], video='clip'):
    for frame, people in frames.items():
        persons = [
            dict(person_id=[-1], pose_keypoints_2d=numbers, face_keypoints_2d=[], hand_left_keypoints_2d=[])
            for numbers in people
        ]
        write(folder / f'{video}_{frame:012d}_keypoints.json', dict(version=1.3, people=persons))
    return folder


@pytest.mark.parametrize('joints, layout', [(25, 'body25'), (18, 'openpose18')])
def test_openpose(tmp_path, joints, layout):
    missing = triples(joints)
    missing[3:6] = [0, 0, 0]
    openpose(tmp_path, {0: [triples(joints), triples(joints, 500)], 1: [], 7: [missing]})
    content = read_poses(tmp_path)
    assert content.layout is get_layout(layout) and set(content.frames) == {0, 7}
    poses = content.frames[0]
    assert poses.keypoint.shape == (2, joints, 2)
    np.testing.assert_array_equal(poses.keypoint[1, 3], [531, 532])
    np.testing.assert_array_equal(poses.score, np.full((2, joints), 0.5))
    assert content.frames[7].score[0, 1] == 0 and content.frames[7].score[0, 2] == 0.5


def test_openpose_errors(tmp_path):
    with pytest.raises(BadFileError, match=r"without OpenPose's \*_keypoints.json"):
        read_poses(tmp_path)
    openpose(tmp_path, {3: [triples(15)]})
    with pytest.raises(BadFileError, match=f'{tmp_path}.*expected 25 or 18 joints per person, found 15'):
        read_poses(tmp_path)
    file = next(tmp_path.iterdir())
    file.write_text(file.read_text()[:40])
    with pytest.raises(BadFileError, match=f'{file}: expected JSON'):
        read_poses(tmp_path)
    write(file, dict(version=1.3))
    with pytest.raises(BadFileError, match=r'frame 3: expected \{"people"'):
        read_poses(tmp_path)
    write(file, dict(people=[dict(pose_keypoints_2d=[1, 2])]))
    with pytest.raises(BadFileError, match=r'frame 3: expected .* x, y, score of each .* found 2 numbers'):
        read_poses(tmp_path)
    with pytest.raises(BadFileError, match='one frame of OpenPose; give the folder'):
        read_poses(file)
    openpose(tmp_path, {3: [triples(25)]}, video='other')
    with pytest.raises(BadFileError, match='different names, one number'):
        read_poses(tmp_path)


def test_openpose_people_of_another_count(tmp_path):
    openpose(tmp_path, {0: [triples(25)], 1: [triples(18)]})
    with pytest.raises(BadFileError, match=r"frame 1: layout 'body25' has 25 joints, found 18"):
        read_poses(tmp_path)


def test_alphapose(tmp_path):
    entry = dict(category_id=1, box=[1, 2, 3, 4], idx=[0.0])
    path = write(
        tmp_path / 'alphapose-results.json',
        [
            dict(entry, image_id='0.jpg', keypoints=triples(17), score=1.5),
            dict(entry, image_id='10.jpg', keypoints=triples(17, 100), score=0.4),
            dict(entry, image_id='10.jpg', keypoints=triples(17, 200), score=2.9),
        ],
    )
    content = read_poses(path)
    assert content.layout is get_layout('coco17') and set(content.frames) == {0, 10}
    # the best first
    np.testing.assert_array_equal(content.frames[10].keypoint[:, 0], [[201, 202], [101, 102]])


@pytest.mark.parametrize('joints, kept', [(26, 26), (136, 26), (133, 17)])
def test_alphapose_s_other_joints(tmp_path, joints, kept):
    path = write(tmp_path / 'a.json', [dict(image_id='frame_3.png', keypoints=triples(joints), score=1)])
    content = read_poses(path)
    assert content.layout is (get_layout('halpe26') if kept == 26 else get_layout('coco17'))
    np.testing.assert_array_equal(
        content.frames[3].keypoint[0], np.reshape(triples(joints), (-1, 3))[:kept, :2]
    )


def test_halpe_s_layout_is_mmpose_s():
    parse = pytest.importorskip('mmpose.datasets.datasets.utils').parse_pose_metainfo
    with pytest.warns(UserWarning, match='metainfo'):
        meta = parse(dict(from_file='configs/_base_/datasets/halpe26.py'))
    names = [meta['keypoint_id2name'][number] for number in range(26)]
    assert [name.replace('mid_hip', 'hip') for name in get_layout('halpe26').joints] == names


def test_coco_results(tmp_path):
    keypoints = triples(17)
    keypoints[0:2] = [0, 0]  # written with a score, yet not there
    path = write(tmp_path / 'r.json', [dict(image_id=4, category_id=1, keypoints=keypoints, score=0.9)])
    poses = read_poses(path).frames[4]
    assert poses.score[0, 0] == 0 and (poses.score[0, 1:] == 0.5).all()
    np.testing.assert_array_equal(poses.box, [[11, 12, 161, 162]])


def test_detections_errors(tmp_path):
    path = tmp_path / 'r.json'
    for entries, message in [
        ([dict(image_id=0, keypoints=triples(14))], r'expected 17 or 26 joints per person, found 14'),
        (
            [dict(image_id='cat.jpg', keypoints=triples(17))],
            r"a frame number or a file name .* found 'cat.jpg'",
        ),
        ([dict(image_id=-1, keypoints=triples(17))], r'expected a frame number'),
        ([dict(bbox=[1, 2, 3, 4], image_id=1)], r"entry 0: expected a person with a list 'keypoints'"),
        (
            [dict(bbox=[1, 2, 3, 4])],
            r"expected 'image_id' .* found a dictionary with bbox",
        ),
        ([[1, 2]], r"entry 0: expected 'image_id'"),
        ([dict(image_id=0, keypoints=['a'] * 51)], r"'keypoints' holds what is no number"),
        ([dict(image_id=0, keypoints=triples(17), score='high')], r"expected a number as 'score'"),
        (
            [dict(image_id=0, keypoints=[5, 5, float('nan')] * 17)],
            r'frame 0: expected finite scores, found nan',
        ),
    ]:
        write(path, entries)
        with pytest.raises(BadFileError, match=message) as error:
            read_poses(path)
        assert str(path) in str(error.value)


def test_nobody_in_the_file(tmp_path):
    content = read_poses(write(tmp_path / 'none.json', []))
    assert content.layout is get_layout('coco17') and not content.frames


def test_lcrnet(tmp_path):
    x, y = list(range(1, 14)), list(range(101, 114))
    x[5] = y[5] = 0
    person = dict(pose2d=x + y, pose3d=[0.0] * 39)
    content = read_poses(write(tmp_path / 'l.json', dict(frames=[[person, person], [], [person]])))
    assert content.layout is get_layout('lcrnet13') and set(content.frames) == {0, 2}
    assert len(content.frames[0]) == 2
    np.testing.assert_array_equal(content.frames[2].keypoint[0, 12], [13, 113])
    np.testing.assert_array_equal(content.frames[2].score[0], [1] * 5 + [0] + [1] * 7)
    write(tmp_path / 'l.json', dict(frames=[[dict(pose2d=[1.0] * 20)]]))
    with pytest.raises(BadFileError, match=r"l.json: frame 0: expected 'pose2d' of 26 numbers .* found 20"):
        read_poses(tmp_path / 'l.json')
    write(tmp_path / 'l.json', dict(frames=3))
    with pytest.raises(BadFileError, match=r'l.json: expected \{"frames"'):
        read_poses(tmp_path / 'l.json')


def test_arrays(tmp_path, rng):
    one, path = rng.random((6, 33, 2)) + 1, tmp_path / 'p.npz'
    one[2], one[3, 4] = 0, 0
    np.savez(path, kpts=one)
    content = read_poses(path)
    assert content.layout is get_layout('blazepose33') and set(content.frames) == {0, 1, 3, 4, 5}
    np.testing.assert_allclose(content.frames[1].keypoint[0], one[1], rtol=1e-6)
    assert content.frames[3].score[0].tolist() == [1.0] * 4 + [0.0] + [1.0] * 28
    # two persons, the second one absent at first, scores as a third channel or of their own
    two, score = np.stack([one, one + 5]), rng.random((2, 6, 33)).astype(np.float32) + 0.1
    two[1, 0] = 0
    np.savez(path, keypoint=two, keypoint_score=score)
    np.savez(
        tmp_path / 'q.npz', anything=np.concatenate([two, score[..., None]], -1) * (two.any(-1)[..., None])
    )
    for name in ('p.npz', 'q.npz'):
        content = read_poses(tmp_path / name)
        assert [len(content.frames[frame]) for frame in (0, 1)] == [1, 2]
        np.testing.assert_allclose(content.frames[1].score, score[:, 1], rtol=1e-6)
    np.save(tmp_path / 'p.npy', one)
    assert set(read_poses(tmp_path / 'p.npy').frames) == {0, 1, 3, 4, 5}


def test_a_layout_is_needed_where_the_count_does_not_tell(tmp_path):
    path = tmp_path / 'p.npz'
    np.savez(path, kpts=np.ones((2, 17, 2)))
    with pytest.raises(BadFileError, match=r'p.npz: 17 joints fit coco17, h36m17, posetics17; name'):
        read_poses(path)
    assert read_poses(path, 'coco17').layout is get_layout('coco17')
    with pytest.raises(BadFileError, match=r"layout 'body25' has 25 joints, found 17"):
        read_poses(path, 'body25')
    np.savez(path, kpts=np.ones((2, 5, 2)))
    with pytest.raises(BadFileError, match='no layout has 5 joints'):
        read_poses(path)


def test_arrays_errors(tmp_path):
    path = tmp_path / 'p.npz'
    for arrays, message in [
        (dict(a=np.ones(3), b=np.ones(3)), r'expected an array named keypoint, .* found a, b'),
        (dict(kpts=np.ones((4, 17))), r"expected poses \(T, V, 2 or 3\) .* found 'kpts' \(4, 17\)"),
        (
            dict(kpts=np.ones((4, 17, 2)), score=np.ones((3, 17))),
            r'scores \(1, 4, 17\), found \(1, 3, 17\)',
        ),
        (dict(kpts=np.full((4, 18, 2), np.inf)), r'frame 0: expected finite coordinates, found inf, inf'),
    ]:
        np.savez(path, **arrays)
        with pytest.raises(BadFileError, match=message) as error:
            read_poses(path)
        assert str(path) in str(error.value)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BadFileError, match=r'p.npz: expected arrays'):
        read_poses(path)
    np.savez(path, kpts=np.array([{}], dtype=object))
    with pytest.raises(BadFileError, match=r'p.npz: .* holds Python objects'):
        read_poses(path)


def test_what_is_no_pose_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none.json: no such file'):
        read_poses(tmp_path / 'none.json')
    (tmp_path / 'v.mp4').write_bytes(b'\x00\x00\x00 ftypisom')
    with pytest.raises(BadFileError, match=r'v.mp4: expected a text file'):
        read_poses(tmp_path / 'v.mp4')
    write(tmp_path / 'x.json', dict(images=[], licenses=[]))
    with pytest.raises(BadFileError, match=r'x.json: expected a list of .* with images, licenses'):
        read_poses(tmp_path / 'x.json')


def test_real_files_of_three_experts(shared_data):
    for name in ('Alphapose2d', 'LCRNet2d', 'OP2d'):
        path = next((shared_data / 'ssta_prs').glob(f'*{name}.npz'))
        array, content = np.load(path)['kpts'], read_poses(path, 'coco17')
        seen = array.any(axis=(1, 2))
        assert set(content.frames) == set(np.flatnonzero(seen))
        for frame in np.flatnonzero(seen)[::100]:
            np.testing.assert_array_equal(content.frames[frame].keypoint[0], array[frame])
            np.testing.assert_array_equal(content.frames[frame].score[0] > 0, array[frame].any(-1))
