"""Rows and tables of T-MOR's README, see ``tools/reproduce.py``.

UTD_VIDEOS names a folder with the depth videos of UTD-MHAD, UT_INTERACTION one with ``set1`` and ``set2``.
"""

import os
from dataclasses import replace

from mmactrep.engine.reproduction import Row, Table, borrow
from mmactrep.engine.row_templates import chosen_training, frozen_features

VIDEOS = os.environ.get('UTD_VIDEOS', '../shared/data/utd_mhad/depth_video')
UT_INTERACTION = os.environ.get('UT_INTERACTION', '../shared/data/ut_interaction')
FOLDS = (1, 2, 3)
TEACHER = 'minilm'


def _texts(store: str, texts: str) -> Row:
    """Texts of the classes of a store through the teacher."""
    out = f'{{data}}/{store}_features/{TEACHER}_text'
    command = ('extract_features.py', 'text', f'{{data}}/{store}', '--teacher', TEACHER, '--texts', texts)
    return Row(commands=((*command, '--out', out),), makes=f'{out}/store.json', seeded=False)


_CAPTIONED, _CAPTIONS = '{data}/captioned', f'{{data}}/captioned/2d_features/{TEACHER}_captions'
_SOURCES = {
    'penn': ('penn_action/2d', 'penn_action'),
    'utd-mhad': ('utd_mhad/3d', 'utd_mhad'),
    'kard': ('kard/3d', 'kard'),
    'utkinect': ('utkinect/3d', 'utkinect'),
    'ut-interaction': ('ut_interaction/2d', 'ut_interaction'),
}
rows = {
    'data/captioned': Row(
        commands=(('data/make_captioned_motions.py',),), makes=f'{_CAPTIONED}/2d/store.json', seeded=False
    ),
    'data/captions': Row(
        commands=(
            (
                *('extract_features.py', 'text', f'{_CAPTIONED}/2d', '--teacher', TEACHER),
                *('--captions', f'{_CAPTIONED}/captions.json', '--out', _CAPTIONS),
            ),
        ),
        makes=f'{_CAPTIONS}/store.json',
        seeded=False,
        after=('data/captioned',),
    ),
    'data/texts_motions': _texts('captioned/2d', 'procedural'),
    **{f'data/texts_{name}': _texts(*source) for name, source in _SOURCES.items()},
}
_MOTIONS = ('data/captioned', 'data/captions', 'data/texts_motions')

# Zero-shot on real skeletons: classes that were not trained on, among themselves and among all. With several
# sentences a class, and with the first alone; beside it UNIK with one-hot labels, mapped by similarity of
# texts.
_FIRST = tuple(f'train_dataloader.dataset.datasets.{i}.pipeline.text.choose' for i in range(5))
_PLACES = {
    'penn': ('unik/unik_penn_2d_small', 'penn_action', 3, ('data/texts_penn',)),
    'utd-mhad': (
        'unik/unik_utd-mhad-front_2d',
        'utd_mhad',
        5,
        ('data/texts_utd-mhad', 'data/texts_kard', 'data/texts_utkinect'),
    ),
}


def _test(clips: str, texts: str, fold: int, *options: str) -> tuple[str, ...]:
    command = ('test_zero_shot.py', f'configs/{clips}.py', '{checkpoint}', '--labels', texts)
    return (*command, '--seen', f'{texts}/seen {fold}', *options)


