"""How many clips of none of its classes a calibrated model takes for one of them, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmactrep.apis import ActionRecognizer
from mmactrep.apis.foreign_clips import ForeignClipsError, foreign_clips, judge_clips
from mmactrep.commands.calibrate import main as calibrate
from mmactrep.commands.rejection import main
from mmactrep.evaluation.functional.rejection import auroc
from mmactrep.registry import MODELS
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.rejection import REJECTION, Rejection
from tests.helpers import training
from tests.helpers.inference_fakes import CLASSES, write_tiny_model
from tests.helpers.training import restored_random_state

KNOWN = np.sort(np.random.default_rng(1).normal(3, 1, 40))


def write_store(root, labels, classes, layout='posetics17', channels=2):
    """A store with one random clip a label."""
    rng = np.random.default_rng(0)
    joints = get_layout(layout).num_joints
    with SkeletonStoreWriter(root, layout, classes, num_channels=channels) as writer:
        for number, label in enumerate(labels):
            keypoint = rng.uniform(1, 99, (1, 20, joints, channels)).astype(np.float32)
            score = np.ones(keypoint.shape[:-1], np.float32)
            writer.add(f'clip{number}', keypoint, score, label, (100, 100), 25.0)
        writer.finish()
    return root


@pytest.fixture
def model(tmp_path):
    """Config and checkpoint of a tiny model whose energy has a threshold; its held-out clips scored KNOWN."""
    config, checkpoint = write_tiny_model(tmp_path)
    content = torch.load(checkpoint, weights_only=True)
    quantiles = tuple(np.quantile(KNOWN, np.linspace(0, 1, 101)))
    content['meta'][REJECTION] = Rejection('energy', float(KNOWN[2]), 1.0, quantiles, 'moves').to_dict()
    torch.save(content, checkpoint)
    return config, checkpoint


def energies(recognizer, store):
    """The scores of a store's clips, from the logits alone."""
    _, logits, _ = recognizer.outputs([store[row] for row in range(len(store))])
    return np.log(np.exp(logits.astype(np.float64)).sum(axis=1)), logits.argmax(axis=1)


def test_figures_are_those_of_the_scores(model, tmp_path):
    write_store(tmp_path / 's', [0, 1, 1, 2, 0, 0, 1, 2, 2, 1], ['swim', 'sing', 'sleep'])
    recognizer = ActionRecognizer(*model)
    (clips,) = foreign_clips(recognizer, [tmp_path / 's'])
    scores, classes = energies(recognizer, clips.store)
    # a threshold between the scores, so that some pass and some do not
    rejection = replace(recognizer.rejection, threshold=float(np.median(scores)))
    judged = judge_clips(recognizer, rejection, clips)
    passed = scores >= np.median(scores)
    assert judged.count == 10 and judged.false_alarms == passed.mean() == 0.5
    assert judged.interval == pytest.approx((0.2366, 0.7634), abs=1e-4)  # Wilson's, of 5 of 10
    # the quantiles of 40 clips give their AUROC nearly
    assert judged.auroc == pytest.approx(auroc(KNOWN, scores), abs=0.02)
    assert judge_clips(recognizer, rejection, clips, known=KNOWN).auroc == auroc(KNOWN, scores)
    labels = np.asarray(clips.store.labels)
    found = {name: (count, wrong) for name, count, wrong, _ in judged.by_class()}
    assert found == {
        name: (int((labels == k).sum()), int(passed[labels == k].sum()))
        for k, name in enumerate(['swim', 'sing', 'sleep'])
    }
    for name, _, wrong, most in judged.by_class():
        of_it = [CLASSES[k] for k in classes[passed & (labels == clips.store.classes.index(name))]]
        assert wrong == 0 or of_it.count(most) == max(map(of_it.count, of_it))


def test_the_threshold_that_keeps_a_share(model, tmp_path):
    write_store(tmp_path / 's', [0, 0, 0], ['swim'])
    recognizer = ActionRecognizer(*model)
    (clips,) = foreign_clips(recognizer, [tmp_path / 's'])
    judged = judge_clips(recognizer, recognizer.rejection, clips, keep=0.5)
    assert np.mean(judged.threshold <= KNOWN) == 0.5
    assert judge_clips(recognizer, recognizer.rejection, clips).threshold == pytest.approx(KNOWN[2])


def test_classes_of_the_model_are_refused_or_left_out(model, tmp_path):
    write_store(tmp_path / 's', [0, 1, 1, 2, 3], ['swim', 'Jump', 'hop', '_wave'])
    recognizer = ActionRecognizer(*model)
    with pytest.raises(ForeignClipsError, match='s: the model knows Jump, _wave, and should not reject'):
        foreign_clips(recognizer, [tmp_path / 's'])
    (clips,) = foreign_clips(recognizer, [tmp_path / 's'], leave_out_known=True)
    assert clips.rows.tolist() == [0, 3] and clips.left_out == {'Jump': 2, '_wave': 1}
    (further,) = foreign_clips(recognizer, [tmp_path / 's'], leave_out=['hop'], leave_out_known=True)
    assert further.rows.tolist() == [0]
    # what is named needs no flag
    assert foreign_clips(recognizer, [tmp_path / 's'], leave_out=['Jump', '_wave'])[0].rows.tolist() == [0, 3]
    with pytest.raises(ForeignClipsError, match="no class 'run' to leave out; the stores have: swim, Jump"):
        foreign_clips(recognizer, [tmp_path / 's'], leave_out=['run'])
    # of two stores, one need not have it
    write_store(tmp_path / 't', [0], ['sing'])
    both = foreign_clips(recognizer, [tmp_path / 't', tmp_path / 's'], ['hop'], True)
    assert [each.rows.tolist() for each in both] == [[0], [0]]
    # a class without a clip is none that is there
    write_store(tmp_path / 'u', [0], ['swim', 'jump'])
    assert foreign_clips(recognizer, [tmp_path / 'u'])[0].rows.tolist() == [0]
    write_store(tmp_path / 'v', [1], ['swim', 'jump'])
    with pytest.raises(ForeignClipsError, match='no clip is left'):
        foreign_clips(recognizer, [tmp_path / 'v'], leave_out_known=True)


