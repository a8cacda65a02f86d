from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.multiprocessing as mp
from mmengine.evaluator import Evaluator

from mmactrep.evaluation import ScoreDump, ScoreTable
from mmactrep.registry import METRICS

SCORES = np.array([[0.5, 0.25, 0.25], [2.0, -1.0, 0.0]], np.float32)


def sample(scores, label, clip_id=None):
    content = dict(pred_score=torch.as_tensor(scores), gt_label=torch.tensor([label]))
    return content if clip_id is None else content | dict(frame_dir=clip_id)


def table(**changes):
    fields = dict(scores=SCORES, labels=np.array([0, 2]), ids=['a', 'b'], classes=['x', 'y', 'z'])
    return ScoreTable(**(fields | changes))


def test_dump_writes_what_the_model_said(tmp_path):
    path = tmp_path / 'new' / 'scores.npz'
    metric = METRICS.build(dict(type='ScoreDump', out_file_path=str(path)))
    assert isinstance(metric, ScoreDump)
    metric.dataset_meta = dict(classes=('run', 'jump', 'größer'))
    metric.process(None, [sample(SCORES[0], 1, 'v/ä')])
    metric.process(None, [sample(SCORES[1], 0, 'v/b')])
    assert metric.evaluate(2) == {}
    loaded = ScoreTable.load(path)
    np.testing.assert_array_equal(loaded.scores, SCORES)
    assert loaded.scores.dtype == np.float32
    assert loaded.labels.tolist() == [1, 0]
    assert loaded.ids.tolist() == ['v/ä', 'v/b']
    assert loaded.classes.tolist() == ['run', 'jump', 'größer']
    assert loaded.kind == 'logits' and loaded.has_class_names
    assert [p.name for p in path.parent.iterdir()] == ['scores.npz']


def test_ids_come_from_the_meta_information_of_mmactions_samples(tmp_path):
    from mmaction.structures import ActionDataSample

    samples = []
    for row, clip_id in zip(SCORES, ('v1', 'v2')):
        data_sample = ActionDataSample(metainfo=dict(frame_dir=clip_id, img_shape=(480, 640)))
        samples.append(data_sample.set_pred_score(torch.as_tensor(row)).set_gt_label(2))
    evaluator = Evaluator([ScoreDump(str(tmp_path / 's.npz'))])
    evaluator.dataset_meta = dict(classes=['x', 'y', 'z'])
    evaluator.process(samples)
    evaluator.evaluate(2)
    loaded = ScoreTable.load(tmp_path / 's.npz')
    assert loaded.ids.tolist() == ['v1', 'v2'] and loaded.labels.tolist() == [2, 2]
    assert loaded.classes.tolist() == ['x', 'y', 'z']


def test_file_holds_no_pickle(tmp_path):
    table().save(tmp_path / 's.npz')
    with np.load(tmp_path / 's.npz', allow_pickle=False) as content:
        assert sorted(content) == ['classes', 'ids', 'kind', 'labels', 'scores']
        assert {content[name].dtype.kind for name in content} == {'f', 'i', 'U'}


@pytest.mark.parametrize(
    ('scores', 'kind'), [(SCORES[:1], 'probabilities'), (SCORES[1:], 'logits'), (SCORES, 'logits')]
)
def test_kind_is_told_from_the_scores(tmp_path, scores, kind):
    path = tmp_path / 's.npz'
    metric = ScoreDump(str(path))
    metric.process(None, [sample(row, 0) for row in scores])
    metric.evaluate(len(scores))
    assert ScoreTable.load(path).kind == kind


def test_running_index_and_numbers_where_there_are_no_names(tmp_path):
    metric = ScoreDump(str(tmp_path / 's.npz'))
    metric.process(None, [sample(SCORES[0], 0), sample(SCORES[1], 2), sample(SCORES[1], 1)])
    metric.evaluate(3)
    loaded = ScoreTable.load(tmp_path / 's.npz')
    assert loaded.ids.tolist() == ['0', '1', '2']
    assert loaded.classes.tolist() == ['0', '1', '2'] and not loaded.has_class_names


def test_repeated_clips_are_written_once(tmp_path):
    metric = ScoreDump(str(tmp_path / 's.npz'))
    metric.process(None, [sample(SCORES[0], 0, 'a'), sample(SCORES[1], 1, 'b'), sample(SCORES[1], 0, 'a')])
    metric.evaluate(3)
    loaded = ScoreTable.load(tmp_path / 's.npz')
    assert loaded.ids.tolist() == ['a', 'b']
    np.testing.assert_array_equal(loaded.scores, SCORES)


def test_repeated_clip_with_another_label_is_refused(tmp_path):
    metric = ScoreDump(str(tmp_path / 's.npz'))
    metric.process(None, [sample(SCORES[0], 0, 'a'), sample(SCORES[0], 2, 'a')])
    with pytest.raises(ValueError, match="clip 'a' appears with the labels 0 and 2"):
        metric.evaluate(2)


def test_ids_of_some_clips_only_are_refused(tmp_path):
    metric = ScoreDump(str(tmp_path / 's.npz'))
    metric.process(None, [sample(SCORES[0], 0, 'a'), sample(SCORES[0], 0)])
    with pytest.raises(ValueError, match=r'no id \(frame_dir\): 1 clip\(s\): 1'):
        metric.evaluate(2)


