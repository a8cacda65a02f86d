"""Untrimmed data: procedural sequences in TSU's format, and real clips chained."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.chaining import chain_clips, place_clip, transition, write_chained
from mmactrep.datasets.converters.conversion import read_class_file
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.datasets.converters.tsu import tsu
from mmactrep.datasets.standins.untrimmed import UntrimmedGenerator, write_untrimmed
from mmactrep.motion.procedural.generator import CLEAN
from mmactrep.motion.procedural.motions.base import MOTIONS
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter

MOTION_NAMES = ('wave', 'stretch', 'walk', 'march', 'squat', 'bow')


@pytest.fixture(scope='module')
def sequences():
    generator = UntrimmedGenerator(frames=800, classes=MOTION_NAMES, **CLEAN)
    return generator, [generator.generate(i) for i in range(3)]


def test_legs_arms_and_whole_body_share_one_person(sequences):
    generator, made = sequences
    together = 0
    for sequence in made:
        assert sequence.keypoint.shape == (800, 17, 2) and len(sequence.segments) >= 5
        busy = {part: np.zeros(800, int) for part in ('upper', 'lower', 'whole')}
        for label, start, end in sequence.segments:
            assert 0 <= start < end <= 800
            busy[MOTIONS[generator.classes[label]].part][start:end] += 1
        # one thing at a time for each part, and none beside what takes the whole body
        assert all(count.max() <= 1 for count in busy.values())
        assert not ((busy['whole'] > 0) & (busy['upper'] + busy['lower'] > 0)).any()
        together += ((busy['upper'] > 0) & (busy['lower'] > 0)).sum()
    assert together > 100


def test_motion_is_continuous_and_where_the_labels_say(sequences):
    made = sequences[1]
    for sequence in made:
        seen = sequence.score > 0
        step = np.linalg.norm(np.diff(sequence.keypoint, axis=0), axis=-1)
        step[~(seen[1:] & seen[:-1])] = 0
        height = np.ptp(sequence.keypoint[0][seen[0]], axis=0)[1]
        assert step.max() < 0.5 * height
        active = np.zeros(800, bool)
        for _, start, end in sequence.segments:
            active[start:end] = True
        # the easing after an action is not labelled, and moves a little
        assert np.median(step[active[1:]].mean(axis=1)) > 2 * np.median(step[~active[1:]].mean(axis=1))


def test_a_sequence_depends_on_seed_and_number_alone(sequences):
    made = sequences[1]
    again = UntrimmedGenerator(frames=800, classes=MOTION_NAMES, **CLEAN).generate(2)
    np.testing.assert_array_equal(again.keypoint, made[2].keypoint)
    assert again.segments == made[2].segments != made[1].segments


def test_motions_that_change_the_posture_are_refused():
    with pytest.raises(ValueError, match=r'sit_down.*another posture'):
        UntrimmedGenerator(classes=['sit_down'])
    with pytest.raises(ValueError, match='unknown motions'):
        UntrimmedGenerator(classes=['juggle'])


def test_written_as_tsu_and_read_back(tmp_path):
    options = dict(train=2, test=1, frames=400, classes=MOTION_NAMES)
    write_untrimmed(tmp_path / 'raw', **options)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.glob('raw/*.npz')}
    assert len(files) == 3
    # taken up again: what is there stays, what is gone is made again, the annotation is the same
    annotation = json.loads((tmp_path / 'raw/annotation.json').read_text())
    gone = next(iter(files))
    content = np.load(gone)['kpts']
    gone.unlink()
    write_untrimmed(tmp_path / 'raw', **options)
    assert sum(path.stat().st_mtime_ns == time for path, time in files.items()) == 2
    np.testing.assert_array_equal(np.load(gone)['kpts'], content)
    assert json.loads((tmp_path / 'raw/annotation.json').read_text()) == annotation
    with pytest.raises(FileExistsError, match='other settings'):
        write_untrimmed(tmp_path / 'raw', **(options | dict(seed=1)))
    classes = read_class_file(tmp_path / 'raw/classes.txt')
    conversion = tsu(tmp_path / 'raw', tmp_path / 'raw/annotation.json', classes=classes)
    run_conversion(conversion, tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert store.meta['splits'] | dict(cs_train=2, cs_test=1) == store.meta['splits']
    for row in range(3):
        found = [list(record)[1:] for record in store.segments(row).tolist()]
        assert found == annotation[store.ids[row]]['actions']


def make_clip(rng, frames, scale, shift):
    keypoint = rng.normal(size=(1, 17, 2)) * scale + shift + np.cumsum(rng.normal(size=(frames, 1, 1)), 0)
    return keypoint.astype(np.float32), np.ones((frames, 17), np.float32)


def test_a_placed_clip_is_moved_and_scaled_as_a_whole(rng):
    keypoint, score = make_clip(rng, 20, 30, 200)
    score[3, 4] = 0
    placed = place_clip(keypoint, score)
    assert not placed[3, 4].any()
    seen = score > 0
    # one scale and one shift explain every coordinate
    x = np.stack([keypoint[seen][:, 0], np.ones(seen.sum())], axis=1)
    (scale, _), residual, *_ = np.linalg.lstsq(x, placed[seen][:, 0], rcond=None)
    assert residual < 1e-3
    box = np.ptp(keypoint[0], axis=0).max() * scale
    assert box == pytest.approx(240, rel=0.2)
    # a clip twice as large elsewhere is placed alike
    np.testing.assert_allclose(place_clip(2 * keypoint + 77, score), placed, atol=1e-2)


def test_a_transition_goes_from_pose_to_pose(rng):
    before, after = rng.uniform(0, 100, (2, 17, 2)).astype(np.float32)
    score = np.ones(17, np.float32)
    keypoint, scores = transition(before, after, score, score, 99)
    np.testing.assert_allclose(keypoint[49], (before + after) / 2, rtol=1e-4)
    assert np.abs(keypoint[0] - before).max() < 0.2 and np.abs(keypoint[-1] - after).max() < 0.2
    hidden = score.copy()
    hidden[3] = 0
    keypoint, scores = transition(before, after, hidden, score, 5)
    assert not keypoint[:, 3].any() and not scores[:, 3].any() and scores[:, 4].all()


def test_chained_clips_lie_where_the_segments_say(rng):
    clips = [
        (*make_clip(rng, frames, 30, 100 * frames), label) for frames, label in ((10, 2), (7, 0), (5, 2))
    ]
    keypoint, score, segments = chain_clips(clips, (4, 0))
    assert segments == [(2, 0, 10), (0, 14, 21), (2, 21, 26)] and len(keypoint) == len(score) == 26
    for (clip, clip_score, _), (_, start, end) in zip(clips, segments):
        np.testing.assert_array_equal(keypoint[start:end], place_clip(clip, clip_score))
    with pytest.raises(ValueError, match='3 clips need 2 gaps'):
        chain_clips(clips, (4,))


def test_every_clip_is_chained_once(tmp_path, rng):
    with SkeletonStoreWriter(tmp_path / 'trimmed', 'posetics17', ['a', 'b', 'c']) as writer:
        for i in range(9):
            keypoint, score = make_clip(rng, 10 + i, 30, 200)
            writer.add(str(i), keypoint[None], score[None], label=i % 3, img_shape=(480, 640))
        writer.add_split('train', map(str, range(5)))
        writer.add_split('test', map(str, range(5, 9)))
        writer.finish()
    count = write_chained(SkeletonStore(tmp_path / 'trimmed'), tmp_path / 'chained', 3, (2, 6))
    store = SkeletonStore(tmp_path / 'chained')
    assert count == len(store) == 4 and not store.verify()
    for split, lengths in (('train', range(10, 15)), ('test', range(15, 19))):
        segments = [s for row in store.split(split) for s in store.segments(row).tolist()]
        assert sorted(end - start for _, _, start, end in segments) == list(lengths)
        # frames tell the clip, and the clip its class
        assert all(label == (end - start - 10) % 3 for _, label, start, end in segments)
