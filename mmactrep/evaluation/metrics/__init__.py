from .classification_metric import ClassificationMetric
from .pose_metric import PoseMetric
from .score_dump import ScoreDump, ScoreTable

__all__ = ['ClassificationMetric', 'PoseMetric', 'ScoreDump', 'ScoreTable']
