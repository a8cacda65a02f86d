"""LCRNet++ before refinement, on clean depth pictures with true poses, for two cores."""

_base_ = [
    '../_base_/students/runtime.py',
    '../_base_/students/lcrnet_lite0_small.py',
    '../_base_/students/pictures_utd-mhad.py',
]
train_dataloader = dict(
    batch_size=8, dataset=dict(type='PoseDetectionDataset', pipeline=_base_.train_pipeline)
)
test_dataloader = dict(
    batch_size=16, dataset=dict(type='PoseDetectionDataset', pipeline=_base_.test_pipeline)
)
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=4)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=4e-4, weight_decay=0.05),
    paramwise_cfg=dict(norm_decay_mult=0, bias_decay_mult=0, custom_keys=dict(backbone=dict(lr_mult=0.1))),
    clip_grad=dict(max_norm=5.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', T_max=4, by_epoch=True, convert_to_iter_based=True),
]
custom_hooks = [dict(type='AnchorPoseHook')]
