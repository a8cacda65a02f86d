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
from .retargeting import (
    reconstruction_shares,
    relative_change,
    root_centred,
    squared_distance,
    squared_joint_error,
)
from .segmentation import frame_accuracy, frame_average_precision, frame_map
from .segmentation_events import edit_score, event_average_precision, event_map, segmental_f1

__all__ = [
    'SCORE_KINDS',
    'check_scores',
    'classification_metrics',
    'confusion_matrix',
    'edit_score',
    'event_average_precision',
    'event_map',
    'frame_accuracy',
    'frame_average_precision',
    'frame_map',
    'fuse',
    'mean_class_accuracy',
    'mpjpe',
    'name_clips',
    'normalised_errors',
    'pckh',
    'per_class_accuracy',
    'precision_recall_f_score',
    'relative_change',
    'reconstruction_shares',
    'root_centred',
    'score_kind',
    'segmental_f1',
    'softmax',
    'squared_distance',
    'squared_joint_error',
    'top_k_accuracy',
]
