"""Rows and tables of LAC's README, see ``tools/reproduce.py``.

BVH names a folder of motion captures, TSU one with the poses of one TSU video and its annotation.
"""

import os
from dataclasses import replace
from pathlib import Path

from mmactrep.engine.reproduction import Row, Table
from mmactrep.engine.row_templates import LINEAR_RATES, RATES, chosen_training, frozen_features

BVH = Path(os.environ.get('BVH', '../shared/data/bvh'))
TSU = Path(os.environ.get('TSU', '../shared/data/tsu'))
_CAPTURES = ('--bvh', str(BVH)) if BVH.is_dir() else ()
_UNTRIMMED, _STANDIN = '{data}/untrimmed', '{data}/synthetic'


def _made(store: str, *commands: tuple[str, ...]) -> Row:
    """Data that are made unless they are there."""
    return Row(commands=commands, makes=f'{store}/store.json', seeded=False)


rows = {
    'data/library': _made('{data}/motion/synthetic', ('data/make_motion_library.py', *_CAPTURES)),
    'data/bank': _made('{data}/motion/bank', ('data/make_motion_library.py', *_CAPTURES, '--bank')),
    'data/synthetic': _made(
        f'{_STANDIN}/2d',
        ('data/make_standin.py', '--out', f'{_STANDIN}/raw', '--train', '6750', '--test', '900'),
        ('data/convert.py', 'posetics', '--src', f'{_STANDIN}/raw', '--out', f'{_STANDIN}/2d'),
    ),
    'data/penn-chained': _made('{data}/penn_chained/2d', ('data/chain_penn_action.py',)),
    'data/untrimmed': _made(
        f'{_UNTRIMMED}/2d',
        ('data/make_untrimmed.py', '--out', f'{_UNTRIMMED}/raw'),
        (
            *('data/convert.py', 'tsu', '--src', f'{_UNTRIMMED}/raw', '--out', f'{_UNTRIMMED}/2d'),
            *('--annotation', f'{_UNTRIMMED}/raw/annotation.json'),
            *('--classes', f'{_UNTRIMMED}/raw/classes.txt'),
        ),
    ),
}

# Table 4.6 with the path loss, and the baselines; what each form loses of real clips
_LIBRARY, _BANK = 'lac/lac_generator_synthetic_2d', 'lac/lac_generator_bank_2d'


def _generator(config: str, *overlays: str, data: str = 'data/library', **options: str) -> Row:
    evaluate = ('analysis/evaluate_generator.py', '{checkpoint}', '{data}/penn_action/2d', '--split', 'train')
    return Row(config=config, overlays=overlays, options=options, commands=(evaluate,), after=(data,))


rows |= {
    'generator/two-encoders': _generator(_LIBRARY, 'two-encoders'),
    'generator/lac': _generator(_LIBRARY),
    'generator/two-encoders_path': _generator(_LIBRARY, 'two-encoders', 'path'),
    'generator/lac_path': _generator(_LIBRARY, 'path'),
    'generator/bank': _generator(_BANK, data='data/bank'),
}
# with a sixth of the training: what more motion is worth
for fraction in (0.01, 0.1, 1):
    rows[f'generator/bank_fraction-{fraction:g}'] = replace(
        _generator(_BANK, data='data/bank', **{'train_dataloader.dataset.fraction': f'{fraction:g}'}),
        arguments=('--epochs', '10'),
    )
SIZES = (16, 32, 64, 144)
for size in SIZES:
    rows[f'generator/lac_path_J{size}'] = _generator(
        _LIBRARY, 'path', **{'model.generator.num_motion': str(size)}
    )


# Encoders. Pre-training composes with the generator in demo/checkpoints unless an option names another.
def _pretraining(config: str, **options: str) -> Row:
    data = ('data/synthetic',) if 'synthetic' in config else ()
    return Row(config=config, options=options, test=False, logged=('knn/top1',), after=data)


for data_set in ('penn', 'synthetic'):
    for variant in ('', '_sup'):
        rows[f'pretrain/{data_set}{variant}'] = _pretraining(f'lac/lac_unik_{data_set}_2d{variant}')
