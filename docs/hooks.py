"""What MkDocs does beyond its defaults: the READMEs of methods become pages, and links between files work.

Links in the repository are relative to its files, so that they work there too. A link to a README with a page
leads to that page; a picture is copied; of other files the name stays, without a link.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
FIXED = {'demo/README.md': 'repository/demo.md', 'demo/checkpoints/README.md': 'repository/checkpoints.md'}
PICTURES = ('.png', '.jpg', '.gif', '.webp', '.svg')
_LINK = re.compile(r'(!?)\[([^\[\]]*)\]\(([^()\s]+)\)')
_ROLE = re.compile(r':(?:class|func|meth|mod|data|attr|exc|obj):<code>~?([^<]+)</code>')


def readme_pages() -> dict[str, str]:
    """Pages made of READMEs: path in the repository to path in the site."""
    found = sorted(ROOT.glob('configs/*/README.md'))
    return FIXED | {path.relative_to(ROOT).as_posix(): f'methods/{path.parent.name}.md' for path in found}


def site_path(target: str) -> str | None:
    """Where a file of the repository is in the site, if it is there."""
    if target.startswith('docs/') and target.endswith('.md'):
        return target.removeprefix('docs/')
    if target.endswith(PICTURES):
        return f'pictures/{posixpath.basename(target)}'
    return readme_pages().get(target, 'index.md' if target == 'README.md' else None)


def rewrite_links(text: str, source: str, page: str) -> str:
    """Links of a file of the repository as those of a page.

    Args:
        text: Markdown.
        source: The file, from the root.
        page: The page, from the root of the site.
    """

    def change(match: re.Match) -> str:
        mark, words, link = match.groups()
        if '://' in link or link.startswith(('#', 'mailto:')):
            return match[0]
        path, _, anchor = link.partition('#')
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        found = site_path(target)
        if found is None:
            return words
        there = posixpath.relpath(found, posixpath.dirname(page) or '.')
        return f'{mark}[{words}]({there}{"#" + anchor if anchor else ""})'

    return _LINK.sub(change, text)


def config_table() -> str:
    """Every config by method, with the first line of its docstring."""
    import ast

    lines = ['# All configs', '', 'Names are `<method>_<dataset>[-<protocol>]_<2d|3d>[_<variant>].py`.', '']
    for folder in sorted((ROOT / 'configs').glob('[!_]*')):
        configs = [path for path in sorted(folder.glob('*.py')) if path.name != 'rows.py']
        if configs:
            lines += [f'## {folder.name}', '', '| Config | |', '|---|---|']
            for path in configs:
                said = (ast.get_docstring(ast.parse(path.read_text(encoding='utf-8'))) or '').split('\n\n')[0]
                lines.append(f'| `{path.stem}` | {" ".join(said.split()).replace("|", "/")} |')
            lines.append('')
    return '\n'.join(lines)


def on_files(files, config):
    """Add the pages made of READMEs, the table of configs, and pictures."""
    for source, page in readme_pages().items():
        text = (ROOT / source).read_text(encoding='utf-8')
        files.append(File.generated(config, page, content=rewrite_links(text, source, page)))
    files.append(File.generated(config, 'methods/configs.md', content=config_table()))
    for path in sorted((ROOT / 'demo' / 'assets').iterdir()):
        if path.suffix in PICTURES:
            files.append(File.generated(config, f'pictures/{path.name}', abs_src_path=str(path)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links of the pages in docs/."""
    uri = page.file.src_uri
    return markdown if page.file.generated_by else rewrite_links(markdown, f'docs/{uri}', uri)


def on_page_content(html, page, config, files):
    """Names in docstrings without Sphinx's roles."""
    return _ROLE.sub(lambda match: f'<code>{match[1].split(".")[-1]}</code>', html)
