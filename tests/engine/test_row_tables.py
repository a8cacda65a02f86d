"""Tables of READMEs: what their cells say, what is left out of them, and what stays in its place."""

from __future__ import annotations

import pytest

from mmactrep.engine.reproduction import RowError, Table
from mmactrep.engine.row_tables import cell_text, markdown_table, refresh_tables


def acc(*values):
    """Results of the seeds 0, 1, ..."""
    return {seed: dict(acc=value) for seed, value in enumerate(values)}


def test_a_cell_has_a_figure_or_the_mean_and_deviation_of_its_seeds():
    assert cell_text([], 2) == '-' and cell_text([91.005], 1) == '91.0'
    assert cell_text([90.0, 92.0, 94.0], 1) == '92.0 ± 2.0'  # sample deviation
    table = Table(
        'Penn',
        ('linear', '5 %'),
        {'none': [('a', 'acc'), ('d', 'acc')], 'LAC': [('b', 'acc'), ('c', 'acc')]},
        1,
    )
    found = markdown_table(table, dict(a=acc(1.0), b=acc(2.0, 4.0), c={}, d=acc(7.0)))
    assert found.splitlines() == [
        '| Penn | linear | 5 % |',
        '|---|---|---|',
        '| none | 1.0 | 7.0 |',
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
    assert markdown_table(table, dict(a=acc(1.0), b={})) == 'Not run yet (Folds): mine.'


def test_texts_stand_in_cells_as_they_are_and_figures_are_scaled():
    table = Table('T', ('ours', 'thesis'), dict(line=[('a', 'top1'), '90.1']), 1, scale=100)
    assert markdown_table(table, dict(a={0: dict(top1=0.915)})).endswith('| line | 91.5 | 90.1 |')
    assert table.cells == [('a', 'top1')]


LINES = {
    'one': [('a', 'acc'), ('b', 'acc'), '5.0'],
    'none, at all': [('c', 'acc'), ('d', 'acc'), None],
    'thesis alone': [('c', 'acc'), ('d', 'acc'), '6.0'],
    'text': [None, None, '7.0'],
    'two': [('e', 'acc'), None, None],
}


def test_lines_and_columns_without_a_figure_are_named_below_the_table():
    table = Table('T', ('x', 'y', 'thesis'), LINES, 1)
    found = markdown_table(table, dict(a=acc(1.0), e=acc(2.0)))
    assert found.splitlines() == [
        '| T | x | thesis |',
        '|---|---|---|',
        '| one | 1.0 | 5.0 |',
        '| thesis alone | - | 6.0 |',
        '| text |  | 7.0 |',
        '| two | 2.0 |  |',
        '',
        'Not run yet (T): none, at all.',
        '',
        'Columns not run yet: y.',
    ]


def test_a_table_without_figures_is_a_sentence():
    table = Table('T', ('x', 'y'), dict(one=[('a', 'acc'), ('b', 'acc')], two=[('c', 'acc'), None]))
    assert markdown_table(table, {}) == 'Not run yet (T): one; two.'


README = """before
<!-- table: one -->
old
old
<!-- end of table -->
between
<!-- table: second -->
<!-- end of table -->
after
"""
ONE = Table('one', ('x',), dict(line=[('a', 'acc')]), 0)
TWO = Table('T', ('x',), dict(line=[('a', 'acc')]), 0, name='second')


def test_tables_of_a_readme_are_replaced_between_their_markers():
    results = dict(a=acc(4.0))
    fresh = refresh_tables(README, [ONE, TWO], results)
    assert fresh == README.replace('old\nold', '| one | x |\n|---|---|\n| line | 4 |').replace(
        'second -->\n', 'second -->\n| T | x |\n|---|---|\n| line | 4 |\n'
    )
    assert refresh_tables(fresh, [ONE], results) == fresh


@pytest.mark.parametrize('text', ['', README + README, '<!-- table: one -->\n'])
def test_a_table_has_one_place_in_a_readme(text):
    with pytest.raises(RowError, match="places for table 'one'"):
        refresh_tables(text, [ONE], {})


def test_figures_of_no_known_run_stay_in_a_table_and_are_told():
    def readme(*lines):
        return '\n'.join(['<!-- table: T -->', *lines, '<!-- end of table -->'])

    old = ['| T | x | y |', '|---|---|---|', '| a | 1.5 ± 0.1 | - |', '| b | 2 | 3 |', '| gone | 7 | 8 |']
    lines = {name: [(f'{name}_x', 'acc'), (f'{name}_y', 'acc')] for name in 'bac'}
    table = Table('T', ('x', 'y'), lines, 0)
    results, told = dict(b_y=acc(9.0), a_y=acc(4.0)), []
    fresh = refresh_tables(readme(*old), [table], results, told.append)
    head = ['| T | x | y |', '|---|---|---|']
    assert fresh == readme(*head, '| b | 2 | 9 |', '| a | 1.5 ± 0.1 | 4 |', '', 'Not run yet (T): c.')
    assert told == [
        "table 'T' keeps figures that no run here has: b, x; a, x",
        "table 'T' loses figures that have no place in it: gone, x; gone, y",
    ]
    # what is named below comes back with its figure
    again = refresh_tables(fresh, [table], results | dict(c_x=acc(5.0)))
    assert again == readme(*head, '| b | 2 | 9 |', '| a | 1.5 ± 0.1 | 4 |', '| c | 5 | - |')
    # a column of another name holds other figures
    other = Table('T', ('z', 'y'), dict(a=[('a_x', 'acc'), ('a_y', 'acc')]), 0)
    assert refresh_tables(readme(*old), [other], results) == readme(
        '| T | y |', '|---|---|', '| a | 4 |', '', 'Columns not run yet: z.'
    )


def test_a_heading_belongs_to_one_column():
    with pytest.raises(RowError, match="table 'T' has several columns 'y'"):
        Table('T', ('y', 'x', 'y'), dict(line=[('a', 'acc'), ('b', 'acc'), ('c', 'acc')]))


def test_a_table_of_which_nothing_was_run_keeps_what_is_written_in_it():
    old = '<!-- table: T -->\n| T | x |\n|---|---|\n| *by hand* | 1.5, 2.5 |\n<!-- end of table -->'
    table = Table('T', ('x',), dict(line=[('a', 'acc')]))
    assert refresh_tables(old, [table], dict(a={})) == old
    assert 'Not run yet (T): line.' in refresh_tables(old.replace('1.5, 2.5', '-'), [table], dict(a={}))


def test_a_cell_without_the_metric_of_its_row_is_an_error():
    table = Table('T', ('x',), dict(line=[('a', 'acc/top1')]))
    with pytest.raises(RowError, match=r"'a' has no 'acc/top1'; it has: top1"):
        markdown_table(table, dict(a={0: dict(top1=1.0)}))
