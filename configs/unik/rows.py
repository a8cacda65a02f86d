"""Rows and tables of UNIK's README, see ``tools/reproduce.py``.

PRETRAINED names the checkpoint of the linear evaluation on Penn Action, of five epochs on the stand-in:

    export MMACTREP_DATA_ROOT=data/standin   # made by make_standin.py --train 900 --test 200 --motions ...,
                                             # with the motions of the quick start
    python tools/train.py configs/unik/unik_posetics_2d.py --amp --work-dir work_dirs/standin --cfg-options \\
        train_cfg.max_epochs=5 train_cfg.val_interval=5 param_scheduler.milestones=[4] \\
        train_dataloader.batch_size=16 optim_wrapper.optimizer.lr=0.03 \\
        train_dataloader.dataset.pipeline.sample.length=48
"""

import os

from mmactrep.engine.reproduction import Row, Table
from mmactrep.engine.row_templates import RATE

NETWORKS = dict(unik='UNIK', stgcn='ST-GCN', agcn='2s-AGCN')
SENSORS = {'utd-mhad': 'UTD-MHAD', 'utkinect': 'UTKinect', 'kard': 'KARD', 'nw-ucla': 'Northwestern-UCLA'}
RATES = ('2e-3', '5e-3')
# by the rows `choose`
CHOSEN = dict(unik='5e-3', stgcn='5e-3', agcn='2e-3')
FUSED = ('utd-mhad', '3d')  # joints, bones and their sum
FUSED_TOP1 = 'metrics/fusion/top1'
# whole subjects of the training split, two of UTD-MHAD's four
_HOLDOUT = ('--holdout', '0.4', '--holdout-groups', '_s[0-9]+')


def _overlays(network: str, *others: str) -> tuple[str, ...]:
    return (*([] if network == 'unik' else [network]), *others)


def _choice(network: str, *arguments: str, **options: str) -> Row:
    """A training validated on held-out subjects of UTD-MHAD's training split."""
    return Row(
        config='unik/unik_utd-mhad-xsub_3d',
        overlays=_overlays(network),
        arguments=(*_HOLDOUT, *arguments),
        options=options,
        test=False,
        logged=('acc/top1',),
    )


def _fused(joint: str) -> Row:
    """The sum of the scores of joints and bones."""
    files = (f'{{scores:{joint}}}', f'{{scores:{joint}_bone}}')
    return Row(
        commands=(('analysis/fuse_scores.py', *files, '--out-dir', '{folder}'),),
        metrics=('{folder}/metrics.json',),
    )


rows = {
    f'choose/{network}_{rate}': _choice(network, **{RATE: rate}) for network in NETWORKS for rate in RATES
}
rows['choose/unik_5e-3_double'] = _choice('unik', **{RATE: '5e-3', 'train_cfg.min_iters': '1200'})
rows['choose/unik_5e-3_spine'] = _choice(
    'unik',
    **{RATE: '5e-3'},
    **{
        f'{part}_dataloader.dataset.pipeline.normalize.spine': "('mid_hip','neck')"
        for part in ('train', 'val')
    },
)

for network, rate in CHOSEN.items():
    for data in SENSORS:
        for dims in ('3d', '2d'):
            rows[f'{data}/{network}_{dims}'] = Row(
                config=f'unik/unik_{data}-xsub_{dims}',
                overlays=_overlays(network),
                options={RATE: rate},
                # the last validation is the test
                **(dict(scores=True) if (data, dims) == FUSED else dict(test=False, logged=('acc/top1',))),
            )
    joint = '/'.join((FUSED[0], f'{network}_{FUSED[1]}'))
    rows[f'{joint}_bone'] = Row(
        config=f'unik/unik_{FUSED[0]}-xsub_{FUSED[1]}',
        overlays=_overlays(network, 'bone'),
        options={RATE: rate},
        scores=True,
    )
    rows[f'{joint}_fused'] = _fused(joint)

# Penn Action, half an hour to an hour per row on two cores
_PENN = 'unik/unik_penn_2d'
_AMP = ('--amp',)
rows |= {
    'penn/recommended': Row(config=f'{_PENN}_recommended', scores=True),
    'penn/recommended_bone': Row(config=f'{_PENN}_recommended', overlays=('bone',), scores=True),
    'penn/thesis': Row(config=_PENN, arguments=_AMP, scores=True),
    'penn/thesis_bone': Row(config=_PENN, overlays=('bone',), arguments=_AMP, scores=True),
    'penn/stgcn': Row(config='stgcn/stgcn_penn_2d_recommended'),
    'penn/agcn': Row(config='agcn/agcn_penn_2d_recommended'),
    'penn/5percent': Row(config=f'{_PENN}_recommended_5percent'),
    'penn/linear': Row(
        config=f'{_PENN}_linear',
        arguments=_AMP,
        load_from=os.environ.get('PRETRAINED', 'work_dirs/standin/epoch_5.pth'),
    ),
}
for recipe in ('recommended', 'thesis'):
    rows[f'penn/{recipe}_fused'] = _fused(f'penn/{recipe}')


