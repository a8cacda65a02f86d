from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmactrep.evaluation import mpjpe, pckh
from mmactrep.evaluation.aggregation import combine
from mmactrep.pose.experts.simulation import EXPERTS
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout
from tests.helpers.training import load_tool

FOLDER = Path(__file__).parents[2] / 'tools' / 'analysis'


def load(name):
    return load_tool(f'analysis/{name}.py')


@pytest.fixture(scope='module')
def tool():
    return load('evaluate_aggregation')


@pytest.fixture(scope='module')
def evaluated(tool):
    """Errors of every method and C on 24 short procedural clips."""
    layout = get_layout('penn13')
    truth = tool.draw_procedural(24, 60, layout, seed=3)
    proposals = list(tool.propose(truth, layout, list(EXPERTS.values()), seed=3))
    return tool.evaluate(truth, proposals, layout, list(EXPERTS))


@pytest.mark.parametrize('threshold', [0.5, 2.0])
def test_sst_a_beats_the_best_expert(evaluated, threshold):
    errors, _ = evaluated
    rates = {name: float(pckh(found, threshold)) for name, found in errors.items()}
    assert rates['SST-A'] > max(rates[name] for name in EXPERTS) + 0.03, rates


def test_sst_a_beats_mean_and_median_where_precision_counts(evaluated):
    errors, _ = evaluated
    rates = {name: float(pckh(found, 0.5)) for name, found in errors.items()}
    assert rates['SST-A'] > max(rates['mean'], rates['median']) + 0.02, rates


def test_confidence_falls_with_the_error(evaluated):
    errors, confidence = evaluated
    error = mpjpe(errors['SST-A'], axis=-1)
    small, large = confidence[error < 0.2], confidence[error > 0.5]
    assert len(small) > 100 and len(large) > 20
    assert np.nanmedian(small) > np.nanmedian(large) + 0.05


def test_every_failure_mode_hurts_alone(tool):
    layout = get_layout('penn13')
    truth = tool.draw_procedural(6, 40, layout, seed=1)
    rows = tool.report_failures(truth, layout, seed=1).splitlines()[1:]
    rates = {row[:34].strip(): [float(x) for x in re.findall(r'([\d.]+)%', row)] for row in rows}
    assert list(rates) == list(tool.FAILURES)
    assert all(best < 97 for best, *_ in rates.values()), rates
    for failure in ('drop-out, 30 % of joints', 'person missed, 15 % of frames'):
        assert rates[failure][3] > rates[failure][0] + 2


def test_mean_and_median_of_the_votes_by_hand():
    keypoint = np.zeros((3, 1, 3, 2))
    keypoint[:, 0, :, 0] = [[1, 2, 9], [2, 4, 9], [9, 90, 9]]
    score = np.array([[[1, 1, 0]], [[1, 1, 0]], [[1, 0, 0]]])
    mean, seen = combine(keypoint, score)
    median, _ = combine(keypoint, score, median=True)
    assert mean[0, :, 0].tolist() == [4, 3, 0] and median[0, :, 0].tolist() == [2, 3, 0]
    assert seen.tolist() == [[1, 1, 0]]


def test_command_prints_a_table_and_draws_both_figures(tool, tmp_path, capsys):
    arguments = ['--clips', '6', '--frames', '30', '--thresholds', '0.5', '--plot', str(tmp_path / 'out')]
    assert tool.main(arguments) == 0
    text = capsys.readouterr().out
    assert 'procedural motion: 6 clips, 180 frames, penn13, severity 1' in text
    for name in (*EXPERTS, 'mean', 'median', 'SST-A', 'SST-A, C >= 0.18'):
        assert re.search(rf'^{re.escape(name)} +[\d.]+% ', text, re.M), name
    for name in ('error_histogram', 'confidence_error'):
        picture = cv2.imread(str(tmp_path / 'out' / f'{name}.png'))
        assert picture.shape[0] > 300 and picture.std() > 10


