"""Running rows: order, failures, several at once and from several processes, and when a result is valid."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from mmactrep.engine import row_runs
from mmactrep.engine.reproduction import Row
from mmactrep.engine.row_runs import RowFailedError, RowRuns, config_digest, run_tasks
from mmactrep.locks import FileLock

ROWS = {
    'data': Row(commands=(('make', '{data}'),), seeded=False),
    'choose': Row(commands=(('choose', '{folder}'),), seeded=False, after=('data',)),
    'train': Row(commands=(('train', '{value:choose:rate}', '{seed}'),)),
    'other': Row(commands=(('other', '{seed}'),)),
}
OUTPUT = dict(make='', choose='rate: 0.05', train='top1: 0.9', other='top1: 0.8')


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Rows whose commands are recorded instead of run; those in ``broken`` fail."""
    made = RowRuns(tmp_path / 'out', ROWS, lambda line: made.told.append(line))
    made.told, made.called, made.broken = [], [], set()

    def call(command, folder, commands):
        made.called.append(tuple(command))
        if command[0] in made.broken:
            raise RowFailedError('broken')
        return OUTPUT[command[0]]

    monkeypatch.setattr(made, 'call', call)
    monkeypatch.setattr(row_runs, '_PAUSE', 0.01)
    return made


def test_a_row_is_run_with_the_value_that_another_chose(runs):
    assert run_tasks(runs, [('train', 1), ('train', 2)]) == []
    assert [command[0] for command in runs.called] == ['make', 'choose', 'train', 'train']
    assert runs.called[2:] == [('train', '0.05', '1'), ('train', '0.05', '2')]
    assert runs.results('train') == {1: dict(top1=0.9), 2: dict(top1=0.9)} and runs.result('train', 0) is None
    # done already, also after a restart
    again = RowRuns(runs.root, ROWS, runs.tell)
    assert run_tasks(again, [('train', 2)]) == []
    assert len(runs.called) == 4 and 'top1' in runs.told[-1] and '[3/3] train, seed 2' in runs.told[-1]


def test_a_changed_declaration_invalidates_what_builds_on_it(runs):
    run_tasks(runs, [('train', 0), ('other', 0)])
    changed = ROWS | dict(choose=Row(commands=(('choose', 'more'),), seeded=False))
    again = RowRuns(runs.root, changed)
    assert again.result('train', 0) is None and again.result('choose', 0) is None
    assert again.result('other', 0) == dict(top1=0.8)


def test_checkpoints_of_another_declaration_are_not_resumed(runs):
    run_tasks(runs, [('other', 0)])
    folder = runs.folder('other', 0)
    for name in ('epoch_3.pth', 'trained', 'last_checkpoint'):
        (folder / name).touch()
    changed = RowRuns(runs.root, ROWS | dict(other=Row(commands=(('other', 'more'),))))
    changed.call = runs.call
    changed.run('other', 0)
    assert not {'epoch_3.pth', 'trained', 'last_checkpoint'} & {path.name for path in folder.iterdir()}
    # an interrupted run of the same declaration keeps what it has
    (folder / 'result.json').unlink()
    (folder / 'epoch_1.pth').touch()
    changed.run('other', 0)
    assert (folder / 'epoch_1.pth').exists()


def test_a_failure_leaves_out_only_what_needs_it(runs):
    runs.broken.add('choose')
    assert run_tasks(runs, [('train', 0), ('other', 0)]) == [('choose', 0), ('train', 0)]
    assert runs.result('other', 0) == dict(top1=0.8)
    assert any('train, seed 0: left out' in line for line in runs.told)
    runs.broken.clear()
    assert run_tasks(runs, [('train', 0)]) == []


def test_two_rows_run_at_once_and_none_twice(runs, monkeypatch):
    both, call = threading.Barrier(2, timeout=10), runs.call

    def slow(command, folder, commands):
        if command[0] in ('train', 'other'):
            both.wait()  # passes only if two rows are running
        return call(command, folder, commands)

    monkeypatch.setattr(runs, 'call', slow)
    run_tasks(runs, [('choose', 0)])
    assert run_tasks(runs, [('train', 0), ('other', 0)], jobs=2) == []
    assert sorted(command[0] for command in runs.called) == ['choose', 'make', 'other', 'train']


def test_a_row_of_another_process_is_waited_for(runs):
    folder = runs.folder('other', 0)
    folder.mkdir(parents=True)
    lock = FileLock(folder / 'lock')

    def finish():
        time.sleep(0.2)
        content = dict(row=runs.declaration('other'), metrics=dict(top1=0.7))
        (folder / 'result.json').write_text(json.dumps(content))
        lock.release()

    threading.Thread(target=finish).start()
    assert run_tasks(runs, [('other', 0)]) == []
    assert runs.called == [] and runs.result('other', 0) == dict(top1=0.7)


