"""Every config of videos, and overlays on it: settings of the thesis; its data, model and metric fit."""

from __future__ import annotations

import copy
import functools
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

from mmactrep.datasets.protocols import protocol_classes
from mmactrep.engine import overlays
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.overlays import OverlayError, apply_overlays, overlay_names
from mmactrep.registry import DATASETS, HOOKS, METRICS, MODELS
from tests.helpers.video_sets import LISTS, moving_square, write_video_lists
from tests.helpers.videos import make_video

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
FILES = [path.stem for path in sorted((CONFIGS / 'ltn').glob('*.py')) if path.name != 'rows.py']
PRETRAINING = [name for name in FILES if name.startswith('ltn_')]
RECOGNITION = [name for name in FILES if name.startswith('r3d_')]
SMALL = ('rendered', 'utd-mhad', 'ut-interaction')
TIME = ('ltn-variant1', 'ltn-variant2', 'wo-orthogonal', 'wo-ltn')


@pytest.fixture(scope='module', autouse=True)
def data(tmp_path_factory):
    """Three videos of 70 frames in every list."""
    root = tmp_path_factory.mktemp('data')
    for i in range(3):
        make_video(root / f'clip_{i}.mp4', moving_square(i, 70, (120, 160)))
    write_video_lists(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        init_default_scope('mmactrep')
        yield
        read_once.cache_clear()


@functools.cache
def read_once(case: str) -> Config:
    name, *chosen = case.split('+')
    return compose_config(CONFIGS / f'ltn/{name}.py', chosen)


def load(case: str) -> Config:
    """A config to look at or change; files are read once."""
    return copy.deepcopy(read_once(case))


def shrink(cfg: Config, size: int = 32) -> Config:
    """The same with small frames, a short queue and an eighth of the width, which tests are quick with."""
    model, narrow = cfg.model, 8
    factor = model.backbone.get('base_channels', 64) // narrow
    model.backbone.base_channels = narrow
    for part, key in (('time', 'channels'), ('neck', 'in_channels'), ('cls_head', 'in_channels')):
        if model.get(part):
            model[part][key] //= factor
    loaders = [cfg[key] for key in cfg if key.endswith('_dataloader') and cfg[key]]
    for loader in loaders:
        for name, transform in loader.dataset.pipeline.items():
            if transform.get('type') == 'ClipResizedCrop':
                transform.size = size
            elif name in ('resize', 'crop') and 'crop_size' in transform:
                transform.crop_size = size
            elif name in ('resize', 'crop') and transform.get('type') == 'Resize':
                transform.scale = (size, size) if -1 not in transform.scale else (-1, size)
    if 'queue_size' in model:
        model.queue_size = 3
    return cfg


def is_small(name: str) -> bool:
    return any(word in name for word in SMALL)


@pytest.mark.parametrize(
    'case',
    [
        *PRETRAINING,
        *(f'ltn_rendered_rgb+{overlay}' for overlay in TIME),
        'ltn_rendered_rgb+byol',
        'ltn_rendered_rgb+positives-4',
        'ltn_utd-mhad_depth+byol+wo-ltn+positives-4+lars',
        'ltn_smarthome-cs_rgb+byol+ltn-variant2+positives-2+lars',
    ],
)
def test_pretraining_takes_a_step_on_its_data(case):
    cfg = shrink(load(case))
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    samples = [dataset[i] for i in range(3)]
    clips = samples[0]['inputs']
    assert clips.shape == (1 + cfg.model.num_positives, 3, 8, 32, 32) and clips.dtype == torch.uint8
    times = torch.as_tensor(samples[0]['data_samples'].clip_times)
    assert times.shape == (len(clips), 3) and (times[:, 1] > times[:, 0]).all()
    model = MODELS.build(cfg.model)
    batch = dict(inputs=[s['inputs'] for s in samples], data_samples=[s['data_samples'] for s in samples])
    losses = model(**model.data_preprocessor(batch, True), mode='loss')
    parsed, _ = model.parse_losses(losses)
    assert torch.isfinite(parsed)
    parsed.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None or not parameter.requires_grad, name
    chosen = case.split('+')[1:]
    assert ('byol' in chosen) != hasattr(model, 'queue')
    assert (model.time is None) == ('wo-ltn' in chosen)
    if model.time is not None:
        variant = next((int(overlay[-1]) for overlay in chosen if 'variant' in overlay), 3)
        assert model.time.variant == variant
        directions = model.time.directions
        assert directions is None or directions.orthonormalize == ('wo-orthogonal' not in chosen)


@pytest.mark.parametrize('name', PRETRAINING)
def test_pretraining_reports_and_validates_nothing(name):
    cfg = shrink(load(name))
    assert cfg.val_cfg is None and cfg.val_dataloader is None and cfg.test_dataloader is None
    assert cfg.default_hooks.checkpoint.save_best is None
    assert [hook.type for hook in cfg.custom_hooks] == ['MomentumScheduleHook']
    train, test = (DATASETS.build(loader['dataset']) for loader in HOOKS.build(cfg.default_hooks.knn).configs)
    assert train.test_mode and test.test_mode and train.ann_file != test.ann_file
    assert train[0]['inputs'].shape[1:3] == (3, 8)
    recognition = load(name.replace('ltn_', 'r3d_'))
    assert train.ann_file == recognition.train_dataloader.dataset.ann_file
    assert test.ann_file == recognition.test_dataloader.dataset.ann_file
    # nothing of the test split is trained on
    assert cfg.train_dataloader.dataset.ann_file == train.ann_file


@pytest.mark.parametrize('name', RECOGNITION)
def test_videos_fit_the_recognizer(name):
    cfg = shrink(load(name))
    classes = cfg.model.cls_head.num_classes
    (expected,) = (
        count
        for folder, (_, count) in LISTS.items()
        if folder.replace('_rgb/', '-').replace('_', '-').removesuffix('-depth') in name
    )
    assert classes == expected
    model = MODELS.build(cfg.model).eval()
    views = dict(train=1, val=3 if is_small(name) else 1, test=3 if is_small(name) else 30)
    for part, count in views.items():
        dataset = DATASETS.build(cfg[f'{part}_dataloader'].dataset)
        assert dataset.test_mode == (part != 'train')
        assert len(dataset.metainfo['classes']) == classes
        sample = dataset[1]
        assert sample['inputs'].shape == (count, 3, 8, 32, 32)
    batch = dict(inputs=[sample['inputs'][:2]], data_samples=[sample['data_samples']])
    with torch.no_grad():
        batch = model.data_preprocessor(batch, False)
        scores = model(**batch, mode='predict')[0].pred_score
    assert scores.shape == (classes,) and torch.isfinite(scores).all()
    best = cfg.default_hooks.checkpoint.save_best
    assert best == ('acc/mean_class_accuracy' if 'smarthome' in name else 'acc/top1')
    assert best.removeprefix('acc/') in METRICS.build(cfg.val_evaluator).items


@pytest.mark.parametrize('name', RECOGNITION)
def test_protocols(name):
    cfg = load(name)
    protocol = next((word for word in ('linear', 'finetune') if name.endswith(word)), None)
    assert cfg.get('needs_weights') == protocol
    assert ('frozen' in cfg.default_hooks) == (protocol == 'linear')
    assert cfg.model.cls_head.type == ('VideoLinearHead' if protocol == 'linear' else 'I3DHead')
    if not is_small(name):
        found = cfg.optim_wrapper.optimizer
        rate, decay = {None: (0.1, 1e-4), 'linear': (0.1, 0.0), 'finetune': (0.005, 1e-4)}[protocol]
        assert (found.lr, found.weight_decay) == (rate, decay)
        assert cfg.train_cfg.max_epochs == (60 if protocol == 'linear' else 200)
        kinds = [each.type for each in cfg.param_scheduler]
        assert kinds == ['WarmUpLR', 'CosineAnnealingLR'][protocol == 'finetune' :]


@pytest.mark.parametrize('name', ['ltn_kinetics400_rgb', 'ltn_ucf101_rgb', 'ltn_smarthome-cs_rgb'])
def test_settings_of_the_thesis(name):
    """5.4.1 and the reference settings: R3D-50 8 x 8 at 224, P = 4, 200 epochs of which 35 are warm-up."""
    cfg = load(name)
    model = cfg.model
    assert (model.backbone.type, model.backbone.depth, model.backbone.pretrained) == (
        'ResNet3dSlowOnly',
        50,
        None,
    )
    assert (model.num_positives, model.loss.temperature, model.momentum) == (4, 0.1, 0.994)
    assert model.queue_size == (65536 if 'kinetics' in name else 8192)
    assert model.time.to_dict() == dict(
        type='LatentTimeNavigation',
        channels=2048,
        num_directions=64,
        variant=3,
        times='start',
        num_layers=2,
        hidden_channels=2048,
    )
    assert (model.neck.num_layers, model.neck.out_channels, model.neck.with_norm) == (3, 128, True)
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.type, optimizer.lr, optimizer.momentum, optimizer.weight_decay) == (
        'SGD',
        0.1,
        0.9,
        1e-4,
    )
    assert cfg.train_cfg.max_epochs == 200
    warmup, cosine = cfg.param_scheduler
    assert warmup.share * 200 == 35 and warmup.start_factor * optimizer.lr == pytest.approx(0.001)
    assert cosine.type == 'CosineAnnealingLR' and cosine.eta_min == 0
    pipeline = cfg.train_dataloader.dataset.pipeline
    assert (pipeline.sample.length, pipeline.sample.stride, pipeline.sample.num_clips) == (8, 8, 5)
    assert (pipeline.crop.size, pipeline.crop.area, pipeline.crop.aspect) == (
        224,
        (0.2, 0.766),
        (3 / 4, 4 / 3),
    )
    jitter = pipeline.jitter
    assert (jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue) == (0.6, 0.6, 0.6, 0.15)
    assert pipeline.gray.p == 0.2 and pipeline.flip.type == 'ClipFlip' and pipeline.blur.type == 'ClipBlur'
    # on eight GPUs
    assert cfg.train_dataloader.batch_size * 8 == (128 if 'kinetics' in name else 64)
    assert cfg.train_dataloader.drop_last


