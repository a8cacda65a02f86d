"""From a list of videos to a store."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import numpy as np
import psutil
import pytest

from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.extraction.clips import extract_clips
from mmactrep.pose.extraction.extraction import run_extraction
from mmactrep.pose.extraction.merging import merge_stores
from mmactrep.pose.extraction.report import read_log, read_skipped
from mmactrep.pose.extraction.settings import ExtractionSettings
from mmactrep.pose.extraction.video_list import VideoJob
from mmactrep.pose.tracking.tracks import pack_tracks
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.shards import Shard, find_shards
from mmactrep.structures import get_layout
from mmactrep.video.frame_times import FrameTimes
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.fake_videos import FakeVideo
from tests.helpers.poses import ListedExpert, persons, standing

VIDEOS = dict(
    a=FakeVideo(20, 50), b=FakeVideo(7, 80), empty=FakeVideo(30, 0), c=FakeVideo(33, 120),
    broken=FakeVideo(40, 90, fails_at=16), d=FakeVideo(12, 200),
)  # fmt: skip
JOBS = [
    VideoJob(Path(f'{name}.mp4'), name, i % 2, ('train', '', 'test')[i % 3]) for i, name in enumerate(VIDEOS)
]


class Opener:
    """Opens the fake videos and counts; may kill the run at one of them."""

    def __init__(self, kill_at=None):
        self.opened, self.kill_at = [], kill_at

    def __call__(self, path):
        if path.stem == self.kill_at:
            raise KeyboardInterrupt
        self.opened.append(path.stem)
        return VIDEOS[path.stem]


def run(root, jobs=JOBS, opener=None, settings=None, shard=None, **kwargs):
    settings = settings or ExtractionSettings()
    estimator = PoseEstimator([BrightnessExpert()], **settings.estimator)
    return run_extraction(
        jobs, root, estimator, settings, shard=shard, classes=['sit', 'run'],
        open_video=opener or Opener(), progress=False, **kwargs,
    )  # fmt: skip


def same_store(a, b):
    files = [
        {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in Path(root).rglob('*')
            if path.is_file()
        }
        for root in (a, b)
    ]
    return files[0] == files[1]


def test_clips_labels_and_what_is_left_out(tmp_path):
    report = run(tmp_path / 'store')
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == ['a', 'b', 'c', 'd'] and store.verify() == []
    assert store.labels.tolist() == [0, 1, 1, 1] and store.classes == ['sit', 'run']
    splits = {name: [store.ids[row] for row in store.split(name)] for name in store.split_names}
    assert splits == dict(train=['a', 'c'], test=['d'])
    clip = store[2]
    assert clip['total_frames'] == 33 and clip['img_shape'] == (48, 64) and clip['fps'] == 25.0
    assert clip['keypoint'].shape == (1, 33, 17, 2) and clip['layout'] == get_layout('coco17')
    expected = BrightnessExpert().predict([np.full((8, 8, 3), 120, np.uint8)])[0]
    np.testing.assert_array_equal(clip['keypoint'][0, 17], expected.keypoint[0])
    assert (report.videos, report.clips, report.resumed) == (6, 4, 0)
    assert report.frames == 20 + 7 + 30 + 33 + 12 and report.seconds['brightness'] > 0
    assert set(report.skipped) == {'empty', 'broken'} == set(read_skipped(report.skipped_file))
    assert 'nobody was found' in report.skipped['empty'] and 'damaged' in report.skipped['broken']
    assert sorted(path.name for path in tmp_path.iterdir()) == ['store', 'store.skipped.txt']
    assert store.attributes['settings']['fill_gap'] == 5 and store.attributes['list']['videos'] == 6


@pytest.mark.parametrize('kill_at', ['a', 'b', 'c', 'd'])
@pytest.mark.parametrize('clip_length', [0, 8])
def test_taken_up_where_it_stopped(tmp_path, kill_at, clip_length):
    settings = ExtractionSettings(clip_length=clip_length, min_length=1)
    run(tmp_path / 'whole', settings=settings)
    first, second = Opener(kill_at), Opener()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / 'killed', opener=first, settings=settings)
    report = run(tmp_path / 'killed', opener=second, settings=settings)
    assert same_store(tmp_path / 'whole', tmp_path / 'killed')
    done = [name for name in first.opened if name not in ('empty', 'broken')]
    assert report.resumed == len(done) and not set(second.opened) & set(done)


def test_a_video_of_which_some_clips_are_written_is_done_again(tmp_path):
    settings = ExtractionSettings(clip_length=8, min_length=1)
    run(tmp_path / 'whole', settings=settings)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / 'killed', opener=Opener('d'), settings=settings)
    # as if the kill had come between the clips of the last video
    partial = tmp_path / 'killed.partial'
    lines = (partial / 'journal.jsonl').read_text().splitlines(keepends=True)
    assert [json.loads(line)['id'] for line in lines][-5:] == [f'c_{i:05d}' for i in range(5)]
    (partial / 'journal.jsonl').write_text(''.join(lines[:-2]))
    opener = Opener()
    run(tmp_path / 'killed', opener=opener, settings=settings)
    assert same_store(tmp_path / 'whole', tmp_path / 'killed') and 'c' in opener.opened


def test_the_finished_extraction_is_not_done_again(tmp_path):
    first = run(tmp_path / 'store')
    opener = Opener()
    report = run(tmp_path / 'store', opener=opener)
    assert opener.opened == [] and report.resumed == 6
    assert (report.clips, report.skipped) == (first.clips, first.skipped)
    with pytest.raises(FileExistsError):
        run(tmp_path / 'store', settings=ExtractionSettings(fill_gap=0))
    run(tmp_path / 'store', settings=ExtractionSettings(fill_gap=0), overwrite=True)
    assert SkeletonStore(tmp_path / 'store').attributes['settings']['fill_gap'] == 0


def test_an_attempt_begun_with_other_settings_is_refused(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / 'store', opener=Opener('c'))
    with pytest.raises(StoreError, match='other settings'):
        run(tmp_path / 'store', jobs=JOBS[:3])


@pytest.mark.parametrize('count', [2, 3, 6])
def test_sharded_is_unsharded(tmp_path, count):
    whole = run(tmp_path / 'whole')
    skipped = {}
    for index in range(count):
        skipped |= run(tmp_path / 'shards', shard=Shard(index, count)).skipped
    merge_stores(find_shards(tmp_path / 'shards'), tmp_path / 'shards')
    assert same_store(tmp_path / 'whole', tmp_path / 'shards')
    assert skipped == whole.skipped


def test_a_shard_of_nobody_is_finished_too(tmp_path):
    shard = Shard(2, 6)  # the video without anybody
    assert run(tmp_path / 'store', shard=shard).clips == 0
    opener = Opener()
    report = run(tmp_path / 'store', shard=shard, opener=opener)
    assert opener.opened == [] and set(report.skipped) == {'empty'}


def test_no_clip_at_all_is_an_error(tmp_path):
    with pytest.raises(StoreError, match='none of the 2 videos gave a clip'):
        run(tmp_path / 'store', jobs=[JOBS[2], JOBS[4]])


def test_two_processes_do_not_write_one_store(tmp_path):
    class Second(Opener):
        def __call__(self, path):
            with pytest.raises(StoreError, match='another process is writing'):
                run(tmp_path / 'store')
            return super().__call__(path)

    run(tmp_path / 'store', opener=Second())


def test_windows_are_the_whole_cut(tmp_path):
    poses = [persons(standing(2 * t), standing(900 - t)) if t % 50 < 44 else persons() for t in range(200)]
    whole, cut = (
        list(
            extract_clips(
                PoseEstimator([ListedExpert(poses)]), FakeVideo(200), ExtractionSettings(clip_length=length)
            )
        )
        for length in (0, 60)
    )
    assert [clip.start for clip in cut] == [0, 60, 120, 180] and [len(clip.keypoint[0]) for clip in cut] == [
        60,
        60,
        60,
        20,
    ]
    keypoint, score = whole[0].keypoint, whole[0].score
    for clip in cut:
        start, part, part_score = clip.start, clip.keypoint, clip.score
        end = start + part.shape[1]
        # a window ranks by the same tracks, but persons may change places
        order = [0, 1] if abs(part[0] - keypoint[0, start:end]).max() == 0 else [1, 0]
        np.testing.assert_array_equal(part[order], keypoint[:, start:end])
        np.testing.assert_array_equal(part_score[order], score[:, start:end])


def test_max_persons_keeps_the_longest_and_most_active(tmp_path):
    poses = [
        persons(standing(0), standing(300 + 3 * t), *([standing(900)] if t < 9 else [])) for t in range(30)
    ]
    for count in (1, 2, 3):
        (clip,) = extract_clips(
            PoseEstimator([ListedExpert(poses)]), FakeVideo(30), ExtractionSettings(max_persons=count)
        )
        assert len(clip.keypoint) == count
        np.testing.assert_allclose(clip.keypoint[0, :, 0], [p.keypoint[1, 0] for p in poses])


def test_poses_are_lifted_track_by_track(tmp_path):
    class Flat:
        layout = get_layout('h36m17')

        def __call__(self, keypoint, score, layout):
            keypoint, score = layout.mapping_to(self.layout)(keypoint, score)
            depth = np.full_like(keypoint[..., :1], len(keypoint))
            return np.concatenate([keypoint, depth], axis=-1), score

    run(tmp_path / 'flat', lifter=Flat())
    store = SkeletonStore(tmp_path / 'flat')
    assert store.num_channels == 3 and store.layout.name == 'h36m17' and store.verify() == []
    assert (store[0]['keypoint'][..., 2] == 20).all()  # the track's length


def test_packing_of_what_the_estimator_gives_is_what_is_written(tmp_path):
    estimator = PoseEstimator([BrightnessExpert()])
    estimator.start()
    estimator.update([np.full((8, 8, 3), 50, np.uint8)] * 20)
    keypoint, _ = pack_tracks(estimator.finish(), 0, 20, 2)
    run(tmp_path / 'store', jobs=JOBS[:1])
    np.testing.assert_array_equal(SkeletonStore(tmp_path / 'store')[0]['keypoint'], keypoint)


def growth(frames, clip_length):
    """Memory that extracting a video takes at its peak, beyond what was there before, in MB."""
    process = psutil.Process()
    estimator = PoseEstimator([BrightnessExpert()])
    video = FakeVideo(frames)
    gc.collect()
    before, peak = process.memory_info().rss, 0
    clips = extract_clips(estimator, video, ExtractionSettings(clip_length=clip_length), batch_size=256)
    for _ in clips:
        peak = max(peak, process.memory_info().rss)
    return (peak - before) / 2**20


def test_memory_stays_flat(tmp_path):
    growth(2000, 300)  # what stays once: caches, the allocator's pools
    short, long = growth(2000, 300), growth(12000, 300)
    # the 10,000 frames more would take 30 MB, their poses as objects 15 MB
    assert long - short < 3


def counted_experts(seen):
    """Experts of whom number e sees the person in the frames where ``seen[e]`` says so."""
    return [
        ListedExpert(
            [persons(standing(2 * t)) if there else persons() for t, there in enumerate(row)], f'e{e}'
        )
        for e, row in enumerate(seen)
    ]


def test_how_many_experts_saw_each_person_is_kept(tmp_path):
    seen = np.ones((3, 20), bool)
    seen[1, 5:9] = seen[2, 7:12] = False  # by all three in 13 frames, by two in 5, by one in 2
    estimator = PoseEstimator(counted_experts(seen), min_length=5)
    root = tmp_path / 'store'
    report = run_extraction(
        JOBS[:1], root, estimator, open_video=Opener(), classes=['sit', 'run'], progress=False
    )
    (entry,) = read_log(root)
    assert (entry.video, entry.clips, entry.votes) == ('a', ['a'], {'a': [[2, 5, 13]]})
    assert report.votes == [2, 5, 13]
    assert report.agreement == 'persons seen by so many of 3 experts: 65% by 3, 25% by 2, 10% by 1'
    # a finished extraction tells it again
    again = run_extraction(
        JOBS[:1], root, estimator, open_video=Opener(), classes=['sit', 'run'], progress=False
    )
    assert again.votes == [2, 5, 13] and again.resumed == 1


def test_an_uneven_video_gives_a_clip_at_a_constant_rate(tmp_path):
    ticks = np.array([0, 1, 2, 5, 6, 12, 13, 14, 15, 21])

    class Uneven(FakeVideo):
        def __init__(self):
            super().__init__(10)
            self.times, self.fps = FrameTimes(ticks / 30, 30.0, steady=False), 30.0

        def notes(self):
            return ['uneven']

    # the person moves 2 pixels per tick, whatever the number of the frame
    expert = ListedExpert([persons(standing(2 * tick)) for tick in ticks])
    for length in (0, 8):
        root = tmp_path / f'store{length}'
        settings = ExtractionSettings(clip_length=length)
        report = run_extraction(
            JOBS[:1], root, PoseEstimator([expert], min_length=5), settings,
            open_video=lambda path: Uneven(), classes=['sit', 'run'], progress=False,
        )  # fmt: skip
        store = SkeletonStore(root)
        keypoint = np.concatenate([store[row]['keypoint'][0] for row in range(len(store))])
        expected = [standing(2 * tick) for tick in range(22)]
        np.testing.assert_allclose(keypoint, expected, atol=1e-3)
        assert store[0]['fps'] == 30 and report.notes == {'a': ['uneven']}


def test_a_file_of_poses_serves_one_video(tmp_path):
    class OneVideo(BrightnessExpert):
        per_video = False

    estimator = PoseEstimator([OneVideo()])
    with pytest.raises(
        BadClipError, match=r"'brightness' is a file with the poses of one video, and there are 6"
    ):
        run_extraction(JOBS, tmp_path / 'store', estimator, open_video=Opener(), classes=['sit', 'run'])
    assert list(tmp_path.iterdir()) == []
    run_extraction(JOBS[:1], tmp_path / 'one', estimator, open_video=Opener(), classes=['sit', 'run'])
    assert len(SkeletonStore(tmp_path / 'one')) == 1


def test_what_an_expert_lacks_for_one_video_is_that_videos_fault(tmp_path):
    class Files(BrightnessExpert):
        def start(self, source=None):
            if source == 'b.mp4':
                raise FileNotFoundError('b.npz: no such file')

    report = run_extraction(
        JOBS,
        tmp_path / 'store',
        PoseEstimator([Files()]),
        open_video=Opener(),
        classes=['sit', 'run'],
        progress=False,
    )
    assert report.skipped['b'] == 'b.mp4: b.npz: no such file' and report.clips == 3


def test_what_experts_and_video_have_to_tell_is_kept(tmp_path):
    class Telling(BrightnessExpert):
        def notes(self):
            return ['3 of 17 joints lie outside the picture']

    class Damaged(FakeVideo):
        def notes(self):
            return ['the video is damaged: frame 7']

    report = run_extraction(
        JOBS[:1], tmp_path / 'store', PoseEstimator([Telling()]),
        open_video=lambda path: Damaged(20), classes=['sit', 'run'], progress=False,
    )  # fmt: skip
    expected = ['the video is damaged: frame 7', 'brightness: 3 of 17 joints lie outside the picture']
    assert report.notes == {'a': expected} and read_log(tmp_path / 'store')[0].notes == expected
