"""Linear evaluation: a linear classifier is trained on the frozen backbone of a checkpoint.

A classifier of frames or of videos gets standardized features, so that one learning rate suits encoders of
any scale. A classifier of skeletons' clips gets raw features (thesis, 3.7), unless the config has a
``LinearEvaluationHead``.
"""

protocol_overlay = dict(
    name='linear',
    needs=('model.backbone', 'model.cls_head'),
    needs_weights=True,
    default_hooks=dict(frozen=dict(type='FreezeHook', modules=['backbone'])),
    model_wrapper_cfg=dict(type='MMDistributedDataParallel', find_unused_parameters=True),
    for_model=dict(
        SkeletonSegmentor=dict(model=dict(cls_head=dict(standardize=True))),
        Recognizer3D=dict(model=dict(cls_head=dict(type='VideoLinearHead', dropout_ratio=0.0))),
    ),
)
