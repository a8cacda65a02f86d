"""Pairs of motions with crossed ground truth, for training by motion retargeting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import torch
from mmengine.logging import print_log
from torch.utils.data import Dataset

from mmactrep.motion.library import MotionLibrary
from mmactrep.motion.library_layout import joint_weights
from mmactrep.motion.views import SEVEN_VIEWS, fold, view
from mmactrep.registry import DATASETS
from mmactrep.store.format import StoreError
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.motion_representation import MotionStatistics, motion_root, to_motion
from mmactrep.structures.windows import window_starts

from .sample_seeds import SampleSeeds


def open_library(ann_file: str, split: str, absent_hint: str = '') -> MotionLibrary:
    """One split of a motion library, for a data set.

    Raises:
        StoreError: If the library is absent or damaged or has no such split; with the hint, if there is one.
    """
    try:
        return MotionLibrary(ann_file, split)
    except StoreError as error:
        hint = f'\n{absent_hint}' if absent_hint else ''
        raise StoreError(f'{error}{hint}') from error


@dataclass(frozen=True)
class Static:
    """Everything in a sequence that is not its motion: the c of p(m, c).

    Args:
        character: Number of the character in the library's split.
        view: Yaw of the camera, degrees.
        scale: Factor on the size of the image.
        pitch: How far above the horizon the camera stands, degrees.
        roll: Rotation of the image, degrees.
    """

    character: int
    view: float
    scale: float = 1.0
    pitch: float = 0.0
    roll: float = 0.0


@DATASETS.register_module()
class MotionPairDataset(Dataset):
    """Pairs p(m, c), p(m', c') and the ground truth of their retargeting, p(m, c') and p(m', c).

    m is a window of a motion; c a character, a view and a scale. Sample i has window i (modulo the number of
    windows). Its static c, and m' of another motion with c' of another character, are drawn at random.

    The draws depend only on the seed, the epoch and the position of the sample; ``SampleSeedHook`` sets
    seed and epoch, and without it the draws come from numpy's global state. In ``test_mode`` they are the
    same in every run: a fixed list of pairs.

    A sample is a dictionary of ``inputs`` and ``data_samples``. The inputs are ``source`` p(m, c), ``driver``
    p(m', c'), ``source_on_driver`` p(m, c'), which is the source's motion on the driver's static, and
    ``driver_on_source`` p(m', c): float32 tensors (V·C, T) as :func:`to_motion` makes them, not
    standardized. ``data_samples`` records in plain values how they were made. With ``noise`` there are also
    ``observed_source`` and ``observed_driver``, the two as a pose estimator might have seen them: the inputs
    for a generator meant for estimated poses, while the ground truth stays clean.

    Args:
        ann_file: Folder of the motion library.
        split: Name of its split.
        layout: Layout of the joints, derived from the library's.
        dims: 2 for orthographic views, 3 for coordinates turned to the view.
        window: Frames per window: 64 for training, 120 for testing. A shorter motion goes back and forth.
        stride: Frames from window to window; default half a window.
        views: Yaw angles to draw from, degrees.
        scale: Lowest and highest factor of the scale augmentation; drawn uniformly.
        pitch: Lowest and highest pitch of the camera, degrees; the thesis's data have none.
        roll: The same for its roll.
        noise: Lowest and highest standard deviation of the noise on every coordinate of an observed sequence,
            in units of the motions at scale 1; drawn uniformly. ``(0, 0)`` observes nothing.
        unit: Units of the motions per meter of the library; 128 as in the thesis's data.
        samples_per_window: How often a window occurs per epoch.
        absent_hint: Hint shown to a user who does not have the library.
        test_mode: The same pairs in every epoch and run.

    Raises:
        StoreError: If the library is absent or damaged or has no such split.
        ValueError: If the split has fewer than two motions or characters, or an argument is invalid.
    """

    def __init__(
        self,
        ann_file: str,
        split: str = 'train',
        layout: str | SkeletonLayout | dict = 'motion15',
        dims: int = 2,
        window: int = 64,
        stride: int | None = None,
        views: Sequence[float] = SEVEN_VIEWS,
        scale: tuple[float, float] = (0.5, 1.5),
        pitch: tuple[float, float] = (0.0, 0.0),
        roll: tuple[float, float] = (0.0, 0.0),
        noise: tuple[float, float] = (0.0, 0.0),
        unit: float = 128.0,
        samples_per_window: int = 1,
        absent_hint: str = '',
        test_mode: bool = False,
    ) -> None:
        self.layout = get_layout(layout)
        self.dims, self.window, self.stride = dims, window, window // 2 if stride is None else stride
        self.views, self.scale, self.unit = tuple(map(float, views)), tuple(map(float, scale)), float(unit)
        self.pitch, self.roll = tuple(map(float, pitch)), tuple(map(float, roll))
        self.noise = tuple(map(float, noise))
        self.samples_per_window, self.test_mode = samples_per_window, test_mode
        self._check_arguments()
        self.library = open_library(ann_file, split, absent_hint)
        if min(len(self.library), len(self.library.characters)) < 2:
            raise ValueError(f'{self.library}: a pair needs two motions and two characters')
        self._joint_weights = joint_weights(self.library.layout, self.layout)
        starts = [
            window_starts(int(frames), window, self.stride, cover_end=False) for frames in self.library.frames
        ]
        self._windows = np.array([(motion, first) for motion, row in enumerate(starts) for first in row])
        self._seeds = SampleSeeds()
        short = int((self.library.frames < window).sum())
        if short:
            print_log(
                f'{self.library}: {short} motions are shorter than {window} frames and go back and forth',
                logger='current',
            )

    def _check_arguments(self) -> None:
        low, high = self.scale
        if self.dims not in (2, 3) or self.window < 2 or self.stride < 1 or self.samples_per_window < 1:
            raise ValueError(
                'expected dims 2 or 3, a window of at least 2 frames, and a stride and samples per window of '
                f'at least 1, found {self.dims}, {self.window}, {self.stride}, {self.samples_per_window}'
            )
        if not self.views or not 0 < low <= high or self.unit <= 0:
            raise ValueError(
                f'expected views, a range of scales and a unit above 0, found {self.views}, {self.scale} and '
                f'{self.unit}'
            )
        low, high = self.noise
        if not 0 <= low <= high:
            raise ValueError(f'noise must be a range of deviations, found {(low, high)}')
        for name, (low, high) in (('pitch', self.pitch), ('roll', self.roll)):
            if not -90 < low <= high < 90:
                raise ValueError(f'{name} must be a range within -90 to 90 degrees, found {(low, high)}')

    @property
    def metainfo(self) -> dict:
        """Classes of the motions, layout, and the motions' unit and frame rate."""
        return dict(
            classes=self.library.classes,
            layout=self.layout.name,
            dims=self.dims,
            unit=self.unit,
            fps=self.library.fps,
        )

    def __len__(self) -> int:
        return len(self._windows) * self.samples_per_window

    def __getitem__(self, idx: int) -> dict:
        if not -len(self) <= idx < len(self):
            raise IndexError(f'sample {idx} of {len(self)}')
        idx = int(idx) % len(self)
        rng = self._generator(idx)
        first = idx % len(self._windows)
        static = self._draw_static(rng)
        second, other = self._draw_other_window(rng, first), self._draw_static(rng, static.character)
        source, driver = self.keypoint(first, static), self.keypoint(second, other)
        inputs = dict(
            source=self._as_motion(source),
            driver=self._as_motion(driver),
            source_on_driver=self.motion(first, other),
            driver_on_source=self.motion(second, static),
        )
        if self.noise[1] > 0:
            inputs |= dict(
                observed_source=self._observed(rng, source, static.scale),
                observed_driver=self._observed(rng, driver, other.scale),
            )
        return dict(
            inputs={name: torch.from_numpy(motion) for name, motion in inputs.items()},
            data_samples=dict(
                sample_idx=idx, source=self._describe(first, static), driver=self._describe(second, other)
            ),
        )

    def motion(self, window: int, static: Static) -> np.ndarray:
        """p(m, c): a window of a motion on a static, (V·C, T) float32 in units of the dataset."""
        return self._as_motion(self.keypoint(window, static))

    def _as_motion(self, keypoint: np.ndarray) -> np.ndarray:
        return to_motion(keypoint, self.layout).astype(np.float32)

    def _observed(self, rng: np.random.Generator, keypoint: np.ndarray, scale: float) -> np.ndarray:
        """The motion of coordinates with noise on each of them in every frame."""
        deviation = np.float32(rng.uniform(*self.noise) * scale)
        return self._as_motion(keypoint + deviation * rng.standard_normal(keypoint.shape, np.float32))

    def keypoint(self, window: int, static: Static) -> np.ndarray:
        """The same as coordinates (T, V, C), the root of the first frame at the origin."""
        motion, first = self._windows[window].tolist()
        last = min(first + self.window, int(self.library.frames[motion]))
        positions = self.library.positions(motion, static.character, first, last)
        positions = np.matmul(self._joint_weights, fold(positions, self.window))
        keypoint = view(positions, static.view, self.dims, static.pitch, static.roll)
        keypoint = keypoint * np.float32(static.scale * self.unit)
        return keypoint - keypoint[:1, motion_root(self.layout), None]

    def motions(self, samples: int, seed: int = 0) -> Iterator[np.ndarray]:
        """Motions (V·C, T) as training sees them: windows in turn, statics drawn from a seed."""
        for i in range(samples):
            rng = np.random.default_rng([seed, i])
            yield self.motion(i * len(self._windows) // samples, self._draw_static(rng))

    def statistics(self, samples: int = 4000) -> MotionStatistics:
        """Channel means and deviations over motions spread evenly over the dataset; reproducible."""
        return MotionStatistics.of(self.motions(samples))

    def _draw_static(self, rng: np.random.Generator, other_than: int | None = None) -> Static:
        count = len(self.library.characters)
        if other_than is None:
            character = int(rng.integers(count))
        else:
            character = (other_than + 1 + int(rng.integers(count - 1))) % count
        yaw = self.views[int(rng.integers(len(self.views)))]
        scale, pitch, roll = (float(rng.uniform(*span)) for span in (self.scale, self.pitch, self.roll))
        return Static(character, yaw, scale, pitch, roll)

    @cached_property
    def _bounds(self) -> np.ndarray:
        """Windows (motions, 2) that belong to every motion: first and one past the last."""
        motions = np.arange(len(self.library))
        return np.stack([np.searchsorted(self._windows[:, 0], motions + side) for side in (0, 1)], axis=1)

    def _draw_other_window(self, rng: np.random.Generator, window: int) -> int:
        """A random window of another motion, each motion equally likely."""
        first, last = self._bounds[self._windows[window, 0]].tolist()
        drawn = int(rng.integers(len(self._windows) - (last - first)))
        return drawn if drawn < first else drawn + last - first

    def _describe(self, window: int, static: Static) -> dict:
        motion, first = self._windows[window].tolist()
        return asdict(static) | dict(
            character=self.library.characters[static.character],
            motion=self.library.motions[motion],
            label=int(self.library.labels[motion]),
            first_frame=first,
        )

    def _generator(self, idx: int) -> np.random.Generator:
        return self._seeds.generator(idx, self.test_mode)

    def set_seed_and_epoch(self, seed: int, epoch: int) -> None:
        """Fix the random numbers of every sample for this epoch, in all workers."""
        self._seeds.set_seed_and_epoch(seed, epoch)
