"""Features of videos: the right frames for each clip, whatever kills or divides the extraction."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.apis.feature_extraction import frames as frames_module
from mmactrep.apis.feature_extraction.video_clips import VideoClip, clips_of_store
from mmactrep.apis.feature_extraction.videos import extract_video_features
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.extraction.building.config import one_source
from mmactrep.pose.extraction.building.plan import make_plan
from mmactrep.pose.extraction.building.run import run_build
from mmactrep.pose.extraction.extraction import run_extraction
from mmactrep.pose.extraction.merging import merge_stores
from mmactrep.pose.extraction.report import read_skipped
from mmactrep.pose.extraction.settings import ExtractionSettings
from mmactrep.pose.extraction.video_list import list_videos
from mmactrep.store import FeatureStore, SkeletonStore, StoreError
from mmactrep.store.shards import Shard, find_shards
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.fake_teachers import PixelTeacher
from tests.helpers.killing import run_until_killed
from tests.helpers.videos import LENGTHS, SIZES, bright_frames, make_video
from tests.store.test_skeleton_store import files_of


def clips_of(folder, names=LENGTHS):
    return [VideoClip(name, folder / f'{name}.mp4') for name in names]


def extract(clips, root, teacher=None, **kwargs):
    return extract_video_features(clips, teacher or PixelTeacher(), root, progress=False, **kwargs)


def numbers(features):
    """The frames whose brightness a feature tells."""
    return (features[..., :-2] - 20) / 10


def middles(length, num_frames=4, start=0):
    """The frames in the middles of equal parts of a clip."""
    return [start + int((i + 0.5) * length / num_frames) for i in range(num_frames)]


def test_frames_are_spread_evenly_over_the_video(tmp_path, folder):
    teacher = PixelTeacher()
    report = extract(clips_of(folder), tmp_path / 'f', teacher, attributes=dict(source='test'), batch_size=4)
    store = FeatureStore(tmp_path / 'f')
    assert (store.teacher, store.kind, store.dimension, len(store)) == ('pixels', 'video', 6, 7)
    assert store.attributes['source'] == 'test' and store.verify() == []
    for name, length in LENGTHS.items():
        (found,) = store.features(name)
        np.testing.assert_allclose(numbers(found), middles(length), atol=0.25)
        assert tuple(found[-2:]) == SIZES[name]
    # 3 frames in 4 parts: one is seen twice
    assert middles(3) == [0, 1, 1, 2]
    # frames of one size go together, and no more than a batch
    assert teacher.batches == [(3, 4, 48, 64, 3), (1, 4, 32, 48, 3)] + [(1, 4, 32, 48, 3), (2, 4, 48, 64, 3)]
    assert (report.clips, report.entries, report.frames, report.skipped) == (7, 7, 28, {})
    assert report.seconds['decode'] > 0 < report.seconds['teacher']


def test_a_video_of_uneven_times_is_sampled_by_time(tmp_path):
    ticks = [0, 1, 2, 3, 4, 5, 6, 7, 20, 39]
    path = make_video(tmp_path / 'uneven.mp4', bright_frames(10), fps=30, ticks=ticks)
    extract([VideoClip('uneven', path)], tmp_path / 'f')
    (found,) = FeatureStore(tmp_path / 'f').features('uneven')
    # ten frames in 39 ticks: at their mean rate, the first seven share the first two places
    places = [round(tick * 9 / 39) for tick in ticks]
    shown = [max(i for i, place in enumerate(places) if place <= wanted) for wanted in middles(10)]
    assert shown == [6, 7, 8, 8]
    np.testing.assert_allclose(numbers(found), shown, atol=0.25)


def test_each_video_is_decoded_once(tmp_path, folder, monkeypatch):
    decoded = []

    class Counted(frames_module.VideoFrames):
        def __iter__(self):
            for number, frame in enumerate(super().__iter__()):
                decoded.append((self.path.stem, number))
                yield frame

    monkeypatch.setattr(frames_module, 'VideoFrames', Counted)
    path = folder / 'a.mp4'
    clips = [VideoClip(f'a_{i}', path, i * 5, 5) for i in range(4)] + [VideoClip('b', folder / 'b.mp4')]
    extract(clips, tmp_path / 'f', batch_size=3)
    # up to the last frame that is needed
    assert decoded == [('a', i) for i in range(20)] + [('b', i) for i in range(7)]
    store = FeatureStore(tmp_path / 'f')
    for i in range(4):
        (found,) = store.features(f'a_{i}')
        np.testing.assert_allclose(numbers(found), middles(5, start=5 * i), atol=0.25)


def test_overlapping_parts_and_parts_out_of_order(tmp_path, folder):
    parts = [(10, 8), (2, 12), (0, 20), (3, 0), (18, 9)]
    clips = [VideoClip(f'a_{i}', folder / 'a.mp4', *part) for i, part in enumerate(parts)]
    extract(clips, tmp_path / 'f')
    expected = [middles(8, 4, 10), middles(12, 4, 2), middles(20), middles(17, 4, 3), middles(2, 4, 18)]
    store = FeatureStore(tmp_path / 'f')
    found = np.stack([store.features(f'a_{i}')[0] for i in range(len(parts))])
    np.testing.assert_allclose(numbers(found), expected, atol=0.25)


def test_videos_that_cannot_be_used_are_skipped_and_listed(tmp_path, folder):
    whole = (folder / 'a.mp4').read_bytes()
    (folder / 'c.mp4').write_bytes(whole[: len(whole) // 2])
    (folder / 'e.mp4').write_text('no video')
    clips = [*clips_of(folder), VideoClip('absent', folder / 'absent.mp4'), VideoClip('none', None)]
    clips += [VideoClip('late', folder / 'd.mp4', 3, 5)]
    report = extract(clips, tmp_path / 'f', batch_size=2)
    assert set(FeatureStore(tmp_path / 'f').ids) == set('abdfg')
    skipped = read_skipped(tmp_path / 'f.skipped.txt')
    assert skipped == report.skipped and list(skipped) == ['c', 'e', 'absent', 'late']
    assert 'truncated' in skipped['c'] and 'no video' in skipped['e'] and 'no such file' in skipped['absent']
    assert skipped['late'] == f"{folder / 'd.mp4'}: clip 'late' begins at frame 3, the video has 3 frames"
    assert (report.clips, report.entries, report.without) == (10, 5, 1)
    # the finished store tells it again
    assert extract(clips, tmp_path / 'f', batch_size=2).skipped == skipped


def test_nothing_to_use(tmp_path, folder):
    (folder / 'e.mp4').write_text('no video')
    clips = clips_of(folder, 'e')
    with pytest.raises(
        StoreError, match=r'none of the 1 clips has a video that can be used, see .*f\.skipped'
    ):
        extract(clips, tmp_path / 'f')
    assert not (tmp_path / 'f.partial').exists() and (tmp_path / 'f.skipped.txt').exists()


class Fading(PixelTeacher):
    """Features that depend on the batch, as those of a real encoder do in their last digits."""

    def encode(self, clips):
        return super().encode(clips) + clips.float().mean() / 64


@pytest.mark.parametrize('batches', [0, 1, 3])
def test_a_killed_extraction_is_resumed_to_the_same_bytes(tmp_path, folder, batches):
    """Killed in the middle of a batch: its clips are encoded together again, and written once."""
    clips = clips_of(folder)

    def killed(fail):
        class Killed(Fading):
            def encode(self, clips):
                if len(self.batches) == batches:
                    raise fail
                return super().encode(clips)

        return Killed()

    extract(clips, tmp_path / 'whole', Fading(), batch_size=2)
    with pytest.raises(KeyboardInterrupt):
        extract(clips, tmp_path / 'killed', killed(KeyboardInterrupt()), batch_size=2)
    if batches:
        # and one clip of a batch of two lost its line
        journal = tmp_path / 'killed.partial' / 'journal.jsonl'
        journal.write_text(''.join(journal.read_text().splitlines(keepends=True)[:-1]))
    teacher = Fading()
    report = extract(clips, tmp_path / 'killed', teacher, batch_size=2)
    assert files_of(tmp_path / 'killed') == files_of(tmp_path / 'whole')
    # batches of one size are one call, (c, d) and (e, f) are two each
    assert report.resumed == {0: 0, 1: 2 - 1, 3: 4 - 1}[batches]
    assert report.entries == 7


def test_a_process_that_is_killed(tmp_path, folder):
    script = f"""
