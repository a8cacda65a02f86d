"""Figures that finished runs leave behind: in their logs, their output and their files."""

from __future__ import annotations

import json
import re
from pathlib import Path

from mmactrep.errors import UserError

_FIGURE = re.compile(r'^\s*([\w/@.% -]+?):\s+(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*$')


class FigureError(UserError, ValueError):
    """A run did not report what was expected of it."""


def last_logged(folder: Path, key: str) -> float:
    """The last value of a metric in the logs of a training.

    Metrics are in ``scalars.json``; ``KNNHook`` and other hooks that run between the steps write theirs into
    the text of the log alone, as ``name: number``.

    Args:
        folder: Work folder of the training.
        key: Name of the metric, for example ``'acc/top1'``.

    Raises:
        FigureError: If it was never logged.
    """
    found = []
    for file in sorted(Path(folder).glob('*/vis_data/scalars.json')):
        for line in file.read_text(encoding='utf-8').splitlines():
            content = json.loads(line)
            if key in content:
                found.append(float(content[key]))
    if not found:
        line = re.compile(rf' {re.escape(key)}: (-?\d+(?:\.\d+)?)(?=\s|$)')
        for file in sorted(Path(folder).glob('*/*.log')):
            found += [float(match[1]) for match in line.finditer(file.read_text(encoding='utf-8'))]
    if not found:
        raise FigureError(f'{folder} logged no {key}')
    return found[-1]


def printed_figures(text: str) -> dict[str, float]:
    """Metrics in lines ``name: number`` of an output."""
    lines = text.strip().splitlines()
    return {match[1].strip(): float(match[2]) for match in map(_FIGURE.match, lines) if match}


def numbers(content: object, prefix: str = '') -> dict[str, float]:
    """The numbers of a JSON object; those of nested objects have names with slashes."""
    found = {}
    for key, value in content.items() if isinstance(content, dict) else ():
        if isinstance(value, dict):
            found |= numbers(value, f'{prefix}{key}/')
        elif isinstance(value, (int, float)):
            found[prefix + key] = float(value)
    return found
