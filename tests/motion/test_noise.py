import numpy as np
import pytest

from mmactrep.motion.noise import corrupt
from mmactrep.structures import get_layout

LAYOUT = get_layout('coco17')


def _clips(n: int = 40, frames: int = 50) -> np.ndarray:
    """Bodies about 200 pixels high in the middle of the image."""
    rng = np.random.default_rng(0)
    pose = rng.uniform(0, 1, (n, 1, 17, 2)) * [80, 200] + [280, 140]
    return np.repeat(pose, frames, axis=1).astype(np.float32)


def _observe(keypoint, image_size=None, seed=0, **levels):
    rngs = [np.random.default_rng((seed, i)) for i in range(len(keypoint))]
    return corrupt(keypoint, LAYOUT, levels, rngs, image_size)


def test_no_noise_changes_nothing():
    clips = _clips()
    out, score = _observe(clips)
    np.testing.assert_array_equal(out, clips)
    assert score.min() > 0.8


def test_jitter_has_the_size_asked_for_and_lowers_the_confidence():
    clips = _clips(200)
    size = np.linalg.norm(np.ptp(clips[:, 0], axis=1), axis=-1)
    small, large = (_observe(clips, jitter=level) for level in (0.005, 0.02))
    ratios = (small[0] - clips) / size[:, None, None, None]
    assert ratios.std() == pytest.approx(0.005 * np.sqrt(np.mean(np.square(_weights()))), rel=0.05)
    assert (large[0] - clips).std() == pytest.approx(4 * (small[0] - clips).std(), rel=1e-3)
    assert large[1].mean() < small[1].mean() - 0.05
    # partly a drift: errors of neighboring frames go together
    error = (small[0] - clips)[..., 0]
    assert 0.3 < np.corrcoef(error[:, 1:].ravel(), error[:, :-1].ravel())[0, 1] < 0.9


def _weights() -> list[float]:
    return [1.4 if any(p in j for p in ('wrist', 'elbow', 'knee', 'ankle')) else 0.8 for j in LAYOUT.joints]


def test_outliers_are_rare_and_far():
    clips = _clips(100)
    out, score = _observe(clips, outlier=0.02)
    moved = np.abs(out - clips).max(axis=-1) > 0
    assert moved.mean() == pytest.approx(0.02, rel=0.1)
    distance = np.abs(out - clips).max(axis=-1)[moved]
    # heavy tails: for a normal distribution this ratio is about 2.4
    assert np.percentile(distance, 95) > 3.5 * np.median(distance)
    assert score[moved].mean() < score[~moved].mean() - 0.2


def test_swaps_exchange_partners_for_spells():
    clips = _clips(300)
    out, _ = _observe(clips, swap=0.6)
    wrong = np.abs(out - clips).max(axis=-1) > 0
    swapped = clips[:, :, list(LAYOUT.flip_order)]
    np.testing.assert_array_equal(out[wrong], swapped[wrong])
    clips_hit = wrong.any(axis=(1, 2)).mean()
    assert 0.35 < clips_hit < 0.6  # 0.6 spells a clip; of three chances with 0.2 each, 49 % have one
    assert not wrong[..., LAYOUT.index('nose')].any()
    # both partners together
    for left, right in LAYOUT.side_pairs:
        np.testing.assert_array_equal(wrong[..., left], wrong[..., right])


def test_missing_joints_are_zero_with_score_zero():
    out, score = _observe(_clips(300), missing=1.0, jitter=0.01)
    gone = score == 0
    assert 0.01 < gone.mean() < 0.2
    assert (out[gone] == 0).all() and (np.abs(out[~gone]) > 0).any(axis=-1).all()
    limb = np.array([any(p in j for p in ('elbow', 'wrist', 'knee', 'ankle')) for j in LAYOUT.joints])
    assert not gone[..., ~limb].any()


def test_spells_are_as_likely_at_the_ends_of_a_clip_as_in_its_middle():
    gone = (_observe(_clips(1000, 24), missing=1.5)[1] == 0).any(axis=-1).mean(axis=0)
    assert gone.min() > 0.8 * gone.mean() and gone.max() < 1.2 * gone.mean()


def test_truncation_drops_what_is_outside_the_image():
    clips = _clips(20)
    clips[..., 0] += 300
    out, score = _observe(clips, image_size=(640, 480))
    outside = clips[..., 0] >= 640
    assert 0.1 < outside.mean() < 0.9
    np.testing.assert_array_equal(score == 0, outside)
    assert (out[outside] == 0).all()


def test_a_clip_does_not_depend_on_the_others():
    clips = _clips(6)
    levels = dict(jitter=0.01, outlier=0.01, swap=0.5, missing=0.5)
    rngs = [np.random.default_rng((0, i)) for i in range(6)]
    together, _ = corrupt(clips, LAYOUT, levels, rngs)
    alone, _ = corrupt(clips[4:5], LAYOUT, levels, [np.random.default_rng((0, 4))])
    np.testing.assert_allclose(together[4], alone[0], atol=1e-4)


def test_three_channels_fail_in_the_same_frames_as_two():
    flat = _clips(60)
    solid = np.concatenate([flat, flat[..., :1]], axis=-1)
    levels = dict(missing=1.0)
    np.testing.assert_array_equal(_observe(flat, **levels)[1] == 0, _observe(solid, **levels)[1] == 0)