def test_settings_of_byol():
    cfg = load('ltn_smarthome-cs_rgb+byol+lars')
    model, plain = cfg.model, load('ltn_smarthome-cs_rgb').model
    assert (model.type, model.momentum, model.loss.temperature) == ('VideoBYOL', 0.996, 0.5)
    for head, width in ((model.neck, 2048), (model.predictor, 256)):
        assert (head.in_channels, head.hidden_channels, head.out_channels) == (width, 4096, 256)
        assert head.num_layers == 2 and head.with_norm
    assert cfg.sync_bn == 'torch'
    assert (model.backbone, model.time, model.num_positives) == (plain.backbone, plain.time, 4)
    assert (cfg.optim_wrapper.optimizer.type, cfg.optim_wrapper.optimizer.weight_decay) == ('LARS', 1e-6)
    pytest.importorskip('timm', reason='LARS is that of timm, an optional package')
    small = MODELS.build(load('ltn_rendered_rgb+byol+lars').model)
    wrapper = build_optim_wrapper(small, dict(cfg.optim_wrapper))
    decays = {
        len(group['params'][0].shape): group['weight_decay'] for group in wrapper.optimizer.param_groups
    }
    assert decays == {1: 0.0, 2: 1e-6, 5: 1e-6}


def test_a_pretrained_encoder_is_that_of_recognition():
    for name in PRETRAINING:
        encoder = load(name).model
        for suffix in ('', '_linear', '_finetune'):
            recognition = f'{name.replace("ltn_", "r3d_")}{suffix}'
            if recognition in FILES:
                cfg = load(recognition)
                assert cfg.model.backbone == encoder.backbone
                assert cfg.model.data_preprocessor == encoder.data_preprocessor
                ours, theirs = (
                    c.dataset.pipeline for c in (load(name).train_dataloader, cfg.train_dataloader)
                )
                assert (ours.sample.length, ours.sample.stride) == (
                    theirs.sample.length,
                    theirs.sample.stride,
                )
                assert ours.crop.size == theirs.crop.size


