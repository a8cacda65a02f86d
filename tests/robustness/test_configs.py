"""Configs that are broken, foreign or ask for what cannot be built: one line each, and nothing is run."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.engine.config_files import packaged_config, read_config
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import restored_random_state, write_config, write_store


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A config that trains, in a folder with its store."""
    folder = tmp_path_factory.mktemp('tiny')
    write_store(folder / 'store')
    return write_config(folder, folder / 'store')


def own_folder(tmp_path):
    """A work folder, and a name: MMEngine's loggers are those of the second in which a run began."""
    return ['--work-dir', tmp_path, '--cfg-options', f'experiment_name={tmp_path.name}']


FILES = {
    'syntax': ('a = 1\nb = (\n', r'c\.py: line 2: syntax error'),
    'statement': ('a = 1\ndef\n', r'c\.py: line 2: syntax error'),
    'no text': (b'\xff\xfe\x00\x01', r'c\.py: cannot be read as a config'),
    'NUL': (b'a = 1\0', r'c\.py: (line 1: )?(syntax error|cannot be read).*null byte'),
    'name': ('a = 1\nb = nobody\n', r"c\.py: line 2: NameError: name 'nobody' is not defined"),
    'base absent': ("_base_ = './none.py'\n", r'none\.py, the base of \S*c\.py, is absent'),
    'base itself': ("_base_ = './c.py'\n", r'c\.py: the config inherits itself: c\.py -> c\.py'),
    'base a number': ('_base_ = 3\n', r'c\.py: _base_ must be a path .* found 3'),
    'base YAML': ("_base_ = './other.yaml'\n", r'other\.yaml, the base of \S*c\.py, is no Python file'),
    'bases with one key': (
        "_base_ = ['./one.py', './two.py']\n",
        r"c\.py: KeyError: Duplicate key is not allowed among bases.*'x'",
    ),
    'base of another kind': ("_base_ = './one.py'\nx = dict(a=1)\n", r'c\.py: TypeError: .*cannot inherit'),
    'variable absent': ("a = '{{$MMACTREP_NO_SUCH_VARIABLE:}}'\n", 'MMACTREP_NO_SUCH_VARIABLE'),
    'empty': ('', r"c\.py: it has no 'model'"),
    'no data': ("default_scope = 'mmactrep'\nmodel = dict(type='UNIK')\n", r"has no 'train_dataloader'"),
    'import absent': ("custom_imports = dict(imports=['no.such.module'])\n", r'c\.py: ImportError'),
    'nested deeply': ('a = ' + '[' * 500 + ']' * 500 + '\n', r'c\.py: .*(nested|parenthes)'),
}


@pytest.mark.parametrize('name', FILES)
def test_a_broken_config_is_refused_in_one_line(tmp_path, capsys, name):
    content, message = FILES[name]
    (tmp_path / 'c.py').write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / 'one.py').write_text('x = 1\n')
    (tmp_path / 'two.py').write_text('x = 2\n')
    (tmp_path / 'other.yaml').write_text('y: 3\n')
    with restored_random_state():
        outcome = run_here(capsys, 'train.py', [tmp_path / 'c.py', *own_folder(tmp_path)])
    assert_refused(outcome, message)


def test_a_circle_of_bases_is_named(tmp_path, capsys):
    for own, base in ('ab', 'bc', 'ca'):
        (tmp_path / f'{own}.py').write_text(f"_base_ = './{base}.py'\n")
    assert_refused(run_here(capsys, 'train.py', [tmp_path / 'a.py']), r'a\.py -> b\.py -> c\.py -> a\.py')


