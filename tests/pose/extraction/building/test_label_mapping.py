"""Text files that map labels to classes."""

from __future__ import annotations

import pytest

from mmactrep.pose.extraction.building.label_mapping import (
    LabelMapping,
    LabelMappingError,
    read_label_mapping,
)


def mapping_of(tmp_path, text):
    path = tmp_path / 'mapping.txt'
    path.write_text(text, encoding='utf-8')
    return read_label_mapping(path)


def test_labels_are_renamed_merged_and_dropped(tmp_path):
    mapping = mapping_of(
        tmp_path,
        '\ufeff# the thesis merges these (3.5)\nmaking cakes -> making food\nmaking sushi->making food\n\n'
        'making pizza ->  making food \nwashing hair -> washing hair\nslacklining -> -\n',
    )
    assert [mapping(f'making {what}') for what in ('cakes', 'sushi', 'pizza')] == ['making food'] * 3
    assert mapping('washing hair') == 'washing hair' and mapping('slacklining') is None
    assert mapping.targets == {'making food', 'washing hair'}


def test_a_label_is_mapped_once_not_along_a_chain(tmp_path):
    mapping = mapping_of(tmp_path, 'a -> b\nb -> c\nc -> a\n')
    assert [mapping(label) for label in 'abc'] == ['b', 'c', 'a']


def test_unknown_labels_are_refused_by_name_with_what_is_like_them(tmp_path):
    mapping = mapping_of(tmp_path, 'making cakes -> food\nwashing feet -> -\n')
    with pytest.raises(
        LabelMappingError,
        match=r"label 'making cake' is not in .*mapping\.txt; did you mean 'making cakes'\?",
    ):
        mapping('making cake')
    with pytest.raises(LabelMappingError, match=r"label 'xyz' is not in .*mapping\.txt$"):
        mapping('xyz')


def test_the_other_labels_stay_or_are_dropped_where_the_file_says_so(tmp_path):
    assert mapping_of(tmp_path, '* -> *\na -> b\n')('other') == 'other'
    dropping = mapping_of(tmp_path, 'a -> b\n* -> -\n')
    assert dropping('other') is None and dropping('a') == 'b'
    assert LabelMapping()('anything') == 'anything'


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('a -> b\nc\n', r"mapping\.txt:2: expected 'old -> new'.*found 'c'"),
        ('a ->\n', r'mapping\.txt:1: expected'),
        ('-> b\n', r'mapping\.txt:1: expected'),
        ('a -> b -> c\n', r'mapping\.txt:1: expected'),
        ('a -> *\n', r'mapping\.txt:1: expected'),
        ('a -> b\n\na -> c\n', r"mapping\.txt:3: 'a' is mapped in line 1 too"),
        ('* -> b\n', r"mapping\.txt:1: the other labels can stay .* found 'b'"),
        ('# nothing\n', r"mapping\.txt: expected lines 'old -> new', found none"),
    ],
)
def test_lines_of_another_form_are_refused_by_their_number(tmp_path, text, message):
    with pytest.raises(LabelMappingError, match=message):
        mapping_of(tmp_path, text)