rows['pretrain/penn_moco'] = _pretraining('lac/lac_unik_penn_2d_moco')
# as before: the keys of a real clip, too, are all generated
rows['pretrain/penn_generated-keys'] = _pretraining('lac/lac_unik_penn_2d', **{'model.real_key': 'False'})

# Clips of Penn Action: Tables 4.4 and 4.5 with classification instead of segmentation
_SMALL = 'unik/unik_penn_2d_small'
ENCODERS = dict(scratch='none', moco='{encoder:pretrain/penn_moco}', lac='{encoder:pretrain/penn}')
for name, encoder in ENCODERS.items():
    rows[f'features/{name}'] = frozen_features(_SMALL, encoder, (1.0, 0.1, 0.05))
    start = None if encoder == 'none' else encoder
    for share in ('5percent', '10percent'):
        rows |= chosen_training(
            f'classify/{share}_{name}', _SMALL, start, overlays=(share,), epochs=120, longest=120
        )
rows['features/generated-keys'] = frozen_features(_SMALL, '{encoder:pretrain/penn_generated-keys}')

# The same for UTD-MHAD in 3D, real skeletons of other subjects. 5 % of the labels are one clip of each class,
# of which none can be held out: rate and length are those chosen with 10 %.
_BODY, _BODIES = 'unik/unik_utd-mhad-xsub_3d_small', 'lac/lac_unik_utd-mhad_3d'
rows |= {
    'generator/bank_3d': Row(config='lac/lac_generator_bank_3d', after=('data/bank',)),
    'pretrain/utd-mhad': _pretraining(
        _BODIES, **{'model.composer.generator.checkpoint': '{checkpoint:generator/bank_3d}'}
    ),
    'pretrain/utd-mhad_moco': Row(config=_BODIES, overlays=('moco',), test=False, logged=('knn/top1',)),
}
BODY_ENCODERS = dict(
    scratch='none', moco='{encoder:pretrain/utd-mhad_moco}', lac='{encoder:pretrain/utd-mhad}'
)
for name, encoder in BODY_ENCODERS.items():
    rows[f'features/utd-mhad_{name}'] = frozen_features(_BODY, encoder, (1.0, 0.1, 0.05))
    start, chosen = None if encoder == 'none' else encoder, f'classify/10percent_utd-mhad_{name}'
    rows |= chosen_training(chosen, _BODY, start, overlays=('10percent',))
    rows |= chosen_training(
        f'classify/5percent_utd-mhad_{name}', _BODY, start, overlays=('5percent',), choice=chosen
    )

# Untrimmed sequences: Tables 4.2 to 4.5. A tenth of the sequences with eight times the windows each is two
# thirds of the steps of an epoch on all.
_CHAINED, _PROCEDURAL = 'unik/unik_penn-chained_2d', 'unik/unik_untrimmed_2d'
SHARES = {
    '': {},
    '_10percent': {
        'train_dataloader.dataset.labelled_fraction': '0.1',
        'train_dataloader.dataset.stride': '16',
    },
    '_5percent': {
        'train_dataloader.dataset.labelled_fraction': '0.05',
        'train_dataloader.dataset.stride': '8',
    },
}
_CLASSIFIER = {'model.cls_head.dropout': '0.0', 'optim_wrapper.optimizer.weight_decay': '0.0'}


def _segmentation(name: str, config: str, encoder: str, share: str, linear: bool) -> dict[str, Row]:
    return chosen_training(
        f'segment/{name}{share}',
        config,
        None if encoder == 'none' else encoder,
        overlays=('linear',) if linear else (),
        options={**SHARES[share], **(_CLASSIFIER if linear else {})},
        arguments=('--amp',),
        rates=LINEAR_RATES if linear else RATES,
        epochs=10,
        # features do not change: a longer training gains little
        longest=20 if linear else 80,
        after=(f'data/{name.partition("_")[0]}',),
    )


SEQUENCES = {'penn-chained': (_CHAINED, 'pretrain/penn'), 'untrimmed': (_PROCEDURAL, 'pretrain/synthetic')}
for data_set, (config, pretrained) in SEQUENCES.items():
    encoders = dict(scratch='none', lac=f'{{encoder:{pretrained}}}', sup=f'{{encoder:{pretrained}_sup}}')
    for name, encoder in encoders.items():
        for share in ('', '_10percent', *(['_5percent'] if data_set == 'penn-chained' else [])):
            rows |= _segmentation(f'{data_set}_finetune_{name}', config, encoder, share, linear=False)
            if share != '_5percent':
                rows |= _segmentation(f'{data_set}_linear_{name}', config, encoder, share, linear=True)

