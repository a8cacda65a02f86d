"""Linear evaluation: the backbone of a checkpoint stays as it is, a linear classifier is trained on it.

A classifier of frames sees standardized features, so that one learning rate serves encoders of any scale; one
of clips sees them as they are (thesis, 3.7), unless the config has a ``LinearEvaluationHead``.
"""

protocol_overlay = dict(
    name='linear',
    needs=('model.backbone', 'model.cls_head'),
    needs_weights=True,
    default_hooks=dict(frozen=dict(type='FreezeHook', modules=['backbone'])),
    model_wrapper_cfg=dict(type='MMDistributedDataParallel', find_unused_parameters=True),
    for_model=dict(SkeletonSegmentor=dict(model=dict(cls_head=dict(standardize=True)))),
)
