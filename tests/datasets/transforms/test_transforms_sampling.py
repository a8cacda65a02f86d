import numpy as np
import pytest
from mmaction.datasets.transforms import PadTo, UniformSampleFrames

from mmactrep.datasets.transforms import RandomTemporalCrop, ReplayPad, UniformTemporalSample
from mmactrep.datasets.transforms.sampling import crop_indices, uniform_indices


def clip(frames, persons=2, joints=3):
    """Every number of the clip tells its frame."""
    keypoint = np.zeros((persons, frames, joints, 2), np.float32)
    keypoint += np.arange(frames, dtype=np.float32)[:, None, None] + 1
    return dict(
        keypoint=keypoint,
        keypoint_score=keypoint[..., 0] / 1000,
        total_frames=frames,
        rng=np.random.default_rng(0),
    )


def check_consistent(out, length, num_clips=1):
    frames = out['keypoint'][0, :, 0, 0] - 1
    assert out['keypoint'].shape == (2, length * num_clips, 3, 2)
    assert (out['keypoint'] == out['keypoint'][:1, :, :1, :1]).all()
    np.testing.assert_allclose(out['keypoint_score'], out['keypoint'][..., 0] / 1000)
    np.testing.assert_array_equal(out['frame_inds'], frames)
    assert out['total_frames'] == length * num_clips
    assert out['num_clips'] == num_clips
    return out['frame_inds'].reshape(num_clips, length)


def test_replay_plays_the_clip_again():
    frames = check_consistent(ReplayPad(8)(clip(3)), 8)
    np.testing.assert_array_equal(frames[0], [0, 1, 2, 0, 1, 2, 0, 1])
    np.testing.assert_array_equal(check_consistent(ReplayPad(3)(clip(5)), 5)[0], np.arange(5))
    np.testing.assert_array_equal(check_consistent(ReplayPad(4)(clip(1)), 4)[0], 0)


def test_replay_agrees_with_mmaction():
    expected = PadTo(length=11)(dict(keypoint=clip(4)['keypoint'], total_frames=4))
    out = ReplayPad(11)(clip(4))
    np.testing.assert_array_equal(out['keypoint'], expected['keypoint'])
    assert out['total_frames'] == expected['total_frames']


def test_crop_is_consecutive_and_any_start_is_drawn_alike():
    ann = clip(10)
    crop = RandomTemporalCrop(7)
    starts = []
    for _ in range(400):
        frames = check_consistent(crop(dict(ann)), 7)[0]
        np.testing.assert_array_equal(np.diff(frames), 1)
        starts.append(frames[0])
    counts = np.bincount(starts)
    assert len(counts) == 4  # starts 0 to 3
    assert counts.min() > 60  # of 100 expected


def test_crop_in_test_mode_is_the_middle():
    frames = check_consistent(RandomTemporalCrop(4, test_mode=True)(clip(10)), 4)
    np.testing.assert_array_equal(frames, [[3, 4, 5, 6]])
    frames = check_consistent(RandomTemporalCrop(4, num_clips=3, test_mode=True)(clip(10)), 4, 3)
    np.testing.assert_array_equal(frames, [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]])
    np.testing.assert_array_equal(crop_indices(6, 1, 4)[:, 0], [0, 2, 3, 5])  # 0, 1.67, 3.33, 5


@pytest.mark.parametrize('test_mode', [True, False])
def test_crop_replays_a_short_clip_from_its_start(test_mode):
    frames = check_consistent(RandomTemporalCrop(7, num_clips=2, test_mode=test_mode)(clip(3)), 7, 2)
    np.testing.assert_array_equal(frames, [[0, 1, 2, 0, 1, 2, 0]] * 2)
    np.testing.assert_array_equal(crop_indices(7, 7, rng=np.random.default_rng(0)), [np.arange(7)])


def test_crops_of_several_clips_are_drawn_apart():
    starts = crop_indices(1000, 10, 20, np.random.default_rng(0))[:, 0]
    assert len(set(starts.tolist())) > 15


def test_uniform_sample_takes_the_middles():
    np.testing.assert_array_equal(uniform_indices(12, 4), [[1, 4, 7, 10]])
    np.testing.assert_array_equal(uniform_indices(4, 4), [[0, 1, 2, 3]])
    # two views lie a quarter of a segment off the middle on either side
    np.testing.assert_array_equal(uniform_indices(16, 4, 2), [[1, 5, 9, 13], [3, 7, 11, 15]])


