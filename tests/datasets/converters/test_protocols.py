"""Names, subjects and splits."""

from __future__ import annotations

import pytest

from mmactrep.datasets.converters import protocols as p

NTU120_CLASSES = p.NTU120_CLASSES


def test_class_counts_and_order():
    assert len(p.PENN_ACTION_CLASSES) == 15
    assert sorted(p.PENN_ACTION_CLASSES) == p.PENN_ACTION_CLASSES
    assert len(set(p.SMARTHOME_CLASSES)) == 31
    assert (p.SMARTHOME_CLASSES[0], p.SMARTHOME_CLASSES[27], p.SMARTHOME_CLASSES[30]) == (
        'Cook.Cleandishes',
        'Usetelephone',
        'WatchTV',
    )
    assert len(set(p.SMARTHOME_CV_CLASSES)) == 19
    assert set(p.SMARTHOME_CV_CLASSES) < set(p.SMARTHOME_CLASSES)
    assert len(set(NTU120_CLASSES)) == 120
    assert (NTU120_CLASSES[0], NTU120_CLASSES[42], NTU120_CLASSES[59], NTU120_CLASSES[119]) == (
        'drink water',
        'falling down',
        'walking apart',
        'rock-paper-scissors',
    )


@pytest.mark.parametrize(
    ('name', 'splits'),
    [
        ('WatchTV_p03_r00_v01_c01_pose3d.json', ('cs_train',)),  # no class of CV
        ('Walk_p03_r00_v01_c01_pose3d.json', ('cs_train', 'cv1_train', 'cv2_train')),
        ('Walk_p02_r00_v01_c03_pose3d.json', ('cs_test', 'cv2_train')),
        ('Walk_p25_r00_v01_c02_pose3d.json', ('cs_train', 'cv1_test', 'cv2_test')),
        ('Walk_p25_r00_v01_c05.json', ('cs_train',)),  # camera 5 is in neither
        ('Pour.Frombottle_p18_r11_v22_c07_x.json', ('cs_test', 'cv2_train')),
    ],
)
def test_smarthome(name, splits):
    clip_id, action, subject, camera = p.smarthome_fields(name)
    assert name.startswith(clip_id) and name[len(clip_id)] in '_.'
    assert p.smarthome_splits(action, subject, camera) == splits


@pytest.mark.parametrize(
    ('name', 'classes', 'splits'),
    [
        ('S001C001P001R001A001', 60, ('xsub_train', 'xview_val')),
        ('S001C002P003R001A001', 60, ('xsub_val', 'xview_train')),
        ('S001C003P019R001A001', 60, ('xsub_train', 'xview_train')),
        ('S001C003P020R001A001', 60, ('xsub_val', 'xview_train')),
        ('S018C003P045R001A061', 120, ('xsub_train', 'xset_train')),
        ('S019C003P048R001A061', 120, ('xsub_val', 'xset_val')),
        ('S002C003P038R001A001', 120, ('xsub_train', 'xset_train')),
    ],
)
def test_ntu(name, classes, splits):
    assert p.ntu_splits(p.ntu_fields(name + '.skeleton'), classes) == splits


def test_subject_counts_as_published():
    # NTU-60 trains on 20 subjects, NTU-120 on 53 of 106, UAV-Human on 89 of 119
    assert len(p.NTU60_XSUB_SUBJECTS) == 20
    assert len(p.NTU120_XSUB_SUBJECTS) == 53
    assert {name: len(subjects) for name, subjects in p.UAV_HUMAN_SUBJECTS.items()} == {
        'csv1': 89,
        'csv2': 89,
    }


@pytest.mark.parametrize(
    ('subject', 'splits'),
    [
        (0, ('csv1_train', 'csv2_train')),
        (2, ('csv1_train', 'csv2_test')),
        (3, ('csv1_test', 'csv2_train')),
        (9, ('csv1_test', 'csv2_test')),
    ],
)
def test_uav_human(subject, splits):
    name = f'P{subject:03d}S00G10B10H10UC022000LC021000A154R0_08241716.txt'
    assert p.uav_human_fields(name) == (name[:-4], subject, 154)
    assert p.uav_human_splits(subject) == splits


@pytest.mark.parametrize('parse', [p.smarthome_fields, p.ntu_fields, p.uav_human_fields])
def test_foreign_names_are_refused(parse):
    with pytest.raises(ValueError, match=r"'holiday_01.json' is not a name like"):
        parse('holiday_01.json')


@pytest.mark.parametrize(
    ('clip', 'expected'),
    [
        ('S001C002P003R002A013', dict(setup='001', camera='002', subject='003')),
        ('Cook.Cleandishes_p02_r00_v02_c03', dict(subject='02', camera='03')),
        ('P013S00G10B10H10UC022000LC021000A000R0_08241838', dict(subject='013')),
        ('a10_s1_t4', dict(subject='1')),
        ('a01_s04_e02', dict(subject='04')),
        ('a01_s04_e00_v03', dict(subject='04', view='03')),
        ('0002-L', dict(view='L')),
        ('test/walk_000/character_1000', dict(character='character_1000')),
        ('a10_s1_t4@2', dict(subject='1', camera='2')),
        ('test/walk_000/character_1000@11', dict(character='character_1000', camera='11')),
        ('0001@0', dict(camera='0')),
        ('0001', {}),
        ('my clip', {}),
    ],
)
def test_what_ids_say_besides_the_class(clip, expected):
    assert p.clip_attributes(clip) == expected
