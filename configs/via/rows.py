"""Rows and tables of ViA's README, see ``tools/reproduce.py``.

BVH names a folder of motion captures, for the motion libraries.
"""

import os
from dataclasses import replace
from pathlib import Path

from mmactrep.engine.reproduction import Row, Table, borrow
from mmactrep.engine.row_templates import chosen_training, frozen_features

BVH = Path(os.environ.get('BVH', '../shared/data/bvh'))
_CAPTURES = ('--bvh', str(BVH)) if BVH.is_dir() else ()
_RECORDINGS = '{data}/motion/recordings'


rows = borrow('lac', 'data/library', 'data/bank', 'data/synthetic') | {
    'data/actions': Row(
        commands=(('data/make_motion_actions.py', *_CAPTURES),),
        makes='{data}/library/3d/store.json',
        seeded=False,
    ),
    # real 3D motions beside the procedural ones, none of a data set whose cameras are a test
    'data/recordings': Row(
        commands=(
            (
                *('data/make_motion_library.py', *_CAPTURES, '--bank', '--out', _RECORDINGS, '--store'),
                *('{data}/utkinect/3d::xsub_train::15', '{data}/kard/3d::xsub_train'),
            ),
        ),
        makes=f'{_RECORDINGS}/store.json',
        seeded=False,
    ),
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
    'library/K32_movement': _retargeting(_LIBRARY, 'movement'),
    'library/K32_unsup': _retargeting(_LIBRARY, 'unsup'),
    # the test split of the library after the training without labels on Penn Action
    'library/K32_penn': Row(
        commands=(
            (
                'test.py',
                f'configs/{_LIBRARY}.py',
                '{checkpoint:pretrain/via_penn}',
                *('--work-dir', '{folder}/test', '--metrics', '{folder}/metrics.json'),
            ),
        ),
        metrics=('{folder}/metrics.json',),
        after=('data/library',),
    ),
}

# the same in the form of contrast, on views that are projected
rows['library/contrast'] = Row(
    config='via/via_library_2d_contrast',
    arguments=('--epochs', '10'),
    test=False,
    logged=('knn/top1',),
    after=('data/bank',),
)

# three times as long, with recordings of real people in the bank
rows['library/contrast-long'] = replace(
    rows['library/contrast'],
    arguments=('--epochs', '30'),
    options={'train_dataloader.dataset.ann_file': _RECORDINGS},
    after=('data/recordings',),
)

# Encoders pre-trained without labels on Penn Action's clips, on procedural clips, and on both in turn. Those
# of LAC's README are not trained again.
_LAC_ROWS = ('features', 'classify', 'pretrain/synthetic')
rows |= borrow('lac', *_LAC_ROWS)


def _pretraining(config: str, *overlays: str, start: str | None = None, **options: str) -> Row:
    return Row(
        config=config,
        overlays=overlays,
        load_from=start,
        options=options,
        test=False,
        logged=('knn/top1',),
        after=('data/synthetic',) if 'synthetic' in config else (),
    )


FORMS = {
    'moco': ('plain MoCo', 'lac/lac_unik_{}_2d', 'moco'),
    'lac': ('LAC', 'lac/lac_unik_{}_2d'),
    'contrast': ('ViA, contrast', 'via/via_{}_2d_contrast'),
    'via': ('ViA, autoencoder', 'via/via_{}_2d'),
}
_BORROWED = {
    'moco_penn': 'pretrain/penn_moco',
    'lac_penn': 'pretrain/penn',
    'lac_synthetic': 'pretrain/synthetic',
}
PLACES = {'penn': 'Penn Action', 'synthetic': 'procedural', 'both': 'both'}
ENCODERS = {}
for form, (_, config, *overlays) in FORMS.items():
    for place in PLACES:
        name = f'{form}_{place}'
        # the autoencoder starts from the supervised one of the library
        start = '{checkpoint:library/K32}' if form == 'via' else None
        if place == 'both':
            first = _BORROWED.get(f'{form}_synthetic', f'pretrain/{form}_synthetic')
            start = f'{{checkpoint:{first}}}'
        if name not in _BORROWED:
            target = 'penn' if place == 'both' else place
            rows[f'pretrain/{name}'] = _pretraining(config.format(target), *overlays, start=start)
        ENCODERS[name] = f'{{encoder:{_BORROWED.get(name, f"pretrain/{name}")}}}'
