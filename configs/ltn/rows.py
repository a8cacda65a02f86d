"""Rows and tables of LTN's README, see ``tools/reproduce.py``.

UTD_MHAD names a folder with the depth videos of UTD-MHAD, UT_INTERACTION one with ``set1`` and ``set2``.
"""

import os
from dataclasses import replace
from pathlib import Path

from mmactrep.engine.reproduction import Row, Table
from mmactrep.engine.row_templates import chosen_training

UTD_MHAD = Path(os.environ.get('UTD_MHAD', '../shared/data/utd_mhad/depth_video'))
UT_INTERACTION = Path(os.environ.get('UT_INTERACTION', '../shared/data/ut_interaction'))


def _cached(name: str, videos: str, lists: tuple[str, ...], short_side: int, *before: tuple[str, ...]) -> Row:
    """Lists of videos and a cache of them, unless it is there."""
    folder = f'{{data}}/{name}'
    files = tuple(f'{folder}/{each}.txt' for each in lists)
    cache = ('data/cache_videos.py', *files, '--root', videos, '--out', f'{folder}/cache')
    commands = (*before, (*cache, '--short-side', str(short_side)))
    return Row(commands=commands, makes=f'{folder}/cache/store.json', seeded=False)


def _annotate(dataset: str, videos: Path, name: str) -> tuple[str, ...]:
    command = ('data/annotate_videos.py', dataset, '--videos', str(videos), '--out', f'{{data}}/{name}')
    return command


rows = {
    'data/rendered': _cached(
        'rendered',
        '{data}/rendered/videos',
        ('train', 'test'),
        96,
        # one room and few people, as at UTD-MHAD: a video is told from the others by what happens in it
        (
            'data/render_videos.py',
            *('--out', '{data}/rendered', '--shared', '1', '4', '--same-rooms', '--fixed-cameras'),
            *('--size', '96', '96'),
        ),
    ),
    'data/utd-mhad': _cached(
        'utd_mhad_depth',
        str(UTD_MHAD),
        ('train', 'test'),
        120,
        _annotate('utd_mhad', UTD_MHAD, 'utd_mhad_depth'),
    ),
    'data/ut-interaction': _cached(
        'ut_interaction',
        str(UT_INTERACTION),
        ('set1', 'set2'),
        96,
        _annotate('ut_interaction', UT_INTERACTION, 'ut_interaction'),
    ),
}

# Classes that the direction of time alone tells apart, and at UTD-MHAD those that their side does
PAIRS = {
    'rendered': (
        'enter:leave',
        'sit_down:stand_up',
        'pick_up:put_down',
        'open:close',
        'lie_down:get_up',
    ),
    'utd-mhad': (
        'swipe left:swipe right',
        'draw a circle clockwise:draw a circle counter-clockwise',
        'sit to stand:stand to sit',
    ),
}
# Tables 5.1 and 5.2: title, overlays, the thesis's Top-1 and mean accuracy on Smarthome CS
FORMS = {
    'moco': ('MoCo, P = 2', ('wo-ltn',), '61.5', '47.2'),
    'variant1': ('LTN, variant 1: linear, without D_t', ('ltn-variant1',), '66.0', '49.8'),
    'variant2': ('LTN, variant 2: attention', ('ltn-variant2',), '66.7', '51.6'),
    'wo-orthogonal': ('LTN, variant 3, without orthogonalization', ('wo-orthogonal',), '67.3', '53.1'),
    'ltn': ('LTN, variant 3', (), '65.5', '49.0'),
    'moco-4': ('MoCo, P = 4', ('wo-ltn', 'positives-4'), '65.1', '49.7'),
    'ltn-4': ('LTN, variant 3, P = 4', ('positives-4',), '67.8', '53.7'),
    'byol-4': ('BYOL, P = 4', ('byol', 'wo-ltn', 'positives-4'), '61.7', '42.4'),
    'ltn-byol-4': ('LTN on BYOL, P = 4', ('byol', 'positives-4'), '63.3', '45.1'),
}
# the thesis has its variants with P = 4, here they have 2
_OF_P_4 = ('variant1', 'variant2', 'wo-orthogonal')