for place, (clips, texts, parts, needs) in _PLACES.items():
    for fold in FOLDS:
        config, after = f'tmor/tmor_{place}-fold{fold}_2d', (*_MOTIONS, *needs)
        rows[f'zero-shot/{place}_{fold}'] = Row(
            config=config,
            test=False,
            commands=(_test(clips, texts, fold, '--calibrate', '0.9'),),
            after=after,
        )
        rows[f'zero-shot/{place}_one-sentence_{fold}'] = Row(
            config=config,
            options=dict.fromkeys(_FIRST[:parts], 'first'),
            test=False,
            commands=(_test(clips, texts, fold, '--sentences', '1'),),
            after=after,
        )
        rows[f'zero-shot/{place}_one-hot_{fold}'] = Row(
            config=f'unik/unik_{place}-fold{fold}_2d',
            test=False,
            commands=(
                (
                    *_test(clips, texts, fold, '--one-hot', '--trained-labels', 'procedural'),
                    *(('kard', 'utkinect') if place == 'utd-mhad' else ()),
                ),
            ),
            after=('data/captioned',),
        )
# The optimizer is chosen in fold 4, by clips of the training subjects
_OPTIMIZER = 'optim_wrapper.optimizer'
CHOICES = {
    'sgd': ('SGD, 0.05', {'type': 'SGD', 'lr': '0.05', 'momentum': '0.9', 'weight_decay': '1e-4'}),
    'adamw-0.001': ('AdamW, 0.001', {'type': 'AdamW', 'lr': '0.001', 'weight_decay': '0.05'}),
    'adamw-0.003': ('AdamW, 0.003', {'type': 'AdamW', 'lr': '0.003', 'weight_decay': '0.05'}),
}
_tested = _test('unik/unik_utd-mhad-front_2d', 'utd_mhad', 4, '--split', 'train')
_needs = (*_MOTIONS, *_PLACES['utd-mhad'][-1])
for name, (_, settings) in CHOICES.items():
    _options = {f'{_OPTIMIZER}._delete_': 'True', **{f'{_OPTIMIZER}.{k}': v for k, v in settings.items()}}
    rows[f'optimizer/{name}'] = Row(
        config='tmor/tmor_utd-mhad-fold4_2d', options=_options, test=False, commands=(_tested,), after=_needs
    )
    rows[f'optimizer/one-hot_{name}'] = Row(
        config='unik/unik_utd-mhad-fold4_2d',
        options=_options,
        test=False,
        commands=((*_tested, '--one-hot', '--trained-labels', 'procedural', 'kard', 'utkinect'),),
        after=('data/captioned',),
    )
# the length of the queue, in the same way: the rows above have 4,096 motions, 128 steps
rows['queue/512'] = Row(
    config='tmor/tmor_utd-mhad-fold4_2d',
    options={'model.queue_size': '512'},
    test=False,
    commands=(_tested,),
    after=_needs,
)
rows['zero-shot/kard'] = Row(
    config='tmor/tmor_utd-mhad-all_2d',
    test=False,
    commands=(
        ('test_zero_shot.py', 'configs/unik/unik_kard-front_2d.py', '{checkpoint}', '--labels', 'kard'),
    ),
    after=(*_MOTIONS, 'data/texts_utd-mhad'),
)

# Table 6.7 in small: which losses, on UTD-MHAD with depth videos and texts; frozen features on other subjects
_VISUAL = 'efficientnet-lite0'


def _videos(store: str, videos: str, after: tuple[str, ...] = ()) -> Row:
    """The videos of a store through the visual teacher."""
    out = _video_store(store)
    command = ('extract_features.py', 'video', f'{{data}}/{store}', '--videos', videos, '--teacher', _VISUAL)
    return Row(commands=((*command, '--out', out),), makes=f'{out}/store.json', seeded=False, after=after)


def _video_store(store: str) -> str:
    return f'{{data}}/{store}_features/{_VISUAL}_video'


