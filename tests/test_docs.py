"""The documentation: its links lead somewhere, its commands exist, and the site is built without warnings."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mmactrep.cli import COMMANDS
from tests.helpers.training import REPO, environment, load_tool
from tests.test_rooms import ROOMS

#: Pages whose commands are read.
COMMAND_PAGES = sorted(
    {
        path
        for pattern in ('*.md', 'docs/**/*.md', '[!.]*/*.md', 'configs/*/*.md')
        for path in REPO.glob(pattern)
    }
)
PAGES = [REPO / 'README.md', REPO / 'CONTRIBUTING.md', *sorted((REPO / 'docs').rglob('*.md'))]
LINK = re.compile(r'\]\((?!https?:|mailto:|#)([^()\s#]+)(?:#([^()\s]+))?\)')


def heading_anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as MkDocs and repositories on the web make them."""
    found = re.findall(r'^#+ (.+)$', text, flags=re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', each.lower()).strip().replace(' ', '-') for each in found}


@pytest.mark.parametrize('page', PAGES, ids=lambda path: str(path.relative_to(REPO)))
def test_links_lead_somewhere(page):
    for target, anchor in LINK.findall(page.read_text(encoding='utf-8')):
        path = (page.parent / target).resolve()
        assert path.exists(), f'{page.name}: {target}'
        if anchor:
            assert anchor in heading_anchors(path.read_text(encoding='utf-8')), (
                f'{page.name}: {target}#{anchor}'
            )


def test_the_guide_to_the_code_names_every_folder_in_the_order_of_imports():
    text = (REPO / 'docs' / 'guides' / 'code-structure.md').read_text(encoding='utf-8')
    tree = text[text.index('\nmmactrep/') : text.index('\nconfigs/')]
    found, parent = [], ''
    for indent, name, slash in re.findall(r'^( {2,4})(\w+)(/|\.py)', tree, flags=re.MULTILINE):
        parent = name if len(indent) == 2 else parent
        found.append(name if len(indent) == 2 else f'{parent}/{name}')
        assert (REPO / 'mmactrep' / f'{found[-1]}{slash}').exists(), found[-1]
    package = REPO / 'mmactrep'
    folders = [path.parent for pattern in ('*', '*/*') for path in package.glob(f'{pattern}/__init__.py')]
    assert {folder.relative_to(package).as_posix() for folder in folders} <= set(found)
    rooms = [name for name in found if '/' not in name]
    assert rooms == [room for room in ROOMS if room not in ('version', '__main__')]


@pytest.mark.parametrize('page', PAGES, ids=lambda path: str(path.relative_to(REPO)))
def test_commands_and_scripts_exist(page):
    text = page.read_text(encoding='utf-8')
    for name in re.findall(r'(?:^|`|\$ )mmactrep ([a-z][a-z-]*)\b', text, flags=re.MULTILINE):
        assert name in COMMANDS, f'{page.name}: mmactrep {name}'
    for script in re.findall(r'(?:python|bash) ((?:tools|demo)/[\w/]+\.(?:py|sh))', text):
        assert (REPO / script).is_file(), f'{page.name}: {script}'
    for name in re.findall(r'(configs/[\w/-]+\.py)', text):
        if name.startswith(('configs/_base_', 'configs/_overlays_')) or '<' in name:
            continue
        stem = re.sub(r'_(?:bone|joint_motion|bone_motion|linear|finetune)$', '', name.removesuffix('.py'))
        assert (REPO / name).is_file() or (REPO / f'{stem}.py').is_file(), f'{page.name}: {name}'


class Parsed(BaseException):
    """The arguments were read; what the command does is not wanted."""


def commands_of(page) -> Iterator[tuple[str, list[str]]]:
    """Script or command, and arguments, of the commands of a page that are written out in full."""
    text = page.read_text(encoding='utf-8').replace('\\\n', ' ')
    blocks = re.findall(r'```(?:bash|sh|console)?\n(.*?)```', text, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.split('\n')] + re.findall(r'`([^`\n]+)`', text)
    for part in (part for line in lines for part in re.split(r';|&&| \| ', re.sub(r'\s#.*', '', line))):
        found = re.match(r'\s*(?:\w+=\S+ )*(?:python (\S+\.py)|mmactrep (\S+))(.+)', part)
        if found and not re.search(r'\.\.\.|[\[<]|\bDATASET\b', found[3]):
            yield found[1] or found[2], shlex.split(found[3])


@pytest.mark.parametrize('page', COMMAND_PAGES, ids=lambda path: str(path.relative_to(REPO)))
def test_commands_take_the_arguments_that_they_are_shown_with(page, monkeypatch, capsys):
    def stop_after(read):
        def stopped(self, *args):
            read(self, *args)
            raise Parsed

        return stopped

    for method in ('parse_args', 'parse_intermixed_args'):
        read = getattr(argparse.ArgumentParser, method)
        monkeypatch.setattr(argparse.ArgumentParser, method, stop_after(read))
    for name, arguments in commands_of(page):
        if name in COMMANDS:
            module = importlib.import_module(COMMANDS[name].module)
        elif name.startswith(('tools/', 'demo/')):
            module = load_tool(f'../{name}')
        else:
            continue
        with pytest.raises((Parsed, SystemExit)) as outcome:
            module.main(arguments)
        said = capsys.readouterr().err
        assert outcome.type is Parsed or not outcome.value.code, f'{name} {shlex.join(arguments)}: {said}'


def test_the_front_page_is_short_and_shows_a_small_picture():
    text = (REPO / 'README.md').read_text(encoding='utf-8')
    assert len(text.splitlines()) <= 110
    first = re.search(r'!\[[^\]]+\]\(([^)]+)\)', text)[1]
    from PIL import Image

    assert (REPO / first).stat().st_size < 1_000_000
    with Image.open(REPO / first) as picture:
        assert picture.n_frames > 20


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ('mkdocs', 'material', 'mkdocstrings')),
    reason='needs requirements/docs.txt',
)
def test_the_site_is_built_without_warnings(tmp_path):
    done = subprocess.run(
        [sys.executable, '-m', 'mkdocs', 'build', '--strict', '-q', '-d', str(tmp_path / 'site')],
        cwd=REPO,
        capture_output=True,
        text=True,
        env=environment() | dict(NO_MKDOCS_2_WARNING='1'),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert 'WARNING' not in done.stderr
    pages = {path.parent.relative_to(tmp_path / 'site').as_posix() for path in tmp_path.rglob('index.html')}
    assert {
        'tutorials/own-videos',
        'methods/unik',
        'methods/configs',
        'api/inference',
        'troubleshooting',
    } <= pages
    said = (tmp_path / 'site' / 'methods' / 'configs' / 'index.html').read_text(encoding='utf-8')
    lacking = [path.stem for path in (REPO / 'configs').glob('[!_]*/*.py')
               if path.name != 'rows.py' and path.stem not in said]  # fmt: skip
    assert not lacking
    assert 'SkeletonInferencer' in (tmp_path / 'site' / 'api' / 'inference' / 'index.html').read_text('utf-8')
