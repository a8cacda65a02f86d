from .classification_metric import ClassificationMetric
from .pose_metric import PoseMetric
from .retargeting_metric import RetargetingMetric
from .score_dump import ScoreDump, ScoreTable
from .segmentation_metric import SegmentationMetric
from .student_metric import StudentMetric
from .zero_shot_metric import ZeroShotMetric

__all__ = [
    'ClassificationMetric',
    'PoseMetric',
    'RetargetingMetric',
    'ScoreDump',
    'ScoreTable',
    'SegmentationMetric',
    'StudentMetric',
    'ZeroShotMetric',
]
