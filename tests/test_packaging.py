"""What is built from the checkout holds what is needed: no data file is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.inference_fakes import walking


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
    wanted = {'setup.py', 'README.md', 'LICENSE', 'model-index.yml'}
    for folder, suffixes in (
        ('configs', ['.py', '.md', '.txt', '.yml']),
        ('demo', ['.py', '.md', '.pth']),
        ('mmactrep', []),
        ('requirements', ['.txt']),
        ('tests', ['.py']),
        ('tools', ['.py', '.sh']),
    ):
        wanted |= files_of(repo / folder, *suffixes)
    assert not wanted - listed, sorted(wanted - listed)


@pytest.fixture(scope='module')
def installed(repo, tmp_path_factory) -> Path:
    """A folder that holds what a wheel of the checkout installs, and nothing else."""
    folder = tmp_path_factory.mktemp('wheel')
    command = ['-q', 'egg_info', '--egg-base', str(folder), 'build', '--build-base', str(folder / 'build')]
    command += ['bdist_wheel', '--dist-dir', str(folder), '--bdist-dir', str(folder / 'bdist')]
    done = subprocess.run([sys.executable, 'setup.py', *command], cwd=repo, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = folder.glob('*.whl')
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / 'site')
    return folder / 'site'


def test_a_wheel_holds_configs_checkpoints_scripts_and_the_command(repo, installed):
    resources = installed / 'mmactrep' / '.mim'
    for folder, suffixes in (
        ('configs', ['.py', '.md', '.txt', '.yml']),
        ('demo', ['.py', '.pth']),
        ('tools', ['.py', '.sh']),
    ):
        assert not files_of(repo / folder, *suffixes) - files_of(resources / folder)
    assert (resources / 'model-index.yml').is_file() and (installed / 'mmactrep' / 'py.typed').is_file()
    (entries,) = installed.glob('*.dist-info/entry_points.txt')
    assert 'mmactrep = mmactrep.cli:main' in entries.read_text()


def test_an_installed_package_works_from_another_folder(installed, tmp_path):
    """Names of configs and checkpoints lead into the installed package, not into the checkout."""
    np.savez(tmp_path / 'poses.npz', keypoint=walking(30)[0])
    script = """
        import mmactrep.packaged as packaged
        from mmactrep.cli import main
        from mmactrep.engine.composed_config import compose_config
        from mmactrep.engine.overlays import overlay_names
        print(packaged.ROOT)
        print(compose_config('unik_penn_2d', ['bone']).train_dataloader.dataset.stream, len(overlay_names()))
        assert compose_config('configs/lac/lac_unik_penn_2d.py').model.type
        for model in ('unik_synthetic_2d_small', 'unik_penn_2d_recommended'):
            assert main(['skeletons', 'poses.npz', '--layout', 'coco17', '--checkpoint', model]) == 0
    """
    environment = {key: value for key, value in os.environ.items() if key != 'MMACTREP_DATA_ROOT'}
    done = subprocess.run(
        [sys.executable, '-c', textwrap.dedent(script)],
        cwd=tmp_path,
        env=environment | dict(PYTHONPATH=str(installed)),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = done.stdout.splitlines()
    assert said[0] == str(installed / 'mmactrep' / '.mim')
    assert said[1].split()[0] == 'bone' and int(said[1].split()[1]) > 20
    assert sum(line.startswith('person') for line in said) == 2
