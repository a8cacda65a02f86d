"""Checkpoints that are damaged, hostile, or belong to something else: one line each, and no file is run."""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile

import numpy as np
import pytest
import torch

from mmactrep.apis.recognizer import ActionRecognizer
from mmactrep.engine.trained_on import INFERENCE, LAYOUT, compare_classes
from mmactrep.errors import CheckpointError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout, get_layout
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import CLASSES, REPO, load_tool, restored_random_state, write_config, write_store


def run(capsys, tool, arguments, name):
    """Run training or testing in this process, under a name of its own."""
    with restored_random_state():
        return run_here(capsys, tool, [*arguments, '--cfg-options', f'experiment_name={name}'])


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """Folder with a store, a config, and a training of two epochs in ``work``."""
    folder = tmp_path_factory.mktemp('tiny')
    write_store(folder / 'store', train=8, test=4)
    config = write_config(folder, folder / 'store')
    text = config.read_text().replace('max_epochs=4', 'max_epochs=2')
    config.write_text(text)
    with restored_random_state():
        load_tool('train.py').main([str(config), '--work-dir', str(folder / 'work')])
    return folder


@pytest.fixture
def content(tiny):
    """What the last checkpoint holds, to be changed."""
    return torch.load(tiny / 'work' / 'epoch_2.pth', weights_only=True)


# ------------------------------------------------------------------------------------------ damaged files


