"""Windows of untrimmed skeleton sequences with a label for every frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mmactrep.registry import DATASETS
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.structures.segments import segments_to_labels
from mmactrep.structures.windows import window_starts

from .selection import sample_labelled_fraction
from .skeleton_dataset import SkeletonDataset
from .transforms.sampling import replay_indices


@DATASETS.register_module()
class SkeletonSegmentationDataset(SkeletonDataset):
    """Sliding windows over the clips of a store that have dense, possibly co-occurring labels (section 4.5).

    For testing, a sample is a window of a regular grid over every clip, in order, so that the scores can be
    merged as they come. For training, windows are placed randomly around that grid, and a share of them
    (``balance``) on a segment of a class drawn uniformly from all classes, so that rare actions are seen. One
    epoch has as many samples as the grid has windows.

    A sample has, beside the keys of :class:`SkeletonDataset`, ``frame_labels`` (window, K) float32 in {0, 1},
    ``valid_frames`` (a window that is longer than its clip is filled by replaying; only the first so many
    frames count), ``clip_window`` (start, end of the valid frames in the clip), ``sequence`` (first and one
    past the last frame of the clip in use), ``num_windows`` of that sequence and, for test, its
    ``sequence_segments`` (class, start, end), counted from its first frame. Transforms that select
    frames have no place in its pipeline, which ends with ``PackSegmentationInputs``.

    Args:
        ann_file: Folder of the store.
        pipeline: Transforms, or names to transforms (:func:`pipeline_steps`).
        window: Frames per window: 300 for TSU and PKU-MMD, 64 for Charades.
        stride: Frames from one window to the next. Default: ``window`` for training, half of it for test.
        portion: Part of every clip that is used, as shares of its length: ``(0, 0.6)`` and ``(0.6, 1)``
            train on the first part of a sequence and test on the rest.
        balance: Share of training windows that are placed by class.
        split: Name of the split; all clips if None.
        labelled_fraction: Keep this share of the clips (the protocols with 5 % and 10 % of the labels).
        labelled_seed: Seed of that draw; a smaller share is contained in a larger one.
        holdout: As for :class:`SkeletonDataset`, of whole clips without regard to classes.
        stream, absent_hint, test_mode, lazy_init: See :class:`SkeletonDataset`.

    Raises:
        StoreError: If the store is absent or damaged, has no such split, or no dense annotation.
        BadClipError: If an annotation has no class of the store, runs backwards or ends beyond its clip.
        ValueError: If an argument is out of range, or ``portion`` leaves nothing of a clip.
    """

    def __init__(
        self,
        ann_file: str,
        pipeline: Sequence[dict | Callable] | Mapping[str, dict | Callable],
        window: int = 300,
        stride: int | None = None,
        portion: tuple[float, float] = (0.0, 1.0),
        balance: float = 0.0,
        split: str | None = None,
        stream: str = 'joint',
        labelled_fraction: float | None = None,
        labelled_seed: int = 0,
        holdout: Mapping | None = None,
        absent_hint: str = '',
        test_mode: bool = False,
        lazy_init: bool = False,
    ) -> None:
        stride = (max(1, window // 2) if test_mode else window) if stride is None else stride
        if not 1 <= stride <= window:
            raise ValueError(f'stride must lie in [1, window], found {stride} with window {window}')
        if not 0 <= balance <= 1 or not 0 <= portion[0] < portion[1] <= 1:
            raise ValueError(
                'expected balance in [0, 1] and portion rising within [0, 1], found '
                f'{balance} and {tuple(portion)}'
            )
        self.window = window
        self.stride = stride
        self.portion = tuple(portion)
        self.balance = balance
        super().__init__(
            ann_file=ann_file,
            pipeline=pipeline,
            split=split,
            stream=stream,
            labelled_fraction=labelled_fraction,
            labelled_seed=labelled_seed,
            holdout=holdout,
            absent_hint=absent_hint,
            test_mode=test_mode,
            lazy_init=lazy_init,
        )

    def _choose(self) -> tuple[np.ndarray, np.ndarray]:
        clips = np.arange(len(self.store)) if self.split is None else np.array(self.store.split(self.split))
        if not len(self.store.all_segments):
            raise StoreError(f'{self.store.root} has no dense annotation (class, start, end)')
        self._check_segments()
        if self.labelled_fraction is not None:
            one_class = np.zeros(len(clips), np.int64)
            clips = clips[sample_labelled_fraction(one_class, self.labelled_fraction, self.labelled_seed)]
        clips = clips[self._used_part(clips, np.zeros(len(clips), np.int64))]
        if len(clips) == 0:
            raise StoreError(f'{self.store.root}: no clip is left of split {self.split!r}')
        frames = self.store.index['frames'][clips].astype(np.int64)
        # per clip of the store, so that a window of any clip finds its bounds
        self._bounds = np.zeros((len(self.store), 2), np.int64)
        self._bounds[clips] = np.stack([np.floor(frames * share + 1e-9) for share in self.portion], axis=1)
        lengths = self._bounds[clips, 1] - self._bounds[clips, 0]
        if (lengths < 1).any():
            clip = int(clips[np.argmin(lengths)])
            raise ValueError(
                f"{self.store.root}: portion {self.portion} leaves nothing of clip '{self.store.ids[clip]}' "
                f'with {self.store.index["frames"][clip]} frames'
            )
        starts = [window_starts(int(length), self.window, self.stride) for length in lengths]
        counts = np.array([len(part) for part in starts])
        self._num_windows = np.zeros(len(self.store), np.int64)
        self._num_windows[clips] = counts
        rows = np.repeat(clips, counts)
        self._starts = np.concatenate(starts) + self._bounds[rows, 0]
        self._segments_by_class = self._find_segments(clips)
        return rows, np.full(len(rows), -1, np.int64)

    @property
    def labels(self) -> None:
        """Windows have labels for every frame and none as a whole."""
        return None

    def _check_segments(self) -> None:
        segments = self.store.all_segments
        frames = self.store.index['frames'][segments['clip']]
        bad = (segments['label'] < 0) | (segments['label'] >= len(self.store.classes))
        bad |= (segments['start'] < 0) | (segments['end'] > frames) | (segments['end'] <= segments['start'])
        if bad.any():
            clip, label, start, end = segments[np.argmax(bad)].item()
            raise BadClipError(
                f"{self.store.root}: clip '{self.store.ids[clip]}' has class {label} from frame {start} to "
                f'{end}, expected one of {len(self.store.classes)} classes within its '
                f'{frames[np.argmax(bad)]} frames'
            )

    def _find_segments(self, clips: np.ndarray) -> list[np.ndarray]:
        """(n, 3) clip, start and end of the segments of each class that occurs in use."""
        segments = self.store.all_segments
        segments = segments[np.isin(segments['clip'], clips)]
        first, last = self._bounds[segments['clip']].T
        start, end = np.maximum(segments['start'], first), np.minimum(segments['end'], last)
        inside = start < end
        table = np.stack([segments['clip'], start, end], axis=1)[inside]
        labels = segments['label'][inside]
        return [table[labels == label] for label in np.unique(labels)]

    def get_data_info(self, idx: int) -> dict:
        """Annotation dictionary of a window, see the class."""
        self.full_init()
        if not -len(self._rows) <= idx < len(self._rows):
            raise IndexError(f'sample {idx} of {len(self._rows)}')
        idx = int(idx) % len(self._rows)
        clip, start = int(self._rows[idx]), int(self._starts[idx])
        rng = self._generator(idx)
        if not self.test_mode:
            clip, start = self._draw_window(clip, start, rng)
        first, last = (int(value) for value in self._bounds[clip])
        valid = min(self.window, last - start)
        info = self.store.window(clip, start, start + valid)
        fill = replay_indices(valid, self.window)
        info['keypoint'] = info['keypoint'][:, fill]
        info['keypoint_score'] = info['keypoint_score'][:, fill]
        segments = self.store.segments(clip)
        own = [(label, a - start, min(b - start, valid)) for _, label, a, b in segments]
        info.update(
            frame_labels=segments_to_labels(own, self.window, len(self.store.classes)),
            valid_frames=valid,
            clip_window=(start, start + valid),
            sequence=(first, last),
            num_windows=int(self._num_windows[clip]),
            total_frames=self.window,
            sample_idx=idx,
            test_mode=self.test_mode,
            stream=self.stream,
            rng=rng,
        )
        if self.test_mode:
            info['sequence_segments'] = [
                (int(label), max(int(a), first) - first, min(int(b), last) - first)
                for _, label, a, b in segments
                if max(a, first) < min(b, last)
            ]
        return info

    def _draw_window(self, clip: int, start: int, rng: np.random.Generator) -> tuple[int, int]:
        if rng.random() < self.balance:
            of_class = self._segments_by_class[rng.integers(len(self._segments_by_class))]
            clip, begin, end = (int(value) for value in of_class[rng.integers(len(of_class))])
            # at least half of the segment, or of the window if that is shorter, is visible
            shown = max(1, min(self.window, end - begin) // 2)
            start = int(rng.integers(begin - self.window + shown, end - shown + 1))
        else:
            start += int(rng.integers(-(self.stride // 2), self.stride // 2 + 1))
        first, last = self._bounds[clip]
        return clip, int(np.clip(start, first, max(first, last - self.window)))

    def get_subset_(self, indices: Sequence[int] | int) -> None:
        """Keep some windows, in place; an integer keeps the first (or, negative, the last) ones."""
        self.full_init()
        if isinstance(indices, int):
            indices = slice(indices) if indices >= 0 else slice(indices, None)
        self._starts = self._starts[indices]
        super().get_subset_(indices)
        # a sequence is complete once its remaining windows have come
        self._num_windows = np.bincount(self._rows, minlength=len(self.store))
