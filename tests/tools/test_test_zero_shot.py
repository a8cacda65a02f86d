"""tools/test_zero_shot.py: its figures, its baseline, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.apis.text_recognizer import load_text_recognizer
from mmactrep.apis.zero_shot import classes_of
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.run_figures import printed_figures
from mmactrep.engine.trained_on import INFERENCE, inference_config
from mmactrep.evaluation import ScoreTable
from mmactrep.evaluation.functional import softmax, zero_shot_metrics
from mmactrep.models import teachers
from mmactrep.registry import DATASETS, MODELS
from mmactrep.store.feature_writer import FeatureStoreWriter
from tests.helpers.text_models import VIDEO_CHANNELS, LettersTeacher, teach_letters, write_tmor
from tests.helpers.training import CLASSES, load_tool, restored_random_state, write_config, write_store


@pytest.fixture(scope='module')
def tool():
    return load_tool('test_zero_shot.py')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A config with its store, T-MOR, and a recognizer of the classes 'left' and 'higher'."""
    folder = tmp_path_factory.mktemp('zero')
    config = write_config(folder, write_store(folder / 'store'))
    write_tmor(folder / 'tmor.pth', seen=('left', 'jump'))
    init_default_scope('mmactrep')
    cfg = compose_config(config)
    cfg.model.cls_head.num_classes = 2
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    torch.nn.init.normal_(model.cls_head.fc.weight, std=4.0)
    meta = {
        INFERENCE: inference_config(cfg),
        'dataset_meta': dict(classes=['left', 'higher'], layout='posetics17'),
    }
    torch.save(dict(state_dict=model.state_dict(), meta=meta), folder / 'plain.pth')
    (folder / 'words.txt').write_text('up: a hand goes up | upward\nleft: to the left\nRight: rightward\n')
    return folder


@pytest.fixture(autouse=True)
def letters(monkeypatch):
    """Teachers by name are without a network here."""
    teach_letters(monkeypatch)


def run(tool, folder, monkeypatch, capsys, *arguments, code=0):
    monkeypatch.chdir(folder)
    with restored_random_state():
        assert tool.main(['tiny.py', *map(str, arguments)]) == code
    return capsys.readouterr()


def figures(*arguments):
    return printed_figures(run(*arguments).out)


def scores_one_by_one(folder, labels):
    """Logits (n, K) and labels of the test clips, from the data set and the model."""
    init_default_scope('mmactrep')
    cfg = compose_config(folder / 'tiny.py')
    recognizer = load_text_recognizer(folder / 'tmor.pth', labels, LettersTeacher(), 'cpu')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    rows = []
    with torch.no_grad():
        for sample in dataset:
            features = recognizer.model.backbone(sample['inputs'].float())
            rows.append(recognizer.model.cls_head(features)[0].numpy())
    return np.stack(rows), np.array(dataset.labels)


def test_figures_are_those_of_the_model_clip_by_clip(tool, folder, monkeypatch, capsys):
    found = figures(
        tool, folder, monkeypatch, capsys, 'tmor.pth', '--seen', 'left', '--dump', folder / 'out.npz'
    )
    scores, labels = scores_one_by_one(folder, list(CLASSES))
    expected = zero_shot_metrics(scores, labels, np.array([True, False, False]))
    assert {name: round(value, 4) for name, value in expected.items()} == {
        name.replace(' ', '_'): value for name, value in found.items()
    }
    table = ScoreTable.load(folder / 'out.npz')
    np.testing.assert_allclose(table.scores, scores, atol=1e-4)
    assert table.classes.tolist() == list(CLASSES) and table.ids[0] == 'clip_018'


def test_labels_of_a_file_are_put_in_the_order_of_the_classes(tool, folder, monkeypatch, capsys):
    dump = ('--dump', folder / 'words.npz')
    run(tool, folder, monkeypatch, capsys, 'tmor.pth', '--labels', 'words.txt', *dump)
    from mmactrep.structures.class_texts import ClassText

    labels = [
        ClassText('left', ('to the left',)),
        ClassText('right', ('rightward',)),
        ClassText('up', ('a hand goes up', 'upward')),
    ]
    scores, _ = scores_one_by_one(folder, labels)
    np.testing.assert_allclose(ScoreTable.load(folder / 'words.npz').scores, scores, atol=1e-4)


