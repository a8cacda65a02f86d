"""Pairs for motion retargeting from procedural motions and captures: the thesis's windows, views and scales.

The test split has other characters, other performances, some classes of its own, and views between those
of the training.
"""

dataset = dict(
    type='MotionPairDataset',
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/motion/synthetic',
    layout='posetics17',
    dims=2,
    absent_hint='Make it with: python tools/data/make_motion_library.py',
)
train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(split='train', window=64, scale=(0.5, 1.5), samples_per_window=10, **dataset),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        split='test',
        window=120,
        scale=(1.0, 1.0),
        views=(-75, -45, -15, 15, 45, 75),
        samples_per_window=5,
        test_mode=True,
        **dataset,
    ),
)
test_dataloader = val_dataloader