# Table 4.7: a third of the epochs for all, judged by neighbors on clips and a linear classifier of frames
_SHORT = {'train_cfg.max_epochs': '6', 'default_hooks.knn.interval': '6'}
_LAC, _ONE_LOSS = 'lac/lac_unik_penn_2d', 'lac/lac_unik_penn_2d_wo-frame'
ABLATION = {
    'L0': _pretraining('lac/lac_unik_penn_2d_moco', **_SHORT),
    'L1_2-motions': _pretraining(_ONE_LOSS, **_SHORT),
    'L1_3-motions': _pretraining(_ONE_LOSS, **_SHORT, **{'model.composer.num_motions': '3'}),
    'L2_rate-4': _pretraining(_LAC, **_SHORT),
    'L2_rate-8': _pretraining(_LAC, **_SHORT, **{'model.temporal_sample_rate': '8'}),
}
for name, row in ABLATION.items():
    encoder = f'{{encoder:ablation/{name}}}'
    rows[f'ablation/{name}'] = row
    rows[f'features/{name}'] = frozen_features(_SMALL, encoder)
    rows |= _segmentation(f'penn-chained_{name}', _CHAINED, encoder, '_10percent', linear=True)
rows |= _segmentation(
    'penn-chained_L0_20-epochs', _CHAINED, '{encoder:pretrain/penn_moco}', '_10percent', linear=True
)

# The real video: trained on its first part, tested on the rest
if TSU.is_dir():
    annotation = next(iter(sorted(TSU.glob('*annotation*.json'))), TSU / 'annotation.json')
    rows['data/tsu-sample'] = _made(
        '{data}/tsu_sample/2d',
        (
            *('data/convert.py', 'tsu', '--src', str(TSU), '--annotation', str(annotation)),
            *('--out', '{data}/tsu_sample/2d'),
        ),
    )
    rows['segment/tsu-sample'] = Row(
        config='unik/unik_tsu-sample_2d', arguments=('--amp',), after=('data/tsu-sample',)
    )

_ERRORS = ('retargeting/mse', 'retargeting/mse_pose', 'retargeting/motion_code_change')


def _errors(row: str, thesis: str = '') -> list:
    return [*((row, metric) for metric in _ERRORS), thesis]


_COPIES = [
    [('generator/lac', f'retargeting/copy_{kind}{part}') for part in ('', '_pose')]
    for kind in ('source', 'static')
]
_THESIS_SIZES = {16: '1.23', 32: '1.02', 64: '0.88', 144: '0.85'}
_FRAMES = 'seg/frame_mAP'


def _frozen(name: str) -> list:
    return [*((f'features/{name}', metric) for metric in ('nearest neighbors', 'linear')), None, None]


def _clips(name: str) -> list[tuple[str, str]]:
    features = [(f'features/{name}', metric) for metric in ('nearest neighbors', 'linear')]
    return [*features, *((f'classify/{share}_{name}', 'acc/top1') for share in ('5percent', '10percent'))]


def _sequences(data_set: str, name: str, *shares: str) -> list[tuple[str, str]]:
    return [(f'segment/{data_set}_{kind}_{name}{share}', _FRAMES) for kind, share in shares]


_COLUMNS = (('linear', '_10percent'), ('finetune', '_10percent'), ('linear', ''), ('finetune', ''))
_HEADINGS = ('linear, 10 %', 'fine-tuned, 10 %', 'linear', 'fine-tuned')
_NAMES = dict(scratch='none', lac='LAC', sup='LAC-sup')