def test_calibration_changes_the_generalized_figures_alone(tool, folder, monkeypatch, capsys):
    found = figures(tool, folder, monkeypatch, capsys, 'tmor.pth', '--unseen', 'up, right', '--calibrate', 0)
    assert found['calibrated unseen only'] == found['unseen only'] and found['constant'] >= 0
    assert found['calibrated seen'] <= found['seen'] and found['calibrated unseen'] >= found['unseen']


def test_classes_that_the_checkpoint_was_trained_on_are_told(tool, folder, monkeypatch, capsys):
    error = run(tool, folder, monkeypatch, capsys, 'tmor.pth').err
    assert 'tmor.pth was trained on left: these are not unseen' in error
    assert run(tool, folder, monkeypatch, capsys, 'tmor.pth', '--seen', 'left').err == ''


def write_videos(path, teacher, channels, clips=range(18, 27)):
    rng = np.random.default_rng(0)
    with FeatureStoreWriter(path, teacher, 'video', channels) as writer:
        for i in clips:
            writer.add(f'clip_{i:03d}', rng.normal(size=channels))
        writer.finish()
    return path


def test_videos_of_the_trained_teacher_are_projected(tool, folder, monkeypatch, capsys, tmp_path):
    """Half of the clips have a video; the others keep the scores of their motion."""
    store = write_videos(tmp_path / 'videos', 'frames', VIDEO_CHANNELS, range(18, 23))
    options = ('--video-features', store, '--video-weight', 0.75, '--dump', tmp_path / 'out.npz')
    found = figures(tool, folder, monkeypatch, capsys, 'tmor.pth', '--seen', 'left', *options)
    motion, labels = scores_one_by_one(folder, list(CLASSES))
    state = torch.load(folder / 'tmor.pth', weights_only=True)['state_dict']
    init_default_scope('mmactrep')
    neck = MODELS.build(dict(type='ProjectionHead', in_channels=VIDEO_CHANNELS, out_channels=6))
    neck.load_state_dict(
        {name.removeprefix('video_neck.'): v for name, v in state.items() if name.startswith('video_neck.')}
    )
    recognizer = load_text_recognizer(folder / 'tmor.pth', list(CLASSES), LettersTeacher(), 'cpu')
    rng = np.random.default_rng(0)
    features = np.stack([rng.normal(size=VIDEO_CHANNELS) for _ in range(5)]).astype(np.float16)
    with torch.no_grad():
        video = torch.nn.functional.normalize(neck(torch.from_numpy(features).float()))
        shares = (video @ recognizer.model.cls_head.class_embeddings.T / 0.2).softmax(dim=1).numpy()
    expected = softmax(motion)
    expected[:5] = 0.25 * expected[:5] + 0.75 * shares
    np.testing.assert_allclose(ScoreTable.load(tmp_path / 'out.npz').scores, expected, atol=1e-4)
    assert found['both all'] == round(zero_shot_metrics(expected, labels, np.zeros(3, bool))['all'], 4)
    assert found['video all'] == round(float((shares.argmax(1) == labels[:5]).mean()), 4)


def test_a_video_teacher_with_texts_scores_by_its_own(tool, folder, monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(teachers.TEXT_TEACHERS, 'both', None)
    store = write_videos(tmp_path / 'videos', 'both:B', LettersTeacher.dimension)
    found = figures(tool, folder, monkeypatch, capsys, 'tmor.pth', '--video-features', store)
    rng = np.random.default_rng(0)
    features = np.stack([rng.normal(size=5) for _ in range(9)])
    texts = LettersTeacher().encode(CLASSES).numpy()
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (features, texts)]
    expected = ((unit[0] @ unit[1].T).argmax(axis=1) == np.arange(18, 27) % 3).mean()
    assert found['video all'] == round(float(expected), 4)


