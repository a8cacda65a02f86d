"""What runs without mmcv's compiled operators, mmpose and mmdet: all that needs none of their models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.inference_fakes import walking, write_tiny_segmentor
from tests.helpers.training import REPO, environment, write_config, write_store

#: Needed by models of mmpose and mmdet only (``requirements/ops.txt``).
HIDDEN = ('mmcv.ops', 'mmcv._ext', 'mmdet', 'mmpose', 'xtcocotools')
#: The Python of an environment that was set up without --ops, to run the same there.
OWN = 'MMACTREP_LITE_PYTHON'
HIDE = f"""
import importlib.machinery

find = importlib.machinery.PathFinder.find_spec

def find_spec(name, path=None, target=None):
    hidden = any(name == each or name.startswith(each + '.') for each in {HIDDEN!r})
    return None if hidden else find(name, path, target)

importlib.machinery.PathFinder.find_spec = find_spec
"""
# every line is a command; the store, the config and the poses are made by the test
COMMANDS = """
train tiny.py --work-dir work --epochs 1
test tiny.py work/epoch_1.pth --dump scores.npz
fuse scores.npz
verify store
browse --store store --count 1 --out clips
skeletons poses.npz --out poses.mp4
demo poses.mp4 --experts poses.npz --out demo.mp4
extract poses.mp4 --experts poses.npz --out extracted
merge extracted --out merged
standin --out standin --train 2 --test 1
convert posetics --src standin --out posetics --quiet
compose --out composed.mp4
segment poses.npz --config segmentor.py --checkpoint segmentor.pth --out-dir segments --no-video
experts
"""
RUN = """
import shlex, sys
from mmactrep.cli import main
for line in sys.stdin.read().strip().splitlines():
    code = main(shlex.split(line))
    print('status', code, line, flush=True)
found = [name for name in sys.modules if name.split('.')[0] in ('mmdet', 'mmpose') or name == 'mmcv.ops']
print('imported', *found)
assert main(['demo', 'poses.mp4', '--experts', 'rtmpose-m']) == 1
"""


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """A folder with a store, a config for it, and poses."""
    folder = tmp_path_factory.mktemp('without')
    write_config(folder, write_store(folder / 'store'))
    write_tiny_segmentor(folder)
    np.savez(folder / 'poses.npz', keypoint=walking(30)[0], layout='coco17')
    return folder


def run(python: str, folder: Path, prelude: str = '') -> None:
    """Run the commands in one process of a Python, and check that each did its work."""
    done = subprocess.run(
        [python, '-c', prelude + RUN],
        input=COMMANDS,
        cwd=folder,
        env={key: value for key, value in environment().items() if key != 'MMACTREP_DATA_ROOT'}
        | dict(PYTHONPATH=str(REPO)),
        capture_output=True,
        text=True,
        timeout=280,
    )
    told = done.stdout + done.stderr
    assert done.returncode == 0, told[-3000:]
    done_well = [line for line in COMMANDS.strip().splitlines() if f'status 0 {line}\n' in done.stdout]
    assert done_well == COMMANDS.strip().splitlines(), told[-3000:]
    assert 'imported\n' in done.stdout and 'Fail to import' not in told
    (error,) = (line for line in done.stderr.splitlines() if line.startswith('error: '))
    assert 'compiled operators' in error and error.endswith('bash tools/setup_env.sh --ops adds them')


def test_commands_run_without_the_operators(folder):
    run(sys.executable, folder, HIDE)


def test_commands_run_in_an_environment_of_its_own(folder):
    python = os.environ.get(OWN)
    if not python:
        pytest.skip(f'{OWN} names no Python of an environment without the operators')
    lacking = 'import importlib.util as util\nassert util.find_spec("mmpose") is None\n'
    run(python, folder, lacking)