_VIDEO_STORE = _video_store('utd_mhad/3d')
rows['data/videos_utd-mhad'] = _videos('utd_mhad/3d', VIDEOS)
LOSSES = {
    'l-mm': 'L_mm',
    'l-mv': 'L_mv',
    'l-mt': 'L_mt',
    'v-m': 'L_mm + L_mv (V-M)',
    'm-t': 'L_mm + L_mt (M-T)',
    'v-m-t': 'L_mm + L_mv + L_mt (V-M-T)',
}
_FRONT = 'unik/unik_utd-mhad-front_2d'
rows['ablation/features_scratch'] = frozen_features(_FRONT, labels=(1.0, 0.1))
for name in LOSSES:
    rows[f'ablation/{name}'] = Row(
        config='tmor/tmor_utd-mhad_2d',
        overlays=() if name == 'v-m-t' else (name,),
        arguments=('--epochs', '40'),
        test=False,
        logged=('knn/top1',),
        after=('data/videos_utd-mhad', 'data/texts_utd-mhad'),
    )
    rows[f'ablation/features_{name}'] = frozen_features(_FRONT, f'{{encoder:ablation/{name}}}', (1.0, 0.1))
# motion, video, and both added up (last row of Table 6.6), all classes known
rows['ablation/both'] = Row(
    commands=(
        (
            *('test_zero_shot.py', f'configs/{_FRONT}.py', '{checkpoint:ablation/v-m-t}'),
            *('--labels', 'utd_mhad', '--video-features', _VIDEO_STORE),
        ),
    ),
)

# the same on real RGB videos of two persons: pre-trained on one set of UT-Interaction, frozen features tested
# on the other, of which one sequence is left out in turn
_TWO_STORE, _TWO_CONFIG = 'ut_interaction/2d', 'unik/unik_ut-interaction_2d'
rows['data/ut-interaction'] = Row(
    commands=(
        (
            *('build_dataset.py', 'ut_interaction', '--videos', UT_INTERACTION, '--quiet'),
            *('--experts', 'movenet-multipose-320', '--min-share', '0.05', '--out', '{data}/ut_interaction'),
        ),
    ),
    makes=f'{{data}}/{_TWO_STORE}/store.json',
    seeded=False,
)
rows['data/texts_ut-interaction'] = replace(rows['data/texts_ut-interaction'], after=('data/ut-interaction',))
rows['data/videos_ut-interaction'] = _videos(_TWO_STORE, UT_INTERACTION, after=('data/ut-interaction',))
_TWO_NEEDS = ('data/ut-interaction', 'data/texts_ut-interaction', 'data/videos_ut-interaction')
_LEFT_OUT = ('--leave-out', '_[0-9]+_')  # FILE_SEQUENCE_CLASS
for own, other in (('1', '2'), ('2', '1')):
    tested = ('--cfg-options', f'test_dataloader.dataset.split=set{other}')
    for name in ('scratch', *LOSSES):
        trained = f'ut-interaction/{name}_{own}'
        if name != 'scratch':
            rows[trained] = Row(
                config='tmor/tmor_ut-interaction_2d',
                overlays=() if name == 'v-m-t' else (name,),
                options={
                    'train_dataloader.dataset.split': f'set{own}',
                    'default_hooks.knn.train_dataloader.dataset.split': f'set{own}',
                    'default_hooks.knn.test_dataloader.dataset.split': f'set{other}',
                },
                test=False,
                after=_TWO_NEEDS,
            )
        rows[f'ut-interaction/features_{name}_{own}'] = frozen_features(
            _TWO_CONFIG,
            'none' if name == 'scratch' else f'{{encoder:{trained}}}',
            after=('data/ut-interaction',),
            arguments=(*_LEFT_OUT, *tested),
        )
    rows[f'ut-interaction/both_{own}'] = Row(
        commands=(
            (
                *(
                    'test_zero_shot.py',
                    f'configs/{_TWO_CONFIG}.py',
                    f'{{checkpoint:ut-interaction/v-m-t_{own}}}',
                ),
                *('--labels', 'ut_interaction', '--video-features', _video_store(_TWO_STORE), *tested),
            ),
        ),
    )

