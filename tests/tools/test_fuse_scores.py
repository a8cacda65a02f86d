from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmactrep.evaluation import ScoreTable, softmax
from tests.helpers.training import load_tool

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis' / 'fuse_scores.py'


@pytest.fixture(scope='module')
def tool():
    return load_tool('analysis/fuse_scores.py')


def fuse(tool, arguments):
    return tool.fuse_files(tool.parse_args(arguments))


@pytest.fixture
def streams(tmp_path):
    """Three streams of 60 clips; the second lists them shuffled, the third holds probabilities."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 8, 60)
    ids = np.array([f'clip{i:02d}' for i in rng.permutation(60)])
    classes = [f'class {i}' for i in range(8)]
    scores = rng.normal(size=(3, 60, 8)) * 2 + 2.5 * np.eye(8)[labels]
    order = rng.permutation(60)
    paths = [str(tmp_path / f'{name}.npz') for name in ('joint', 'bone', 'motion')]
    ScoreTable(scores[0], labels, ids, classes).save(paths[0])
    ScoreTable(scores[1][order], labels[order], ids[order], classes).save(paths[1])
    ScoreTable(softmax(scores[2]), labels, ids, classes).save(paths[2])
    return paths, scores, labels


def test_fusion_equals_the_sum_of_softmax_written_plainly(tool, streams):
    paths, scores, labels = streams
    report = fuse(tool, paths)
    probabilities = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    fused = probabilities.sum(0)
    accuracy = np.mean(fused.argmax(1) == labels)
    metrics = report['metrics']
    assert list(metrics) == ['joint', 'bone', 'motion', 'fusion']
    assert metrics['fusion']['top1'] == pytest.approx(accuracy)
    for name, stream in zip(metrics, scores):
        assert metrics[name]['top1'] == pytest.approx(np.mean(stream.argmax(1) == labels))
        assert metrics[name]['top1'] < accuracy
    among = [label in row for label, row in zip(labels, np.argsort(-fused)[:, :5])]
    assert metrics['fusion']['top5'] == pytest.approx(np.mean(among))
    per_class = [np.mean(fused.argmax(1)[labels == c] == c) for c in range(8)]
    assert list(report['per_class_accuracy'].values()) == pytest.approx(per_class)
    assert metrics['fusion']['mean_class_accuracy'] == pytest.approx(np.mean(per_class))
    assert report['kinds'] == ['logits', 'logits', 'probabilities']


def test_weights_choose_the_stream(tool, streams):
    paths, _, _ = streams
    metrics = fuse(tool, [*paths, '--weights', '0', '1', '0'])['metrics']
    assert metrics['fusion'] == metrics['bone'] != metrics['joint']


def test_writes_json_csv_and_picture(tool, streams, tmp_path, capsys):
    paths, _, labels = streams
    out = tmp_path / 'out' / 'fused'
    report = fuse(tool, [*paths[:2], '--out-dir', str(out)])
    assert json.loads((out / 'metrics.json').read_text()) == report
    with (out / 'confusion_matrix.csv').open(newline='') as file:
        head, *rows = csv.reader(file)
    assert head[1:] == [row[0] for row in rows] == [f'class {i}' for i in range(8)]
    counts = np.array([row[1:] for row in rows], int)
    assert counts.sum(1).tolist() == np.bincount(labels, minlength=8).tolist()
    assert np.trace(counts) / 60 == pytest.approx(report['metrics']['fusion']['top1'])
    picture = cv2.imread(str(out / 'confusion_matrix.png'))
    assert min(picture.shape[:2]) > 300 and picture.std() > 10
    printed = capsys.readouterr().out
    for title in (
        'Top-1',
        'Top-5',
        'Mean class',
        'Precision',
        'Recall',
        'F-score',
        'joint',
        'bone',
        'fusion',
    ):
        assert title in printed
    assert f'{report["metrics"]["fusion"]["top1"] * 100:.2f}' in printed


def test_absent_classes_are_null_in_json(tool, tmp_path):
    path, out = tmp_path / 'a.npz', tmp_path / 'out'
    ScoreTable(np.eye(3)[[0, 1]], np.array([0, 1]), ['a', 'b'], list('xyz')).save(path)
    fuse(tool, [str(path), '--out-dir', str(out)])
    report = json.loads((out / 'metrics.json').read_text())
    assert report['per_class_accuracy'] == dict(x=1.0, y=1.0, z=None)
    assert list(report['metrics']) == ['a']


def test_names_come_from_any_file_and_equal_stems_are_told_apart(tool, tmp_path):
    (tmp_path / 'one').mkdir()
    (tmp_path / 'two').mkdir()
    paths = [tmp_path / folder / 's.npz' for folder in ('one', 'two')]
    fields = dict(scores=np.eye(2), labels=np.array([0, 1]), ids=['a', 'b'])
    ScoreTable(**fields, classes=['0', '1']).save(paths[0])
    ScoreTable(**fields, classes=['run', 'jump']).save(paths[1])
    report = fuse(tool, list(map(str, paths)))
    assert list(report['metrics']) == [str(paths[0]), str(paths[1]), 'fusion']
    assert list(report['per_class_accuracy']) == ['run', 'jump']


def test_a_file_given_twice_is_refused(tool, streams):
    with pytest.raises(ValueError, match='given twice'):
        fuse(tool, [streams[0][0], streams[0][0]])


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(ids=['a', 'x']), r"a.npz has 1 clip\(s\): 'b'; only .*b.npz has 1 clip\(s\): 'x'"),
        (dict(ids=['a'], scores=np.zeros((1, 2)), labels=[0]), r"clips: only .*a.npz has 1 clip\(s\): 'b'$"),
        (dict(labels=[0, 0]), r"differ in the label of 1 clip\(s\): 'b'"),
        (dict(scores=np.zeros((2, 3)), classes=list('pqr')), 'number of classes: 2 and 3'),
        (dict(classes=['p', 'r']), "1 class names, first class 1: 'q' and 'r'"),
    ],
)
def test_files_that_do_not_fit_are_refused(tool, tmp_path, changes, message):
    fields = dict(scores=np.eye(2), labels=[0, 1], ids=['a', 'b'], classes=['p', 'q'])
    ScoreTable(**fields).save(tmp_path / 'a.npz')
    ScoreTable(**(fields | changes)).save(tmp_path / 'b.npz')
    with pytest.raises(ValueError, match=message):
        fuse(tool, [str(tmp_path / 'a.npz'), str(tmp_path / 'b.npz')])


def test_command_line_ends_with_one_line_on_bad_input(tool, tmp_path, capsys):
    bad = tmp_path / 'bad.npz'
    bad.write_text('no archive')
    assert tool.main([str(bad)]) == 1
    assert capsys.readouterr().err.startswith(f'error: {bad}: expected arrays (.npz)')


@pytest.mark.parametrize('weights', [['1'], ['0', '0'], ['1', '1', '1']])
def test_weights_that_do_not_fit_are_refused(tool, streams, weights, capsys):
    with pytest.raises(SystemExit):
        tool.main([*streams[0][:2], '--weights', *weights])
    assert '2 files need as many weights, not all 0' in capsys.readouterr().err
