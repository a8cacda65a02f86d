"""What the commands of tools/analysis cannot show: one line each; a bug of ours keeps its trace."""

from __future__ import annotations

import pytest

from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import REPO, load_tool, write_config, write_store

BROWSE = 'analysis/browse_dataset.py'


@pytest.fixture(scope='module')
def store(tmp_path_factory):
    return write_store(tmp_path_factory.mktemp('browse') / 'store', train=3, test=3)


BAD_BROWSING = {
    'unknown clip': (('--clips', 'clip_000', 'nobody'), r"store has no clip 'nobody'"),
    'unknown split': (('--split', 'holdout'), r"'holdout'"),
    'axis': (('--up', 'w'), r"--up: invalid choice: 'w'"),
}


@pytest.mark.parametrize('case', BAD_BROWSING)
def test_a_store_that_lacks_what_is_asked_for(store, tmp_path, capsys, case):
    arguments, pattern = BAD_BROWSING[case]
    arguments = ['--store', store, '--no-video', '--out', tmp_path, *arguments]
    assert_refused(run_here(capsys, BROWSE, arguments), pattern)


def test_an_absent_store(tmp_path, capsys):
    assert_refused(run_here(capsys, BROWSE, ['--store', tmp_path / 'absent']), 'absent')


def test_an_empty_split(tmp_path, capsys):
    root = write_store(tmp_path / 'store', train=3, test=0)
    arguments = ['--out', tmp_path / 'out']
    refused = run_here(capsys, BROWSE, ['--store', root, '--split', 'test', *arguments])
    assert_refused(refused, "store: no clip to show, split 'test' is empty")
    refused = run_here(capsys, BROWSE, [write_config(tmp_path, root), '--split', 'val', *arguments])
    assert_refused(refused, "store: no clip is left of split 'test'")
    assert not (tmp_path / 'out').exists()


def test_configs_without_the_data(store, tmp_path, capsys):
    config = write_config(tmp_path, store)
    lacking = tmp_path / 'lacking.py'
    lacking.write_text(config.read_text() + 'val_dataloader = None\n')
    arguments = ['--no-video', '--out', tmp_path / 'out']
    for split in ('val', 'holdout'):
        refused = run_here(capsys, BROWSE, [lacking, '--split', split, *arguments])
        assert_refused(refused, rf"lacking\.py: it has no data for split '{split}'")
    unnamed = ['--cfg-options', 'train_dataloader.dataset.split=holdout', *arguments]
    assert_refused(run_here(capsys, BROWSE, [config, *unnamed]), "'holdout'")


def test_a_bug_keeps_its_trace(store, tmp_path, monkeypatch):
    from mmactrep.commands import browse

    def broken(*args):
        raise KeyError('a bug')

    monkeypatch.setattr(browse, 'show', broken)
    with pytest.raises(KeyError, match='a bug'):
        browse.main(['--store', str(store), '--out', str(tmp_path)])


@pytest.mark.parametrize('tool', ['aggregation', 'unik'])
def test_benchmarks_without_the_oracle(tool, tmp_path, monkeypatch, capsys):
    name = f'analysis/benchmark_{tool}.py'
    benchmark = load_tool(name)
    monkeypatch.setattr(benchmark, 'ORACLE', tmp_path / 'absent.py')
    assert benchmark.main([]) == 1
    assert 'error: the oracle is part of the tests' in capsys.readouterr().err


BAD_CONFIGS = {
    'flops without a model': (
        'get_flops.py',
        ['_base_/default_runtime.py'],
        "expected a config with a 'model'",
    ),
    'flops of a generator': (
        'get_flops.py',
        ['lac/lac_generator_synthetic_2d.py'],
        'lac_generator_synthetic_2d.py: expected a recognizer, found MotionRetargeter',
    ),
    'flops of no class': (
        'get_flops.py',
        ['unik/unik_penn_2d.py', '--cfg-options', 'model.backbone.type=Nope'],
        "there is no class 'Nope'",
    ),
    'throughput of a generator': (
        'benchmark_throughput.py',
        ['lac/lac_generator_synthetic_2d.py'],
        'expected a recognizer, found MotionRetargeter',
    ),
    'segmentation without a model': (
        'benchmark_segmentation.py',
        ['_base_/default_runtime.py'],
        "expected a config with a 'model'",
    ),
    'stride beyond the window': (
        'benchmark_segmentation.py',
        ['unik/unik_tsu-sample_2d.py', '--stride', '100000', '--frames', '4'],
        'stride must lie in .*, found 100000',
    ),
    'dependencies of another backbone': (
        'plot_dependencies.py',
        ['unik/unik_penn_2d.py', 'absent.pth', '--with', 'stgcn'],
        'expected a UNIK backbone, found LayoutSTGCN',
    ),
    'sweep of a recognizer': (
        'sweep_lac_dictionary.py',
        ['unik/unik_penn_2d.py'],
        'unik_penn_2d.py: expected a config of a LAC generator',
    ),
    'sweep of too large a size': (
        'sweep_lac_dictionary.py',
        ['lac/lac_generator_synthetic_2d.py', '--num-motion', '64', '160'],
        r'--num-motion \[160\]: expected less than the 160 code channels',
    ),
}


@pytest.mark.parametrize('case', BAD_CONFIGS)
def test_configs_of_something_else(case, capsys):
    tool, (config, *arguments), pattern = BAD_CONFIGS[case]
    arguments = [REPO / 'configs' / config, *arguments]
    assert_refused(run_here(capsys, f'analysis/{tool}', arguments), pattern)


def test_a_shape_that_the_config_leaves_open(tmp_path, capsys):
    config = tmp_path / 'open.py'
    config.write_text(
        f"_base_ = '{REPO}/configs/unik/unik_penn_2d.py'\ntest_dataloader = test_pipeline = None\n"
    )
    refused = run_here(capsys, 'analysis/get_flops.py', [config])
    assert_refused(refused, r'open\.py: it does not specify the number of frames of a clip: pass --shape')