def test_side_and_color_are_left_alone_where_they_mean_something():
    for name in ('ltn_utd-mhad_depth', 'r3d_utd-mhad_depth'):
        for key in ('train_dataloader', 'test_dataloader'):
            pipeline = (load(name).get(key) or dict(dataset=dict(pipeline={})))['dataset']['pipeline']
            assert not pipeline.get('flip') and not pipeline.get('gray')
    left_and_right = ('swipe left', 'swipe right')
    assert set(left_and_right) <= set(protocol_classes('utd_mhad'))


def test_the_splits_of_ucf101_and_hmdb51():
    for data_set in ('ucf101', 'hmdb51'):
        for split in (1, 2, 3):
            case = f'r3d_{data_set}_rgb_linear' + (f'+split{split}' if split > 1 else '')
            cfg = load(case)
            for loader, part in dict(train='train', val='test', test='test').items():
                path = Path(cfg[f'{loader}_dataloader'].dataset.ann_file)
                assert (path.parent.name, path.stem) == (data_set, f'{part}{split}')
    with pytest.raises(OverlayError, match=r"'split2', which is for ucf101/train1\.txt, hmdb51"):
        apply_overlays(load('r3d_smarthome-cs_rgb'), ['split2'], 'r3d_smarthome-cs_rgb')