# LAC on Penn Action once more, from the library's contrast in the repository
rows['pretrain/lac_library'] = _pretraining(
    FORMS['lac'][1].format('penn'), start='demo/checkpoints/via_unik_library_2d.pth'
)
ENCODERS['lac_library'] = '{encoder:pretrain/lac_library}'
ENCODERS |= {
    'library': '{encoder:library/K32}',
    'library-contrast': '{encoder:library/contrast}',
    'library-contrast-long': '{encoder:library/contrast-long}',
}

# Penn Action: Tables 4.9, 4.11 and 4.12. Rate and length are chosen once for every form of pre-training.
_PENN, SHARES = 'unik/unik_penn_2d_small', ('5percent', '10percent')
_FEATURES = dict(scratch='features/scratch', moco_penn='features/moco', lac_penn='features/lac')
_FINETUNED = dict(scratch='scratch', moco_penn='moco', lac_penn='lac')
for name, encoder in ENCODERS.items():
    if name in _FEATURES:
        continue
    rows[f'penn/{name}'] = frozen_features(_PENN, encoder, (1.0, 0.1, 0.05))
    form, _, place = name.partition('_')
    for share in SHARES:
        chosen = None
        if place in ('synthetic', 'both'):
            own = _FINETUNED.get(f'{form}_penn')
            chosen = f'classify/{share}_{own}' if own else f'penn/{share}_{form}_penn'
        rows |= chosen_training(
            f'penn/{share}_{name}', _PENN, encoder, (share,), epochs=120, longest=120, choice=chosen
        )

# The same for UTD-MHAD in 3D, real skeletons of other subjects; 5 % of the labels are one clip of each class,
# of which none can be held out: rate and length are those chosen with 10 %
_BODY = 'unik/unik_utd-mhad-xsub_3d_small'
rows |= {
    'library/K32_3d': Row(
        config='via/via_library_3d_small', arguments=('--epochs', '10'), after=('data/library', 'data/bank')
    ),
    'pretrain/utd-mhad_via': _pretraining('via/via_utd-mhad_3d', start='{checkpoint:library/K32_3d}'),
    'pretrain/utd-mhad_contrast': _pretraining(
        'via/via_utd-mhad_3d_contrast',
        **{'model.composer.generator.checkpoint': '{checkpoint:generator/bank_3d}'},
    ),
}
BODY_ENCODERS = {
    'library': '{encoder:library/K32_3d}',
    'contrast': '{encoder:pretrain/utd-mhad_contrast}',
    'via': '{encoder:pretrain/utd-mhad_via}',
}
for name, encoder in BODY_ENCODERS.items():
    rows[f'utd-mhad/features_{name}'] = frozen_features(_BODY, encoder, (1.0, 0.1, 0.05))
    chosen = f'utd-mhad/10percent_{name}'
    rows |= chosen_training(chosen, _BODY, encoder, ('10percent',))
    rows |= chosen_training(f'utd-mhad/5percent_{name}', _BODY, encoder, ('5percent',), choice=chosen)

# Table 4.14 on Penn Action's clips: what each loss adds to the encoder of the library (L0)
_LOSSES = ('cycle_weight', 'triplet_weight', 'velocity_weight')
for level in (1, 2, 3):
    rows[f'ablation/L{level}'] = _pretraining(
        'via/via_penn_2d',
        start='{checkpoint:library/K32}',
        **{f'model.{loss}': '0.0' for loss in _LOSSES[level - 1 :]},
    )
