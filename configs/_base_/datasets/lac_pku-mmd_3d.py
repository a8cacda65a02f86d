"""PKU-MMD for pre-training: windows of its training videos, no label used."""

_base_ = './segmentation_pku-mmd-cs_3d.py'

train_pipeline = [
    dict(type='FillMissingJoints'),
    *_base_.test_pipeline[:-1],
    dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
]
train_dataloader = dict(drop_last=True, dataset=dict(balance=0.0, pipeline=train_pipeline))
val_dataloader = None
test_dataloader = None
custom_hooks = [dict(type='MomentumScheduleHook')]
