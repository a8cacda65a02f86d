"""Which classes gain and lose: Table 5.8 from two score files, and accuracy within pairs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mmactrep.evaluation import ScoreTable
from tests.helpers.training import load_tool

CLASSES = ['enter', 'leave', 'sit down', 'drink']


@pytest.fixture(scope='module')
def tool():
    return load_tool('analysis/compare_classes.py')


@pytest.fixture
def files(tmp_path):
    """Ten clips of each class; the baseline takes half of the first class for the second, the method none.

    The method takes three drinks for sitting down, of which the baseline gets all. The files list the clips
    in different order.
    """
    labels = np.repeat(np.arange(4), 10)
    ids = np.array([f'clip {i}' for i in range(40)])
    first, second = np.eye(4)[labels] * 4, np.eye(4)[labels] * 4
    first[:5] = [1, 3, 0, 0]
    second[30:33] = [0, 0, 3, 1]
    order = np.random.default_rng(0).permutation(40)
    paths = [str(tmp_path / name) for name in ('moco.npz', 'ltn.npz')]
    ScoreTable(first, labels, ids, CLASSES).save(paths[0])
    ScoreTable(second[order], labels[order], ids[order], CLASSES).save(paths[1])
    return paths


def test_gains_losses_and_the_mean(tool, files, capsys, tmp_path):
    assert tool.main([*files, '--out', str(tmp_path / 'all.csv')]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [re.split(r' {2,}', line) for line in lines[2:5]]
    assert rows == [
        ['enter', '50.00', '100.00', '+50.00'],
        ['Mean accuracy', '87.50', '92.50', '+5.00'],
        ['drink', '100.00', '70.00', '-30.00'],
    ]
    table = (tmp_path / 'all.csv').read_text().splitlines()
    assert table[3] == '"sit down",1.000000,1.000000,0.000000' and len(table) == 5


def test_accuracy_within_pairs(tool, files, capsys, tmp_path):
    pairs = tmp_path / 'pairs.txt'
    pairs.write_text('# a comment\nenter leave\n\nsit down, drink\n')
    assert tool.main([*files, '--pairs', str(pairs)]) == 0
    printed = capsys.readouterr().out
    assert 'enter / leave: 75.00 100.00 +25.00' in printed  # 5 of 20 clips are taken for the other
    assert 'sit down / drink: 100.00 85.00 -15.00' in printed
    assert 'mean of pairs: 87.50 92.50 +5.00' in printed
    for wrong, message in (
        ('enter\n', 'expected two of'),
        ('enter jump\n', 'pairs.txt:1'),
        ('\n', 'no pairs'),
    ):
        pairs.write_text(wrong)
        assert tool.main([*files, '--pairs', str(pairs)]) == 1
        assert message in capsys.readouterr().err


def test_only_the_most_are_listed(tool):
    first = np.array([0.5, 0.5, 0.5, 0.5, 0.5, np.nan])
    second = np.array([0.9, 0.7, 0.5, 0.4, 0.1, np.nan])
    lines = tool.gains_table(list('abcdef'), first, second, 1)
    assert [line.split()[0] for line in lines] == ['Activity', 'a', 'Mean', 'e']
    lines = tool.gains_table(list('abcdef'), first, second, 9)
    assert [line.split()[0] for line in lines] == ['Activity', 'a', 'b', 'Mean', 'd', 'e']


def test_files_that_do_not_belong_together(tool, files, capsys, tmp_path):
    assert tool.main([files[0], files[0]]) == 1
    assert 'compared with itself' in capsys.readouterr().err
    ScoreTable(np.eye(4), np.arange(4), [f'other {i}' for i in range(4)], CLASSES).save(tmp_path / 'x.npz')
    assert tool.main([files[0], str(tmp_path / 'x.npz')]) == 1
    assert 'hold different clips' in capsys.readouterr().err
