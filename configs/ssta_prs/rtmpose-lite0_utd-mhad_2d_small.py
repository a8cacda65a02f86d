"""A top-down student before refinement, on clean depth pictures with true poses, for two cores."""

_base_ = [
    '../_base_/students/runtime.py',
    '../_base_/students/topdown_lite0_small.py',
    '../_base_/students/pictures_utd-mhad.py',
]
train_dataloader = dict(
    batch_size=32, dataset=dict(type='TopdownPoseDataset', pipeline=_base_.train_pipeline)
)
test_dataloader = dict(batch_size=64, dataset=dict(type='TopdownPoseDataset', pipeline=_base_.test_pipeline))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=6)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.05),
    paramwise_cfg=dict(norm_decay_mult=0, bias_decay_mult=0),
    clip_grad=dict(max_norm=10.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', T_max=6, by_epoch=True, convert_to_iter_based=True),
]
