"""Posetics for pre-training: windows of 150 frames, missing joints filled in, no label used but to report."""

_base_ = ['./posetics_2d.py', './lac_report.py']

train_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='ScreenNormalize'),
    dict(type='RandomTemporalCrop', length=150),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
]
report_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='ScreenNormalize'),
    dict(type='ReplayPad', length=150),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(drop_last=True, dataset=dict(pipeline=train_pipeline))
val_dataloader = None
test_dataloader = None

report_dataset = dict(type='SkeletonDataset', pipeline=report_pipeline, test_mode=True)
custom_hooks = [
    dict(type='MomentumScheduleHook'),
    dict(
        type='KNNHook',
        # a tenth of the labels is enough for a report
        train_dataloader=dict(
            dataset=dict(split='train', labelled_fraction=0.1, **report_dataset, **_base_.dataset),
            **_base_.report_dataloader,
        ),
        test_dataloader=dict(
            dataset=dict(split='val', **report_dataset, **_base_.dataset), **_base_.report_dataloader
        ),
        interval=10,
    ),
]
