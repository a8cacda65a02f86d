"""Posetics in 3D for pre-training: upright, windows of 150 frames, missing joints filled in."""

_base_ = './lac_posetics_2d.py'

align = [dict(type='FillMissingJoints'), dict(type='AlignSkeleton3D')]
dataset = dict(_base_.dataset, ann_file='{{$MMACTREP_DATA_ROOT:data}}/posetics/3d')
train_dataloader = dict(
    dataset=dict(ann_file=dataset['ann_file'], pipeline=[*align, *_base_.train_pipeline[2:]])
)
report_dataset = dict(_base_.report_dataset, pipeline=[*align, *_base_.report_pipeline[2:]])
custom_hooks = [
    _base_.custom_hooks[0],
    dict(
        _base_.custom_hooks[1],
        train_dataloader=dict(
            dataset=dict(split='train', labelled_fraction=0.1, **report_dataset, **dataset),
            **_base_.report_dataloader,
        ),
        test_dataloader=dict(
            dataset=dict(split='val', **report_dataset, **dataset), **_base_.report_dataloader
        ),
    ),
]
