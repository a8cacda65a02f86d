"""Videos listed in an annotation file, one label each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from mmaction.datasets import VideoDataset
from mmengine.logging import print_log

from mmactrep.arguments import describe
from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.datasets.sample_seeds import SampleSeeds
from mmactrep.datasets.selection import checked_holdout, sample_labelled_fraction, used_part
from mmactrep.registry import DATASETS
from mmactrep.video.opened_video import OpenedVideo
from mmactrep.video.picture import VideoError

from .class_names import VideoListError, class_names
from .list_files import label_index, read_list_file, video_root

_MOST_REPLACEMENTS = 100
_GRAY = 128
_BLANK_SIZE, _BLANK_FRAMES = (128, 171), 1000


@DATASETS.register_module()
class VideoClipDataset(VideoDataset):
    """mmaction2's ``VideoDataset`` for files that may be bad, with reproducible draws.

    The annotation file has a line ``path label`` for each video. Paths may contain blanks; all that
    :func:`~mmactrep.datasets.video.list_files.read_list_file` reads is accepted.

    Each sample carries ``rng``, a generator that depends only on the seed, the epoch and the position of
    the sample (``SampleSeedHook`` sets them), so that clips and augmentation do not depend on the number of
    workers.

    A video that cannot be used (absent, empty, not decodable, damaged) is named in the log with the reason,
    once, and stops nothing. In training another video, drawn from ``rng``, takes its place. In testing a gray
    image does: the video keeps its label and is counted, most likely as wrong, so that the result is about
    the whole split.

    Args:
        ann_file: List of videos and labels.
        pipeline: Transforms, or names to transforms (:func:`~mmactrep.datasets.pipelines.pipeline_steps`).
        data_prefix: ``dict(video=folder)`` that the paths are relative to. Default: the folder of the list.
        classes: Class names, the name of a published list (see ``mmactrep.datasets.protocols``), or the
            path of a file with one name a line. Default: ``classes.txt`` beside the list, if there is one.
        labelled_fraction: Keep this share of the videos of each class, drawn with ``labelled_seed``.
        labelled_seed: Seed of that draw.
        holdout: Use one of two parts, see :func:`~mmactrep.datasets.selection.checked_holdout`.
        absent_hint: Hint shown to a user who does not have the list.
        test_mode: The same random numbers in every epoch, and no replacement of bad videos.
        **kwargs: Arguments of ``VideoDataset``.

    Raises:
        VideoListError: If the list is absent or empty, a label is outside the classes, or nothing is left
            of a part.
    """

    def __init__(
        self,
        ann_file: str,
        pipeline: Sequence[dict | Callable] | Mapping[str, dict | Callable],
        data_prefix: Mapping | None = None,
        classes: Sequence[str] | str | None = None,
        labelled_fraction: float | None = None,
        labelled_seed: int = 0,
        holdout: Mapping | None = None,
        absent_hint: str = '',
        test_mode: bool = False,
        **kwargs,
    ) -> None:
        self.classes = class_names(classes, ann_file)
        self.labelled_fraction, self.labelled_seed = labelled_fraction, labelled_seed
        self.holdout = checked_holdout(holdout)
        self.absent_hint = absent_hint
        self._seeds = SampleSeeds()
        self._told: set[int] = set()
        self._labels = np.empty(0, np.int64)
        prefix = dict(data_prefix) if data_prefix is not None else dict(video=str(video_root(ann_file)))
        super().__init__(
            ann_file, pipeline_steps(pipeline), data_prefix=prefix, test_mode=test_mode, **kwargs
        )

    def load_data_list(self) -> list[dict]:
        """The videos of the list that are used: ``filename``, ``label``, ``frame_dir``."""
        videos = self._listed()
        labels = np.array([label for _, label in videos], np.int64)
        kept = self._choose(labels, [path for path, _ in videos])
        videos = [videos[row] for row in kept.tolist()]
        self._labels = labels[kept]
        self._metainfo.update(classes=self.classes, source=Path(self.ann_file).stem)
        stems = Counter(os.path.splitext(path)[0] for path in {path for path, _ in videos})
        root = self.data_prefix.get('video') or ''
        found = []
        for path, label in videos:
            stem = os.path.splitext(path)[0]
            name = stem if stems[stem] == 1 else path
            found.append(dict(filename=os.path.join(root, path), label=label, frame_dir=name, listed=path))
        return found

    def _listed(self) -> list[tuple[str, int]]:
        """Path and label of every video in the list."""
        hint = f'\n{self.absent_hint}' if self.absent_hint else ''
        if not os.path.isfile(self.ann_file):
            raise VideoListError(f'{self.ann_file}: no such list of videos{hint}')
        lines = read_list_file(Path(self.ann_file))
        if not lines:
            raise VideoListError(f'{self.ann_file}: the list has no videos')
        if self.classes is None and any(line.label and not line.label.isdecimal() for line in lines):
            # labels by name, without a list of classes: their alphabet decides
            self.classes = sorted({line.label for line in lines if line.label})
        if self.classes is None:
            return [(line.path, int(line.label) if line.label else -1) for line in lines]
        # most labels are found in a table, without a search through the classes
        known = {str(label): label for label in range(len(self.classes))}
        known |= {name: label for label, name in enumerate(self.classes)}
        found = []
        for line in lines:
            label = known.get(line.label)
            if label is None:
                label = label_index(line.label, self.classes, line.where)
            found.append((line.path, label))
        return found

    def _choose(self, labels: np.ndarray, paths: Sequence[str]) -> np.ndarray:
        """Rows of the videos that are used."""
        rows = np.arange(len(labels))
        if self.labelled_fraction is not None:
            if (labels < 0).any():
                raise VideoListError(
                    f"{self.ann_file}: video '{paths[int(np.argmax(labels < 0))]}' has no label, which "
                    'labelled_fraction needs'
                )
            rows = sample_labelled_fraction(labels, self.labelled_fraction, self.labelled_seed)
        try:
            rows = rows[used_part(labels[rows], (paths[row] for row in rows.tolist()), self.holdout)]
        except ValueError as error:
            raise VideoListError(f'{self.ann_file}: {error}') from error
        if not len(rows):
            raise VideoListError(f'{self.ann_file}: no video is left')
        return rows

    @property
    def labels(self) -> np.ndarray:
        """Label of every sample, -1 for none."""
        self.full_init()
        return self._labels

    def get_cat_ids(self, idx: int) -> list[int]:
        """Label of a sample, in the form that MMEngine's ``ClassBalancedDataset`` needs."""
        return [int(self.labels[idx])]

    def set_seed_and_epoch(self, seed: int, epoch: int) -> None:
        """Fix the random numbers of every sample for this epoch, in all workers."""
        self._seeds.set_seed_and_epoch(seed, epoch)

    def get_data_info(self, idx: int) -> dict:
        """Annotation of a sample, with ``rng``."""
        info = super().get_data_info(idx)
        info['rng'] = self._seeds.generator(info['sample_idx'], self.test_mode)
        info['test_mode'] = self.test_mode
        return info

    def opened(self, info: dict) -> dict:
        """Annotation of a sample as the pipeline gets it; here ``OpenVideo`` opens the file."""
        return info

    def prepare_data(self, idx: int) -> dict:
        """A sample through the pipeline."""
        return self.pipeline(self.opened(self.get_data_info(idx)))

    def __getitem__(self, idx: int) -> dict:
        self.full_init()
        for candidate in self._candidates(idx):
            try:
                return self.prepare_data(candidate)
            except VideoError as error:  # noqa: PERF203  another video takes its place
                self._tell(candidate, error)
        if self.test_mode:
            return self._blank_sample(idx)
        raise VideoError(
            f'{self.ann_file}: {_MOST_REPLACEMENTS} videos drawn at random cannot be used; see the messages '
            'before this one'
        )

    def _candidates(self, idx: int) -> Iterator[int]:
        """The sample, and in training those that may replace it."""
        yield idx
        if not self.test_mode:
            rng = self._seeds.generator(idx % len(self))
            for _ in range(_MOST_REPLACEMENTS):
                yield int(rng.integers(len(self)))

    def _tell(self, idx: int, error: VideoError) -> None:
        """Name a bad video in the log, once in each process."""
        if idx in self._told:
            return
        self._told.add(idx)
        fate = 'a gray image is tested in its place' if self.test_mode else 'another video takes its place'
        print_log(f'bad video, {fate}: {describe(error)}', logger='current', level=30)

    def _blank_sample(self, idx: int) -> dict:
        info = self.get_data_info(idx)
        # as long as any clip, so that nothing is said about its length
        blank = [np.full((*_BLANK_SIZE, 3), _GRAY, np.uint8)] * _BLANK_FRAMES
        info['video'] = OpenedVideo.of_frames(blank)
        return self.pipeline(info)
