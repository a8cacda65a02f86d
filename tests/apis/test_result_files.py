"""Results as JSON and CSV, and what their objects say of themselves."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from mmactrep.apis.result_files import COLUMNS, ResultFiles, plain, to_csv, to_json
from mmactrep.apis.streaming import ActionStream
from mmactrep.apis.streaming_segmentor import StreamingSegmentor
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.structures import get_layout
from mmactrep.structures.poses import PoseTrack
from mmactrep.structures.recognition import ActionWindow, PersonActions, RecognitionResult, Verdict
from mmactrep.structures.rejection import Rejection
from mmactrep.structures.segments import Segment, SegmentationResult
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.inference_fakes import FakeEstimator, walking

CLASSES = ['sit', 'wave, twice']


def result_of(fps: float = 20.0, name: str = 'a.mp4') -> RecognitionResult:
    """A person in frames 10 to 29, who sits in the first window and waves in the second."""
    keypoint, score = walking(20)
    confidence = np.full(20, np.nan, np.float32)
    windows = [
        ActionWindow(10, 20, 10, np.array([0.75, 0.25], np.float32)),
        ActionWindow(20, 30, 9, np.array([0.0, 1.0], np.float32)),
    ]
    person = PersonActions(
        PoseTrack(3, 10, keypoint, score, confidence),
        windows,
        np.array([0.4, 0.6]),
        CLASSES[::-1],
        [0.6, 0.4],
    )
    return RecognitionResult(
        name, get_layout('coco17'), (480, 640), 40, CLASSES, [person], [], np.array([0.4, 0.6]),
        CLASSES[::-1], [0.6, 0.4], fps=fps,
    )  # fmt: skip


def test_json_holds_tracks_windows_and_times_in_seconds():
    (found,) = json.loads(to_json([result_of()]))['results']
    assert (found['input'], found['duration'], found['labels']) == ('a.mp4', 2.0, ['wave, twice', 'sit'])
    (track,) = found['tracks']
    assert (track['track'], track['start_time'], track['end_time']) == (3, 0.5, 1.5)
    assert [(w['start'], w['end'], w['start_time'], w['end_time']) for w in track['windows']] == [
        (10, 20, 0.5, 1.0),
        (20, 30, 1.0, 1.5),
    ]
    assert track['windows'][0]['class_scores'] == [0.75, 0.25]
    np.testing.assert_allclose(track['keypoint'], walking(20)[0])
    # JSON has no NaN: the agreement of a single expert is unknown
    assert track['confidence'] == [None] * 20 and track['votes'] is None


def test_a_csv_has_a_row_for_each_window():
    rows = list(csv.DictReader(to_csv([result_of(), result_of(0.0, 'b.mp4')]).splitlines()))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 4
    assert list(rows[1].values()) == ['a.mp4', '3', '20', '30', '1.0', '1.5', 'wave, twice', '1.0', '']
    assert (rows[2]['input'], rows[2]['start_time']) == ('b.mp4', '')  # no frame rate, no seconds


def test_plain_data():
    content = dict(a=np.float32(0.5), b=(np.int64(1), np.nan, True), c=np.array([[1.0, np.inf]]))
    assert plain(content) == dict(a=0.5, b=[1, None, True], c=[[1.0, None]])


def test_files_are_whole_after_every_input(tmp_path):
    files = ResultFiles(tmp_path / 'out' / 'a.json', tmp_path / 'out' / 'a.csv')
    for count in (1, 2):
        files.add(result_of())
        assert len(json.loads((tmp_path / 'out' / 'a.json').read_text())['results']) == count
        assert len((tmp_path / 'out' / 'a.csv').read_text().splitlines()) == 1 + 2 * count
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['a.csv', 'a.json']


def test_reprs_say_what_a_thing_is():
    result = result_of()
    assert repr(result) == "RecognitionResult('a.mp4': 1 person, 40 frames of 20/s, wave, twice 60%)"
    assert repr(result.persons[0]) == 'PersonActions(person 3, frames 10 to 29: wave, twice 60%)'
    assert repr(result.persons[0].windows[0]) == 'ActionWindow(frames 10 to 19: class 0 75%)'
    unknown = PersonActions(
        result.persons[0].track, [], np.zeros(2), [], [], Verdict(True, 0.9, 'none of the 2 actions')
    )
    assert repr(unknown).endswith('none of the 2 actions)')
    assert repr(get_layout('coco17')) == "SkeletonLayout('coco17': 17 joints)"
    # what holds arrays, or hundreds of quantiles, does not print them
    rejection = Rejection('energy', 1.25, quantiles=tuple(range(101)), noun='sports')
    assert repr(rejection) == 'Rejection(by energy: none of the sports below 1.25)'
    segments = SegmentationResult('a.npz', 40, 20.0, CLASSES, [Segment(0, 3, 9)])
    assert repr(segments) == "SegmentationResult('a.npz': 40 frames, 1 segments of 2 classes)"
    assert repr(StreamingSegmentor(lambda *_: None, 2, 64, 8, 16)) == (
        'StreamingSegmentor(windows of 64 frames every 8, 16 frames held back)'
    )
    stream = ActionStream('UNIK', FakeEstimator(), window=32, every=4)
    assert repr(stream) == "ActionStream('UNIK', windows of 32 frames, a prediction every 4)"
    estimator = PoseEstimator([BrightnessExpert()])
    assert repr(estimator) == f'PoseEstimator({BrightnessExpert().name}: 17 joints of coco17)'


def test_the_demo_writes_them(tmp_path, monkeypatch, capsys):
    from mmactrep.cli import main

    np.savez(tmp_path / 'poses.npz', keypoint=walking(30)[0], layout='coco17')
    monkeypatch.chdir(tmp_path)
    command = ['skeletons', 'poses.npz', '--checkpoint', 'unik_synthetic_2d_small', '--device', 'cpu']
    assert main([*command, '--json', 'a.json', '--csv', 'a.csv']) == 0
    (found,) = json.loads((tmp_path / 'a.json').read_text())['results']
    (row,) = csv.DictReader((tmp_path / 'a.csv').open())
    assert row['label'] == found['labels'][0]
    assert float(row['score']) == pytest.approx(found['scores'][0], rel=1e-3)
    assert f'{found["scores"][0]:.1%}' in capsys.readouterr().out
