from .classification import (
    SCORE_KINDS,
    check_scores,
    classification_metrics,
    confusion_matrix,
    fuse,
    mean_class_accuracy,
    name_clips,
    per_class_accuracy,
    precision_recall_f_score,
    score_kind,
    softmax,
    top_k_accuracy,
)
from .pose import mpjpe, normalised_errors, pckh

__all__ = [
    'SCORE_KINDS',
    'check_scores',
    'classification_metrics',
    'confusion_matrix',
    'fuse',
    'mean_class_accuracy',
    'mpjpe',
    'name_clips',
    'normalised_errors',
    'pckh',
    'per_class_accuracy',
    'precision_recall_f_score',
    'score_kind',
    'softmax',
    'top_k_accuracy',
]