# Tables 6.2, 6.3 and 6.5 in small: pre-trained on other data, transferred to Penn Action
_PENN = 'unik/unik_penn_2d_small'
_ENCODER = '{encoder:pretrain/gestures}'
rows |= borrow('lac', 'features/scratch', 'classify/5percent_scratch', 'classify/10percent_scratch')
rows['pretrain/gestures'] = Row(
    config='tmor/tmor_gestures_2d',
    test=False,
    after=(*_MOTIONS, 'data/texts_utd-mhad', 'data/texts_kard', 'data/texts_utkinect'),
)
rows['transfer/features'] = frozen_features(_PENN, _ENCODER, (1.0, 0.1, 0.05))
for share in ('5percent', '10percent'):
    rows |= chosen_training(f'transfer/{share}', _PENN, _ENCODER, (share,), epochs=120, longest=120)

# frozen features of frames, of the same sequences as LAC's tables: Penn Action's clips chained, of which the
# encoder saw nothing, and procedural sequences
rows |= borrow('lac', 'data/penn-chained', 'data/untrimmed')
SEQUENCES = {
    'penn-chained': ('unik/unik_penn-chained_2d', "Penn Action's clips, chained"),
    'untrimmed': ('unik/unik_untrimmed_2d', 'procedural sequences'),
}
SEGMENTED = {'scratch': 'none', 'gestures': _ENCODER, 'shipped': 'demo/checkpoints/tmor_unik_2d.pth'}
for place, (config, _) in SEQUENCES.items():
    for name, encoder in SEGMENTED.items():
        rows[f'transfer/segmentation_{place}_{name}'] = frozen_features(
            config, encoder, (1.0, 0.1), after=(f'data/{place}',)
        )

# clips by sentence and sentences by clip, on procedural motions of other performers, by the model in the
# repository
rows['retrieval/motions'] = Row(
    commands=(
        (
            *('analysis/evaluate_retrieval.py', '{data}/captioned/2d', 'demo/checkpoints/tmor_unik_2d.pth'),
            *('--text-features', _CAPTIONS, '--split', 'test'),
        ),
    ),
    seeded=False,
    after=('data/captions',),
)


def _folds(row: str, metric: str) -> list[tuple[str, str]]:
    return [(f'zero-shot/{row}_{fold}', metric) for fold in FOLDS]