import time
from pathlib import Path
from tests.apis.feature_extraction.test_videos import clips_of, extract
from tests.helpers.fake_teachers import PixelTeacher

class Slow(PixelTeacher):
    def encode(self, clips):
        if len(self.batches) == 3:
            print('kill me', flush=True)
            time.sleep(60)
        return super().encode(clips)

extract(clips_of(Path({str(folder)!r})), {str(tmp_path / 'f')!r}, Slow(), batch_size=2)
"""
    run_until_killed(script)
    report = extract(clips_of(folder), tmp_path / 'f', batch_size=2)
    assert report.resumed == 4
    extract(clips_of(folder), tmp_path / 'whole', batch_size=2)
    assert files_of(tmp_path / 'f') == files_of(tmp_path / 'whole')


def test_skipped_videos_are_tried_again_when_resumed(tmp_path, folder):
    whole = (folder / 'b.mp4').read_bytes()
    extract(clips_of(folder), tmp_path / 'whole', batch_size=2)
    (folder / 'b.mp4').write_text('still being copied')

    class Killed(PixelTeacher):
        def encode(self, clips):
            if len(self.batches) == 2:
                raise KeyboardInterrupt
            return super().encode(clips)

    with pytest.raises(KeyboardInterrupt):
        extract(clips_of(folder), tmp_path / 'f', Killed(), batch_size=2)
    (folder / 'b.mp4').write_bytes(whole)
    report = extract(clips_of(folder), tmp_path / 'f', batch_size=2)
    assert report.skipped == {} and not (tmp_path / 'f.skipped.txt').exists()
    one, other = FeatureStore(tmp_path / 'f'), FeatureStore(tmp_path / 'whole')
    assert list(one.ids) == list(other.ids)
    assert all(np.array_equal(one.features(name), other.features(name)) for name in LENGTHS)


@pytest.mark.parametrize('count', [2, 5])
def test_shards_are_merged_to_the_same_bytes(tmp_path, folder, count):
    clips = clips_of(folder)
    extract(clips, tmp_path / 'whole')
    for index in range(count):
        extract(clips, tmp_path / 'parts', shard=Shard(index, count))
    merge_stores(find_shards(tmp_path / 'parts'), tmp_path / 'parts')
    assert files_of(tmp_path / 'parts') == files_of(tmp_path / 'whole')


def test_other_settings_are_told_apart(tmp_path, folder):
    clips = clips_of(folder)
    extract(clips, tmp_path / 'f')
    assert extract(clips, tmp_path / 'f').resumed == 7
    for change in (
        dict(teacher=PixelTeacher(5)), dict(batch_size=3), dict(keep_damaged=True), dict(clips=clips[1:]),
    ):  # fmt: skip
        with pytest.raises(FileExistsError):
            extract(**(dict(clips=clips, root=tmp_path / 'f') | change))


def test_clips_that_were_cut_from_videos_get_their_own_frames(tmp_path, folder):
    jobs = list_videos([folder / 'a.mp4', folder / 'c.mp4', folder / 'f.mp4'])
    settings = ExtractionSettings(clip_length=6, min_length=1)
    estimator = PoseEstimator([BrightnessExpert()], **settings.estimator)
    run_extraction(jobs, tmp_path / 'store', estimator, settings, progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == [
        f'{name}_{i:05d}' for name, n in (('a', 4), ('c', 2), ('f', 4)) for i in range(n)
    ]
    clips = clips_of_store(store, folder, '{id}.mp4')
    assert clips[3] == VideoClip('a_00003', folder / 'a.mp4', 18, 2)
    extract(clips, tmp_path / 'f', batch_size=3)
    features = FeatureStore(tmp_path / 'f')
    for clip_id, frames in zip(store.ids, store.index['frames']):
        start = int(clip_id[2:]) * 6
        (found,) = features.features(clip_id)
        np.testing.assert_allclose(numbers(found), middles(int(frames), start=start), atol=0.25)
        assert frames == (2 if clip_id in ('a_00003', 'f_00003') else 6)


def test_clips_of_a_built_data_set_are_the_parts_that_its_list_names(tmp_path, folder):
    (folder / 'sub').mkdir()
    (folder / 'f.mp4').rename(folder / 'sub' / 'f_000000_000001.mp4')  # cut already, as its name says
    rows = ['a,1,2', 'e,0.3,', 'f,0,1', 'a,0.2,1.6', 'b,,']
    (tmp_path / 'list.csv').write_text('id,start,end\n' + '\n'.join(rows) + '\n')
    plan = make_plan([one_source(str(tmp_path / 'list.csv'), folder)])
    run_build(plan, tmp_path / 'set', PoseEstimator([BrightnessExpert()]), progress=False)
    store = SkeletonStore(tmp_path / 'set' / '2d')
    assert list(store.index['frames']) == [10, 13, 20, 14, 7]
    clips = clips_of_store(store, folder)
    assert [(clip.path.name, clip.part) for clip in clips] == [
        ('a.mp4', (1, 2)), ('e.mp4', (0.3, None)), ('f_000000_000001.mp4', None), ('a.mp4', (0.2, 1.6)),
        ('b.mp4', None),
    ]  # fmt: skip
    extract(clips, tmp_path / 'f')
    found = FeatureStore(tmp_path / 'f')
    for clip_id, start, length in zip(store.ids, (10, 3, 0, 2, 0), store.index['frames']):
        np.testing.assert_allclose(
            numbers(found.features(clip_id)[0]), middles(length, start=start), atol=0.25
        )
    # elsewhere, and found by the names of the videos
    elsewhere = tmp_path / 'elsewhere'
    elsewhere.mkdir()
    for path in folder.rglob('*.mp4'):
        path.rename(elsewhere / path.name.replace('_000000_000001', ''))
    assert [clip.path.name for clip in clips_of_store(store, elsewhere)] == [
        'a.mp4',
        'e.mp4',
        'f.mp4',
        'a.mp4',
        'b.mp4',
    ]
    assert [clip.path.name for clip in clips_of_store(store, elsewhere, '{id}.mp4')][2] == 'f.mp4'
