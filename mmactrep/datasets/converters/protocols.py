"""Class names, subject lists and split rules of the data sets, as published."""

from __future__ import annotations

import re

PENN_ACTION_CLASSES = [
    'baseball_pitch',
    'baseball_swing',
    'bench_press',
    'bowl',
    'clean_and_jerk',
    'golf_swing',
    'jump_rope',
    'jumping_jacks',
    'pullup',
    'pushup',
    'situp',
    'squat',
    'strum_guitar',
    'tennis_forehand',
    'tennis_serve',
]

#: The 31 classes of Smarthome's cross-subject protocol, in the order of the labels.
SMARTHOME_CLASSES = [
    'Cook.Cleandishes',
    'Cook.Cleanup',
    'Cook.Cut',
    'Cook.Stir',
    'Cook.Usestove',
    'Cutbread',
    'Drink.Frombottle',
    'Drink.Fromcan',
    'Drink.Fromcup',
    'Drink.Fromglass',
    'Eat.Attable',
    'Eat.Snack',
    'Enter',
    'Getup',
    'Laydown',
    'Leave',
    'Makecoffee.Pourgrains',
    'Makecoffee.Pourwater',
    'Maketea.Boilwater',
    'Maketea.Insertteabag',
    'Pour.Frombottle',
    'Pour.Fromcan',
    'Pour.Fromkettle',
    'Readbook',
    'Sitdown',
    'Takepills',
    'Uselaptop',
    'Usetelephone',
    'Usetablet',
    'Walk',
    'WatchTV',
]

#: The 19 classes of Smarthome's cross-view protocols, in the order of their labels.
SMARTHOME_CV_CLASSES = [
    'Cutbread',
    'Drink.Frombottle',
    'Drink.Fromcan',
    'Drink.Fromcup',
    'Drink.Fromglass',
    'Eat.Attable',
    'Eat.Snack',
    'Enter',
    'Getup',
    'Leave',
    'Pour.Frombottle',
    'Pour.Fromcan',
    'Readbook',
    'Sitdown',
    'Takepills',
    'Uselaptop',
    'Usetablet',
    'Usetelephone',
    'Walk',
]

_SMARTHOME_CS_SUBJECTS = {3, 4, 6, 7, 9, 12, 13, 15, 17, 19, 25}
_SMARTHOME_CV_TRAIN_CAMERAS = {'cv1': {1}, 'cv2': {1, 3, 4, 6, 7}}
_SMARTHOME_CV_TEST_CAMERA = 2


def _numbers(text: str) -> frozenset[int]:
    """Numbers from a list as papers print it: ``1, 2, 13-19``."""
    ranges = (part.split('-') for part in text.split(','))
    return frozenset(n for part in ranges for n in range(int(part[0]), int(part[-1]) + 1))


NTU60_XSUB_SUBJECTS = _numbers('1, 2, 4, 5, 8, 9, 13-19, 25, 27, 28, 31, 34, 35, 38')
NTU120_XSUB_SUBJECTS = NTU60_XSUB_SUBJECTS | _numbers(
    '45-47, 49, 50, 52-59, 70, 74, 78, 80-86, 89, 91-95, 97, 98, 100, 103'
)
_NTU_XVIEW_CAMERAS = {2, 3}

UAV_HUMAN_SUBJECTS = {
    'csv1': _numbers(
        '0, 2, 5-8, 10-21, 25-30, 32-40, 42-53, 55-57, 59, 61-65, 67-71, 73, 76-90, 98, 100, 102, '
        '103, 105, 106, 110-112, 114-118'
    ),
    'csv2': _numbers(
        '0, 3-6, 8, 10-12, 14, 16, 18-22, 24, 26, 29-32, 35-40, 43-47, 49, 52, 54, 56, 57, 59-64, 66, '
        '67, 69-75, 77-81, 83, 84, 86-89, 91-97, 99-104, 106-115, 117, 118'
    ),
}


