"""The command ``mmactrep``: its listing, its commands, and that it starts at once."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from mmactrep import __version__, cli
from tests.helpers.training import REPO, environment
from tests.test_start_up import HEAVY

PROBE = f"""
import sys
from mmactrep.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print('code', code, *(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""


def probe(*arguments: str) -> tuple[str, list[str]]:
    """What a call in its own process prints, and its exit status with the heavy modules that it imported."""
    done = subprocess.run(
        [sys.executable, '-c', PROBE, *arguments],
        capture_output=True,
        text=True,
        env=environment() | dict(PYTHONPATH=str(REPO)),
        timeout=60,
    )
    return done.stdout, done.stderr.splitlines()[-1].split()[1:]


def test_help_lists_what_there_is_and_imports_nothing_heavy():
    said, (code, *heavy) = probe('--help')
    assert (code, heavy) == ('0', [])
    listed = dict(re.findall(r'^  (\w[\w-]*)  +(.+)$', said, flags=re.MULTILINE))
    assert listed == {
        name: each.summary
        for name, each in cli.COMMANDS.items()
        if (REPO / f'{each.module.replace(".", "/")}.py').is_file()
    }
    wanted = 'train test demo extract convert verify segment'
    assert set(wanted.split()) <= set(listed)


def test_every_command_explains_itself_at_once():
    names = sorted(cli.available_commands())
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, (said, (code, *heavy)) in zip(names, pool.map(lambda name: probe(name, '--help'), names)):
            assert (name, code, heavy) == (name, '0', [])
            assert said.startswith(f'usage: mmactrep {name} ')
            assert len(said.split('\n\n')) >= 3, f'{name} explains nothing'


def test_what_is_absent_is_told_at_once(tmp_path):
    for arguments in (['test', 'unik_penn_2d', 'absent.pth'], ['demo', 'absent.mp4']):
        assert probe(*arguments)[1] == ['1']


def test_every_module_of_commands_is_in_the_table():
    modules = {path.stem for path in (REPO / 'mmactrep' / 'commands').glob('[!_]*.py')}
    assert modules <= {each.module.removeprefix('mmactrep.commands.') for each in cli.COMMANDS.values()}


def test_a_command_takes_arguments_and_gives_its_status(monkeypatch):
    seen = []
    module = importlib.import_module('mmactrep.commands.train')
    monkeypatch.setattr(module, 'main', lambda argv: seen.append((argv, list(sys.argv))) or 7)
    before = list(sys.argv)
    assert cli.main(['train', 'x.py', '--amp']) == 7
    assert seen == [(['x.py', '--amp'], ['mmactrep train', 'x.py', '--amp'])]
    assert sys.argv == before


def test_what_is_no_command_is_told(capsys):
    assert cli.main(['trian']) == 2
    assert capsys.readouterr().err == "mmactrep: error: there is no command 'trian'; near are: train\n"


def test_a_command_whose_module_is_absent_is_not_listed(monkeypatch, capsys):
    monkeypatch.setitem(cli.COMMANDS, 'fly', cli.Command('mmactrep.commands.fly', 'fly'))
    assert 'fly' not in cli.help_text() and cli.main(['fly']) == 2
    capsys.readouterr()


def test_version_and_module(capsys):
    assert cli.main(['--version']) == 0 and capsys.readouterr().out == f'mmactrep {__version__}\n'
    done = subprocess.run(
        [sys.executable, '-m', 'mmactrep', '--version'], capture_output=True, text=True, env=environment()
    )
    assert done.stdout == f'mmactrep {__version__}\n'


def test_scripts_of_commands_are_thin():
    """A script that has a command holds no code of its own."""
    for path in sorted((REPO / 'tools').rglob('*.py')) + sorted((REPO / 'demo').glob('*.py')):
        tree = ast.parse(path.read_text(encoding='utf-8'))
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        if any((node.module or '').startswith('mmactrep.commands') for node in imports):
            assert not [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))], path
