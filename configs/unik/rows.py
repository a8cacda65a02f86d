"""Rows and tables of UNIK's README, see ``tools/reproduce.py``."""

from mmactrep.engine.reproduction import Row, Table

NETWORKS = dict(unik='UNIK', stgcn='ST-GCN', agcn='2s-AGCN')
SENSORS = {'utd-mhad': 'UTD-MHAD', 'utkinect': 'UTKinect', 'kard': 'KARD', 'nw-ucla': 'Northwestern-UCLA'}
FUSED = ('utd-mhad', '3d')  # joints, bones and their sum
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


rows = {}
for network in NETWORKS:
    for rate in ('2e-3', '5e-3'):
        rows[f'choose/{network}_{rate}'] = _choice(network, **{'optim_wrapper.optimizer.lr': rate})
rows['choose/unik_2e-3_double'] = _choice('unik', **{'train_cfg.min_iters': '1200'})
rows['choose/unik_2e-3_spine'] = _choice(
    'unik',
    **{
        f'{part}_dataloader.dataset.pipeline.normalize.spine': "('mid_hip','neck')"
        for part in ('train', 'val')
    },
)

for network in NETWORKS:
    for data in SENSORS:
        for dims in ('3d', '2d'):
            rows[f'{data}/{network}_{dims}'] = Row(
                config=f'unik/unik_{data}-xsub_{dims}',
                overlays=_overlays(network),
                # the last validation is the test
                **(dict(scores=True) if (data, dims) == FUSED else dict(test=False, logged=('acc/top1',))),
            )
    joint = '/'.join((FUSED[0], f'{network}_{FUSED[1]}'))
    rows[f'{joint}_bone'] = Row(
        config=f'unik/unik_{FUSED[0]}-xsub_{FUSED[1]}', overlays=_overlays(network, 'bone'), scores=True
    )
    files = (f'{{scores:{joint}}}', f'{{scores:{joint}_bone}}')
    rows[f'{joint}_fused'] = Row(
        commands=(('analysis/fuse_scores.py', *files, '--out-dir', '{folder}'),),
        metrics=('{folder}/metrics.json',),
    )

tables = [
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
                (f'utd-mhad/{network}_3d_fused', 'metrics/fusion/top1'),
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
        columns=('2e-3', '5e-3'),
        lines={
            **{
                name: [(f'choose/{network}_{rate}', 'acc/top1') for rate in ('2e-3', '5e-3')]
                for network, name in NETWORKS.items()
            },
            'UNIK, twice as long': [('choose/unik_2e-3_double', 'acc/top1'), None],
            'UNIK, spine turned upright': [('choose/unik_2e-3_spine', 'acc/top1'), None],
        },
    ),
]