def test_a_model_of_fewer_outputs_than_classes_is_refused(tmp_path):
    metric = ScoreDump(str(tmp_path / 's.npz'))
    metric.dataset_meta = dict(classes=['a', 'b', 'c', 'd'])
    metric.process(None, [sample(SCORES[0], 0, 'a')])
    with pytest.raises(ValueError, match='scores have 3 classes, but 4 are named'):
        metric.evaluate(1)


def test_outputs_beyond_the_classes_are_kept_and_numbered(tmp_path):
    metric = ScoreDump(str(tmp_path / 's.npz'))
    metric.dataset_meta = dict(classes=['only', 'two'])
    metric.process(None, [sample(SCORES[0], 0, 'a')])
    metric.evaluate(1)
    assert ScoreTable.load(tmp_path / 's.npz').classes.tolist() == ['only', 'two', 'output_2']


@pytest.mark.parametrize('name', ['scores.pkl', 'scores'])
def test_other_suffixes_are_refused_before_testing(name):
    with pytest.raises(ValueError, match=f"must end with '.npz', got '{name}'"):
        ScoreDump(name)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(ids=['a', 'a']), "ids repeat: .*'a'"),
        (dict(ids=['a']), 'id for each of 2 clips'),
        (dict(labels=np.array([0, 3])), r"found \[3\] for 1 clip\(s\): 'b'"),
        (dict(scores=np.where(SCORES == 2, np.nan, SCORES)), "NaN or infinite for .*'b'"),
        (dict(kind='scores'), "found 'scores'"),
    ],
)
def test_bad_tables_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        table(**changes)


def test_load_refuses_foreign_files_by_name(tmp_path):
    with pytest.raises(FileNotFoundError):
        ScoreTable.load(tmp_path / 'none.npz')
    path = tmp_path / 'bad.npz'

    def refused(message):
        with pytest.raises(ValueError, match=f'bad.npz: .*{message}'):
            ScoreTable.load(path)

    path.write_bytes(b'')
    refused('')
    path.write_text('hello')
    refused('')
    np.savez(path, scores=SCORES)
    refused('it lacks labels, ids')
    np.savez(path, **dict(vars(table()), ids=np.array(['a', None], object)))
    refused('Python objects')
    with path.open('wb') as file:
        np.save(file, SCORES)
    refused('')
    table().save(path)
    whole = path.read_bytes()
    for length in (len(whole) // 3, len(whole) - 10):
        path.write_bytes(whole[:length])
        refused('')
    table().save(path)
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo('scores.npy').header_offset + 170
    path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 255]) + whole[offset + 1 :])
    refused('')


def test_a_broken_write_leaves_the_earlier_file(tmp_path, monkeypatch):
    path = tmp_path / 's.npz'
    table().save(path)

    def fail(*args, **kwargs):
        raise OSError('disk full')

    monkeypatch.setattr(np, 'savez', fail)
    with pytest.raises(OSError, match='disk full'):
        table(ids=['c', 'd']).save(path)
    assert ScoreTable.load(path).ids.tolist() == ['a', 'b']


def _dump_in_process(rank: int, folder: str) -> None:
    import torch.distributed as dist
    from mmengine.dataset import DefaultSampler

    from mmactrep.evaluation import ClassificationMetric, ScoreDump

    dist.init_process_group('gloo', init_method=f'file://{folder}/rendezvous', rank=rank, world_size=2)
    clips = list(range(5))
    shares = list(DefaultSampler(clips, shuffle=False))
    assert len(shares) == 3  # 5 clips on 2 processes: one is repeated
    metrics = [ScoreDump(f'{folder}/scores.npz'), ScoreDump(f'{folder}/unnamed.npz'), ClassificationMetric()]
    for i in shares:
        scores = torch.eye(3)[0] * (i + 1)
        metrics[0].process(None, [dict(pred_score=scores, gt_label=torch.tensor([i % 3]), frame_dir=f'c{i}')])
        metrics[1].process(None, [dict(pred_score=scores, gt_label=torch.tensor([i % 3]))])
        metrics[2].process(None, [dict(pred_score=scores, gt_label=torch.tensor([i % 3]))])
    result = [metric.evaluate(len(clips)) for metric in metrics][-1]
    # Class 0 is always predicted and right for clips 0 and 3, whatever the rank that asks.
    assert result['acc/top1'] == 2 / 5, result
    dist.destroy_process_group()


def test_two_processes_write_each_clip_once(tmp_path):
    # Forked, as mmengine's own tests are: fresh processes would import for longer than they work.
    mp.start_processes(_dump_in_process, args=(str(tmp_path),), nprocs=2, start_method='fork')
    for name, ids in (('scores', ['c0', 'c1', 'c2', 'c3', 'c4']), ('unnamed', list('01234'))):
        loaded = ScoreTable.load(Path(tmp_path) / f'{name}.npz')
        assert loaded.ids.tolist() == ids
        assert loaded.scores[:, 0].tolist() == [1, 2, 3, 4, 5]
        assert loaded.labels.tolist() == [0, 1, 2, 0, 1]