def test_the_baseline_maps_a_recognizer_by_the_similarity_of_texts(tool, folder, monkeypatch, capsys):
    found = figures(tool, folder, monkeypatch, capsys, 'plain.pth', '--one-hot', '--seen', 'left')
    expected = {'seen', 'unseen', 'unseen only', 'all', 'harmonic mean', 'mean class all'}
    assert {f'{name} {key}' for name in ('conse', 'similarity') for key in expected} <= set(found)
    # a classifier that is sure of 'left' is sure of 'left': the texts are the same
    from mmactrep.apis.recognizer import ActionRecognizer
    from mmactrep.apis.zero_shot import class_probabilities

    init_default_scope('mmactrep')
    recognizer = ActionRecognizer(weights=folder / 'plain.pth', device='cpu')
    (clips,) = class_probabilities(compose_config(folder / 'tiny.py'), recognizer)
    unit = torch.nn.functional.normalize
    own, wanted = (unit(LettersTeacher().encode(names)).numpy() for names in (recognizer.classes, CLASSES))
    scores = clips.features @ own
    scores = scores / np.linalg.norm(scores, axis=1, keepdims=True) @ wanted.T
    assert found['conse all'] == round(float((scores.argmax(1) == clips.labels).mean()), 4)


def test_the_classes_of_a_config_are_those_of_its_test_data(folder):
    init_default_scope('mmactrep')
    assert classes_of(compose_config(folder / 'tiny.py')) == list(CLASSES)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['tmor.pth', '--labels', 'left, right'], "no label for the classes 'up' of the data set"),
        (['tmor.pth', '--labels', 'left, right, up, down'], "the data set has no classes 'down'"),
        (['tmor.pth', '--labels', 'left,, up'], 'number 2 of 3 is empty'),
        (['tmor.pth', '--labels', 'up, left, right, LEFT'], "two labels are equal, 'left' and 'LEFT'"),
        (['tmor.pth', '--labels', 'absent.txt'], 'absent.txt: neither a file nor a shipped list'),
        (['tmor.pth', '--seen', 'left, down'], "the data set has no classes 'down'; it has left, right, up"),
        (['tmor.pth', '--text-teacher', 'minilm'], "texts of the teacher 'letters', not 'minilm'"),
        (['plain.pth'], 'takes no words'),
        (['absent.pth'], 'no such checkpoint'),
        (['tmor.pth', '--video-features', 'absent'], 'absent'),
        (['tmor.pth', '--video-features', 'texts'], "expected features of kind 'video', found 'text'"),
        (['tmor.pth', '--video-features', 'other'], "videos of the teacher 'frames', not 'others'"),
        (
            ['tmor.pth', '--video-features', 'other', '--video-teacher', 'x'],
            "expected features of 'x', found 'others'",
        ),
        (['tmor.pth', '--video-features', 'elsewhere'], "none of the 9 clips, the first is 'clip_018'"),
        (['silent.pth', '--video-features', 'other'], 'was not trained with videos'),
    ],
)
def test_what_cannot_be_tested_is_one_line(tool, folder, monkeypatch, capsys, arguments, message):
    if not (folder / 'other').exists():
        write_videos(folder / 'other', 'others', VIDEO_CHANNELS)
        write_videos(folder / 'elsewhere', 'frames', VIDEO_CHANNELS, [3])
        write_tmor(folder / 'silent.pth', video_teacher=None, video_neck=None)
        with FeatureStoreWriter(folder / 'texts', 'letters', 'text', 5) as writer:
            writer.add('clip_018', np.ones(5))
            writer.finish()
    error = run(tool, folder, monkeypatch, capsys, *arguments, code=1).err
    told = [line for line in error.splitlines() if line.startswith('error: ')]
    assert len(told) == 1 and message in told[0]


@pytest.mark.parametrize(
    'arguments',
    [['--seen', 'a', '--unseen', 'b'], ['--calibrate', '0.9'], ['--one-hot', '--video-features', 'x']],
)
def test_arguments_that_exclude_each_other(tool, arguments):
    with pytest.raises(SystemExit):
        tool.main(['tiny.py', 'tmor.pth', *arguments])
