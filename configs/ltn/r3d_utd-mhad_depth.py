"""The depth videos of UTD-MHAD with labels: odd subjects train, even ones test; frames as in pre-training."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_small.py',
    '../_base_/models/r3d18_small.py',
    '../_base_/schedules/r3d_small.py',
]
__lists = _base_.video_sets.utd_mhad_depth
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
__square = dict(type='CenterCrop', crop_size=112)
train_dataloader = dict(
    dataset=dict(
        __dataset,
        ann_file=f'{__lists.folder}/train.txt',
        pipeline=dict(resize=__square, crop=dict(area=(0.5, 1.0)), flip=dict(_delete_=True)),
    )
)
# the square first, then the small size
__whole = dict(
    resize=dict(_delete_=True, **__square), crop=dict(type='Resize', scale=(48, 48), keep_ratio=False)
)
val_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/test.txt', pipeline=__whole))
test_dataloader = val_dataloader