def test_uniform_sample_spans_the_clip_by_the_formula():
    for num_frames in (64, 65, 100, 127, 663):
        expected = [int((i + 0.5) * num_frames / 64) for i in range(64)]
        np.testing.assert_array_equal(uniform_indices(num_frames, 64)[0], expected)


def test_jitter_draws_every_frame_of_a_segment_alike():
    rng = np.random.default_rng(0)
    drawn = np.concatenate([uniform_indices(12, 3, 1, rng) for _ in range(1200)])
    for segment in range(3):
        counts = np.bincount(drawn[:, segment] - 4 * segment, minlength=4)
        assert len(counts) == 4  # never outside its segment
        assert counts.min() > 230  # of 300 expected
    # each segment for itself
    assert len(np.unique(drawn, axis=0)) == 4**3


def test_jitter_covers_the_segments_of_mmaction():
    np.random.seed(0)
    theirs = UniformSampleFrames(clip_len=8)
    rng = np.random.default_rng(0)
    ours = np.stack([uniform_indices(48, 8, 1, rng)[0] for _ in range(500)])
    other = np.stack([theirs._get_train_clips(48, 8) for _ in range(500)])
    np.testing.assert_array_equal(ours.min(0), other.min(0))
    np.testing.assert_array_equal(ours.max(0), other.max(0))


class Highest:
    """A generator that draws the largest number below 1."""

    def random(self, shape):
        return np.full(shape, np.nextafter(1, 0))


@pytest.mark.parametrize('num_frames, length', [(56, 64), (663, 64), (3, 300), (1, 5)])
def test_no_index_beyond_the_last_frame(num_frames, length):
    indices = uniform_indices(num_frames, length, rng=Highest(), short='stretch')[0]
    assert indices[-1] == num_frames - 1
    assert (np.diff(indices) >= 0).all()


def test_short_clip_is_replayed_or_stretched():
    np.testing.assert_array_equal(uniform_indices(3, 7), [[0, 1, 2, 0, 1, 2, 0]])
    np.testing.assert_array_equal(uniform_indices(3, 6, short='stretch'), [[0, 0, 1, 1, 2, 2]])
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(uniform_indices(3, 7, 2, rng), [[0, 1, 2, 0, 1, 2, 0]] * 2)
    for _ in range(50):
        stretched = uniform_indices(3, 6, rng=rng, short='stretch')[0]
        np.testing.assert_array_equal(stretched, [0, 0, 1, 1, 2, 2])
    # both agree where nothing is short
    np.testing.assert_array_equal(uniform_indices(9, 6), uniform_indices(9, 6, short='stretch'))


def test_uniform_sample_transform():
    frames = check_consistent(UniformTemporalSample(5, jitter=False)(clip(20)), 5)
    np.testing.assert_array_equal(frames, [[2, 6, 10, 14, 18]])
    frames = check_consistent(UniformTemporalSample(5, num_clips=3)(clip(20)), 5, 3)
    assert len({tuple(row) for row in frames.tolist()}) == 3  # each drawn for itself
    frames = check_consistent(UniformTemporalSample(6, jitter=False, short='stretch')(clip(3)), 6)
    np.testing.assert_array_equal(frames, [[0, 0, 1, 1, 2, 2]])


def test_selections_in_a_row_tell_the_frames_of_the_clip():
    out = UniformTemporalSample(2, jitter=False)(RandomTemporalCrop(4, test_mode=True)(clip(10)))
    np.testing.assert_array_equal(check_consistent(out, 2), [[4, 6]])


def test_uniform_samples_of_parts_of_a_clip():
    clip = np.arange(200, dtype=np.float32)[None, :, None, None].repeat(2, axis=3)
    spans, starts = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        sample = UniformTemporalSample(length=20, num_clips=2, least_share=0.5)
        found = sample(dict(keypoint=clip.copy(), total_frames=200, rng=rng))['keypoint'][0, :, 0, 0]
        for view in found.reshape(2, 20):
            assert (np.diff(view) >= 0).all()
            spans.append(view[-1] - view[0])
            starts.append(view[0])
    assert 80 <= min(spans) < 115 and 180 < max(spans) <= 199
    assert min(starts) < 10 and max(starts) > 60
    with pytest.raises(ValueError, match='needs jitter'):
        UniformTemporalSample(length=20, jitter=False, least_share=0.5)
    with pytest.raises(ValueError, match='least_share'):
        UniformTemporalSample(length=20, least_share=0.0)
