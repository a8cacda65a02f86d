"""What is done to frames, beside torchvision's functions and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep import compat
from mmactrep.datasets.video import (
    ClipBlur,
    ClipColorJitter,
    ClipFlip,
    ClipGray,
    ClipResizedCrop,
    augmentation,
)


@pytest.fixture(scope='module')
def reference():
    compat.apply()
    return pytest.importorskip('torchvision.transforms.v2.functional')


@pytest.fixture
def frames(rng):
    """A clip of smooth colors, (4, 30, 40, 3)."""
    y, x = np.mgrid[:30, :40]
    waves = [np.sin(x / 7 + k) + np.cos(y / 5 - k) for k in range(3)]
    clip = np.stack([np.stack(waves, -1) + t / 4 for t in range(4)])
    return np.clip(127 + 55 * clip + rng.normal(0, 5, clip.shape), 0, 255).astype(np.uint8)


def as_images(frames):
    return torch.from_numpy(frames).permute(0, 3, 1, 2)


def as_frames(images):
    return images.permute(0, 2, 3, 1).numpy()


def assert_near(found, expected, most):
    assert found.dtype == np.uint8 and found.shape == expected.shape
    difference = np.abs(found.astype(int) - expected)
    assert difference.max() <= most, difference.max()


@pytest.mark.parametrize('factor', [0.4, 1.0, 1.6])
def test_brightness_and_saturation_are_torchvisions(reference, frames, factor):
    images = as_images(frames)
    expected = as_frames(reference.adjust_brightness(images, factor))
    assert_near(augmentation.adjust_brightness(frames, factor), expected, 1)
    expected = as_frames(reference.adjust_saturation(images, factor))
    assert_near(augmentation.adjust_saturation(frames, factor), expected, 2)


@pytest.mark.parametrize('factor', [0.4, 1.6])
def test_contrast_is_torchvisions_about_one_middle_for_the_clip(reference, frames, factor):
    still = np.repeat(frames[:1], 3, axis=0)  # of which every frame has the middle of the clip
    expected = as_frames(reference.adjust_contrast(as_images(still), factor))
    assert_near(augmentation.adjust_contrast(still, factor), expected, 2)
    # frames of different brightness: a gray pixel of the same value becomes the same in each of them
    frames = frames.copy()
    frames[:, 0, 0] = 100
    assert len({tuple(pixel) for pixel in augmentation.adjust_contrast(frames, factor)[:, 0, 0]}) == 1


@pytest.mark.parametrize('shift', [-0.15, 0.07, 0.5])
def test_hue_is_torchvisions(reference, frames, shift):
    expected = as_frames(reference.adjust_hue(as_images(frames), shift))
    found = augmentation.adjust_hue(frames, shift)
    assert np.abs(found.astype(int) - expected).mean() < 1.5  # hues are rounded to 1/256 of the circle
    assert_near(found, expected, 8)


def test_gray_is_torchvisions(reference, frames):
    expected = as_frames(reference.rgb_to_grayscale(as_images(frames), 3))
    assert_near(augmentation.gray(frames), expected, 1)


@pytest.mark.parametrize('sigma', [0.6, 2.0])
def test_blur_is_torchvisions(reference, frames, sigma):
    expected = as_frames(reference.gaussian_blur(as_images(frames), [17, 17], [sigma, sigma]))
    assert_near(augmentation.blur(frames, sigma)[:, 9:-9, 9:-9], expected[:, 9:-9, 9:-9], 2)


def test_flip(frames):
    np.testing.assert_array_equal(augmentation.flip(frames)[:, :, 0], frames[:, :, -1])


def test_shrinking_averages():
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    frames[:, :2, :2] = 100
    frames[:, 0, 0] = 200
    small = augmentation.resize(frames, (2, 2))
    assert small.shape == (2, 2, 2, 3) and small[0, :, :, 0].tolist() == [[125, 0], [0, 0]]


def test_crops_have_the_area_and_aspect_that_were_asked_for(rng):
    boxes = np.array(
        [augmentation.draw_crop(300, 400, (0.2, 0.766), (3 / 4, 4 / 3), rng) for _ in range(2000)]
    )
    top, left, height, width = boxes.T
    assert (
        (top >= 0).all() and (left >= 0).all() and (top + height <= 300).all() and (left + width <= 400).all()
    )
    area, aspect = height * width / 120_000, width / height
    assert 0.19 < area.min() < 0.23 and 0.72 < area.max() < 0.775
    assert 0.74 < aspect.min() < 0.78 and 1.29 < aspect.max() < 1.35
    assert np.ptp(top) > 150 and np.ptp(left) > 200


def test_a_crop_that_never_fits_is_the_middle(rng):
    # a frame ten times as wide as high has no crop of nearly its whole area
    assert augmentation.draw_crop(10, 100, (0.9, 1.0), (3 / 4, 4 / 3), rng) == (0, 43, 10, 13)


def all_transforms():
    return [ClipResizedCrop(24), ClipFlip(), ClipColorJitter(), ClipGray(0.3), ClipBlur()]


def run(images, num_clips, seed, transforms=None):
    results = dict(imgs=images, num_clips=num_clips, rng=np.random.default_rng(seed))
    for transform in transforms or all_transforms():
        results = transform(results)
    return results


def test_all_frames_of_a_clip_are_changed_alike_and_clips_differently(frames):
    images = [frames[0]] * 20  # five clips of a still
    found = run(images, 5, seed=3)
    clips = found['imgs'].reshape(5, 4, 24, 24, 3)
    assert found['img_shape'] == (24, 24) and found['imgs'].dtype == np.uint8
    np.testing.assert_array_equal(clips, np.repeat(clips[:, :1], 4, axis=1))
    assert len({clip.tobytes() for clip in clips}) == 5


def test_the_draws_come_from_the_samples_generator(frames):
    images = list(frames) * 2
    first, second, other = (run(images, 2, seed)['imgs'] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_the_given_frames_stay_as_they_are(frames):
    images, before = list(frames), frames.copy()
    for transform in (ClipFlip(1.0), ClipColorJitter(p=1.0), ClipGray(1.0), ClipBlur(p=1.0)):
        run(images, 1, 0, [transform])
    np.testing.assert_array_equal(np.stack(images), before)


@pytest.mark.parametrize(
    ('transform', 'share'), [(ClipFlip(0.3), 0.3), (ClipGray(0.2), 0.2), (ClipBlur((1, 2), 0.7, 30), 0.7)]
)
def test_the_share_of_clips_that_are_changed(frames, transform, share):
    found = run(list(frames[:1]) * 1000, 1000, 0, [transform])['imgs']
    changed = (found != frames[0]).any(axis=(1, 2, 3)).mean()
    assert changed == pytest.approx(share, abs=0.05)


def test_no_flip_where_it_is_turned_off(frames):
    found = run(list(frames), 1, 0, [ClipFlip(0.0)])['imgs']
    np.testing.assert_array_equal(np.stack(found), frames)


def test_jitter_of_strength_zero_changes_nothing(frames):
    found = run(list(frames), 1, 0, [ClipColorJitter(0, 0, 0, 0, p=1.0)])['imgs']
    np.testing.assert_array_equal(found, frames)


def test_a_blur_follows_the_size_of_the_frames(rng):
    large = rng.integers(0, 256, (1, 224, 224, 3)).astype(np.uint8)
    small = augmentation.resize(large, (56, 56))
    blurred = run(list(small), 1, 0, [ClipBlur((2.0, 2.0), p=1.0)])['imgs']
    np.testing.assert_array_equal(blurred, augmentation.blur(small, 0.5))


@pytest.mark.parametrize(
    'build',
    [
        lambda: ClipResizedCrop(area=(0.0, 0.5)),
        lambda: ClipResizedCrop(aspect=(2, 1)),
        lambda: ClipColorJitter(hue=0.6),
        lambda: ClipFlip(1.5),
        lambda: ClipBlur((0, 1)),
    ],
)
def test_bad_arguments(build):
    with pytest.raises(ValueError, match=r'expected|must be'):
        build()
