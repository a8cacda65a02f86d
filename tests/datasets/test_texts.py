"""Shipped descriptions of classes."""

from __future__ import annotations

import pytest

from mmactrep.datasets.protocols import protocol_classes
from mmactrep.datasets.texts import UnknownTextsError, load_class_texts, shipped_texts, texts_of_classes
from mmactrep.files import BadFileError
from mmactrep.motion.procedural import motion_names
from mmactrep.structures.class_texts import LabelTextError


@pytest.mark.parametrize('name', ['penn_action', 'utd_mhad', 'kard', 'utkinect', 'nw_ucla', 'ut_interaction'])
def test_every_class_of_a_data_set_is_described(name):
    found = {each.name: each.sentences for each in load_class_texts(name)}
    assert set(found) == set(protocol_classes(name))
    assert all(len(set(sentences)) == len(sentences) >= 3 for sentences in found.values())


def test_every_procedural_motion_is_described():
    assert {each.name for each in load_class_texts('procedural')} == set(motion_names())


def test_no_sentence_describes_two_classes():
    for name in shipped_texts():
        sentences = [sentence for each in load_class_texts(name) for sentence in each.sentences]
        assert len(sentences) == len(set(sentences)), name


def test_texts_follow_the_order_of_the_labels(tmp_path):
    file = tmp_path / 'words.txt'
    file.write_text('b: second\na: first\n', encoding='utf-8')
    assert [each.texts for each in texts_of_classes(['a', 'b'], file)] == [('first',), ('second',)]
    assert [each.texts for each in texts_of_classes(['sit_down'])] == [('sit down',)]
    with pytest.raises(LabelTextError, match="'c'"):
        texts_of_classes(['a', 'c'], file)


def test_what_is_no_list_is_refused(tmp_path):
    with pytest.raises(UnknownTextsError, match='penn_action'):
        load_class_texts('pen_action')
    (tmp_path / 'bad.txt').write_bytes(b'wave\xff\xfe\n')
    with pytest.raises(BadFileError, match=r'bad\.txt'):
        load_class_texts(tmp_path / 'bad.txt')
