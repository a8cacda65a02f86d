"""What is built from the checkout holds what is needed: no data file is left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope='module')
def built(repo, tmp_path_factory) -> Path:
    """A folder: under ``lib`` what a wheel holds, and the list of what a source distribution holds."""
    folder = tmp_path_factory.mktemp('build')
    command = ['-q', 'egg_info', '--egg-base', str(folder), 'build_py', '--build-lib', str(folder / 'lib')]
    done = subprocess.run([sys.executable, 'setup.py', *command], cwd=repo, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def files_of(folder: Path, *suffixes: str) -> set[str]:
    """Files below a folder by their paths from its parent, caches left out."""
    found = (path for path in folder.rglob('*') if path.is_file() and '__pycache__' not in path.parts)
    return {str(path.relative_to(folder.parent)) for path in found if path.suffix in suffixes or not suffixes}


def test_a_wheel_holds_every_file_of_the_package(repo, built):
    lacking = files_of(repo / 'mmactrep') - files_of(built / 'lib' / 'mmactrep')
    assert not lacking, f'MANIFEST.in and find_packages leave out {sorted(lacking)}'


def test_a_source_distribution_holds_configs_tools_and_what_setup_reads(repo, built):
    listed = set((built / 'mmactrep.egg-info' / 'SOURCES.txt').read_text().splitlines())
    wanted = {'setup.py', 'README.md', 'LICENSE'}
    for folder, suffixes in (
        ('configs', ['.py', '.md', '.txt']),
        ('demo', ['.py', '.md', '.pth']),
        ('mmactrep', []),
        ('requirements', ['.txt']),
        ('tests', ['.py']),
        ('tools', ['.py', '.sh']),
    ):
        wanted |= files_of(repo / folder, *suffixes)
    assert not wanted - listed, sorted(wanted - listed)
