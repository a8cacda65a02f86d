"""Labels as users write them."""

from __future__ import annotations

import pytest

from mmactrep.structures.class_texts import (
    ClassText,
    LabelTextError,
    parse_class_texts,
    split_labels,
    words_of,
)


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('baseball_pitch', 'baseball pitch'),
        ('Drink.Frombottle', 'drink frombottle'),
        ('sitToStand', 'sit to stand'),
        ('  two  spaces ', 'two spaces'),
        ("tie one's shoes", "tie one's shoes"),
        ('push-up', 'push-up'),
        ('Öffnen', 'öffnen'),
    ],
)
def test_names_become_words(name, words):
    assert words_of(name) == words


def test_labels_are_split_at_commas():
    assert [each.name for each in split_labels('drinking, waving , sitting down')] == [
        'drinking',
        'waving',
        'sitting down',
    ]


def test_a_list_may_have_descriptions_with_commas():
    (wave, sit) = split_labels(['wave: a hand, raised, waves | waving', 'sit'])
    assert wave == ClassText('wave', ('a hand, raised, waves', 'waving'))
    assert wave.texts == ('a hand, raised, waves', 'waving')
    assert sit.texts == ('sit',)


@pytest.mark.parametrize(
    'labels', ['', 'wave,,sit', 'wave, ', '...', [], ['wave', '  '], ['wave: a | '], 'wave:']
)
def test_empty_labels_are_refused(labels):
    with pytest.raises(LabelTextError):
        split_labels(labels)


@pytest.mark.parametrize('labels', ['wave, sit, wave', 'sit_down, Sit down', ['wave: a', 'wave: b']])
def test_equal_labels_are_refused(labels):
    with pytest.raises(LabelTextError, match='two labels are equal'):
        split_labels(labels)


def test_a_file_names_the_line():
    text = '# sports\n\nbowl: a person bowls | a ball rolls\nsquat\n'
    assert parse_class_texts(text, 'a.txt') == [
        ClassText('bowl', ('a person bowls', 'a ball rolls')),
        ClassText('squat'),
    ]
    with pytest.raises(LabelTextError, match=r'a\.txt, line 2'):
        parse_class_texts('bowl\nsquat: \n', 'a.txt')
