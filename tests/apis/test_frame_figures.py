"""Frame mAP of a linear classifier on frozen frame features, against the protocol written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmactrep.apis.frozen_features import load_encoder
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.run_figures import printed_figures
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from tests.helpers.training import load_tool, restored_random_state

STRIDE, WINDOW, CLASSES = 2, 16, 3
# longer than a window, shorter than one, and no multiple of one or of the stride
LENGTHS = dict(a=40, b=11, c=33, d=16, e=45, f=29, g=12)
TRAIN, TEST = list('abcd'), list('efg')


def segments_of(name: str) -> list[tuple[int, int, int]]:
    rng = np.random.default_rng(ord(name))
    starts = rng.integers(0, LENGTHS[name] - 6, 4)
    return [(int(k), int(start), int(start) + 6) for k, start in zip(rng.integers(0, CLASSES, 4), starts)]


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp('frames')
    with SkeletonStoreWriter(folder / 'store', 'posetics17', classes=list('xyz')) as writer:
        for name, length in LENGTHS.items():
            rng = np.random.default_rng(ord(name))
            keypoint = rng.uniform(1, 400, (1, length, 17, 2)).astype(np.float32)
            for label, start, end in segments_of(name):
                keypoint[:, start:end, 3 * label : 3 * label + 3] += 300
            writer.add(name, keypoint, segments=segments_of(name), img_shape=(480, 640), fps=25)
        writer.add_split('train', TRAIN)
        writer.add_split('test', TEST)
        writer.finish()
    pipeline = [
        dict(type='ScreenNormalize'),
        dict(type='FormatSkeleton', num_person=1),
        dict(type='PackSegmentationInputs'),
    ]
    dataset = dict(
        type='SkeletonSegmentationDataset',
        ann_file=str(folder / 'store'),
        window=WINDOW,
        pipeline=pipeline,
    )
    backbone = dict(
        type='UNIK', in_channels=2, channels=(8,), strides=(STRIDE,), dilations=(1,), kernel_size=3
    )
    loader = dict(batch_size=3, num_workers=0)
    Config(
        dict(
            default_scope='mmactrep',
            model=dict(
                type='SkeletonSegmentor',
                backbone=backbone,
                cls_head=dict(type='FrameHead', num_classes=CLASSES, in_channels=8, stride=STRIDE),
            ),
            train_dataloader=loader | dict(dataset=dataset | dict(split='train', balance=0.5)),
            test_dataloader=loader
            | dict(dataset=dataset | dict(split='test', stride=WINDOW // 2, test_mode=True)),
            test_evaluator=dict(type='SegmentationMetric', items=('frame_mAP', 'edit')),
        )
    ).dump(folder / 'segmentor.py')
    return folder / 'segmentor.py'


def dense(name: str) -> np.ndarray:
    return np.array(
        [[any(k == c and a <= t < b for k, a, b in segments_of(name)) for c in range(CLASSES)]
         for t in range(LENGTHS[name])]
    )  # fmt: skip


def window_features(encoder, store: SkeletonStore, name: str, start: int) -> tuple[np.ndarray, int]:
    """Features (T', C') of a window of a clip, replayed if the clip is shorter, and its valid frames."""
    clip = store[store.find(name)]
    valid = min(WINDOW, LENGTHS[name] - start)
    keypoint = clip['keypoint'][:, start : start + valid]
    keypoint = keypoint[:, np.arange(WINDOW) % valid]
    height, width = clip['img_shape']
    pixels = torch.from_numpy((keypoint - [width / 2, height / 2]) / max(height, width) * 2).float()
    with torch.no_grad():
        return encoder.backbone.frame_features(pixels[None])[0].double().numpy(), valid


def starts_of(length: int, step: int) -> list[int]:
    """A regular grid whose last window ends with the clip."""
    if length <= WINDOW:
        return [0]
    return sorted({*range(0, length - WINDOW, step), length - WINDOW})


def test_frame_map_is_that_of_scikit_learn_on_merged_windows(config, capsys):
    tool = load_tool('analysis/evaluate_features.py')
    with restored_random_state():
        assert tool.main([str(config), 'none', '--seed', '5', '--batch-size', '2']) == 0
        printed = capsys.readouterr().out
        init_default_scope('mmactrep')
        encoder = load_encoder(compose_config(config), 'none', 5, of_frames=True)
    found = printed_figures(printed)
    assert set(found) == {'linear frame mAP', 'regularization C'}
    store = SkeletonStore(config.parent / 'store')
    features, labels = [], []
    for name in TRAIN:
        done = 0
        for start in starts_of(LENGTHS[name], WINDOW):
            window, valid = window_features(encoder, store, name, start)
            for i, frame in enumerate(range(start, start + valid, STRIDE)):
                if frame >= done:
                    features.append(window[i])
                    labels.append(dense(name)[frame])
            done = start + valid
    assert f'{len(features)} frames of 4 clips to train on' in printed
    labels = np.array(labels)
    models = [
        make_pipeline(StandardScaler(), LogisticRegression(C=found['regularization C'], max_iter=2000)).fit(
            features, labels[:, k]
        )
        for k in range(CLASSES)
    ]
    scores, truth = [], []
    for name in TEST:
        total, count = np.zeros((LENGTHS[name], CLASSES)), np.zeros((LENGTHS[name], 1))
        for start in starts_of(LENGTHS[name], WINDOW // 2):
            window, valid = window_features(encoder, store, name, start)
            frames = np.arange(valid)
            for k, model in enumerate(models):
                logits = np.interp(frames, np.arange(len(window)) * STRIDE, model.decision_function(window))
                total[start : start + valid, k] += 1 / (1 + np.exp(-logits))
            count[start : start + valid] += 1
        scores.append(total / count)
        truth.append(dense(name))
    scores, truth = np.concatenate(scores), np.concatenate(truth)
    expected = np.mean([average_precision_score(truth[:, k], scores[:, k]) for k in range(CLASSES)])
    assert found['linear frame mAP'] == pytest.approx(expected, abs=2e-3)
    assert expected > 1.5 * truth.mean()  # far from chance, so that misplaced labels would tell


def test_a_share_of_the_labels_is_one_of_clips(config, capsys):
    tool = load_tool('analysis/evaluate_features.py')
    with restored_random_state():
        assert tool.main([str(config), 'none', '--labels', '1', '0.5']) == 0
    found = printed_figures(capsys.readouterr().out)
    assert {'linear frame mAP', 'linear frame mAP 50%'} <= set(found)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--labels', '0.25'], 'needs two training clips or more, found 1 with 25 % of the labels'),
        (['--cfg-options', 'train_dataloader.dataset.labelled_fraction=0.5'], 'a part of the labels'),
        (['--cfg-options', 'model.type=RecognizerGCN'], 'expected a config of a segmentor'),
    ],
)
def test_what_cannot_be_evaluated_is_one_line(config, capsys, arguments, message):
    with restored_random_state():
        assert load_tool('analysis/evaluate_features.py').main([str(config), 'none', *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count('\n') == 1


@pytest.mark.parametrize('option', [['--pairs', 'x:y'], ['--leave-out', '[a-z]']])
def test_options_of_recognizers_are_refused(config, capsys, option):
    with restored_random_state(), pytest.raises(SystemExit):
        load_tool('analysis/evaluate_features.py').main([str(config), 'none', *option])
    assert 'this is the config of a segmentor' in capsys.readouterr().err