@pytest.mark.parametrize(
    'name', ['absent.py', '', 'folder.py', 'c.json', 'c.yaml', 'c.yml', 'c.txt', 'x\0.py']
)
def test_what_is_no_python_file_is_refused_and_not_run(tmp_path, capsys, name):
    """A YAML file could run a command through MMEngine's loader: a folder would show that it did."""
    (tmp_path / 'folder.py').mkdir()
    for suffix in ('yaml', 'yml'):
        (tmp_path / f'c.{suffix}').write_text(
            f'a: !!python/object/apply:os.mkdir ["{tmp_path / "it_ran"}"]\n'
        )
    (tmp_path / 'c.json').write_text('{"model": {"type": "os.mkdir", "path": "it_ran"}}')
    (tmp_path / 'c.txt').write_text('model = 1')
    outcome = run_here(
        capsys, 'train.py', [f'{tmp_path}/{name}' if name else '', '--work-dir', tmp_path / 'out']
    )
    assert_refused(outcome, 'no such config|folder|no Python file|null byte')
    assert not (tmp_path / 'it_ran').exists()


OPTIONS = {
    'unknown model': (['model.type=Nobody'], r"model: there is no class 'Nobody'"),
    'unknown part of the model': (['model.backbone.type=Nobody'], r"model: there is no class 'Nobody'"),
    'class by path': (['model.backbone.type=no.such.Class'], r"there is no class 'no\.such\.Class'"),
    'argument of the model': (['model.backbone.chanels=3'], r"model \(UNIK\): .*unexpected .*'chanels'"),
    'type of an argument': (['model.backbone.channels=5'], r'model \(UNIK\): TypeError: .*int'),
    'negative width': (['model.backbone.num_joints=-5'], r'model \(UNIK\): '),
    'argument of the data set': (['train_dataloader.dataset.spilt=train'], r'\(SkeletonDataset\): .*spilt'),
    'unknown data set': (
        ['train_dataloader.dataset.type=Nobody'],
        r"a data loader: there is no class 'Nobody'",
    ),
    'absent store': (['train_dataloader.dataset.ann_file=/no/store'], r'no skeleton store at /no/store'),
    'absent split': (['train_dataloader.dataset.split=val'], r"no split 'val'"),
    'unknown transform': (['train_dataloader.dataset.pipeline.0.type=Nobody'], r'Nobody'),
    'argument of a transform': (
        ['train_dataloader.dataset.pipeline.0.length=0'],
        r'\(RandomTemporalCrop\): length must be at least 1, got 0',
    ),
    'argument of the loader': (['train_dataloader.num_worker=2'], 'num_worker'),
    'batch size': (
        ['train_dataloader.batch_size=0'],
        r'a data loader: batch_size should be a positive integer',
    ),
    'unknown optimizer': (['optim_wrapper.optimizer.type=Nobody'], r'optim_wrapper: there is no class'),
    'learning rate': (['optim_wrapper.optimizer.lr=-1'], r'optim_wrapper \(SGD\): Invalid learning rate: -1'),
    'unknown schedule': (['param_scheduler.0.type=Nobody'], r"param_scheduler: there is no class 'Nobody'"),
    'argument of a schedule': (['param_scheduler.0.gama=1'], r'param_scheduler \(MultiStepLR\): .*gama'),
    'unknown loop': (['train_cfg.type=Nobody'], r"train_cfg: there is no class 'Nobody'"),
    'epochs': (['train_cfg.max_epochs=1.5'], r'train_cfg \(EpochBasedTrainLoop\): .*max_epochs'),
    'unknown hook': (['default_hooks.logger.type=Nobody'], r"a hook: there is no class 'Nobody'"),
    'unknown metric': (['val_evaluator.type=Nobody'], r"the evaluator: there is no class 'Nobody'"),
    'items of a metric': (['val_evaluator.items=[nothing]'], r'ClassificationMetric\): unknown metrics'),
    'classes of the head': (['model.cls_head.num_classes=2'], 'has 3 classes, but the head'),
    'an absent checkpoint': (['load_from=/no/x.pth'], r'/no/x\.pth: no such checkpoint'),
    'data that make no batch': (
        ['train_dataloader.batch_size=64', 'train_dataloader.drop_last=True'],
        'no step could be made',
    ),
}


@pytest.mark.parametrize('name', OPTIONS)
def test_what_cannot_be_built_is_refused_in_one_line(tiny, tmp_path, capsys, name):
    options, message = OPTIONS[name]
    with restored_random_state():
        outcome = run_here(capsys, 'train.py', [tiny, *own_folder(tmp_path), *options])
    assert_refused(outcome, message)
    assert 'Epoch(train)' not in outcome.out + outcome.err and not list(tmp_path.glob('*.pth'))


