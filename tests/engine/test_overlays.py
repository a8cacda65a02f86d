"""Overlays on the command line: what they change, what a run is called, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmactrep.engine.composed_config import compose_config, resolve_config
from mmactrep.engine.hooks import OverlayCheckHook
from mmactrep.engine.overlays import FOLDER, KINDS, OverlayError, apply_overlays, find_overlay, overlay_names
from mmactrep.store.writer import SkeletonStoreWriter
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import REPO, restored_random_state

UNIK = REPO / 'configs' / 'unik'
PENN = UNIK / 'unik_penn_2d_small.py'
SMALL = [
    *('model.backbone.channels=(8,8)', 'model.backbone.strides=(1,2)', 'model.backbone.dilations=(1,1)'),
    *('model.cls_head.in_channels=8', 'train_cfg.max_epochs=1', 'train_cfg.min_iters=0'),
    *(f'{name}_dataloader.num_workers=0' for name in ('train', 'val', 'test')),
    *(f'{name}_dataloader.persistent_workers=False' for name in ('train', 'val', 'test')),
]


def test_every_overlay_is_one_dictionary_named_by_its_kind():
    assert len(overlay_names()) >= 12
    for name in overlay_names():
        kind, overlay = find_overlay(name)
        assert kind in KINDS and overlay['name'] == name
        assert (FOLDER / f'{name}.py').read_text().startswith('"""')


def test_overlays_combine_and_the_config_tells_them():
    cfg = compose_config(PENN, ['bone', 'linear', '5percent'])
    assert cfg.train_dataloader.dataset.stream == cfg.test_dataloader.dataset.stream == 'bone'
    assert cfg.train_dataloader.dataset.labelled_fraction == 0.05
    assert cfg.default_hooks.frozen == dict(type='FreezeHook', modules=['backbone'])
    assert cfg.overlays == ['5percent', 'linear', 'bone']
    # the order on the command line does not matter
    assert compose_config(PENN, ['linear', '5percent', 'bone']).to_dict() == cfg.to_dict()
    assert cfg.filename.endswith('unik_penn_2d_small+5percent+linear+bone.py')
    assert 'overlays' not in compose_config(PENN) and compose_config(PENN).filename == str(PENN)


def test_an_overlay_among_the_bases_is_the_overlay_on_the_command_line(tmp_path):
    mine = tmp_path / 'mine.py'
    mine.write_text(
        f"_base_ = ['{PENN}', '{FOLDER}/bone.py', '{FOLDER}/linear.py']\n"
        'train_dataloader = dict(batch_size=3)\n'
    )
    heir = tmp_path / 'heir.py'
    heir.write_text("_base_ = './mine.py'\n")
    for file in (mine, heir):
        cfg = compose_config(file, options={'train_dataloader.batch_size': 16})
        expected = compose_config(PENN, ['bone', 'linear'])
        assert cfg.to_dict() == expected.to_dict() and cfg.filename == str(file)
        assert compose_config(file, ['5percent']).overlays == ['5percent', 'linear', 'bone']


def test_what_is_deleted_may_keep_a_part():
    cfg = compose_config(REPO / 'configs/lac/lac_generator_synthetic_2d.py', ['two-encoders'])
    assert cfg.model.generator == dict(
        type='TwoEncoderAutoencoder',
        layout='posetics17',
        in_channels=2,
        num_motion=128,
        num_static=32,
        dropout=0.0,
    )