LEVELS = {
    'L0': ('L0: library', '{encoder:library/K32}'),
    'L1': ('L1: + self', '{encoder:ablation/L1}'),
    'L2': ('L2: + cycle', '{encoder:ablation/L2}'),
    'L3': ('L3: + triplet', '{encoder:ablation/L3}'),
    'L4': ('L4: + velocity (full)', '{encoder:pretrain/via_penn}'),
    # the encoders in the repository, of library/contrast and of LAC's pretrain/penn: seeds of these rows are
    # seeds of fine-tuning
    'contrast': (
        'contrast of projected views of the library',
        'demo/checkpoints/via_unik_library_2d.pth',
    ),
    'contrast-long': (
        'contrast of the library, three times as long, with recordings',
        '{encoder:library/contrast-long}',
    ),
    'lac': ('LAC', 'demo/checkpoints/lac_unik_penn_2d.pth'),
}
# LAC once more, on the training clips of the protocol itself: from LAC on Penn Action as it is in the
# repository, and from LAC on Penn Action after the library
TARGETS = ('nw-ucla-xview', 'utd-mhad-xview', 'utd-mhad-one-camera')
for protocol in TARGETS:
    target = f'lac/lac_unik_{protocol}_2d'
    rows[f'pretrain/lac_{protocol}'] = _pretraining(target)
    rows[f'pretrain/lac_library_{protocol}'] = _pretraining(target, start='{encoder:pretrain/lac_library}')
# protocol: title, shortest length, and what is held out for the choice of the rate: whole subjects where
# there are few, and cameras where the training has several
_SUBJECTS = ('--holdout-groups', 's[0-9]+')
PROTOCOLS = {
    'library-rotations': ('random rotations', 12, ()),
    'library-xview': ('cameras never seen', 17, ()),
    'nw-ucla-xview': ('Northwestern-UCLA, view 3', 10, _SUBJECTS),
    'utd-mhad-xview': ('trained before three cameras', 30, (*_SUBJECTS, '--holdout-cameras', '2')),
    'utd-mhad-one-camera': ('trained before one camera', 30, ()),
}
# of one camera none can be held out: the rate is that of three, chosen with one of them
_CHOICES = {'utd-mhad-one-camera': 'utd-mhad-xview'}
for protocol, (_, epochs, held) in PROTOCOLS.items():
    common = dict(
        config=f'unik/unik_{protocol}_2d',
        epochs=epochs,
        longest=epochs,  # rates alone are chosen
        holdout=('--holdout', '0.2', *held),
        after=('data/actions',) if 'library' in protocol else (),
    )
    chosen = f'xview/{_CHOICES.get(protocol, protocol)}'
    for name, overlays in dict(scratch=(), scratch_rotated=('random-view',)).items():
        rows |= chosen_training(
            f'xview/{protocol}_{name}', overlays=overlays, choice=f'{chosen}_{name}', **common
        )
    encoders = {level: encoder for level, (_, encoder) in LEVELS.items()}
    if protocol in TARGETS:
        encoders['lac-target'] = f'{{encoder:pretrain/lac_{protocol}}}'
        encoders['lac-library-target'] = f'{{encoder:pretrain/lac_library_{protocol}}}'
    for level, encoder in encoders.items():
        # what single losses add is compared at one rate
        same = 'L0' if level in ('L1', 'L2', 'L3') else level
        rows |= chosen_training(
            f'xview/{protocol}_{level}', encoder=encoder, choice=f'{chosen}_{same}', **common
        )
# Table 4.14
_THESIS = dict(
    scratch=('61.2', None),
    L0=('61.7', '71.7'),
    L1=('62.9', '76.5'),
    L2=('63.8', '82.5'),
    L3=('65.0', '85.8'),
    L4=('65.4', '87.2'),
)
_ENCODER_ROWS = {
    'scratch': 'from scratch',
    'scratch_rotated': 'from scratch, random rotation of the training data',
    **{name: title for name, (title, _) in LEVELS.items()},
    'lac-target': 'LAC, then LAC on the training clips of the protocol',
    'lac-library-target': 'contrast of the library, then LAC, then LAC on the training clips',
}
_ERRORS = ('retargeting/mse', 'retargeting/mse_pose', 'retargeting/motion_code_change')
_LOST = ('pose error', 'movement lost')


