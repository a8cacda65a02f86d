from .classification import (
    SCORE_KINDS,
    check_scores,
    classification_metrics,
    confusion_matrix,
    fuse,
    mean_class_accuracy,
    name_clips,
    pair_accuracy,
    per_class_accuracy,
    precision_recall_f_score,
    score_kind,
    softmax,
    top_k_accuracy,
)
from .clip_statistics import ClipStatistics, clip_statistics, median_statistics
from .frame_probe import FrameProbe, fit_frame_probe
from .linear_probe import LinearProbe, linear_probe
from .neighbors import neighbor_agreement
from .pku_mmd import (
    pku_2d_average_precision,
    pku_action_average_precision,
    pku_f1,
    pku_mean_average_precision,
    pku_video_map,
)
from .pose import mpjpe, normalized_errors, pckh
from .retargeting import (
    code_distance,
    reconstruction_shares,
    relative_change,
    root_centered,
    squared_joint_error,
)
from .retrieval import chance_recall, recall_at
from .segmentation import frame_accuracy, frame_average_precision, frame_map
from .segmentation_events import edit_score, event_average_precision, event_map, segmental_f1
from .time_awareness import TimeAwareness, determination, ordered_share, time_awareness
from .zero_shot import (
    calibrated,
    choose_constant,
    conse,
    harmonic_mean,
    map_by_similarity,
    zero_shot_metrics,
)

__all__ = [
    'SCORE_KINDS',
    'ClipStatistics',
    'FrameProbe',
    'LinearProbe',
    'TimeAwareness',
    'calibrated',
    'chance_recall',
    'check_scores',
    'choose_constant',
    'classification_metrics',
    'clip_statistics',
    'code_distance',
    'confusion_matrix',
    'conse',
    'determination',
    'edit_score',
    'event_average_precision',
    'event_map',
    'fit_frame_probe',
    'frame_accuracy',
    'frame_average_precision',
    'frame_map',
    'fuse',
    'harmonic_mean',
    'linear_probe',
    'map_by_similarity',
    'mean_class_accuracy',
    'median_statistics',
    'mpjpe',
    'name_clips',
    'neighbor_agreement',
    'normalized_errors',
    'ordered_share',
    'pair_accuracy',
    'pckh',
    'per_class_accuracy',
    'pku_2d_average_precision',
    'pku_action_average_precision',
    'pku_f1',
    'pku_mean_average_precision',
    'pku_video_map',
    'precision_recall_f_score',
    'recall_at',
    'reconstruction_shares',
    'relative_change',
    'root_centered',
    'score_kind',
    'segmental_f1',
    'softmax',
    'squared_joint_error',
    'time_awareness',
    'top_k_accuracy',
    'zero_shot_metrics',
]
