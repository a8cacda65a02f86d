"""Windows of the many 3D motions of the bank, made to look like poses estimated in videos."""

bank = dict(
    batch_size=64,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='EpochSampler', shuffle=True),
    dataset=dict(
        type='MotionWindowDataset',
        ann_file='{{$MMACTREP_DATA_ROOT:data}}/motion/bank',
        absent_hint='Make it with: python tools/data/make_motion_library.py --bank',
        split='train',
        window=64,
        samples=6400,
        shares={'improvised': 0.35, 'capture': 0.25, 'recorded/*': 0.2},
    ),
)
synthesis = dict(
    layout='posetics17',
    missing=0.1,
    # whoever uses a generator scales persons to the mean size of its training motions
    cameras=dict(perspective=0.5, turned=0.2, scale=(0.8, 1.25)),
)
