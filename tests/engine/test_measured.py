"""Figures that are kept in the repository."""

from __future__ import annotations

import json

import pytest

from mmactrep.engine import row_runs
from mmactrep.engine.measured import FILE, MeasuredError, merge, read_measured, record
from mmactrep.engine.reproduction import Row
from mmactrep.engine.row_runs import RowRuns


def rows_of(folder, printed, rate='0.1'):
    """Two rows, one of which was run with the given outputs by seed."""
    runs = RowRuns(folder, dict(train=Row(commands=(('train', rate, '{seed}'),)), other=Row()))
    runs.call = lambda command, folder, commands: printed[int(command[2])]
    for seed in printed:
        runs.run('train', seed)
    return runs


def test_seeds_of_two_machines_come_together(tmp_path):
    file = tmp_path / FILE
    record(file, rows_of(tmp_path / 'first', {0: 'top1: 0.5', 1: 'top1: 0.6'}), ['train', 'other'])
    second = rows_of(tmp_path / 'second', {1: 'top1: 0.7', 2: 'top1: 0.8123456789'})
    told = []
    # what was measured here counts before what is recorded of the same seed
    expected = {0: {'top1': 0.5}, 1: {'top1': 0.7}, 2: {'top1': 0.812346}}
    assert merge(file, second, ['train', 'other'], told.append) == dict(train=expected, other={})
    record(file, second, ['train', 'other'])
    third = RowRuns(tmp_path / 'third', second.rows)
    assert merge(file, third, ['train'], told.append) == dict(train=expected) and not told
    assert set(read_measured(file)) == {'train'} and list(read_measured(file)['train']) == ['0', '1', '2']


def test_the_same_figure_keeps_its_day(tmp_path):
    file = tmp_path / FILE
    runs = rows_of(tmp_path / 'runs', {0: 'top1: 0.5'})
    record(file, runs, ['train'])
    content = json.loads(file.read_text())
    content['train']['0']['day'] = '2020-01-01'
    file.write_text(json.dumps(content))
    record(file, runs, ['train'])
    assert read_measured(file)['train']['0']['day'] == '2020-01-01'
    record(file, rows_of(tmp_path / 'again', {0: 'top1: 0.6'}), ['train'])
    assert read_measured(file)['train']['0']['day'] > '2026'


def test_figures_of_another_declaration_or_config_are_told(tmp_path):
    file = tmp_path / FILE
    record(file, rows_of(tmp_path / 'first', {0: 'top1: 0.5'}), ['train'])
    changed = rows_of(tmp_path / 'second', {}, rate='0.2')
    told = []
    assert merge(file, changed, ['train'], told.append) == dict(train={})
    assert told == ['train: its recorded figures are of another declaration, left out']
    record(file, rows_of(tmp_path / 'third', {1: 'top1: 0.9'}, rate='0.2'), ['train'])
    assert list(read_measured(file)['train']) == ['1']
    content = json.loads(file.read_text())
    content['train']['1']['config'] = 'of before'
    file.write_text(json.dumps(content))
    assert merge(file, changed, ['train'], told.append) == dict(train={1: {'top1': 0.9}})
    assert told[1] == 'train: some of its figures were measured before its config changed'


def test_figures_of_an_older_config_are_not_recorded_as_of_the_present_one(tmp_path, monkeypatch):
    monkeypatch.setattr(row_runs, 'CONFIG_FOLDER', tmp_path)
    config = tmp_path / 'c.py'
    config.write_text('x = 1\n')
    runs = RowRuns(tmp_path / 'out', dict(train=Row(config='c', test=False, commands=(('train',),))))
    runs.call = lambda command, folder, commands: 'top1: 0.5'
    runs.run('train', 1)
    of_run, told = runs.config_digest('train'), []
    merge(tmp_path / FILE, runs, ['train'], told.append)
    assert not told
    config.write_text('x = 2\n')
    record(tmp_path / FILE, runs, ['train'])
    assert read_measured(tmp_path / FILE)['train']['1']['config'] == of_run != runs.config_digest('train')
    for known in (runs, RowRuns(tmp_path / 'elsewhere', runs.rows)):
        told.clear()
        assert merge(tmp_path / FILE, known, ['train'], told.append) == dict(train={1: {'top1': 0.5}})
        assert told == ['train: some of its figures were measured before its config changed']


@pytest.mark.parametrize(
    'text, why',
    [
        ('{', 'it is no JSON: .*line 1'),
        ('[]', 'expected an object of rows, found list'),
        ('{"train": 3}', "'train': expected an object of seeds, found int"),
        ('{"train": {"-1": {}}}', "'train': expected a seed, 0 or more, found '-1'"),
        ('{"train": {"0": 3}}', "'train', seed 0: expected an object, found int"),
        ('{"train": {"0": {"metrics": {}}}}', "'train', seed 0: the key 'row' is missing"),
        (
            '{"train": {"0": {"metrics": {"top1": "a"}, "row": "", "config": "", "day": ""}}}',
            "'train', seed 0, metric 'top1': expected a number, found 'a'",
        ),
    ],
)
def test_another_file_is_refused_by_its_name_and_key(tmp_path, text, why):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(MeasuredError, match=f'{FILE} does not hold measured figures .*: {why}'):
        read_measured(tmp_path / FILE)
