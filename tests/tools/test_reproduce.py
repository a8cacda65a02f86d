"""The runner of tables: rows trained and tested once, results reused, tables written."""

from __future__ import annotations

import json

import pytest

from mmactrep.engine import row_runs
from tests.helpers import processes
from tests.helpers.training import load_tool, restored_random_state, write_config, write_store

ROWS = """
from mmactrep.engine.reproduction import Table

rows = {{
    'first': dict(config='{config}', arguments=('--epochs', '1'), scores=True),
    'second': dict(config='{config}', arguments=('--epochs', '1'), load_from='{{checkpoint:first}}'),
    'fused': dict(
        commands=(('analysis/fuse_scores.py', '{{scores:first}}', '--out-dir', '{{folder}}/fused'),),
        metrics=('{{folder}}/fused/metrics.json',),
    ),
}}
tables = [Table('Toy', ('top-1',), {{'UNIK': [('first', 'acc/top1')], 'after': [('second', 'acc/top1')]}}, 1)]
"""


@pytest.fixture
def method(tmp_path, monkeypatch):
    """A method with a tiny config; its rows lie where the package's do."""
    from mmactrep.engine import reproduction

    config = write_config(tmp_path, write_store(tmp_path / 'store'))
    (tmp_path / 'configs' / 'toy').mkdir(parents=True)
    # an absolute path without ending stands for itself below configs/
    text = ROWS.format(config=f'../{config.relative_to(config.anchor)}'.removesuffix('.py'))
    (tmp_path / 'configs' / 'toy' / 'rows.py').write_text(text.replace('../', '../' * 20))
    monkeypatch.setattr(reproduction.load_rows, '__defaults__', (tmp_path / 'configs',))
    return tmp_path


@pytest.mark.slow
def test_rows_are_run_once_and_fill_the_table(method, capsys, monkeypatch):
    monkeypatch.setattr(row_runs.subprocess, 'run', processes.run_like_subprocess)
    tool = load_tool('reproduce.py')
    arguments = ['toy', '--out', str(method / 'out')]
    with restored_random_state():
        assert tool.main([*arguments, 'second', 'fused']) in (0, None)
    printed = capsys.readouterr().out
    assert printed.count('tools/train.py') == 2 and printed.count('tools/test.py') == 2
    result = json.loads((method / 'out' / 'toy' / 'first' / 'seed_0' / 'result.json').read_text())
    assert 0 <= result['metrics']['acc/top1'] <= 1 and len(result['commands']) == 2
    fused = json.loads((method / 'out' / 'toy' / 'fused' / 'seed_0' / 'result.json').read_text())['metrics']
    top1 = next(value for name, value in fused.items() if name.endswith('/top1'))
    assert top1 == pytest.approx(result['metrics']['acc/top1'], abs=1e-3)
    tool.main([*arguments, 'second'])
    assert 'tools/train.py' not in capsys.readouterr().out
    monkeypatch.setattr(tool, 'readme_of', lambda name: method / 'README.md')
    (method / 'README.md').write_text('<!-- table: Toy -->\n<!-- end of table -->\n')
    tool.main([*arguments, '--write'])
    capsys.readouterr()
    tool.main([*arguments, '--table'])
    table = capsys.readouterr().out
    assert table.splitlines()[0] == '| Toy | top-1 |' and f'{result["metrics"]["acc/top1"]:.1f}' in table
    assert table.strip() in (method / 'README.md').read_text()
    tool.main([*arguments, '--list', '--seeds', '0', '1'])
    assert capsys.readouterr().out.count('not run') == 3


def test_a_method_without_rows_is_one_line(capsys):
    tool = load_tool('reproduce.py')
    assert tool.main(['nothing']) == 1
    assert 'no rows are declared' in capsys.readouterr().err
