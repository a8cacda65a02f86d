"""Windows of untrimmed sequences: where they lie, what they say of every frame, and which are drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.datasets import SkeletonSegmentationDataset
from mmactrep.engine.hooks.dataset_check_hook import check_labels
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures.windows import window_starts

SEGMENTS = dict(
    long=[(0, 0, 500), (1, 100, 160), (2, 140, 150), (1, 990, 1000)],
    short=[(3, 4, 12)],
    plain=[(0, 0, 300)],
)
FRAMES = dict(long=1000, short=20, plain=300)
PACK = [dict(type='FormatSkeleton', num_person=1), dict(type='PackSegmentationInputs')]


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """Three clips whose x tells the frame and y the clip."""
    root = tmp_path_factory.mktemp('data') / 'store'
    with SkeletonStoreWriter(root, 'posetics17', classes=list('abcde')) as writer:
        for number, (name, frames) in enumerate(FRAMES.items(), start=1):
            keypoint = np.ones((1, frames, 17, 2), np.float32)
            keypoint[..., 0] = np.arange(1, frames + 1)[None, :, None]
            keypoint[..., 1] = number
            writer.add(name, keypoint, segments=SEGMENTS[name], img_shape=(480, 640), fps=25)
        writer.add_split('all', FRAMES)
        writer.add_split('one', ['long'])
        writer.finish()
    return root


def build(root, **options):
    init_default_scope('mmactrep')
    return SkeletonSegmentationDataset(str(root), **(dict(pipeline=[], window=64) | options))


def dense(name, classes=5):
    """The annotation frame by frame."""
    return np.array(
        [[any(k == label and a <= t < b for label, a, b in SEGMENTS[name]) for k in range(classes)]
         for t in range(FRAMES[name])],
        np.float32,
    )  # fmt: skip


@pytest.mark.parametrize(
    ('length', 'window', 'stride', 'expected'),
    [
        (10, 4, 2, [0, 2, 4, 6]),
        (11, 4, 3, [0, 3, 6, 7]),
        (4, 4, 2, [0]),
        (3, 4, 2, [0]),
        (5, 4, 4, [0, 1]),
    ],
)
def test_window_starts_by_hand(length, window, stride, expected):
    assert window_starts(length, window, stride).tolist() == expected


def test_test_windows_cover_every_frame_and_label_it(root):
    dataset = build(root, test_mode=True)
    seen = {name: np.zeros(frames, int) for name, frames in FRAMES.items()}
    for i in range(len(dataset)):
        sample = dataset[i]
        name, (start, end), valid = sample['frame_dir'], sample['clip_window'], sample['valid_frames']
        assert sample['keypoint'].shape == (1, 64, 17, 2) and end - start == valid
        assert (sample['keypoint'][0, :, 0, 1] == list(FRAMES).index(name) + 1).all()
        # x is the frame's number: played again where the clip is shorter than the window
        expected = start + 1 + np.arange(64) % valid
        np.testing.assert_array_equal(sample['keypoint'][0, :, 0, 0], expected)
        np.testing.assert_array_equal(sample['frame_labels'][:valid], dense(name)[start:end])
        assert not sample['frame_labels'][valid:].any()
        assert sample['sequence'] == (0, FRAMES[name])
        seen[name][start:end] += 1
    assert all((count >= 1).all() for count in seen.values())
    names = [dataset[i]['frame_dir'] for i in range(len(dataset))]
    assert names == sorted(names, key=list(FRAMES).index)
    assert all(dataset[i]['num_windows'] == names.count(names[i]) for i in range(len(dataset)))


def test_portion_keeps_training_and_test_apart(root):
    first = build(root, portion=(0, 0.6), split='one', balance=0.5)
    rest = build(root, portion=(0.6, 1), split='one', test_mode=True)
    for epoch in range(3):
        first.set_seed_and_epoch(0, epoch)
        assert all(first[i]['clip_window'][1] <= 600 for i in range(len(first)))
    windows = [rest[i]['clip_window'] for i in range(len(rest))]
    assert windows[0][0] == 600 and windows[-1][1] == 1000 and rest[0]['sequence'] == (600, 1000)
    # of class 0, 1 and 2 there is something in the first part, of class 1 alone in the rest
    assert len(first._segments_by_class) == 3 and len(rest._segments_by_class) == 1
    with pytest.raises(ValueError, match=r"leaves nothing of clip 'short' with 20 frames"):
        build(root, portion=(0.01, 0.02)).full_init()


def test_test_windows_carry_the_segments_of_their_sequence(root):
    whole = build(root, split='one', test_mode=True)
    assert all(whole[i]['sequence_segments'] == SEGMENTS['long'] for i in (0, len(whole) - 1))
    # of the last tenth, from frame 900 on
    part = build(root, split='one', test_mode=True, portion=(0.9, 1.0))
    assert part[0]['sequence_segments'] == [(1, 90, 100)]
    part = build(root, split='one', test_mode=True, portion=(0.1, 0.5))
    assert part[0]['sequence_segments'] == [(0, 0, 400), (1, 0, 60), (2, 40, 50)]
    assert 'sequence_segments' not in build(root)[0]


@pytest.mark.parametrize(
    ('record', 'line'),
    [
        ((0, 5, 0, 500), "clip 'long' has class 5 from frame 0 to 500, expected one of 5 classes"),
        ((0, -1, 0, 500), "clip 'long' has class -1"),
        ((0, 0, 500, 100), "clip 'long' has class 0 from frame 500 to 100"),
        ((0, 0, -1, 100), "clip 'long'.*frame -1"),
        ((0, 0, 0, 1001), "clip 'long'.*to 1001, expected .* within its 1000 frames"),
    ],
)
def test_an_annotation_that_does_not_fit_names_its_clip(root, monkeypatch, record, line):
    dataset = build(root, lazy_init=True)
    store = SkeletonStore(root)
    bad = store.all_segments.copy()
    bad[0] = record
    monkeypatch.setattr(SkeletonStore, 'all_segments', bad)
    with pytest.raises(BadClipError, match=line):
        dataset.full_init()


def test_training_windows_are_drawn_by_seed_epoch_and_position(root):
    dataset = build(root, balance=0.5)
    dataset.set_seed_and_epoch(3, 0)
    one = [dataset[i]['clip_window'] for i in range(len(dataset))]
    again = [dataset[i]['clip_window'] for i in reversed(range(len(dataset)))][::-1]
    dataset.set_seed_and_epoch(3, 1)
    other = [dataset[i]['clip_window'] for i in range(len(dataset))]
    assert one == again != other


def test_balance_gives_every_class_its_turn(root):
    counts = {}
    for balance in (0.0, 1.0):
        dataset = build(root, balance=balance, window=32)
        shown = np.zeros(5)
        for epoch in range(12):
            dataset.set_seed_and_epoch(0, epoch)
            for i in range(len(dataset)):
                shown += dataset[i]['frame_labels'].any(axis=0)
        counts[balance] = shown / (12 * len(dataset))
    # class 2 lasts 10 of 1320 frames: evenly drawn, a window of 32 rarely shows it
    assert counts[0.0][2] < 0.06
    # four classes occur, each is aimed at in a quarter of the samples
    assert (counts[1.0][:4] > 0.2).all() and counts[1.0][4] == 0


def test_few_labels_keep_whole_clips_and_are_nested(root):
    clips = [
        {build(root, labelled_fraction=share, test_mode=True)[i]['frame_dir'] for i in (0, -1)}
        for share in (0.3, 0.7)
    ]
    assert len(clips[0]) == 1 and len(clips[1]) == 2 and clips[0] < clips[1]


def test_packed_samples_and_subsets(root):
    dataset = build(root, pipeline=PACK, test_mode=True)
    sample = dataset[1]
    assert sample['inputs'].shape == (1, 1, 64, 17, 2)
    data = sample['data_samples']
    assert data.gt_frames.shape == (64, 5) and data.gt_frames.dtype == torch.float32
    assert data.clip_window == (32, 96) and data.valid_frames == 64 and data.frame_dir == 'long'
    subset = dataset.get_subset([0, 2, len(dataset) - 1])
    assert len(subset) == 3 and subset[1]['data_samples'].clip_window == (64, 128)
    assert subset[1]['data_samples'].num_windows == 2
    with pytest.raises(ValueError, match=r"clip 'long'.*10 frames but labels for 64"):
        build(root, pipeline=[dict(type='RandomTemporalCrop', length=10), *PACK], test_mode=True)[0]


@pytest.mark.parametrize(
    'options', [dict(stride=65), dict(stride=0), dict(balance=2), dict(portion=(0.5, 0.5))]
)
def test_options_out_of_range_are_refused(root, options):
    with pytest.raises(ValueError, match='found'):
        build(root, **options)


def test_windows_have_no_label_that_a_classifier_of_clips_could_miss(root):
    assert build(root).labels is None
    check_labels(build(root))


def test_a_store_without_segments_is_refused(tmp_path):
    with SkeletonStoreWriter(tmp_path / 'store', 'posetics17') as writer:
        writer.add('a', np.ones((1, 5, 17, 2)))
        writer.finish()
    with pytest.raises(StoreError, match='no dense annotation'):
        build(tmp_path / 'store').full_init()
