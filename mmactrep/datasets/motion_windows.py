"""Windows of 3D motions at any speed, from which pairs are made while a generator trains."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from fnmatch import fnmatchcase

import numpy as np
import torch
from mmengine.logging import print_log
from torch.utils.data import Dataset

from mmactrep.motion.views import fold
from mmactrep.registry import DATASETS

from .motion_pairs import open_library
from .sample_seeds import SampleSeeds
from .selection import sample_labelled_fraction


@DATASETS.register_module()
class MotionWindowDataset(Dataset):
    """Random windows of a motion library, different in every epoch.

    A sample is a window of a motion at a random position and speed, possibly mirrored or backwards: a
    dictionary of ``inputs``, float32 (window, V, 3) positions in meters on the first body of the library's
    split, and ``data_samples``, which records in plain values how it was made. ``MotionPairSynthesizer``
    draws bodies, cameras and noise.

    The draws depend only on the seed, the epoch and the position of the sample, see ``SampleSeedHook``.

    Args:
        ann_file: Folder of the motion library.
        split: Name of its split.
        window: Frames per window. A shorter motion is played back and forth.
        samples: Samples per epoch.
        speed: Lowest and highest speed relative to the library's, drawn uniformly on a logarithmic scale.
        mirrored: Share of windows with left and right exchanged.
        backwards: Share of windows that run backwards in time.
        shares: Maps class names to their share of samples; all other motions share the rest equally. Default:
            all motions equally. A name may be a pattern as of a shell: ``recorded/*`` is all classes of
            recordings, whose motions have the share together. The share of a class or pattern without motions
            goes to all others in proportion.
        fraction: Share of every class's motions that is used, at least one: the amount of motion. A smaller
            fraction is a part of a larger one.
        fraction_seed: Seed of the choice of motions.
        absent_hint: Hint shown to a user who does not have the library.

    Raises:
        StoreError: If the library is absent or damaged or has no such split.
        ValueError: If an argument is invalid.
    """

    def __init__(
        self,
        ann_file: str,
        split: str = 'train',
        window: int = 64,
        samples: int = 20000,
        speed: tuple[float, float] = (0.6, 1.6),
        mirrored: float = 0.5,
        backwards: float = 0.1,
        shares: Mapping[str, float] | None = None,
        fraction: float = 1.0,
        fraction_seed: int = 0,
        absent_hint: str = '',
    ) -> None:
        if window < 2 or samples < 1 or not 0 < speed[0] <= speed[1]:
            raise ValueError(
                'expected a window of 2 frames or more, at least one sample per epoch and speeds above 0, '
                f'found {window}, {samples} and {speed}'
            )
        self.window, self.samples, self.speed = window, samples, (float(speed[0]), float(speed[1]))
        self.mirrored, self.backwards = mirrored, backwards
        self.library = open_library(ann_file, split, absent_hint)
        self.used = np.zeros(len(self.library), bool)
        self.used[sample_labelled_fraction(self.library.labels, fraction, fraction_seed)] = True
        self._cumulated = np.cumsum(self._chances(dict(shares or {})))
        self._flip = list(self.library.layout.flip_order)
        self._seeds = SampleSeeds()

    def _chances(self, shares: dict[str, float]) -> np.ndarray:
        """Probability of every motion to be drawn."""
        classes = self.library.classes
        unknown = sorted(name for name in set(shares) - set(classes) if not set(name) & set('*?['))
        rest = 1 - sum(shares.values())
        if unknown or min(shares.values(), default=0) < 0 or rest < -1e-6:
            raise ValueError(
                'shares are of classes of the library and add up to 1 at most, '
                f'found {shares}; unknown: {unknown}'
            )
        chances = np.zeros(len(self.library))
        others = self.used.copy()
        for name, share in shares.items():
            labels = [i for i, label in enumerate(classes) if label == name or fnmatchcase(label, name)]
            members = np.isin(self.library.labels, labels) & self.used
            if (chances[members] > 0).any():
                raise ValueError(f"shares: '{name}' has classes that another share has too, found {shares}")
            if not members.any():
                print_log(
                    f"{self.library}: no motion of class '{name}'; its share goes to the other classes",
                    logger='current',
                    level=logging.WARNING,
                )
                continue
            chances[members] = share / members.sum()
            others &= ~members
        if others.any():
            chances[others] = max(rest, 0) / others.sum()
        return chances / chances.sum()

    @property
    def metainfo(self) -> dict:
        """Classes of the motions and frame rate.

        Not the layout: a checkpoint keeps that of the model, which ``MotionPairSynthesizer`` derives from the
        library's.
        """
        return dict(classes=self.library.classes, fps=self.library.fps)

    def __len__(self) -> int:
        return self.samples

    def __getitem__(self, idx: int) -> dict:
        if not -len(self) <= idx < len(self):
            raise IndexError(f'sample {idx} of {len(self)}')
        rng = self._seeds.generator(int(idx) % len(self), False)
        motion = int(np.searchsorted(self._cumulated, rng.random() * self._cumulated[-1], side='right'))
        speed = float(np.exp(rng.uniform(*np.log(self.speed))))
        positions, first = self._positions(motion, speed, rng.random())
        mirrored, backwards = bool(rng.random() < self.mirrored), bool(rng.random() < self.backwards)
        if mirrored:
            positions = positions[:, self._flip] * np.float32([-1, 1, 1])
        if backwards:
            positions = positions[::-1]
        return dict(
            inputs=torch.from_numpy(np.ascontiguousarray(positions, np.float32)),
            data_samples=dict(
                sample_idx=int(idx),
                motion=self.library.motions[motion],
                label=int(self.library.labels[motion]),
                first_frame=first,
                speed=speed,
                mirrored=mirrored,
                backwards=backwards,
            ),
        )

    def _positions(self, motion: int, speed: float, place: float) -> tuple[np.ndarray, float]:
        """A window (T, V, 3) of a motion, and its first frame; ``place`` in [0, 1) is its position."""
        total = int(self.library.frames[motion])
        span = speed * (self.window - 1)
        first = place * max(total - 1 - span, 0)
        low = int(first)
        high = min(int(np.ceil(first + span)) + 1, total)
        frames = self.library.positions(motion, 0, low, high)
        times = first - low + speed * np.arange(self.window)
        frames = fold(frames, int(np.ceil(times[-1])) + 2)
        before = np.minimum(times.astype(np.int64), max(len(frames) - 2, 0))
        after = np.minimum(before + 1, len(frames) - 1)
        share = (times - before).astype(np.float32)[:, None, None]
        return frames[before] * (1 - share) + frames[after] * share, first

    def set_seed_and_epoch(self, seed: int, epoch: int) -> None:
        """Fix the random numbers of every sample for this epoch, in all workers."""
        self._seeds.set_seed_and_epoch(seed, epoch)
