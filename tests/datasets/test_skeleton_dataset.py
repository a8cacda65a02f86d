"""The data set over a store: dictionaries, splits, subsets, random numbers, errors."""

from __future__ import annotations

import numpy as np
import pytest
from torch.utils.data import DataLoader

from mmactrep.datasets import SkeletonDataset, skeleton_dataset
from mmactrep.datasets.protocols import protocol_classes
from mmactrep.errors import UserError
from mmactrep.registry import DATASETS
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter

CLASSES = ['sit', 'stand', 'wave']


@pytest.fixture
def root(tmp_path):
    with SkeletonStoreWriter(tmp_path / 's', 'posetics17', CLASSES) as writer:
        for i in range(12):
            keypoint = np.full((1, 4 + i, 17, 2), i + 1, np.float32)
            writer.add(f'clip_{i}', keypoint, label=i % 3, img_shape=(480, 640))
        writer.add_split('train', [f'clip_{i}' for i in range(8)])
        writer.add_split('test', [f'clip_{i}' for i in range(11, 7, -1)])
        writer.finish()
    return tmp_path / 's'


def make(root, **kwargs):
    return SkeletonDataset(str(root), pipeline=kwargs.pop('pipeline', []), **kwargs)


def test_samples_are_annotation_dictionaries(root):
    dataset = make(root, split='test', test_mode=True)
    assert len(dataset) == 4
    sample = dataset[0]
    assert sample['frame_dir'] == 'clip_11' and sample['label'] == 2 and sample['total_frames'] == 15
    assert sample['keypoint'].shape == (1, 15, 17, 2) and (sample['keypoint'] == 12).all()
    assert sample['keypoint_score'].shape == (1, 15, 17)
    assert sample['img_shape'] == (480, 640) and sample['layout'].name == 'posetics17'
    assert dataset.metainfo['classes'] == CLASSES and dataset.metainfo['layout'] == 'posetics17'


def test_every_clip_comes_once_for_each_camera(root):
    dataset = make(root, split='test', repeat_each=3, test_mode=True)
    assert len(dataset) == 12
    samples = [dataset[i] for i in range(12)]
    assert [sample['frame_dir'] for sample in samples[:4]] == ['clip_11'] * 3 + ['clip_10']
    assert [sample['sample_idx'] for sample in samples] == list(range(12))
    assert [sample['label'] for sample in samples] == dataset.labels.tolist()
    with pytest.raises(ValueError, match='repeat_each'):
        make(root, repeat_each=0)


def test_it_is_built_by_name_without_a_prefix(root):
    dataset = DATASETS.build(dict(type='SkeletonDataset', ann_file=str(root), pipeline=[], split='train'))
    assert isinstance(dataset, SkeletonDataset) and len(dataset) == 8


def test_classes_by_the_name_of_a_published_list(tmp_path):
    names = protocol_classes('smarthome')
    with SkeletonStoreWriter(tmp_path / 's', 'posetics17', names) as writer:
        for label in (names.index('Cook.Cut'), names.index('Usetablet'), names.index('Usetelephone')):
            writer.add(names[label], np.ones((1, 4, 17, 2)), label=label, img_shape=(480, 640))
        writer.finish()
    dataset = make(tmp_path / 's', classes='smarthome/cv')
    assert dataset.metainfo['classes'] == protocol_classes('smarthome/cv') and len(dataset.classes) == 19
    # of the 19, 'Usetablet' is number 16 and 'Usetelephone' 17; 'Cook.Cut' is none of them
    assert dataset.labels.tolist() == [16, 17]
    with pytest.raises(UserError, match="no list 'classes cv3' of 'smarthome'"):
        make(tmp_path / 's', classes='smarthome/cv3')


def test_classes_select_and_renumber(root):
    dataset = make(root, split='train', classes=['wave', 'sit'])
    assert dataset.metainfo['classes'] == ['wave', 'sit']
    assert [dataset[i]['frame_dir'] for i in range(len(dataset))] == [f'clip_{i}' for i in (0, 2, 3, 5, 6)]
    assert dataset.labels.tolist() == [1, 0, 1, 0, 1] == [dataset[i]['label'] for i in range(5)]
    assert dataset.get_cat_ids(1) == [0]


def test_repetition_and_labelled_fraction(root):
    # 3, 3 and 2 clips: 2, 2 and 3 times
    repeated = make(root, split='train', repeat_below=6, repeat_count='split')
    assert np.bincount(repeated.labels).tolist() == [6, 6, 6]
    # with the clips of the other splits 4, 4 and 4: round(6 / 4) = 2 times each
    repeated = make(root, split='train', repeat_below=6)
    assert np.bincount(repeated.labels).tolist() == [6, 6, 4]
    chosen = make(root, split='train', repeat_below=6, classes=['wave', 'sit'])
    assert np.bincount(chosen.labels).tolist() == [4, 6]
    with pytest.raises(ValueError, match="repeat_count must be 'store' or 'split', got 'all'"):
        make(root, split='train', repeat_count='all')
    assert len(make(root, split='train', labelled_fraction=0.34)) == 3