def _pretraining(config: str, data: str, overlays: tuple[str, ...] = (), **options: str) -> Row:
    return Row(
        config=f'ltn/{config}',
        overlays=overlays,
        options=options,
        test=False,
        logged=('knn/top1',),
        after=(f'data/{data}',),
    )


def _features(config: str, encoder: str, data: str, *arguments: str, **options: str) -> Row:
    """Nearest neighbors and a linear classifier on frozen features; 'none' is a random encoder."""
    command = ('analysis/evaluate_features.py', f'configs/ltn/{config}.py', encoder, '--seed', '{seed}')
    changed = ('--cfg-options', *(f'{key}={value}' for key, value in options.items())) if options else ()
    return Row(commands=((*command, *arguments, *changed),), after=(f'data/{data}',))


SETS = {
    'rendered': ('ltn_rendered_rgb', 'r3d_rendered_rgb'),
    'utd-mhad': ('ltn_utd-mhad_depth', 'r3d_utd-mhad_depth'),
}
for data, (pretraining, recognition) in SETS.items():
    pairs = ('--pairs', *PAIRS[data])
    rows[f'{data}/random'] = _features(recognition, 'none', data, *pairs)
    for name, (_, overlays, *_) in FORMS.items():
        rows[f'{data}/pretrain_{name}'] = _pretraining(pretraining, data, overlays)
        encoder = f'{{encoder:{data}/pretrain_{name}}}'
        rows[f'{data}/{name}'] = _features(recognition, encoder, data, *pairs)

# Fig. 5.3: how well the start of a segment is told from frozen features of other videos
AWARE = ('random', 'moco', 'variant1', 'variant2', 'ltn')
_DRAWN = {'rendered': ('enter', 'leave'), 'utd-mhad': ('sit to stand', 'stand to sit')}
for data, (_, recognition) in SETS.items():
    for name in AWARE:
        encoder = 'none' if name == 'random' else f'{{encoder:{data}/pretrain_{name}}}'
        awareness = ('analysis/evaluate_time_awareness.py', f'configs/ltn/{recognition}.py', encoder)
        awareness += ('--names', 'f', '--seed', '{seed}', '--out', '{folder}/time.png')
        rows[f'awareness/{data}_{name}'] = Row(
            commands=((*awareness, '--classes', *_DRAWN[data]),), after=(f'data/{data}',)
        )


# The direction of time: clips told from the same played backwards, by frozen features
def _direction(features: Row) -> Row:
    (command,) = features.commands
    return replace(features, commands=((*command, '--direction'),))


for name in AWARE:
    rows[f'direction/utd-mhad_{name}'] = _direction(rows[f'utd-mhad/{name}'])

# Table 5.8: which classes gain from LTN, by linear classifiers on frozen features
for name in ('moco', 'ltn'):
    rows |= chosen_training(
        f'gains/{name}',
        'ltn/r3d_rendered_rgb',
        f'{{encoder:rendered/pretrain_{name}}}',
        overlays=('linear',),
        rates=('0.001', '0.003', '0.01'),
        epochs=30,
        longest=30,
        scores=True,
        after=('data/rendered',),
    )
rows['gains/ltn-over-moco'] = Row(
    commands=(
        (
            *('analysis/compare_classes.py', '{scores:gains/moco}', '{scores:gains/ltn}'),
            *('--pairs', '{data}/rendered/time_pairs.txt'),
        ),
    ),
)

# Fine-tuning: the rate is chosen on subjects that are held out, once from scratch and once after pre-training
_FINETUNED = dict(
    config='ltn/r3d_utd-mhad_depth',
    rates=('0.0003', '0.001', '0.003'),
    epochs=60,
    longest=60,
    holdout=('--holdout', '0.25', '--holdout-groups', 's[0-9]+'),
    after=('data/utd-mhad',),
)
rows |= chosen_training('utd-mhad/scratch', **_FINETUNED)
rows |= chosen_training('utd-mhad/finetuned_moco', encoder='{encoder:utd-mhad/pretrain_moco}', **_FINETUNED)
for name in [name for name in FORMS if name != 'moco']:
    rows |= chosen_training(
        f'utd-mhad/finetuned_{name}',
        encoder=f'{{encoder:utd-mhad/pretrain_{name}}}',
        choice='utd-mhad/finetuned_moco',
        **_FINETUNED,
    )

