"""Rows of tables: what they need, in which order they run, and what their tables look like."""

from __future__ import annotations

import pytest

from mmactrep.engine.reproduction import (
    Row,
    RowError,
    Table,
    borrow,
    cell_text,
    load_rows,
    markdown_table,
    places,
    refresh_tables,
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


def test_cells_and_tables():
    assert cell_text([], 2) == '-' and cell_text([91.005], 1) == '91.0'
    assert cell_text([90.0, 92.0, 94.0], 1) == '92.0 ± 2.0'  # sample deviation
    table = Table(
        'Penn', ('linear', '5 %'), {'none': [('a', 'acc'), None], 'LAC': [('b', 'acc'), ('c', 'acc')]}, 1
    )
    found = markdown_table(table, dict(a={0: dict(acc=1.0)}, b={0: dict(acc=2.0), 1: dict(acc=4.0)}, c={}))
    assert found.splitlines() == [
        '| Penn | linear | 5 % |',
        '|---|---|---|',
        '| none | 1.0 |  |',
        '| LAC | 3.0 ± 1.4 | - |',
    ]


def test_a_cell_may_be_the_mean_of_rows():
    table = Table('Folds', ('all',), {'mine': [[('a', 'acc'), ('b', 'acc')]]}, decimals=1)
    assert table.cells == [('a', 'acc'), ('b', 'acc')]
    two = dict(
        a={0: dict(acc=1.0), 2: dict(acc=3.0)}, b={0: dict(acc=2.0), 1: dict(acc=9.0), 2: dict(acc=5.0)}
    )
    # 1.5 and 4.0 of seeds 0 and 2; seed 1 has but one of both rows
    assert markdown_table(table, two).endswith('| mine | 2.8 ± 1.8 |')
    assert markdown_table(table, dict(a={0: dict(acc=1.0)}, b={})).endswith('| mine | - |')


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


def test_texts_stand_in_cells_as_they_are_and_figures_are_scaled():
    table = Table('T', ('ours', 'thesis'), dict(line=[('a', 'top1'), '90.1']), 1, scale=100)
    assert markdown_table(table, dict(a={0: dict(top1=0.915)})).endswith('| line | 91.5 | 90.1 |')
    assert table.cells == [('a', 'top1')]


README = """before
<!-- table: one -->
old
old
<!-- end of table -->
between
<!-- table: two -->
<!-- end of table -->
after
"""


def test_tables_of_a_readme_are_replaced_between_their_markers():
    fresh = refresh_tables(README, dict(one='| 1 |', two='| 2 |'))
    assert fresh == README.replace('old\nold', '| 1 |').replace('two -->\n', 'two -->\n| 2 |\n')
    assert refresh_tables(fresh, dict(one='| 1 |')) == fresh


@pytest.mark.parametrize('text', ['', README + README, '<!-- table: one -->\n'])
def test_a_table_has_one_place_in_a_readme(text):
    with pytest.raises(RowError, match="places for table 'one'"):
        refresh_tables(text, dict(one='| 1 |'))


def test_figures_of_no_known_run_stay_in_a_table_and_are_told():
    def table(*rows, columns=('x', 'y')):
        head = [f'| T | {" | ".join(columns)} |', '|---|---|---|']
        return '\n'.join([*head, *(f'| {" | ".join(row)} |' for row in rows)])

    old = table(('a', '1.5 ± 0.1', '-'), ('b', '2', '3'), ('gone', '7', '8'))
    new = table(('b', '-', '9'), ('a', '-', '4'), ('c', '-', ''))
    told = []
    readme = '<!-- table: one -->\n{}\n<!-- end of table -->'
    fresh = refresh_tables(readme.format(old), dict(one=new), told.append)
    assert fresh == readme.format(table(('b', '2', '9'), ('a', '1.5 ± 0.1', '4'), ('c', '-', '')))
    assert told == ["table 'one' keeps figures that no run here has: b, x; a, x"]
    # a column of another name holds other figures
    other = table(('a', '-', '4'), columns=('z', 'y'))
    assert refresh_tables(readme.format(old), dict(one=other)) == readme.format(other)


def test_a_cell_without_the_metric_of_its_row_is_an_error():
    table = Table('T', ('x',), dict(line=[('a', 'acc/top1')]))
    with pytest.raises(RowError, match=r"'a' has no 'acc/top1'; it has: top1"):
        markdown_table(table, dict(a={0: dict(top1=1.0)}))


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
