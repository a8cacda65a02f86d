"""tools/search_clips.py and tools/analysis/evaluate_retrieval.py."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mmactrep.apis.recognizer import ActionRecognizer
from mmactrep.engine.run_figures import printed_figures
from mmactrep.store.feature_writer import FeatureStoreWriter
from mmactrep.store.reader import SkeletonStore
from tests.helpers.text_models import LettersTeacher, teach_letters, write_tmor
from tests.helpers.training import load_tool, restored_random_state, write_config, write_store

SENTENCES = ['somebody jumps', 'a person sits down', 'it waves', 'kicks a ball', 'turns around']


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A store with its config, T-MOR, and features of sentences: clip i has the sentences i and i + 1."""
    folder = tmp_path_factory.mktemp('search')
    write_config(folder, write_store(folder / 'store'))
    write_tmor(folder / 'tmor.pth')
    features = LettersTeacher().encode(SENTENCES).numpy()
    for name, teacher, kind in (
        ('texts', 'letters', 'text'),
        ('other', 'others', 'text'),
        ('videos', 'letters', 'video'),
    ):
        with FeatureStoreWriter(folder / name, teacher, kind, 5) as writer:
            for i in range(18, 26):  # the last clip has none
                writer.add(f'clip_{i:03d}', features[[i % 5, (i + 1) % 5]])
            writer.finish()
    return folder


@pytest.fixture(autouse=True)
def letters(monkeypatch, folder):
    teach_letters(monkeypatch)
    monkeypatch.chdir(folder)


def run(tool, capsys, *arguments, code=0):
    with restored_random_state():
        assert load_tool(tool).main([str(each) for each in arguments]) == code
    return capsys.readouterr()


def search(capsys, *arguments, code=0):
    return run('search_clips.py', capsys, 'store', *arguments, '--checkpoint', 'tmor.pth', code=code)


def test_clips_are_listed_and_drawn(folder, capsys):
    out = search(capsys, 'somebody jumps, then waves', '--top', 4, '--split', 'test', '--pictures', 5).out
    lines = out.splitlines()
    recognizer = ActionRecognizer(weights=folder / 'tmor.pth', device='cpu')
    store = SkeletonStore(folder / 'store')
    rows = store.split('test')
    embedded = recognizer.embed([store[row] for row in rows])
    text = LettersTeacher().encode(['somebody jumps, then waves'])
    scores = embedded @ recognizer.model.cls_head.embed_texts(text)[0].numpy()
    best = np.argsort(-scores)[:4]
    for line, place in zip(lines, best):
        _, score, name, label = line.split()
        assert float(score) == pytest.approx(scores[place], abs=2e-3)
        assert label == f'({store.classes[store.labels[rows[place]]]})'
        assert scores[[store.ids[row] for row in rows].index(name)] == pytest.approx(scores[place], abs=2e-3)
    assert lines[4] == 'sheet: work_dirs/search/somebody_jumps_then_waves.png'
    sheet = cv2.imread('work_dirs/search/somebody_jumps_then_waves.png')
    assert sheet.shape == (4 * (150 + 22), 5 * 150, 3) and sheet.std() > 5


def test_the_sheet_goes_where_it_is_wanted(capsys, tmp_path):
    search(capsys, 'sits', '--out', tmp_path / 'found.jpg', '--features', tmp_path / 'motions')
    assert (tmp_path / 'found.jpg').is_file() and (tmp_path / 'motions' / 'store.json').is_file()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ([' '], 'a description'),
        (['sits', '--split', 'none'], "'none'"),
        (['sits', '--templates', 'nothing here'], 'unknown templates'),
    ],
)
def test_what_cannot_be_searched_is_one_line(capsys, arguments, message):
    error = search(capsys, *arguments, code=1).err
    assert message in error and error.startswith('error: ') and error.count('\n') == 1


def test_a_store_that_is_none(capsys):
    error = run('search_clips.py', capsys, 'absent', 'sits', '--checkpoint', 'tmor.pth', code=1).err
    assert 'absent' in error and error.count('\n') == 1


def retrieval(capsys, *arguments, code=0):
    return run('analysis/evaluate_retrieval.py', capsys, *arguments, code=code)


def expected_recall(folder):
    """By hand, for the 8 clips with sentences."""
    recognizer = ActionRecognizer(weights=folder / 'tmor.pth', device='cpu')
    store = SkeletonStore(folder / 'store')
    rows = range(18, 26)
    motions = recognizer.embed([store[row] for row in rows])
    features = LettersTeacher().encode(SENTENCES).numpy().astype(np.float16).astype(np.float32)
    texts = np.stack([recognizer.model.cls_head.embed_texts(each[None])[0].numpy() for each in features])
    said = {s: [c for c, row in enumerate(rows) if s in (row % 5, (row + 1) % 5)] for s in range(5)}
    found = {}
    for k in (1, 2):
        hits = [any(c in said[s] for c in np.argsort(-(motions @ texts[s]))[:k]) for s in range(5)]
        found[f'clips by sentence R@{k}'] = np.mean(hits)
        hits = [any(c in said[s] for s in np.argsort(-(texts @ motions[c]))[:k]) for c in range(8)]
        found[f'sentences by clip R@{k}'] = np.mean(hits)
    return found


def test_recall_of_a_store_is_that_of_sorting(folder, capsys):
    arguments = ('store', 'tmor.pth', '--text-features', 'texts', '--at', 1, 2)
    out = retrieval(capsys, *arguments).out
    assert out.startswith('8 clips with 5 different sentences\n')
    figures = printed_figures(out)
    for name, value in expected_recall(folder).items():
        assert figures[name] == round(float(value), 4), name
    # each sentence is said of 3 or 4 of 8 clips, each clip has 2 of 5 sentences
    assert figures['sentences by clip R@1 by chance'] == 0.4


def test_recall_of_a_config_reads_clips_as_the_config_does(folder, capsys):
    figures = printed_figures(retrieval(capsys, 'tiny.py', 'tmor.pth', '--text-features', 'texts').out)
    assert figures['clips by sentence R@10'] == 1 and 'sentences by clip R@5' in figures


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (
            ['store', '--text-features', 'other'],
            "texts of the teacher 'letters', other holds those of 'others'",
        ),
        (['store', '--text-features', 'videos'], "kind 'text', found 'video'"),
        (['store', '--text-features', 'texts', '--split', 'train'], "no clip of split 'train' of store"),
        (['tiny.py', '--text-features', 'texts', '--split', 'val'], "'train' and 'test', found 'val'"),
        (['tiny.py', '--text-features', 'texts', '--split', 'train'], 'none of the 18 clips'),
    ],
)
def test_what_cannot_be_measured_is_one_line(capsys, arguments, message):
    error = retrieval(capsys, arguments[0], 'tmor.pth', *arguments[1:], code=1).err
    assert message in error and error.count('error: ') == 1
