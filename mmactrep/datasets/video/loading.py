"""From an annotated video to the frames of its clips, and from those to what models take."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmaction.datasets.transforms import FormatShape, PackActionInputs
from mmcv.transforms import BaseTransform

from mmactrep.registry import TRANSFORMS
from mmactrep.video.opened_video import open_video

from .notes import FirstNotes


@TRANSFORMS.register_module()
class OpenVideo(BaseTransform):
    """Open the video of a sample, unless the data set has opened it already, from its cache.

    Required keys: ``filename``, or ``video``.
    Added keys: ``video`` (:class:`~mmactrep.video.opened_video.OpenedVideo`), ``total_frames``,
        ``avg_fps``.

    Args:
        allow_damaged: Use what is there of a damaged video. Default: it is refused, and the data set takes
            another one in its place.

    Raises:
        VideoError: If the video cannot be used.
    """

    def __init__(self, allow_damaged: bool = False) -> None:
        self.allow_damaged = allow_damaged
        self._notes = FirstNotes()

    def transform(self, results: dict) -> dict:
        """Open the video."""
        video = results.get('video')
        if video is None:
            video = results['video'] = open_video(results['filename'], self.allow_damaged)
            if video.note:
                self._notes.say(video.note)
        results['total_frames'] = len(video)
        results['avg_fps'] = len(video) / video.duration if video.duration else 0.0
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(allow_damaged={self.allow_damaged})'


@TRANSFORMS.register_module()
class ReadClipFrames(BaseTransform):
    """Read the frames of the clips; a frame that several clips take is read once.

    Required keys: ``video``, ``frame_inds``.
    Added keys: ``imgs``, a list of num_clips * T images (H, W, 3) uint8 RGB, ``img_shape`` and
    ``original_shape`` (H, W).
    """

    def transform(self, results: dict) -> dict:
        """Read the frames."""
        # the opened video goes no further: it cannot be sent to another process
        images = results.pop('video').pick(results['frame_inds'])
        results['imgs'] = images
        results['img_shape'] = results['original_shape'] = images[0].shape[:2]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'


@TRANSFORMS.register_module()
class PackVideoClips(PackActionInputs):
    """``imgs`` as (num_clips, 3, T, H, W) uint8, packed with the times of the clips.

    mmaction2's ``FormatShape('NCTHW')`` and ``PackActionInputs`` in one, with the video's name, the
    sample's number and the start, end and length of each clip among the meta data.

    Args:
        meta_keys: Keys of the dictionary that the data sample carries.
        **kwargs: Arguments of ``PackActionInputs``.
    """

    def __init__(
        self,
        meta_keys: Sequence[str] = ('frame_dir', 'sample_idx', 'clip_times', 'total_frames', 'img_shape'),
        **kwargs,
    ) -> None:
        super().__init__(meta_keys=tuple(meta_keys), **kwargs)
        self._format = FormatShape('NCTHW')

    def transform(self, results: dict) -> dict:
        """Format and pack."""
        results = self._format(results)
        results['imgs'] = np.ascontiguousarray(results['imgs'])
        return super().transform(results)
