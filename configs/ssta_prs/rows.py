"""Rows and tables of SSTA-PRS's README, see ``tools/reproduce.py``.

UTD_VIDEOS names a folder with the depth videos of UTD-MHAD, UT_INTERACTION one with ``set1``.
"""

import os
from pathlib import Path

from mmactrep.engine.reproduction import Row, Table

VIDEOS = os.environ.get('UTD_VIDEOS', '../shared/data/utd_mhad/depth_video')
PICTURES, TRUTH = '{data}/utd_mhad/pictures', '{data}/utd_mhad/pseudo_truth'
_EXPERTS = ('top_down', 'top_down_coarse', 'bottom_up')
#: Students by the names of their rows: config before refinement.
STUDENTS = dict(
    lcrnet='ssta_prs/lcrnet-lite0_utd-mhad_2d_small', rtmpose='ssta_prs/rtmpose-lite0_utd-mhad_2d_small'
)


def _pseudo_truth(pictures: str, truth: str, experts: tuple[str, ...], after: str, *options: str) -> Row:
    """Pseudo truth of experts whose poses lie beside the degraded videos that train."""
    command = ('make_pseudo_truth.py', f'{pictures}/degraded', '--out', truth, '--quiet', *options)
    poses = (f'{pictures}/experts/degraded/{name}/{{{{stem}}}}.npz' for name in experts)
    return Row(
        commands=((*command, '--experts', *poses),),
        makes=f'{truth}/annotations/train.json',
        seeded=False,
        after=(after,),
    )


def _trainings(students: dict[str, str], pictures: str, truth: str) -> dict[str, Row]:
    """Students before refinement, on true poses, and refined, on pseudo truth alone."""
    made = {}
    for name, config in students.items():
        made[f'{name}/before'] = Row(config=config, test=False, after=(pictures,))
        made[f'{name}/refined'] = Row(
            config=f'{config}_refined',
            load_from=f'{{checkpoint:{name}/before}}',
            test=False,
            after=(truth,),
        )
    return made


rows = {
    'data/pictures': Row(
        commands=(
            (
                *('data/make_depth_pictures.py', '{data}/utd_mhad/3d', '--videos', VIDEOS),
                *('--out', PICTURES),
            ),
        ),
        makes=f'{PICTURES}/annotations/degraded_test.json',
        seeded=False,
    ),
    'data/pseudo_truth': _pseudo_truth(PICTURES, TRUTH, _EXPERTS, 'data/pictures'),
    **_trainings(STUDENTS, 'data/pictures', 'data/pseudo_truth'),
}


def _test(
    condition: str, detector: tuple[str, ...] = (), students: dict = STUDENTS, pictures: str = PICTURES
) -> Row:
    """Students on the pictures of those who test."""
    specs = [
        f'{name} {state}=configs/{config}{ending}.py:{{checkpoint:{name}/{state}}}'
        for name, config in students.items()
        for state, ending in (('before', ''), ('refined', '_refined'))
    ]
    command = ('analysis/evaluate_students.py', pictures, '--condition', condition)
    return Row(commands=((*command, '--students', *specs, *detector),))


_LCRNET = f'configs/{STUDENTS["lcrnet"]}_refined.py:{{checkpoint:lcrnet/refined}}'
rows |= {
    'test/clean': _test('clean'),
    'test/degraded': _test('degraded'),
    'test/alone': _test('degraded', ('--detector', _LCRNET)),
}

# Rendered people, on whom real experts vote; they need ``bash tools/get_movenet.sh``.
PEOPLE, PEOPLE_TRUTH = '{data}/rendered_people', '{data}/rendered_people/pseudo_truth'
_REAL = ('mediapipe-crops', 'movenet-multipose', 'movenet-thunder')
#: The student of rendered people.
PEOPLE_STUDENTS = dict(people='ssta_prs/rtmpose-lite0_rendered_2d_small')
rows |= {
    'data/people': Row(
        commands=(('data/make_rendered_pictures.py', '--out', PEOPLE),),
        makes=f'{PEOPLE}/annotations/degraded_test.json',
        seeded=False,
    ),
    'data/people_truth': _pseudo_truth(PEOPLE, PEOPLE_TRUTH, _REAL, 'data/people', '--share', '0.5'),
    **_trainings(PEOPLE_STUDENTS, 'data/people', 'data/people_truth'),
    'people/clean': _test('clean', students=PEOPLE_STUDENTS, pictures=PEOPLE),
    'people/degraded': _test('degraded', students=PEOPLE_STUDENTS, pictures=PEOPLE),
}