@pytest.mark.parametrize(
    ('name', 'file', 'overlays'),
    [
        ('unik/unik_penn_2d_bone', 'unik/unik_penn_2d', ['bone']),
        ('unik/unik_posetics_2d_bone', 'unik/unik_posetics_2d_bone', []),
        ('unik/unik_ntu60-xsub_3d_finetune_bone', 'unik/unik_ntu60-xsub_3d', ['finetune', 'bone']),
        ('unik/unik_smarthome-cs_2d_linear_bone', 'unik/unik_smarthome-cs_2d_linear', ['bone']),
        # Penn Action is pre-trained and fine-tuned in other coordinates than it is trained from scratch
        ('unik/unik_penn_2d_linear_bone', 'unik/unik_penn_2d_linear', ['bone']),
        ('agcn/agcn_ntu120-xset_3d', 'unik/unik_ntu120-xset_3d', ['agcn']),
        ('stgcn/stgcn_penn_2d_recommended_bone', 'stgcn/stgcn_penn_2d_recommended', ['bone']),
        ('stgcn/stgcn_posetics_2d_bone', 'unik/unik_posetics_2d', ['stgcn', 'bone']),
        ('lac/lac_unik_posetics_2d_wo-frame', 'lac/lac_unik_posetics_2d', ['wo-frame']),
        (
            'lac/lac_generator_synthetic_2d_two-encoders_path',
            'lac/lac_generator_synthetic_2d',
            ['two-encoders', 'path'],
        ),
        ('lac/lac_unik_tsu-cv_2d_linear', 'unik/unik_tsu-cv_2d', ['linear']),
        # the name without its protocol is LAC's pre-training on Charades itself
        ('lac/lac_unik_charades_2d_finetune', 'unik/unik_charades_2d', ['finetune']),
        ('lac/lac_unik_untrimmed_2d_finetune', 'unik/unik_untrimmed_2d', ['finetune']),
    ],
)
def test_former_names_are_understood(name, file, overlays, capfd):
    configs = REPO / 'configs'
    assert resolve_config(configs / f'{name}.py') == (configs / f'{file}.py', overlays)
    cfg = compose_config(configs / f'{name}.py')
    assert cfg.filename == str(configs / f'{name}.py')
    assert set(overlays) <= set(cfg.get('overlays', []))
    said = capfd.readouterr().err
    assert (f'read as configs/{file}.py --with {" ".join(overlays)}' in said) == bool(overlays)


def test_weights_of_another_pretraining_are_not_taken_for_a_former_name():
    with pytest.raises(FileNotFoundError, match=r'lac_unik_smarthome-cs_2d_linear.py: no such config'):
        resolve_config(REPO / 'configs/lac/lac_unik_smarthome-cs_2d_linear.py')


