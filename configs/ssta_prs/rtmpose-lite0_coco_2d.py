"""A top-down student trained on true poses in the wild: RTMPose-t's settings, with EfficientNet-Lite0."""

_base_ = [
    '../_base_/students/runtime.py',
    '../_base_/students/topdown_lite0.py',
    '../_base_/students/coco.py',
]
train_dataloader = dict(
    batch_size=256, dataset=dict(type='TopdownPoseDataset', pipeline=_base_.train_pipeline)
)
test_dataloader = dict(batch_size=64, dataset=dict(type='TopdownPoseDataset', pipeline=_base_.test_pipeline))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=210)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
    paramwise_cfg=dict(norm_decay_mult=0, bias_decay_mult=0, bypass_duplicate=True),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-5, by_epoch=False, begin=0, end=1000),
    dict(
        type='CosineAnnealingLR',
        eta_min=5e-5,
        begin=105,
        end=210,
        T_max=105,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