# Tables 5.3 and 5.4 in the proportions of the small network: title, options, thesis
_TIME = 'model.time'
TIME_ENCODERS = {
    '1-8': ('1', '8', '66.7', '50.5'),
    '1-64': ('1', '64', '67.3', '52.3'),
    '2-64': ('2', '64', '67.1', '52.8'),
    '3-128': ('3', '128', '67.9', '53.2'),
}
DIRECTIONS = {
    '1': ('M = 16', '65.2', '51.6'),
    '4': ('M = 64', '67.8', '53.7'),
    '32': ('M = 512', '67.6', '52.1'),
    '64': ('M = 1024', '67.5', '51.1'),
    '125': ('M = 2000', '66.9', '50.5'),
}
for name, (layers, width, *_) in TIME_ENCODERS.items():
    rows[f'encoder/pretrain_{name}'] = _pretraining(
        'ltn_utd-mhad_depth',
        'utd-mhad',
        **{f'{_TIME}.num_layers': layers, f'{_TIME}.hidden_channels': width},
    )
for number in DIRECTIONS:
    rows[f'directions/pretrain_{number}'] = _pretraining(
        'ltn_utd-mhad_depth', 'utd-mhad', **{f'{_TIME}.num_directions': number}
    )
for name in [name for name in rows if name.startswith(('encoder/', 'directions/'))]:
    rows[name.replace('pretrain_', '')] = _features(
        'r3d_utd-mhad_depth', f'{{encoder:{name}}}', 'utd-mhad', '--pairs', *PAIRS['utd-mhad']
    )

# What the release does otherwise: three numbers of time, a cross-entropy for every positive
rows['utd-mhad/pretrain_release'] = _pretraining(
    'ltn_utd-mhad_depth',
    'utd-mhad',
    **{f'{_TIME}.times': 'start-end-length', 'model.loss.separate_positives': 'True'},
)
rows['utd-mhad/release'] = _features(
    'r3d_utd-mhad_depth',
    '{encoder:utd-mhad/pretrain_release}',
    'utd-mhad',
    '--pairs',
    *PAIRS['utd-mhad'],
)

# UT-Interaction: sequences of a set are left out in turn, the encoder is pre-trained on the other set
INTERACTIONS = ('moco', 'variant1', 'variant2', 'ltn', 'byol-4')
_LIST = '{data}/ut_interaction'
_LEFT_OUT = ('--leave-out', '_[0-9]+_')  # FILE_SEQUENCE_CLASS
for number, other in (('1', '2'), ('2', '1')):
    tested = {'test_dataloader.dataset.ann_file': f'{_LIST}/set{other}.txt'}
    rows[f'ut-interaction/random_{number}'] = _features(
        'r3d_ut-interaction_rgb', 'none', 'ut-interaction', *_LEFT_OUT, **tested
    )
    for name in INTERACTIONS:
        rows[f'ut-interaction/pretrain_{name}_{number}'] = _pretraining(
            'ltn_ut-interaction_rgb',
            'ut-interaction',
            FORMS[name][1],
            **{'train_dataloader.dataset.ann_file': f'{_LIST}/set{number}.txt'},
        )
        encoder = f'{{encoder:ut-interaction/pretrain_{name}_{number}}}'
        rows[f'ut-interaction/{name}_{number}'] = _features(
            'r3d_ut-interaction_rgb', encoder, 'ut-interaction', *_LEFT_OUT, **tested
        )
for name in ('random', *INTERACTIONS):
    for number in ('1', '2'):
        rows[f'direction/ut-interaction_{name}_{number}'] = _direction(
            rows[f'ut-interaction/{name}_{number}']
        )


def _pair(text: str) -> str:
    """Name of a pair's figure."""
    return text.replace(':', '/')


