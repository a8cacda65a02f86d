"""The scripts of tools/ that set up or fetch something: what they say of themselves, and what they refuse."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.helpers.training import REPO


@pytest.mark.parametrize('name', ['quickstart.sh', 'setup_env.sh', 'get_movenet.sh'])
def test_scripts_explain_themselves_and_refuse_what_they_do_not_know(name, tmp_path):
    """Before anything is installed or downloaded."""
    script = REPO / 'tools' / name
    environment = os.environ | {'MMACTREP_WEIGHTS': str(tmp_path / 'weights'), 'VENV': str(tmp_path / 'venv')}

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ['bash', script, *arguments], env=environment, capture_output=True, text=True, timeout=10
        )

    told = run('--help')
    opening = script.read_text().split('\nset -euo')[0].splitlines()[1:]
    assert told.returncode == 0
    assert told.stdout.splitlines() == [line.removeprefix('#').removeprefix(' ') for line in opening]
    refused = run('--option')
    assert refused.returncode == 2 and f'unknown argument --option: see bash tools/{name}' in refused.stderr
    assert not list(tmp_path.iterdir())