@pytest.mark.parametrize(
    ('config', 'arguments', 'message'),
    [
        (
            'unik_penn_2d',
            '--with bone joint-motion',
            "'bone' and 'joint-motion' exclude each other: both set",
        ),
        ('unik_penn_2d', '--with linear finetune', "'linear' and 'finetune' exclude each other"),
        ('unik_penn_2d_linear', '--with finetune', "'linear' and 'finetune' exclude each other"),
        ('unik_penn_2d_linear', '--with linear', "has overlay 'linear' already"),
        ('unik_penn_2d', '--with bones', "there is no overlay 'bones' for --with; near are: bone"),
        ('unik_penn_2d', '--with ../_base_/default_runtime', 'there is no overlay'),
        ('unik_penn_2d', '--with linear', "'linear' starts from the weights of a pre-training: --load-from"),
        ('unik_uav-human-csv1_2d', '--with finetune', 'checkpoints/unik_posetics_2d.pth, which is not there'),
        ('unik_uav-human-csv1_2d', '--with finetune --load-from x.pth', 'x.pth, which is not there'),
        (
            '../lac/lac_generator_synthetic_2d',
            '--with bone',
            "cannot take overlay 'bone', which needs train_data",
        ),
        (
            '../lac/lac_unik_penn_2d',
            '--with linear',
            "cannot take overlay 'linear', which needs model.cls_head",
        ),
        ('../stgcn/stgcn_penn_2d_recommended', '--with agcn', "'stgcn' and 'agcn' exclude each other"),
        ('unik_tsu-cs_2d', '--with stgcn', 'which needs model.type=RecognizerGCN'),
        ('unik_pen_2d', '', 'no such config; near are: .*configs/unik/unik_penn_2d.py'),
        ('unik_penn_2d', '--cfg-options stores.penn.ann_file=x', "there is no 'stores' in the config"),
        (
            'unik_penn_2d_recommended',
            '--cfg-options warmup.share=0.5',
            "'warmup' only helped to build the config",
        ),
    ],
)
def test_nonsense_is_refused(config, arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = run_here(capsys, 'train.py', [UNIK / f'{config}.py', *arguments.split()])
    assert_refused(outcome, message)
    assert not list(tmp_path.iterdir())


def test_no_weights_may_be_asked_for(tmp_path, monkeypatch):
    """The baseline of a linear evaluation is an encoder that nothing has trained."""
    from tests.helpers.training import load_tool

    train = load_tool('train.py')
    arguments = [str(UNIK / 'unik_penn_2d_linear.py'), '--work-dir', str(tmp_path), '--cfg-options']
    cfg = train.build_config(train.parse_args([*arguments, 'load_from=None']))
    assert cfg.load_from is None and 'needs_weights' not in cfg
    weights = tmp_path / 'x.pth'
    weights.touch()
    cfg = train.build_config(train.parse_args([*arguments[:-1], '--load-from', str(weights)]))
    assert cfg.load_from == str(weights)


@pytest.fixture(scope='module')
def trained_on_bones(tmp_path_factory):
    """Folder in which half an epoch of a tiny network was trained ``--with bone``, with the data of it."""
    folder = tmp_path_factory.mktemp('bones')
    rng = np.random.default_rng(0)
    with SkeletonStoreWriter(
        folder / 'penn_action/2d', 'posetics17', [f'class {i}' for i in range(15)]
    ) as writer:
        for i in range(20):
            writer.add(f'clip_{i}', rng.uniform(1, 400, (1, 20, 17, 2)), label=i % 15, img_shape=(480, 640))
        for split in ('train', 'test'):
            writer.add_split(split, [f'clip_{i}' for i in range(20)])
        writer.finish()
    from tests.helpers.training import load_tool

    with pytest.MonkeyPatch.context() as patch, restored_random_state():
        patch.setenv('MMACTREP_DATA_ROOT', str(folder))
        patch.chdir(folder)
        assert not load_tool('train.py').main([str(PENN), '--with', 'bone', '--cfg-options', *SMALL])
        yield folder


def test_work_folder_log_and_checkpoint_say_which_overlays(trained_on_bones):
    folder = trained_on_bones / 'work_dirs' / 'unik_penn_2d_small+bone'
    (log,) = folder.glob('*/*.log')
    assert "overlays = [\n    'bone',\n]" in log.read_text()
    written = Config.fromfile(folder / 'unik_penn_2d_small+bone.py')
    assert written.overlays == ['bone'] and written.train_dataloader.dataset.stream == 'bone'
    meta = torch.load(folder / 'epoch_1.pth', weights_only=True)['meta']
    assert meta['experiment_name'].startswith('unik_penn_2d_small+bone_')
    assert "stream='bone'" in meta['cfg'] and "overlays = [\n    'bone',\n]" in meta['cfg']
    # what a run wrote down is a config like any other
    with pytest.raises(OverlayError, match="has overlay 'bone' already"):
        compose_config(folder / 'unik_penn_2d_small+bone.py', ['bone'])


def test_bones_are_tested_as_bones(trained_on_bones, capsys):
    checkpoint = trained_on_bones / 'work_dirs' / 'unik_penn_2d_small+bone' / 'epoch_1.pth'
    with restored_random_state():
        outcome = run_here(capsys, 'test.py', [PENN, checkpoint, '--with', 'bone', '--cfg-options', *SMALL])
        assert outcome.code == 0
        outcome = run_here(capsys, 'test.py', [PENN, checkpoint, '--cfg-options', *SMALL])
    assert_refused(outcome, "epoch_1.pth was trained on the stream 'bone', the config reads 'joint'")


def test_overlays_that_nobody_merged_are_refused():
    class Runner:
        cfg = Config.fromfile(UNIK / 'unik_posetics_2d_bone.py')

    with pytest.raises(OverlayError, match=r'not merged \(bone\): read it with'):
        OverlayCheckHook().before_run(Runner)
    apply_overlays(Runner.cfg, [], 'x')
    OverlayCheckHook().before_run(Runner)


@pytest.mark.parametrize('tool', ['get_flops', 'benchmark_throughput', 'browse_dataset'])
def test_tools_that_take_a_config_take_overlays(tool, capsys, trained_on_bones, tmp_path):
    arguments = dict(
        get_flops=['--with', 'stgcn'],
        benchmark_throughput=[
            '--rounds',
            '1',
            '--batch-size',
            '1',
            '--shape',
            '1',
            '8',
            '17',
            '2',
            '--with',
            'agcn',
        ],
        browse_dataset=['--count', '1', '--no-video', '--out', tmp_path, '--with', '5percent'],
    )[tool]
    outcome = run_here(capsys, f'analysis/{tool}.py', [UNIK / 'unik_penn_2d_recommended.py', *arguments])
    assert outcome.code == 0, outcome.err
    if tool != 'browse_dataset':
        assert f'unik_penn_2d_recommended+{arguments[-1]}' in outcome.out
    outcome = run_here(capsys, f'analysis/{tool}.py', [UNIK / 'unik_penn_2d.py', '--with', 'bones'])
    assert outcome.code == 1 and "there is no overlay 'bones'" in outcome.err