def takes(name: str, overlay: str) -> bool:
    try:
        apply_overlays(load(name), [overlay], name)
    except OverlayError:
        return False
    return True


def test_an_overlay_is_taken_where_it_makes_sense_and_refused_elsewhere(monkeypatch):
    # a thousand combinations of two dozen files
    monkeypatch.setattr(overlays, 'read_config', functools.cache(overlays.read_config))
    for name in FILES:
        if name in PRETRAINING:
            allowed = {*TIME, 'positives-2', 'positives-4', 'byol'}
        else:
            allowed = {'linear', 'finetune'} - (
                {'linear', 'finetune'} if load(name).get('overlays') else set()
            )
            if 'ucf101' in name or 'hmdb51' in name:
                allowed |= {'split2', 'split3'}
        assert {overlay for overlay in overlay_names() if takes(name, overlay)} == allowed, name
    assert takes('ltn_rendered_rgb+byol', 'lars')


def test_a_cache_beside_the_videos_is_read_in_their_place(tmp_path, monkeypatch, capsys):
    lists = tmp_path / 'utd_mhad_depth'
    (lists / 'cache').mkdir(parents=True)
    (lists / 'classes.txt').write_text('come\ngo')
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))

    def read(name='r3d_utd-mhad_depth', **options):
        cfg = compose_config(CONFIGS / f'ltn/{name}.py', options=options)
        hook = cfg.default_hooks.get('knn')
        loaders = [hook.train_dataloader, hook.test_dataloader] if hook else [cfg.test_dataloader]
        datasets = [loader.dataset for loader in (cfg.train_dataloader, *loaders)]
        return {(dataset.type, dataset.get('cache')) for dataset in datasets}

    assert read() == read('ltn_utd-mhad_depth') == {('CachedVideoDataset', str(lists / 'cache'))}
    assert capsys.readouterr().err.count('cache is read in place of the videos') == 2
    assert read(video_cache='elsewhere') == {('CachedVideoDataset', 'elsewhere')}
    assert read(video_cache=False) == {('VideoClipDataset', None)}
    (lists / 'cache').rmdir()
    assert read() == {('VideoClipDataset', None)}
    lists.rename(tmp_path / 'rendered')
    (tmp_path / 'rendered' / 'cache').mkdir()
    assert read('r3d_rendered_rgb') == {('CachedVideoDataset', str(tmp_path / 'rendered' / 'cache'))}
