"""Files of poses that are damaged, hostile, foreign, or that can be read in two ways."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mmactrep.apis.skeleton_files import read_skeleton_file
from mmactrep.errors import UserError
from mmactrep.files import BadFileError
from mmactrep.pose.experts import PrecomputedExpert, read_poses
from mmactrep.pose.experts.picture_names import number_pictures

BODY = [value for j in range(17) for value in (10.0 * j + 1, 10.0 * j + 2, 0.5)]
NAN = float('nan')


def entry(**changes) -> dict:
    return dict(image_id=0, category_id=1, keypoints=BODY, score=1.0) | changes


def with_joint(*joint) -> list:
    """A body whose third joint is another."""
    return [*BODY[:6], *joint, *BODY[9:]]


def image(number: int, **changes) -> dict:
    return dict(id=number, file_name=f'v_{number:05d}.jpg', height=480, width=640) | changes


def coco(images, annotations, **further) -> dict:
    return dict(images=images, annotations=annotations, categories=[]) | further


def instance(**changes) -> dict:
    joints = [[value, value + 1] for value in range(1, 18)]
    return dict(keypoints=joints, keypoint_scores=[0.5] * 17, bbox=[[0, 0, 1, 1]], bbox_score=0.9) | changes


def body_clip(frames: int = 6, persons: int = 2) -> np.ndarray:
    """(M, T, V, 2) of standing people, joints from head to feet."""
    rng = np.random.default_rng(0)
    y = np.linspace(50, 400, 17)
    clip = np.stack(
        [rng.uniform(100, 160, (persons, frames, 17)), rng.normal(y, 5, (persons, frames, 17))], -1
    )
    clip[1:, ..., 0] += 250
    return clip


JSON = {
    'empty file': ('', 'expected JSON'),
    'truncated': ('[{"image_id": 0, "keypoints": [1, 2', 'expected JSON'),
    'nested': ('[' * 100_000, 'nested too deeply'),
    'long number': ('[{"image_id": 0, "keypoints": [' + '9' * 5000 + ']}]', 'digits'),
    'repeated key': ('{"frames": [], "frames": []}', 'frames'),
    'a number': ('3', 'expected a list of detections .* found int 3'),
    'numbers': ('[1, 2]', "expected 'image_id'"),
    'text as coordinates': ([entry(keypoints=[str(value) for value in BODY])], "no number: '1.0'"),
    'truth as a coordinate': ([entry(keypoints=[True, *BODY[1:]])], 'no number: True'),
    'null as a coordinate': ([entry(keypoints=[None, *BODY[1:]])], 'no number: None'),
    'lists and numbers': ([entry(keypoints=[[1, 2, 3], 4, 5, 6])], 'mixes lists and numbers'),
    'infinite': (
        [entry(keypoints=with_joint(float('inf'), 1, 1))],
        'frame 0: expected finite .* found inf',
    ),
    'beyond single precision': ([entry(keypoints=with_joint(1e300, 1, 1))], 'expected finite coordinates'),
    'no picture is so large': (
        [entry(keypoints=with_joint(-1e7, 1, 1))],
        'at most 1e.06 pixels',
    ),
    'score below 0': ([entry(keypoints=with_joint(5, 5, -0.5))], 'scores of at least 0 .*found -0.5'),
    'score of a depth': ([entry(keypoints=with_joint(5, 5, 218.0))], 'scores from 0 to 1 .*found 218'),
    'score that is none': (
        [entry(keypoints=with_joint(5, 5, NAN))],
        'expected finite scores, found nan',
    ),
    'person score': ([entry(score=[1, 2])], "a number as 'score'"),
    'person score nan': ([entry(score=NAN)], "a number as 'score', found nan"),
    'not in threes': ([entry(keypoints=BODY[:-1])], 'x, y, score of each joint, found 50 numbers'),
    'another count': ([entry(keypoints=BODY[:42])], 'expected 17 or 26 joints per person, found 14; name'),
    'other counts later': (
        [entry(), entry(image_id=1, keypoints=BODY[:42])],
        'frame 1: .*17 joints',
    ),
    'id missing': ([dict(keypoints=BODY)], "expected 'image_id'"),
    'id null': ([entry(image_id=None)], "as 'image_id', found None"),
    'id truth': ([entry(image_id=True)], 'found True'),
    'id with a part': ([entry(image_id=1.5)], 'found 1.5'),
    'id negative': ([entry(image_id=-1)], 'from 0 to 999999999 .*found -1'),
    'id too large': ([entry(image_id=10**12)], 'found 1000000000000'),
    'id without number': ([entry(image_id='cat.jpg')], "found 'cat.jpg'"),
    'id of NUL': ([entry(image_id='\0\0')], r"found '\\x00\\x00'"),
    'id of digits': ([entry(image_id='9' * 5000 + '.jpg')], 'which of its numbers'),
    'ids of two kinds': ([entry(), entry(image_id='1.jpg')], 'found both'),
    'two videos': (
        [entry(image_id=f'{video}_{k:05d}.jpg') for video in ('golf', 'squat') for k in range(3)],
        "one video, found 'golf_00000.jpg' and 'squat_00000.jpg': different names, one number",
    ),
    'two numbered videos': (
        [entry(image_id=f'v{video}_{k:05d}.jpg') for video in (1, 2) for k in range(3)],
        "found 'v1_00000.jpg' and 'v2_00000.jpg'",
    ),
    'two videos of other frames': (
        [entry(image_id=f'v{video}_{k + 10 * video:05d}.jpg') for video in (1, 2) for k in range(3)],
        "found 'v1_00010.jpg' and 'v2_00020.jpg'",
    ),
    'two folders': ([entry(image_id='a/1.jpg'), entry(image_id='b/1.jpg')], "'a/1.jpg' and 'b/1.jpg'"),
    'one number twice': (
        [entry(image_id='a_1.jpg'), entry(image_id='a_01.jpg')],
        'different names, one number',
    ),
    'numbers that disagree': (
        [entry(image_id=f'a_{k}_{9 - k}.jpg') for k in range(3)],
        'several numbers that count',
    ),
    'a single name': ([entry(image_id='a_3_of_7.jpg')], 'which of its numbers is the frame is not clear'),
    'one frame of OpenPose': (dict(people=[]), 'one frame of OpenPose; give the folder'),
    'LCRNet frames': (dict(frames=[3]), r'expected \{"frames"'),
    'LCRNet joints': (dict(frames=[[dict(pose2d=[1.0] * 20)]]), 'frame 0: .* of 26 numbers'),
    'COCO images': (coco(3, []), "list of dictionaries 'images', found int 3"),
    'COCO image ids': (coco([image(0, id=[1])], []), "as the 'id' of every picture"),
    'COCO repeated ids': (coco([image(0), image(0)], []), "an 'id' of its own"),
    'COCO sizes': (
        coco([image(0), image(1, height=240)], [entry(), entry(image_id=1)]),
        'sizes 640 x 240 and 640 x 480',
    ),
    'COCO two videos': (coco([image(0, vid_id=1), image(1, vid_id=2)], []), 'one video, found 2'),
    'COCO names of two videos': (coco([image(0), image(1, file_name='w_00000.jpg')], []), 'different names'),
    'COCO no such picture': (coco([image(0)], [entry(image_id=7)]), 'annotation 0: no such picture: 7'),
    'COCO boxes alone': (coco([image(0)], [dict(image_id=0, bbox=[1, 2, 3, 4])]), "has 'keypoints'"),
    'COCO names of joints': (
        coco([image(0)], [entry()], categories=[dict(id=1, keypoints=3)]),
        'expected poses in JSON',
    ),
    'COCO fewer names': (
        coco(
            [image(0)], [entry()], categories=[dict(id=1, keypoints=list('abc'), skeleton=[[1, 2], [2, 3]])]
        ),
        '3 joints have names, found 17',
    ),
    'mmpose in 3D': (
        [dict(frame_id=0, instances=[instance(keypoints=[[1.0, 2.0, 3.0]] * 17)])],
        "frame 0: expected 2D poses, found 'keypoints' in 3D",
    ),
    'mmpose scores': (
        [dict(frame_id=0, instances=[instance(keypoint_scores=[0.5] * 16)])],
        'found 34 and 16 numbers',
    ),
    'mmpose instances': ([dict(frame_id=0, instances=3)], "'frame_id' and 'instances'"),
    'mmpose frames': ([dict(frame_id=2, instances=[])] * 2, 'found frame 2 twice'),
    'mmpose frame': ([dict(instances=[instance()])], "as 'frame_id', found None"),
    'mmpose names': (
        dict(
            meta_info=dict(keypoint_id2name={'a': 'b'}),
            instance_info=[dict(frame_id=0, instances=[instance()])],
        ),
        "names of joints in 'meta_info'",
    ),
    'not of mmpose': (dict(instance_info={}), "list of dictionaries 'instance_info'"),
    'foreign': (dict(images=[], licenses=[]), 'found a dictionary with images, licenses'),
}


@pytest.mark.parametrize('case', JSON)
def test_json_that_is_refused(tmp_path, case):
    content, message = JSON[case]
    path = tmp_path / 'poses.json'
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(BadFileError, match=message) as caught:
        read_poses(path)
    assert str(caught.value).startswith(f'{path}:') and len(str(caught.value)) < 600


def header(shape: str, descr: str = '<f4', version: bytes = b'\x01\x00') -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}".ljust(117).encode() + b'\n'
    return b'\x93NUMPY' + version + len(text).to_bytes(2, 'little') + text


ARRAYS = {
    'endless header': (header('(1000000000000, 17, 2)'), 'at most'),
    'short content': (header('(60, 17, 2)') + bytes(100), 'shorter'),
    'negative shape': (header('(-1, 17, 2)'), 'shape'),
    'unknown version': (header('(1, 17, 2)', version=b'\x09\x00'), 'version'),
    'objects': (np.array([{}], dtype=object), 'objects'),
    'complex': (np.ones((5, 17, 2), complex), 'complex128'),
    'truth': (np.ones((5, 17, 2), bool), 'found bool'),
    'text': (np.full((5, 17, 2), 'a'), 'found <U1'),
    'one axis': (np.ones(3), r'expected poses \(T, V, 2 or 3\) .*found .array. \(3,\)'),
    'four coordinates': (np.ones((5, 17, 4)), r'found .array. \(5, 17, 4\)'),
    'empty': (np.ones((0, 17, 2)), 'which is empty'),
    'infinite': (np.full((5, 17, 2), -np.inf), 'frame 0: expected finite coordinates, found -inf, -inf'),
    'x, y and a depth': (
        np.concatenate([body_clip()[0], np.linspace(-250, 218, 102).reshape(6, 17, 1)], -1),
        r'a score from 0 to 1, found a third number from -250 to 218: 3D poses\?',
    ),
    'meters from a camera': (
        np.concatenate([body_clip()[0], np.linspace(2.4, 3.6, 102).reshape(6, 17, 1)], -1),
        'third number from 2.4 to 3.6',
    ),
    'channels first': (body_clip()[0].transpose(2, 0, 1), r'\(2, 6, 17\): \(C, T, V\)\?'),
    'AGCN': (body_clip().transpose(3, 1, 2, 0), r'\(2, 6, 17, 2\): \(C, T, V, M\)\?'),
    'AGCN of one': (body_clip(persons=1).transpose(3, 1, 2, 0), r'\(C, T, V, M\)\? np.transpose'),
    'AGCN, person absent': (body_clip().transpose(3, 1, 2, 0) * [1, 0], r'\(C, T, V, M\)\?'),
    'AGCN of many clips': (np.ones((9, 3, 6, 17, 2)), r'\(N, C, T, V, M\) of many clips'),
    'frames before persons': (body_clip(60).transpose(1, 0, 2, 3), r'60 persons in 2 frames\?'),
    'no order is clear': (np.random.default_rng(0).uniform(1, 99, (2, 6, 17, 2)), 'as well: save'),
}  # fmt: skip


@pytest.mark.parametrize('case', ARRAYS)
def test_arrays_that_are_refused(tmp_path, case):
    content, message = ARRAYS[case]
    path = tmp_path / 'poses.npy'
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(BadFileError, match=message) as caught:
        read_poses(path, 'coco17')
    assert str(caught.value).startswith(f'{path}:') and len(str(caught.value)) < 600


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('keypoint.npy', header('(100000000, 17, 2)') + bytes(1 << 29))


def encrypted(path: Path) -> None:
    np.savez(path, keypoint=np.ones((5, 17, 2)))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b'PK\x03\x04', 6), (b'PK\x01\x02', 8)):
        place = content.find(mark)
        content[place + offset] |= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (bomb, 'unpack|at most|times'),
        (encrypted, 'encrypted|password'),
        (lambda path: np.savez(path, a=np.ones(3), b=np.ones(3)), 'array named keypoint, .* found a, b'),
        (lambda path: np.savez(path, pose=np.ones((5, 17, 2)), score=np.ones((4, 17))), 'expected scores'),
        (lambda path: np.savez(path, keypoint=np.ones((5, 17, 3)), score=np.ones((5, 17))), '2D poses .* 3D'),
        (lambda path: np.savez(path, keypoint=np.ones((5, 17, 2)), score=-np.ones((5, 17))), 'at least 0'),
        (lambda path: np.savez(path, keypoint=np.ones((5, 25, 2))), "'coco17' has 17 joints, found 25"),
        (lambda path: path.write_bytes(b'PK\x03\x04 and no more'), 'expected arrays'),
    ],
)  # fmt: skip
def test_archives_that_are_refused(tmp_path, make: Callable[[Path], None], message):
    path = tmp_path / 'poses.npz'
    make(path)
    with pytest.raises(BadFileError, match=message) as caught:
        read_poses(path, 'coco17')
    assert str(path) in str(caught.value) and len(str(caught.value)) < 600


def test_folders_that_are_refused(tmp_path):
    with pytest.raises(BadFileError, match='without OpenPose'):
        read_poses(tmp_path)
    for content, message in (
        (dict(people=[3]), 'frame 3'),
        ([], 'expected {"people"'),
        (dict(people=[{}]), 'list'),
    ):
        (tmp_path / 'v_000000000003_keypoints.json').write_text(json.dumps(content))
        with pytest.raises(BadFileError, match=message):
            read_poses(tmp_path)


# What is read, and how.


@pytest.mark.parametrize(
    ('names', 'numbers'),
    [
        (['clip_00007_1920x1080.jpg', 'clip_00009_1920x1080.jpg'], [7, 9]),
        (['S001C001P001R001A001_000000000003'], [3]),
        (['clip_00007_1920x1080.jpg'], [7]),
        (['frame.0001', 'frame.0002'], [1, 2]),
        (['a/b2/0.jpg', 'a/b2/1.jpg', 'a/b2/1.jpg'], [0, 1, 1]),
        # of a number and a time the number; both tell all apart
        (['f1_400ms.png', 'f2_800ms.png', 'f3_1200ms.png'], [1, 2, 3]),
        # a time behind the number may repeat
        (['f1_0.03.png', 'f2_0.03.png', 'f3_1.04.png'], [1, 2, 3]),
        ([5, 90_000_000], [5, 90_000_000]),
        ([], []),
    ],
)
def test_the_number_that_counts_up(names, numbers):
    assert number_pictures(names, 'x.json') == numbers


def write(path: Path, content) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_a_gap_of_millions_costs_nothing(tmp_path):
    entries = [entry(image_id=k) for k in (1, *range(90_000_000, 90_000_020))]
    begin = time.perf_counter()
    clip = read_skeleton_file(write(tmp_path / 'far.json', entries))
    assert time.perf_counter() - begin < 1
    assert [(track.start, len(track)) for track in clip.tracks] == [(89_999_999, 20), (0, 1)]
    assert clip.num_frames == 90_000_019
    assert any('numbered from 1 to 90000019' in note for note in clip.notes)


def test_skipped_frames_change_nothing(tmp_path):
    """A person who is away for longer than tracking bears, and one who is away for less."""
    entries = [entry(image_id=k) for k in (*range(10), *range(13, 30), *range(200, 230))]
    sparse = read_skeleton_file(write(tmp_path / 'sparse.json', entries))
    elsewhere = [value + 5000 if k % 3 == 0 else value for k, value in enumerate(BODY)]
    # somebody far away in every frame leaves no frame out
    full = [*entries, *(entry(image_id=k, keypoints=elsewhere) for k in range(230))]
    dense = read_skeleton_file(write(tmp_path / 'dense.json', full))
    there = [track for track in dense.tracks if track.keypoint[0, 0, 0] < 4000]
    assert [(track.start, len(track)) for track in there] == [
        (track.start, len(track)) for track in sparse.tracks
    ]
    for one, other in zip(there, sparse.tracks):
        np.testing.assert_array_equal(one.keypoint, other.keypoint)


def test_coco_annotations(tmp_path):
    """The frame is the picture's, whatever its id; a labelled joint counts, seen (2) or not (1)."""
    labelled = [value if k % 3 < 2 else (0, 1, 2)[k // 3 % 3] for k, value in enumerate(BODY)]
    images = [image(40 + k, file_name=f'v_{k:05d}.jpg') for k in range(3)]
    content = coco(
        images, [entry(image_id=41, keypoints=labelled, iscrowd=0), dict(image_id=42, bbox=[1, 2, 3, 4])]
    )
    found = read_poses(write(tmp_path / 'c.json', content))
    assert set(found.frames) == {1} and found.img_shape == (480, 640) and found.layout.name == 'coco17'
    assert found.frames[1].score[0, :6].tolist() == [0, 1, 1, 0, 1, 1]
    for number, picture in enumerate(images):
        picture['frame_id'] = 7 + number
    assert set(read_poses(write(tmp_path / 'c.json', content)).frames) == {8}


def test_joints_by_their_names(tmp_path):
    """Seventeen joints of PoseTrack are not COCO's seventeen."""
    names = ['nose', 'head_bottom', 'head_top', 'left_ear', 'right_ear']
    parts = 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'
    names += [f'{side}_{part}' for part in parts for side in ('left', 'right')]
    pairs = [(0, 1), (0, 2), (1, 5), (1, 6), (1, 11), (1, 12)]
    pairs += [(joint, joint + 2) for joint in (5, 6, 7, 8, 11, 12, 13, 14)]
    category = dict(id=1, keypoints=names, skeleton=[[a + 1, b + 1] for a, b in pairs])
    content = coco([image(0)], [entry()], categories=[category])
    found = read_poses(write(tmp_path / 'c.json', content))
    assert 'left_eye' not in found.layout and 'upper_neck' in found.layout
    shoulder = found.layout.index('left_shoulder')
    np.testing.assert_array_equal(found.frames[0].keypoint[0, shoulder], BODY[15:17])
    meta = dict(dataset_name='mine', keypoint_id2name=dict(enumerate(names)), skeleton_links=pairs)
    content = dict(meta_info=meta, instance_info=[dict(frame_id=1, instances=[instance()])])
    found = read_poses(write(tmp_path / 'm.json', content))
    np.testing.assert_array_equal(found.frames[1].keypoint[0, found.layout.index('left_shoulder')], [6, 7])


def test_mmpose_inferencer(tmp_path):
    low = instance(keypoints=[[500, 600]] * 17, bbox_score=0.2)
    content = [dict(frame_id=k, instances=[low, instance()] if k else []) for k in range(3)]
    found = read_poses(write(tmp_path / 'm.json', content))
    assert set(found.frames) == {1, 2}
    np.testing.assert_array_equal(found.frames[2].keypoint[:, 3], [[4, 5], [500, 600]])  # the best first
    # of a single picture only the instances are written
    found = read_poses(write(tmp_path / 'p.json', [instance()]))
    assert set(found.frames) == {0}


def test_orders_that_are_read(tmp_path):
    clip = body_clip()
    path = tmp_path / 'p.npy'
    np.save(path, clip)  # persons beside each other, all joints seen: their heights agree
    assert len(read_poses(path, 'coco17').frames[0]) == 2
    np.save(path, clip * [[[[1]]], [[[0]]]])
    assert len(read_poses(path, 'coco17').frames[0]) == 1
    # mmaction2 defines the order of what it calls keypoint
    unclear = np.random.default_rng(0).uniform(1, 99, (2, 6, 17, 2))
    np.savez(tmp_path / 'p.npz', keypoint=unclear, layout='coco17')
    assert len(read_poses(tmp_path / 'p.npz').frames[0]) == 2


def test_nan_marks_a_missing_joint(tmp_path):
    clip = body_clip()[0]
    clip[2, 5] = np.nan
    clip[3] = np.nan
    np.save(tmp_path / 'p.npy', clip)
    found = read_poses(tmp_path / 'p.npy', 'coco17').frames
    assert set(found) == {0, 1, 2, 4, 5}
    assert found[2].score[0].tolist() == [1] * 5 + [0] + [1] * 11 and not found[2].keypoint[0, 5].any()


def test_shares_of_a_picture_are_told(tmp_path):
    np.save(tmp_path / 'p.npy', body_clip()[0] / 640)
    assert 'where pixels are expected' in read_poses(tmp_path / 'p.npy', 'coco17').notes[0]
    np.save(tmp_path / 'p.npy', body_clip()[0])
    assert not read_poses(tmp_path / 'p.npy', 'coco17').notes


def test_joints_outside_the_picture_are_told(tmp_path):
    path = write(tmp_path / 'p.json', [entry(image_id=k) for k in range(6)])
    assert not read_skeleton_file(path, img_shape=(480, 640)).notes
    note = read_skeleton_file(path, img_shape=(100, 100)).notes[0]
    assert note.startswith('42 of 102 joints (41.2%) lie outside the picture of 100 x 100 pixels; were they')


def test_a_file_serves_one_video(tmp_path):
    path = write(tmp_path / 'a.json', [entry()])
    expert = PrecomputedExpert(path)
    expert.start('videos/a.mp4')
    expert.start('videos/a.mp4')
    with pytest.raises(UserError, match=r'a\.json: holds the poses of one video, videos/a\.mp4, .*\{stem\}'):
        expert.start('videos/b.mp4')
    write(tmp_path / 'b.json', [entry(image_id=3)])
    expert = PrecomputedExpert(tmp_path / '{stem}.json')
    frames = [np.zeros((480, 640, 3), np.uint8)] * 2
    for name, there in (('a', [1, 0]), ('b', [0, 0])):
        expert.start(f'videos/{name}.mp4')
        assert [len(poses) for poses in expert.predict(frames)] == there
    assert (
        'poses of 1 of its 1 frames lie outside the video, which has the frames 0 to 1' in expert.notes()[0]
    )


# The cases that went wrong once.

CASES = {
    'xyz_mediapipe_like.npy': 'third number from -251',
    'agcn_CTVM.npy': r'\(3, 60, 25, 2\), which could be \(C, T, V, M\)',
    'ap_two_videos.json': "'golf_00000.jpg' and 'squat_00000.jpg'",
    'MTVC.npy': 2,
    'ap_name_res.json': 1,
    'ap_plain.json': 2,
    'coco_gt.json': 1,
    'coco_ids_two_far.json': 1,
    'mmpose_inferencer.json': 2,
}


@pytest.mark.parametrize('name', CASES)
def test_cases(shared_data, name):
    path, expected = shared_data.parent / 'cases' / 'skeletons' / name, CASES[name]
    if not path.exists():
        pytest.skip('needs the cases in ../shared/cases')
    layout = 'coco17' if path.suffix == '.npy' and 'agcn' not in name else None
    if isinstance(expected, str):
        with pytest.raises(BadFileError, match=expected):
            read_poses(path, layout)
        return
    begin = time.perf_counter()
    clip = read_skeleton_file(path, layout)
    assert time.perf_counter() - begin < 3
    if name == 'coco_ids_two_far.json':
        assert [len(track) for track in clip.tracks] == [59, 1]
        return
    assert clip.num_frames == 60 and clip.layout.name == 'coco17'
    assert [len(track) for track in clip.tracks] == [60] * expected
