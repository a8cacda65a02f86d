"""Batches, checks and precision that all teachers share."""

from __future__ import annotations

import pytest
import torch

from mmactrep.models.teachers import TeacherInputError, TeacherUnavailableError, UnknownTeacherError
from mmactrep.models.teachers.base import import_optional

TEXTS = ['wave', 'kick with the right leg', 'run', 'wave', 'jump', 'sit down', 'wave', 'a', 'drink']


def test_features_come_in_the_order_of_the_texts(text_teacher):
    expected = torch.stack([text_teacher.feature(text) for text in TEXTS])
    assert torch.equal(text_teacher.encode(TEXTS), expected)


def test_equal_texts_are_encoded_once_and_in_batches(text_teacher):
    text_teacher.encode(TEXTS)
    assert sorted(text for batch in text_teacher.batches for text in batch) == sorted(set(TEXTS))
    assert [len(batch) for batch in text_teacher.batches] == [4, 3]


def test_no_texts_have_no_features(text_teacher):
    assert text_teacher.encode([]).shape == (0, 16)


@pytest.mark.parametrize('empty', ['', '  \n', '...', None, 3])
def test_an_empty_text_is_refused(text_teacher, empty):
    with pytest.raises(TeacherInputError, match='hash: text 2 of 2 is empty'):
        text_teacher.encode(['wave', empty])


def test_a_single_text_is_no_list_of_letters(text_teacher):
    with pytest.raises(TeacherInputError, match="expected a list of texts, found the single text 'wave'"):
        text_teacher.encode('wave')


def test_features_that_are_not_finite_are_refused(text_teacher):
    text_teacher.feature = lambda text: torch.full((16,), float('inf'))
    with pytest.raises(TeacherInputError, match='hash: features are not finite in fp32'):
        text_teacher.encode(['wave'])


def test_clips_are_encoded_in_batches(video_teacher):
    clips = torch.randint(0, 256, (5, 2, 6, 4, 3), dtype=torch.uint8)
    features = video_teacher.encode(clips)
    torch.testing.assert_close(features, clips.double().mean((1, 2, 3)).float())
    assert video_teacher.batches == [2, 2, 1]
    assert video_teacher.encode(clips[:0]).shape == (0, 3)


@pytest.mark.parametrize(
    'clips',
    [
        torch.zeros(1, 3, 6, 4, 3, dtype=torch.uint8),
        torch.zeros(1, 2, 3, 6, 4, dtype=torch.uint8),
        torch.zeros(2, 6, 4, 3, dtype=torch.uint8),
        torch.zeros(1, 2, 6, 4, 3),
        torch.zeros(1, 2, 0, 4, 3, dtype=torch.uint8),
    ],
    ids=['frames', 'channels first', 'one clip', 'float', 'no pixels'],
)
def test_other_clips_are_refused(video_teacher, clips):
    with pytest.raises(TeacherInputError, match=r'color: expected clips \(N, 2, H, W, 3\) uint8, found \('):
        video_teacher.encode(clips)


@pytest.mark.parametrize(
    ('option', 'told'),
    [(dict(precision='fp8'), 'precision is one of fp32, bf16, fp16'), (dict(batch_size=0), 'whole number')],
)
def test_wrong_options_are_told(text_teacher, option, told):
    with pytest.raises(UnknownTeacherError, match=told):
        type(text_teacher)(**option)


def test_a_missing_package_is_told_with_its_requirements():
    with pytest.raises(TeacherUnavailableError, match=r'no_such_package.*-r requirements/text\.txt$'):
        import_optional('no_such_package.part', 'minilm', 'text')
