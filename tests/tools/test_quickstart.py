"""The quick start's own steps, with a Python that writes down its calls in place of what takes time."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
PYTHON = """#!/usr/bin/env bash
echo "${MMACTREP_DATA_ROOT-unset} $*" >>calls
write() { mkdir -p "$(dirname "$1")"; touch "$@"; }
case $1 in
  */make_standin.py) mkdir -p "$3" ;;
  */convert_posetics.py) write "$MMACTREP_DATA_ROOT/posetics/2d/store.json" ;;
  */train.py) write work_dirs/quickstart/2026/x.log work_dirs/quickstart/epoch_15.pth ;;
  */test.py) write work_dirs/quickstart/test/2027/test.log ;;
  */browse_dataset.py) write work_dirs/quickstart/clips/clip.mp4 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with the script, an environment that is ready, and that Python."""
    (tmp_path / 'tools').mkdir()
    for name in ('quickstart.sh', 'steps.sh'):
        shutil.copy(REPO / 'tools' / name, tmp_path / 'tools')
    (tmp_path / 'tools' / 'setup_env.sh').write_text('true\n')
    python = tmp_path / '.venv' / 'bin' / 'python'
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def run(checkout: Path, **variables: str) -> tuple[subprocess.CompletedProcess, list[str]]:
    left_out = ('MMACTREP_DATA_ROOT', 'WORK_DIR', 'EPOCHS', 'VENV')
    environment = {key: value for key, value in os.environ.items() if key not in left_out} | variables
    script = str(checkout / 'tools' / 'quickstart.sh')
    done = subprocess.run(['bash', script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done, (checkout / 'calls').read_text().splitlines()


def real_store(folder: Path) -> Path:
    (folder / 'posetics' / '2d').mkdir(parents=True)
    (folder / 'posetics' / '2d' / 'store.json').touch()
    return folder


def steps(calls: list[str]) -> list[str]:
    return [Path(call.split()[1]).name for call in calls]


def test_without_posetics_a_standin_is_made_once(checkout):
    done, calls = run(checkout)
    assert steps(calls)[:2] == ['make_standin.py', 'convert_posetics.py'] and 'STAND-IN' in done.stdout
    assert all(call.startswith('data/standin ') for call in calls)
    assert 'data: data/standin/posetics/2d' in done.stdout
    (test,) = (call for call in calls if 'tools/test.py' in call)
    assert '--with quickstart' in test and 'work_dirs/quickstart/epoch_15.pth' in test
    (train,) = (call for call in calls if 'tools/train.py' in call)
    assert 'configs/unik/unik_posetics_2d.py --with quickstart --epochs 15' in train
    # the log is the training's
    assert 'log:              work_dirs/quickstart/2026/x.log' in done.stdout
    (checkout / 'calls').unlink()
    assert steps(run(checkout)[1])[0] == 'train.py'


def test_real_posetics_in_the_usual_place_is_used(checkout):
    real_store(checkout / 'data')
    done, calls = run(checkout)
    assert steps(calls) == ['train.py', 'test.py', 'browse_dataset.py', 'fuse_scores.py']
    assert 'STAND-IN' not in done.stdout and 'data: data/posetics/2d' in done.stdout
    assert 'browse_dataset.py --store data/posetics/2d' in calls[2]


def test_real_posetics_elsewhere_is_used(checkout, tmp_path):
    root = real_store(tmp_path / 'elsewhere')
    done, calls = run(checkout, MMACTREP_DATA_ROOT=str(root))
    assert all(call.startswith(f'{root} ') for call in calls) and 'STAND-IN' not in done.stdout
    assert f'data: {root}/posetics/2d' in done.stdout


def test_the_length_may_be_chosen(checkout):
    script = checkout / '.venv' / 'bin' / 'python'
    script.write_text(PYTHON.replace('epoch_15.pth', 'epoch_3.pth'))
    calls = run(checkout, EPOCHS='3')[1]
    (train,) = (call for call in calls if 'tools/train.py' in call)
    assert '--epochs 3' in train and any('epoch_3.pth' in call for call in calls if 'tools/test.py' in call)


def test_the_recipe_of_the_script_is_an_overlay_of_the_config():
    from mmactrep.engine.composed_config import compose_config

    cfg = compose_config(REPO / 'configs' / 'unik' / 'unik_posetics_2d.py', ['quickstart'])
    assert cfg.train_cfg.max_epochs == 15 and cfg.optim_wrapper.optimizer.type == 'AdamW'
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        pipeline = loader.dataset.pipeline
        assert (pipeline.sample.length, pipeline.format.num_person) == (32, 1)
        assert pipeline.normalize.type == 'BoxNormalize'
