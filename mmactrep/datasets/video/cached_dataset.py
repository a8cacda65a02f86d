"""Videos from a cache of their frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from mmactrep.registry import DATASETS
from mmactrep.store.format import StoreError
from mmactrep.store.skipped import read_skipped, skipped_file
from mmactrep.store.video_store import VideoStore

from .dataset import VideoClipDataset

_MOST_NAMED = 3


@DATASETS.register_module()
class CachedVideoDataset(VideoClipDataset):
    """A :class:`VideoClipDataset` that reads its videos from a cache of ``mmactrep cache``.

    The pipeline is the same: ``OpenVideo`` finds the video opened. Videos of the list that could not be
    cached are left out, and told; the list beside the cache says why.

    Args:
        ann_file: List of videos and labels, one of those from which the cache was made.
        pipeline: Transforms, or names to transforms.
        cache: Folder of the cache.
        cache_hint: Hint shown to a user who does not have the cache.
        **kwargs: Arguments of :class:`VideoClipDataset`.

    Raises:
        StoreError: If the cache is absent or damaged, or lacks videos that it did not skip.
    """

    def __init__(self, ann_file: str, pipeline, cache: str, cache_hint: str = '', **kwargs) -> None:
        self.cache, self.cache_hint = cache, cache_hint
        super().__init__(ann_file, pipeline, **kwargs)

    def load_data_list(self) -> list[dict]:
        """The videos of the list that the cache has."""
        try:
            self.store = VideoStore(self.cache)
        except StoreError as error:
            hint = f'\n{self.cache_hint}' if self.cache_hint else ''
            raise StoreError(f'{error}{hint}') from error
        videos = super().load_data_list()
        kept = np.array([video['listed'] in self.store for video in videos])
        absent = [video['listed'] for video, there in zip(videos, kept) if not there]
        if absent:
            self._tell_absent(absent, len(videos))
        self._labels = self._labels[kept]
        return [video for video, there in zip(videos, kept) if there]

    def _tell_absent(self, absent: list[str], total: int) -> None:
        skipped = read_skipped(Path(self.cache))
        unknown = [name for name in absent if name not in skipped]
        if unknown or len(absent) == total:
            raise StoreError(
                f'{self.cache} lacks {len(unknown or absent)} of {total} videos of {self.ann_file}, the '
                f'first: {(unknown or absent)[0]}; make it from this list, too '
                '(mmactrep cache)'
            )
        first = '; '.join(f'{name} ({skipped[name]})' for name in absent[:_MOST_NAMED])
        print_log(
            f'{self.ann_file}: {len(absent)} of {total} videos could not be cached and are left out: {first}'
            + (f'; all are in {skipped_file(Path(self.cache))}' if len(absent) > _MOST_NAMED else ''),
            logger='current',
            level=30,
        )

    def opened(self, info: dict) -> dict:
        """See :meth:`VideoClipDataset.opened`: with the video from the cache."""
        return info | dict(video=self.store.open(info['listed']))
