"""Small data sets with one bad file, and converters run on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from mmactrep.store.reader import SkeletonStore
from tests.helpers.datasets import (
    SmallDataset,
)
from tests.helpers.refusals import assert_refused, run_here

DIGITS = '9' * 5000


def convert(capsys, data: SmallDataset, out: Path, *options: str):
    return run_here(
        capsys, 'data/convert.py', [data.name, *data.arguments, '--out', out, '--quiet', *options]
    )


def assert_only_the_bad_clip_is_lost(capsys, data: SmallDataset, tmp_path: Path, pattern: str) -> None:
    """Refused in a line that names the file; with --skip-bad the other clip is there, the bad one listed."""
    assert_refused(convert(capsys, data, tmp_path / 'store'), f'{pattern}.*--skip-bad')
    outcome = convert(capsys, data, tmp_path / 'store', '--skip-bad')
    assert outcome.code == 0, outcome.err
    assert len(SkeletonStore(tmp_path / 'store')) == 1
    assert (tmp_path / 'store.skipped.txt').read_text().count('\n') == 1


def text(content: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(content)


def raw(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content)


def as_json(content: object) -> Callable[[Path], None]:
    return text(json.dumps(content))


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 40])


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def gone(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name('absent'))
