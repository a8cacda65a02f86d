"""What a frozen teacher made of a clip's video or text, beside its skeleton."""

from __future__ import annotations

import os

from mmcv.transforms import BaseTransform

from mmactrep.registry import TRANSFORMS

from .base import check_choice, clip_name
from .random_state import get_rng


@TRANSFORMS.register_module()
class LoadTeacherFeatures(BaseTransform):
    """Add the features of a clip's video or text from a feature store (``mmactrep.store.feature_store``).

    Required keys: ``frame_dir``. Added keys:

    - ``text_features`` or ``video_features``: (D,) float32, or None where the clip has no entry.
    - ``text_category``: a number of 63 bits for the class that the text speaks of, the same in every store
      (see :func:`~mmactrep.store.feature_store.category_code`); -1 where the clip has no entry. Only for
      texts.

    Name them among the ``meta_keys`` of ``PackSkeletonInputs`` to have them in the data samples.

    Args:
        root: Folder of the feature store.
        kind: 'text' or 'video'.
        teacher: Name of the teacher whose features are expected; None takes any.
        choose: Which feature of several sentences: 'random', in training one drawn from ``results['rng']``
            and in test mode their mean; 'mean'; or 'first'.

    Raises:
        StoreError: If the store is absent, damaged, of the other kind, or of another teacher.
    """

    def __init__(
        self, root: str | os.PathLike, kind: str, teacher: str | None = None, choose: str = 'random'
    ) -> None:
        # imported here: models know of this transform, and need no stores
        from mmactrep.store.feature_store import FeatureStore
        from mmactrep.store.format import StoreError

        check_choice('kind', kind, ('text', 'video'))
        check_choice('choose', choose, ('random', 'mean', 'first'))
        self.kind = kind
        self.choose = choose
        try:
            self.store = FeatureStore(root)
        except StoreError as error:
            raise StoreError(
                f'{error}; it is made by: mmactrep features {kind} SKELETON_STORE --teacher '
                f'{teacher or "TEACHER"} --out {os.fspath(root)}'
            ) from error
        if self.store.kind != kind:
            raise StoreError(f'{root}: expected features of kind {kind!r}, found {self.store.kind!r}')
        if teacher is not None and self.store.teacher != teacher:
            raise StoreError(
                f'{root}: expected features of the teacher {teacher!r}, found those of {self.store.teacher!r}'
            )

    def transform(self, results: dict) -> dict:
        """Add the features, and for texts their category."""
        if 'frame_dir' not in results:
            raise ValueError(f"{clip_name(results)}: no 'frame_dir' among {sorted(results)}")
        clip_id = results['frame_dir']
        found = self.store.features(clip_id)
        if found is not None:
            if len(found) == 1 or self.choose == 'first':
                found = found[0]
            elif self.choose == 'mean' or results.get('test_mode', False):
                found = found.mean(axis=0)
            else:
                found = found[int(get_rng(results).integers(len(found)))]
        results[f'{self.kind}_features'] = found
        if self.kind == 'text':
            results['text_category'] = self.store.category_code(clip_id)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self.store!r}, choose={self.choose!r})'
