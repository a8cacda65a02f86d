"""Stores as Posetics's files: read back they are what they were; other readers find the format they know."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.converters.conversion import ConversionError
from mmactrep.datasets.converters.posetics import posetics, to_frame
from mmactrep.datasets.converters.posetics_json import write_posetics_json
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout

NAMES = [
    '-abcdefghij_000012_000022',
    'run/_klmnopqrst_000001_000011',
    'set1/0_1_4',
    'plain',
    'uvwxyzabcde_000003_000013',
]


def write(root, channels=2, layout='posetics17', size=(240, 320), names=NAMES, **changes):
    """Clips of one and two persons; missing joints, absent persons, one clip in no split."""
    rng = np.random.default_rng(0)
    target, own = get_layout(layout), get_layout('lcrnet13')
    with SkeletonStoreWriter(root, layout, ['sit', 'run'], channels) as writer:
        for number, name in enumerate(names):
            persons, frames = 1 + number % 2, 6 + number
            pose = rng.uniform(1, 200, (persons, frames, 13, channels)) / (1 if channels == 2 else 100)
            score = rng.uniform(0.1, 1, pose.shape[:-1])
            score[0, 2, 5:9] = 0
            score[0, 4] = 0  # the first person is absent in a frame
            score[-1, :2] = 0 if persons > 1 else score[-1, :2]
            pose, score = own.mapping_to(target)(np.where(score[..., None] > 0, pose, 0), score)
            writer.add(name, pose, score, changes.get('label', number % 2), size, 25.0)
        splits = changes.get('splits', dict(train=names[:2] + names[3:4], test=names[2:3] + names[4:]))
        for split, ids in splits.items():
            writer.add_split(split, ids)
        writer.finish()
    return SkeletonStore(root)


def read_back(root, out, dims=2, **options):
    options = dict(dict(layout='posetics17', max_persons=2), **options)
    report = run_conversion(posetics(root, dims=dims, **options), out, progress=False)
    assert not report.bad
    return SkeletonStore(out)


def assert_same(found, expected, atol):
    """The same clips, in whatever order."""
    assert found.classes == expected.classes and sorted(found.ids) == sorted(expected.ids)
    for name in expected.ids:
        a, b = found[found.find(name)], expected[expected.find(name)]
        assert (a['label'], a['img_shape'], a['fps']) == (b['label'], b['img_shape'], b['fps'])
        np.testing.assert_array_equal(a['keypoint_score'] > 0, b['keypoint_score'] > 0)
        np.testing.assert_allclose(a['keypoint'], b['keypoint'], atol=atol)
        np.testing.assert_allclose(a['keypoint_score'], b['keypoint_score'], atol=6e-4)


@pytest.mark.parametrize('size', [(240, 320), (480, 640), (1920, 1080), (0, 0)])
@pytest.mark.parametrize('layout', ['posetics17', 'lcrnet13'])
def test_store_to_json_to_store(tmp_path, size, layout):
    store = write(tmp_path / 'store', layout=layout, size=size)
    report = write_posetics_json(store, tmp_path / 'json')
    found = read_back(tmp_path / 'json', tmp_path / 'back', layout=layout)
    assert_same(found, store, atol=0.006 * max(size[1], 640) / 640)
    assert {name: sorted(found.ids[row] for row in found.split(name)) for name in found.split_names} == dict(
        train=sorted([NAMES[0], NAMES[1], NAMES[3]]), val=sorted([NAMES[2], NAMES[4]])
    )
    assert report.clips == dict(train=3, val=2) and report.renamed == 2 and report.without == 0


def test_3d_poses_stand_beside_those_of_2d(tmp_path):
    flat, solid = write(tmp_path / 'store'), write(tmp_path / 'solid', channels=3, size=(0, 0))
    write_posetics_json(flat, tmp_path / 'json', solid)
    assert_same(read_back(tmp_path / 'json', tmp_path / 'flat'), flat, atol=0.006)
    found = read_back(tmp_path / 'json', tmp_path / 'solid_back', dims=3)
    for name in solid.ids:
        a, b = found[found.find(name)], solid[solid.find(name)]
        np.testing.assert_allclose(a['keypoint'], b['keypoint'], atol=6e-5)


def test_the_files_are_as_posetics_has_them(tmp_path):
    store = write(tmp_path / 'store', size=(480, 640))
    write_posetics_json(store, tmp_path / 'json', write(tmp_path / 'solid', channels=3))
    (tmp_path / 'json' / 'clips.json').unlink()  # other data sets have no such file
    path = tmp_path / 'json' / 'train' / '_klmnopqrst_000001_000011.json'
    frames = json.loads(path.read_text())['frames']
    clip = store[1]
    assert len(frames) == clip['total_frames'] == 7 and [len(frame) for frame in frames][:2] == [1, 1]
    person = frames[3][1]
    assert len(person['pose2d']) == 26 and len(person['pose3d']) == 39
    # x of all joints, then y: the right ankle first, the head last
    layout = get_layout('posetics17')
    for place, joint in ((0, 'right_ankle'), (11, 'left_shoulder'), (12, 'head')):
        x, y = clip['keypoint'][1, 3, layout.index(joint)]
        assert person['pose2d'][place] == pytest.approx(x, abs=0.006)
        assert person['pose2d'][13 + place] == pytest.approx(y, abs=0.006)
    assert frames[4][0]['pose2d'] == [0.0] * 26 and len(frames[4]) == 2  # absent before one who is there
    labels = json.loads((tmp_path / 'json' / 'posetics_train_label.json').read_text())
    assert labels['_klmnopqrst'] == dict(label_index=1, has_skeleton=True) and len(labels) == 3
    found = read_back(tmp_path / 'json', tmp_path / 'back')
    row = found.find('_klmnopqrst_000001_000011')
    np.testing.assert_allclose(found[row]['keypoint'], clip['keypoint'], atol=0.006)
    assert found[row]['img_shape'] == (480, 640) and found[row]['fps'] == 0


def test_screen_coordinates_stay_as_they_are_in_posetics_frames():
    rng = np.random.default_rng(0)
    for height, width in [(240, 320), (720, 1280), (1920, 1080)]:
        points = rng.uniform(0, 1, (50, 2)) * [width, height]
        moved = to_frame(points, (height, width))
        before = points * 2 / width - [1, height / width]
        np.testing.assert_allclose(moved * 2 / 640 - [1, 480 / 640], before, atol=1e-9)
        np.testing.assert_allclose(to_frame(moved, (height, width), back=True), points)


def test_a_joint_seen_at_the_corner_does_not_become_a_missing_one(tmp_path):
    pose = np.full((1, 3, 13, 2), 100.0)
    pose[0, 1, 4] = 0.001, 0.002
    with SkeletonStoreWriter(tmp_path / 'store', 'lcrnet13', ['sit']) as writer:
        for name in 'ab':
            writer.add(name, pose, np.ones((1, 3, 13)), 0, (480, 640))
        writer.add_split('train', ['a'])
        writer.add_split('val', ['b'])
        writer.finish()
    write_posetics_json(SkeletonStore(tmp_path / 'store'), tmp_path / 'json')
    found = read_back(tmp_path / 'json', tmp_path / 'back', layout='lcrnet13')
    assert (found[0]['keypoint_score'] == 1).all()
    np.testing.assert_allclose(found[0]['keypoint'], pose, atol=0.011)


def test_two_clips_of_one_video_do_not_share_a_file(tmp_path):
    names = ['abcdefghijk_000001_000002', 'abcdefghijk_000005_000006', 'a/abcdefghij2_000001_000002',
             'b/abcdefghij2_000001_000002']  # fmt: skip
    store = write(tmp_path / 'store', names=names, splits=dict(train=names[:2], val=names[2:]))
    assert write_posetics_json(store, tmp_path / 'json').renamed == 4
    assert_same(read_back(tmp_path / 'json', tmp_path / 'back'), store, atol=0.006)


def test_what_cannot_be_written(tmp_path):
    store = write(tmp_path / 'store', splits=dict(train=NAMES))
    with pytest.raises(
        ConversionError, match=r"json: Posetics's files need clips of val or test, the splits are \['train'\]"
    ):
        write_posetics_json(store, tmp_path / 'json')
    with pytest.raises(ConversionError, match='expected labeled clips of train'):
        write_posetics_json(write(tmp_path / 'unlabeled', label=-1), tmp_path / 'json2')
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full' / 'file').write_text('')
    with pytest.raises(ConversionError, match='full is not empty'):
        write_posetics_json(write(tmp_path / 'store2'), tmp_path / 'full')
    partly = write(tmp_path / 'store3', splits=dict(train=NAMES[:1], val=NAMES[1:2]))
    assert write_posetics_json(partly, tmp_path / 'json3').without == 3


@pytest.mark.parametrize(
    'content', ['[]', '{"a": ["b", 1, 2]}', '{"a": ["b", -1, 2, 25.0]}', '{"a": [1, 1, 2, 25.0]}']
)
def test_a_foreign_file_of_names_is_refused(tmp_path, content):
    write_posetics_json(write(tmp_path / 'store'), tmp_path / 'json')
    (tmp_path / 'json' / 'clips.json').write_text(content)
    with pytest.raises(
        ConversionError, match=r'clips\.json: expected \{file: \[name, height, width, rate\]\}'
    ):
        posetics(tmp_path / 'json')


@pytest.mark.parametrize('scores', [[1.0] * 12, [-1.0] * 13, 'text', [True] * 13])
def test_scores_of_another_form_are_refused(tmp_path, scores):
    write_posetics_json(write(tmp_path / 'store'), tmp_path / 'json')
    path = tmp_path / 'json' / 'train' / f'{NAMES[0]}.json'
    content = json.loads(path.read_text())
    content['frames'][1][0]['joint_scores'] = scores
    path.write_text(json.dumps(content))
    report = run_conversion(posetics(tmp_path / 'json'), tmp_path / 'back', skip_bad=True, progress=False)
    assert "frame 1, person 0: expected 'joint_scores' of 13 numbers from 0 on" in report.bad[NAMES[0]]