_LINEAR = ('linear', 'linear mean of classes', 'within pairs', 'outside pairs')
_UTD = ('nearest neighbors', *_LINEAR, *map(_pair, PAIRS['utd-mhad']))
_WITHOUT = {'random': 'none (random, frozen)', **{name: form[0] for name, form in FORMS.items()}}
tables = [
    Table(
        title='Pre-training',
        name='rendered',
        columns=('linear', 'mean of classes', 'within time pairs', 'other classes', *PAIRS['rendered']),
        lines={
            title: [(f'rendered/{name}', metric) for metric in (*_LINEAR, *map(_pair, PAIRS['rendered']))]
            for name, title in _WITHOUT.items()
        },
        scale=100,
    ),
    Table(
        title='Pre-training',
        name='UTD-MHAD',
        columns=(
            'nearest neighbors',
            'linear',
            'mean of classes',
            'within time pairs',
            'other classes',
            'swipes 1/2',
            'circles 9/10',
            'sit, stand 24/25',
            'fine-tuned',
            'thesis: Smarthome CS, Top-1',
            'mean of classes (thesis)',
        ),
        lines={
            title: [
                *((f'utd-mhad/{name}', metric) for metric in _UTD),
                (f'utd-mhad/{"scratch" if name == "random" else f"finetuned_{name}"}', 'acc/top1'),
                *(FORMS[name][2:] if name in FORMS else (None, None)),
            ]
            for name, title in _WITHOUT.items()
        },
        scale=100,
    ),
    Table(
        title='Time encoder: layers, width',
        name='time encoder',
        columns=('UTD-MHAD: linear', 'within time pairs', 'thesis: Smarthome CS, Top-1', 'mean of classes'),
        lines={
            'none (MoCo)': [('utd-mhad/moco', 'linear'), ('utd-mhad/moco', 'within pairs'), '65.1', '49.7'],
            **{
                f'{layers}, {width}': [
                    *((f'encoder/{name}', metric) for metric in ('linear', 'within pairs')),
                    *thesis,
                ]
                for name, (layers, width, *thesis) in TIME_ENCODERS.items()
            },
            '2, 128': [('utd-mhad/ltn', 'linear'), ('utd-mhad/ltn', 'within pairs'), '67.8', '53.7'],
        },
        scale=100,
    ),
    Table(
        title='Directions M of 128',
        name='directions',
        columns=(
            'UTD-MHAD: linear',
            'within time pairs',
            'thesis, of 2048',
            'Smarthome CS, Top-1',
            'mean of classes',
        ),
        lines={
            **{
                number: [
                    *((f'directions/{number}', metric) for metric in ('linear', 'within pairs')),
                    *thesis,
                ]
                for number, thesis in DIRECTIONS.items()
            },
            '8': [
                ('utd-mhad/ltn', 'linear'),
                ('utd-mhad/ltn', 'within pairs'),
                'M = 128',
                '67.3',
                '52.2',
            ],
        },
        scale=100,
    ),
    Table(
        title='Pre-training',
        name='UT-Interaction',
        columns=('set 2, pre-trained on set 1', 'set 1, pre-trained on set 2'),
        lines={
            title: [(f'ut-interaction/{name}_{number}', 'linear') for number in ('1', '2')]
            for name, title in _WITHOUT.items()
            if name in ('random', *INTERACTIONS)
        },
        scale=100,
    ),
    Table(
        title='Pre-training',
        name='awareness',
        columns=(
            'UTD-MHAD: R² of the start time',
            'pairs in order',
            'rendered: R² of the start time',
            'pairs in order (rendered)',
        ),
        lines={
            _WITHOUT[name]: [
                (f'awareness/{data}_{name}', metric)
                for data in ('utd-mhad', 'rendered')
                for metric in ('f R2 of the start time', 'f pairs in order')
            ]
            for name in AWARE
        },
        decimals=3,
    ),
    Table(
        title='Pre-training',
        name='direction',
        columns=('UTD-MHAD', 'UT-Interaction, set 2, pre-trained on set 1', 'set 1, pre-trained on set 2'),
        lines={
            title: [
                (row, 'direction of time') if row in rows else None
                for row in (
                    f'direction/utd-mhad_{name}',
                    *(f'direction/ut-interaction_{name}_{number}' for number in ('1', '2')),
                )
            ]
            for name, title in _WITHOUT.items()
            if name in (*AWARE, *INTERACTIONS)
        },
        scale=100,
    ),
    Table(
        title='Form',
        name='release',
        columns=('linear', 'within time pairs'),
        lines={
            title: [(f'utd-mhad/{name}', metric) for metric in ('linear', 'within pairs')]
            for name, title in {
                'ltn': 'thesis: start, positives in one sum',
                'release': 'release: start, end, length; each positive by itself',
            }.items()
        },
        scale=100,
    ),
]