_SMARTHOME_NAME = re.compile(
    r'(?P<action>[A-Za-z]+(\.[A-Za-z]+)?)_p(?P<subject>\d+)_r\d+_v\d+_c(?P<camera>\d+)(?![0-9])'
)
_NTU_NAME = re.compile(
    r'S(?P<setup>\d{3})C(?P<camera>\d{3})P(?P<subject>\d{3})R(?P<repetition>\d{3})A(?P<action>\d{3})(?!\d)'
)
_UAV_NAME = re.compile(r'P(?P<subject>\d+)S\d+G\d+B\d+H\d+UC\d+LC\d+A(?P<action>\d+)R\d+')


def smarthome_fields(name: str) -> tuple[str, str, int, int]:
    """Clip id, class, subject and camera of a Smarthome file name.

    >>> smarthome_fields('WatchTV_p02_r03_v05_c05_pose3d.json')
    ('WatchTV_p02_r03_v05_c05', 'WatchTV', 2, 5)
    """
    match = _SMARTHOME_NAME.match(name)
    if match is None:
        raise ValueError(f"'{name}' is not a name like WatchTV_p02_r03_v05_c05_pose3d.json")
    return match[0], match['action'], int(match['subject']), int(match['camera'])


def smarthome_splits(action: str, subject: int, camera: int) -> tuple[str, ...]:
    """Splits of a clip: cross-subject for every one, cross-view for those of the 19 classes."""
    splits = ['cs_train' if subject in _SMARTHOME_CS_SUBJECTS else 'cs_test']
    if action in SMARTHOME_CV_CLASSES:
        for protocol, cameras in _SMARTHOME_CV_TRAIN_CAMERAS.items():
            if camera in cameras:
                splits.append(f'{protocol}_train')
            elif camera == _SMARTHOME_CV_TEST_CAMERA:
                splits.append(f'{protocol}_test')
    return tuple(splits)


SMARTHOME_SPLITS = tuple(
    f'{protocol}_{part}' for protocol in ('cs', 'cv1', 'cv2') for part in ('train', 'test')
)


def ntu_fields(name: str) -> dict[str, int]:
    """Setup, camera, subject, repetition and action (all from 1) of an NTU RGB+D name.

    >>> ntu_fields('S001C002P003R002A013.skeleton')['action']
    13
    """
    match = _NTU_NAME.match(name)
    if match is None:
        raise ValueError(f"'{name}' is not a name like S001C002P003R002A013.skeleton")
    return {key: int(value) for key, value in match.groupdict().items()}


def ntu_splits(fields: dict[str, int], num_classes: int) -> tuple[str, ...]:
    """Splits of a clip of NTU RGB+D 60 (``xsub``, ``xview``) or 120 (``xsub``, ``xset``)."""
    if num_classes == 60:
        train = dict(
            xsub=fields['subject'] in NTU60_XSUB_SUBJECTS, xview=fields['camera'] in _NTU_XVIEW_CAMERAS
        )
    else:
        train = dict(xsub=fields['subject'] in NTU120_XSUB_SUBJECTS, xset=fields['setup'] % 2 == 0)
    return tuple(f'{protocol}_{"train" if first else "val"}' for protocol, first in train.items())


def uav_human_fields(name: str) -> tuple[str, int, int]:
    """Clip id, subject and action (both from 0) of a UAV-Human file name.

    >>> uav_human_fields('P000S00G10B10H10UC022000LC021000A000R0_08241716.txt')
    ('P000S00G10B10H10UC022000LC021000A000R0_08241716', 0, 0)
    """
    match = _UAV_NAME.match(name)
    if match is None:
        raise ValueError(f"'{name}' is not a name like P000S00G10B10H10UC022000LC021000A000R0_08241716.txt")
    return name.split('.')[0], int(match['subject']), int(match['action'])


def uav_human_splits(subject: int) -> tuple[str, ...]:
    """Splits of a clip under the two cross-subject protocols."""
    return tuple(
        f'{protocol}_{"train" if subject in subjects else "test"}'
        for protocol, subjects in UAV_HUMAN_SUBJECTS.items()
    )