class Runs:
    """A pickle that makes a folder when it is run."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def foreign(path, what):
    """Write a damaged or foreign file in the place of a checkpoint; the words are what its line must say."""
    whole = io.BytesIO()
    torch.save(dict(state_dict=dict(weight=torch.zeros(3)), meta={}), whole)
    whole = whole.getvalue()
    if what == 'a folder':
        path.mkdir()
    elif what == 'no such checkpoint':
        pass
    elif what == 'empty':
        path.write_bytes(b'')
    elif what == 'text':
        path.write_text('no checkpoint')
    elif what == 'truncated':
        path.write_bytes(whole[: len(whole) // 2])
    elif what == 'garbage':
        path.write_bytes(np.random.default_rng(0).bytes(5000))
    elif what == 'zip':
        with zipfile.ZipFile(path, 'w') as archive:
            archive.writestr('a.txt', 'a')
    else:
        objects = {
            'list': [1, 2],
            'number': 3,
            'no state': dict(a=1),
            'state of numbers': dict(state_dict=dict(a=1)),
            'state with numbers as names': dict(state_dict={3: torch.zeros(2)}),
            'state a list': dict(state_dict=[torch.zeros(2)]),
            'meta a list': dict(state_dict=dict(a=torch.zeros(2)), meta=[1]),
            'larger than the file': dict(state_dict=dict(a=torch.zeros(1).expand(10**12))),
            'sparse': dict(state_dict=dict(a=torch.zeros(3).to_sparse())),
            'code': dict(state_dict=dict(a=torch.zeros(2)), meta=Runs(path.parent / 'it_ran')),
            'numpy type': dict(state_dict={}, meta=np.zeros(2, [('a', 'O')])),
            'deep': None,
        }
        value = objects[what]
        if what == 'deep':
            value = dict(state_dict={})
            for _ in range(300):
                value = dict(a=value)
            value['state_dict'] = value
        torch.save(value, path)


FOREIGN = [
    'a folder',
    'no such checkpoint',
    'empty',
    'text',
    'truncated',
    'garbage',
    'zip',
    'list',
    'number',
    'no state',
    'state of numbers',
    'state with numbers as names',
    'state a list',
    'meta a list',
    'larger than the file',
    'sparse',
    'code',
    'numpy type',
    'deep',
]
READERS = {
    'publish': lambda tiny, path, out: ('model_converters/publish_model.py', [path, out]),
    'extract': lambda tiny, path, out: ('model_converters/extract_backbone.py', [path, out]),
    'convert': lambda tiny, path, out: (
        'model_converters/convert_unik_weights.py',
        [path, out, '--config', tiny / 'tiny.py'],
    ),
    'test': lambda tiny, path, out: ('test.py', [tiny / 'tiny.py', path, '--work-dir', out]),
}


@pytest.mark.parametrize('what', FOREIGN)
@pytest.mark.parametrize('reader', READERS)
def test_damaged_and_foreign_files_are_refused_in_one_line(tiny, tmp_path, capsys, reader, what):
    path, out = tmp_path / 'c.pth', tmp_path / 'out'
    foreign(path, what)
    tool, arguments = READERS[reader](tiny, path, out)
    outcome = run_here(capsys, tool, arguments)
    assert_refused(outcome, r'c\.pth')
    assert not (tmp_path / 'it_ran').exists() and not out.is_file()


@pytest.mark.parametrize('option', ['--resume', '--load-from'])
@pytest.mark.parametrize(
    'what', ['no such checkpoint', 'truncated', 'text', 'code', 'state of numbers', 'a folder']
)
def test_training_from_a_damaged_file_is_refused_in_one_line(tiny, tmp_path, capsys, option, what):
    foreign(tmp_path / 'c.pth', what)
    arguments = [tiny / 'tiny.py', '--work-dir', tmp_path / 'out', option, tmp_path / 'c.pth']
    assert_refused(run(capsys, 'train.py', arguments, tmp_path.name), r'c\.pth')
    assert not (tmp_path / 'it_ran').exists()


# ------------------------------------------------------------------------------- what cannot be resumed


def drop(*keys):
    return lambda c: [c.pop(key) for key in keys]


RESUMED = {
    'weights alone': (
        drop('optimizer', 'message_hub', 'param_schedulers'),
        'lacks the state of the optimizer, the sched',
    ),
    'a best checkpoint': (
        drop('optimizer', 'param_schedulers'),
        r'start a new training from them with --load-from',
    ),
    'no epoch': (lambda c: c['meta'].pop('epoch'), 'the epoch that it reached'),
    'negative epoch': (lambda c: c['meta'].update(epoch=-1), 'the epoch that it reached'),
    'another optimizer': (
        lambda c: [group.pop('momentum') for group in c['optimizer']['param_groups']],
        "another optimizer than this config's SGD, whose momentum",
    ),
    'other parameters': (
        lambda c: c['optimizer']['param_groups'][0]['params'].pop(),
        r'its optimizer has \d+ parameters in 1 groups, this',
    ),
    'momentum of another shape': (
        lambda c: c['optimizer']['state'][0].update(momentum_buffer=torch.zeros(1, 2, 3)),
        r'momentum_buffer of parameter 0 has shape \(1, 2, 3\)',
    ),
    'optimizer a list': (lambda c: c.update(optimizer=[1]), 'training state is damaged or foreign'),
    'another schedule': (
        lambda c: c.update(param_schedulers=[dict(last_step=3)]),
        "another schedule than this config's MultiStepLR",
    ),
    'more schedules': (
        lambda c: c['param_schedulers'].append({}),
        'trained with 2 schedules, this config has 1',
    ),
    'a log of numbers': (lambda c: c.update(message_hub=3), 'training state is damaged or foreign'),
    'a log without series': (
        lambda c: c['message_hub'].pop('log_scalars'),
        'training state is damaged or foreign',
    ),
    'another model': (lambda c: c['state_dict'].pop('cls_head.fc.bias'), 'does not fit .*cls_head.fc.bias'),
    'other classes': (
        lambda c: c['meta']['dataset_meta'].update(classes=['left', 'up', 'right']),
        "the first difference is class 1: 'up' and 'right'",
    ),
    'another layout': (
        lambda c: c['meta'].update({LAYOUT: get_layout('coco17').to_dict()}),
        "trained on layout 'coco17', .* has 'posetics17'.* resumes with the joints",
    ),
    'generators of text': (lambda c: c.update(random_state=['a']), 'training state is damaged or foreign'),
}


@pytest.mark.parametrize('name', RESUMED)
def test_what_cannot_be_resumed_is_refused_with_the_way_forward(tiny, content, tmp_path, capsys, name):
    change, message = RESUMED[name]
    change(content)
    torch.save(content, tmp_path / 'c.pth')
    arguments = [tiny / 'tiny.py', '--work-dir', tmp_path / 'out', '--resume', tmp_path / 'c.pth']
    outcome = run(capsys, 'train.py', arguments, tmp_path.name)
    assert_refused(outcome, r'c\.pth.*' + message)
    assert 'Epoch(train)' not in outcome.out


def test_a_published_model_is_not_resumed_but_fine_tuned(tiny, tmp_path, capsys):
    published = tmp_path / 'published.pth'
    assert (
        load_tool('model_converters/publish_model.py').main(
            [str(tiny / 'work' / 'epoch_2.pth'), str(published)]
        )
        == 0
    )
    arguments = [tiny / 'tiny.py', '--work-dir', tmp_path / 'out', '--epochs', '1']
    outcome = run(capsys, 'train.py', [*arguments, '--resume', published], tmp_path.name)
    assert_refused(outcome, r'published\.pth cannot be resumed: .* --load-from')
    outcome = run(capsys, 'train.py', [*arguments, '--load-from', published], f'{tmp_path.name}2')
    assert outcome.code == 0 and (tmp_path / 'out' / 'epoch_1.pth').is_file()


def test_the_config_text_of_a_checkpoint_is_not_run_on_resume(tiny, content, tmp_path, capsys):
    """MMEngine takes ``meta['config']`` for Python and runs it."""
    content['meta']['config'] = f'import os\nos.mkdir({str(tmp_path / "it_ran")!r})'
    torch.save(content, tmp_path / 'c.pth')
    arguments = [tiny / 'tiny.py', '--work-dir', tmp_path / 'out', '--resume', tmp_path / 'c.pth']
    assert run(capsys, 'train.py', arguments, tmp_path.name).code == 0
    assert not (tmp_path / 'it_ran').exists()


def test_weights_of_something_else_are_no_start(tiny, tmp_path, capsys):
    torch.save(dict(state_dict=dict(other=torch.zeros(2))), tmp_path / 'c.pth')
    arguments = [tiny / 'tiny.py', '--work-dir', tmp_path / 'out', '--load-from', tmp_path / 'c.pth']
    assert_refused(run(capsys, 'train.py', arguments, tmp_path.name), r'c\.pth holds none of the weights')


# ------------------------------------------------------------------------ tested on something else


def test_other_classes_are_refused_with_the_first_difference(tiny, content, tmp_path, capsys):
    """The head of three classes would otherwise be judged by the labels of three others."""
    for classes, message in [
        (('left', 'up', 'right'), "the same classes in another order .* class 1: 'up' and 'right'"),
        (('a', 'b', 'c'), "other classes .* class 0: 'a' and 'left'"),
        (('left', 'right'), r"other classes \(2 and 3\).* class 2: none and 'up'"),
    ]:
        content['meta']['dataset_meta']['classes'] = list(classes)
        torch.save(content, tmp_path / 'c.pth')
        arguments = [tiny / 'tiny.py', tmp_path / 'c.pth', '--work-dir', tmp_path / 'out']
        outcome = run(capsys, 'test.py', arguments, f'{tmp_path.name}{len(classes)}{classes[0]}')
        assert_refused(outcome, message)


def test_the_first_difference_of_two_lists():
    assert compare_classes(['a', 'b'], ('a', 'b')) is None
    assert compare_classes(['a'], ['a', 'b']).endswith("class 1: none and 'b'")


@pytest.mark.parametrize('key', ['cls_head.fc.weight', 'backbone.data_bn.bias'])
def test_a_checkpoint_must_fit_in_full(tiny, content, tmp_path, capsys, key):
    """MMEngine would test what is missing with random weights."""
    for change in (lambda s: s.update({key: torch.zeros(1, 1)}), lambda s: s.pop(key)):
        change(content['state_dict'])
        torch.save(content, tmp_path / 'c.pth')
        arguments = [tiny / 'tiny.py', tmp_path / 'c.pth', '--work-dir', tmp_path / 'out']
        assert_refused(run(capsys, 'test.py', arguments, tmp_path.name), rf'does not fit .*{re.escape(key)}')


def accuracy(capsys, config, checkpoint, name, out):
    out.mkdir(exist_ok=True)
    outcome = run(capsys, 'test.py', [config, checkpoint, '--work-dir', out, '--dump', out / 's.npz'], name)
    assert outcome.code == 0, outcome.err
    return np.load(out / 's.npz')['scores'], outcome.out + outcome.err


def test_joints_of_another_layout_are_mapped_as_the_inferencer_maps_them(tiny, tmp_path, capsys):
    """The oracle is a store whose clips were mapped by hand: the same scores to the last digit."""
    store = SkeletonStore(tiny / 'store')
    posetics = store.layout
    shuffled = SkeletonLayout(
        'shuffled',
        posetics.joints[::-1],
        posetics.parents,
        posetics.center,
        interpolated=posetics.interpolated,
    )
    with SkeletonStoreWriter(tmp_path / 'store', shuffled, CLASSES) as writer:
        for row in range(len(store)):
            clip = store[row]
            keypoint = clip['keypoint'][:, :, ::-1]
            writer.add(clip['frame_dir'], keypoint, label=clip['label'], img_shape=(480, 640))
        writer.add_split('train', [store.ids[0]])
        writer.add_split('test', [store.ids[int(row)] for row in store.split('test')])
        writer.finish()
    config = write_config(tmp_path, tmp_path / 'store')
    checkpoint = tiny / 'work' / 'epoch_2.pth'
    expected, said = accuracy(capsys, tiny / 'tiny.py', checkpoint, f'{tmp_path.name}a', tmp_path / 'a')
    assert 'the joints are mapped' not in said
    before = config.read_text()
    found, said = accuracy(capsys, config, checkpoint, f'{tmp_path.name}b', tmp_path)
    assert config.read_text() == before, "a config in the work folder is the user's"
    assert "has 'shuffled': the joints are mapped" in said
    np.testing.assert_array_equal(found, expected)


def test_a_layout_that_cannot_be_mapped_is_refused(tiny, content, tmp_path, capsys):
    hand = SkeletonLayout(
        'hand', [f'finger {i}' for i in range(17)], {f'finger {i}': 'finger 0' for i in range(1, 17)}
    )
    content['meta'][LAYOUT] = hand.to_dict()
    torch.save(content, tmp_path / 'c.pth')
    arguments = [tiny / 'tiny.py', tmp_path / 'c.pth', '--work-dir', tmp_path / 'out']
    outcome = run(capsys, 'test.py', arguments, tmp_path.name)
    assert_refused(outcome, r"c\.pth was trained on layout 'hand', .* has 'posetics17': .*finger")


@pytest.mark.parametrize('tool', ['train.py', 'test.py'])
def test_a_clip_without_label_is_named(tiny, tmp_path, capsys, tool):
    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17', CLASSES) as writer:
        for i, label in enumerate((0, 1, -1, 2, -1)):
            writer.add(f'clip{i}', np.ones((1, 9, 17, 2)), label=label, img_shape=(10, 10))
        for split in ('train', 'test'):
            writer.add_split(split, [f'clip{i}' for i in range(5)])
        writer.finish()
    config = write_config(tmp_path, tmp_path / 'store')
    checkpoint = [tiny / 'work' / 'epoch_2.pth'] if tool == 'test.py' else []
    outcome = run(capsys, tool, [config, *checkpoint, '--work-dir', tmp_path / 'out'], tmp_path.name)
    assert_refused(
        outcome, r"clip 'clip2' of split '(train|test)' has no label \(-1\), as 2 of 5 clips.*without them"
    )


# --------------------------------------------------------------------- what a checkpoint says of itself


def test_a_checkpoint_of_ones_own_joints_needs_nothing_beside_it(tmp_path, capsys):
    """Layout, classes and config come with it: the recognizer gives what testing gives."""
    own = SkeletonLayout('mine', ('a', 'b', 'left c', 'right c'), {'b': 'a', 'left c': 'b', 'right c': 'b'})
    rng = np.random.default_rng(0)
    with SkeletonStoreWriter(tmp_path / 'store', own, CLASSES) as writer:
        for i in range(8):
            writer.add(f'clip{i}', rng.normal(size=(1, 9, 4, 2)), label=i % 3, img_shape=(10, 10))
        for split in ('train', 'test'):
            writer.add_split(split, [f'clip{i}' for i in range(8)])
        writer.finish()
    config = write_config(tmp_path, tmp_path / 'store')
    text = (
        config.read_text()
        .replace("type='UNIK',", "type='UNIK', num_joints=4,")
        .replace('max_epochs=4', 'max_epochs=1')
    )
    config.write_text(text)
    assert run(capsys, 'train.py', [config, '--work-dir', tmp_path / 'w'], f'{tmp_path.name}a').code == 0
    checkpoint = tmp_path / 'w' / 'epoch_1.pth'
    published = tmp_path / 'published.pth'
    assert (
        load_tool('model_converters/publish_model.py').main(
            [str(checkpoint), str(published), '--full-precision']
        )
        == 0
    )
    expected, _ = accuracy(capsys, config, checkpoint, f'{tmp_path.name}b', tmp_path)
    store = SkeletonStore(tmp_path / 'store')
    for path in (checkpoint, published):
        recognizer = ActionRecognizer(weights=path, device='cpu')
        assert recognizer.layout == own and recognizer.classes == list(CLASSES)
        found = recognizer([store[row] for row in range(8)])
        np.testing.assert_allclose(found, expected, atol=1e-6)
    # what is published says nothing of the machine
    assert str(tmp_path).encode() not in published.read_bytes()


HOSTILE_CONFIGS = {
    'class by path': (lambda c: c['model'].update(type='os.system', command='true'), "class 'os.system'"),
    'module by name': (lambda c: c['model']['backbone'].update(type='antigravity'), "class 'antigravity'"),
    'class of torch': (lambda c: c['model']['backbone'].update(type='Conv2d'), "class 'Conv2d'"),
    'class that opens files': (
        lambda c: c['model']['backbone'].update(type='UniFormer'),
        "class 'UniFormer'",
    ),
    'transform of torchvision': (
        lambda c: pipeline(c).append(dict(type='TorchVisionWrapper', op='Lambda')),
        "class 'TorchVisionWrapper'",
    ),
    'transform that opens files': (
        lambda c: pipeline(c).append(dict(type='DecordInit')),
        "class 'DecordInit'",
    ),
    'type a list': (lambda c: c['model'].update(type=['UNIK']), 'the class'),
    'type in an argument': (
        lambda c: c['model'].update(test_cfg=dict(a=[dict(type='os.system')])),
        "class 'os.system'",
    ),
    'another scope': (lambda c: c.update(default_scope='mmpose'), "scope is 'mmpose'"),
    'switched scope': (lambda c: c['model'].update(_scope_='mmpose'), 'switches the scope'),
    'huge width': (lambda c: c['model']['backbone'].update(channels=(10**9,)), '1000000000'),
    'large width': (lambda c: c['model']['backbone'].update(channels=(9000, 9000)), 'describes a model of'),
    'huge clip': (lambda c: pipeline(c)[0].update(length=10**12), '1000000000000'),
    'huge graph': (
        lambda c: c['model']['backbone'].update(type='STGCN', graph_cfg=dict(layout=dict(num_node=9000))),
        'a graph of 9000 joints',
    ),
    'deep': (lambda c: [c := c.setdefault('a', {}) for _ in range(100)], 'too large'),
    'wide': (lambda c: c.update(a=[0] * 10**5), 'too large'),
    'a tensor': (lambda c: c['model'].update(a=torch.zeros(2)), 'it holds'),
    'no model': (lambda c: c.pop('model'), 'model'),
    'a list': (lambda c: c.clear(), 'model'),
    'arguments that there are not': (lambda c: c['model']['backbone'].update(chanels=3), 'UNIK'),
    'other width': (lambda c: c['model']['backbone'].update(channels=(16, 16)), 'describes a model of'),
}


def pipeline(config):
    return config['test_dataloader']['dataset']['pipeline']


@pytest.mark.parametrize('name', HOSTILE_CONFIGS)
def test_a_hostile_config_in_a_checkpoint_is_refused(content, tmp_path, name):
    change, message = HOSTILE_CONFIGS[name]
    change(content['meta'][INFERENCE])
    torch.save(content, tmp_path / 'c.pth')
    with pytest.raises(ValueError, match=message) as caught:
        ActionRecognizer(weights=tmp_path / 'c.pth', device='cpu')
    assert 'c.pth' in str(caught.value)


def test_initial_weights_that_a_config_names_are_not_loaded(content, tmp_path):
    content['meta'][INFERENCE]['model']['init_cfg'] = dict(type='Pretrained', checkpoint='/no/such')
    content['meta'][INFERENCE]['custom_imports'] = dict(imports=['antigravity'])
    content['meta'][INFERENCE]['load_from'] = '/no/such'
    torch.save(content, tmp_path / 'c.pth')
    recognizer = ActionRecognizer(weights=tmp_path / 'c.pth', device='cpu')
    assert set(recognizer.cfg) == {'model', 'test_dataloader', 'default_scope'}
    assert 'init_cfg' not in recognizer.cfg.model


@pytest.mark.parametrize('place', ['absolute', 'relative', 'YAML', 'within the repository'])
def test_a_config_that_a_checkpoint_names_is_not_run(content, tmp_path, monkeypatch, place):
    del content['meta'][INFERENCE]
    trace = tmp_path / 'it_ran'
    (tmp_path / 'configs').mkdir()
    config = tmp_path / 'configs' / 'evil.py'
    config.write_text(f'import os\nos.mkdir({str(trace)!r})\n')
    (tmp_path / 'configs' / 'evil.yaml').write_text(f'a: !!python/object/apply:os.mkdir ["{trace}"]\n')
    monkeypatch.chdir(tmp_path)
    content['meta']['config'] = {
        'absolute': str(config),
        'relative': os.path.relpath(config, REPO),
        'YAML': 'configs/evil.yaml',
        'within the repository': 'tools/train.py',
    }[place]
    torch.save(content, tmp_path / 'c.pth')
    with pytest.raises(
        CheckpointError, match=r'c\.pth holds no config, nor names one that comes with the package'
    ):
        ActionRecognizer(weights=tmp_path / 'c.pth', device='cpu')
    assert not trace.exists()


HOSTILE_LAYOUTS = {
    'unknown': 'nobody',
    'number': 3,
    'no joints': dict(name='a'),
    'a circle': dict(name='a', joints=['x', 'y'], parents=dict(x='y', y='x')),
    'joints a number': dict(name='a', joints=5, parents={}),
    'other keys': dict(name='a', joints=['x'], parents={}, surprise=1),
}


@pytest.mark.parametrize('name', HOSTILE_LAYOUTS)
def test_a_layout_that_is_none_is_refused(content, tmp_path, name):
    content['meta'][LAYOUT] = HOSTILE_LAYOUTS[name]
    torch.save(content, tmp_path / 'c.pth')
    with pytest.raises(CheckpointError, match=r'c\.pth'):
        ActionRecognizer(weights=tmp_path / 'c.pth', device='cpu')


def test_a_full_disk_leaves_no_half_checkpoint(tiny, tmp_path, capsys, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, 'No space left on device', 'out.pth')

    monkeypatch.setattr(os, 'fsync', full)
    out = tmp_path / 'out.pth'
    outcome = run_here(capsys, 'model_converters/publish_model.py', [tiny / 'work' / 'epoch_2.pth', out])
    assert_refused(outcome, 'No space left')
    assert not list(tmp_path.iterdir())


def test_a_missing_work_folder_is_made_by_training_alone(tiny, tmp_path, capsys):
    shutil.copy(tiny / 'work' / 'epoch_2.pth', tmp_path / 'epoch_2.pth')
    outcome = run(capsys, 'train.py', [tiny / 'tiny.py', '--work-dir', tmp_path, '--resume'], tmp_path.name)
    assert outcome.code == 0 and 'there is nothing left to train' in outcome.out + outcome.err