@pytest.mark.parametrize('option', [dict(repeat_below=6), dict(labelled_fraction=0.5)])
def test_options_that_count_classes_name_a_clip_without_one(tmp_path, option):
    with SkeletonStoreWriter(tmp_path / 's', 'posetics17', CLASSES) as writer:
        for i, label in enumerate((0, -1, 2, -1)):
            writer.add(f'clip_{i}', np.ones((1, 4, 17, 2), np.float32), label=label)
        writer.add_split('train', [f'clip_{i}' for i in range(4)])
        writer.finish()
    assert len(make(tmp_path / 's', split='train')) == 4  # pre-training needs no labels
    line = r"clip 'clip_1' of split 'train' has no label.*\(2 of 4 clips\)"
    with pytest.raises(BadClipError, match=line):
        make(tmp_path / 's', split='train', **option)
    assert make(tmp_path / 's', split='train', classes=['wave'], **option).labels.tolist()


def test_subsets(root):
    dataset = make(root, split='train')
    assert [d['frame_dir'] for d in dataset.get_subset(2)] == ['clip_0', 'clip_1']
    assert [d['frame_dir'] for d in dataset.get_subset([4, 2])] == ['clip_4', 'clip_2']
    assert len(dataset) == 8
    dataset.get_subset_(-3)
    assert [d['frame_dir'] for d in dataset] == ['clip_5', 'clip_6', 'clip_7']


def draw(results):
    return results['sample_idx'], results['rng'].integers(1 << 40)


def draws(dataset, workers):
    loader = DataLoader(dataset, batch_size=None, num_workers=workers, persistent_workers=workers > 0)
    for epoch in range(2):
        dataset.set_seed_and_epoch(7, epoch)
        yield dict(map(tuple, loader))


def test_random_numbers_depend_on_seed_epoch_and_position_alone(root):
    alone = list(draws(make(root, split='train', pipeline=[draw]), 0))
    with_workers = list(draws(make(root, split='train', pipeline=[draw]), 2))
    assert alone == with_workers
    assert all(alone[0][i] != alone[1][i] for i in range(8))
    assert len(set(alone[0].values())) == 8


def test_random_numbers_follow_numpy_when_no_epoch_was_told(root):
    dataset = make(root, split='train', pipeline=[draw])
    np.random.seed(3)
    first = [dataset[0][1], dataset[0][1]]
    np.random.seed(3)
    assert first == [dataset[0][1], dataset[0][1]] and first[0] != first[1]


def test_testing_draws_the_same_every_time(root):
    dataset = make(root, split='test', pipeline=[draw], test_mode=True)
    first = [dataset[i][1] for i in range(4)]
    dataset.set_seed_and_epoch(1, 5)
    assert first == [dataset[i][1] for i in range(4)]


def test_standin_says_so(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(skeleton_dataset, 'print_log', lambda message, **_: said.append(message))
    attributes = dict(standin=dict(seed=0), standin_for='Posetics', source='stand-in')
    for name, given in (('plain', {}), ('standin', attributes)):
        with SkeletonStoreWriter(tmp_path / name, 'posetics17', CLASSES, attributes=given) as writer:
            writer.add('a', np.ones((1, 2, 17, 2)), label=0)
            writer.finish()
    make(tmp_path / 'plain')
    assert said == []
    make(tmp_path / 'standin')
    assert len(said) == 1 and 'STAND-IN' in said[0] and 'not Posetics' in said[0]


def test_absent_store_gives_the_hint(tmp_path):
    with pytest.raises(StoreError, match=r'no skeleton store at .*nowhere(.|\n)*two ways'):
        make(tmp_path / 'nowhere', absent_hint='two ways forward')


def test_absent_split_and_class(root):
    with pytest.raises(StoreError, match=r"no split 'xsub'; it has \['train', 'test'\]"):
        make(root, split='xsub')
    with pytest.raises(ValueError, match=r"unknown: \['fly'\]"):
        make(root, classes=['fly'])


def test_label_outside_the_classes_is_found_before_training(root):
    index = np.load(root / 'index.npy', mmap_mode='r+')
    index['label'][3] = 9
    index.flush()
    with pytest.raises(BadClipError, match="clip 'clip_3' has label 9 outside the 3 classes"):
        make(root, split='train')


def test_dataset_is_small_to_send_to_workers(root):
    import pickle

    dataset = make(root, split='train')
    assert len(pickle.dumps(dataset)) < 20_000
    assert pickle.loads(pickle.dumps(dataset))[1]['frame_dir'] == 'clip_1'
    assert isinstance(pickle.loads(pickle.dumps(dataset)).store, SkeletonStore)
