"""Rows and tables of ViA's README, see ``tools/reproduce.py``.

BVH names a folder of motion captures, for the motion libraries.
"""

import os
from pathlib import Path

from mmactrep.engine.reproduction import Row, Table
from mmactrep.engine.row_templates import chosen_training, frozen_features

BVH = Path(os.environ.get('BVH', '../shared/data/bvh'))
_CAPTURES = ('--bvh', str(BVH)) if BVH.is_dir() else ()
_STANDIN = '{data}/synthetic'


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
    'data/actions': _made('{data}/library/3d', ('data/make_motion_actions.py', *_CAPTURES)),
}

# Table 4.13: retargeting on held-out characters, performances, classes and views of the library
_LIBRARY, _LAC = 'via/via_library_2d_small', 'lac/lac_generator_bank_2d'
_K = 'model.generator.num_static'


def _retargeting(config: str, *overlays: str, **options: str) -> Row:
    evaluate = ('analysis/evaluate_generator.py', '{checkpoint}', '{data}/penn_action/2d', '--split', 'train')
    return Row(
        config=config,
        overlays=overlays,
        arguments=('--epochs', '10'),
        options=options,
        commands=(evaluate,),
        after=('data/library', 'data/bank'),
    )


RETARGETING = {
    'two encoders': ('two-encoders', '0.96', '2.56'),
    'LAC': ('lac', '', ''),
    'ViA without D_c': ('fixed', '2.42', '-'),
    'ViA, K = 2': ('K2', '1.16', '-'),
    'ViA, K = 64': ('K64', '0.89', '-'),
    'ViA, K = 32': ('K32', '0.86', '2.47'),
}
rows |= {
    'library/two-encoders': _retargeting(_LAC, 'two-encoders'),
    'library/lac': _retargeting(_LAC),
    'library/fixed': _retargeting(_LIBRARY, **{'model.generator.learnable': 'False'}),
    'library/K2': _retargeting(_LIBRARY, **{_K: '2'}),
    'library/K64': _retargeting(_LIBRARY, **{_K: '64'}),
    'library/K32': _retargeting(_LIBRARY),
    'library/K32_unsup': _retargeting(_LIBRARY, 'unsup'),
}
# the same in the form of contrast, on views that are projected
rows['library/contrast'] = Row(
    config='via/via_library_2d_contrast',
    arguments=('--epochs', '10'),
    test=False,
    logged=('knn/top1',),
    after=('data/bank',),
)
_ERRORS = ('retargeting/mse', 'retargeting/mse_pose', 'retargeting/motion_code_change')

# Encoders pre-trained without labels on Penn Action's clips, on procedural clips, and on both in turn
CLIPS = {'penn': ('Penn Action', ()), 'synthetic': ('procedural', ('data/synthetic',))}
FORMS = {
    'moco': ('plain MoCo', 'lac/lac_unik_{}_2d', ('moco',)),
    'lac': ('LAC', 'lac/lac_unik_{}_2d', ()),
    'contrast': ('ViA, contrast', 'via/via_{}_2d_contrast', ()),
    'via': ('ViA, autoencoder', 'via/via_{}_2d', ()),
}
for form, (_, config, overlays) in FORMS.items():
    # the autoencoder starts from the supervised one of the library
    start = '{checkpoint:library/K32}' if form == 'via' else None
    for clips, (_, after) in CLIPS.items():
        rows[f'pretrain/{form}_{clips}'] = Row(
            config=config.format(clips),
            overlays=overlays,
            load_from=start,
            test=False,
            logged=('knn/top1',),
            after=after,
        )
    rows[f'pretrain/{form}_both'] = Row(
        config=config.format('penn'),
        overlays=overlays,
        load_from=f'{{checkpoint:pretrain/{form}_synthetic}}',
        test=False,
        logged=('knn/top1',),
    )

# Penn Action: Tables 4.9, 4.11 and 4.12
_PENN = 'unik/unik_penn_2d_small'
SHARES = ('5percent', '10percent')
ENCODERS = {
    'scratch': 'none',
    'library': '{encoder:library/K32}',
    'library-contrast': '{encoder:library/contrast}',
    **{
        f'{form}_{clips}': f'{{encoder:pretrain/{form}_{clips}}}'
        for form in FORMS
        for clips in (*CLIPS, 'both')
    },
}
for name, encoder in ENCODERS.items():
    rows[f'penn/{name}'] = frozen_features(_PENN, encoder, (1.0, 0.1, 0.05))
    for share in SHARES:
        start = None if encoder == 'none' else encoder
        rows |= chosen_training(
            f'penn/{share}_{name}', _PENN, start, overlays=(share,), epochs=120, longest=120
        )