def _streams(recipe: str) -> list[tuple[str, str]]:
    joints, bones = ((f'penn/{recipe}{part}', 'acc/top1') for part in ('', '_bone'))
    return [joints, bones, (f'penn/{recipe}_fused', FUSED_TOP1)]


def _joints(row: str) -> list[tuple[str, str] | None]:
    return [(f'penn/{row}', 'acc/top1'), None, None]


# Cross-view protocols; the last validation is the test. Pre-trained encoders and random views are ViA's rows.
VIEWS = {
    'library-rotations_2d': 'Library, rotations',
    'library-xview_2d': 'Library, cameras',
    'utd-mhad-xview_2d': 'UTD-MHAD, cameras',
    'nw-ucla-xview_2d': 'Northwestern-UCLA',
    'nw-ucla-xview_3d': 'the same in 3D',
}
for data in VIEWS:
    rows[f'xview/{data}/scratch'] = Row(config=f'unik/unik_{data}', test=False, logged=('acc/top1',))
for data in ('library-xview_2d', 'utd-mhad-xview_2d'):
    rows[f'xview/{data}/same'] = Row(
        commands=(
            (
                'test.py',
                f'configs/unik/unik_{data}_same.py',
                f'{{checkpoint:xview/{data}/scratch}}',
                *('--work-dir', '{folder}/test', '--metrics', '{folder}/metrics.json'),
            ),
        ),
        metrics=('{folder}/metrics.json',),
    )

tables = [
    Table(
        title='Model and recipe',
        name='Penn Action',
        columns=('joints', 'bones', 'fused', 'thesis: joints / fused'),
        lines={
            'UNIK, [recommended](unik_penn_2d_recommended.py)': [*_streams('recommended'), None],
            'UNIK, [thesis](unik_penn_2d.py), in bfloat16': [*_streams('thesis'), '90.1 / 94.0'],
            'ST-GCN, [recommended](../stgcn/stgcn_penn_2d_recommended.py)': [*_joints('stgcn'), '- / 89.6'],
            '2s-AGCN, [recommended](../agcn/agcn_penn_2d_recommended.py)': [*_joints('agcn'), '89.5 / 93.1'],
            'UNIK, 5 % of the labels, [300 epochs of 63 clips](unik_penn_2d_recommended_5percent.py)': [
                *_joints('5percent'),
                None,
            ],
            'UNIK, [linear](unik_penn_2d_linear.py), after five epochs on the stand-in': [
                *_joints('linear'),
                None,
            ],
        },
        scale=100,
    ),
    Table(
        name='cross-view',
        title='2D but for the last column',
        columns=tuple(VIEWS.values()),
        lines={
            title: [
                (f'xview/{data}/{name}', 'acc/top1') if f'xview/{data}/{name}' in rows else None
                for data in VIEWS
            ]
            for name, title in {
                'scratch': 'UNIK from scratch',
                'same': 'the same weights, before the cameras of training',
            }.items()
        },
        scale=100,
    ),
    Table(
        title='3D',
        name='sensors 3D',
        scale=100,
        decimals=1,
        columns=('UTD-MHAD', 'bones', 'fused', *list(SENSORS.values())[1:]),
        lines={
            name: [
                (f'utd-mhad/{network}_3d', 'acc/top1'),
                (f'utd-mhad/{network}_3d_bone', 'acc/top1'),
                (f'utd-mhad/{network}_3d_fused', FUSED_TOP1),
                *((f'{data}/{network}_3d', 'acc/top1') for data in list(SENSORS)[1:]),
            ]
            for network, name in NETWORKS.items()
        },
    ),
    Table(
        title='2D',
        name='sensors 2D',
        scale=100,
        decimals=1,
        columns=tuple(SENSORS.values()),
        lines={
            name: [(f'{data}/{network}_2d', 'acc/top1') for data in SENSORS]
            for network, name in NETWORKS.items()
        },
    ),
    Table(
        title='Held-out subjects',
        name='sensors, choice',
        scale=100,
        decimals=1,
        columns=RATES,
        lines={
            **{
                name: [(f'choose/{network}_{rate}', 'acc/top1') for rate in RATES]
                for network, name in NETWORKS.items()
            },
            'UNIK, twice as long': [None, ('choose/unik_5e-3_double', 'acc/top1')],
            'UNIK, spine turned upright': [None, ('choose/unik_5e-3_spine', 'acc/top1')],
        },
    ),
]
