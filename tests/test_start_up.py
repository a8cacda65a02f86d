"""A command answers ``--help`` at once: nothing that takes long to import is imported for it."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.training import REPO, environment

TOOLS = sorted(path for folder in ('tools', 'demo') for path in (REPO / folder).rglob('*.py'))
#: Each takes from a tenth of a second to several seconds; numpy is needed by what parsers offer as choices.
HEAVY = (
    'av', 'cv2', 'decord', 'matplotlib', 'mediapipe', 'mmaction', 'mmcv', 'mmdet', 'mmengine', 'mmpose',
    'scipy', 'sklearn', 'torch', 'torchvision',
)  # fmt: skip
# Runs a tool and says in a file which of the modules were imported: what the tool prints is its own.
WATCH = f"""
import runpy, sys
tool, report, *arguments = sys.argv[1:]
sys.argv = [tool, *arguments]
try:
    runpy.run_path(tool, run_name='__main__')
finally:
    with open(report, 'w') as file:
        file.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))
"""


def watch(tool: Path, report: Path, *arguments: str) -> tuple[subprocess.CompletedProcess, str]:
    """Run a tool from the repository's root; what it did, and which heavy modules it imported."""
    done = subprocess.run(
        [sys.executable, '-c', WATCH, str(tool), str(report), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment() | dict(PYTHONPATH=str(REPO)),
        cwd=REPO,
    )
    return done, report.read_text()


@pytest.fixture(scope='module')
def helped(tmp_path_factory) -> dict[Path, tuple[subprocess.CompletedProcess, str]]:
    """Every tool's ``--help``, run beside each other."""
    folder = tmp_path_factory.mktemp('help')
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        runs = pool.map(lambda tool: watch(tool, folder / f'{TOOLS.index(tool)}.txt', '--help'), TOOLS)
        return dict(zip(TOOLS, runs))


@pytest.mark.parametrize('tool', TOOLS, ids=lambda path: str(path.relative_to(REPO)))
def test_help_comes_at_once_and_says_nothing_else(helped, tool):
    done, imported = helped[tool]
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('usage: ')
    assert done.stderr == ''
    assert imported == ''


def test_the_watch_sees_imports(tmp_path):
    """The test above can fail."""
    tool = tmp_path / 'tool.py'
    tool.write_text('import sys\nimport scipy\nprint(sys.argv[1:])\nsys.exit(3)\n')
    done, imported = watch(tool, tmp_path / 'report', '--x', 'y')
    assert (done.returncode, done.stdout, imported) == (3, "['--x', 'y']\n", 'scipy')


@pytest.mark.parametrize('tool', ['tools/train.py', 'tools/data/convert.py', 'demo/skeleton_demo.py'])
def test_a_wrong_argument_is_told_at_once(tmp_path, tool):
    done, imported = watch(REPO / tool, tmp_path / 'report', '--no-such-argument')
    assert done.returncode == 2
    assert done.stderr.startswith('usage: ') and ': error: ' in done.stderr.splitlines()[-1]
    assert imported == ''


def test_importing_the_package_of_data_sets_takes_no_framework(tmp_path):
    module = tmp_path / 'imports.py'
    module.write_text('import mmactrep.datasets\nassert "SkeletonDataset" in dir(mmactrep.datasets)\n')
    done, imported = watch(module, tmp_path / 'report')
    assert (done.returncode, done.stderr, imported) == (0, '', '')
