"""Random changes of clips: one draw for all frames of a clip, another one for every clip."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmactrep.datasets.transforms.random_state import get_rng
from mmactrep.registry import TRANSFORMS

from . import augmentation


class ClipTransform(BaseTransform):
    """Base of transforms that act on one clip after the other.

    Required keys: ``imgs``, num_clips * T images (H, W, 3) uint8; ``num_clips`` (default 1).
    Modified keys: ``imgs``, an array (num_clips * T, H', W', 3); ``img_shape``.

    Args:
        p: Share of the clips that are changed.
    """

    def __init__(self, p: float = 1.0) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f'p must be a probability, got {p}')
        self.p = p

    @abstractmethod
    def apply(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A changed clip (T, H', W', 3) from a clip (T, H, W, 3), uint8; the given one stays as it is."""

    def transform(self, results: dict) -> dict:
        """Replace ``imgs``."""
        if self.p == 0:
            return results
        rng, images = get_rng(results), results['imgs']
        length = len(images) // results.get('num_clips', 1)
        clips = [np.asarray(images[first : first + length]) for first in range(0, len(images), length)]
        clips = [self.apply(clip, rng) if self.p == 1 or rng.random() < self.p else clip for clip in clips]
        results['imgs'] = np.concatenate(clips)
        results['img_shape'] = results['imgs'].shape[1:3]
        return results

    def __repr__(self) -> str:
        arguments = ', '.join(f'{k}={v!r}' for k, v in vars(self).items() if not k.startswith('_'))
        return f'{type(self).__name__}({arguments})'


@TRANSFORMS.register_module()
class ClipResizedCrop(ClipTransform):
    """A random part of the frames, in a fixed size; see :func:`~.augmentation.draw_crop`.

    Args:
        size: Height and width of the result, pixels; one number for a square.
        area: Lowest and highest share of the area.
        aspect: Lowest and highest width over height of the part.
    """

    def __init__(
        self,
        size: int | tuple[int, int] = 224,
        area: tuple[float, float] = (0.2, 0.766),
        aspect: tuple[float, float] = (3 / 4, 4 / 3),
    ) -> None:
        super().__init__()
        if not 0 < area[0] <= area[1] <= 1 or not 0 < aspect[0] <= aspect[1]:
            raise ValueError(
                f'expected shares of the area within 0 to 1 and aspects above 0, found {area} and {aspect}'
            )
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.area, self.aspect = tuple(area), tuple(aspect)

    def apply(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Crop and resize."""
        box = augmentation.draw_crop(*frames.shape[1:3], self.area, self.aspect, rng)
        return augmentation.resize(augmentation.crop(frames, box), self.size)


@TRANSFORMS.register_module()
class ClipFlip(ClipTransform):
    """Swap left and right. Leave it out (``p=0``) where classes differ by the side."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    def apply(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See :func:`~.augmentation.flip`."""
        return augmentation.flip(frames)


@TRANSFORMS.register_module()
class ClipColorJitter(ClipTransform):
    """Change brightness, contrast, saturation and hue, in random order, as torchvision's ``ColorJitter``.

    Args:
        brightness, contrast, saturation: Factors are drawn evenly from 1 - x to 1 + x, none below 0.
        hue: Shifts are drawn evenly from -hue to hue, as shares of the circle.
        p: Share of the clips that are changed; 0.8 in MoCo's second version.
    """

    def __init__(
        self,
        brightness: float = 0.6,
        contrast: float = 0.6,
        saturation: float = 0.6,
        hue: float = 0.15,
        p: float = 0.8,
    ) -> None:
        super().__init__(p)
        if min(brightness, contrast, saturation, hue) < 0 or hue > 0.5:
            raise ValueError(
                'expected strengths of at least 0 and a hue of at most 0.5, found '
                f'{brightness}, {contrast}, {saturation} and {hue}'
            )
        self.brightness, self.contrast, self.saturation, self.hue = brightness, contrast, saturation, hue

    def apply(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw the factors and apply them."""
        changes = (
            (augmentation.adjust_brightness, self._factor(self.brightness, rng)),
            (augmentation.adjust_contrast, self._factor(self.contrast, rng)),
            (augmentation.adjust_saturation, self._factor(self.saturation, rng)),
            (augmentation.adjust_hue, rng.uniform(-self.hue, self.hue)),
        )
        strengths = (self.brightness, self.contrast, self.saturation, self.hue)
        for i in rng.permutation(len(changes)).tolist():
            change, amount = changes[i]
            if strengths[i]:
                frames = change(frames, amount)
        return frames

    @staticmethod
    def _factor(strength: float, rng: np.random.Generator) -> float:
        return rng.uniform(max(0.0, 1 - strength), 1 + strength)


@TRANSFORMS.register_module()
class ClipGray(ClipTransform):
    """Take the color out of a clip."""

    def __init__(self, p: float = 0.2) -> None:
        super().__init__(p)

    def apply(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See :func:`~.augmentation.gray`."""
        return augmentation.gray(frames)


@TRANSFORMS.register_module()
class ClipBlur(ClipTransform):
    """Gaussian blur.

    Args:
        sigma: Lowest and highest deviation in pixels of a frame whose shorter side has ``reference``
            pixels; a smaller frame is blurred less, in proportion.
        p: Share of the clips that are blurred.
        reference: Pixels.
    """

    def __init__(self, sigma: Sequence[float] = (0.1, 2.0), p: float = 0.5, reference: int = 224) -> None:
        super().__init__(p)
        if not 0 < sigma[0] <= sigma[1] or reference < 1:
            raise ValueError(f'expected deviations above 0 and a size, found {tuple(sigma)} and {reference}')
        self.sigma, self.reference = tuple(sigma), reference

    def apply(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw the deviation and blur."""
        sigma = rng.uniform(*self.sigma) * min(frames.shape[1:3]) / self.reference
        return augmentation.blur(frames, max(sigma, 0.05))
