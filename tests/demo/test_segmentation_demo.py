"""The segmentation demo on a clip of a store, offline and as a stream, on a skeleton file and on a video."""

from __future__ import annotations

import csv
import json

import cv2
import numpy as np
import pytest

from mmactrep.store.writer import SkeletonStoreWriter
from tests.helpers.inference_fakes import write_tiny_segmentor
from tests.helpers.training import load_tool


@pytest.fixture
def arguments(tmp_path, rng):
    """A store with one clip, and a tiny segmentor with random weights."""
    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17', ['a', 'b']) as writer:
        keypoint = rng.uniform(100, 300, (1, 40, 17, 2))
        writer.add('clip', keypoint, img_shape=(480, 640), segments=[(0, 5, 30)])
        writer.finish()
    config, checkpoint = write_tiny_segmentor(tmp_path)
    return [
        *(f'{tmp_path}/store::clip', '--config', str(config), '--checkpoint', str(checkpoint)),
        *('--out-dir', f'{tmp_path}/out', '--device', 'cpu', '--threshold', '0'),
    ]


@pytest.fixture(scope='module')
def demo():
    return load_tool('../demo/segmentation_demo.py')


def test_timeline_scores_and_video(demo, tmp_path, arguments, capsys):
    assert demo.main(arguments) == 0
    assert 'clip: 40 frames' in capsys.readouterr().out
    assert cv2.imread(str(tmp_path / 'out/clip_timeline.png')) is not None
    video = cv2.VideoCapture(str(tmp_path / 'out/clip.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 40
    with np.load(tmp_path / 'out/clip_scores.npz') as content:
        offline = content['scores']
        # everything reaches the threshold: one segment a class, over all frames
        np.testing.assert_array_equal(content['segments'][:, :3], [[0, 0, 40], [1, 0, 40]])
    # window 16, hop 2: the stream's windows are those of stride 2 with a lookahead of 14
    assert demo.main([*arguments, '--stream', '--lookahead', '14', '--no-video']) == 0
    with np.load(tmp_path / 'out/clip_scores.npz') as content:
        streamed = content['scores']
    assert streamed.shape == offline.shape
    assert demo.main([*arguments, '--stride', '2', '--no-video']) == 0
    with np.load(tmp_path / 'out/clip_scores.npz') as content:
        np.testing.assert_allclose(streamed, content['scores'], atol=1e-5)


def test_segments_for_other_programs(demo, tmp_path, arguments):
    """The store's clip has no frame rate, a video has one."""
    with SkeletonStoreWriter(tmp_path / 'timed', 'posetics17', ['a', 'b']) as writer:
        keypoint = np.random.default_rng(0).uniform(100, 300, (1, 40, 17, 2))
        writer.add('clip', keypoint, img_shape=(480, 640), fps=20.0, segments=[(0, 5, 30)])
        writer.finish()
    for store, seconds in (('store', None), ('timed', 2.0)):
        written = ['--json', f'{tmp_path}/{store}.json', '--csv', f'{tmp_path}/{store}.csv', '--no-video']
        assert demo.main([f'{tmp_path}/{store}::clip', *arguments[1:], *written]) == 0
        (found,) = json.loads((tmp_path / f'{store}.json').read_text())['results']
        assert (found['input'], found['num_frames'], found['duration']) == ('clip', 40, seconds)
        with np.load(tmp_path / 'out/clip_scores.npz') as content:
            table = content['segments']
        assert [(s['start'], s['end'], s['score']) for s in found['segments']] == [
            (start, end, pytest.approx(score)) for _, start, end, score in table.tolist()
        ]
        (annotated,) = found['annotated']
        assert (annotated['start'], annotated['end']) == (5, 30)
        assert annotated['end_time'] == (seconds and 1.5)
        rows = list(csv.DictReader((tmp_path / f'{store}.csv').read_text().splitlines()))
        assert [row['label'] for row in rows] == [found['classes'][int(label)] for label in table[:, 0]]
        assert {row['end_time'] for row in rows} == {'' if seconds is None else '2.0'}


def test_a_skeleton_file_and_a_video_of_the_same_poses(demo, poses, video, tmp_path, arguments, capsys):
    found = {}
    for name, source in (
        ('poses', [str(poses), '--layout', 'coco17']),
        ('small', [str(video), '--experts', f'{poses}@coco17']),
    ):
        assert demo.main([*source, *arguments[1:]]) == 0
        assert f'{name}: 30 frames' in capsys.readouterr().out
        written = cv2.VideoCapture(str(tmp_path / f'out/{name}.mp4'))
        assert written.get(cv2.CAP_PROP_FRAME_COUNT) == 30
        with np.load(tmp_path / f'out/{name}_scores.npz') as content:
            found[name] = content['scores']
    np.testing.assert_allclose(found['poses'], found['small'], atol=1e-3)
    assert demo.main([str(tmp_path / 'absent.mp4'), *arguments[1:]]) == 1
    assert 'absent.mp4' in capsys.readouterr().err
