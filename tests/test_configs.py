"""Every config, and overlays on it: the name says what it holds; its data, its model and its metric fit.

One table of stores (``tests/helpers/config_data.py``) serves all of them.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.datasets.protocols import protocol_classes
from mmactrep.engine import overlays
from mmactrep.engine.overlays import OverlayError, apply_overlays, overlay_names
from mmactrep.registry import DATASETS, HOOKS, METRICS, MODELS
from tests.helpers.config_cases import (  # noqa: F401  small_data is a fixture
    CASES,
    COMBINATIONS,
    CONFIGS,
    FILES,
    UNTRIMMED,
    kind_of,
    load,
    of_kind,
    read_once,
    small_data,
)
from tests.helpers.pretraining import train_statistics

pytestmark = pytest.mark.usefixtures('small_data')
#: Overlays that exchange the network for one that takes skeletons as UNIK does.
NETWORKS = {'stgcn', 'agcn', 'stgcnpp'}
STREAMS = {'bone': 'bone', 'joint-motion': 'motion', 'bone-motion': 'bone_motion'}
WINDOWS = dict(charades=64, untrimmed=128, penn=128)


@of_kind('recognizer', 'segmentor')
def test_the_name_says_what_the_config_holds(case):
    """<method>_<dataset>[-<protocol>]_<2d|3d>[_<stream or variant>], and overlays behind it."""
    cfg = load(case)
    stem = case.partition('/')[2].partition('+')[0]
    assert stem.startswith(f'{case.partition("/")[0]}_')
    words = set(stem.split('_')) | set(case.split('+')[1:])
    channels = cfg.model.backbone.in_channels
    folder = Path(cfg.train_dataloader.dataset.ann_file)
    data_set = stem.removeprefix('lac_').partition('_')[2]
    projected = bool(cfg.train_dataloader.dataset.pipeline.get('project'))
    assert f'{channels}d' in words and folder.name == ('3d' if projected else f'{channels}d')
    assert data_set.replace('-', '_').startswith(folder.parent.name.removesuffix('_action'))
    train, test = cfg.train_dataloader.dataset, cfg.test_dataloader.dataset
    assert cfg.val_dataloader.dataset == test
    assert train.split != test.split and test.test_mode and not train.get('test_mode')
    stream = next((value for name, value in STREAMS.items() if name in words), 'joint')
    assert train.stream == test.stream == stream
    assert ('linear' in words) == ('frozen' in cfg.default_hooks)
    protocol = next((name for name in ('linear', 'finetune') if name in words), None)
    assert cfg.get('needs_weights') == protocol
    share = next((int(word.removesuffix('percent')) / 100 for word in words if 'percent' in word), None)
    assert train.get('labelled_fraction') == share
    assert cfg.get('load_from') is None and str(cfg.get('pretrained', '.pth')).endswith('.pth')


@functools.lru_cache(maxsize=1)
def model_of(config: str) -> torch.nn.Module:
    return MODELS.build(Config(json.loads(config)).model).eval()


@of_kind('recognizer')
def test_clips_fit_the_recognizer(case):
    cfg = load(case)
    # built once for configs that follow each other and share one
    model = model_of(json.dumps(dict(model=cfg.model), sort_keys=True))
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        dataset = DATASETS.build(loader.dataset)
        assert len(dataset) >= 1 and len(dataset.metainfo['classes']) == cfg.model.cls_head.num_classes
        sample = dataset[len(dataset) - 1]
        # a few frames are enough to see that shapes fit
        inputs = sample['inputs'][None, :, :, :8]
        if 'fill' in loader.dataset.pipeline and loader.dataset.pipeline.fill:
            assert (inputs != 0).any(-1).all(), 'missing joints are filled in, as in pre-training'
        with torch.no_grad():
            scores = model(inputs, [sample['data_samples']], mode='predict')[0].pred_score
        assert scores.shape == (cfg.model.cls_head.num_classes,) and torch.isfinite(scores).all()


@of_kind('segmentor')
def test_windows_fit_the_segmentor(case):
    cfg = load(case)
    model = model_of(json.dumps(dict(model=cfg.model), sort_keys=True))
    data_set = case.partition('/')[2].removeprefix('lac_').split('_')[1].split('-')[0]
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        dataset = DATASETS.build(loader.dataset)
        assert len(dataset.metainfo['classes']) == cfg.model.cls_head.num_classes
        sample = dataset[0]
        assert sample['inputs'].shape[2] == loader.dataset.window == WINDOWS.get(data_set, 300)
        with torch.no_grad():
            (found,) = model(sample['inputs'][None, :, :, :8], [sample['data_samples']], mode='predict')
        assert found.pred_frames.shape == (8, cfg.model.cls_head.num_classes)
        assert sample['data_samples'].gt_frames.shape == (loader.dataset.window, found.pred_frames.shape[1])
    best = cfg.default_hooks.checkpoint.save_best
    assert best in [f'seg/{item}' for item in METRICS.build(cfg.val_evaluator).items]
    assert cfg.model.cls_head.get('standardize', False) == ('linear' in case)


def shorten(cfg: Config, length: int = 8) -> Config:
    """The same with short clips and a short queue, which tests are quick with."""
    dataset = cfg.train_dataloader.dataset
    for transform in pipeline_steps(dataset.get('pipeline', [])):
        if 'length' in transform:
            transform['length'] = length
    if 'window' in dataset:
        dataset.window = length
    if 'clip_length' in cfg.model:
        cfg.model.clip_length = length
    if 'queue_size' in cfg.model:
        cfg.model.queue_size = 3
    if 'composer' in cfg.model:
        # an untrained one in place of a checkpoint
        cfg.model.composer.generator = dict(
            type='MotionAutoencoder', layout='posetics17', in_channels=cfg.model.backbone.in_channels
        )
    return cfg


@of_kind('pretrainer')
def test_pretraining_takes_a_step_on_its_data(case):
    cfg = shorten(load(case))
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    samples = [dataset[i] for i in range(3)]
    model = MODELS.build(cfg.model)
    if hasattr(model, 'composer') or hasattr(model, 'generator'):
        train_statistics(getattr(model, 'composer', model).generator)
    batch = dict(inputs=[s['inputs'] for s in samples], data_samples=[s['data_samples'] for s in samples])
    batch = model.data_preprocessor(batch, True)
    losses = model(**batch, mode='loss')
    assert any('frame' in name for name in losses) == bool(cfg.model.get('frame_neck'))
    parsed, _ = model.parse_losses(losses)
    assert torch.isfinite(parsed)
    parsed.backward()
    assert not any(p.grad is None for p in model.parameters() if p.requires_grad)
    if hasattr(model, 'queue'):
        drawn_anew = cfg.train_dataloader.dataset.type == 'MotionWindowDataset'
        unused = drawn_anew or not cfg.model.get('motion_loss', True)
        rows = {-1.0} if unused else {0.0, 1.0, 2.0}
        assert set(model.queue.instances.flatten().tolist()) <= rows


@of_kind('pretrainer')
def test_tmor_has_the_losses_that_the_case_names(case):
    cfg = load(case)
    if cfg.model.type != 'TMOR':
        return
    overlay = case.partition('+')[2] or ('m-t' if 'penn' in case else 'v-m-t')
    losses = {'v-m': 'motion video', 'm-t': 'motion text', 'v-m-t': 'motion video text'}
    losses |= {'l-mm': 'motion', 'l-mv': 'video', 'l-mt': 'text'}
    model = cfg.model
    used = dict(motion=model.get('motion_loss', True), video=model.video_teacher, text=model.text_teacher)
    assert {name for name, value in used.items() if value} == set(losses[overlay].split())
    pipeline = cfg.train_dataloader.dataset.pipeline
    for kind in ('video', 'text'):
        assert (
            pipeline[kind].get('teacher') == model[f'{kind}_teacher']
            if used[kind]
            else not pipeline.get(kind)
        )


@of_kind('mixture')
def test_mixtures_leave_out_what_is_unseen(case):
    cfg = load(case)
    texts = cfg.model.type == 'TMOR'
    parts = [DATASETS.build(part) for part in cfg.train_dataloader.dataset.datasets]
    assert len(cfg.train_dataloader.sampler.shares) == len(parts)
    samples = [part[0] for part in parts]
    for sample in samples:
        assert sample['inputs'].shape == (1 + texts, 1, 64, 17, 2)
        assert not texts or sample['data_samples'].text_features.shape == (384,)
    if 'fold' in case:
        name = 'penn_action' if 'penn' in case else 'utd_mhad'
        fold = case.partition('fold')[2][0]
        unseen = set(protocol_classes(f'{name}/unseen {fold}'))
        part = next(part for part in parts if f'{name}/' in part.ann_file)
        trained = {part.metainfo['classes'][label] for label in np.unique(part._labels)}
        # the small store of this test has three of the classes
        assert trained and not unseen & trained
    model = MODELS.build(shorten(cfg).model)
    batch = dict(inputs=[s['inputs'] for s in samples], data_samples=[s['data_samples'] for s in samples])
    losses = model(**model.data_preprocessor(batch, True), mode='loss')
    assert ({'loss_sequence', 'loss_text'} if texts else {'loss_cls'}) <= set(losses)
    if not texts:
        tested = DATASETS.build(cfg.test_dataloader.dataset)
        parts.append(tested)
        assert tested[0]['inputs'].shape == (1, 1, 64, 17, 2)
        (classes,) = {tuple(part.metainfo['classes']) for part in parts}
        assert cfg.model.cls_head.num_classes == len(classes)


@of_kind('pretrainer')
def test_generated_clips_are_normalized_as_the_pipeline_normalizes_real_ones(case):
    cfg = load(case)
    if 'composer' in cfg.model:
        normalize = cfg.train_dataloader.dataset.pipeline.normalize
        on_screen = normalize.type == 'ScreenNormalize'  # generated clips are on the screen already
        assert cfg.model.composer.get('normalize') == (None if on_screen else normalize)


@of_kind('pretrainer')
def test_what_composes_is_a_trained_generator_of_the_right_dimensions(case):
    cfg = load(case)
    if 'composer' in cfg.model:
        generator = cfg.model.composer.generator
        dims = cfg.model.backbone.in_channels
        assert generator.type == 'TrainedGenerator' and f'_{dims}d' in case
        in_repository = f'demo/checkpoints/lac_generator_{dims}d.pth'
        if dims == 2:
            assert generator.checkpoint == in_repository
            built = MODELS.build(dict(generator, checkpoint=str(CONFIGS.parent / in_repository)))
            assert (built.layout.name, built.in_channels) == ('posetics17', dims)
        else:
            assert generator.checkpoint == 'checkpoints/lac_generator_3d.pth'


@of_kind('pretrainer')
def test_pretraining_reports_and_validates_nothing(case):
    cfg = load(case)
    assert cfg.val_cfg is None and cfg.val_dataloader is None and cfg.test_dataloader is None
    assert cfg.default_hooks.checkpoint.save_best is None
    # Table 4.8: on the data set of the test itself, whose labels nothing reports on
    itself = any(word in case for word in UNTRIMMED)
    assert ('knn' in cfg.default_hooks) != itself
    for config in () if itself else HOOKS.build(cfg.default_hooks.knn).configs:
        dataset = DATASETS.build(config['dataset'])
        filled = (dataset[0]['inputs'] != 0).any(-1).all() or '3d' in case  # where a joint is the origin
        assert 1 <= len(dataset) <= 3 and filled
    dataset = cfg.train_dataloader.dataset
    lengths = [t['length'] for t in pipeline_steps(dataset.get('pipeline', [])) if t.get('length')]
    length = (lengths + [dataset.get('window')])[0]
    assert cfg.model.get('clip_length', length) == length
    hooks = dict(ViA=['MotionStatisticsHook'], SupervisedLAC=[])
    assert [hook.type for hook in cfg.custom_hooks] == hooks.get(cfg.model.type, ['MomentumScheduleHook'])


@of_kind('generator')
def test_pairs_of_motions_fit_the_generator_and_its_metric(case):
    cfg = load(case)
    generator = cfg.model.generator
    assert f'_{generator.in_channels}d' in case
    plain = load('+'.join(part for part in case.split('+') if part != 'two-encoders')).model.generator
    for name in ('encoder_channels', 'decoder_channels', 'num_motion'):  # a baseline of the same width
        assert generator.get(name) == plain.get(name)
    assert (generator.type == 'TwoEncoderAutoencoder') == ('two-encoders' in case)
    named = case.split('_')[1 if case.startswith('via/') else 2]
    assert Path(cfg.train_dataloader.dataset.ann_file).name == dict(library='bank').get(named, named)
    train, test = (DATASETS.build(loader.dataset) for loader in (cfg.train_dataloader, cfg.test_dataloader))
    assert (train.window, test.window) == (64, 120) and test.test_mode
    assert not cfg.train_dataloader.dataset.get('test_mode')
    assert (cfg.train_dataloader.dataset.split, cfg.test_dataloader.dataset.split) == ('train', 'test')
    assert cfg.default_hooks.statistics.type == 'MotionStatisticsHook'
    model = MODELS.build(cfg.model)
    made_anew = cfg.model.get('data_preprocessor') is not None  # pairs of windows, in every batch
    source = functools.partial(model.data_preprocessor.statistics, train) if made_anew else train.statistics
    model.generator.set_statistics(source(samples=20))
    batch = model.data_preprocessor(dict(inputs=[train[i]['inputs'] for i in range(4)]), training=True)
    if not made_anew:
        batch = dict(inputs=torch.utils.data.default_collate(batch['inputs']))
    losses = model(batch['inputs'], mode='loss')
    weights = {name for name, value in cfg.model.items() if name.endswith('_weight') and value}
    expected = {f'loss_{name.removesuffix("_weight")}' for name in weights} | {'loss_self'}
    if 'unsup' in case:
        expected |= {'loss_cycle', 'loss_triplet', 'loss_velocity'}
    else:
        expected.add('loss_target')
    assert expected == set(losses)
    assert ('loss_path' in losses) == ('path' in case)
    assert all(torch.isfinite(loss) for loss in losses.values())
    metric = METRICS.build(cfg.test_evaluator)
    batch = torch.utils.data.default_collate([test[i]['inputs'] for i in range(2)])
    with torch.no_grad():
        metric.process(None, model.eval()(batch, mode='predict'))
    assert metric.evaluate(2)['retargeting/mse'] > 0


def test_an_overlay_is_taken_where_it_makes_sense_and_refused_elsewhere(monkeypatch):
    # a thousand combinations of two dozen files
    monkeypatch.setattr(overlays, 'read_config', functools.cache(overlays.read_config))
    follows = {'linear', 'finetune'}, {'5percent', '10percent'}, set(STREAMS)
    for name in FILES:
        cfg, kind = load(name), kind_of(name)
        if kind in ('recognizer', 'segmentor'):
            allowed = set().union(*follows)
            if kind == 'recognizer' and cfg.model.backbone.type == 'UNIK':
                allowed |= NETWORKS
                if cfg.model.backbone.in_channels == 2:
                    allowed.add('posec3d')
            pipeline = cfg.train_dataloader.dataset.pipeline
            if pipeline.get('rotate') and cfg.model.backbone.in_channels == 2:
                allowed.add('random-roll')
            if kind == 'recognizer' and 'milestones' in cfg.param_scheduler:  # the thesis's schedule
                allowed.add('via')
            if name.startswith('unik/unik_posetics_2d'):
                allowed.add('quickstart')
        elif kind == 'generator':
            via = cfg.model.generator.type == 'ViAAutoencoder'
            allowed = {'path'} | ({'unsup', 'movement'} if via else {'two-encoders'})
        else:
            lac = {'wo-frame', 'contrast'} | ({'moco'} if cfg.model.get('augmentation') else set())
            lac = set() if 'contrast' in cfg.get('overlays', ()) else lac
            tmor = {'l-mm', 'l-mt'} | ({'v-m', 'm-t', 'l-mv'} if cfg.model.get('video_teacher') else set())
            tmor = set() if kind == 'mixture' else tmor
            one_hot = {'linear', 'finetune', *NETWORKS, 'posec3d'}
            allowed = dict(LAC=lac, ViA={'movement'}, TMOR=tmor, RecognizerGCN=one_hot)
            allowed = allowed.get(cfg.model.type, set())
        if cfg.train_dataloader.dataset.get('pipeline', {}).get('project'):
            allowed.add('random-view')
        for group in (*follows, {*NETWORKS, 'posec3d'}):
            if group & set(cfg.get('overlays', ())):
                allowed -= group
        assert {overlay for overlay in overlay_names() if takes(name, overlay)} == allowed, name


def takes(name: str, overlay: str) -> bool:
    try:
        apply_overlays(load(name), [overlay], name)
    except OverlayError:
        return False
    return True


def test_the_schedule_of_every_config_ends_with_the_training():
    for case in CASES:
        cfg = load(case)
        schedulers = cfg.param_scheduler
        for each in schedulers if isinstance(schedulers, list) else [schedulers]:
            ends = [each.get(key) for key in ('T_max', 'end') if each.get('by_epoch', True)]
            assert all(end in (None, cfg.train_cfg.max_epochs) for end in ends), case
            assert all(epoch < cfg.train_cfg.max_epochs for epoch in each.get('milestones', ())), case


def test_what_follows_a_pretraining_takes_its_encoder():
    pretraining = load('lac/lac_unik_penn_2d')
    encoder = MODELS.build(pretraining.model.backbone)
    for name in FILES:
        if name.startswith('lac/lac_unik_penn_2d_') and kind_of(name) == 'recognizer':
            cfg = load(name)
            assert cfg.pretrained == 'checkpoints/lac_unik_penn_2d.pth'
            backbone = MODELS.build(cfg.model).backbone
            backbone.load_state_dict(encoder.state_dict(), strict=True)
            for ours, theirs in zip(backbone.blocks, encoder.blocks):
                assert ours.stride == theirs.stride
                assert ours.temporal.conv.dilation == theirs.temporal.conv.dilation


def test_weights_named_as_pretrained_are_of_the_dimensions_of_the_config():
    for name in FILES:
        weights = load(name).get('pretrained')
        if weights and 'posetics' in weights:
            assert weights[-6:-4] == name.split('_')[2][:2] == f'{load(name).model.backbone.in_channels}d', (
                name
            )


def test_smarthome_cross_view_selects_its_19_classes_and_repeats_rare_ones():
    dataset = DATASETS.build(load('unik/unik_smarthome-cv1_2d').train_dataloader.dataset)
    assert len(dataset.metainfo['classes']) == 19 and dataset.metainfo['classes'][0] == 'Cutbread'
    assert len(dataset) == 2000  # one clip of each of two classes, 1000 times
