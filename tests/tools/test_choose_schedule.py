"""tools/analysis/choose_schedule.py: trainings of a grid on a part of the training split."""

from __future__ import annotations

import json

import pytest

from mmactrep.engine.run_figures import printed_figures
from tests.helpers import processes
from tests.helpers.training import load_tool, write_config, write_store


@pytest.fixture(scope='module')
def tool():
    tool = load_tool('analysis/choose_schedule.py')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tool.subprocess, 'run', processes.run_like_subprocess)
        yield tool


@pytest.mark.slow
def test_a_grid_is_trained_once_and_its_best_printed(tool, tmp_path, capsys):
    config = write_config(tmp_path, write_store(tmp_path / 'store'))
    # without the test split: it must not be read
    text = config.read_text().replace("split='test'", "split='absent'")
    config.write_text(text)
    arguments = [str(config), '--rates', '0.001', '0.1', '--epochs', '2', '--work-dir', str(tmp_path / 'out')]
    assert tool.main(arguments) == 0
    printed = capsys.readouterr().out
    found = printed_figures(printed)
    assert found['epochs'] == 2 and found['rate'] in (0.001, 0.1) and 0 <= found['validation'] <= 1
    assert 'warning: the longest training, 2 epochs, may still gain' in printed
    trials = sorted((tmp_path / 'out').glob('*/trial.json'))
    values = {path.parent.name: json.loads(path.read_text())['value'] for path in trials}
    assert set(values) == {'rate_0.001_epochs_2_seed_0', 'rate_0.1_epochs_2_seed_0'}
    assert found['validation'] == pytest.approx(max(values.values()), abs=1e-4)
    times = [path.stat().st_mtime_ns for path in trials]
    assert tool.main(arguments) == 0
    assert printed_figures(capsys.readouterr().out) == found
    assert [path.stat().st_mtime_ns for path in trials] == times


def test_a_failing_training_is_one_line(tool, tmp_path, capsys):
    config = write_config(tmp_path, tmp_path / 'absent')
    out = tmp_path / 'out'
    arguments = [str(config), '--rates', '0.1', '--epochs', '1', '--work-dir', str(out)]
    assert tool.main(arguments) == 1
    error = capsys.readouterr().err
    assert 'the training with rate 0.1 failed' in error and 'log.txt' in error
    assert error.count('\n') == 1 and not list(out.glob('*/trial.json'))


def test_a_metric_is_needed(tool, tmp_path, capsys):
    config = write_config(tmp_path, write_store(tmp_path / 'store'))
    assert tool.main([str(config), '--cfg-options', 'default_hooks.checkpoint.save_best=None']) == 1
    assert '--metric' in capsys.readouterr().err
