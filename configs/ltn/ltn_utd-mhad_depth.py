"""LTN on the depth videos of UTD-MHAD without labels, sized for two cores: odd subjects.

Clips of 32 frames, about half of a video. A square around the person, who stands in the middle. No mirror: it
turns a swipe to the left into one to the right. Depth has no colors.
"""

_base_ = [
    '../_base_/datasets/pretraining_videos_small.py',
    '../_base_/models/ltn_small.py',
    '../_base_/schedules/ltn_pretrain_small.py',
]
__lists = _base_.video_sets.utd_mhad_depth
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
__square = dict(type='CenterCrop', crop_size=112)
__train = dict(__dataset, ann_file=f'{__lists.folder}/train.txt')
__test = dict(__dataset, ann_file=f'{__lists.folder}/test.txt')
__pipeline = dict(
    resize=__square,
    crop=dict(area=(0.5, 1.0)),
    flip=dict(_delete_=True),
    jitter=dict(brightness=0.4, contrast=0.4, saturation=0.0, hue=0.0),
    gray=dict(_delete_=True),
)
train_dataloader = dict(dataset=dict(__train, pipeline=__pipeline))
# the square first, then the small size
__report = dict(
    resize=dict(_delete_=True, **__square), crop=dict(type='Resize', scale=(48, 48), keep_ratio=False)
)
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__train, pipeline=__report)),
        test_dataloader=dict(dataset=dict(__test, pipeline=__report)),
    )
)
