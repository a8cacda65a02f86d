"""Small versions of the data that the configs expect: stores, lists of videos, and two motion libraries."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmactrep.datasets.converters.protocols import SMARTHOME_CLASSES
from mmactrep.datasets.protocols import protocol_classes
from mmactrep.motion.library import write_library
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.sources import LibrarySettings
from mmactrep.store.feature_writer import FeatureStoreWriter
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout

from .video_sets import write_video_lists

CS_CV = ('cs_train', 'cs_test', 'cv_train', 'cv_test')
XSUB = ('xsub_train', 'xsub_test')
# folder: layout, classes, splits, persons, as written by the converters
STORES = {
    'captioned/2d': (
        'posetics17',
        protocol_classes('procedural'),
        ('train', 'test', 'train_actions', 'test_actions'),
        1,
    ),
    'charades/2d': ('posetics17', 157, ('train', 'test'), 1),
    'kard/2d': ('kard15', protocol_classes('kard'), XSUB, 1),
    'kard/3d': ('kard15', protocol_classes('kard'), XSUB, 1),
    'nw_ucla/3d': ('kinect20', 10, ('xview_train', 'xview_test', 'xview_test_distinct', *XSUB), 1),
    'library/3d': (
        'h36m17',
        60,
        tuple(f'{p}_{s}' for p in ('xview', 'rotations') for s in ('train', 'test')),
        1,
    ),
    'ntu120/3d': ('ntu25', 120, ('xsub_train', 'xsub_val', 'xset_train', 'xset_val'), 2),
    'ntu60/3d': ('ntu25', 60, ('xsub_train', 'xsub_val', 'xview_train', 'xview_val'), 2),
    'penn_action/2d': ('posetics17', protocol_classes('penn_action'), ('train', 'test'), 1),
    'penn_chained/2d': ('posetics17', 15, ('train', 'test'), 1),
    'pku_mmd/3d': ('ntu25', 51, CS_CV, 2),
    'posecap/2d': ('posetics17', 811, ('train',), 2),
    'posetics/2d': ('posetics17', 320, ('train', 'val'), 2),
    'posetics/3d': ('posetics17', 320, ('train', 'val'), 2),
    'smarthome/2d': (
        'posetics17',
        SMARTHOME_CLASSES,
        (*CS_CV[:2], 'cv1_train', 'cv1_test', 'cv2_train', 'cv2_test'),
        2,
    ),
    'synthetic/2d': ('posetics17', 45, ('train', 'val'), 1),
    'tsu/2d': ('posetics17', 34, CS_CV, 1),
    'tsu_sample/2d': ('posetics17', 34, CS_CV, 1),
    'uav_human/2d': ('posetics17', 155, ('csv1_train', 'csv1_test', 'csv2_train', 'csv2_test'), 2),
    'utd_mhad/3d': ('kinect20', protocol_classes('utd_mhad'), XSUB, 1),
    'utkinect/3d': ('kinect20', protocol_classes('utkinect'), XSUB, 1),
    'ut_interaction/2d': ('posetics17', protocol_classes('ut_interaction'), ('set1', 'set2'), 2),
    'untrimmed/2d': ('posetics17', 38, ('cs_train', 'cs_test'), 1),
}
# features of teachers: folder, teacher, kind, channels, as tools/extract_features.py writes them
FEATURES = [
    (store, teacher, kind, dims)
    for stores, teacher, kind, dims in (
        (('posetics/2d', 'posecap/2d'), 'viclip-l14', 'video', 768),
        (('posetics/2d', 'posecap/2d'), 'viclip-l14', 'text', 768),
        (('utd_mhad/3d', 'ut_interaction/2d'), 'efficientnet-lite0', 'video', 1280),
        (
            (
                *('captioned/2d', 'penn_action/2d', 'utd_mhad/3d', 'kard/3d', 'utkinect/3d'),
                'ut_interaction/2d',
            ),
            'minilm',
            'text',
            384,
        ),
        (('captioned/2d',), 'minilm', 'captions', 384),
    )
    for store in stores
]


def write_all_data(root: Path) -> Path:
    """Write every store, library and list of videos under ``root``, as under ``MMACTREP_DATA_ROOT``.

    A store has three clips of 60 frames with some joints missing, labelled with the first class and the last
    two (Smarthome: one class outside the cross-view protocols and two inside), each with two actions.
    """
    rng = np.random.default_rng(0)
    for folder, (layout, classes, splits, persons) in STORES.items():
        channels, joints = int(folder[-2]), get_layout(layout).num_joints
        names = [f'class_{i}' for i in range(classes)] if isinstance(classes, int) else list(classes)
        labels = [0, 5, 29] if names == list(SMARTHOME_CLASSES) else [0, len(names) - 2, len(names) - 1]
        with SkeletonStoreWriter(root / folder, layout, names, num_channels=channels) as writer:
            for i, label in enumerate(labels):
                score = (rng.random((persons, 60, joints)) > 0.1).astype(np.float32)
                keypoint = rng.uniform(1, 400, (persons, 60, joints, channels)) * score[..., None]
                actions = [(0, 5, 25), (len(names) - 1, 15, 50)]
                writer.add(f'clip_{i}', keypoint, score, label, img_shape=(480, 640), segments=actions)
            for split in splits:
                writer.add_split(split, [f'clip_{i}' for i in range(3)])
            writer.finish()
    for store, teacher, kind, dims in FEATURES:
        folder = root / f'{store}_features' / f'{teacher}_{kind}'
        with FeatureStoreWriter(folder, teacher, 'video' if kind == 'video' else 'text', dims) as writer:
            for i in range(3):
                category = '' if kind == 'video' else f'class_{i}'
                writer.add(f'clip_{i}', rng.normal(size=(2 if kind == 'text' else 1, dims)), category)
            writer.finish()
    settings = LibrarySettings(2, 2, performances=1, test_performances=1, improvised=1, frames=16)
    for name in ('synthetic', 'mixamo', 'bank'):
        write_library(root / 'motion' / name, settings.splits(), LIBRARY_LAYOUT, 30.0, settings.classes)
    write_video_lists(root)
    return root
