"""Search by sentence: the embedded motions, their upkeep, and the order of what is found."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.apis import motion_search
from mmactrep.apis.motion_search import embedded_store, search
from mmactrep.apis.recognizer import ActionRecognizer
from mmactrep.errors import InferenceError
from mmactrep.store.reader import SkeletonStore
from tests.helpers.text_models import LettersTeacher, write_tmor
from tests.helpers.training import write_store


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('search')
    write_store(folder / 'store')
    write_tmor(folder / 'tmor.pth')
    return folder


@pytest.fixture
def recognizer(folder):
    return ActionRecognizer(weights=folder / 'tmor.pth', device='cpu')


def embed(store, recognizer, root, **kwargs):
    return embedded_store(store, recognizer, root, progress=False, **kwargs)


def test_motions_are_those_of_the_model_clip_by_clip(folder, recognizer, tmp_path):
    store = SkeletonStore(folder / 'store')
    motions = embed(store, recognizer, tmp_path / 'motions', batch_size=4)
    assert (motions.kind, len(motions), motions.teacher) == ('motion', 27, 'tmor')
    for row in (0, 5, 26):
        inputs = recognizer.prepare(store[row])['inputs'].float()
        features = recognizer.model.backbone.sequence_features(inputs)
        expected = recognizer.model.cls_head.neck(features)[0].detach().numpy()
        expected /= np.linalg.norm(expected)
        np.testing.assert_allclose(motions.features(store.ids[row])[0], expected, atol=2e-3)
    assert np.ptp(motions.first_features().astype(float), axis=0).max() > 0.01, 'clips must differ'


def test_motions_are_embedded_once(folder, recognizer, tmp_path, monkeypatch):
    store = SkeletonStore(folder / 'store')
    root = tmp_path / 'motions'
    first = embed(store, recognizer, root).first_features()

    def fail(*args, **kwargs):
        raise AssertionError('embedded again')

    monkeypatch.setattr(recognizer, 'embed', fail)
    np.testing.assert_array_equal(embed(store, recognizer, root).first_features(), first)
    other = write_tmor(tmp_path / 'tmor.pth', seed=8)  # the same name, other weights
    with pytest.raises(AssertionError, match='embedded again'):
        changed = ActionRecognizer(weights=other, device='cpu')
        monkeypatch.setattr(changed, 'embed', fail)
        embed(store, changed, root)


def test_motions_of_other_clips_or_weights_are_replaced(folder, recognizer, tmp_path):
    root = tmp_path / 'motions'
    first = embed(SkeletonStore(folder / 'store'), recognizer, root)
    others = SkeletonStore(write_store(tmp_path / 'store', train=6, test=3))
    assert len(embed(others, recognizer, root)) == 9
    other = ActionRecognizer(weights=write_tmor(tmp_path / 'tmor.pth', seed=8), device='cpu')
    found = embed(SkeletonStore(folder / 'store'), other, root)
    assert np.abs(found.first_features() - first.first_features()).max() > 0.1


def test_by_default_they_lie_beside_the_store(recognizer, tmp_path):
    store = SkeletonStore(write_store(tmp_path / 'store', train=6, test=3))
    assert embed(store, recognizer, None).root == tmp_path / 'store_features' / 'tmor_motion'


def test_the_best_clips_come_first(folder, recognizer, tmp_path):
    store = SkeletonStore(folder / 'store')
    motions = embed(store, recognizer, tmp_path / 'motions')
    recognizer.text_teacher = LettersTeacher()
    recognizer.set_labels('somebody jumps')
    sentence = recognizer.model.cls_head.class_embeddings[0].numpy()
    hits = search(store, motions, sentence, top=5)
    by_hand = sorted(
        ((float(motions.features(name)[0] @ sentence), name) for name in store.ids), key=lambda pair: -pair[0]
    )
    assert [hit.clip_id for hit in hits] == [name for _, name in by_hand[:5]]
    assert [hit.score for hit in hits] == pytest.approx([score for score, _ in by_hand[:5]], abs=1e-5)
    assert all(store.ids[hit.row] == hit.clip_id for hit in hits)
    test = store.split('test')
    among = search(store, motions, sentence, top=100, rows=test)
    assert sorted(hit.row for hit in among) == sorted(test.tolist())


def test_an_interrupted_computation_is_continued(folder, recognizer, tmp_path, monkeypatch):
    store, done = SkeletonStore(folder / 'store'), []
    whole = embed(store, recognizer, tmp_path / 'whole').first_features()
    embed_clips = type(recognizer).embed

    def interrupted(clips, batch_size):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(len(clips))
        return embed_clips(recognizer, clips, batch_size)

    monkeypatch.setattr(recognizer, 'embed', interrupted)
    with pytest.raises(KeyboardInterrupt):
        embed(store, recognizer, tmp_path / 'parts', batch_size=4)
    done[:] = []
    monkeypatch.setattr(
        recognizer,
        'embed',
        lambda clips, size: done.append(len(clips)) or embed_clips(recognizer, clips, size),
    )
    found = embed(store, recognizer, tmp_path / 'parts', batch_size=4).first_features()
    assert sum(done) == 27 - 12
    np.testing.assert_array_equal(found, whole)


def test_a_recognizer_without_a_text_head_embeds_nothing(folder, tiny, tmp_path):
    recognizer = ActionRecognizer(*tiny, device='cpu')
    with pytest.raises(InferenceError, match='text head'):
        embed(SkeletonStore(folder / 'store'), recognizer, tmp_path / 'x')
    assert motion_search.KIND == 'motion' and not (tmp_path / 'x').exists()
