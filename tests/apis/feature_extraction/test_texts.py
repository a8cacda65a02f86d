"""Features of texts: the right sentences for each clip, whatever kills or divides the extraction."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from mmactrep.apis.feature_extraction.sentences import Captions, ClassSentences
from mmactrep.apis.feature_extraction.texts import SentenceEncoder, extract_text_features
from mmactrep.datasets.texts.captions import CaptionError
from mmactrep.pose.extraction.merging import merge_stores
from mmactrep.store import BadClipError, FeatureStore, SkeletonStore, SkeletonStoreWriter, StoreError
from mmactrep.store.shards import Shard, find_shards
from mmactrep.structures.class_texts import LabelTextError
from tests.helpers.fake_teachers import LetterTeacher, letters
from tests.store.test_skeleton_store import files_of

CLASSES = ('sitDown', 'wave')
DESCRIPTIONS = 'wave: a hand waves | an arm goes up and down\nsitDown: the hips go down\n'


@pytest.fixture
def store(tmp_path):
    """Nine clips: every third sits, waves or has no label."""
    with SkeletonStoreWriter(tmp_path / 'clips', 'coco17', CLASSES) as writer:
        for i in range(9):
            writer.add(f'c{(i * 4) % 9}', np.ones((1, 3, 17, 2)), label=(-1, 0, 1)[i % 3])
        writer.finish()
    return SkeletonStore(tmp_path / 'clips')


@pytest.fixture
def descriptions(tmp_path):
    (tmp_path / 'texts.txt').write_text(DESCRIPTIONS)
    return tmp_path / 'texts.txt'


@pytest.fixture
def captions(tmp_path):
    """Some clips have one caption, some two, some none; clips c0 and c4 share theirs."""
    content = {f'c{i}': f'person {i} moves' for i in (0, 2, 3, 6)}
    content |= dict(c4=content['c0'], c5=['one of two', 'person 3 moves'], elsewhere='not in this store')
    (tmp_path / 'captions.json').write_text(json.dumps(content))
    return tmp_path / 'captions.json'


def extract(store, sentences, root, teacher=None, **kwargs):
    teacher = teacher or LetterTeacher()
    return extract_text_features(store, sentences, teacher, root, progress=False, **kwargs)


def test_descriptions_of_classes_in_templates(tmp_path, store, descriptions):
    sentences = ClassSentences(store, descriptions, ('{}', 'look: {}!'))
    report = extract(store, sentences, tmp_path / 'f', attributes=dict(source='test'))
    features = FeatureStore(tmp_path / 'f')
    assert (features.teacher, features.kind, features.dimension) == ('letters', 'text', 6)
    assert features.attributes['source'] == 'test'
    expected = dict(
        sitDown=['the hips go down', 'look: the hips go down!'],
        wave=[
            'a hand waves',
            'look: a hand waves!',
            'an arm goes up and down',
            'look: an arm goes up and down!',
        ],
    )
    for row, clip_id in enumerate(store.ids):
        label = int(store.labels[row])
        if label < 0:
            assert clip_id not in features
        else:
            said = [letters(text) for text in expected[CLASSES[label]]]
            np.testing.assert_array_equal(features.features(clip_id), said)
            assert features.category(clip_id) == CLASSES[label]
    assert (report.clips, report.entries, report.without, report.resumed) == (9, 6, 3, 0)
    assert features.meta['num_rows'] == 6 and features.verify() == []


def test_names_of_classes_alone(tmp_path, store):
    extract(store, ClassSentences(store), tmp_path / 'f')
    features = FeatureStore(tmp_path / 'f')
    assert features.features(store.ids[1]).tolist() == [letters('sit down')]
    assert features.features(store.ids[2]).tolist() == [letters('wave')]


def test_captions_of_clips(tmp_path, store, captions):
    sentences = Captions(store, captions)
    report = extract(store, sentences, tmp_path / 'f')
    features = FeatureStore(tmp_path / 'f')
    assert sentences.unknown == 1 and (report.entries, report.without) == (6, 3)
    assert features.features('c2').tolist() == [letters('person 2 moves')]
    assert features.features('c5').tolist() == [letters('one of two'), letters('person 3 moves')]
    assert features.features('c1') is None and 'elsewhere' not in features
    for row, clip_id in enumerate(store.ids):
        label = int(store.labels[row])
        named = clip_id in features and label >= 0
        assert features.category(clip_id) == (CLASSES[label] if named else '')
    assert features.meta['num_rows'] == 6  # c0 and c4 share one


@pytest.mark.parametrize('source', ['descriptions', 'captions'])
def test_resumed_and_divided_extractions_are_the_whole_byte_for_byte(tmp_path, store, request, source):
    path = request.getfixturevalue(source)

    def sentences():
        return ClassSentences(store, path) if source == 'descriptions' else Captions(store, path)

    class Fading(LetterTeacher):
        """Features that depend on the batch, as those of a real encoder do in their last digits."""

        def encode(self, texts):
            return super().encode(texts) + sum(len(text) for text in texts) / 256

    class Killed(Fading):
        def encode(self, texts):
            if self.batches:
                raise KeyboardInterrupt
            return super().encode(texts)

    extract(store, sentences(), tmp_path / 'whole', Fading(), batch_size=2)
    with pytest.raises(KeyboardInterrupt):
        extract(store, sentences(), tmp_path / 'killed', Killed(), batch_size=2)
    assert (tmp_path / 'killed.partial').is_dir()
    report = extract(store, sentences(), tmp_path / 'killed', Fading(), batch_size=2)
    assert report.resumed > 0
    for index in range(3):
        extract(store, sentences(), tmp_path / 'parts', Fading(), batch_size=2, shard=Shard(index, 3))
    merge_stores(find_shards(tmp_path / 'parts'), tmp_path / 'parts')
    whole = files_of(tmp_path / 'whole')
    assert files_of(tmp_path / 'killed') == whole == files_of(tmp_path / 'parts')


def test_a_finished_store_is_left_as_it_is(tmp_path, store, descriptions):
    extract(store, ClassSentences(store, descriptions), tmp_path / 'f')
    teacher = LetterTeacher()
    report = extract(store, ClassSentences(store, descriptions), tmp_path / 'f', teacher)
    assert (report.entries, report.resumed, report.without) == (6, 6, 3) and not teacher.batches
    with pytest.raises(FileExistsError, match='already holds a feature store'):
        extract(store, ClassSentences(store), tmp_path / 'f')
    teacher.name = 'others'
    with pytest.raises(FileExistsError, match='already holds a feature store'):
        extract(store, ClassSentences(store, descriptions), tmp_path / 'f', teacher)
    extract(store, ClassSentences(store), tmp_path / 'f', overwrite=True)
    assert FeatureStore(tmp_path / 'f').meta['num_rows'] == 2


def test_sentences_are_encoded_about_once_and_in_fixed_batches():
    teacher = LetterTeacher()
    said = [f'sentence {i % 10}' for i in range(25)]
    encode = SentenceEncoder(teacher, said, batch_size=4)
    for text in reversed(said):
        np.testing.assert_array_equal(encode([text, 'sentence 1']), [letters(text), letters('sentence 1')])
    batches = [[f'sentence {i}' for i in range(k, min(k + 4, 10))] for k in (0, 4, 8)]
    assert sorted(teacher.batches) == batches


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('[1, 2]', 'expected an object of clip ids and sentences, found'),
        ('{"c1": 3}', "clip 'c1': expected a sentence or a list of them, found 3"),
        ('{"c1": []}', "clip 'c1': expected a sentence or a list of them"),
        ('{"c1": ["a", " ..."]}', "clip 'c1': expected a sentence, found ' ...'"),
        ('{"c1": ""}', "clip 'c1': expected a sentence, found ''"),
        ('{"x1": "a"}', r"no clip of .* has a caption; expected ids like 'c0', found 'x1'"),
        ('{}', r"no clip of .* has a caption; expected ids like 'c0', found 'none'"),
    ],
)
def test_bad_captions_are_refused(tmp_path, store, content, message):
    path = tmp_path / 'captions.json'
    path.write_text(content)
    with pytest.raises(CaptionError, match=rf'captions\.json: {message}'):
        Captions(store, path)


def test_classes_without_description_and_clips_without_labels(tmp_path, store, descriptions):
    descriptions.write_text('wave: a hand waves\n')
    with pytest.raises(LabelTextError, match="no description of 'sitDown'"):
        ClassSentences(store, descriptions)
    with SkeletonStoreWriter(tmp_path / 'bare', 'coco17', ['wave']) as writer:
        writer.add('a', np.ones((1, 3, 17, 2)))
        writer.finish()
    bare = SkeletonStore(tmp_path / 'bare')
    with pytest.raises(StoreError, match='none of the 1 clips has a text that can be used'):
        extract(bare, ClassSentences(bare), tmp_path / 'f')
    assert not (tmp_path / 'f.partial').exists()
    report = extract(bare, ClassSentences(bare), tmp_path / 'f', shard=Shard(1, 2))
    assert report.entries == 0 and (tmp_path / 'f.shard-00001-of-00002.empty').exists()


def test_a_teacher_of_another_dimension_is_found_out(tmp_path, store):
    teacher = LetterTeacher()
    teacher.encode = lambda texts: torch.zeros(len(texts), 5)
    with pytest.raises(BadClipError, match='expected features of 6 channels, found 5'):
        extract(store, ClassSentences(store), tmp_path / 'f', teacher)