def _figures(features: str, five: str, ten: str) -> list[tuple[str, str]]:
    return [
        *((features, metric) for metric in ('nearest neighbors', 'linear')),
        *((row, 'acc/top1') for row in (five, ten)),
    ]


def _penn(name: str) -> list[tuple[str, str]]:
    if name in _FEATURES:
        return _figures(_FEATURES[name], *(f'classify/{share}_{_FINETUNED[name]}' for share in SHARES))
    return _figures(f'penn/{name}', *(f'penn/{share}_{name}' for share in SHARES))


def _bodies(name: str) -> list[tuple[str, str]]:
    if name in BODY_ENCODERS:
        return _figures(f'utd-mhad/features_{name}', *(f'utd-mhad/{share}_{name}' for share in SHARES))
    return _figures(f'features/utd-mhad_{name}', *(f'classify/{share}_utd-mhad_{name}' for share in SHARES))


_COLUMNS = ('nearest neighbors', 'linear', 'fine-tuned, 5 % of the labels', '10 %')
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
                title: [*((f'library/{row}', metric) for metric in (*_ERRORS, *_LOST)), *thesis]
                for title, (row, *thesis) in RETARGETING.items()
            },
            **{
                title: [*((f'library/{row}', metric) for metric in (*_ERRORS, *_LOST)), None, None]
                for title, row in {
                    'ViA, K = 32, losses of movement and codes': 'K32_movement',
                    'ViA, K = 32, without labels': 'K32_unsup',
                }.items()
            },
            'ViA, K = 32, then Penn Action without labels': [
                *(('library/K32_penn', metric) for metric in _ERRORS),
                *[None] * 4,
            ],
        },
        decimals=3,
    ),
    *(
        Table(
            title='Encoder',
            name=name,
            columns=(
                *(PROTOCOLS[protocol][0] for protocol in protocols),
                *(('thesis: Smarthome CV2', 'Mixamo-CV') if thesis else ()),
            ),
            lines={
                title: [
                    *((f'xview/{protocol}_{row}', 'acc/top1') for protocol in protocols),
                    *(_THESIS.get(row, (None, None)) if thesis else ()),
                ]
                for row, title in _ENCODER_ROWS.items()
                if f'xview/{protocols[0]}_{row}' in rows
            },
            scale=100,
        )
        for name, protocols, thesis in (
            ('cross-view', ('nw-ucla-xview',), True),
            ('cross-view, library', ('library-rotations', 'library-xview'), False),
            ('cross-view, UTD-MHAD', ('utd-mhad-xview', 'utd-mhad-one-camera'), False),
        )
    ),
    Table(
        title='Pre-training',
        name='Penn Action',
        columns=_COLUMNS,
        lines={
            'none (random, from scratch)': _penn('scratch'),
            'ViA, supervised on the library': _penn('library'),
            'ViA, contrast of projected views of the library': _penn('library-contrast'),
            'contrast of the library, three times as long, with recordings': _penn('library-contrast-long'),
            'contrast of the library (in the repository), then LAC, Penn Action': _penn('lac_library'),
            **{
                f'{title}, {where}': _penn(f'{form}_{place}')
                for place, where in PLACES.items()
                for form, (title, *_) in FORMS.items()
            },
        },
        scale=100,
    ),
    Table(
        title='Pre-training',
        name='UTD-MHAD in 3D',
        columns=_COLUMNS,
        lines={
            'none (random, from scratch)': _bodies('scratch'),
            'ViA, supervised on the library': _bodies('library'),
            'plain MoCo': _bodies('moco'),
            'LAC': _bodies('lac'),
            'ViA, contrast': _bodies('contrast'),
            'ViA, autoencoder': _bodies('via'),
        },
        scale=100,
    ),
]
