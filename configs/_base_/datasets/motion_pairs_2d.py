"""Pairs for motion retargeting from procedural motions and captures, made to look like estimated poses.

Windows and scales are those of the thesis. Cameras are all around, above and tilted, and the encoder's input
is noisy: a generator trained with level cameras and exact poses fails on real ones. The test split has other
characters and performances, some classes of its own, and views between those of training.
"""

__dataset = dict(
    type='MotionPairDataset',
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/motion/synthetic',
    absent_hint='Make it with: python tools/data/make_motion_library.py',
    layout='posetics17',
    dims=2,
    pitch=(-15.0, 30.0),
    roll=(-15.0, 15.0),
)
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='EpochSampler', shuffle=True),
    dataset=dict(
        __dataset,
        split='train',
        window=64,
        views=tuple(range(-180, 180, 15)),
        scale=(0.5, 1.5),
        noise=(0.0, 4.0),
        samples_per_window=4,
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        __dataset,
        split='test',
        window=120,
        views=tuple(yaw + 7.5 for yaw in range(-180, 180, 15)),
        scale=(1.0, 1.0),
        samples_per_window=5,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
