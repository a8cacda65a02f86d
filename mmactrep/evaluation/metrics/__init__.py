from .classification_metric import ClassificationMetric
from .score_dump import ScoreDump, ScoreTable

__all__ = ['ClassificationMetric', 'ScoreDump', 'ScoreTable']
