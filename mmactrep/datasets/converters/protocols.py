"""What the data sets' file names encode, and the splits that follow from it.

The lists themselves are in ``mmactrep/datasets/protocols``.
"""

from __future__ import annotations

import re

from mmactrep.datasets.protocols import protocol_classes, protocol_numbers
from mmactrep.errors import UserError

PENN_ACTION_CLASSES = protocol_classes('penn_action')
#: The 31 classes of Smarthome's cross-subject protocol, in the order of the labels.
SMARTHOME_CLASSES = protocol_classes('smarthome')
#: The 19 classes of Smarthome's cross-view protocols, in the order of their labels.
SMARTHOME_CV_CLASSES = protocol_classes('smarthome/cv')
NTU120_CLASSES = protocol_classes('ntu')

_SMARTHOME_CS_SUBJECTS = protocol_numbers('smarthome', 'subjects cs train')
_SMARTHOME_CV_TRAIN_CAMERAS = {
    protocol: protocol_numbers('smarthome', f'cameras {protocol} train') for protocol in ('cv1', 'cv2')
}
_SMARTHOME_CV_TEST_CAMERAS = protocol_numbers('smarthome', 'cameras cv test')

NTU60_XSUB_SUBJECTS = protocol_numbers('ntu', 'subjects 60 xsub train')
NTU120_XSUB_SUBJECTS = protocol_numbers('ntu', 'subjects 120 xsub train')
_NTU_XVIEW_CAMERAS = protocol_numbers('ntu', 'cameras 60 xview train')

UAV_HUMAN_SUBJECTS = {
    protocol: protocol_numbers('uav_human', f'subjects {protocol} train') for protocol in ('csv1', 'csv2')
}


class ForeignNameError(UserError, ValueError):
    """A file whose name does not fit the data set; the message shows a valid name."""


def subject_splits(subjects: int) -> tuple[str, ...]:
    """Splits of a data set with a cross-subject protocol and one that leaves each person out in turn.

    ``xsub_train`` and ``xsub_test``; ``personNN_test`` has one subject, ``personNN_train`` the others.

    Args:
        subjects: Number of subjects, counted from 1.
    """
    names = ('xsub', *(f'person{person:02d}' for person in range(1, subjects + 1)))
    return tuple(f'{name}_{part}' for name in names for part in ('train', 'test'))


def splits_of_subject(subject: int, subjects: int, train: frozenset[int]) -> tuple[str, ...]:
    """The splits of :func:`subject_splits` that contain a subject's clips.

    Args:
        subject: The subject.
        subjects: Number of subjects.
        train: Subjects of ``xsub_train``.
    """
    persons = (
        f'person{person:02d}_{"test" if person == subject else "train"}' for person in range(1, subjects + 1)
    )
    return (f'xsub_{"train" if subject in train else "test"}', *persons)


_SMARTHOME_NAME = re.compile(
    r'(?P<action>[A-Za-z]+(\.[A-Za-z]+)?)_p(?P<subject>\d+)_r\d+_v\d+_c(?P<camera>\d+)(?![0-9])',
    re.ASCII,
)
_NTU_NAME = re.compile(
    r'S(?P<setup>\d{3})C(?P<camera>\d{3})P(?P<subject>\d{3})R(?P<repetition>\d{3})A(?P<action>\d{3})(?!\d)',
    re.ASCII,
)
_UAV_NAME = re.compile(r'P(?P<subject>\d+)S\d+G\d+B\d+H\d+UC\d+LC\d+A(?P<action>\d+)R\d+', re.ASCII)


# the ids of UTD-MHAD, KARD, UTKinect and Northwestern-UCLA; a number that a test with several cameras adds
_KINECT_NAME = re.compile(r'a\d+_s(?P<subject>\d+)_[et]\d+(_v(?P<view>\d+))?(?![0-9])', re.ASCII)
_LIBRARY_NAME = re.compile(r'[^/]+/[^/]+/(?P<character>[^/@]+)')
_PKU_NAME = re.compile(r'\d{4}-(?P<view>[LMR])', re.ASCII)
_CAMERA = re.compile(r'@(?P<camera>\d+)$', re.ASCII)


def clip_attributes(clip_id: str) -> dict[str, str]:
    """What the id of a clip says besides its class: subject, camera, view, setup or character.

    Args:
        clip_id: An id as the converters write it, of any data set; ``@2`` at its end is a camera that a test
            with ``ProjectToCamera`` has added.

    Returns:
        Attributes by name; none if the id is of no known form.

    >>> clip_attributes('a01_s03_e00_v02')
    {'subject': '03', 'view': '02'}
    """
    for pattern in (_NTU_NAME, _SMARTHOME_NAME, _UAV_NAME, _KINECT_NAME, _PKU_NAME, _LIBRARY_NAME):
        match = pattern.match(clip_id)
        if match:
            found = {key: value for key, value in match.groupdict().items() if value is not None}
            break
    else:
        found = {}
    added = _CAMERA.search(clip_id)
    found |= added.groupdict() if added else {}
    return {key: value for key, value in found.items() if key not in ('action', 'repetition')}


def smarthome_fields(name: str) -> tuple[str, str, int, int]:
    """Clip id, class, subject and camera of a Smarthome file name.

    >>> smarthome_fields('WatchTV_p02_r03_v05_c05_pose3d.json')
    ('WatchTV_p02_r03_v05_c05', 'WatchTV', 2, 5)
    """
    match = _SMARTHOME_NAME.match(name)
    if match is None:
        raise ForeignNameError(f"'{name}' is not a name like WatchTV_p02_r03_v05_c05_pose3d.json")
    return match[0], match['action'], int(match['subject']), int(match['camera'])


def smarthome_splits(action: str, subject: int, camera: int) -> tuple[str, ...]:
    """Splits of a clip: cross-subject for every clip, cross-view for clips of the 19 classes."""
    splits = ['cs_train' if subject in _SMARTHOME_CS_SUBJECTS else 'cs_test']
    if action in SMARTHOME_CV_CLASSES:
        for protocol, cameras in _SMARTHOME_CV_TRAIN_CAMERAS.items():
            if camera in cameras:
                splits.append(f'{protocol}_train')
            elif camera in _SMARTHOME_CV_TEST_CAMERAS:
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
        raise ForeignNameError(f"'{name}' is not a name like S001C002P003R002A013.skeleton")
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
        raise ForeignNameError(
            f"'{name}' is not a name like P000S00G10B10H10UC022000LC021000A000R0_08241716.txt"
        )
    return name.split('.')[0], int(match['subject']), int(match['action'])


def uav_human_splits(subject: int) -> tuple[str, ...]:
    """Splits of a clip under the two cross-subject protocols."""
    return tuple(
        f'{protocol}_{"train" if subject in subjects else "test"}'
        for protocol, subjects in UAV_HUMAN_SUBJECTS.items()
    )
