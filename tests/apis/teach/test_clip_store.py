"""The store of a teaching run is written anew when its clips change, and only then."""

import dataclasses

import numpy as np

from mmactrep.apis.teach.clip_store import TeachClip, write_clip_store
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import get_layout


def test_a_store_is_kept_until_a_clip_changes(tmp_path):
    rng, layout = np.random.default_rng(0), get_layout('coco17')
    keypoint = rng.uniform(5, 40, (1, 8, 17, 2)).astype(np.float32)
    clip = TeachClip('a', 0, keypoint, np.ones((1, 8, 17), np.float32), (48, 64), 25.0, 'a')

    def written(**changes):
        clips = [dataclasses.replace(clip, **changes)]
        root = write_clip_store(tmp_path / 'run' / 'data' / 'store', clips, ['x', 'y'], layout, [])
        return SkeletonStore(root)[0], root.stat().st_ino

    found, first = written()
    assert written()[1] == first
    swapped = keypoint[..., ::-1, :]  # the same joints in another order: their sum is the same
    np.testing.assert_array_equal(written(keypoint=swapped)[0]['keypoint'], swapped)
    found, _ = written(score=clip.score / 2)
    assert found['keypoint_score'].max() == 0.5
    assert written(fps=50.0)[0]['fps'] == 50
    assert written(img_shape=(96, 128))[0]['img_shape'] == (96, 128)