_FROZEN = ('nearest neighbors', 'linear', 'linear 10%', 'linear 5%')
_METRICS = ('unseen only', 'mean class unseen only', 'unseen', 'seen', 'harmonic mean')
tables = [
    Table(
        title='Trained with',
        name=f'zero-shot, {title}',
        columns=(
            'among the unseen',
            'the same, mean over classes',
            'unseen among all',
            'seen among all',
            'harmonic mean',
        ),
        lines={
            'one-hot labels, ConSE': [_folds(f'{place}_one-hot', f'conse {m}') for m in _METRICS],
            'one-hot labels, similarity': [_folds(f'{place}_one-hot', f'similarity {m}') for m in _METRICS],
            'T-MOR, one sentence a class': [_folds(f'{place}_one-sentence', m) for m in _METRICS],
            'T-MOR, several sentences': [_folds(place, m) for m in _METRICS],
            'the same, seen classes calibrated': [_folds(place, f'calibrated {m}') for m in _METRICS],
        },
        scale=100,
    )
    for place, title in (('penn', 'Penn Action'), ('utd-mhad', 'UTD-MHAD'))
]
tables += [
    Table(
        title='Optimizer, learning rate',
        name='optimizer',
        columns=(
            'T-MOR: among the six',
            'trained classes',
            'one-hot, ConSE: among the six',
            'trained classes (one-hot)',
        ),
        lines={
            title: [
                (f'optimizer/{name}', 'unseen only'),
                (f'optimizer/{name}', 'seen'),
                (f'optimizer/one-hot_{name}', 'conse unseen only'),
                (f'optimizer/one-hot_{name}', 'conse seen'),
            ]
            for name, (title, _) in CHOICES.items()
        },
        scale=100,
    ),
    Table(
        title='Queue',
        name='queue',
        columns=('among the six', 'trained classes'),
        lines={
            title: [(row, metric) for metric in ('unseen only', 'seen')]
            for title, row in {'4,096 motions': 'optimizer/adamw-0.003', '512': 'queue/512'}.items()
        },
        scale=100,
    ),
    Table(
        title='Test',
        name='zero-shot, KARD',
        columns=('Top-1', 'mean over classes'),
        lines={'T-MOR': [('zero-shot/kard', 'all'), ('zero-shot/kard', 'mean class all')]},
        scale=100,
    ),
    Table(
        title='Losses',
        name='ablation',
        columns=('nearest neighbors', 'linear', 'linear, 10 % of the labels', 'thesis: Smarthome CS'),
        lines={
            title: [
                *((f'ablation/features_{name}', m) for m in ('nearest neighbors', 'linear', 'linear 10%')),
                thesis,
            ]
            for (name, title), thesis in zip(
                {'scratch': 'none (random)', **LOSSES}.items(),
                ('24.6', '42.5', '46.3', None, '49.3', None, '52.6'),
            )
        },
        scale=100,
    ),
    Table(
        title='Scores',
        name='both',
        columns=('Top-1', 'thesis: Smarthome CS', 'Penn Action'),
        lines={
            'motion against the texts': [('ablation/both', 'all'), '14.5', '69.5'],
            'video against the texts': [('ablation/both', 'video all'), '14.1', '74.3'],
            'both': [('ablation/both', 'both all'), '21.9', '80.9'],
        },
        scale=100,
    ),
    Table(
        title='Losses',
        name='UT-Interaction',
        columns=(
            'set 2, pre-trained on set 1: nearest neighbors',
            'linear',
            'set 1, pre-trained on set 2: nearest neighbors',
            'linear (set 1)',
        ),
        lines={
            title: [
                (f'ut-interaction/features_{name}_{own}', metric)
                for own in ('1', '2')
                for metric in ('nearest neighbors', 'linear')
            ]
            for name, title in {'scratch': 'none (random)', **LOSSES}.items()
        },
        scale=100,
    ),
    Table(
        title='Scores',
        name='both, UT-Interaction',
        columns=('set 2, trained on set 1', 'set 1, trained on set 2'),
        lines={
            title: [(f'ut-interaction/both_{own}', metric) for own in ('1', '2')]
            for title, metric in {
                'motion against the texts': 'all',
                'video against the texts': 'video all',
                'both': 'both all',
            }.items()
        },
        scale=100,
    ),
    Table(
        title='Encoder',
        name='segmentation',
        columns=tuple(
            f'{title}: linear{share}'
            for _, title in SEQUENCES.values()
            for share in ('', ', 10 % of the labels')
        ),
        lines={
            title: [
                (f'transfer/segmentation_{place}_{name}', f'linear frame mAP{share}')
                for place in SEQUENCES
                for share in ('', ' 10%')
            ]
            for name, title in {
                'scratch': 'random',
                'gestures': 'T-MOR (M-T), without Penn Action',
                'shipped': 'the T-MOR model in the repository',
            }.items()
        },
        scale=100,
    ),
    Table(
        title='Encoder',
        name='transfer',
        columns=(
            'nearest neighbors',
            'linear',
            'linear, 10 % of the labels',
            'linear, 5 %',
            'fine-tuned, 10 %',
            'fine-tuned, 5 %',
        ),
        lines={
            'random, from scratch': [
                *(('features/scratch', m) for m in _FROZEN),
                ('classify/10percent_scratch', 'acc/top1'),
                ('classify/5percent_scratch', 'acc/top1'),
            ],
            'T-MOR (M-T)': [
                *(('transfer/features', m) for m in _FROZEN),
                ('transfer/10percent', 'acc/top1'),
                ('transfer/5percent', 'acc/top1'),
            ],
        },
        scale=100,
    ),
]
