"""Pages as one HTML file, their pictures inside: they open without a server or a network."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; }
body { max-width: 1060px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; } img { max-width: 100%; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
tr:nth-child(even) td { background: #f6f6f6; }
td, th { padding: .15em .9em .15em 0; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.why { color: #555; font-size: .88em; overflow-wrap: anywhere; } summary { cursor: pointer; }
"""


def html_page(title: str, body: str, style: str = '') -> str:
    """A whole page.

    Args:
        title: Title, plain text.
        body: HTML between the tags of the body.
        style: Rules after :data:`STYLE`.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{html.escape(title)}</title>\n<style>{STYLE}{style}</style></head>\n<body>\n{body}\n</body>\n'
        '</html>\n'
    )


def html_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of plain texts; with a head, the columns after the first are numbers."""
    cells = [f'<th{" class=n" * (place > 0)}>{html.escape(name)}</th>' for place, name in enumerate(head)]
    rows = [f'<tr>{"".join(cells)}</tr>'] if cells else []
    numeric = ' class="n"' if cells else ''
    for first, *rest in lines:
        values = ''.join(f'<td{numeric}>{html.escape(value)}</td>' for value in rest)
        rows.append(f'<tr><td>{html.escape(first)}</td>{values}</tr>')
    return f'<table>{"".join(rows)}</table>'


def html_picture(content: bytes, kind: str = 'png', text: str = '') -> str:
    """A picture inside the page; ``text`` describes it."""
    data = base64.b64encode(content).decode()
    return f'<img alt="{html.escape(text)}" src="data:image/{kind};base64,{data}">'


def write_page(path: Path, text: str) -> Path:
    """Write a page; a kill leaves the one that is there."""
    partial = path.with_name(f'{path.name}.partial')
    partial.write_text(text, encoding='utf-8')
    os.replace(partial, path)
    return path
