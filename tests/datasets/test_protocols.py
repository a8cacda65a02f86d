"""The published lists: how they are read, and that they stand in one place."""

from __future__ import annotations

import pytest

from mmactrep.datasets.protocols import class_list, protocol_classes, protocol_names, protocol_numbers
from mmactrep.errors import UserError

COUNTS = {
    'penn_action': 15,
    'smarthome': 31,
    'smarthome/cv': 19,
    'ntu': 120,
    'utd_mhad': 27,
    'utkinect': 10,
    'kard': 18,
    'nw_ucla': 10,
}


@pytest.mark.parametrize('name', COUNTS)
def test_class_lists_have_as_many_names_as_published(name):
    classes = protocol_classes(name)
    assert len(classes) == len(set(classes)) == COUNTS[name]
    assert class_list(name) == classes == class_list(classes)


def test_numbers_are_read_as_papers_print_them():
    assert protocol_numbers('smarthome', 'cameras cv2 train') == {1, 3, 4, 6, 7}
    assert protocol_numbers('nw_ucla', 'action numbers') == {1, 2, 3, 4, 5, 6, 8, 9, 11, 12}
    # over two lines
    assert {38, 45, 46, 47, 103} < protocol_numbers('ntu', 'subjects 120 xsub train')
    assert protocol_names('pku_mmd', 'views cv train') == ('M', 'R')


def test_lists_can_be_joined():
    found = class_list('utkinect + kard')
    assert found[:10] == protocol_classes('utkinect')
    assert sorted(found) == sorted({*protocol_classes('utkinect'), *protocol_classes('kard')})
    assert len(found) == 10 + 18 - 3  # walk, sit down, stand up are in both


def test_zero_shot_folds_divide_the_classes():
    for name, folds in (('penn_action', 3), ('utd_mhad', 3)):
        unseen = [set(protocol_classes(f'{name}/unseen {fold + 1}')) for fold in range(folds)]
        for fold, classes in enumerate(unseen):
            assert classes | set(protocol_classes(f'{name}/seen {fold + 1}')) == set(protocol_classes(name))
            assert not classes & set(protocol_classes(f'{name}/seen {fold + 1}'))
            assert not any(classes & other for other in unseen[:fold])
    assert [len(protocol_classes(f'penn_action/unseen {fold}')) for fold in (1, 2, 3)] == [5, 5, 5]
    assert [len(protocol_classes(f'utd_mhad/unseen {fold}')) for fold in (1, 2, 3)] == [7, 7, 7]


def test_the_list_of_procedural_motions_is_theirs():
    from mmactrep.motion.procedural import motion_names

    assert protocol_classes('procedural') == [name for name in motion_names() if name != 'stand']


def test_what_is_not_there_is_told_with_what_is():
    with pytest.raises(UserError, match=r"no lists of a data set 'ucf'; there are: kard, ntu, "):
        protocol_classes('ucf')
    with pytest.raises(UserError, match=r"no list 'classes cs' of 'smarthome'; there are: 'classes', "):
        protocol_classes('smarthome/cs')
    with pytest.raises(UserError, match='no lists of a data set'):
        protocol_classes('../protocols/ntu')


def test_no_config_and_no_code_holds_a_copy(repo):
    copies = []
    lists = {name: protocol_classes(name) for name in COUNTS}
    for path in [
        *(repo / 'configs').rglob('*.py'),
        *(repo / 'mmactrep').rglob('*.py'),
        *(repo / 'tools').rglob('*.py'),
    ]:
        text = path.read_text(encoding='utf-8')
        for name, classes in lists.items():
            found = sum(f"'{label}'" in text for label in classes)
            # words such as 'walk' are names of procedural motions too
            if found > len(classes) / 2:
                copies.append(f'{path.relative_to(repo)}: {found} of {name}')
    assert copies == []
