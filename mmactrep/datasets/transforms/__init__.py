"""Transforms of skeleton clips.

Each acts on the annotation dictionary of one clip: ``keypoint`` (M, T, V, C) float32 and ``keypoint_score``
(M, T, V), 0 where a joint is missing. A missing joint has coordinate 0 and keeps it through every transform.
Random transforms draw from ``results['rng']`` (see :func:`get_rng`). The modules contain pure functions on
arrays, which leave missing joints to the caller unless they say otherwise, and registered classes on top.
"""

from .augmentation import (
    JointDropout,
    JointJitter,
    RandomMirror,
    RandomMove,
    RandomRotate,
    RandomScale,
    RandomShift,
)
from .base import SkeletonTransform
from .filling import FillMissingJoints
from .formatting import FormatSkeleton, PackSkeletonInputs
from .heatmaps import FormatHeatmaps
from .normalization import AlignSkeleton3D, BoxNormalize, CenterSkeleton, ScreenNormalize
from .person_order import EveryPersonOrder, ShufflePersons
from .persons import MapLayout, SelectPersons
from .projection import ProjectToCamera, ProjectToSensor
from .random_state import get_rng
from .sampling import FrameSampler, RandomTemporalCrop, ReplayPad, UniformTemporalSample
from .segmentation import PackSegmentationInputs
from .streams import SkeletonStream
from .teacher_features import LoadTeacherFeatures

__all__ = [
    'AlignSkeleton3D',
    'BoxNormalize',
    'CenterSkeleton',
    'EveryPersonOrder',
    'FillMissingJoints',
    'FormatHeatmaps',
    'FormatSkeleton',
    'FrameSampler',
    'JointDropout',
    'JointJitter',
    'LoadTeacherFeatures',
    'MapLayout',
    'PackSegmentationInputs',
    'PackSkeletonInputs',
    'ProjectToCamera',
    'ProjectToSensor',
    'RandomMirror',
    'RandomMove',
    'RandomRotate',
    'RandomScale',
    'RandomShift',
    'RandomTemporalCrop',
    'ReplayPad',
    'ScreenNormalize',
    'SelectPersons',
    'ShufflePersons',
    'SkeletonStream',
    'SkeletonTransform',
    'UniformTemporalSample',
    'get_rng',
]