@pytest.mark.parametrize(
    'arguments',
    [
        ['--epochs', '0'],
        ['--epochs', 'many'],
        ['--clip-length', '-1'],
        ['--clip-length', '9' * 5000],
        ['--clip-length', 'short'],
    ],
)
def test_lengths_without_sense_are_refused(tiny, capsys, arguments):
    assert_refused(run_here(capsys, 'train.py', [tiny, *arguments]), 'expected a whole number')


def test_a_bug_of_ours_keeps_its_trace(tiny, tmp_path, monkeypatch):
    """Only what a config asks for is refused in one line: a mistake in the code while it runs is not."""
    from mmactrep.engine.hooks import SampleSeedHook
    from tests.helpers.training import load_tool

    def broken(self, runner):
        raise TypeError('a bug')

    monkeypatch.setattr(SampleSeedHook, 'before_train_epoch', broken)
    with restored_random_state(), pytest.raises(TypeError, match='a bug'):
        load_tool('train.py').main([str(tiny), '--work-dir', str(tmp_path)])


@pytest.mark.parametrize(
    'name',
    [
        '/etc/passwd.py',
        'configs/../tools/train.py',
        '../x.py',
        'tools/train.py',
        'configs/unik/none.py',
        'configs',
        'configs/unik/README.md',
        'configs/x\0.py',
        'configs/' + 'x' * 5000 + '.py',
        3,
        None,
        ['configs/unik/unik_penn_2d.py'],
    ],
    ids=lambda name: repr(name)[:30],
)
def test_only_configs_of_the_package_are_taken_by_name(name):
    assert packaged_config(name) is None


def test_a_config_of_the_package_is_taken_by_name(repo):
    path = packaged_config('configs/unik/unik_penn_2d.py')
    assert path == repo / 'configs' / 'unik' / 'unik_penn_2d.py'
    assert read_config(path).model.cls_head.num_classes == 15


def test_an_error_in_a_worker_process_is_one_line(tiny, tmp_path, capsys):
    """torch gives the whole trace of the worker as the message."""
    from mmactrep.store.writer import SkeletonStoreWriter

    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17', ('left', 'right', 'up')) as writer:
        for i in range(6):
            writer.add(f'clip{i}', np.ones((1, 9, 17, 2)), label=i % 3, img_shape=(10, 10))
        for split in ('train', 'test'):
            writer.add_split(split, [f'clip{i}' for i in range(6)])
        writer.finish()
    # a value that is damaged after the store was written is found when its clip is read
    path = next((tmp_path / 'store').glob('keypoint*.npy'))
    content = np.load(path)
    content[20] = np.nan
    np.save(path, content)
    config = write_config(tmp_path, tmp_path / 'store')
    options = [*own_folder(tmp_path / 'out'), 'train_dataloader.num_workers=1']
    with restored_random_state():
        outcome = run_here(capsys, 'train.py', [config, *options])
    assert_refused(outcome, r"clip 'clip2'")
    assert 'DataLoader' not in outcome.err


def test_a_model_of_other_joints_is_refused_in_one_line(tiny, tmp_path, capsys):
    options = [*own_folder(tmp_path), 'model.backbone.num_joints=25']
    with restored_random_state():
        outcome = run_here(capsys, 'train.py', [tiny, *options])
    assert_refused(outcome, r'UNIK was built for 25 joints \(found 17\)')


def test_a_hook_for_another_model_is_refused_in_one_line(tiny, tmp_path, capsys):
    config = tmp_path / 'frozen.py'
    config.write_text(f"_base_ = '{tiny}'\ncustom_hooks = [dict(type='FreezeHook', modules=['neck'])]\n")
    with restored_random_state():
        outcome = run_here(capsys, 'train.py', [config, *own_folder(tmp_path / 'out')])
    assert_refused(outcome, "FreezeHook cannot freeze neck: .*'?neck'?")
