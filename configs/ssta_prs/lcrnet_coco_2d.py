"""LCRNet++ trained on true poses in the wild: all three branches (facts of the release)."""

_base_ = [
    '../_base_/students/runtime.py',
    '../_base_/students/lcrnet_r50.py',
    '../_base_/students/coco.py',
]
train_dataloader = dict(dataset=dict(type='PoseDetectionDataset', pipeline=_base_.train_pipeline))
test_dataloader = dict(dataset=dict(type='PoseDetectionDataset', pipeline=_base_.test_pipeline))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=12)
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=1e-4)
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(type='MultiStepLR', milestones=[8, 11], gamma=0.1, by_epoch=True),
]
custom_hooks = [dict(type='AnchorPoseHook')]