def test_what_is_there_need_not_be_made(tmp_path, monkeypatch):
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))
    runs = RowRuns(tmp_path / 'out', dict(data=Row(commands=(('make',),), makes='{data}/store.json')))
    assert runs.result('data', 0) is None
    (tmp_path / 'store.json').touch()
    assert runs.result('data', 0) == {}


def test_what_another_declaration_made_is_never_taken(tmp_path, monkeypatch):
    """A command that refuses to replace its data fails however often it is tried."""
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))

    def make(command, folder, commands):
        if (tmp_path / 'store.json').exists():
            raise RowFailedError('already holds a store')
        (tmp_path / 'store.json').touch()
        return ''

    for videos, fails in (('one', []), ('other', [('data', 0)]), ('other', [('data', 0)])):
        row = Row(commands=(('make', videos),), makes='{data}/store.json')
        runs = RowRuns(tmp_path / 'out', dict(data=row))
        monkeypatch.setattr(runs, 'call', make)
        assert run_tasks(runs, [('data', 0)]) == fails
        assert (runs.result('data', 0) is None) is bool(fails)


def test_a_missing_metric_names_those_there_are(runs):
    run_tasks(runs, [('choose', 0)])
    with pytest.raises(RowFailedError, match="'choose' has no 'epochs'; it has: rate"):
        runs.value('choose', 0, 'epochs')


def test_comments_do_not_change_the_digest_of_a_config_but_its_bases_do(tmp_path):
    base, config = tmp_path / 'base.py', tmp_path / 'config.py'

    def digest(first, second):
        base.write_text(first)
        config.write_text(second)
        return config_digest(config)

    text = "_base_ = './base.py'\nx = 1\n"
    known = digest('y = 1\n', text)
    assert digest('"""Of y."""\ny = 1  # one\n', text) == known
    assert digest('y = 2\n', text) != known
    assert digest('y = 1\n', text.replace('x = 1', 'x = 2')) != known


def test_a_row_tells_when_its_config_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(row_runs, 'CONFIG_FOLDER', tmp_path)
    (tmp_path / 'c.py').write_text('x = 1\n')
    told = []
    runs = RowRuns(tmp_path / 'out', dict(row=Row(config='c', test=False)), told.append)
    monkeypatch.setattr(runs, 'call', lambda command, folder, commands: '')
    assert not runs.is_outdated('row', 0)
    assert not run_tasks(runs, [('row', 0)])
    assert not runs.is_outdated('row', 0)
    assert not run_tasks(runs, [('row', 0)]) and 'config changed' not in told[-1]
    Path(tmp_path, 'c.py').write_text('x = 2\n')
    assert runs.is_outdated('row', 0) and runs.result('row', 0) == {}
    assert not run_tasks(runs, [('row', 0)])
    assert told[-1] == (
        '  row: measured before its config changed; to run it again, remove '
        f'{tmp_path / "out" / "row" / "seed_0"}'
    )


def test_a_resumed_training_counts_as_of_the_config_that_it_began_with(tmp_path, monkeypatch):
    monkeypatch.setattr(row_runs, 'CONFIG_FOLDER', tmp_path)
    config, told = tmp_path / 'c.py', []
    config.write_text('x = 1\n')
    runs = RowRuns(tmp_path / 'out', dict(row=Row(config='c', test=False)), told.append)

    def killed(command, folder, commands):
        (folder / 'epoch_1.pth').touch()
        raise RowFailedError('killed')

    monkeypatch.setattr(runs, 'call', killed)
    with pytest.raises(RowFailedError):
        runs.run('row', 0)
    first = runs.config_digest('row')
    config.write_text('x = 2\n')
    monkeypatch.setattr(runs, 'call', lambda command, folder, commands: '')
    runs.run('row', 0)
    assert runs.measured_digest('row', 0) == first and runs.is_outdated('row', 0)
    assert 'row: its config changed after the training had begun' in told[-1]
    # run anew, it is of the present one
    runs.run('row', 0)
    assert not runs.is_outdated('row', 0)


def test_results_of_a_borrowed_row_are_those_of_its_method(tmp_path):
    rows = dict(row=Row(commands=(('c', '{folder}'),)))
    own = RowRuns(tmp_path / 'lac', rows)
    own.call = lambda command, folder, commands: 'top1: 0.5'
    own.run('row', 3)
    borrowed = RowRuns(tmp_path / 'via', dict(row=Row(commands=(('c', '{folder}'),), home='lac')))
    assert list(borrowed.results('row').values()) == [dict(top1=0.5)] and borrowed.folder(
        'row', 3
    ) == own.folder('row', 3)


def test_doubled_braces_are_braces_of_the_argument(tmp_path):
    runs = RowRuns(tmp_path / 'out', {'a': Row(commands=(('tool', 'poses/{{stem}}_{seed}.npz'),))})
    assert runs.fill('poses/{{stem}}_{seed}.npz', 'a', 3) == 'poses/{stem}_3.npz'