def test_a_draw_is_of_foreign_clips_and_seeded(model, tmp_path):
    write_store(tmp_path / 's', [0, 1] * 8, ['swim', 'jump'])
    recognizer = ActionRecognizer(*model)
    (clips,) = foreign_clips(recognizer, [tmp_path / 's'], leave_out_known=True)
    rows = [clips.drawn(4, seed).rows for seed in (0, 0, 1)]
    assert all(len(each) == 4 and (each % 2 == 0).all() for each in rows)
    assert rows[0].tolist() == rows[1].tolist() != rows[2].tolist()
    assert clips.drawn(None) is clips and clips.drawn(99).rows.tolist() == clips.rows.tolist()


def test_skeletons_that_the_model_cannot_take(model, tmp_path):
    recognizer = ActionRecognizer(*model)
    write_store(tmp_path / '3d', [0], ['swim'], channels=3)
    with pytest.raises(ForeignClipsError, match='3d: the model takes 2D skeletons, these are 3D'):
        foreign_clips(recognizer, [tmp_path / '3d'])
    write_store(tmp_path / 'coco', [0], ['swim'], layout='coco17')
    assert len(foreign_clips(recognizer, [tmp_path / 'coco'])[0].rows) == 1  # mapped, as in inference
    rod = SkeletonLayout('rod', ('mid_hip', 'head'), parents={'head': 'mid_hip'}, center='mid_hip')
    write_store(tmp_path / 'rod', [0], ['swim'], layout=rod)
    with pytest.raises(ForeignClipsError, match=r"rod: layout 'rod' .*posetics17"):
        foreign_clips(recognizer, [tmp_path / 'rod'])


def test_the_command(model, tmp_path, capsys):
    store = write_store(tmp_path / 's', [0, 1, 1, 2], ['swim', 'sing', 'jump'])
    checkpoint = str(model[1])
    arguments = [checkpoint, str(store), '--config', str(model[0])]
    assert main(arguments) == 1
    assert 'the model knows jump' in capsys.readouterr().err
    assert main([*arguments, '--leave-out-known', '--json', str(tmp_path / 'out' / 'f.json')]) == 0
    said = capsys.readouterr().out
    assert "'none of the 4 moves', by energy" in said and 'which 95% of the held-out clips' in said
    assert '  left out: 1 clips of 1 classes' in said
    (found,) = json.loads((tmp_path / 'out' / 'f.json').read_text())['stores']
    share = f'false alarms {found["accepted"] / 3:.1%} of 3 clips'
    assert found['clips'] == 3 and share in said and f'AUROC {found["auroc"]:.3f}' in said
    for each in found['classes']:
        assert f'  {each["name"]}: {each["accepted"]} of {each["clips"]}' in said


def test_a_model_without_a_threshold(tmp_path, capsys):
    config, checkpoint = write_tiny_model(tmp_path)
    store = write_store(tmp_path / 's', [0], ['swim'])
    assert main([str(checkpoint), str(store), '--config', str(config)]) == 1
    assert 'tiny.pth has no threshold below which a motion is none of its classes: mmactrep calibrate' in (
        capsys.readouterr().err
    )


def test_calibrate_refuses_known_classes_before_it_calibrates(model, tmp_path, capsys):
    store = write_store(tmp_path / 's', [0, 1], ['swim', 'jump'])
    # the config names no data: anything but the refusal would be told of these
    assert calibrate([*map(str, model), '--unknown', str(store)]) == 1
    assert 'the model knows jump' in capsys.readouterr().err


def test_calibrate_takes_clips_of_other_classes_in_place_of_procedural_motions(tmp_path, capsys):
    clips = training.write_store(tmp_path / 'own')
    config = training.write_config(tmp_path, clips)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        state = MODELS.build(Config.fromfile(config).model).state_dict()
    meta = dict(dataset_meta=dict(classes=list(training.CLASSES), layout='posetics17'))
    torch.save(dict(state_dict=state, meta=meta), tmp_path / 'tiny.pth')
    names = ['swim', 'sing', 'sleep', 'Left', 'upwards']
    store = write_store(tmp_path / 's', [0] * 3 + [1] * 4 + [2] * 5 + [3] * 6 + [4] * 7, names)
    arguments = [config, tmp_path / 'tiny.pth', '--out', tmp_path / 'out.pth', '--motions-of', store]
    assert calibrate([*map(str, arguments)]) == 1
    assert 'the model knows Left' in capsys.readouterr().err
    with restored_random_state():
        assert calibrate([*map(str, arguments), '--leave-out-known', '--leave-out', 'upwards']) == 0
    # of sing, sleep and swim every other one chooses the score; the figures are of sleep's clips
    judged = 5
    assert f'of {judged} other motions' in capsys.readouterr().out
    found = ActionRecognizer(config, tmp_path / 'out.pth').rejection
    assert found.figures['unknown'] == judged and found.figures['known'] == 4  # every other one of nine
