"""Results as text, and where they are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmactrep.apis import InferenceError
from mmactrep.apis.report import format_predictions, outputs_for, print_notes
from mmactrep.structures import get_layout
from mmactrep.structures.poses import PoseTrack
from mmactrep.structures.recognition import PersonActions, RecognitionResult

LAYOUT = get_layout('coco17')


def result_of(votes: list[int] | None, num_experts: int) -> RecognitionResult:
    """One person in frames 3 to 8; joints of all six frames, those without a vote interpolated."""
    track = PoseTrack(
        0, 3, np.ones((6, 17, 2)), np.ones((6, 17)), np.ones(6), None if votes is None else np.array(votes)
    )
    scores = np.array([0.25, 0.75])
    person = PersonActions(track, [], scores, ['b', 'a'], [0.75, 0.25])
    return RecognitionResult(
        'x', LAYOUT, (9, 9), 20, ['a', 'b'], [person], [], scores, ['b', 'a'], [0.75, 0.25], 0, num_experts
    )


@pytest.mark.parametrize(
    ('votes', 'experts', 'line'),
    [
        ([3, 3, 2, 0, 1, 1], 3, 'frames 3 to 8, seen in 5 by 2.0 of 3 experts on average, interpolated in 1'),
        ([1, 1, 1, 0, 0, 1], 1, 'frames 3 to 8, seen in 4, interpolated in 2'),
        (None, 0, 'frames 3 to 8, seen in 6'),
    ],
)
def test_how_many_experts_saw_a_person(votes, experts, line):
    text = format_predictions(result_of(votes, experts)).splitlines()
    assert text[0] == f'person 0: {line}, too few to recognize anything'
    assert text[1:] == ['  b   75.0%', '  a   25.0%']


def test_notes_go_to_the_error_stream(capsys):
    print_notes(['first', 'second'])
    caught = capsys.readouterr()
    assert caught.err == 'note: first\nnote: second\n' and not caught.out


def test_an_output_for_each_input():
    work = Path('work')
    assert outputs_for(['a/v.avi'], None, work, '.mp4') == {'a/v.avi': work / 'v.mp4'}
    assert outputs_for(['a/v.avi'], Path('x.mp4'), work, '.mp4') == {'a/v.avi': Path('x.mp4')}
    found = outputs_for(['v.avi', 'store::../clip'], Path('x'), work, '.mp4')
    assert found == {'v.avi': Path('x/v.mp4'), 'store::../clip': Path('x/clip.mp4')}
    with pytest.raises(InferenceError, match=r'a/v\.avi and b/v\.mkv would both be written to .*v\.mp4'):
        outputs_for(['a/v.avi', 'b/v.mkv'], None, work, '.mp4')
    with pytest.raises(InferenceError, match='expected a folder, as there are 2 inputs'):
        outputs_for(['a', 'b'], Path('x.mp4'), work, '.mp4')


def test_an_output_without_a_suffix_is_a_folder(tmp_path):
    assert outputs_for(['a/v.avi'], Path('x'), Path('work'), '.mp4') == {'a/v.avi': Path('x/v.mp4')}
    assert outputs_for(['0'], Path('x'), Path('work'), '.mp4') == {'0': Path('x/0.mp4')}
    (tmp_path / 'v1.2').mkdir()  # a folder that exists may have any name
    assert outputs_for(['v.avi'], tmp_path / 'v1.2', Path('work'), '.mp4') == {
        'v.avi': tmp_path / 'v1.2' / 'v.mp4'
    }
    with pytest.raises(
        InferenceError, match=r'--out x\.avi: expected a file that ends in \.mp4, or a folder'
    ):
        outputs_for(['v.avi'], Path('x.avi'), Path('work'), '.mp4')


def test_no_input_is_written_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'v.mp4').touch()
    for out in ('v.mp4', '.'):
        with pytest.raises(InferenceError, match=r'v\.mp4 would be written over'):
            outputs_for(['v.mp4'], Path(out), Path('work'), '.mp4')