@pytest.fixture
def store(tmp_path):
    """Two short clips of penn13, the second twice as long, mapped to posetics17 as the converter does."""
    root, source, layout = tmp_path / 'penn', get_layout('penn13'), get_layout('posetics17')
    rng = np.random.default_rng(0)
    with SkeletonStoreWriter(root, layout, classes=['a']) as writer:
        for number, frames in enumerate((20, 40)):
            pose = rng.uniform(50, 250, (13, 2)) + rng.normal(size=(1, frames, 13, 2)).cumsum(1)
            keypoint, score = source.mapping_to(layout)(pose.astype(np.float32))
            writer.add(f'clip_{number}', keypoint, score, 0, img_shape=(300, 300))
        writer.finish()
    return root


def test_penn_action_store(tool, store, capsys):
    assert tool.main(['--penn', str(store), '--clips', '2']) == 0
    assert 'Penn Action labels: 2 clips, 60 frames' in capsys.readouterr().out


def test_a_missing_store_is_an_error_of_one_line(tool, tmp_path, capsys):
    assert tool.main(['--penn', str(tmp_path / 'none')]) == 1
    assert 'none' in capsys.readouterr().err


def test_benchmark_checks_agreement(capsys):
    benchmark = load('benchmark_aggregation')
    arguments = ['--frames', '300', '--plain-frames', '60', '--rounds', '1', '--missing', '0.4']
    assert benchmark.main(arguments) == 0
    text = capsys.readouterr().out
    assert 'agreement over 60 frames: 0 joints differ' in text
    assert re.search(r'vectorized +[\d,]+ frames/s', text)


@pytest.fixture(scope='module')
def inspect():
    return load('inspect_aggregation')


def test_real_experts_are_described(inspect, tmp_path, capsys):
    pose = np.full((30, 17, 2), 100.0) + 3 * np.arange(17)[:, None]
    pose[:, 3:5] -= (0, 20)
    shaking = pose + np.where(np.arange(30) % 2, 6, 0)[:, None, None] * (1, 0)
    sparse = pose.copy()
    sparse[:, 9:] = 0
    files = []
    for name, poses in dict(still=pose, shaking=shaking, sparse=sparse).items():
        np.savez(tmp_path / f'{name}.npz', kpts=poses)
        files.append(f'{tmp_path / name}.npz@coco17')
    assert inspect.main(files) == 0
    text = capsys.readouterr().out
    # Eight of seventeen joints are missing. The head is 8.87 high: the mean of joints 3, 4 to that of 5, 6.
    head = np.linalg.norm(pose[0, 3:5].mean(0) - pose[0, 5:7].mean(0))
    assert re.search(r'^sparse +47\.1% +0\.0% +0\.000$', text, re.M)
    assert re.search(rf'^shaking +0\.0% +0\.0% +{6 / head:.3f}$', text, re.M)
    assert re.search(r'^still +0\.0% +100\.0% +0\.000$', text, re.M)
    assert re.search(r'^SST-A +0\.0% +0\.000$', text, re.M)
    assert "the authors' script" in text


def test_files_that_are_none_are_errors_of_one_line(inspect, tmp_path, capsys):
    (tmp_path / 'bad.npz').write_bytes(b'PK hello')
    assert inspect.main([str(tmp_path / 'bad.npz')]) == 1
    assert 'bad.npz' in capsys.readouterr().err
    assert inspect.main([str(tmp_path / 'none.npz')]) == 1
    assert 'none.npz' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['evaluate_aggregation', 'inspect_aggregation'])
def test_the_former_spelling_of_an_option_is_taken_and_not_shown(name, capsys):
    command = load(name)
    files = ['poses.npz'] if name.startswith('inspect') else []
    assert command.parse_args(files).normalizer == 'head_neck'
    former = '--normali' + 'ser'  # apart, so that a search for the spelling finds what is left of it
    for option in ('--normalizer', former):
        assert command.parse_args([*files, option, 'box']).normalizer == 'box'
    with pytest.raises(SystemExit):
        command.parse_args(['--help'])
    assert former not in capsys.readouterr().out