tables = [
    Table(
        title='Model',
        name='generator',
        columns=(
            'error',
            "error without the root's path",
            'change of the motion code',
            'thesis, Mixamo',
        ),
        lines={
            'copying the source': [*_COPIES[0], None, None],
            'copying the static': [*_COPIES[1], None, None],
            'two encoders, path loss': _errors('generator/two-encoders_path', '0.96'),
            **{
                f'LAC, J = {size}, path loss': _errors(f'generator/lac_path_J{size}', _THESIS_SIZES[size])
                for size in SIZES[:3]
            },
            'LAC, J = 128, path loss': _errors('generator/lac_path', '0.82'),
            'LAC, J = 144, path loss': _errors('generator/lac_path_J144', '0.85'),
            'two encoders': _errors('generator/two-encoders'),
            'LAC, J = 128': _errors('generator/lac'),
        },
        decimals=3,
    ),
    Table(
        title='Generator',
        name='generator on Penn Action',
        columns=("pose error, share of the body's size", 'movement lost', 'change of the motion code'),
        lines={
            name: [(row, 'pose error'), (row, 'movement lost'), (row, _ERRORS[2])]
            for name, row in {
                'two encoders': 'generator/two-encoders',
                'LAC, J = 128, K = 32': 'generator/lac',
                'two encoders, path loss': 'generator/two-encoders_path',
                'LAC, J = 128, K = 32, path loss': 'generator/lac_path',
                'LAC from the bank, J = 160, K = 32': 'generator/bank',
            }.items()
        },
        decimals=3,
    ),
    Table(
        title='Share of the motions',
        name='amount of motion',
        columns=(
            "error without the root's path",
            'change of the motion code',
            'Penn Action: pose error',
            'movement lost',
        ),
        lines={
            f'{100 * fraction:g} %': [
                (f'generator/bank_fraction-{fraction:g}', metric)
                for metric in (*_ERRORS[1:], 'pose error', 'movement lost')
            ]
            for fraction in (0.01, 0.1, 1)
        },
        decimals=3,
    ),
    *(
        Table(
            title='pre-training',
            name=f'clips of {data_set}',
            columns=('nearest neighbors', 'linear', 'fine-tuned, 5 % of the labels', '10 %'),
            lines={
                **{
                    title: _clips(f'{prefix}{name}')
                    for name, title in {
                        'scratch': 'none (random, from scratch)',
                        'moco': 'plain MoCo',
                        'lac': 'LAC',
                    }.items()
                },
                **more,
            },
            scale=100,
        )
        for prefix, data_set, more in (
            ('', 'Penn Action', {'LAC, all keys generated': _frozen('generated-keys')}),
            ('utd-mhad_', 'UTD-MHAD in 3D', {}),
        )
    ),
    Table(
        title='Row',
        name='ablation',
        columns=(
            '6 epochs: neighbors',
            'linear, 10 %',
            '20 epochs: neighbors',
            'linear, 10 % (20 epochs)',
            'thesis, TSU CS',
        ),
        lines={
            title: [
                (f'features/{row}', 'nearest neighbors'),
                (f'segment/penn-chained_{row}_10percent', _FRAMES),
                *(
                    [(f'features/{long[0]}', 'nearest neighbors'), (long[1], _FRAMES)]
                    if long
                    else [None, None]
                ),
                thesis,
            ]
            for title, row, long, thesis in (
                ('L0, plain MoCo', 'L0', ('moco', 'segment/penn-chained_L0_20-epochs_10percent'), '29.8'),
                ('L1, two motions composed', 'L1_2-motions', None, '33.8'),
                ('L1, three motions', 'L1_3-motions', None, '32.1'),
                (
                    'L2, frames too, one in 4',
                    'L2_rate-4',
                    ('lac', 'segment/penn-chained_linear_lac_10percent'),
                    '34.1',
                ),
                ('L2, one in 8', 'L2_rate-8', None, '33.7'),
            )
        },
        scale=100,
    ),
    Table(
        title='Pre-training',
        name='chained',
        columns=(*_HEADINGS, 'fine-tuned, 5 %', 'event-level mAP, one to one, at IoU 0.1', '0.3', '0.5'),
        lines={
            title: [
                *_sequences('penn-chained', name, *_COLUMNS, ('finetune', '_5percent')),
                *(
                    (f'segment/penn-chained_finetune_{name}', f'seg/event_mAP_one_to_one@{iou}')
                    for iou in (0.1, 0.3, 0.5)
                ),
            ]
            for name, title in _NAMES.items()
        },
        scale=100,
    ),
    Table(
        title='Pre-training',
        name='procedural',
        columns=_HEADINGS,
        lines={title: _sequences('untrimmed', name, *_COLUMNS) for name, title in _NAMES.items()},
        scale=100,
    ),
]
