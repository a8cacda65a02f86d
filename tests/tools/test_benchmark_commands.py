"""The benchmarks as a user calls them, at toy size."""

from __future__ import annotations

import re

import pytest

from mmactrep.store.reader import SkeletonStore
from tests.helpers.training import load_tool, write_config, write_store


def test_a_store_of_synthetic_rows(tmp_path, capfd):
    tool = load_tool('analysis/benchmark_store.py')
    arguments = ['--synthetic', '60', '--frames', '8', '--clips', '20', '--folder', str(tmp_path)]
    assert not tool.main(arguments)
    printed = capfd.readouterr().out
    assert '60 clips of 8 frames' in printed and not list(tmp_path.iterdir())
    for line in ('adding the clips', 'opening the store', 'clips at random', 'an epoch of EpochSampler',
                 'clips of a split', 'clips of a class', 'a clip by its name', 'open files'):  # fmt: skip
        assert re.search(rf'{line} +[\d.]+', printed), line
    epochs = re.findall(r'an epoch of \w+ +[\d.]+ s +(\d+) clips', printed)
    assert epochs == ['55', '55']  # 60 but for every twelfth
    assert not tool.main([*arguments, '--keep'])
    (kept,) = tmp_path.glob('*/store')
    assert len(SkeletonStore(kept)) == 60 and SkeletonStore(kept).verify() == []


@pytest.mark.parametrize('precision', ['fp32', 'bf16'])
def test_throughput_of_inference_and_training(tmp_path, capsys, precision):
    config = write_config(tmp_path, write_store(tmp_path / 'store', train=2, test=2))
    tool = load_tool('analysis/benchmark_throughput.py')
    assert not tool.main([str(config), '--batch-size', '2', '--rounds', '1', '--precision', precision])
    printed = capsys.readouterr().out
    row = re.search(r'tiny +1, 8, 17, 2 +([\d.]+) +([\d.]+)', printed)
    assert row and float(row[1]) > 0 and float(row[2]) > 0, printed


def test_opening_and_reading_features(tmp_path, capsys):
    tool = load_tool('analysis/benchmark_feature_store.py')
    arguments = ['--dimension', '8', '--reads', '50', '--folder', str(tmp_path)]
    assert not tool.main(['--clips', '300', '--different', '30', *arguments])
    printed = capsys.readouterr().out
    assert '300 clips, 30 different features of 8 channels' in printed
    for row in ('opened', 'features of a clip', 'category of a clip', 'clip without entry'):
        assert float(re.search(rf'{row} +([\d.]+)', printed)[1]) > 0
    assert not tool.main(['--clips', '300', '--different', '300', *arguments])
    assert '300 clips, 300 different features' in capsys.readouterr().out
    assert not list(tmp_path.iterdir())