# UT-Interaction: two persons who touch. The student learns from twelve clips of two sequences; in six of
# another sequence it is compared with the experts' aggregates.
UT_INTERACTION = Path(os.environ.get('UT_INTERACTION', '../shared/data/ut_interaction'))
UT_TRAIN = (
    *('4_1_0', '2_1_1', '1_1_2', '3_1_3', '0_1_4', '5_1_5'),
    *('8_2_0', '10_2_1', '9_2_2', '11_2_3', '6_2_4', '7_2_5'),
)
UT_TEST = ('52_9_0', '53_9_1', '50_9_2', '48_9_3', '51_9_4', '49_9_5')
_UT_CONFIG = 'ssta_prs/rtmpose-lite0_ut-interaction_2d_small'


def _ut_truth(clips: tuple[str, ...], out: str, *options: str) -> Row:
    """Pseudo truth of the three real experts on clips of set 1."""
    videos = (str(UT_INTERACTION / 'set1' / f'{name}.avi') for name in clips)
    command = ('make_pseudo_truth.py', *videos, '--out', out, '--experts', *_REAL, *options)
    return Row(commands=(command,), makes=f'{out}/annotations/train.json', seeded=False)


rows |= {
    'data/ut_truth': _ut_truth(UT_TRAIN, '{data}/ut_interaction/pseudo_truth', '--share', '0.3'),
    'data/ut_truth_test': _ut_truth(
        UT_TEST, '{data}/ut_interaction/pseudo_truth_test', '--share', '0.2', '--val-share', '0'
    ),
    'ut/before': Row(
        commands=(
            (
                *('test.py', f'configs/{_UT_CONFIG}.py', '{checkpoint:people/before}'),
                *('--work-dir', '{folder}/test', '--metrics', '{folder}/metrics.json'),
            ),
        ),
        metrics=('{folder}/metrics.json',),
        after=('data/ut_truth_test',),
    ),
    'ut/refined': Row(
        config=_UT_CONFIG,
        load_from='{checkpoint:people/before}',
        after=('data/ut_truth', 'data/ut_truth_test'),
    ),
}
_METRICS = ('PCKh@0.5', 'PCKh@2')


def _line(method: str, *thesis: str | None, rows: str = 'test') -> list:
    cells = [
        (f'{rows}/{condition}', f'{method} {m}') for condition in ('clean', 'degraded') for m in _METRICS
    ]
    return [*cells, *thesis]


tables = [
    Table(
        title='Method',
        name='students',
        columns=(
            'clean: PCKh @0.5',
            'clean: @2.0',
            'degraded: PCKh @0.5',
            'degraded: @2.0',
            'thesis: NTU-Pose @2.0',
            'Smarthome-Pose @0.5',
        ),
        lines={
            'top-down expert': _line('top-down', '53.2', '55.5'),
            'coarse top-down expert': _line('top-down coarse', '54.1', '64.4'),
            'bottom-up expert': _line('bottom-up', '45.4', '58.9'),
            'mean of the experts': _line('mean', None, None),
            'median of the experts': _line('median', None, None),
            'SST-A': _line('SST-A', '61.8', '65.7'),
            'LCRNet++ before': _line('lcrnet before', '54.1', '64.4'),
            '**LCRNet++ refined (SSTA-PRS)**': _line('lcrnet refined', '68.0', '73.7'),
            'RTMPose before, true boxes': _line('rtmpose before', None, None),
            '**RTMPose refined, true boxes**': _line('rtmpose refined', None, None),
        },
        decimals=1,
        scale=100,
    ),
    Table(
        title='Boxes from',
        name='boxes',
        columns=('RTMPose before: PCKh @0.5', 'RTMPose before: @2.0', 'refined: PCKh @0.5', 'refined: @2.0'),
        lines={
            title: [(row, f'rtmpose {state} {m}') for state in ('before', 'refined') for m in _METRICS]
            for title, row in (('the truth', 'test/degraded'), ('the refined LCRNet++', 'test/alone'))
        },
        decimals=1,
        scale=100,
    ),
    Table(
        title='Method',
        name='people',
        columns=('clean: PCKh @0.5', 'clean: @2.0', 'degraded: PCKh @0.5', 'degraded: @2.0'),
        lines={
            title: _line(method, rows='people')
            for title, method in {
                'MediaPipe on crops (top-down)': 'mediapipe-crops',
                'MoveNet thunder (top-down)': 'movenet-thunder',
                'MoveNet multipose (bottom-up)': 'movenet-multipose',
                'mean of the experts': 'mean',
                'median of the experts': 'median',
                'SST-A': 'SST-A',
                'RTMPose before, true boxes': 'people before',
                '**RTMPose refined, true boxes**': 'people refined',
            }.items()
        },
        decimals=1,
        scale=100,
    ),
    Table(
        title='Student on UT-Interaction',
        name='ut',
        columns=('PCKh @0.5', '@2.0'),
        lines={
            title: [(f'ut/{state}', f'pose/{m}') for m in _METRICS]
            for title, state in (
                ('trained on rendered people alone', 'before'),
                ('**refined on pseudo truth (SSTA-PRS)**', 'refined'),
            )
        },
        decimals=1,
        scale=100,
    ),
]
