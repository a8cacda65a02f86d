"""Data sets of video files: what a sample is, which videos are used, and what becomes of bad ones."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.datasets.video import dataset as dataset_module
from mmactrep.datasets.video import loading, notes
from mmactrep.datasets.video.dataset import VideoClipDataset, VideoListError
from mmactrep.registry import DATASETS, MODELS
from mmactrep.video.opened_video import OpenedVideo
from mmactrep.video.picture import VideoError
from tests.helpers.video_sets import CLASSES, clip_pipeline, moving_square, video_folder
from tests.helpers.videos import make_video


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmactrep')


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    return video_folder(tmp_path_factory.mktemp('videos'))


def dataset_of(ann_file, **kwargs):
    return VideoClipDataset(str(ann_file), kwargs.pop('pipeline', clip_pipeline()), **kwargs)


def test_a_sample_is_the_clips_of_one_video_with_their_times(videos):
    dataset = DATASETS.build(dict(type='VideoClipDataset', ann_file=str(videos), pipeline=clip_pipeline()))
    sample = dataset[4]
    assert sample['inputs'].shape == (3, 3, 4, 32, 32) and sample['inputs'].dtype == torch.uint8
    meta = sample['data_samples'].metainfo
    assert (meta['frame_dir'], meta['sample_idx'], meta['total_frames']) == ('leave/clip 4', 4, 24)
    times = meta['clip_times']
    assert times.shape == (3, 3) and times.dtype == np.float32
    np.testing.assert_allclose(times[:, 2], 8 / 25, rtol=1e-4)  # 8 frames at 25 a second
    np.testing.assert_allclose(dataset[5]['data_samples'].clip_times[:, 2], 8 / 30, rtol=1e-4)
    assert sample['data_samples'].gt_label.tolist() == [1]
    assert dataset.labels.tolist() == [0, 1, 2, 0, 1, 2] and dataset.get_cat_ids(5) == [2]
    assert dataset.metainfo['classes'] == list(CLASSES)


def test_the_clips_show_the_frames_of_their_times(videos):
    steps = {
        name: step for name, step in clip_pipeline(num_clips=2).items() if name in ('open', 'sample', 'read')
    }
    results = dataset_of(videos, pipeline=steps)[0]
    bright = [np.flatnonzero(image[24, :, 0] > 150)[0] for image in results['imgs']]
    starts = np.round(results['clip_times'][:, :1] * 25).astype(int)
    # the square moves two pixels a frame
    np.testing.assert_allclose(bright, (2 * (starts + [0, 2, 4, 6])).reshape(-1), atol=1)


def test_mmaction2s_preprocessor_takes_a_batch(videos):
    dataset = dataset_of(videos)
    samples = [dataset[i] for i in range(2)]
    batch = dict(
        inputs=[sample['inputs'] for sample in samples], data_samples=[s['data_samples'] for s in samples]
    )
    mean, std = [100.0, 110.0, 120.0], [50.0, 60.0, 70.0]
    preprocessor = MODELS.build(dict(type='ActionDataPreprocessor', mean=mean, std=std, format_shape='NCTHW'))
    found = preprocessor(batch)['inputs']
    assert found.shape == (2, 3, 3, 4, 32, 32) and found.dtype == torch.float32
    expected = (samples[1]['inputs'][2, 1].float() - 110) / 60
    torch.testing.assert_close(found[1, 2, 1], expected)


def test_mmaction2s_own_data_set_takes_the_transforms(tmp_path):
    make_video(tmp_path / 'a.mp4', moving_square(0))
    (tmp_path / 'list.txt').write_text('a.mp4 7\n')
    steps = [*clip_pipeline().values()]
    dataset = DATASETS.build(
        dict(
            type='mmaction.VideoDataset',
            ann_file=str(tmp_path / 'list.txt'),
            data_prefix=dict(video=str(tmp_path)),
            pipeline=steps,
        )
    )
    assert dataset[0]['inputs'].shape == (3, 3, 4, 32, 32)


def test_samples_depend_on_seed_epoch_and_position_alone(videos):
    def inputs(seed, epoch, idx, before=()):
        dataset = dataset_of(videos)
        dataset.set_seed_and_epoch(seed, epoch)
        for other in before:
            dataset[other]
        return dataset[idx]['inputs']

    first = inputs(1, 0, 3)
    torch.testing.assert_close(inputs(1, 0, 3, before=(0, 5)), first)
    assert not torch.equal(inputs(1, 1, 3), first) and not torch.equal(inputs(2, 0, 3), first)
    tested = [dataset_of(videos, test_mode=True)[2]['inputs'] for _ in range(2)]
    torch.testing.assert_close(*tested)


def test_which_videos_are_used(videos):
    tenth = dataset_of(videos, labelled_fraction=0.1)
    assert sorted(tenth.labels) == [0, 1, 2]
    parts = [
        dataset_of(videos, holdout=dict(part=part, share=0.5, groups='clip [0-9]'), labelled_seed=0)
        for part in ('fit', 'held')
    ]
    names = [{dataset.get_data_info(i)['frame_dir'] for i in range(len(dataset))} for dataset in parts]
    assert not names[0] & names[1] and len(names[0] | names[1]) == 6
    with pytest.raises(VideoListError, match='has no group'):
        len(dataset_of(videos, holdout=dict(part='fit', share=0.5, groups='subject')))


def test_labels_by_name_and_published_classes(tmp_path, videos):
    (tmp_path / 'named.csv').write_text('x/a.mp4,sit down\nx/b.mp4,enter\n')
    dataset = dataset_of(tmp_path / 'named.csv')
    assert dataset.metainfo['classes'] == ['enter', 'sit down'] and dataset.labels.tolist() == [1, 0]
    dataset = dataset_of(tmp_path / 'named.csv', classes=list(CLASSES))
    assert dataset.labels.tolist() == [2, 0]
    (tmp_path / 'smarthome.txt').write_text('Enter_p03_r00_v00_c01.mp4 12\n')
    dataset = dataset_of(tmp_path / 'smarthome.txt', classes='smarthome')
    assert dataset.metainfo['classes'][dataset.labels[0]] == 'Enter'


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (None, 'no such list of videos\nmake it'),
        ('', 'has no videos'),
        ('a.mp4 3\n', 'expected one of 3 classes'),
        ('a.mp4 jump\n', 'expected one of 3 classes'),
    ],
)
def test_a_list_that_cannot_be_used(tmp_path, content, message):
    if content is not None:
        (tmp_path / 'list.txt').write_text(content)
    with pytest.raises((VideoListError, ValueError), match=message):
        dataset_of(tmp_path / 'list.txt', classes=list(CLASSES), absent_hint='make it')


@pytest.fixture
def with_bad_videos(tmp_path, videos):
    """Of each kind of bad video one; a good one at the end."""
    good = videos.parent / 'enter' / 'clip 0.mp4'
    whole = good.read_bytes()
    (tmp_path / 'empty.mp4').write_bytes(b'')
    (tmp_path / 'text.mp4').write_text('no video at all ' * 100)
    (tmp_path / 'cut.mp4').write_bytes(whole[: len(whole) // 2])
    names = ['absent', 'empty', 'text', 'cut', 'good']
    shutil.copy(good, tmp_path / 'good.mp4')
    (tmp_path / 'list.txt').write_text(''.join(f'{name}.mp4 {i % 2}\n' for i, name in enumerate(names)))
    return tmp_path / 'list.txt'


@pytest.fixture
def messages(monkeypatch):
    """What the data set logs."""
    said = []
    monkeypatch.setattr(dataset_module, 'print_log', lambda message, **_: said.append(message))
    return said


def test_in_training_another_video_takes_the_place_of_a_bad_one(with_bad_videos, messages):
    dataset = dataset_of(with_bad_videos)
    dataset.set_seed_and_epoch(0, 0)
    samples = [dataset[i] for i in range(5)]
    again = [dataset[i] for i in range(5)]
    assert {sample['data_samples'].frame_dir for sample in samples} == {'good'}
    for one, other in zip(samples, again):
        torch.testing.assert_close(one['inputs'], other['inputs'])
    assert len(messages) == 4  # each bad one once
    for name, reason in zip(
        ('absent', 'empty', 'text', 'cut'), ('no such file', 'empty', 'no video', "no index ('moov')|bytes")
    ):
        (message,) = [each for each in messages if f'{name}.mp4' in each]
        assert any(each in message for each in reason.split('|')), message
        assert 'another video takes its place' in message


def test_in_testing_a_bad_video_keeps_its_label(with_bad_videos, messages):
    dataset = dataset_of(with_bad_videos, test_mode=True)
    samples = [dataset[i]['data_samples'] for i in range(5)]
    assert [sample.frame_dir for sample in samples] == ['absent', 'empty', 'text', 'cut', 'good']
    assert [int(sample.gt_label) for sample in samples] == [0, 1, 0, 1, 0]
    assert len(messages) == 4 and 'a gray image is tested' in messages[0]


def test_bad_videos_alone_stop_a_training(tmp_path):
    (tmp_path / 'list.txt').write_text('a.mp4 0\nb.mp4 0\n')
    with pytest.raises(VideoError, match='100 videos drawn at random cannot be used'):
        dataset_of(tmp_path / 'list.txt')[0]


def test_short_videos_of_one_frame_and_without_times(tmp_path):
    make_video(tmp_path / 'one.mp4', moving_square(0, 1))
    make_video(tmp_path / 'short.mp4', moving_square(0, 5))
    make_video(tmp_path / 'untimed.avi', moving_square(0, 30), fps=15, codec='mjpeg')
    (tmp_path / 'list.txt').write_text('one.mp4 0\nshort.mp4 0\nuntimed.avi 0\n')
    dataset = dataset_of(tmp_path / 'list.txt')
    one, short, untimed = (dataset[i] for i in range(3))
    still = one['inputs'][:, :, :1].expand_as(one['inputs'])
    torch.testing.assert_close(one['inputs'], still)
    np.testing.assert_allclose(one['data_samples'].clip_times[:, 0], 0)
    np.testing.assert_allclose(short['data_samples'].clip_times, [[0, 0.5, 0.5]] * 3, atol=1e-5)
    np.testing.assert_allclose(untimed['data_samples'].clip_times[:, 2], 8 / 15, rtol=1e-5)


def test_two_videos_that_differ_in_the_suffix_keep_it(tmp_path):
    (tmp_path / 'list.txt').write_text('a.mp4 0\na.avi 0\nb.mp4 0\n')
    dataset = dataset_of(tmp_path / 'list.txt')
    assert [dataset.get_data_info(i)['frame_dir'] for i in range(3)] == ['a.mp4', 'a.avi', 'b']


def test_a_video_without_times_is_told(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(notes, 'print_log', lambda message, **_: said.append(message))
    opened = loading.open_video(make_video(tmp_path / 'a.mp4', moving_square(0)))
    untimed = OpenedVideo(
        opened.seconds, opened.duration, opened.pick, note='a.mp4: its frames have no times'
    )
    monkeypatch.setattr(loading, 'open_video', lambda *_: untimed)
    results = loading.OpenVideo().transform(dict(filename='a.mp4'))
    assert said == ['a.mp4: its frames have no times'] and results['total_frames'] == 24
