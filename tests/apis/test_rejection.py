"""A calibrated recognizer says in its results, tables and streams when a motion is none of its classes."""

import numpy as np
import pytest
import torch

from mmactrep.apis import ActionRecognizer, SkeletonInferencer
from mmactrep.apis.report import format_predictions
from mmactrep.apis.unknown_motions import UnknownMotionError, other_motions, unknown_motions
from mmactrep.motion.procedural import MotionGenerator, motion_names
from mmactrep.packaged import packaged_checkpoints
from mmactrep.structures import get_layout
from mmactrep.structures.rejection import REJECTION, Rejection
from mmactrep.visualization.run_video import persons_at
from tests.helpers.inference_fakes import FakeEstimator, write_tiny_model

FRAMES = np.zeros((30, 48, 64, 3), np.uint8)


@pytest.fixture
def calibrated(tmp_path):
    """Writes a tiny model whose threshold on the energy is given; returns its config and checkpoint."""

    def write(threshold):
        config, checkpoint = write_tiny_model(tmp_path)
        content = torch.load(checkpoint, weights_only=True)
        made = Rejection('energy', threshold, 1.0, (threshold, threshold + 1), 'moves')
        content['meta'][REJECTION] = made.to_dict()
        torch.save(content, checkpoint)
        return config, checkpoint

    return write


@pytest.mark.parametrize(('threshold', 'unknown'), [(1e6, True), (-1e6, False)])
def test_results_tables_and_pictures_say_it(calibrated, threshold, unknown):
    infer = SkeletonInferencer(*calibrated(threshold), estimator=FakeEstimator(30))
    result = infer(FRAMES)
    told = result.to_dict()
    assert told['unknown'] is unknown and told['tracks'][0]['unknown'] is unknown
    assert told['verdict'] == ('none of the 4 moves' if unknown else None)
    assert told['doubt'] == (1 if unknown else 0)
    assert len(told['labels']) == 4  # the classes are there all the same
    assert ('none of the 4 moves' in format_predictions(result)) == unknown
    ((_, rows),) = persons_at(result, 10)
    assert (rows[0][0] == 'none of the 4 moves') == unknown and len(rows) == 4 + unknown


def test_the_energy_is_that_of_the_logits(calibrated):
    recognizer = ActionRecognizer(*calibrated(0.0))
    clip = dict(keypoint=np.random.default_rng(0).uniform(0, 99, (1, 20, 17, 2)), img_shape=(100, 100))
    probabilities, known = recognizer.judge([clip])
    np.testing.assert_allclose(probabilities, recognizer([clip]), atol=1e-6)
    _, logits, features = recognizer.outputs([clip])
    head = recognizer.model.cls_head.fc
    expected = features @ head.weight.detach().numpy().T + head.bias.detach().numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    np.testing.assert_allclose(known, np.log(np.exp(logits).sum(axis=1)), atol=1e-4)


def test_a_stream_says_it_first(calibrated):
    infer = SkeletonInferencer(*calibrated(1e6), estimator=FakeEstimator(60))
    stream = infer.stream(window=16, every=8, drop=False)
    results = [result for result in stream.run(np.zeros((40, 48, 64, 3), np.uint8)) if result.scores]
    assert results and all(result.scores[0][0] == ('none of the 4 moves', 1.0) for result in results)


def test_a_model_without_a_calibration_has_no_verdict(tmp_path):
    infer = SkeletonInferencer(*write_tiny_model(tmp_path), estimator=FakeEstimator(30))
    told = infer(FRAMES).to_dict()
    assert told['unknown'] is None and told['verdict'] is None and told['doubt'] is None


def test_the_shipped_model_knows_that_it_knows_sports_only():
    recognizer = ActionRecognizer()
    assert recognizer.rejection.verdict(len(recognizer.classes)) == 'none of the 15 sports'
    figures = recognizer.rejection.figures
    assert figures['auroc'] > 0.95 and figures['kept'] > 0.9 and figures['false_alarms'] < 0.15
    # motions of another seed than those of the calibration
    motions = unknown_motions(recognizer.classes, recognizer.layout, 24, seed=7)
    _, known = recognizer.judge(motions.clips)
    assert (known < recognizer.rejection.threshold).mean() > 0.7


def test_every_recognizer_of_the_package_has_a_temperature_and_a_threshold():
    found = {}
    for name, path in packaged_checkpoints().items():
        meta = torch.load(path, weights_only=True)['meta']
        # encoders and generators have no classes; those of words are compared, and have no layer to calibrate
        if 'classes' in meta.get('dataset_meta', {}) and not name.startswith('tmor'):
            found[name] = Rejection.from_dict(meta.get(REJECTION), path, len(meta['dataset_meta']['classes']))
    assert set(found) == {'unik_penn_2d_recommended', 'unik_synthetic_2d_small'}
    for rejection in found.values():
        assert rejection.temperature != 1 and rejection.figures['auroc'] > 0.9 and len(rejection.quantiles)
    assert found['unik_synthetic_2d_small'].verdict(45) == 'none of the 45 motions'


def test_other_motions_share_no_word_with_the_classes():
    names = other_motions(['jumping jacks', 'hand shaking'])
    assert 'walk' in names and not any('jump' in name for name in names)
    assert 'stand' not in names
    clips = unknown_motions(['jumping'], get_layout('coco17'), 6, 20, persons=2).clips
    assert [len(clip['keypoint']) for clip in clips] == [1, 2, 1, 2, 1, 2]
    assert clips[1]['keypoint'].shape == (2, 20, 17, 2)
    assert (clips[1]['keypoint'][clips[1]['keypoint_score'] == 0] == 0).all()


def test_nobody_does_one_of_the_classes_meanwhile(monkeypatch):
    drawn = []

    class Spy(MotionGenerator):
        def animate(self, factors):
            drawn.append(set(factors['lower'].tolist()))
            return super().animate(factors)

    monkeypatch.setattr('mmactrep.apis.unknown_motions.MotionGenerator', Spy)
    for classes in (['jumping'], ['walking'], ['walking', 'marching']):
        unknown_motions(classes, get_layout('coco17'), 400, 4)
    walk, march = (motion_names().index(name) for name in ('walk', 'march'))
    assert drawn == [{-1, walk, march}, {-1, march}, {-1}]


def test_classes_that_leave_no_other_motion():
    with pytest.raises(UnknownMotionError, match='shares a word with one of the'):
        unknown_motions(motion_names(), get_layout('coco17'), 6)
