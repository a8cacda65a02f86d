"""Penn Action for pre-training: 64 frames over the whole clip, no label used but to report.

Coordinates are changed inside the model, where the composed sequences are.
"""

_base_ = ['./lac_penn_2d_labelled.py', './lac_report.py']

train_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=64, jitter=True, short='stretch'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
]
train_dataloader = dict(batch_size=32, drop_last=True, dataset=dict(pipeline=train_pipeline))
val_dataloader = None
test_dataloader = None

report_dataset = dict(type='SkeletonDataset', pipeline=_base_.test_pipeline, test_mode=True)
custom_hooks = [
    dict(type='MomentumScheduleHook'),
    dict(
        type='KNNHook',
        train_dataloader=dict(
            dataset=dict(split='train', **report_dataset, **_base_.dataset), **_base_.report_dataloader
        ),
        test_dataloader=dict(
            dataset=dict(split='test', **report_dataset, **_base_.dataset), **_base_.report_dataloader
        ),
        interval=10,
    ),
]
