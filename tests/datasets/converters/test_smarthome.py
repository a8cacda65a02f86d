"""Toyota Smarthome, from small files in the real format."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.converters.protocols import SMARTHOME_CV_CLASSES
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.datasets.converters.smarthome import smarthome
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore

NAMES = [
    'Cook.Cut_p03_r00_v02_c03_pose3d',
    'Walk_p02_r01_v05_c02_pose3d',
    'Walk_p04_r01_v05_c01_pose3d',
    'WatchTV_p10_r00_v01_c02_pose3d',
]


def write_clips(root, names=NAMES, persons=1, frames=6):
    rng = np.random.default_rng(0)
    root.mkdir(exist_ok=True)
    for name in names:
        poses = [
            [
                dict(
                    pose2d=(100 + m * t + rng.uniform(0, 1, 26)).tolist(),
                    pose3d=rng.uniform(1, 2, 39).tolist(),
                )
                for m in range(persons)
            ]
            for t in range(frames)
        ]
        (root / f'{name}.json').write_text(json.dumps(dict(frames=poses)))


def test_one_store_for_three_protocols(tmp_path):
    write_clips(tmp_path / 'src')
    run_conversion(smarthome(tmp_path / 'src'), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == [name[: -len('_pose3d')] for name in NAMES]
    assert [store.classes[label] for label in store.labels] == ['Cook.Cut', 'Walk', 'Walk', 'WatchTV']
    splits = {name: store.split(name).tolist() for name in store.split_names}
    assert splits == dict(
        cs_train=[0, 2], cs_test=[1, 3], cv1_train=[2], cv1_test=[1], cv2_train=[2], cv2_test=[1]
    )
    for name in ('cv1_train', 'cv2_test'):
        assert all(store.classes[store.labels[row]] in SMARTHOME_CV_CLASSES for row in store.split(name))


def test_most_active_two_of_three_persons(tmp_path):
    write_clips(tmp_path, NAMES[:1], persons=3)
    conversion = smarthome(tmp_path)
    clip = conversion.read(conversion.jobs[0].source)
    assert clip.keypoint.shape == (2, 6, 17, 2)
    # person m moves m pixels a frame
    moved = clip.keypoint[:, 5, :, 0].mean(-1) - clip.keypoint[:, 0, :, 0].mean(-1)
    np.testing.assert_allclose(moved, [10, 5], atol=1)


def test_3d(tmp_path):
    write_clips(tmp_path, NAMES[:2])
    conversion = smarthome(tmp_path, dims=3)
    assert conversion.read(conversion.jobs[1].source).keypoint.shape == (1, 6, 17, 3)
    assert conversion.folder == 'smarthome/3d'


def test_foreign_names_and_classes(tmp_path):
    write_clips(tmp_path, ['Juggle_p03_r00_v02_c03_pose3d'])
    conversion = smarthome(tmp_path)
    with pytest.raises(BadClipError, match=r"Juggle_p03.*unknown action 'Juggle'"):
        conversion.read(conversion.jobs[0].source)
    write_clips(tmp_path, ['summary'])
    with pytest.raises(BadClipError, match=r"'summary.json' is not a name like"):
        run_conversion(smarthome(tmp_path), tmp_path / 'store', progress=False)
    with pytest.raises(FileNotFoundError, match='absent'):
        smarthome(tmp_path / 'absent')
