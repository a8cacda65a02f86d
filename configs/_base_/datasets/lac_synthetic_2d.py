"""Procedural motion for pre-training: windows of 64 consecutive frames, each in its own box.

Untrimmed sequences are segmented in such windows, at the same frame rate.
"""

_base_ = ['./synthetic_2d_recommended.py', './lac_report.py']

train_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='RandomTemporalCrop', length=64),
    dict(type='BoxNormalize'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
]
report_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='RandomTemporalCrop', length=64, test_mode=True),
    dict(type='BoxNormalize'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(batch_size=32, drop_last=True, dataset=dict(pipeline=train_pipeline))
val_dataloader = None
test_dataloader = None

report_dataset = dict(type='SkeletonDataset', pipeline=report_pipeline, test_mode=True)
custom_hooks = [
    dict(type='MomentumScheduleHook'),
    dict(
        type='KNNHook',
        train_dataloader=dict(
            dataset=dict(split='train', labelled_fraction=0.2, **report_dataset, **_base_.dataset),
            **_base_.report_dataloader,
        ),
        test_dataloader=dict(
            dataset=dict(split='val', **report_dataset, **_base_.dataset), **_base_.report_dataloader
        ),
        interval=2,
    ),
]
