"""A recognizer by config and checkpoint."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DefaultScope

from mmactrep.apis.recognizer import DEFAULT_CHECKPOINT, ActionRecognizer
from mmactrep.datasets import SkeletonDataset
from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.registry import MODELS
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout
from tests.helpers.inference_fakes import CLASSES, CONFIG, walking


def clip_of(num_frames: int, layout: str = 'posetics17', shift: float = 0.0) -> dict:
    keypoint, score = walking(num_frames, layout, shift)
    return dict(keypoint=keypoint[None], keypoint_score=score[None], img_shape=(480, 640), layout=layout)


def test_it_says_what_the_config_and_the_checkpoint_say(recognizer):
    assert recognizer.classes == CLASSES
    assert recognizer.layout.name == 'posetics17'
    assert (recognizer.num_channels, recognizer.num_person) == (2, 1)


def test_predictions_are_those_of_the_data_set_and_the_model(tiny, recognizer, tmp_path):
    """The oracle is what testing does: data set, pipeline, collate, ``test_step``."""
    clips = [clip_of(frames, shift=10.0 * frames) for frames in (9, 16, 40)]
    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17', CLASSES) as writer:
        for number, clip in enumerate(clips):
            writer.add(f'clip{number}', clip['keypoint'], clip['keypoint_score'], number, clip['img_shape'])
        writer.finish()
    config, checkpoint = tiny
    cfg = Config.fromfile(config)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        dataset = SkeletonDataset(str(tmp_path / 'store'), cfg.test_pipeline, test_mode=True)
        model = MODELS.build(cfg.model).eval()
    model.load_state_dict(torch.load(checkpoint, weights_only=True)['state_dict'])
    with torch.no_grad():
        expected = [
            s.pred_score.numpy() for s in model.test_step(pseudo_collate([dataset[i] for i in range(3)]))
        ]
    found = recognizer([dataset.store[i] for i in range(3)], batch_size=2)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.ptp(found, axis=0).max() > 0.01, 'the clips must not look alike, or nothing is tested'


def test_batches_do_not_change_predictions(recognizer):
    clips = [clip_of(frames, shift=5.0 * frames) for frames in (5, 12, 16, 30, 31)]
    one = np.concatenate([recognizer([clip]) for clip in clips])
    np.testing.assert_allclose(recognizer(clips, batch_size=2), one, atol=1e-6)
    np.testing.assert_allclose(one.sum(axis=1), 1, atol=1e-5)


def test_joints_of_another_layout_are_mapped(recognizer):
    clip = clip_of(20, 'coco17')
    mapping = get_layout('coco17').mapping_to(get_layout('posetics17'))
    keypoint, score = mapping(clip['keypoint'], clip['keypoint_score'])
    by_hand = dict(clip, keypoint=keypoint, keypoint_score=score, layout='posetics17')
    np.testing.assert_array_equal(recognizer([clip]), recognizer([by_hand]))


def test_a_model_trained_on_projections_takes_poses_as_images_show_them(tiny, recognizer):
    config, checkpoint = tiny
    cfg = Config.fromfile(config)
    dataset = cfg.test_dataloader.dataset
    before = [
        dict(type='ProjectToCamera', cameras=[dict(yaw=30)]),
        dict(type='MapLayout', target='posetics17'),
    ]
    dataset.pipeline = [*before, *pipeline_steps(dataset.pipeline)]
    projecting = ActionRecognizer(cfg, checkpoint, 'cpu')
    assert projecting.layout.name == 'posetics17' and projecting.num_channels == 2
    for layout in ('posetics17', 'coco17'):
        clip = clip_of(20, layout)
        np.testing.assert_array_equal(projecting([clip]), recognizer([clip]))


def test_a_clip_is_left_as_it_was(recognizer):
    clip = clip_of(20, 'coco17')
    before = clip['keypoint'].copy()
    recognizer([clip])
    np.testing.assert_array_equal(clip['keypoint'], before)
    assert set(clip) == {'keypoint', 'keypoint_score', 'img_shape', 'layout'}


def test_the_default_is_unik_on_penn_action():
    recognizer = ActionRecognizer(device='cpu')
    assert DEFAULT_CHECKPOINT.stat().st_size < 8e6
    assert len(recognizer.classes) == 15 and 'golf_swing' in recognizer.classes
    assert next(recognizer.model.parameters()).dtype == torch.float32


def test_default_on_real_clips(repo):
    from mmactrep.store.reader import SkeletonStore

    root = repo / 'data' / 'penn_action' / '2d'
    if not root.is_dir():
        pytest.skip('needs Penn Action converted to data/penn_action/2d')
    store = SkeletonStore(root)
    rows = store.split('test')[::40]
    scores = ActionRecognizer(device='cpu')([store[row] for row in rows])
    # the whole test split has 98.5 %
    assert (scores.argmax(axis=1) == store.labels[rows]).mean() > 0.9


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda c: c['state_dict'].pop('cls_head.fc.weight'), 'cls_head.fc.weight'),
        (lambda c: c['state_dict'].update({'cls_head.fc.bias': torch.zeros(7)}), 'size mismatch'),
        (lambda c: c.pop('state_dict'), "expected a checkpoint with 'state_dict'"),
        (lambda c: c['meta']['dataset_meta'].pop('layout'), 'does not say the layout'),
        (lambda c: c['meta']['dataset_meta'].update(layout='ntu25'), "layout 'ntu25' has 25"),
        (lambda c: c['meta']['dataset_meta'].update(layout='nobody'), 'unknown skeleton layout'),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(tiny, tmp_path, change, message):
    config, checkpoint = tiny
    content = torch.load(checkpoint, weights_only=True)
    change(content)
    torch.save(content, tmp_path / 'wrong.pth')
    with pytest.raises(CheckpointError, match=message) as caught:
        ActionRecognizer(config, tmp_path / 'wrong.pth', 'cpu')
    assert 'wrong.pth' in str(caught.value) or 'tiny.py' in str(caught.value)


def test_a_checkpoint_without_names_and_layout_can_be_used(tiny, tmp_path):
    config, checkpoint = tiny
    torch.save(torch.load(checkpoint, weights_only=True)['state_dict'], tmp_path / 'bare.pth')
    with pytest.raises(CheckpointError, match=r"'state_dict', found keys"):
        ActionRecognizer(config, tmp_path / 'bare.pth', 'cpu')
    content = dict(state_dict=torch.load(checkpoint, weights_only=True)['state_dict'])
    torch.save(content, tmp_path / 'bare.pth')
    recognizer = ActionRecognizer(config, tmp_path / 'bare.pth', 'cpu', layout='posetics17')
    assert recognizer.classes == ['class 0', 'class 1', 'class 2', 'class 3']
    named = ActionRecognizer(config, tmp_path / 'bare.pth', 'cpu', layout='posetics17', classes=CLASSES)
    assert named.classes == CLASSES
    with pytest.raises(InferenceError, match='has 4 classes, 2 names'):
        ActionRecognizer(config, tmp_path / 'bare.pth', 'cpu', layout='posetics17', classes=['a', 'b'])


def test_absent_and_foreign_files(tiny, tmp_path):
    config, checkpoint = tiny
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        ActionRecognizer(config, tmp_path / 'absent.pth')
    with pytest.raises(FileNotFoundError, match=r'absent\.py'):
        ActionRecognizer(tmp_path / 'absent.py', checkpoint)
    with pytest.raises(CheckpointError, match='needs its checkpoint'):
        ActionRecognizer(config)
    with pytest.raises(CheckpointError, match='holds no config, nor names one'):
        ActionRecognizer(weights=checkpoint)
    (tmp_path / 'text.pth').write_text('no checkpoint')
    with pytest.raises(CheckpointError, match=r'text\.pth: cannot be read'):
        ActionRecognizer(config, tmp_path / 'text.pth')
    (tmp_path / 'empty.py').write_text('a = 1')
    with pytest.raises(InferenceError, match=r"empty\.py: expected a config with 'model'"):
        ActionRecognizer(tmp_path / 'empty.py', checkpoint)


class _Evil:
    def __reduce__(self):
        return (print, ('run',))


def test_a_pickle_that_runs_code_is_refused(tiny, tmp_path, capsys):
    torch.save(dict(state_dict={}, meta=_Evil()), tmp_path / 'evil.pth')
    with pytest.raises(CheckpointError, match=r'evil\.pth'):
        ActionRecognizer(tiny[0], tmp_path / 'evil.pth')
    assert 'run' not in capsys.readouterr().out


def test_clips_that_the_model_does_not_take(recognizer, tmp_path):
    clip = clip_of(10)
    with pytest.raises(InferenceError, match='takes 2D skeletons, these are 3D'):
        recognizer([dict(clip, keypoint=np.zeros((1, 10, 17, 3)))])
    with pytest.raises(InferenceError, match='persons, frames'):
        recognizer([dict(clip, keypoint=np.zeros((10, 17, 2)))])
    with pytest.raises(InferenceError, match='nothing to derive'):
        arm = dict(name='arm', joints=['a', 'b'], parents=dict(b='a'))
        recognizer([dict(keypoint=np.ones((1, 5, 2, 2)), layout=arm)])


def test_bone_stream_of_a_config_is_respected(tiny, tmp_path, recognizer):
    (tmp_path / 'bone.py').write_text(CONFIG.replace("stream='joint'", "stream='bone'"))
    bones = ActionRecognizer(tmp_path / 'bone.py', tiny[1], 'cpu')
    joint_input = recognizer.prepare(clip_of(16))['inputs'].numpy()[0, 0]
    bone_input = bones.prepare(clip_of(16))['inputs'].numpy()[0, 0]
    for child, parent in get_layout('posetics17').bones:
        np.testing.assert_allclose(
            bone_input[:, child], joint_input[:, child] - joint_input[:, parent], atol=1e-6
        )