# Table 4.14 on Penn Action's clips: what each loss adds to the encoder of the library (L0)
_LOSSES = ('cycle_weight', 'triplet_weight', 'velocity_weight')
for level in (1, 2, 3):
    rows[f'ablation/L{level}'] = Row(
        config='via/via_penn_2d',
        load_from='{checkpoint:library/K32}',
        options={f'model.{loss}': '0.0' for loss in _LOSSES[level - 1 :]},
        test=False,
        logged=('knn/top1',),
    )
LEVELS = {
    'L0: library': '{encoder:library/K32}',
    'L1: + self': '{encoder:ablation/L1}',
    'L2: + cycle': '{encoder:ablation/L2}',
    'L3: + triplet': '{encoder:ablation/L3}',
    'L4: + velocity (full)': '{encoder:pretrain/via_penn}',
}
# protocol: name, epochs, and what is held out to choose the rate: whole subjects where there are few
PROTOCOLS = {
    'library-rotations': ('library, random rotations', 12, ()),
    'library-xview': ('library, cameras never seen', 17, ()),
    'nw-ucla-xview': ('Northwestern-UCLA, view 3', 10, ('--holdout-groups', 's[0-9]+')),
    'utd-mhad-xview': ('UTD-MHAD, cameras never seen', 30, ('--holdout-groups', 's[0-9]+')),
}
for protocol, (_, epochs, groups) in PROTOCOLS.items():
    common = dict(
        config=f'unik/unik_{protocol}_2d',
        epochs=epochs,
        longest=epochs,  # rates alone are chosen
        holdout=('--holdout', '0.2', *groups),
        after=('data/actions',) if 'library' in protocol else (),
    )
    for name, overlays in dict(scratch=(), scratch_rotated=('random-view',)).items():
        rows |= chosen_training(f'xview/{protocol}_{name}', overlays=overlays, **common)
    full = f'xview/{protocol}_L4'
    rows |= chosen_training(full, encoder=LEVELS['L4: + velocity (full)'], **common)
    contrast = '{encoder:library/contrast}'
    rows |= chosen_training(f'xview/{protocol}_contrast', encoder=contrast, **common)
    for title, encoder in list(LEVELS.items())[:-1]:
        rows |= chosen_training(f'xview/{protocol}_{title[:2]}', encoder=encoder, choice=full, **common)


def _clips_of_penn(name: str) -> list[tuple[str, str]]:
    features = [(f'penn/{name}', metric) for metric in ('nearest neighbors', 'linear')]
    return [*features, *((f'penn/{share}_{name}', 'acc/top1') for share in SHARES)]


def _protocols(name: str) -> list[tuple[str, str]]:
    return [(f'xview/{protocol}_{name}', 'acc/top1') for protocol in PROTOCOLS]


_PLACES = {**{clips: name for clips, (name, _) in CLIPS.items()}, 'both': 'both'}
tables = [
    Table(
        title='Model',
        name='retargeting',
        columns=(
            'error',
            "error without the root's path",
            'change of the motion code',
            'Penn Action: pose error',
            'movement lost',
            'thesis, Mixamo',
            'without labels',
        ),
        lines={
            **{
                title: [
                    *((f'library/{row}', metric) for metric in (*_ERRORS, 'pose error', 'movement lost')),
                    supervised,
                    unsupervised,
                ]
                for title, (row, supervised, unsupervised) in RETARGETING.items()
            },
            'ViA, K = 32, without labels': [
                *(('library/K32_unsup', metric) for metric in (*_ERRORS, 'pose error', 'movement lost')),
                None,
                None,
            ],
        },
        decimals=3,
    ),
    Table(
        title='Encoder',
        name='cross-view',
        columns=tuple(title for title, _, _ in PROTOCOLS.values()),
        lines={
            'from scratch': _protocols('scratch'),
            'from scratch, random rotation of the training data': _protocols('scratch_rotated'),
            **{title: _protocols(title[:2]) for title in LEVELS},
            'contrast of projected views': _protocols('contrast'),
        },
        scale=100,
    ),
    Table(
        title='Pre-training',
        name='Penn Action',
        columns=('nearest neighbors', 'linear', 'fine-tuned, 5 % of the labels', '10 %'),
        lines={
            'none (random, from scratch)': _clips_of_penn('scratch'),
            'ViA, supervised on the library': _clips_of_penn('library'),
            'ViA, contrast of projected views of the library': _clips_of_penn('library-contrast'),
            **{
                f'{title}, {place}': _clips_of_penn(f'{form}_{clips}')
                for clips, place in _PLACES.items()
                for form, (title, _, _) in FORMS.items()
            },
        },
        scale=100,
    ),
]
