"""Rows of tables: what they need, and in which order they run."""

from __future__ import annotations

import pytest

from mmactrep.engine.reproduction import (
    Row,
    RowError,
    borrow,
    load_rows,
    places,
    select_rows,
)

ROWS = {
    'generator': Row(config='g'),
    'pretrain/lac': Row(config='p', options={'model.checkpoint': '{checkpoint:generator}'}),
    'classify/scratch': Row(config='c'),
    'classify/lac': Row(config='c', load_from='{encoder:pretrain/lac}'),
    'fused': Row(
        commands=(('analysis/fuse_scores.py', '{scores:classify/lac}', '{scores:classify/scratch}'),)
    ),
}


def test_rows_run_after_what_they_need_and_nothing_else():
    assert select_rows(ROWS, ['classify']) == [
        'classify/scratch',
        'generator',
        'pretrain/lac',
        'classify/lac',
    ]
    assert select_rows(ROWS, ['classify/scratch']) == ['classify/scratch']
    assert select_rows(ROWS, [])[-1] == 'fused' and len(select_rows(ROWS, [])) == 5
    assert ROWS['fused'].needs == ['classify/lac', 'classify/scratch']


def test_unknown_rows_and_circles_are_refused():
    with pytest.raises(RowError, match=r"no row 'class' among 5 \(--list\); near are: classify$"):
        select_rows(ROWS, ['class'])
    with pytest.raises(RowError, match=r'near are: pretrain/lac, pretrain$'):
        select_rows(ROWS, ['pretrain/lak'])
    circle = dict(a=Row(load_from='{checkpoint:b}'), b=Row(load_from='{checkpoint:a}'))
    with pytest.raises(RowError, match='a -> b -> a'):
        select_rows(circle, ['a'])


def test_a_declaration_tells_whether_a_result_is_still_its_own():
    assert Row(config='c').describe() == Row(config='c').describe()
    assert Row(config='c').describe() != Row(config='c', arguments=('--epochs', '3')).describe()


def test_files_of_rows_are_checked(tmp_path):
    folder = tmp_path / 'mine'
    folder.mkdir()
    with pytest.raises(RowError, match='no rows are declared'):
        load_rows('mine', tmp_path)
    (folder / 'rows.py').write_text("rows = dict(a=dict(config='c', load_from='{encoder:b}'))")
    with pytest.raises(RowError, match=r"row 'a' needs \['b'\]"):
        load_rows('mine', tmp_path)
    (folder / 'rows.py').write_text(
        'from mmactrep.engine.reproduction import Table\n'
        "rows = dict(a=dict(config='c'))\ntables = [Table('T', ('x',), dict(line=[('z', 'acc')]))]\n"
    )
    with pytest.raises(RowError, match='not declared'):
        load_rows('mine', tmp_path)


def test_a_value_of_another_row_is_a_placeholder_with_its_metric():
    (rate,) = places('lr={value:choose/lac:rate}')
    assert rate == ('value', 'choose/lac', 'rate', '{value:choose/lac:rate}')
    assert places('{folder}/{seed}')[0] == ('folder', '', '', '{folder}')
    row = Row(options=dict(lr='{value:choose:rate}'), load_from='{encoder:p}', after=('data',))
    assert row.needs == ['p', 'choose', 'data']


@pytest.mark.parametrize('text', ['{value:a}', '{encoder:a:rate}', '{weights:a}'])
def test_placeholders_that_mean_nothing_are_refused(tmp_path, text):
    (tmp_path / 'mine').mkdir()
    rows = f"rows = dict(a=dict(config='c'), b=dict(config='c', load_from={text!r}))"
    (tmp_path / 'mine' / 'rows.py').write_text(rows)
    with pytest.raises(RowError, match='means nothing'):
        load_rows('mine', tmp_path)


def test_borrowed_rows_come_with_what_they_need(tmp_path, monkeypatch):
    from mmactrep.engine import reproduction

    for method, text in dict(
        first="rows = dict(a=dict(config='c'), b=dict(load_from='{encoder:a}'), d=dict(config='c'))",
        second="from mmactrep.engine.reproduction import borrow\nrows = borrow('first', 'b')",
    ).items():
        (tmp_path / method).mkdir()
        (tmp_path / method / 'rows.py').write_text(text)
    monkeypatch.setattr(reproduction.load_rows, '__defaults__', (tmp_path,))
    found = borrow('second', 'b')
    assert {name: row.home for name, row in found.items()} == dict(a='first', b='first')
    assert found['b'].describe() == load_rows('first', tmp_path)[0]['b'].describe()
