"""Base of all segmentation configs: the default runtime with metric and best checkpoint."""

_base_ = './default_runtime.py'

default_hooks = dict(
    checkpoint=dict(save_best='seg/frame_mAP', rule='greater'),
)
val_evaluator = dict(
    _delete_=True,
    type='SegmentationMetric',
    items=('frame_mAP', 'frame_accuracy', 'edit', 'f1@0.1', 'f1@0.25', 'f1@0.5'),
)
test_evaluator = val_evaluator
