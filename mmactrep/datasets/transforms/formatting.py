"""From the annotation dictionary to the array that models take."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmaction.datasets.transforms import FormatGCNInput, PackActionInputs

from mmactrep.registry import TRANSFORMS

from .base import read_skeleton


@TRANSFORMS.register_module()
class FormatSkeleton(FormatGCNInput):
    """Format a clip to (num_clips, M, T, V, C), float32 and contiguous.

    mmaction2's ``FormatGCNInput``, but scores become a channel only if asked for: UNIK takes coordinates.
    ``PackSkeletonInputs`` should follow.

    Modified keys: ``keypoint`` to (num_clips, M, T, V, C) and ``keypoint_score`` to
    (num_clips, M, T, V).

    Args:
        num_person: Persons M; more are cut (see ``SelectPersons``), fewer are filled up.
        with_score: Append the scores as the last channel.
        mode: What missing persons are filled with, ``'zero'`` or ``'loop'`` (a single one repeated).
    """

    def __init__(self, num_person: int = 2, with_score: bool = False, mode: str = 'zero') -> None:
        if num_person < 1:
            raise ValueError(f'num_person must be at least 1, got {num_person}')
        super().__init__(num_person=num_person, mode=mode)
        self.with_score = with_score

    def transform(self, results: dict) -> dict:
        """Replace ``keypoint`` and ``keypoint_score``."""
        results['keypoint'], _ = read_skeleton(results)
        # The base class appends the scores and so formats both at once.
        results = super().transform(results)
        both = results['keypoint']
        results['keypoint_score'] = np.ascontiguousarray(both[..., -1])
        if not self.with_score:
            results['keypoint'] = np.ascontiguousarray(both[..., :-1])
        return results

    def __repr__(self) -> str:
        return f'{super().__repr__()[:-1]}, with_score={self.with_score})'


@TRANSFORMS.register_module()
class PackSkeletonInputs(PackActionInputs):
    """mmaction2's ``PackActionInputs`` with the clip's id among the meta data, for score dumps and errors.

    Args:
        meta_keys: Keys of the dictionary that the data sample carries.
        **kwargs: Arguments of ``PackActionInputs``.
    """

    def __init__(
        self, meta_keys: Sequence[str] = ('frame_dir', 'total_frames', 'img_shape'), **kwargs
    ) -> None:
        super().__init__(meta_keys=tuple(meta_keys), **kwargs)
